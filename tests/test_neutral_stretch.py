from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.steady import SEEN_SHARE
from people import (
    FRONT,
    LAPTOP,
    OTHER_SIDE,
    SIDE,
    THREE_QUARTER,
    UPRIGHT,
    Pose,
    empty,
    film,
    moved,
    shaken,
    steps,
    without_face,
)
from posturecam.neutral_stretch import find_neutral_stretch

BENT = Pose(head_pitch=40)
TURNED = Pose(head_yaw=35)
EVERY_VIEW = pytest.mark.parametrize(
    "desk",
    [FRONT, LAPTOP, THREE_QUARTER, SIDE, OTHER_SIDE],
    ids=["front", "laptop", "three-quarter", "side", "other side"],
)


def found_in(*held, desk=FRONT, noise_px=0.3):
    """The stretch and whether it is steady, from poses held for so many seconds."""
    rng = np.random.default_rng(1)
    length_s = sum(seconds for seconds, _ in held)
    frames = [one if one.empty else shaken(one, rng, noise_px) for one in film(steps(*held), length_s, desk)]
    return find_neutral_stretch(frames)


def share_upright(stretch, *held):
    """The share of a stretch in which the person sits upright."""
    pose_at = steps(*held)
    times = np.linspace(stretch.start_s, stretch.end_s, 101)
    return np.mean([pose_at(t_s) is UPRIGHT for t_s in times])


@EVERY_VIEW
@pytest.mark.parametrize(
    "held",
    [
        pytest.param([(12, UPRIGHT), (20, BENT)], id="upright first"),
        pytest.param([(20, BENT), (12, UPRIGHT)], id="bent first"),
        pytest.param([(5, None), (12, UPRIGHT)], id="nobody first"),
        pytest.param([(4, UPRIGHT), (20, BENT), (4, UPRIGHT)], id="upright briefly, bent for long"),
    ],
)
def test_neutral_is_where_the_person_sits_upright_and_still(held, desk):
    stretch, steady = found_in(*held, desk=desk)
    assert steady
    assert share_upright(stretch, *held) >= SEEN_SHARE - 0.05


def test_a_turned_head_is_not_neutral():
    held = (10, TURNED), (25, UPRIGHT)
    stretch, _ = found_in(*held)
    assert share_upright(stretch, *held) >= SEEN_SHARE - 0.05


def test_looking_up_at_the_ceiling_for_a_moment_does_not_make_upright_low():
    stretch, _ = found_in((12, UPRIGHT), (3, Pose(head_pitch=-15)), (12, UPRIGHT))
    assert (stretch.start_s, stretch.end_s) == pytest.approx((0, 8), abs=0.3)


def test_coming_closer_is_not_sitting_more_upright():
    stretch, _ = found_in((10, UPRIGHT), (15, Pose(trunk_flexion=12, head_pitch=12)), (10, UPRIGHT))
    assert stretch.end_s <= 10.3


@pytest.mark.parametrize("desk", [FRONT, LAPTOP, THREE_QUARTER])
def test_where_the_face_is_hidden_for_most_of_the_time_the_neutral_shows_it(desk):
    """What BlazePose makes of a head that hides its face is no measure of how upright it is."""
    bent = [hidden(one) for one in film(lambda _: BENT, 25, desk)]
    upright = [replace(one, t_s=one.t_s + 25) for one in film(lambda _: UPRIGHT, 14, desk)]
    stretch, _ = find_neutral_stretch(bent + upright)
    assert stretch.start_s >= 25 - (1 - SEEN_SHARE) * 8 - 0.5


def hidden(landmarks):
    """The same without a face, and with eyes and nose on the top of the hair."""
    body_px = landmarks.body_px.copy()
    body_px[:11, 1] = body_px[:11, 1].min() - 60
    return replace(landmarks, body_px=body_px, face_px=None)


def test_a_look_to_the_side_does_not_become_the_usual_direction_where_the_face_is_often_hidden():
    held = steps((10, TURNED), (20, BENT), (3, UPRIGHT), (10, TURNED))
    frames = [without_face(one) if 10 <= one.t_s < 30 else one for one in film(held, 43)]
    stretch, _ = find_neutral_stretch(frames)
    assert stretch.end_s <= 10.3 or stretch.start_s >= 32.7


@pytest.mark.parametrize("desk", [FRONT, THREE_QUARTER])
def test_leaning_forward_for_longest_is_not_the_neutral(desk):
    restless = steps(*[(2.5, Pose(head_pitch=pitch)) for pitch in (0, 20) * 6])
    leaning = Pose(trunk_flexion=14)
    stretch, _ = find_neutral_stretch(list(film(lambda t_s: restless(t_s) if t_s < 30 else leaning, 38, desk)))
    assert stretch.end_s <= 30.3


def nodding(t_s):
    return Pose(head_pitch=12 * np.sin(2 * np.pi * t_s / 1.7), head_yaw=9 * np.sin(2 * np.pi * t_s / 2.9))


def test_of_someone_who_is_never_still_the_stillest_stretch_is_taken_and_called_unsteady():
    found = find_neutral_stretch(list(film(nodding, 20)))
    assert found is not None
    assert not found[1]


def test_somebody_who_sways_aside_in_a_few_seconds_has_one_all_the_same():
    frames = [moved(one, 60 * np.sin(2 * one.t_s), 0) for one in film(lambda _: UPRIGHT, 2.2)]
    found = find_neutral_stretch(frames)
    assert found is not None
    assert not found[1]


def test_a_restless_recording_with_one_still_moment_while_bent_does_not_take_that_for_neutral():
    """As in a car: looking here and there while upright, then a long look down, and up again."""
    frames = list(film(lambda t_s: Pose(head_pitch=42) if 8 <= t_s < 9.6 else nodding(t_s) if t_s < 8 else UPRIGHT, 10))
    stretch, _ = find_neutral_stretch(frames)
    assert stretch.end_s <= 8.2 or stretch.start_s >= 9.4


def test_a_face_that_comes_and_goes_does_not_hide_the_neutral():
    frames = [without_face(one) if k % 3 == 0 else one for k, one in enumerate(film(lambda _: UPRIGHT, 12))]
    assert find_neutral_stretch(frames) is not None


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([], id="no frames"),
        pytest.param([empty(k / 5) for k in range(100)], id="nobody"),
        pytest.param(list(film(steps((0.5, UPRIGHT), (9.5, None)), 10)), id="someone for half a second"),
    ],
)
def test_without_anyone_for_long_enough_there_is_no_neutral(frames):
    assert find_neutral_stretch(frames) is None


def test_a_face_without_a_body_is_nobody():
    frames = [replace(one, body_px=None, visibility=None) for one in film(lambda _: UPRIGHT, 10)]
    assert find_neutral_stretch(frames) is None


@pytest.mark.parametrize(
    "held",
    [
        pytest.param([(0.1, Pose(head_yaw=-40)), (0.3, Pose(head_yaw=40))], id="turned one way and the other"),
        pytest.param([(0.1, UPRIGHT), (0.3, Pose(head_pitch=40))], id="up and down"),
        pytest.param([(0.1, None), (0.1, UPRIGHT), (5, None)], id="one glimpse"),
    ],
)
def test_somebody_who_is_never_seen_the_same_way_twice_has_no_neutral(held):
    assert found_in(*held) is None
