from __future__ import annotations

import copy
import math
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.core.event import Episode, Event, EventKind
from posturecam.core.iso11226 import PRESETS, STANDARD, Sensitivity
from posturecam.core.patterns.sustained import Phase, SustainedPattern
from posturecam.core.patterns.text_neck import FlexionThresholds, TextNeck
from postures import History, Not, posture, postures, samples

QUICK = Sensitivity(1 / 32)
"""An alert after 15 s at any angle."""


def events(
    history: History, sensitivity: Sensitivity = STANDARD, rate_hz: float = 5.0, start_s: float = 0.0
) -> list[Event]:
    text_neck = TextNeck(sensitivity)
    got = [event for p in postures(history, rate_hz, start_s) for event in text_neck.update(p)]
    return got + text_neck.finish(start_s + sum(duration_s for duration_s, _ in history))


def told_s(got: list[Event], kind: EventKind) -> list[float]:
    return [event.t_s for event in got if event.kind is kind]


def episodes(got: list[Event]) -> list[Episode]:
    return [event.episode for event in got if event.kind is EventKind.END]


def in_words(got: list[Event]) -> list[str]:
    """Kind and time of every event; of an end also when it is said to have been, and why."""
    words = []
    for event in got:
        said = f"{event.kind.value} {event.t_s:.2f}"
        if event.episode.end_reason:
            said += f": {event.episode.end_reason.value} at {event.episode.end_s:.2f}"
        words.append(said)
    return words


# At the standard sensitivity an alert is due after 60 s at 25 degrees and less, and after 42.5 s at 45.
HISTORIES: dict[str, tuple[History, list[str]]] = {
    "who sits upright is left alone": (
        [(300, 0.0)],
        [],
    ),
    "who is bent a little is left alone": (
        [(300, 19.9)],
        [],
    ),
    "an empty stream ends without a word": (
        [],
        [],
    ),
    "a glance is nothing": (
        [(10, 0.0), (3, 45.0), (10, 0.0)],
        [],
    ),
    "an alert comes after an eighth of the holding time, counted from the onset": (
        [(10, 0.0), (50, 45.0), (10, 0.0)],
        ["static 14", "alert 52.5", "end 63: recovered at 60"],
    ),
    "at a smaller angle it comes later": (
        [(10, 0.0), (65, 22.0), (10, 0.0)],
        ["static 14", "alert 70", "end 78: recovered at 75"],
    ),
    "a recovery in time ends the episode without an alert": (
        [(10, 0.0), (40, 45.0), (10, 0.0)],
        ["static 14", "end 53: recovered at 50"],
    ),
    "a blip of under 3 s neither ends the episode nor resets it": (
        [(10, 0.0), (20, 45.0), (2, 0.0), (40, 45.0), (10, 0.0)],
        ["static 14", "alert 57.3", "end 75: recovered at 72"],
    ),
    "glances before it do not bring an alert forward": (
        [*[(3.2, 22.0), (0.8, 0.0)] * 10, (100, 22.0)],
        ["static 44", "alert 100", "end 140: stream_end at 140"],
    ),
    "glances before it do not bring a reminder forward": (
        [(300, 22.0), (4, 0.0), *[(3.2, 22.0), (0.8, 0.0)] * 10, (300, 22.0)],
        [
            "static 4",
            "alert 60",
            "end 303: recovered at 300",
            "static 348",
            "reminder 548",
            "end 644: stream_end at 644",
        ],
    ),
    "at the release it is not yet let go": (
        [(10, 0.0), (20, 45.0), (100, 15.0), (40, 45.0), (10, 0.0)],
        ["static 14", "alert 152.5", "end 173: recovered at 170"],
    ),
    "between release and onset the exposure waits": (
        [(10, 0.0), (20, 45.0), (100, 17.0), (40, 45.0), (10, 0.0)],
        ["static 14", "alert 152.5", "end 173: recovered at 170"],
    ),
    "what was left of the last exposure makes the next alert come sooner": (
        [(10, 0.0), (36, 22.0), (6, 0.0), (60, 22.0), (10, 0.0)],
        ["static 14", "end 49: recovered at 46", "static 56", "alert 88", "end 115: recovered at 112"],
    ),
    "while the exposure has not been empty there is no second alert": (
        [(0, 0.0), (70, 22.0), (30, 0.0), (70, 22.0), (10, 0.0)],
        ["static 4", "alert 60", "end 73: recovered at 70", "static 104", "end 173: recovered at 170"],
    ),
    "when it has been empty there is": (
        [(0, 0.0), (70, 22.0), (40, 0.0), (70, 22.0), (10, 0.0)],
        [
            "static 4",
            "alert 60",
            "end 73: recovered at 70",
            "static 114",
            "alert 170",
            "end 183: recovered at 180",
        ],
    ),
    "held on until the standard's own limit, one reminder comes": (
        [(10, 0.0), (1000, 22.0), (10, 0.0)],
        ["static 14", "alert 70", "reminder 490", "end 1013: recovered at 1010"],
    ),
    "taken up again too soon after an alert and then held until the limit, a reminder comes": (
        [(600, 22.0), (60, 0.0), (200, 22.0), (10, 0.0)],
        [
            "static 4",
            "alert 60",
            "reminder 480",
            "end 603: recovered at 600",
            "static 664",
            "reminder 780",
            "end 863: recovered at 860",
        ],
    ),
    "who leaves ends the episode when leaving": (
        [(30, 45.0), (20, Not.THERE)],
        ["static 4", "end 33: away at 30"],
    ),
    "who comes back in 2 s has not left": (
        [(30, 45.0), (2, Not.THERE), (30, 45.0), (10, 0.0)],
        ["static 4", "alert 47.3", "end 65: recovered at 62"],
    ),
    "who leaves during a glance is forgotten": (
        [(10, 0.0), (3, 45.0), (3.5, Not.THERE), (3, 45.0), (10, 0.0)],
        [],
    ),
    "away, the exposure leaks": (
        [(30, 22.0), (15, Not.THERE), (70, 22.0)],
        ["static 4", "end 33: away at 30", "static 49", "alert 105", "end 115: stream_end at 115"],
    ),
    "unmeasured for under 10 s the exposure waits, and no time is credited": (
        [(30, 22.0), (9, Not.MEASURED), (40, 22.0)],
        ["static 4", "alert 69", "end 79: stream_end at 79"],
    ),
    "unmeasured for 10 s the episode ended when it was last measured": (
        [(30, 22.0), (30, Not.MEASURED), (10, 0.0)],
        ["static 4", "end 40: not_measured at 30"],
    ),
    "unmeasured for longer than 10 s the exposure leaks": (
        [(30, 22.0), (20, Not.MEASURED), (60, 22.0)],
        ["static 4", "end 40: not_measured at 30", "static 54", "alert 100", "end 110: stream_end at 110"],
    ),
    "a glance that is not measured to its end stays a glance": (
        [(10, 0.0), (2, 45.0), (60, Not.MEASURED), (2, 45.0), (10, 0.0)],
        [],
    ),
    "a moment unmeasured is not the end of a beginning": (
        [(10, 0.0), (2, 45.0), (1, Not.MEASURED), (10, 45.0), (10, 0.0)],
        ["static 15", "end 26: recovered at 23"],
    ),
    "time without frames is not credited": (
        [(30, 22.0), (8, Not.SAMPLED), (40, 22.0)],
        ["static 4", "alert 68", "end 78: stream_end at 78"],
    ),
    "after a long time without frames the episode ended at the last one": (
        [(30, 22.0), (3600, Not.SAMPLED), (70, 22.0)],
        [
            "static 4",
            "end 3630: not_measured at 30",
            "static 3634",
            "alert 3690",
            "end 3700: stream_end at 3700",
        ],
    ),
    "a glance before a suspend and one after it are two glances": (
        [(3, 45.0), (3600, Not.SAMPLED), (3, 45.0), (10, 0.0)],
        [],
    ),
    "the end of the stream ends an open episode": (
        [(10, 0.0), (20, 45.0)],
        ["static 14", "end 30: stream_end at 30"],
    ),
    "the end of the stream is not the end of an interrupted posture": (
        [(10, 0.0), (20, 45.0), (2, 0.0)],
        ["static 14", "end 32: stream_end at 30"],
    ),
    "a glance at the end of the stream is nothing": (
        [(10, 0.0), (3, 45.0)],
        [],
    ),
}


@pytest.mark.parametrize(("history", "expected"), HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("rate_hz", [5.0, 12.5])
def test_histories(history: History, expected: list[str], rate_hz: float):
    got = in_words(events(history, rate_hz=rate_hz))
    number = re.compile(r"[\d.]+")
    assert [number.sub("", said) for said in got] == [number.sub("", said) for said in expected]
    times_s, expected_s = ([float(n) for n in number.findall(" ".join(said))] for said in (got, expected))
    assert times_s == pytest.approx(expected_s, abs=2 / rate_hz)  # one sample late in, one sample late out


@pytest.mark.parametrize("up_s", [0.2, 0.6, 2.0, 4.0])
@pytest.mark.parametrize("down_s", [1.0, 2.0, 3.6])
def test_a_hundred_glances_are_still_glances(down_s: float, up_s: float):
    assert events([(down_s, 60.0), (up_s, 5.0)] * 100, QUICK) == []


def test_an_episode_knows_its_peak_and_its_mean_over_the_time_it_was_held():
    history = [(10, 0.0), (20, 30.0), (10, 50.0), (10, 17.0), (2, 5.0), (10, 30.0), (5, 0.0)]
    (episode,) = episodes(events(history))
    assert episode.peak_deg == 50
    assert episode.mean_deg == pytest.approx((20 * 30 + 10 * 50 + 10 * 17 + 10 * 30) / 50, abs=0.2)


def test_a_value_that_is_given_for_nobody_does_not_count():
    pattern = SustainedPattern("slouch", onset=20, release=15, alert_after_s=lambda _: 15)
    for t_s in range(10):
        pattern.update(t_s, 30.0)
    pattern.update(10, 80.0, present=False)
    (end,) = pattern.finish(11)
    assert (end.episode.peak_deg, end.episode.mean_deg, end.episode.end_s) == (30, 30, 10)


def test_an_episode_is_the_same_from_beginning_to_end():
    got = events([(10, 0.0), (600, 45.0), (5, 0.0)])
    assert [event.kind.value for event in got] == ["static", "alert", "reminder", "end"]
    assert {event.episode.onset_s for event in got} == {10.0}
    assert [event.episode.alert_s for event in got] == [None, *[pytest.approx(52.6)] * 3]
    assert [event.episode.end_s for event in got] == [None, None, None, pytest.approx(610)]
    assert {event.episode.pattern for event in got} == {"text_neck"}


def test_who_has_recovered_begins_again_with_an_alert_and_not_with_a_reminder():
    got = events([(100, 85.0), (60, 0.0), (20, 85.0)], QUICK)
    assert [event.kind.value for event in got] == [
        "static",
        "alert",
        "reminder",
        "end",
        "static",
        "alert",
        "end",
    ]


def test_there_is_nothing_to_be_reminded_of_before_an_alert():
    got = events([(4.2, 85.0), (1.9, 0.0)] * 20, QUICK)
    assert [event.kind.value for event in got] == ["static", "end"]


def test_the_standards_own_limit_has_no_reminder():
    got = events([(1200, 45.0)], PRESETS["iso"])
    assert [event.kind.value for event in got] == ["static", "alert", "end"]
    assert told_s(got, EventKind.ALERT) == [pytest.approx(340, abs=0.2)]


@pytest.mark.parametrize(
    ("onset_deg", "amber_deg", "severe_deg", "release_deg"),
    [(20, 15, 30, 15), (40, 30, 60, 35), (10, 7.5, 15, 5), (5, 3.75, 7.5, 2.5), (60, 45, 90, 55)],
)
def test_thresholds_follow_the_onset(onset_deg: float, amber_deg: float, severe_deg: float, release_deg: float):
    thresholds = FlexionThresholds(onset_deg)
    assert thresholds.red_deg == onset_deg
    assert (thresholds.amber_deg, thresholds.severe_deg) == (amber_deg, severe_deg)
    assert thresholds.release_deg == release_deg


@pytest.mark.parametrize("onset_deg", [4.9, 60.1, -20, math.nan])
def test_an_onset_that_makes_no_sense_is_refused(onset_deg: float):
    with pytest.raises(ValueError, match="between 5 and 60 degrees"):
        TextNeck(onset_deg=onset_deg)


def test_a_release_must_lie_below_the_onset():
    with pytest.raises(ValueError, match="below the onset"):
        SustainedPattern("slouch", onset=20, release=20, alert_after_s=lambda _: 60)


def test_with_another_onset_other_angles_count():
    text_neck = TextNeck(QUICK, onset_deg=40)
    got = [event for p in postures([(30, 39.0), (10, 41.0)]) for event in text_neck.update(p)]
    assert told_s(got, EventKind.STATIC) == [pytest.approx(34, abs=0.3)]


def test_phase_and_exposure_can_be_watched():
    text_neck, seen = TextNeck(QUICK), {}
    for p in postures([(1, 0.0), (20, 45.0), (4, 0.0)]):
        text_neck.update(p)
        seen[round(p.t_s, 1)] = (text_neck.phase, round(text_neck.exposure, 2))
    assert seen[0.8] == (Phase.RECOVERED, 0)
    assert seen[4.0] == (Phase.EXCURSION, 0.2)
    assert seen[8.5 - 0.1] == (Phase.STATIC, pytest.approx(0.5, abs=0.02))
    assert seen[20.0] == (Phase.ALERTED, pytest.approx(19 / 15, abs=0.02))
    assert seen[25.0] == (Phase.RECOVERED, pytest.approx(20 / 15 - 8 / 15, abs=0.03))


ILLEGAL = {
    "time runs backwards": (9.0, 45.0),
    "time is not a number": (math.nan, 45.0),
    "time never comes": (math.inf, 45.0),
    "the value is not a number": (10.0, math.nan),
    "the value is infinite": (10.0, math.inf),
}


@pytest.mark.parametrize(("t_s", "value"), ILLEGAL.values(), ids=ILLEGAL)
def test_an_illegal_sample_raises_and_changes_nothing(t_s: float, value: float):
    pattern = SustainedPattern("slouch", onset=20, release=15, alert_after_s=lambda _: 15)
    for earlier_s, deg in samples([(9.4, 45.0)]):
        pattern.update(earlier_s, deg)
    undisturbed = copy.deepcopy(pattern)
    with pytest.raises(ValueError, match="slouch"):
        pattern.update(t_s, value)
    assert vars(pattern)["_excursion"] == vars(undisturbed)["_excursion"]
    for later_s, deg in samples([(10, 45.0), (5, 0.0)], start_s=9.6):
        assert pattern.update(later_s, deg) == undisturbed.update(later_s, deg)
        assert pattern.exposure == undisturbed.exposure


def test_the_end_cannot_come_before_the_last_sample():
    text_neck = TextNeck()
    text_neck.update(posture(10.0, 45))
    with pytest.raises(ValueError, match="backwards"):
        text_neck.finish(9.0)


def test_two_samples_at_the_same_time_count_as_the_second():
    text_neck = TextNeck(QUICK)
    got = [
        event for p in postures([(20, 45.0)]) for event in (*text_neck.update(posture(p.t_s, 0)), *text_neck.update(p))
    ]
    assert [event.kind.value for event in got] == []


quarter_degrees = st.integers(-80, 320).map(lambda n: n / 4)
any_history = st.lists(
    st.tuples(
        st.integers(1, 160).map(lambda n: n / 8),
        quarter_degrees | st.sampled_from([0.0, 17.0, 30.0, 45.0]) | st.sampled_from(Not),
    ),
    max_size=25,
)
any_sensitivity = st.sampled_from([QUICK, Sensitivity(1 / 20), *PRESETS.values()])


@given(any_history, any_sensitivity)
@settings(deadline=None)
def test_episodes_are_ordered_disjoint_and_held_for_4_s_at_least(history: History, sensitivity: Sensitivity):
    got = events(history, sensitivity, rate_hz=8)
    assert [event.t_s for event in got] == sorted(event.t_s for event in got)
    ended = episodes(got)
    for episode in ended:
        assert episode.end_s is not None
        assert episode.end_s - episode.onset_s >= 4
        assert episode.peak_deg >= 20
        assert 15 <= episode.mean_deg <= episode.peak_deg
        assert episode.alert_s is None or episode.onset_s + 4 <= episode.alert_s <= episode.end_s
    for before, after in pairwise(ended):
        assert before.end_s is not None
        assert before.end_s < after.onset_s


@given(any_history, any_sensitivity)
@settings(deadline=None)
def test_every_episode_opens_once_closes_once_and_alerts_and_reminds_once_at_most(
    history: History, sensitivity: Sensitivity
):
    by_onset: dict[float, list[EventKind]] = {}
    for event in events(history, sensitivity, rate_hz=8):
        by_onset.setdefault(event.episode.onset_s, []).append(event.kind)
    for kinds in by_onset.values():
        assert kinds[0] is EventKind.STATIC
        assert kinds[-1] is EventKind.END
        assert len(set(kinds)) == len(kinds)


@given(any_history, any_sensitivity, st.integers(0, 1_000_000))
@settings(deadline=None)
def test_shifting_the_time_shifts_the_events(history: History, sensitivity: Sensitivity, shift_s: int):
    def shifted(t_s: float | None) -> float | None:
        return None if t_s is None else t_s + shift_s

    at_zero, later = events(history, sensitivity, 8), events(history, sensitivity, 8, start_s=shift_s)
    assert [(e.kind, e.t_s, e.episode.onset_s, e.episode.alert_s, e.episode.end_s) for e in later] == [
        (
            e.kind,
            shifted(e.t_s),
            shifted(e.episode.onset_s),
            shifted(e.episode.alert_s),
            shifted(e.episode.end_s),
        )
        for e in at_zero
    ]


@given(st.floats(2, 30), st.floats(0, 20), st.floats(21, 80), any_sensitivity)
@settings(max_examples=40, deadline=None)
def test_the_sample_rate_does_not_move_the_alert(
    rate_hz: float, upright_s: float, deg: float, sensitivity: Sensitivity
):
    due_s = upright_s + sensitivity.alert_after_s(deg)
    got = events([(upright_s, 0.0), (sensitivity.alert_after_s(deg) + 2, deg)], sensitivity, rate_hz)
    (alert_s,) = told_s(got, EventKind.ALERT)
    assert due_s - 1e-6 <= alert_s <= due_s + 2 / rate_hz + 1e-6  # one sample late in, one sample late out


@given(
    st.lists(
        st.tuples(st.floats(0.2, 3.7), st.floats(20, 90), st.floats(0.3, 5), st.floats(-10, 14.9)),
        max_size=40,
    )
)
@settings(deadline=None)
def test_glances_never_come_to_anything(glances: list[tuple[float, float, float, float]]):
    history = [piece for down_s, down, up_s, up in glances for piece in ((down_s, down), (up_s, up))]
    assert events(history, QUICK) == []


def due_s(times_s: list[float], degs: list[float], sensitivity: Sensitivity) -> list[float]:
    """When the alerts are due, told in the plainest way: a leaky tank, and 4 s until anything counts."""
    due, tank, armed, down_since_s, counting = [], 0.0, True, 0.0, False
    for start_s, end_s, deg in zip(times_s, times_s[1:], degs, strict=False):
        if deg >= 20:
            down_since_s = down_since_s if counting else start_s
            counting = True
            tank += (end_s - start_s) / sensitivity.alert_after_s(deg)
        elif deg < 15:
            counting = False
            tank = max(0.0, tank - 2 * (end_s - start_s) / sensitivity.alert_after_s(20))
            armed = armed or tank == 0
        if tank >= 1 and armed and end_s >= down_since_s + 4 - 1e-9:
            due.append(end_s)
            armed = False
    return due


held = st.tuples(st.floats(4.5, 90), st.floats(20, 90))
recovered = st.tuples(st.floats(3.5, 40), st.floats(-20, 14.9))
in_between = st.tuples(st.floats(0.5, 30), st.floats(15, 19.9))


@given(
    st.lists(st.tuples(held, st.none() | in_between, recovered), min_size=1, max_size=8),
    any_sensitivity,
    st.randoms(),
)
@settings(deadline=None)
def test_alerts_come_when_a_leaky_tank_is_full(cycles, sensitivity: Sensitivity, random):
    history = [piece for cycle in cycles for piece in cycle if piece]
    stream = [
        (t_s, deg) for t_s, deg in samples(history, rate_hz=4) if random.random() < 0.8
    ]  # irregular, and now and then slow
    pattern = TextNeck(sensitivity)
    got = [event for t_s, deg in stream for event in pattern.update(posture(t_s, deg))]
    expected = due_s([t_s for t_s, _ in stream], [deg for _, deg in stream], sensitivity)
    assert told_s(got, EventKind.ALERT) == pytest.approx(expected, abs=1e-6)
