"""A guided calibration: from what a camera sees of the person to cues, and in the end to the profile."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from calibration.baseline import NEUTRAL, Demands, Flaw, UnfitError
from calibration.holding import CORNERS, STEPS, Cue, Holding, Pose, Signals, Step, Waiting
from calibration.profile import METRIC, Profile
from calibration.steady import Stretch
from posturecam.calibrate import (
    STILL_SIGNALS,
    Poses,
    Setup,
    calibrate,
    facing_deg,
    held_level,
    rest,
    still,
    still_signals,
)
from posturecam.core.camera import Camera
from posturecam.core.landmarks import Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import neutral_of
from posturecam.core.posture import Absence, View
from posturecam.core.scene import SHOULDERS, Scene, scene_of
from posturecam.errors import UsageError
from posturecam.vision.frames import Frame, FrameSource
from posturecam.vision.landmarker import Landmarker

GUIDED_HZ = 10.0
"""Frames looked at per second: the person watches themselves."""
DARK = 30.0
"""Mean of a picture, 0..255, under which it is for want of light that nobody is found: in webcam pictures made
darker, people are found down to 15."""
GLIMPSE_S = 1.0
GLIMPSE = Demands(NEUTRAL.max_sd_deg, GLIMPSE_S, least_frames=4, kept_share=NEUTRAL.kept_share)
"""What a second must be like to tell from it by how much the person moves thereafter."""
GLIMPSE_LASTS_S = 3.0
"""If nothing has been held by then, the person may sit elsewhere by now (judgement)."""
FACING_DEG = 15.0
"""A head turned further is not looking at the screen, whatever it does on average (judgement)."""
SHOULDERS_BEYOND = 0.05
"""Shoulders further beyond the picture's edge than this share of its side are guessed rather than found."""
KEPT_S = 15.0
"""Older frames are kept only when they show a pose that was held; no step lasts so long."""
POSE_SIGNALS = {METRIC: STILL_SIGNALS[METRIC]}
CORNER_SIGNALS = {**POSE_SIGNALS, "head_yaw_deg": "head_yaw"}
"""What must be still, by signal and angle: heads go sideways from corner to corner."""
CORNER_POSES = tuple(step.pose for step in CORNERS)

SKIP_KEYS, AGAIN_KEYS, STOP_KEYS = ("\r", "\n", " "), ("r", "R"), ("q", "Q", "\x1b")

WAITING_FOR: Mapping[Absence, Waiting] = {
    Absence.NOBODY: Waiting.NOBODY,
    Absence.OUT_OF_FRAME: Waiting.SHOULDERS_OUT,
    Absence.TURNED_AWAY: Waiting.TURNED,
    Absence.VIEW: Waiting.TURNED,
    Absence.UNSURE: Waiting.MOVING,
}
"""What a person is told whose angle is missing."""


class Guide:
    """Leads a person through the poses of a calibration, frame by frame.

    Until the upright pose has been held, its stillness is judged against a glimpse of it: a steady second
    before. From then on everything is measured against the neutral that the profile will have.
    """

    def __init__(self, setup: Setup, steps: Sequence[Step] = STEPS) -> None:
        """`steps` begin with the upright pose."""
        self.steps = tuple(steps)
        self.flexion_deg: float | None = None
        """Of the neck in the last frame; None before the upright pose is known, and when not measured."""
        self._setup = setup
        self._holding = Holding(steps)
        self._frames: list[Landmarks] = []
        self._glimpse: Measurement | None = None
        self._glimpse_s = -math.inf
        self._hindered_s = -math.inf
        """When something last kept the upright pose from being seen."""
        self._neutral: Measurement | None = None
        self._is_held = False
        self._spoilt: Flaw | None = None

    @property
    def number(self) -> int:
        """How many steps are done or skipped."""
        return self._holding.number

    @property
    def held(self) -> Mapping[Pose, Stretch]:
        """When each pose was held; a skipped one is not in it."""
        return self._holding.held

    @property
    def corner_deg(self) -> float | None:
        """The furthest that a corner of the screen takes the neck down from neutral; None without corners."""
        corners = [stretch for pose, stretch in self.held.items() if pose in CORNER_POSES]
        if self._neutral is None or not corners:
            return None
        return max(held_level(self._within(stretch), self._neutral).median_deg for stretch in corners)

    def update(self, frame: Frame, landmarks: Landmarks, faces: int) -> Cue | None:
        """Take a frame with what was found in it; return the cue, None when all steps are done."""
        step = self._holding.step
        if step is None:
            return None
        self._remember(landmarks)
        cue = self._holding.update(frame.t_s, self._seen(step, frame, landmarks, faces))
        if self._holding.step is not step:
            flaw = self._flaw(step)
            if flaw:
                self.again()
                cue = Cue(step, Waiting.NOT_YET_MOVED, 0.0)
            self._spoilt = flaw
        self._is_held = cue is not None and cue.waiting is None
        return cue and replace(cue, spoilt=cue.spoilt or self._spoilt)

    def skip(self) -> bool:
        """Go on without this step; False when it cannot be left out."""
        step = self._holding.step
        if step is None or not step.optional:
            return False
        self._holding.skip()
        self._spoilt = None
        return True

    def again(self) -> bool:
        """Go back to the step before; False at the first."""
        if self._holding.number == 0:
            return False
        self._holding.again()
        self._spoilt = None
        if Pose.UPRIGHT not in self.held:
            self._glimpse = self._neutral = self.flexion_deg = None
            self._hindered_s = self._frames[-1].t_s
        return True

    def profile(self) -> Profile:
        """Return the profile that the poses come to, once all steps are done."""
        poses = Poses(self.held[Pose.UPRIGHT], self.held.get(Pose.KEYBOARD), self.held.get(Pose.PHONE))
        return calibrate(self._frames, poses, self._setup)

    def _remember(self, landmarks: Landmarks) -> None:
        self._frames = [
            one
            for one in self._frames
            if one.t_s >= landmarks.t_s - KEPT_S or any(stretch.holds(one.t_s) for stretch in self.held.values())
        ]
        self._frames.append(landmarks)

    def _seen(self, step: Step, frame: Frame, landmarks: Landmarks, faces: int) -> Signals | Waiting:
        seen: Signals | Waiting
        if landmarks.body_px is None:
            seen = Waiting.TOO_DARK if frame.image[::4, ::4].mean() < DARK else Waiting.NOBODY
        elif faces > 1:
            seen = Waiting.TWO_PEOPLE
        elif self._neutral is None:
            seen = self._upright(landmarks)
        else:
            names = CORNER_SIGNALS if step.pose in CORNER_POSES else POSE_SIGNALS
            seen = _signals(landmarks, self._neutral, names)
        self.flexion_deg = None if isinstance(seen, Waiting) else seen.get(METRIC)
        if isinstance(seen, Waiting) and not self._is_held:
            self._glimpse = None
            if seen is not Waiting.MOVING:
                self._hindered_s = frame.t_s
        return seen

    def _upright(self, landmarks: Landmarks) -> Signals | Waiting:
        """Return what must not vary in the upright pose.

        The neck flexion is not among it: the inclinations of head and trunk, whose difference it is, are.
        """
        if not _shows_shoulders(landmarks):
            return Waiting.SHOULDERS_OUT
        scene = self._glimpse.scene if self._glimpse else self._scene(landmarks)
        # Without a face the turn is no number, and no number is within bounds.
        if scene.view is not View.SIDE and not abs(facing_deg(landmarks, scene.camera)) <= FACING_DEG:
            return Waiting.TURNED
        if self._glimpse is None or (not self._is_held and landmarks.t_s - self._glimpse_s > GLIMPSE_LASTS_S):
            self._glimpse, self._glimpse_s = self._last_second(landmarks.t_s), landmarks.t_s
        if self._glimpse is None:
            return Waiting.MOVING
        names = [name for name in still_signals(self._glimpse.scene) if name != METRIC]
        return _signals(landmarks, self._glimpse, {name: STILL_SIGNALS[name] for name in names})

    def _last_second(self, t_s: float) -> Measurement | None:
        """Return a measurement against the last second; None when it was not steady."""
        second = [one for one in self._frames if one.t_s >= t_s - GLIMPSE_S and one.t_s > self._hindered_s]
        try:
            glimpse = Measurement(neutral_of(second), self._setup.field_of_view_deg)
            still(second, glimpse, GLIMPSE)
        except UnfitError:
            return None
        return glimpse

    def _flaw(self, step: Step) -> Flaw | None:
        """Take a pose that was just held into use; return why it is of none, None when it is."""
        frames = self._within(self.held[step.pose])
        try:
            if step.pose is Pose.UPRIGHT:
                neutral, _ = rest(frames, self._setup.field_of_view_deg)
                self._neutral = Measurement(neutral, self._setup.field_of_view_deg)
            elif self._neutral:
                held_level(frames, self._neutral)
        except UnfitError as error:
            return error.flaw
        return None

    def _within(self, stretch: Stretch) -> list[Landmarks]:
        return [one for one in self._frames if stretch.holds(one.t_s)]

    def _scene(self, landmarks: Landmarks) -> Scene:
        """Return how somebody stands who is upright in this frame."""
        camera = Camera(landmarks.width_px, landmarks.height_px, self._setup.field_of_view_deg)
        return scene_of(neutral_of([landmarks]), camera)


@dataclass(frozen=True, eq=False)
class Sight:
    """A frame of a guided calibration and where the calibration stands, to be shown."""

    frame: Frame
    landmarks: Landmarks
    cue: Cue
    number: int
    """How many steps are done or skipped."""
    steps: tuple[Step, ...]
    flexion_deg: float | None
    """Of the neck, from the neutral that was just held; None when not known."""


class GuideView(Protocol):
    """Where a person follows a guided calibration."""

    def show(self, sight: Sight) -> str | None:
        """Show it; return the key that was pressed there, None without one."""


def lead(
    guide: Guide,
    source: FrameSource,
    landmarker: Landmarker,
    count_faces: Callable[[Frame], int],
    views: Sequence[GuideView],
) -> None:
    """Lead the person whom the source shows through all steps.

    Raises KeyboardInterrupt when they press a key to stop, and UsageError when the source ends before.
    """
    for frame in source:
        landmarks = landmarker.detect(frame)
        cue = guide.update(frame, landmarks, count_faces(frame))
        if cue is None:
            return
        sight = Sight(frame, landmarks, cue, guide.number, guide.steps, guide.flexion_deg)
        for key in [view.show(sight) for view in views]:
            if key in STOP_KEYS:
                raise KeyboardInterrupt
            if key in SKIP_KEYS:
                guide.skip()
            elif key in AGAIN_KEYS:
                guide.again()
    raise UsageError(
        f"{source.facts.name} is over before every pose was held: no profile was changed; "
        "calibrate with a camera, or with a longer recording"
    )


def _signals(landmarks: Landmarks, measurement: Measurement, angles: Mapping[str, str]) -> Signals | Waiting:
    posture = measurement.measure(landmarks)
    signals = {}
    for name, angle_name in angles.items():
        angle = getattr(posture, angle_name)
        if angle.absence is not None:
            return WAITING_FOR[angle.absence]
        signals[name] = angle.deg
    return signals


def _shows_shoulders(landmarks: Landmarks) -> bool:
    if landmarks.body_px is None:
        return False
    size = np.array([landmarks.width_px, landmarks.height_px])
    share = landmarks.body_px[list(SHOULDERS), :2] / size
    return bool((share >= -SHOULDERS_BEYOND).all() and (share <= 1 + SHOULDERS_BEYOND).all())
