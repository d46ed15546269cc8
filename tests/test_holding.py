from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calibration.baseline import Flaw
from calibration.holding import CORNERS, DOWN, STEPS, Cue, Holding, Pose, Waiting
from calibration.steady import Stretch

RATE_HZ = 5.0
UPRIGHT, KEYBOARD, PHONE = 0.0, 18.0, 33.0
Part = tuple[float, float | Waiting]


def pictures(*parts: Part, start_s: float = 0.0) -> Iterator[tuple[float, dict[str, float] | Waiting]]:
    """What the camera sees of somebody who is for so many seconds so far down, or not to be seen."""
    sway = np.random.default_rng(2).normal(0.0, 0.3, 10_000)
    k = 0
    for seconds, what in parts:
        for _ in range(round(seconds * RATE_HZ)):
            seen = what if isinstance(what, Waiting) else {DOWN: what + sway[k], "head_roll_deg": sway[-k]}
            yield start_s + k / RATE_HZ, seen
            k += 1


def lead(holding: Holding, *parts: Part, start_s: float = 0.0) -> list[Cue | None]:
    return [holding.update(t_s, seen) for t_s, seen in pictures(*parts, start_s=start_s)]


def heard(cues: list[Cue | None]) -> list[tuple[Pose, Waiting | None] | None]:
    """What the person is told, each thing once until it changes."""
    told: list[tuple[Pose, Waiting | None] | None] = []
    for cue in cues:
        what = (cue.step.pose, cue.waiting) if cue else None
        if not told or told[-1] != what:
            told.append(what)
    return told


def test_somebody_who_does_as_told_is_led_through_all_steps():
    holding = Holding()
    cues = lead(holding, (10, UPRIGHT), (5, KEYBOARD), (9, PHONE))
    assert heard(cues) == [
        (Pose.UPRIGHT, Waiting.MOVING),
        (Pose.UPRIGHT, None),
        (Pose.KEYBOARD, Waiting.NOT_YET_MOVED),
        (Pose.KEYBOARD, Waiting.MOVING),
        (Pose.KEYBOARD, None),
        (Pose.PHONE, Waiting.NOT_YET_MOVED),
        (Pose.PHONE, Waiting.MOVING),
        (Pose.PHONE, None),
        None,
    ]
    assert holding.step is None
    assert list(holding.held) == [Pose.UPRIGHT, Pose.KEYBOARD, Pose.PHONE]
    for (pose, stretch), step in zip(holding.held.items(), STEPS, strict=True):
        begin_s, end_s = {Pose.UPRIGHT: (0, 10), Pose.KEYBOARD: (10, 15), Pose.PHONE: (15, 24)}[pose]
        assert begin_s <= stretch.start_s < stretch.end_s <= end_s
        assert stretch.end_s - stretch.start_s == pytest.approx(step.hold_s, abs=1 / RATE_HZ)


def test_the_countdown_runs_while_the_pose_is_held():
    cues = [cue for cue in lead(Holding(), (8, UPRIGHT)) if cue]
    held = [cue for cue in cues if cue.waiting is None]
    assert held[0].progress == 0
    assert held[0].left_s == 8
    assert all(b.left_s < a.left_s and b.progress > a.progress for a, b in pairwise(held))
    assert all(cue.progress == 0 for cue in cues if cue.waiting)


@pytest.mark.parametrize("why", [Waiting.TOO_DARK, Waiting.NOBODY, Waiting.TWO_PEOPLE, Waiting.SHOULDERS_OUT])
def test_what_keeps_a_pose_from_being_seen_is_told(why):
    cues = lead(Holding(), (3, why), (10, UPRIGHT))
    assert heard(cues)[:3] == [(Pose.UPRIGHT, why), (Pose.UPRIGHT, Waiting.MOVING), (Pose.UPRIGHT, None)]


def test_a_blink_of_the_camera_does_not_lose_the_pose():
    cues = lead(Holding(), (4, UPRIGHT), (0.4, Waiting.NOBODY), (4.6, UPRIGHT))
    assert heard(cues)[:3] == [
        (Pose.UPRIGHT, Waiting.MOVING),
        (Pose.UPRIGHT, None),
        (Pose.KEYBOARD, Waiting.NOT_YET_MOVED),
    ]


LOSSES = {
    "leaving": ((2, Waiting.NOBODY),),
    "turning": ((1, Waiting.TURNED),),
    "bending": ((1, 20.0),),
    "swaying": tuple((0.4, deg) for deg in (5, -5, 5, -5, 5)),
}


@pytest.mark.parametrize("parts", LOSSES.values(), ids=LOSSES)
def test_a_pose_that_is_lost_begins_anew(parts):
    holding = Holding()
    lead(holding, (6, UPRIGHT), *parts, (9.8, UPRIGHT))
    assert holding.held[Pose.UPRIGHT].start_s >= 6 + sum(seconds for seconds, _ in parts)


def test_a_gap_between_pictures_loses_the_pose():
    holding = Holding()
    lead(holding, (6, UPRIGHT))
    cue = lead(holding, (0.2, UPRIGHT), start_s=8.0)[0]
    assert (cue.waiting, cue.held_s) == (Waiting.MOVING, 0)


def test_other_signals_begin_the_hold_anew():
    holding = Holding()
    lead(holding, (6, UPRIGHT))
    cue = holding.update(6.0, {DOWN: UPRIGHT})
    assert (cue.waiting, cue.held_s) == (Waiting.MOVING, 0)


def test_the_upright_pose_is_not_taken_for_the_keyboard():
    holding = Holding()
    cues = lead(holding, (10, UPRIGHT), (1, 14.0), (20, UPRIGHT))
    assert cues[-1].waiting is Waiting.NOT_DOWN
    assert list(holding.held) == [Pose.UPRIGHT]


def test_the_keyboard_is_not_taken_for_the_phone():
    holding = Holding()
    cues = lead(holding, (10, UPRIGHT), (30, KEYBOARD))
    assert cues[-1].waiting is Waiting.NOT_YET_MOVED
    assert list(holding.held) == [Pose.UPRIGHT, Pose.KEYBOARD]


def test_looking_up_to_read_what_is_next_is_not_taken_for_the_phone():
    holding = Holding()
    lead(holding, (10, UPRIGHT), (5, KEYBOARD), (4, UPRIGHT), (9, PHONE))
    assert holding.held[Pose.PHONE].start_s >= 19


def test_a_slow_drift_spoils_a_hold_and_the_step_is_repeated():
    """Too slow to be seen as a movement, it is too much for a baseline."""
    holding = Holding()
    drift = [(0.2, 1.2 * k / RATE_HZ) for k in range(round(10 * RATE_HZ))]
    cues = lead(holding, *drift)
    assert cues[-1].spoilt is Flaw.NOT_STEADY
    assert cues[-1].step.pose is Pose.UPRIGHT
    assert holding.held == {}
    cues = lead(holding, (10, 12.0), start_s=10.0)
    assert list(holding.held) == [Pose.UPRIGHT]
    assert cues[-1].spoilt is None


def test_a_step_can_be_skipped():
    holding = Holding()
    lead(holding, (10, UPRIGHT))
    holding.skip()
    lead(holding, (9, PHONE), start_s=10.0)
    assert list(holding.held) == [Pose.UPRIGHT, Pose.PHONE]
    assert holding.step is None


def test_somebody_who_moved_before_skipping_need_not_move_again():
    holding = Holding()
    lead(holding, (10, UPRIGHT), (2, 22.0))
    holding.skip()
    lead(holding, (8, 22.0), start_s=12.0)
    assert holding.held[Pose.PHONE].start_s < 14


def test_a_step_can_be_taken_again():
    holding = Holding()
    lead(holding, (10, UPRIGHT), (5, KEYBOARD))
    holding.again()
    assert holding.step.pose is Pose.KEYBOARD
    assert list(holding.held) == [Pose.UPRIGHT]
    lead(holding, (1, UPRIGHT), (5, 20.0), start_s=15.0)
    assert holding.held[Pose.KEYBOARD].start_s >= 16


def test_what_cannot_be_skipped_or_taken_again_is_not_and_nothing_changes():
    holding = Holding()
    lead(holding, (4, UPRIGHT))
    with pytest.raises(ValueError, match="cannot be skipped"):
        holding.skip()
    with pytest.raises(ValueError, match="no step before"):
        holding.again()
    lead(holding, (5.2, UPRIGHT), start_s=4.0)
    assert list(holding.held) == [Pose.UPRIGHT]
    lead(holding, (5, KEYBOARD), (9, PHONE), start_s=9.2)
    with pytest.raises(ValueError, match="cannot be skipped"):
        holding.skip()
    assert lead(holding, (1, UPRIGHT), start_s=30.0) == [None] * 5


def test_the_corners_of_the_screen_are_steps_like_others():
    holding = Holding((*STEPS[:1], *CORNERS))
    lead(holding, (10, UPRIGHT), (4, -6.0), (0.4, 8.0), (4, -6.0), (4, 6.0), (0.4, -8.0), (4, 6.0))
    assert list(holding.held) == [Pose.UPRIGHT, *(step.pose for step in CORNERS)]


ILLEGAL = {
    "time that runs backwards": (3.0, {DOWN: 0.0, "head_roll_deg": 0.0}, "time must not run backwards"),
    "no time": (float("nan"), {DOWN: 0.0, "head_roll_deg": 0.0}, "time must not run backwards"),
    "a signal that is no number": (4.0, {DOWN: float("nan"), "head_roll_deg": 0.0}, "a signal is a number"),
    "no signals": (4.0, {}, "a signal is a number"),
}


@pytest.mark.parametrize(("t_s", "seen", "words"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_cannot_be_is_refused_and_nothing_changes(t_s, seen, words):
    disturbed, undisturbed = Holding(), Holding()
    lead(disturbed, (4, UPRIGHT))
    lead(undisturbed, (4, UPRIGHT))
    with pytest.raises(ValueError, match=words):
        disturbed.update(t_s, seen)
    assert lead(disturbed, (9, UPRIGHT), start_s=4.0) == lead(undisturbed, (9, UPRIGHT), start_s=4.0)


def test_a_step_that_looks_down_needs_to_see_how_far():
    holding = Holding()
    lead(holding, (9.6, UPRIGHT))
    assert holding.step.pose is Pose.KEYBOARD
    with pytest.raises(ValueError, match=f"{DOWN} is needed"):
        holding.update(11.0, {"head_roll_deg": 0.0})


parts = st.lists(
    st.tuples(
        st.floats(0.2, 12),
        st.sampled_from([UPRIGHT, KEYBOARD, PHONE, Waiting.NOBODY, Waiting.TURNED, Waiting.TOO_DARK]),
    ),
    max_size=8,
)


@given(parts, st.floats(-100, 1e5))
def test_whatever_is_seen_holds_are_in_order_apart_and_as_long_as_their_steps(history, start_s):
    holding = Holding()
    lead(holding, *history, start_s=start_s)
    stretches: list[Stretch] = list(holding.held.values())
    for step, stretch in zip(STEPS, stretches, strict=False):
        assert stretch.end_s - stretch.start_s >= step.hold_s - 1e-6
    assert all(a.end_s < b.start_s for a, b in pairwise(stretches))
    assert holding.number == len(stretches)


@example([(5.5, 0.0), (8.75, 18.0), (9.5, Waiting.NOBODY), (9.0, 0.0)])
@given(parts)
def test_the_clock_does_not_matter(history):
    here, there = Holding(), Holding()
    lead(here, *history)
    lead(there, *history, start_s=1024.0)
    assert list(here.held) == list(there.held)
