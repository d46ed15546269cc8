from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from people import (
    FRONT,
    LAPTOP,
    SIDE,
    THREE_QUARTER,
    UPRIGHT,
    Desk,
    Pose,
    mirrored,
    moved,
    neutral_frames,
    seen,
    shrunk,
)
from posturecam.core.body_fit import BodyChain, BodyFit, FaceReading
from posturecam.core.camera import Camera
from posturecam.core.landmarks import Body
from posturecam.core.neutral import neutral_of
from posturecam.core.scene import scene_of

DESKS = {"front": FRONT, "laptop": LAPTOP, "three-quarter": THREE_QUARTER, "side": SIDE}
every_desk = pytest.mark.parametrize("desk", DESKS.values(), ids=DESKS.keys())
facing_desk = pytest.mark.parametrize("desk", list(DESKS.values())[:3], ids=list(DESKS)[:3])

SURE_RAD = np.radians(2.0)


def chain(desk: Desk = FRONT, change=lambda landmarks: landmarks) -> BodyChain:
    neutral = neutral_of([change(one) for one in neutral_frames(desk)])
    camera = Camera(desk.width_px, desk.height_px, desk.field_of_view_deg)
    return BodyChain(neutral, scene_of(neutral, camera))


def fit(pose: Pose, desk: Desk = FRONT, told: bool = True, blur: float = 1.0) -> BodyFit:
    """The fit to a pose; `told` says whether the face has told its pitch."""
    face = FaceReading(np.radians(pose.head_pitch), SURE_RAD) if told else None
    turns = np.radians([pose.head_yaw, pose.head_roll])
    return chain(desk).fit(seen(pose, desk).body_px, *turns, face, blur)


def angles_deg(fitted: BodyFit) -> list[float]:
    return list(np.degrees([fitted.pitch_rad, fitted.trunk_rad, fitted.neck_rad]))


def crowned(pose: Pose, desk: Desk = FRONT, blur: float = 1.0, off_px: float = 0.0) -> BodyFit:
    """The fit to a pose without its face, with the top of the head seen, so far above where it is."""
    neutral = neutral_of(neutral_frames(desk, crown=True))
    camera = Camera(desk.width_px, desk.height_px, desk.field_of_view_deg)
    landmarks = seen(pose, desk, crown=True)
    turns = np.radians([pose.head_yaw, pose.head_roll])
    crown_px = landmarks.crown_px - off_px
    return BodyChain(neutral, scene_of(neutral, camera)).fit(landmarks.body_px, *turns, None, blur, crown_px)


def sds_deg(fitted: BodyFit) -> np.ndarray:
    """Of pitch, trunk, and neck."""
    return np.degrees(np.sqrt(np.diag(fitted.covariance)))


@every_desk
def test_the_neutral_picture_is_the_chain_at_rest(desk):
    assert angles_deg(fit(UPRIGHT, desk)) == pytest.approx([0, 0, 0], abs=0.1)


@every_desk
@pytest.mark.parametrize("deg", [-10, 20, 40])
def test_a_nod_turns_head_and_neck_and_leaves_the_trunk(desk, deg):
    pose = Pose(head_pitch=deg)
    pitch, trunk, neck = angles_deg(fit(pose, desk))
    assert pitch == pytest.approx(deg, abs=3)
    assert trunk == pytest.approx(0, abs=2.5)
    assert neck == pytest.approx(pose.head_forward, abs=5)


@every_desk
@pytest.mark.parametrize("deg", [20, 40])
def test_where_the_heads_points_are_tells_the_nod_too(desk, deg):
    assert angles_deg(fit(Pose(head_pitch=deg), desk, told=False))[0] == pytest.approx(deg, abs=8)


@every_desk
@pytest.mark.parametrize("deg", [-10, 10, 20])
def test_a_lean_turns_the_trunk(desk, deg):
    pitch, trunk, _ = angles_deg(fit(Pose(trunk_flexion=deg, head_pitch=deg), desk))
    assert trunk == pytest.approx(deg, abs=2 + 0.3 * abs(deg))
    assert pitch == pytest.approx(deg, abs=4)


@every_desk
def test_a_lean_with_a_level_head_is_told_from_a_nod(desk):
    pitch, trunk, _ = angles_deg(fit(Pose(trunk_flexion=15), desk))
    assert trunk > 8
    assert pitch == pytest.approx(0, abs=4)


def test_a_poked_chin_shows_in_profile():
    pitch, trunk, neck = angles_deg(fit(Pose(poke=12), SIDE))
    assert neck > 4
    assert (pitch, trunk) == pytest.approx((0, 0), abs=6)


@every_desk
@pytest.mark.parametrize("told", [True, False], ids=["face", "no face"])
@pytest.mark.parametrize(
    "pose",
    [Pose(head_pitch=30), Pose(trunk_flexion=10, head_pitch=25), Pose(trunk_flexion=-8, head_pitch=5)],
    ids=["nod", "lean and nod", "leaning back"],
)
def test_errors_are_what_the_uncertainty_lets_expect(desk, told, pose):
    fitted = fit(pose, desk, told)
    truth = np.array([pose.head_pitch, pose.trunk_flexion, pose.head_forward])
    assert (np.abs(angles_deg(fitted) - truth) < 4 * sds_deg(fitted)).all()


@facing_desk
def test_a_face_makes_the_pitch_surer(desk):
    pose = Pose(head_pitch=20)
    assert sds_deg(fit(pose, desk))[0] < sds_deg(fit(pose, desk, told=False))[0]


@every_desk
def test_blurred_points_make_the_pitch_less_sure_and_weigh_less(desk):
    pose = Pose(head_pitch=20)
    assert sds_deg(fit(pose, desk, told=False, blur=4))[0] > sds_deg(fit(pose, desk, told=False))[0]


@facing_desk
@pytest.mark.parametrize(
    "pose",
    [UPRIGHT, Pose(head_pitch=30), Pose(head_pitch=55), Pose(trunk_flexion=12, head_pitch=30), Pose(head_roll=20)],
    ids=["upright", "bent", "bent far", "leaning", "tilted"],
)
def test_the_top_of_the_head_agrees_with_the_rest(desk, pose):
    assert angles_deg(crowned(pose, desk)) == pytest.approx(angles_deg(fit(pose, desk, told=False)), abs=4)


@facing_desk
@pytest.mark.parametrize("deg", [40, 60])
def test_the_top_of_the_head_helps_where_the_points_of_the_face_are_blurred(desk, deg):
    pose = Pose(head_pitch=deg)
    assert sds_deg(crowned(pose, desk, blur=20))[0] < sds_deg(fit(pose, desk, told=False, blur=20))[0]
    assert angles_deg(crowned(pose, desk, blur=20))[0] == pytest.approx(deg, abs=14)


def test_a_hand_above_the_head_does_not_straighten_it():
    pose = Pose(head_pitch=40)
    assert angles_deg(crowned(pose, off_px=120))[0] == pytest.approx(angles_deg(fit(pose, told=False))[0], abs=6)


def test_a_hat_of_any_height_is_no_skull():
    neutral = replace(neutral_of(neutral_frames()), crown_px=5.0)
    hatted = BodyChain(neutral, scene_of(neutral, Camera(640, 480)))
    body_px = seen(Pose(head_pitch=30)).body_px
    assert angles_deg(hatted.fit(body_px, 0, 0, None, crown_px=30.0)) == angles_deg(hatted.fit(body_px, 0, 0, None))


@every_desk
def test_the_covariance_is_one(desk):
    covariance = fit(Pose(head_pitch=25, trunk_flexion=5), desk).covariance
    assert covariance == pytest.approx(covariance.T)
    assert (np.linalg.eigvalsh(covariance) > -1e-12).all()
    assert (np.diag(covariance) > 0).all()


@every_desk
def test_the_mirrored_picture_has_the_same_fit(desk):
    pose = Pose(head_pitch=25, trunk_flexion=6, head_yaw=10, head_roll=5)
    face = FaceReading(np.radians(25), SURE_RAD)
    plain = chain(desk).fit(seen(pose, desk).body_px, *np.radians([10, 5]), face)
    other = chain(desk, mirrored).fit(mirrored(seen(pose, desk)).body_px, *np.radians([-10, -5]), face)
    assert angles_deg(other) == pytest.approx(angles_deg(plain), abs=0.05)


def test_shoulders_below_the_picture_count_for_less():
    """BlazePose guesses them: what it says must not turn into a certain lean."""
    desk = replace(FRONT, head_at=(0.5, 0.62))
    near, guessed = seen(UPRIGHT, desk).body_px, seen(UPRIGHT, desk).body_px
    guessed[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], 1] += 80
    face = FaceReading(0.0, SURE_RAD)
    inside, outside = (chain(desk).fit(body, 0.0, 0.0, face) for body in (near, guessed))
    assert sds_deg(outside)[1] > max(1.75, 1.2 * sds_deg(inside)[1])


@every_desk
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: moved(one, 900, -700), id="far outside"),
        pytest.param(lambda one: shrunk(one, 0.01, (320, 240)), id="a dot"),
        pytest.param(lambda one: shrunk(one, -1.0, (320, 240)), id="upside down"),
    ],
)
def test_an_impossible_picture_still_gives_finite_numbers(desk, change):
    fitted = chain(desk).fit(change(seen(UPRIGHT, desk)).body_px, 0.0, 0.0, None)
    assert np.isfinite([*angles_deg(fitted), *sds_deg(fitted)]).all()
