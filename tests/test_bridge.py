from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from people import FRONT, UPRIGHT, Pose, empty, neutral_frames, seen
from posturecam.core.alert_policy import Told
from posturecam.core.bridge import Bridge
from posturecam.core.event import EventKind
from posturecam.core.neutral import neutral_of
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.patterns.table import Choice
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.placement import Placement
from posturecam.core.posture import Absence, nobody
from posturecam.core.session import Sample
from posturecam.core.setup_change import Setup
from posturecam.core.state import State, StateReader
from posturecam.recorder import SessionRecorder
from posturecam.store import SessionFacts, Store
from postures import posture
from test_store import total

EVERY_S, LOOK_S = 30, 3
DUTY = Settings(gap_s=EVERY_S + 2)
BENT = Pose(head_pitch=40)


def between(one, other, gap_s=32.0):
    bridge = Bridge(gap_s)
    assert list(bridge.between(one)) == []
    return list(bridge.between(other))


# What lies between two looks


@pytest.mark.parametrize(
    ("before", "after", "shared"),
    [(35.0, 40.0, 35.0), (40.0, 35.0, 35.0), (35.0, 3.0, 3.0), (-10.0, -4.0, -4.0), (-10.0, 30.0, 0.0)],
)
def test_an_angle_lasts_as_far_as_both_looks_show_it(before, after, shared):
    fillers = between(posture(3.0, before), posture(30.0, after))
    assert {one.neck_flexion.deg for one in fillers} == {shared}
    times_s = [3.0, *(one.t_s for one in fillers), 30.0]
    assert all(0 < b - a <= GAP_S / 2 for a, b in pairwise(times_s))


def test_what_one_look_does_not_show_is_missing_with_its_reason():
    hidden = posture(30.0, None, reason=Absence.OUT_OF_FRAME)
    one = between(posture(3.0, 35.0), hidden)[0]
    assert (one.present, one.neck_flexion.deg, one.absence) == (True, None, Absence.OUT_OF_FRAME)
    placed = replace(posture(3.0), placement=Placement(head_forward_cm=4.0, head_up_cm=-2.0))
    elsewhere = replace(posture(30.0), placement=Placement(head_forward_cm=6.0))
    assert between(placed, elsewhere)[0].placement == Placement(head_forward_cm=4.0)


@pytest.mark.parametrize(
    ("before", "after", "gap_s"),
    [
        (posture(3.0), nobody(30.0), 32.0),
        (nobody(3.0), posture(30.0), 32.0),
        (posture(3.0), posture(30.0), GAP_S),
        (posture(3.0), posture(36.0), 32.0),
        (posture(3.0), posture(4.0), 32.0),
    ],
    ids=["who left", "who came", "without duty", "a look was left out", "within a look"],
)
def test_nothing_is_put_between(before, after, gap_s):
    assert between(before, after, gap_s) == []


def test_nobody_in_both_looks_is_nobody_in_between():
    assert not any(one.present for one in between(nobody(3.0), nobody(30.0)))


# People who are looked at for 3 s, every 30 s


def watched(pose_at, end_s, settings=DUTY):
    """What was decided, and the pipeline."""
    pipe = Pipeline(neutral_of(neutral_frames(FRONT)), settings)
    decisions = []
    for t_s in (k / 5 for k in range(5 * end_s) if k / 5 % EVERY_S < LOOK_S):
        pose = pose_at(t_s)
        decisions += pipe.update(empty(t_s) if pose is None else seen(pose, FRONT, t_s))[1]
    return decisions + pipe.finish(end_s), pipe


def alerts(decisions):
    return [d for d in decisions if d.event.kind is EventKind.ALERT and d.told is Told.YES]


def test_whoever_is_bent_in_every_look_is_told():
    decisions, pipe = watched(lambda t_s: UPRIGHT if t_s < 30 else BENT, 240)
    first = alerts(decisions)[0]
    assert first.event.episode.pattern == "text_neck"
    assert 30 + 40 < first.event.t_s < 30 + 90, "a head that is held at 40° is due after 47 s"
    assert pipe.setup is Setup.HOLDS


def test_without_the_bridge_the_same_looks_tell_too_little():
    decisions, _ = watched(lambda t_s: UPRIGHT if t_s < 30 else BENT, 240, Settings())
    assert alerts(decisions) == []


def test_whoever_is_bent_in_every_second_look_is_left_in_peace():
    decisions, _ = watched(lambda t_s: BENT if t_s // EVERY_S % 2 else UPRIGHT, 300)
    assert alerts(decisions) == []


def test_whoever_leaves_between_looks_is_not_taken_to_have_stayed_bent():
    decisions, _ = watched(lambda t_s: BENT if t_s < 33 else None, 300)
    assert alerts(decisions) == []


def test_looks_alone_are_no_stillness_and_stillness_is_seen_through_them():
    settings = replace(DUTY, choices={"stillness": Choice(values={"window_min": 5.0})})
    decisions, pipe = watched(lambda _: UPRIGHT, 400, settings)
    assert {d.event.episode.pattern for d in alerts(decisions)} == {"stillness"}
    assert alerts(decisions)[0].event.t_s == pytest.approx(300, abs=EVERY_S)
    assert pipe.still_s == pytest.approx(390, abs=EVERY_S)
    decisions, _ = watched(lambda t_s: Pose(head_pitch=10) if t_s // 100 % 2 else UPRIGHT, 400, settings)
    assert alerts(decisions) == []


def test_each_of_two_looks_stands_for_half_of_the_time_between_them(tmp_path):
    reader = StateReader(FlexionThresholds())
    looks = [posture(t_s, 40.0 if t_s > 45 else 0.0) for t_s in [*range(3), *range(30, 33), *range(60, 63)]]
    with Store(tmp_path / "history") as store:
        facts = SessionFacts(0.0, "live", "C920", 20.0, 1 / 8, None)
        with SessionRecorder(store, facts, gap_s=DUTY.gap_s) as recorder:
            for one in looks:
                recorder.update(Sample(one, reader.update(one)))
        state_s = total(store.minutes()).state_s
        assert store.absences() == []
    assert state_s == {State.NEUTRAL: pytest.approx(46), State.SEVERE: pytest.approx(16)}
