"""Calibrating on the sample clips, as the model saw them, held against their truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from calibration.profile import Profile, from_text, to_text
from calibration.separability import Basis
from calibration.steady import Stretch
from people import moved
from posturecam.calibrate import Poses, Setup, calibrate, watch_until
from posturecam.core.landmarks import Landmarks
from posturecam.core.neutral import Neutral, neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.errors import Exit, UsageError
from posturecam.profiles import neutral_from
from test_samples import TRACES, truth_rows
from traces.record import load

MADE = Setup("desk", "2026-11-22T19:30:00+00:00")
NEUTRAL, KEYBOARD, PHONE = Stretch(0, 10), Stretch(12, 14), Stretch(25, 45)
POSES = Poses(NEUTRAL, KEYBOARD, PHONE)
every_clip = pytest.mark.parametrize("name", ["front", "side"])


@cache
def frames(name: str) -> tuple[Landmarks, ...]:
    return tuple(load(TRACES / f"{name}.npz"))


@cache
def truth_deg(name: str) -> np.ndarray:
    """The true neck flexion of every frame."""
    return np.array([float(row["head_pitch"]) - float(row["trunk_flexion"]) for row in truth_rows(name)])


@cache
def made(name: str) -> Profile:
    return calibrate(frames(name), POSES, MADE)


def error_deg(name: str, neutral: Neutral, after_s: float) -> float:
    """Mean absolute error of the neck flexion after a time, with this neutral, as a monitor measures."""
    pipeline = Pipeline(neutral, Settings())
    errors = [
        abs(deg - true)
        for frame, true in zip(frames(name), truth_deg(name), strict=True)
        if (deg := pipeline.update(frame)[0].posture.neck_flexion.deg) is not None and frame.t_s > after_s
    ]
    assert len(errors) > 240
    return float(np.mean(errors))


@every_clip
def test_a_calibrated_neutral_errs_no_more_than_the_truths_own(name):
    """The truth's own: all frames whose true neck flexion is less than a degree."""
    upright = np.abs(truth_deg(name)) < 1
    true_neutral = neutral_of([frame for frame, use in zip(frames(name), upright, strict=True) if use])
    kept = from_text(to_text(calibrate(frames(name), Poses(NEUTRAL), MADE)))
    calibrated_deg = error_deg(name, neutral_from(kept, 640, 480), after_s=NEUTRAL.end_s)
    assert calibrated_deg <= error_deg(name, true_neutral, after_s=NEUTRAL.end_s) + 0.4


@every_clip
def test_the_onset_falls_between_the_keyboard_and_the_phone(name):
    t_s = np.array([frame.t_s for frame in frames(name)])
    keyboard, phone = (
        np.median(truth_deg(name)[(t_s >= pose.start_s) & (t_s <= pose.end_s)]) for pose in (KEYBOARD, PHONE)
    )
    assert made(name).basis is Basis.SEPARATED
    assert keyboard + 2 < made(name).onset_deg < phone - 2
    assert made(name).onset.glance_error < 0.1
    assert made(name).onset.phone_error < 0.1


@every_clip
def test_with_its_own_profile_the_clips_text_neck_is_found_and_its_glance_is_not(name):
    settings = Settings(onset_deg=made(name).onset_deg)
    pipeline = Pipeline(neutral_from(made(name), 640, 480), settings)
    for frame in frames(name):
        pipeline.update(frame)
    pipeline.finish(frames(name)[-1].t_s)
    (episode,) = [one for one in pipeline.episodes if one.pattern == "text_neck"]
    assert episode.onset_s == pytest.approx(22.2, abs=1.0)
    assert episode.end_s == pytest.approx(48.4, abs=1.0)


@pytest.mark.parametrize(("name", "view", "has_face"), [("front", "front", True), ("side", "side", False)])
def test_a_profile_knows_its_set_up(name, view, has_face):
    profile = calibrate(frames(name), Poses(NEUTRAL), replace(MADE, camera="C920", field_of_view_deg=70.0))
    assert (profile.name, profile.made) == ("desk", MADE.made)
    assert (profile.camera, profile.field_of_view_deg) == ("C920", 70.0)
    assert (profile.view, profile.width_px, profile.height_px) == (view, 640, 480)
    assert (profile.face_px is not None) is has_face
    assert all(abs(level.median_deg) < 1 and level.sd_deg < 2 for level in profile.spread.values())
    assert ("head_roll_deg" in profile.spread) is has_face


def test_a_glance_within_the_neutral_seconds_does_not_count():
    """A fifth of the neutral stretch shows the keyboard; the neutral is the same."""
    upright = [frame for frame in frames("front") if NEUTRAL.holds(frame.t_s)]
    glance = [frame for frame in frames("front") if 12.6 <= frame.t_s <= 14.6]
    disturbed = [replace(frame, t_s=k / 5) for k, frame in enumerate(upright[:20] + glance + upright[20:])]
    with_glance = calibrate(disturbed, Poses(Stretch(0, 15)), MADE)
    np.testing.assert_allclose(with_glance.body_px[:, :2], made("front").body_px[:, :2], atol=2.0)


def yawed(landmarks: Landmarks, left_deg: float = 20.0) -> Landmarks:
    """The same, with the face turned to its left."""
    assert landmarks.face_px is not None
    centre = landmarks.face_px.mean(axis=0)
    cos, sin = np.cos(np.radians(left_deg)), np.sin(np.radians(left_deg))
    rotation = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    return replace(landmarks, face_px=(landmarks.face_px - centre) @ rotation.T + centre)


@pytest.mark.parametrize(
    ("right_px", "left_deg"),
    [
        pytest.param(200, 0, id="at the right edge, looking into the camera"),
        pytest.param(200, 17, id="at the right edge, looking straight ahead"),
        pytest.param(-200, 0, id="at the left edge, looking into the camera"),
        pytest.param(-200, -17, id="at the left edge, looking straight ahead"),
    ],
)
def test_somebody_at_the_pictures_edge_faces_the_screen_when(right_px, left_deg):
    upright = [frame for frame in frames("front") if NEUTRAL.holds(frame.t_s)]
    seen = [moved(yawed(frame, left_deg), right_px, 0) for frame in upright]
    assert calibrate(seen, Poses(NEUTRAL), MADE)


@pytest.mark.parametrize(("right_px", "left_deg"), [(200, -17), (-200, 17), (0, 17), (0, -17)])
def test_somebody_who_looks_past_the_screen_is_turned(right_px, left_deg):
    upright = [frame for frame in frames("front") if NEUTRAL.holds(frame.t_s)]
    seen = [moved(yawed(frame, left_deg), right_px, 0) for frame in upright]
    with pytest.raises(UsageError, match="the head is turned"):
        calibrate(seen, Poses(NEUTRAL), MADE)


def without_body(landmarks: Landmarks) -> Landmarks:
    return replace(landmarks, body_px=None, visibility=None, face_px=None)


REFUSED = {
    "outside the recording": (Poses(Stretch(80, 90)), None, "--neutral 80-90 lies outside the recording"),
    "it holds a movement": (
        Poses(Stretch(8, 16)),
        None,
        "--neutral 8-16 cannot be used: the pose is not held",
    ),
    "it is a moment": (Poses(Stretch(0, 1)), None, "too little is seen: 6 pictures over 1.0 s"),
    "nobody is there": (Poses(NEUTRAL), without_body, "nobody is seen"),
    "the face is turned": (Poses(NEUTRAL), yawed, "the head is turned"),
    "the keyboard comes after the end": (
        Poses(NEUTRAL, Stretch(80, 90)),
        None,
        "--keyboard 80-90 lies outside the recording, which ends at 67.0 s",
    ),
    "the phone is put down": (Poses(NEUTRAL, None, Stretch(45, 52)), None, "--down 45-52 cannot be used"),
}


@pytest.mark.parametrize(("poses", "change", "words"), REFUSED.values(), ids=REFUSED)
def test_seconds_that_cannot_be_used_are_refused_with_the_reason(poses, change, words):
    seen = [change(frame) for frame in frames("front")[:60]] if change else frames("front")
    with pytest.raises(UsageError) as caught:
        calibrate(seen, poses, MADE)
    assert words in str(caught.value)
    assert caught.value.exit_code is Exit.USAGE


def test_nothing_is_watched_after_the_last_pose():
    @dataclass(frozen=True)
    class Seen:
        t_s: float

    class Landmarker:
        def detect(self, frame):
            return frame.t_s

    told: list[float] = []
    source = iter([Seen(t_s / 2) for t_s in range(100)])
    assert watch_until(2.0, source, Landmarker(), told.append) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert told == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert POSES.end_s == 45
