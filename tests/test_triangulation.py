from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people import (
    FRONT,
    LAPTOP,
    OTHER_SIDE,
    SIDE,
    UPRIGHT,
    Desk,
    Pose,
    empty,
    mirrored,
    neutral_frames,
    seen,
    without_face,
)
from posturecam.core.landmarks import Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import neutral_of
from posturecam.core.placement import UNPLACED, Placement
from posturecam.core.triangulation import Triangulation

every_view = pytest.mark.parametrize(
    "desk", [FRONT, LAPTOP, SIDE, OTHER_SIDE], ids=["front", "laptop", "side", "other"]
)
PLACES = ("head_forward_cm", "head_left_cm", "head_up_cm", "shoulders_forward_cm", "shoulders_up_cm")


def placed(pose: Pose, desk: Desk = FRONT, change=lambda one: one) -> Placement:
    return place_of(change(seen(pose, desk)), desk, change)


def place_of(landmarks: Landmarks, desk: Desk = FRONT, change=lambda one: one) -> Placement:
    neutral = neutral_of([change(one) for one in neutral_frames(desk)])
    measurement = Measurement(neutral, desk.field_of_view_deg)
    return place_by(Triangulation(neutral, measurement.scene), measurement, landmarks)


def place_by(where: Triangulation, measurement: Measurement, landmarks: Landmarks) -> Placement:
    posture, signals = measurement.explain(landmarks)
    return where.place(landmarks, posture, signals.face_size if signals else None)


@every_view
def test_at_neutral_everything_is_in_its_place(desk: Desk):
    place = placed(UPRIGHT, desk)
    assert [getattr(place, name) for name in PLACES] == pytest.approx([0] * len(PLACES), abs=0.3)
    if desk in (FRONT, LAPTOP):
        assert (place.ear_gap_left, place.ear_gap_right) == pytest.approx((1, 1))


@pytest.mark.parametrize("shift_m", [(0.05, 0, 0), (-0.10, 0, 0), (0, 0.04, 0), (0, 0, 0.06), (0.06, -0.03, -0.04)])
@pytest.mark.parametrize("desk", [FRONT, LAPTOP], ids=["front", "laptop"])
def test_who_moves_as_a_whole_is_placed_there(shift_m, desk: Desk):
    place = placed(Pose(shift_m=shift_m), desk)
    forward, left, up = (100 * way for way in shift_m)
    assert place.head_forward_cm == pytest.approx(forward, abs=1.5)
    assert place.head_left_cm == pytest.approx(left, abs=1.0)
    assert place.head_up_cm == pytest.approx(up, abs=1.0)
    assert place.shoulders_forward_cm == pytest.approx(forward, abs=1.5)
    assert place.shoulders_up_cm == pytest.approx(up, abs=1.5)


@pytest.mark.parametrize("desk", [SIDE, OTHER_SIDE], ids=["side", "other side"])
def test_in_profile_forward_and_up_are_seen(desk: Desk):
    place = placed(Pose(shift_m=(0.06, 0, -0.04)), desk)
    assert (place.head_forward_cm, place.head_up_cm) == (
        pytest.approx(6, abs=1.5),
        pytest.approx(-4, abs=1.5),
    )
    assert (place.ear_gap_left, place.eye_distance_cm) == (None, None)


@pytest.mark.parametrize(
    "pose",
    [Pose(head_pitch=12, poke=-12 * 0.47), Pose(head_yaw=25), Pose(head_roll=20)],
    ids=["nodding on a still neck", "turning", "tilting"],
)
def test_a_head_that_only_turns_stays_in_its_place(pose: Pose):
    place = placed(pose)
    assert (place.head_forward_cm, place.head_left_cm, place.head_up_cm) == pytest.approx((0, 0, 0), abs=1.2)


def test_the_sides_of_a_shrug_are_told_apart():
    place = placed(Pose(shrug_left_m=0.04, shrug_right_m=0.01))
    assert place.left_shoulder_up_cm == pytest.approx(4, abs=0.6)
    assert place.right_shoulder_up_cm == pytest.approx(1, abs=0.6)
    assert place.shoulders_up_cm == pytest.approx(2.5, abs=0.6)
    assert place.ear_gap_left < place.ear_gap_right < 1


def test_a_mirrored_picture_mirrors_the_place():
    pose = Pose(head_roll=20, shrug_left_m=0.03, shift_m=(0.02, 0.03, 0.01))
    place, other = placed(pose), placed(pose, change=mirrored)
    assert other.head_left_cm == pytest.approx(-place.head_left_cm, abs=0.2)
    assert other.head_forward_cm == pytest.approx(place.head_forward_cm, abs=0.2)
    assert other.right_shoulder_up_cm == pytest.approx(place.left_shoulder_up_cm, abs=0.2)
    assert other.ear_gap_right == pytest.approx(place.ear_gap_left, abs=0.02)


def test_the_eyes_are_as_far_as_they_are():
    near, far = placed(UPRIGHT, Desk(distance_m=0.45)), placed(UPRIGHT, Desk(distance_m=0.9))
    assert near.eye_distance_cm == pytest.approx(45 - 7, abs=4)
    assert far.eye_distance_cm == pytest.approx(90 - 7, abs=6)


def test_without_a_face_there_is_no_place_of_the_head():
    place = place_of(without_face(seen(UPRIGHT)))
    assert (place.head_forward_cm, place.head_up_cm, place.eye_distance_cm) == (None, None, None)
    assert place.shoulders_up_cm == pytest.approx(0, abs=0.2)


def test_nobody_is_nowhere():
    assert place_of(empty()) == UNPLACED


def test_shoulders_outside_the_picture_are_not_placed():
    low = Desk(head_at=(0.5, 0.85))
    place = placed(UPRIGHT, low)
    assert (place.shoulders_up_cm, place.shoulders_forward_cm) == (None, None)
    assert place.head_up_cm == pytest.approx(0, abs=0.3)


@given(st.floats(-0.08, 0.15), st.floats(-0.05, 0.05), st.floats(-0.06, 0.06))
@settings(max_examples=25, deadline=None)
def test_the_picture_s_size_does_not_matter(forward: float, left: float, up: float):
    pose = Pose(shift_m=(forward, left, up))
    small, large = (placed(pose, replace(FRONT, width_px=w, height_px=h)) for w, h in ((640, 480), (1920, 1440)))
    for name in PLACES:
        assert getattr(large, name) == pytest.approx(getattr(small, name), abs=0.05)


def test_it_is_placed_against_the_neutral_and_not_against_the_frame_before():
    neutral = neutral_of(neutral_frames())
    measurement = Measurement(neutral)
    where = Triangulation(neutral, measurement.scene)
    frames = [seen(Pose(trunk_flexion=k, head_pitch=k)) for k in (10, 3, 10)]
    places = [place_by(where, measurement, one) for one in frames]
    assert places[0] == places[2]
    assert np.diff([one.head_forward_cm for one in places]).tolist() != [0, 0]
