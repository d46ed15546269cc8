from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from calibrated import profile as made_profile
from people import UPRIGHT, Pose, film, neutral_frames, steps
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.desk import Desk
from posturecam.errors import BadProfileError
from posturecam.keeper import Keeper
from posturecam.live_session import Terms
from posturecam.monitor import Monitor
from posturecam.sinks.live_events import LiveEvents
from posturecam.sinks.live_view import LiveView
from posturecam.status import Mode, Status
from posturecam.store import Store
from posturecam.today import Today
from posturecam.vision.frames import Frame, SourceFacts
from posturecam.vision.trouble import Interruption, Trouble

BENT = Pose(head_pitch=40)
SOON = Settings(Sensitivity(1 / 32))
"""An alert after 15 s, the shortest there is."""
NEUTRAL = neutral_of(neutral_frames())
PROFILE = made_profile(
    "desk", body_px=NEUTRAL.body_px, visibility=NEUTRAL.visibility, face_px=NEUTRAL.face_px, onset_deg=20.0
)
TEXT_NECK = steps((10, UPRIGHT), (30, BENT), (10, UPRIGHT))
NOON = 1_780_000_000.0
"""Seconds since 1970 UTC at stream time 0."""


class Film:
    """A camera, and a landmarker for its pictures: people who do what a test says, and troubles in between."""

    def __init__(self, pose_at, end_s, troubles: Iterable[Interruption] = (), rate_hz=2.0) -> None:
        self.landmarks = {one.t_s: one for one in film(pose_at, end_s, rate_hz=rate_hz)}
        self.troubles = list(troubles)
        self.facts = SourceFacts("a camera", 640, 480, 30.0, None, "a camera")
        self.t_s = 0.0
        self.resting: list[tuple[float, bool]] = []
        """When it was paused and resumed."""

    @property
    def now(self) -> float:
        return NOON + self.t_s

    def __iter__(self) -> Iterator[Frame | Interruption]:
        troubled = {one.t_s for one in self.troubles}
        frames = [Frame(t_s, np.zeros((48, 64, 3), np.uint8)) for t_s in self.landmarks if t_s not in troubled]
        for seen in sorted([*frames, *self.troubles], key=lambda one: one.t_s):
            self.t_s = seen.t_s
            paused = self.resting and self.resting[-1][1]
            yield Interruption(seen.t_s, Trouble.PAUSED, "paused") if paused else seen

    def pause(self) -> None:
        self.resting.append((self.t_s, True))

    def resume(self) -> None:
        self.resting.append((self.t_s, False))

    def detect(self, frame):
        return replace(self.landmarks[self.t_s], t_s=frame.t_s)


class Ears:
    """Hears what is told."""

    def __init__(self) -> None:
        self.heard = []
        self.troubles: dict[str, str] = {}

    def tell(self, alert) -> None:
        self.heard.append(alert)


class Watcher:
    """Sees every moment, and presses keys and does other things when their time has come."""

    def __init__(self, acts=None) -> None:
        self.moments = []
        self.acts = dict(acts or {})

    def show(self, moment):
        self.moments.append(moment)
        act = self.acts.pop(moment.t_s, None)
        return act if act is None or isinstance(act, str) else act()

    def status_at(self, t_s) -> Status:
        return next(one.status for one in self.moments if one.t_s == t_s)


class Live:
    """A monitor on a film, run to its end."""

    def __init__(self, reel: Film, terms: Terms | None = None, acts=None, store=None, at_desk=None, views=()) -> None:
        self.film, self.ears, self.watcher = reel, Ears(), Watcher(acts)
        self.desk = Desk(Status(1, "0", NOON, Mode.STARTING, NOON), lambda: reel.now)
        self.today = Today(NOON, store)
        self.keeper = Keeper(store)
        self.renewed = []
        self.monitor = Monitor(
            reel,
            reel,
            lambda _: 1,
            lambda _: terms or Terms(SOON, PROFILE),
            self.desk,
            self.ears,
            self.keeper,
            self.today,
            [self.watcher, *(make(self) for make in views)],
            self.renewed.append,
            at_desk or (lambda: True),
            clock=lambda: reel.now,
        )

    def run(self) -> Live:
        self.monitor.run()
        return self


def test_live_decides_what_the_pipeline_decides_of_the_same_landmarks():
    live = Live(Film(TEXT_NECK, 50)).run()
    pipeline, decisions = Pipeline(NEUTRAL, SOON), []
    for one in film(TEXT_NECK, 50, rate_hz=2.0):
        decisions += pipeline.update(one)[1]
    assert [d for moment in live.watcher.moments for d in moment.decisions] == decisions
    assert decisions


def test_an_alert_is_told_once_and_counted():
    live = Live(Film(TEXT_NECK, 50)).run()
    (alert,) = live.ears.heard
    assert alert.pattern == "text_neck"
    assert alert.t_s == pytest.approx(25, abs=1)
    assert live.desk.now.alerts_today == 1
    assert live.desk.now.last_alert == pytest.approx(NOON + alert.t_s)
    assert live.desk.now.last_alert_title == "text neck"


def test_the_status_says_what_is_measured():
    live = Live(Film(TEXT_NECK, 30)).run()
    upright, bent = live.watcher.status_at(8.0), live.watcher.status_at(20.0)
    assert (upright.mode, upright.state, upright.profile) == (Mode.WATCHING, "neutral", "desk")
    assert (bent.state, bent.amber_deg, bent.onset_deg, bent.severe_deg) == ("severe", 15, 20, 30)
    assert bent.neck_flexion_deg == pytest.approx(40, abs=5)
    assert bent.state_since == pytest.approx(NOON + 10.5, abs=1)
    assert bent.analysed_hz == pytest.approx(2)


def test_snoozed_it_measures_and_says_nothing_and_then_speaks_again():
    live = Live(Film(lambda t_s: BENT if t_s % 60 > 20 else UPRIGHT, 130), acts={2.0: "s"})
    live.watcher.acts[62.0] = "s"
    live.run()
    assert live.watcher.status_at(4.0).mode is Mode.SNOOZED
    assert [alert.t_s > 60 for alert in live.ears.heard] == [True]
    told = [d.told.value for moment in live.watcher.moments for d in moment.decisions if d.told]
    assert told == ["snoozed", "yes"]


def test_paused_the_camera_is_let_go_and_resumed_it_watches_on():
    live = Live(Film(lambda _: UPRIGHT, 20), acts={5.0: "p", 10.0: "p"}).run()
    assert live.film.resting == [(5.5, True), (10.5, False)]
    assert live.watcher.status_at(7.0).mode is Mode.PAUSED
    assert live.watcher.status_at(15.0).mode is Mode.WATCHING


def test_while_the_screen_is_locked_the_camera_is_let_go():
    reel = Film(lambda _: UPRIGHT, 20)
    Live(reel, at_desk=lambda: not 5 <= reel.t_s < 10).run()
    assert reel.resting == [(5.0, True), (10.0, False)]


def test_a_camera_in_trouble_is_a_state_with_words_and_no_alert():
    troubles = [Interruption(t / 2, Trouble.BUSY, "zoom is using it") for t in range(24, 52)]
    live = Live(Film(steps((12, UPRIGHT), (40, BENT)), 30, troubles)).run()
    status = live.watcher.status_at(20.0)
    assert (status.mode, status.trouble) == (Mode.NO_CAMERA, "zoom is using it")
    assert live.watcher.status_at(28.0).trouble is None
    assert live.ears.heard == []


def test_without_a_profile_the_neutral_is_taken_from_the_first_still_seconds():
    live = Live(Film(TEXT_NECK, 25, rate_hz=5.0), Terms(SOON)).run()
    first = live.watcher.moments[0]
    assert (first.status.mode, first.sample) == (Mode.STARTING, None)
    assert first.cue is not None
    begun = next(one for one in live.watcher.moments if one.sample)
    assert begun.t_s == pytest.approx(9, abs=1)
    assert live.watcher.status_at(20.0).state == "severe"
    assert live.watcher.status_at(20.0).profile is None
    assert live.renewed == []


def test_a_new_neutral_on_a_key_is_kept_in_the_profile_with_its_thresholds():
    live = Live(Film(lambda _: Pose(head_pitch=12), 20, rate_hz=5.0), acts={5.0: "c"}).run()
    assert live.watcher.status_at(4.0).neck_flexion_deg == pytest.approx(12, abs=3)
    assert live.watcher.status_at(19.0).neck_flexion_deg == pytest.approx(0, abs=1)
    (renewed,) = live.renewed
    assert (renewed.name, renewed.onset_deg, renewed.phone) == ("desk", PROFILE.onset_deg, PROFILE.phone)
    assert not np.allclose(renewed.body_px, PROFILE.body_px)


def test_a_profile_of_other_pictures_is_an_error_when_it_was_named_and_else_not_used():
    other = replace(PROFILE, height_px=360)
    with pytest.raises(BadProfileError, match="640 x 360"):
        Live(Film(lambda _: UPRIGHT, 20), Terms(SOON, other, chosen=True)).run()
    live = Live(Film(lambda _: UPRIGHT, 12, rate_hz=5.0), Terms(SOON, other)).run()
    assert live.watcher.status_at(11.0).mode is Mode.WATCHING
    assert live.watcher.status_at(11.0).profile is None


def test_q_ends_it():
    assert Live(Film(lambda _: UPRIGHT, 20), acts={5.0: "q"}).run().watcher.moments[-1].t_s == 5.0


def test_the_session_is_in_the_history_even_when_it_ends_by_an_error(tmp_path):
    def fail() -> None:
        raise RuntimeError("a view failed")

    with Store(tmp_path / "history.sqlite") as store:
        with pytest.raises(RuntimeError):
            Live(Film(TEXT_NECK, 60), acts={45.0: fail}, store=store).run()
        (session,) = store.sessions()
        assert (session.facts.source, session.facts.name, session.facts.profile) == ("live", "a camera", "desk")
        assert session.length_s == pytest.approx(45)
        assert session.facts.started == pytest.approx(NOON)
        (episode,) = (one.episode for one in store.episodes() if one.episode.pattern == "text_neck")
        assert episode.told == "yes"


def test_a_history_that_cannot_be_written_never_ends_the_watch(tmp_path):
    with Store(tmp_path / "history.sqlite") as store:
        live = Live(Film(TEXT_NECK, 50), store=store, acts={8.0: store.close}).run()
    assert len(live.ears.heard) == 1
    assert "history" in live.desk.now.sink_troubles


def test_every_change_is_a_line_of_json():
    lines = io.StringIO()
    Live(Film(TEXT_NECK, 50), views=[lambda _: LiveEvents(lines)]).run()
    events = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert all({"event", "t_s"} <= event.keys() for event in events)
    assert [event["state"] for event in events if event["event"] == "state"][:1] == ["neutral"]
    changes = [event["change"] for event in events if event["event"] == "episode"]
    assert changes == ["static", "alert", "end"]
    assert [event["pattern"] for event in events if event["event"] == "alert"] == ["text_neck"]
    assert len(events) < 20


def test_in_a_pipe_a_person_reads_a_line_for_each_change():
    page = io.StringIO()
    console = Console(file=page, width=100)
    Live(Film(TEXT_NECK, 50), views=[lambda live: LiveView(console, live.today)]).run()
    lines = [line.split("  ", 1)[1] for line in page.getvalue().splitlines()]
    assert lines[0] == "watching, neutral"
    assert "watching, severe" in lines
    assert "Your neck has been bent down for a while" in page.getvalue()
    assert len(lines) < 12


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_on_a_terminal_a_few_lines_stay_in_place(width, encoding):
    raw = io.BytesIO()
    page = io.TextIOWrapper(raw, encoding)
    console = Console(file=page, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    live = Live(Film(TEXT_NECK, 30), views=[lambda live: LiveView(console, live.today, now_s=lambda: math.nan)])
    view = live.monitor._views[1]
    with view:
        live.run()
        last = console.render_lines(view._page(live.watcher.moments[-2]), pad=False)
    text = ["".join(segment.text for segment in line) for line in last]
    assert "watching" in text[0]
    assert "severe" in "\n".join(text)
    assert all(len(line) <= width for line in text)
    assert len(text) <= 16
    page.flush()


def test_the_time_of_a_suspend_is_a_gap_that_counts_for_nothing(tmp_path):
    reel = Film(lambda _: BENT, 24)
    slept = {12.0: 3600.0}
    with Store(tmp_path / "history.sqlite") as store:
        live = Live(reel, Terms(Settings(Sensitivity(1 / 8)), PROFILE), store=store)
        live.monitor._slept_s = lambda: slept.pop(reel.t_s, 0.0)
        live.run()
        (session,) = store.sessions()
        gaps = [(one.end - one.start, one.kind) for one in store.absences()]
    assert session.length_s == pytest.approx(3624)
    assert gaps == [(pytest.approx(3600, abs=1), "gap")]
    assert live.ears.heard == []
    assert live.watcher.moments[-2].status.seated_s == pytest.approx(12, abs=1)


def test_a_new_neutral_leaves_one_session_in_the_history(tmp_path):
    with Store(tmp_path / "history.sqlite") as store:
        Live(Film(lambda _: UPRIGHT, 25, rate_hz=5.0), acts={5.0: "c"}, store=store).run()
        (session,) = store.sessions()
    assert (session.facts.started, session.length_s) == (pytest.approx(NOON), pytest.approx(25))
