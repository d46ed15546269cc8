"""Calibrating: from what was watched of the poses to a profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from calibration.baseline import NEUTRAL, POSED, Array, Baseline, Demands, Level, baseline
from calibration.profile import METRIC, Profile
from calibration.separability import personal_onset
from calibration.steady import Stretch
from posturecam.core.camera import FIELD_OF_VIEW_DEG, Camera
from posturecam.core.landmarks import Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import Neutral, neutral_of
from posturecam.core.posture import View
from posturecam.core.scene import Scene, face_slant_rad
from posturecam.errors import UsageError
from posturecam.replay import Progress
from posturecam.vision.frames import FrameSource
from posturecam.vision.landmarker import Landmarker

STILL_SIGNALS = {
    METRIC: "neck_flexion",
    "head_pitch_deg": "head_pitch",
    "trunk_flexion_deg": "trunk_flexion",
    "head_forward_deg": "head_forward",
    "head_roll_deg": "head_roll",
}
"""The angles that must be still in neutral, by their signal's name; the last not from the side."""


@dataclass(frozen=True)
class Poses:
    """When a recording shows which pose."""

    neutral: Stretch
    keyboard: Stretch | None = None
    phone: Stretch | None = None

    @property
    def end_s(self) -> float:
        """When the last of them is over."""
        return max(pose.end_s for pose in (self.neutral, self.keyboard, self.phone) if pose)


@dataclass(frozen=True)
class Setup:
    """What a profile is called and made with."""

    name: str
    made: str
    """When: ISO 8601 with an offset from UTC."""
    camera: str | None = None
    """What the camera calls itself; None for a recording."""
    field_of_view_deg: float = FIELD_OF_VIEW_DEG


def watch_until(
    end_s: float, source: FrameSource, landmarker: Landmarker, progress: Progress = lambda _: None
) -> list[Landmarks]:
    """Find the landmarks in every frame of the source up to this time."""
    seen = []
    for frame in takewhile(lambda frame: frame.t_s <= end_s, source):
        seen.append(landmarker.detect(frame))
        progress(frame.t_s)
    return seen


def calibrate(landmarks: Sequence[Landmarks], poses: Poses, setup: Setup) -> Profile:
    """Return the profile of the person who holds these poses in the pictures.

    Raises UsageError, with the reason, when a pose's seconds cannot be used.
    """
    frames = _within(landmarks, poses.neutral, "--neutral")
    with _refusing(f"--neutral {poses.neutral}", "you sit upright and face the screen"):
        neutral, levels = rest(frames, setup.field_of_view_deg)
    measurement = Measurement(neutral, setup.field_of_view_deg)
    keyboard, phone = (
        _pose(landmarks, stretch, option, measurement) if stretch else None
        for option, stretch in (("--keyboard", poses.keyboard), ("--down", poses.phone))
    )
    onset = personal_onset(levels[METRIC], keyboard, phone)
    return Profile(
        setup.name,
        setup.made,
        measurement.scene.view.value,
        setup.camera,
        neutral.width_px,
        neutral.height_px,
        setup.field_of_view_deg,
        neutral.body_px,
        neutral.visibility,
        neutral.face_px,
        levels,
        keyboard,
        phone,
        onset.onset_deg,
        onset.basis,
        None if neutral.crown_px is None else round(neutral.crown_px, 2),
        None if neutral.hairline_px is None else round(neutral.hairline_px, 2),
    )


def rest(frames: Sequence[Landmarks], field_of_view_deg: float) -> tuple[Neutral, Mapping[str, Level]]:
    """Return the neutral of frames without their outliers, and the level of every angle in it.

    Raises ValueError, in words for the person, when nobody is seen or the pose is not fit for a neutral.
    """
    first = neutral_of(frames)
    used = still(frames, Measurement(first, field_of_view_deg)).used
    kept = [frame for frame, use in zip(frames, used, strict=True) if use]
    neutral = neutral_of(kept)
    return neutral, still(kept, Measurement(neutral, field_of_view_deg)).levels


def still(frames: Sequence[Landmarks], measurement: Measurement, demands: Demands = NEUTRAL) -> Baseline:
    """Return where every angle rests in frames that show the person upright and facing the screen.

    Raises UnfitError when they do not.
    """
    names = still_signals(measurement.scene)
    from_side = measurement.scene.view is View.SIDE
    return baseline(
        np.array([frame.t_s for frame in frames]),
        {name: _signal(frames, measurement, STILL_SIGNALS[name]) for name in names},
        None if from_side else np.array([facing_deg(frame, measurement.scene.camera) for frame in frames]),
        demands,
    )


def still_signals(scene: Scene) -> list[str]:
    """Return the names of the signals that must be still in neutral, seen from here."""
    return [name for name in STILL_SIGNALS if not (scene.view is View.SIDE and name == "head_roll_deg")]


def held_level(frames: Sequence[Landmarks], measurement: Measurement) -> Level:
    """Return the neck flexion at which a pose was held; UnfitError when it was not."""
    times = np.array([frame.t_s for frame in frames])
    flexion_deg = _signal(frames, measurement, STILL_SIGNALS[METRIC])
    return baseline(times, {METRIC: flexion_deg}, demands=POSED).levels[METRIC]


def facing_deg(frame: Landmarks, camera: Camera) -> float:
    """Return how far the head is turned to the side, + to its left, degrees; NaN without a face.

    Someone at the picture's edge faces the screen when looking into the camera, when looking straight
    along its axis, and anywhere between: there it is 0.
    """
    if frame.face_px is None:
        return np.nan
    turn_deg = float(np.degrees(face_slant_rad(frame.face_px)[1]))
    centre = camera.centred(frame.face_px.mean(axis=0))
    ahead_deg = float(np.degrees(np.arctan2(centre[0], camera.focal_px)))
    return turn_deg - float(np.clip(turn_deg, min(0.0, ahead_deg), max(0.0, ahead_deg)))


def _pose(landmarks: Sequence[Landmarks], stretch: Stretch, option: str, measurement: Measurement) -> Level:
    frames = _within(landmarks, stretch, option)
    with _refusing(f"{option} {stretch}", "the pose is held"):
        return held_level(frames, measurement)


@contextmanager
def _refusing(where: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UsageError(f"{where} cannot be used: {error}; give seconds in which {remedy}") from None


def _within(landmarks: Sequence[Landmarks], stretch: Stretch, option: str) -> list[Landmarks]:
    frames = [one for one in landmarks if stretch.holds(one.t_s)]
    if not frames:
        end_s = landmarks[-1].t_s if landmarks else 0.0
        raise UsageError(f"{option} {stretch} lies outside the recording, which ends at {end_s:.1f} s")
    return frames


def _signal(frames: Sequence[Landmarks], measurement: Measurement, angle: str) -> Array:
    """Return an angle over the frames (n,), degrees, NaN where it is missing."""
    angles = [getattr(measurement.measure(frame), angle).deg for frame in frames]
    return np.array([np.nan if deg is None else deg for deg in angles])
