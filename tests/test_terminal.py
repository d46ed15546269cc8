from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from posturecam.core.alert_policy import Told
from posturecam.core.event import EndReason
from posturecam.core.manner import Manner
from posturecam.core.posture import Absence
from posturecam.core.session import NeutralOrigin, NeutralSource, Watch
from posturecam.core.state import State
from posturecam.sinks import wording
from posturecam.sinks.terminal import show, slices
from postures import Not
from sessions import episode, session

DESK = session(
    [(20, 0.0), (1, 12.0), (34, 42.0), (5, Not.MEASURED), (20, Not.THERE)],
    [episode(21.0, 37.5, "yes", 55.0)],
    notes=("The file ends at 80.0 s of 100.0 s.",),
    duration_s=100.0,
)


def printed(concluded, width=100, *, colour=False, encoding="utf-8", environ=None) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(
        file=file,
        width=width,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
        _environ=environ or {},
    )
    show(concluded, console)
    file.flush()
    return raw.getvalue().decode(encoding)


def strip(page: str) -> str:
    """The line of states under the chart."""
    lines = page.splitlines()
    return lines[next(i for i, line in enumerate(lines) if re.match(r" +0(°| deg) ", line)) + 1]


PAGE = """\
desk.mp4  1:40, 640×480 at 5 fps; 401 frames analysed, 5 per second
Neutral: 0.0 to 8.0 s of this recording, found automatically. Every angle is a
change from it.
1 alert would have come, at 0:38.

neck flexion
 40° ┤                ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂
 30° ┤               ▂█████████████████████████
 20° ┤               ██████████████████████████
 10° ┤               ██████████████████████████
  0° ┤              ▄██████████████████████████
      ░░░░░░░░░░░░░░░█████████████████████████????_______________
                                 ▲
      0:00      0:15       0:30       0:45       1:00       1:15       1:30

   state             time  share
░  neutral           0:21    21%  ▬▬▬▬▬▬▬
█  severe, from 30°  0:34    34%  ▬▬▬▬▬▬▬▬▬▬▬▬
?  not measured      0:05     5%  ▬▬
_  away              0:20    20%  ▬▬▬▬▬▬▬
   no frames         0:20    20%
▲  alert due

episode    onset  alert   end  peak  mean  ended by
text neck   0:21   0:38  0:55   40°   35°  recovered

Neck flexion: 26° on average; 20° or more for 0:34, longest hold 0:34.
Pull of gravity on the neck: 2.8 × neutral on average, 1.7 demand-minutes above
it.
Not measured: 0:25 of 1:20 (nobody in the picture 0:20, landmarks unsure 0:05).
Note: The file ends at 80.0 s of 100.0 s.
Angles from one camera are a nudge to move, not a diagnosis.
"""


def test_a_page_tells_the_whole_session():
    assert [line.rstrip() for line in printed(DESK, 80).splitlines()] == PAGE.splitlines()


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(len(line) for line in printed(DESK, width).splitlines()) <= width


def test_a_pipe_gets_no_colour():
    assert "\x1b" not in printed(DESK)


def test_a_terminal_gets_colour_unless_no_color_is_set():
    assert "38;2;204;121;167" in printed(DESK, colour=True)
    page = printed(DESK, colour=True, environ={"NO_COLOR": "1"})
    assert "38;2" not in page


def test_without_colour_every_state_has_its_own_sign_and_word():
    history = [(5, 0.0), (5, 17.0), (5, 25.0), (5, 40.0), (5, Not.MEASURED), (5, Not.THERE)]
    page = printed(session(history), 67)
    assert re.fullmatch(r" +░+▒+▓+█+\?+_+", strip(page).rstrip())
    for sign, state in zip("░▒▓█?_", State, strict=True):
        assert re.search(rf"^{re.escape(sign)}  {wording.STATE_WORDS[state]}", page, re.MULTILINE)


def test_a_terminal_that_is_not_utf_8_gets_ascii():
    told = episode(21.0, 37.5, Told.COOLDOWN.value, None, None)
    named = session([(20, 0.0), (40, 42.0)], [told], name="Büro–1.mp4", notes=("Größe: 5°",))
    page = printed(named, 60, encoding="ascii")
    assert "B?ro?1.mp4" in page
    assert "42 deg" not in page
    assert "40 deg |" in page
    assert re.fullmatch(r" +\.+#+", strip(page).rstrip())


def test_a_file_name_cannot_speak_to_the_terminal():
    page = printed(session([(5, 0.0)], name="a[red]\x1b[31m\udce9\n.mp4"), colour=True)
    assert "a[red]?[31m??.mp4" in page


def test_a_bend_is_seen_where_it_happened():
    chart = slices(session([(30, 0.0), (10, 40.0), (60, 0.0)]), 10)
    assert [s.state for s in chart] == [State.NEUTRAL] * 3 + [State.SEVERE] + [State.NEUTRAL] * 6
    assert chart[3].flexion_deg == pytest.approx(40)


def test_a_slice_shows_the_state_that_lasted_longest():
    (only,) = slices(session([(4, 0.0), (6, 40.0)]), 1)
    assert only.state is State.SEVERE
    assert only.flexion_deg == pytest.approx(24)


def test_a_gap_is_blank():
    chart = slices(session([(40, 0.0), (20, Not.SAMPLED), (40, 0.0)]), 10)
    assert [s.state for s in chart] == [State.NEUTRAL] * 4 + [None] * 2 + [State.NEUTRAL] * 4


def test_an_alert_is_marked_where_it_came_due():
    chart = slices(session([(100, 30.0)], [episode(0.0, 65.0), episode(0.0, 100.0)]), 10)
    assert [i for i, s in enumerate(chart) if s.alert] == [6, 9]


@pytest.mark.parametrize(
    ("episodes", "said"),
    [
        ([], "No alert would have come."),
        ([episode(1, 62, "yes")], "1 alert would have come, at 1:02."),
        ([episode(1, 62, "yes"), episode(100, 3723, None)], "2 alerts would have come, at 1:02 and 1:02:03."),
        ([episode(1, 62, "cap")], "No alert would have come; 1 more due and kept back."),
        ([episode(1, 62, "yes"), episode(70, 90, "cooldown")], "at 1:02; 1 more due and kept back."),
    ],
)
def test_alerts_that_would_have_come_are_told_first(episodes, said):
    assert said in printed(session([(10, 0.0)], episodes))


WATCHED = (
    Watch("text_neck", Manner.ALERT),
    Watch("phone_cradle", Manner.ALERT, "not to be seen in these pictures"),
    Watch("side_tilt", Manner.TIP, "not to be seen in these pictures"),
    Watch("shrug", Manner.TIP),
    Watch("rapid_turn", Manner.LOG, "it takes 20 frames per second of a face"),
)
SHRUG = episode(40.0, 60.0, "yes", 80.0, pattern="shrug")


def test_other_patterns_stand_under_the_chart_where_they_were():
    page = printed(session([(100, 0.0)], [SHRUG], watches=WATCHED), 67)
    (strip_of_it,) = re.findall(r"^shrug ( +▬+) *$", page, re.MULTILINE)
    assert re.fullmatch(r" {24}▬{24,25}", strip_of_it)


def test_on_a_narrow_terminal_they_are_told_in_words_only():
    page = printed(session([(100, 0.0)], [SHRUG], watches=WATCHED), 50)
    assert not re.search(r"^ *shrug ", page, re.MULTILINE)
    assert "shrug: onset 0:40, alert 1:00, end 1:20" in " ".join(page.split())


def test_a_tip_is_no_alert():
    page = printed(session([(100, 0.0)], [SHRUG, episode(1, 62, "yes")], watches=WATCHED))
    assert "1 alert would have come, at 1:02; 1 tip, at 1:00." in page
    assert "No alert would have come; 1 tip, at 1:00." in printed(session([], [SHRUG], watches=WATCHED))


def test_what_could_not_be_seen_is_told_by_its_reason():
    page = " ".join(printed(session([(10, 0.0)], watches=WATCHED)).split())
    assert (
        "Not measurable here: phone cradle and side tilt (not to be seen in these pictures); "
        "rapid turn (it takes 20 frames per second of a face)." in page
    )


def test_an_episode_without_an_angle_has_a_dash():
    still = replace(episode(pattern="stillness"), peak_deg=None, mean_deg=None)
    assert re.search(r"stillness .*–     –  recovered", printed(session([(60, 0.0)], [still])))


@pytest.mark.parametrize("width", [100, 50])
def test_an_alert_that_was_kept_back_says_why(width):
    page = " ".join(printed(session([(10, 0.0)], [episode(1, 62, "cap")]), width).split())
    assert "1:02 (enough this hour)" in page


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (NeutralOrigin(NeutralSource.FOUND, 1.0, 9.0), "1.0 to 9.0 s of this recording, found automatically"),
        (NeutralOrigin(NeutralSource.GIVEN, 0.0, 3.0), "0.0 to 3.0 s of this recording, as given"),
        (NeutralOrigin(NeutralSource.PROFILE, profile="me"), "from the profile me"),
    ],
    ids=["found", "given", "profile"],
)
def test_a_page_says_where_the_neutral_comes_from(origin, said):
    assert said in printed(session(neutral=origin))


@pytest.mark.parametrize("history", [[], [(0.2, 0.0)], [(5, Not.THERE)]], ids=["nothing", "an instant", "nobody"])
def test_little_to_tell_is_told_all_the_same(history):
    page = printed(session(history))
    assert "No episode" in page
    assert "nan" not in page


def test_one_frame_is_singular():
    assert "1 frame analysed" in printed(session([(0, 0.0)]))


def test_words_never_judge_or_diagnose():
    page = printed(DESK).lower().replace("not a diagnosis", "")
    assert not re.search(r"\b(good|bad|great|poor|well done|score|pain|disease|diagnos\w*)\b", page)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (wording.STATE_WORDS, State),
        (wording.RGB, State),
        (wording.ABSENCE_WORDS, Absence),
        (wording.END_WORDS, EndReason),
        (wording.UNTOLD_WORDS, set(Told) - {Told.YES}),
    ],
    ids=["states", "colours", "absences", "ends", "kept back"],
)
def test_there_is_a_word_for_everything(words, kinds):
    assert set(words) == set(kinds)


@pytest.mark.parametrize(
    ("t_s", "text"), [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (3599.6, "1:00:00"), (36000, "10:00:00")]
)
def test_times_are_minutes_and_seconds(t_s, text):
    assert wording.clock(t_s) == text


@pytest.mark.parametrize(("t_s", "text"), [(0.04, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2")])
def test_fine_times_have_tenths(t_s, text):
    assert wording.fine_clock(t_s) == text
