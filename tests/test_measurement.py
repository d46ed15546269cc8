"""What was put into a synthetic person must come out of the measurement.

The synthetic skeleton is not the program's own, so angles agree within the differences between people.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from people import (
    COUNTED_FROM_RAD,
    COUNTED_SINCE_S,
    FRONT,
    LAPTOP,
    OTHER_SIDE,
    SIDE,
    THREE_QUARTER,
    UPRIGHT,
    Desk,
    Pose,
    bent_out_of_shape,
    empty,
    enlarged,
    mirrored,
    moved,
    neutral_frames,
    seen,
    shaken,
    shrunk,
    without_face,
)
from posturecam.core.landmarks import BODY_POINTS, FACE_POINTS, Body, HeadTurn, Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import neutral_of
from posturecam.core.posture import ANGLES, Absence, Posture, View, nobody

DESKS = {
    "front": FRONT,
    "laptop": LAPTOP,
    "three-quarter": THREE_QUARTER,
    "other three-quarter": replace(THREE_QUARTER, azimuth=-40.0),
    "side": SIDE,
    "other side": OTHER_SIDE,
}
FACING = {name: desk for name, desk in DESKS.items() if "side" not in name}
every_desk = pytest.mark.parametrize("desk", DESKS.values(), ids=DESKS.keys())
facing_desk = pytest.mark.parametrize("desk", FACING.values(), ids=FACING.keys())

ODD = Pose(head_pitch=25, head_yaw=15, head_roll=8, trunk_flexion=5, shrug_left_m=0.02)
"""A pose in which every angle is something else."""
SIDEWAYS = ("head_yaw", "head_roll", "lateral_tilt")
UP_DOWN = ("head_pitch", "trunk_flexion", "neck_flexion", "head_forward")


def measurement(desk: Desk = FRONT, change=lambda landmarks: landmarks) -> Measurement:
    return Measurement(neutral_of([change(one) for one in neutral_frames(desk)]), desk.field_of_view_deg)


def measured(pose: Pose, desk: Desk = FRONT, change=lambda landmarks: landmarks) -> Posture:
    """The posture of a pose against the upright neutral, every picture changed in the same way."""
    return measurement(desk, change).measure(change(seen(pose, desk)))


def degrees(posture: Posture, names=ANGLES) -> dict[str, float | None]:
    return {name: getattr(posture, name).deg for name in names}


def agrees(one: Posture, other: Posture, within_deg: float, names=ANGLES) -> bool:
    return degrees(one, names) == {
        name: None if deg is None else pytest.approx(deg, abs=within_deg) for name, deg in degrees(other, names).items()
    }


# Nothing changes


@every_desk
def test_the_neutral_itself_is_zero_in_every_angle_that_it_shows(desk):
    posture = measured(UPRIGHT, desk)
    assert posture.neck_flexion.deg == pytest.approx(0, abs=0.5)
    for name, deg in degrees(posture).items():
        assert deg is None or deg == pytest.approx(0, abs=0.5), name


@facing_desk
def test_the_neutral_leaves_the_shoulders_where_they_are(desk):
    posture = measured(UPRIGHT, desk)
    assert posture.shoulder_elevation_left_sw == pytest.approx(0, abs=1e-6)
    assert posture.shoulder_elevation_right_sw == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("desk", "view"),
    [
        (FRONT, View.FRONT),
        (LAPTOP, View.FRONT),
        (replace(THREE_QUARTER, azimuth=52.0), View.THREE_QUARTER),
        (SIDE, View.SIDE),
        (OTHER_SIDE, View.SIDE),
    ],
    ids=["front", "laptop", "three-quarter", "side", "other side"],
)
def test_the_scene_is_read_from_the_neutral(desk, view):
    scene = measurement(desk).scene
    assert scene.view is view
    assert measured(UPRIGHT, desk).view is view
    assert np.degrees(scene.azimuth_rad) == pytest.approx(desk.azimuth, abs=8)
    assert scene.head_m == pytest.approx(desk.upright_head, abs=0.12 * desk.distance_m)


@pytest.mark.parametrize("tilt", [-15.0, 0.0, 15.0])
def test_the_cameras_tilt_is_read_from_the_level_face(tilt):
    tilted = np.degrees(measurement(Desk(tilt=tilt, head_at=(0.5, 0.5))).scene.tilt_rad)
    assert tilted == pytest.approx(tilt, abs=5)


@pytest.mark.parametrize("height", [0.25, 0.42, 0.6])
def test_the_cameras_tilt_is_the_same_wherever_in_the_picture_the_face_is(height):
    assert np.degrees(measurement(Desk(head_at=(0.5, height))).scene.tilt_rad) == pytest.approx(0, abs=5)


# What is put in comes out


@every_desk
@pytest.mark.parametrize("deg", [-10, 10, 20, 30, 40])
def test_bending_the_neck_is_neck_flexion(desk, deg):
    posture = measured(Pose(head_pitch=deg), desk)
    assert posture.neck_flexion.deg == pytest.approx(deg, abs=2 + 0.1 * abs(deg))
    assert posture.trunk_flexion.deg == pytest.approx(0, abs=2.5)


@facing_desk
@pytest.mark.parametrize("deg", [20, 30, 40])
def test_it_goes_on_being_measured_when_the_face_is_lost(desk, deg):
    posture = measurement(desk).measure(seen(Pose(head_pitch=deg), desk, face=False))
    assert posture.neck_flexion.deg == pytest.approx(deg, abs=8)


@every_desk
@pytest.mark.parametrize("deg", [-10, 15])
def test_leaning_with_the_trunk_is_trunk_flexion_and_not_neck_flexion(desk, deg):
    posture = measured(Pose(trunk_flexion=deg, head_pitch=deg), desk)
    assert posture.trunk_flexion.deg == pytest.approx(deg, abs=5)
    assert posture.neck_flexion.deg == pytest.approx(0, abs=7)
    assert posture.head_pitch.deg == pytest.approx(deg, abs=5)


@every_desk
def test_leaning_and_looking_down_add_up_to_the_heads_pitch(desk):
    posture = measured(Pose(trunk_flexion=10, head_pitch=35), desk)
    assert posture.trunk_flexion.deg == pytest.approx(10, abs=5)
    assert posture.neck_flexion.deg == pytest.approx(25, abs=8)
    added = posture.neck_flexion.deg + posture.trunk_flexion.deg
    assert posture.head_pitch.deg == pytest.approx(added, abs=1e-6)


@every_desk
def test_shrugging_is_not_neck_flexion(desk):
    posture = measured(Pose(shrug_left_m=0.04, shrug_right_m=0.04), desk)
    assert posture.neck_flexion.deg == pytest.approx(0, abs=5)


@facing_desk
def test_a_raised_shoulder_rises_on_its_own_side(desk):
    posture = measured(Pose(shrug_left_m=0.04), desk)
    assert posture.shoulder_elevation_left_sw > 0.05
    assert posture.shoulder_elevation_right_sw == pytest.approx(0, abs=0.03)


@every_desk
def test_poking_the_chin_is_head_forward_and_not_neck_flexion(desk):
    posture = measured(Pose(poke=12), desk)
    assert posture.head_forward.deg > 1
    assert posture.neck_flexion.deg == pytest.approx(0, abs=7)


@facing_desk
@pytest.mark.parametrize("deg", [-25, -10, 10, 25])
def test_turning_the_head_is_yaw(desk, deg):
    posture = measured(Pose(head_yaw=deg), desk)
    assert posture.head_yaw.deg == pytest.approx(deg, abs=3)
    assert posture.neck_flexion.deg == pytest.approx(0, abs=4)


@pytest.mark.parametrize(("azimuth", "yaw"), [(40, 30), (40, 45), (-40, -30), (20, 45)])
def test_a_face_that_is_lost_because_the_head_is_turned_from_the_camera_is_not_bent_down(azimuth, yaw):
    desk = replace(THREE_QUARTER, azimuth=azimuth)
    posture = measurement(desk).measure(seen(Pose(head_yaw=yaw), desk, face=False))
    assert posture.neck_flexion.deg is None or posture.neck_flexion.deg < 15


@facing_desk
@pytest.mark.parametrize("deg", [-20, 20])
def test_tilting_the_head_is_roll_and_lateral_tilt(desk, deg):
    posture = measured(Pose(head_roll=deg), desk)
    assert posture.head_roll.deg == pytest.approx(deg, abs=4)
    assert posture.lateral_tilt.deg == pytest.approx(deg, abs=4)
    assert posture.neck_flexion.deg == pytest.approx(0, abs=4)


def test_leaning_the_whole_body_sideways_is_no_lateral_tilt():
    upright = seen()
    turn = np.array([[np.cos(0.2), np.sin(0.2), 0], [-np.sin(0.2), np.cos(0.2), 0], [0, 0, 1]])
    about = np.array([320.0, 400.0, 0.0])
    tipped = replace(
        upright,
        body_px=(upright.body_px - about) @ turn.T + about,
        face_px=(upright.face_px - about) @ turn.T + about,
    )
    posture = measurement().measure(tipped)
    assert abs(posture.head_roll.deg) == pytest.approx(np.degrees(0.2), abs=1)
    assert posture.lateral_tilt.deg == pytest.approx(0, abs=1)


@every_desk
@pytest.mark.parametrize("deg", [15, 40])
def test_more_flexion_is_never_read_as_less(desk, deg):
    instrument = measurement(desk)
    readings = [instrument.measure(seen(Pose(head_pitch=step), desk)).neck_flexion.deg for step in range(-10, deg, 5)]
    assert readings == sorted(readings)


# What does not matter


@every_desk
def test_in_the_mirror_sideways_angles_change_sign_and_no_other(desk):
    plain, mirror = measured(ODD, desk), measured(ODD, desk, mirrored)
    assert agrees(plain, mirror, 0.05, UP_DOWN)
    assert degrees(mirror, SIDEWAYS) == {
        name: None if deg is None else pytest.approx(-deg, abs=0.05) for name, deg in degrees(plain, SIDEWAYS).items()
    }
    for one, other in ((plain, mirror), (mirror, plain)):
        assert one.shoulder_elevation_left_sw == pytest.approx(other.shoulder_elevation_right_sw, abs=1e-6)


@every_desk
@pytest.mark.parametrize("times", [2, 3])
def test_the_pictures_resolution_does_not_matter(desk, times):
    assert agrees(measured(ODD, desk), measured(ODD, desk, lambda one: enlarged(one, times)), 0.05)


@every_desk
@pytest.mark.parametrize(("right_px", "down_px"), [(8, 0), (-8, 0), (0, 6), (0, -6)])
def test_a_camera_turned_by_a_degree_hardly_matters(desk, right_px, down_px):
    nudged = measured(ODD, desk, lambda one: moved(one, right_px, down_px))
    assert agrees(measured(ODD, desk), nudged, 2.0)


@facing_desk
@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1280, 720), (540, 960), (600, 600)])
@pytest.mark.parametrize("deg", [0, 20])
def test_the_pictures_shape_does_not_bend_angles(desk, size, deg):
    desk = replace(desk, width_px=size[0], height_px=size[1])
    posture = measured(Pose(head_pitch=deg, head_roll=10), desk)
    assert posture.neck_flexion.deg == pytest.approx(deg, abs=4)
    assert posture.head_roll.deg == pytest.approx(10, abs=4 + 0.1 * deg)


@pytest.mark.parametrize("distance_m", [0.45, 0.65, 0.9])
@pytest.mark.parametrize("across", [0.35, 0.5, 0.65])
def test_where_the_person_sits_does_not_matter(distance_m, across):
    desk = Desk(distance_m=distance_m, head_at=(across, 0.45))
    assert measured(Pose(head_pitch=20), desk).neck_flexion.deg == pytest.approx(20, abs=4)


@pytest.mark.parametrize("wrong_by_deg", [-10, 10])
@every_desk
def test_a_wrong_field_of_view_changes_little(desk, wrong_by_deg):
    told = Measurement(neutral_of(neutral_frames(desk)), desk.field_of_view_deg + wrong_by_deg)
    posture = told.measure(seen(Pose(head_pitch=30, trunk_flexion=8), desk))
    assert posture.neck_flexion.deg == pytest.approx(22, abs=6)


@every_desk
def test_the_order_of_frames_does_not_matter(desk):
    instrument = measurement(desk)
    first = instrument.measure(seen(ODD, desk))
    for pose in (UPRIGHT, Pose(head_pitch=50), Pose(head_yaw=60)):
        instrument.measure(seen(pose, desk))
    assert instrument.measure(seen(ODD, desk)) == first


@every_desk
def test_a_pixel_of_jitter_moves_the_flexion_by_a_degree_or_two(desk):
    instrument, rng = measurement(desk), np.random.default_rng(3)
    still = seen(Pose(head_pitch=20), desk)
    readings = [instrument.measure(shaken(still, rng, 1.0)).neck_flexion.deg for _ in range(40)]
    assert np.std(readings) < 2.5


@every_desk
def test_measuring_changes_nothing_in_the_landmarks(desk):
    landmarks = seen(ODD, desk)
    before = [None if one is None else one.copy() for one in (landmarks.body_px, landmarks.face_px)]
    measurement(desk).measure(landmarks)
    for old, new in zip(before, (landmarks.body_px, landmarks.face_px), strict=True):
        assert old is None or np.array_equal(old, new)


# What is missing, and why


def test_an_empty_picture_shows_nobody():
    assert measurement().measure(empty(3.0)) == nobody(3.0)


@pytest.mark.parametrize("times", [0.1, 0.3, 3.0])
def test_a_body_of_another_size_is_not_the_person(times):
    stranger = shrunk(seen(), times, (320, 300))
    assert measurement().measure(stranger) == nobody(0.0)


@pytest.mark.parametrize("times", [0.6, 0.8, 1.3, 1.8])
def test_leaning_back_or_in_one_is_still_the_person(times):
    assert measurement().measure(shrunk(seen(), times, (320, 300))).present


@every_desk
@pytest.mark.parametrize(("right_px", "down_px"), [(0, -300), (450, 0), (-450, 0)])
def test_with_the_eyes_outside_the_picture_the_neck_is_not_measured(desk, right_px, down_px):
    posture = measurement(desk).measure(moved(seen(UPRIGHT, desk), right_px, down_px))
    assert posture.present
    assert posture.absence is Absence.OUT_OF_FRAME
    assert posture.confidence == 0


@pytest.mark.parametrize("yaw", [-75, -60, 60, 75])
def test_a_head_turned_far_away_is_not_measured(yaw):
    posture = measurement().measure(seen(Pose(head_yaw=yaw), face=abs(yaw) < 70))
    assert posture.present
    assert posture.absence is Absence.TURNED_AWAY
    assert posture.head_yaw.deg is not None


@pytest.mark.parametrize(
    ("neutral_desk", "desk"),
    [
        pytest.param(SIDE, replace(SIDE, azimuth=0.0), id="neutral in profile, then from the front"),
        pytest.param(FRONT, replace(FRONT, azimuth=90.0), id="neutral from the front, then in profile"),
    ],
)
def test_another_view_than_the_neutrals_is_not_measured(neutral_desk, desk):
    posture = measurement(neutral_desk).measure(seen(UPRIGHT, desk))
    assert posture.present
    assert posture.view is not measurement(neutral_desk).scene.view
    assert posture.absence in (Absence.VIEW, Absence.TURNED_AWAY)
    assert posture.neck_flexion.deg is None


def test_the_profile_does_not_show_sideways_angles():
    posture = measured(Pose(head_pitch=20), SIDE)
    for name in SIDEWAYS:
        assert getattr(posture, name).absence is Absence.VIEW
    assert posture.shoulder_elevation_left_sw is None


@facing_desk
@pytest.mark.parametrize("deg", [0, 20, 40])
def test_confidence_falls_when_the_face_is_lost(desk, deg):
    pose = Pose(head_pitch=deg)
    with_face = measurement(desk).measure(seen(pose, desk))
    without = measurement(desk).measure(without_face(seen(pose, desk)))
    assert 0 < without.confidence < with_face.confidence <= 1
    assert without.head_yaw.confidence < with_face.head_yaw.confidence


@every_desk
def test_a_neutral_without_a_face_still_measures(desk):
    frames = [without_face(one) for one in neutral_frames(desk)]
    posture = Measurement(neutral_of(frames)).measure(seen(Pose(head_pitch=20), desk))
    assert posture.present
    assert posture.neck_flexion.deg is None or posture.neck_flexion.deg == pytest.approx(20, abs=12)


def test_frames_of_another_size_are_refused():
    with pytest.raises(ValueError, match="size"):
        measurement().measure(enlarged(seen(), 2))


# Whatever the landmarks


coordinates = st.floats(-1500, 1500, allow_nan=False, width=32)


@st.composite
def wild_landmarks(draw):
    """Anything that a landmarker might come up with: noise, collapse, or a person gone wrong."""
    base = seen(
        Pose(
            head_pitch=draw(st.floats(-60, 90)),
            head_yaw=draw(st.floats(-90, 90)),
            head_roll=draw(st.floats(-60, 60)),
            trunk_flexion=draw(st.floats(-40, 60)),
        ),
        FRONT,
        face=draw(st.booleans()),
    )
    body = base.body_px
    how = draw(st.sampled_from(["as it is", "noise", "collapsed", "spread"]))
    if how == "noise":
        body = draw(arrays(float, (BODY_POINTS, 3), elements=coordinates))
    elif how == "collapsed":
        body = np.tile(draw(arrays(float, 3, elements=coordinates)), (BODY_POINTS, 1))
    elif how == "spread":
        body = body + np.random.default_rng(draw(st.integers(0, 99))).normal(0, 60, body.shape)
    face = base.face_px
    if face is not None and draw(st.booleans()):
        face = np.tile(face[0], (FACE_POINTS, 1)) + draw(arrays(float, 3, elements=coordinates))
    return replace(base, body_px=body, face_px=face)


@settings(max_examples=150, deadline=None)
@given(wild_landmarks(), st.sampled_from(list(DESKS)))
def test_whatever_is_seen_every_angle_is_a_finite_number_or_has_a_reason(landmarks, desk):
    posture = INSTRUMENTS[desk].measure(landmarks)
    for name in ANGLES:
        angle = getattr(posture, name)
        assert (angle.deg is None) == (angle.absence is not None)
        if angle.deg is not None:
            assert np.isfinite([angle.deg, angle.sd_deg]).all(), name
            assert angle.sd_deg > 0
    for rise in (posture.shoulder_elevation_left_sw, posture.shoulder_elevation_right_sw):
        assert rise is None or np.isfinite(rise)
    assert 0 <= posture.confidence <= 1


@pytest.mark.parametrize("azimuth", [0, 20, 40, 50, 60])
@pytest.mark.parametrize("deg", [20, 40, 60])
def test_where_neither_a_face_nor_a_profile_tells_the_direction_nothing_is_sure_and_errors_are_as_stated(azimuth, deg):
    desk = Desk(azimuth=azimuth, distance_m=0.75)
    neck = measured(Pose(head_pitch=deg), desk, without_face).neck_flexion
    assert neck.deg is None or (neck.confidence < 0.95 and abs(neck.deg - deg) < 2 * neck.sd_deg)


INSTRUMENTS = {name: measurement(desk) for name, desk in DESKS.items()}


def test_a_body_whose_points_all_fall_together_is_no_person():
    pile = Landmarks(0.0, 640, 480, np.full((BODY_POINTS, 3), 100.0), np.ones(BODY_POINTS), None)
    assert not measurement().measure(pile).present


# A profile's own turn


@pytest.mark.parametrize("desk", [SIDE, OTHER_SIDE], ids=["right", "left"])
@pytest.mark.parametrize("pitch", [-15, 10, 30, 60])
def test_in_profile_the_turn_of_the_heads_picture_tells_the_pitch(desk, pitch):
    measure = Measurement(neutral_of(neutral_frames(desk, turn=True)), desk.field_of_view_deg).measure
    with_turn = measure(seen(Pose(head_pitch=pitch), desk, turn=True)).head_pitch
    without = measure(seen(Pose(head_pitch=pitch), desk)).head_pitch
    assert with_turn.deg == pytest.approx(pitch, abs=2.5)
    assert with_turn.sd_deg < without.sd_deg


def test_a_turn_counted_in_another_stream_says_nothing():
    instrument = measurement(SIDE)
    bent = seen(Pose(head_pitch=30), SIDE)
    assert instrument.measure(replace(bent, head_turn=HeadTurn(2.0, COUNTED_SINCE_S))) == instrument.measure(bent)


# Meshes that lie on no face


@facing_desk
def test_a_mesh_bent_out_of_shape_is_a_face_that_is_lost(desk):
    instrument = measurement(desk)
    level = seen(UPRIGHT, desk)
    _, signals = instrument.explain(bent_out_of_shape(level, 0.15))
    assert not signals.face_seen
    _, signals = instrument.explain(bent_out_of_shape(level, 0.02))
    assert signals.face_seen


def test_a_face_that_is_turned_may_be_bent_out_of_shape():
    instrument = measurement()
    _, signals = instrument.explain(bent_out_of_shape(seen(Pose(head_pitch=35)), 0.08))
    assert signals.face_seen


def test_a_false_face_in_the_hair_does_not_lift_a_head_that_is_down():
    instrument = measurement()
    down = seen(Pose(head_pitch=45))
    false = bent_out_of_shape(replace(down, face_px=seen().face_px + np.array([0, 40, 0])), 0.12)
    assert instrument.measure(false) == instrument.measure(without_face(down))


# Eyes on the hair


@pytest.mark.parametrize("desk", [FRONT, LAPTOP], ids=["front", "laptop"])
def test_eyes_that_stay_up_while_the_heads_top_comes_down_are_doubted(desk):
    """BlazePose marks the eyes of a head far down on its hair, where they were when it was up."""
    instrument = Measurement(neutral_of(neutral_frames(desk, crown=True)), desk.field_of_view_deg)
    down = seen(Pose(head_pitch=55), desk, face=False, crown=True)
    body = down.body_px.copy()
    head = slice(0, Body.LEFT_SHOULDER)
    body[head] = seen(UPRIGHT, desk).body_px[head]
    slipped = instrument.measure(replace(down, body_px=body)).neck_flexion
    assert slipped.deg == pytest.approx(55, abs=10)
    assert slipped.sd_deg > max(6.0, 1.1 * instrument.measure(down).neck_flexion.sd_deg)


@pytest.mark.parametrize("desk", [FRONT, LAPTOP], ids=["front", "laptop"])
def test_eyes_above_the_hairline_are_doubted(desk):
    """Also where the hair stands up, so that the head's top has hardly come down."""
    instrument = Measurement(neutral_of(neutral_frames(desk, crown=True, hairline=True)), desk.field_of_view_deg)
    down = seen(Pose(head_pitch=45), desk, face=False, crown=True, hairline=True)
    body = down.body_px.copy()
    head = slice(0, Body.LEFT_SHOULDER)
    body[head] = seen(UPRIGHT, desk).body_px[head]
    slipped = instrument.measure(replace(down, body_px=body, crown_px=down.crown_px - 15)).neck_flexion
    assert slipped.deg == pytest.approx(45, abs=10)
    assert slipped.sd_deg > 5


def with_eyes_apart(share, slope_deg):
    """A head down whose face is hidden, the eyes marked so far apart, over neutral, and on such a slope."""
    hidden = seen(Pose(head_pitch=45), face=False)
    body = hidden.body_px.copy()
    eyes = [Body.LEFT_EYE, Body.RIGHT_EYE]
    span_px = share * np.ptp(seen().body_px[eyes, 0])
    along = np.array([np.cos(np.radians(slope_deg)), np.sin(np.radians(slope_deg))])
    body[eyes, :2] = body[eyes, :2].mean(axis=0) + span_px / 2 * np.array([along, -along])
    return measurement().measure(replace(hidden, body_px=body))


def test_eyes_marked_close_together_tell_no_tilt():
    """BlazePose marks those of a hidden face anywhere on the hair."""
    posture = with_eyes_apart(0.5, slope_deg=30)
    assert posture.head_roll.absence is posture.lateral_tilt.absence is Absence.UNSURE
    assert posture.shoulder_elevation_left_sw is not None


def test_eyes_as_far_apart_as_ever_tell_the_tilt_without_a_face():
    posture = with_eyes_apart(1.0, slope_deg=12)
    assert posture.head_roll.deg == pytest.approx(12, abs=0.1)
    assert posture.lateral_tilt.deg == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("desk", [FRONT, LAPTOP], ids=["front", "laptop"])
@pytest.mark.parametrize("fell_px", [0, 6, 12])
def test_a_hidden_face_whose_heads_top_wanders_down_a_little_is_not_bent(desk, fell_px):
    """By a centimetre and a half, as when the head tilts: the eyes are where they were."""
    instrument = Measurement(neutral_of(neutral_frames(desk, crown=True)), desk.field_of_view_deg)
    hidden = seen(desk=desk, face=False, crown=True)
    assert instrument.measure(replace(hidden, crown_px=hidden.crown_px + fell_px)).head_pitch.deg < 10


@pytest.mark.parametrize("back_m", [0.1, 0.25])
def test_a_head_further_away_whose_face_is_hidden_is_not_taken_for_one_that_is_down(back_m):
    instrument = Measurement(neutral_of(neutral_frames(FRONT, crown=True)), FRONT.field_of_view_deg)
    hidden = seen(Pose(shift_m=(-back_m, 0, 0)), FRONT, face=False, crown=True)
    assert instrument.measure(hidden).head_pitch.deg < 12


def test_narrow_shoulders_under_a_face_that_looks_into_the_camera_are_no_profile():
    narrow = without_face(seen())
    body = narrow.body_px.copy()
    shoulders = body[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], 0]
    body[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], 0] += 0.3 * (shoulders.mean() - shoulders)
    assert Measurement(neutral_of([replace(narrow, body_px=body)])).scene.view is not View.SIDE


# The neutral


def test_the_neutral_is_the_median_and_a_wild_frame_does_not_move_it():
    frames = [*neutral_frames(), *neutral_frames(), seen(Pose(head_pitch=60))]
    assert neutral_of(frames).body_px == pytest.approx(seen().body_px)


@pytest.mark.parametrize(("faces", "of", "kept"), [(3, 10, True), (2, 10, False), (0, 10, False), (1, 1, True)])
def test_the_neutral_has_a_face_when_enough_of_its_frames_do(faces, of, kept):
    frames = [seen() if k < faces else without_face(seen()) for k in range(of)]
    assert (neutral_of(frames).face_px is not None) == kept


@pytest.mark.parametrize(("crowns", "of", "kept"), [(3, 10, True), (2, 10, False), (0, 10, False)])
def test_the_neutral_has_the_top_of_the_head_when_enough_of_its_frames_do(crowns, of, kept):
    frames = [seen(crown=k < crowns) for k in range(of)]
    assert (neutral_of(frames).crown_px is not None) == kept


@pytest.mark.parametrize(("turns", "of", "kept"), [(3, 10, True), (2, 10, False), (0, 10, False)])
def test_the_neutral_has_the_turn_of_the_head_when_enough_of_its_frames_do(turns, of, kept):
    frames = [seen(desk=SIDE, turn=k < turns) for k in range(of)]
    assert bool(neutral_of(frames).head_turns) == kept


def test_turns_that_are_counted_from_two_looks_are_two_of_the_neutrals():
    looked_anew = [replace(seen(desk=SIDE), head_turn=HeadTurn(0.1, 3.0)) for _ in range(5)]
    frames = [*(seen(desk=SIDE, turn=True) for _ in range(5)), *looked_anew]
    assert neutral_of(frames).head_turns == (HeadTurn(COUNTED_FROM_RAD, COUNTED_SINCE_S), HeadTurn(0.1, 3.0))


def test_a_turn_that_is_not_counted_from_a_look_at_neutral_says_nothing():
    instrument = Measurement(neutral_of(neutral_frames(SIDE, turn=True)))
    bent = seen(Pose(head_pitch=30), SIDE)
    assert instrument.measure(replace(bent, head_turn=HeadTurn(2.0, 3.0))) == instrument.measure(bent)


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        pytest.param([], "nobody", id="no frames"),
        pytest.param([empty(), empty(1.0)], "nobody", id="nobody"),
        pytest.param([seen(), enlarged(seen(), 2)], "size", id="two sizes"),
    ],
)
def test_there_is_no_neutral_without_a_body_of_one_size(frames, why):
    with pytest.raises(ValueError, match=why):
        neutral_of(frames)


def test_the_neutrals_shoulders_are_those_that_were_seen():
    body = neutral_of(neutral_frames()).body_px
    assert body[Body.LEFT_SHOULDER, 0] > body[Body.RIGHT_SHOULDER, 0]
