"""The place of head and shoulders, each from its direction and its size in the picture.

FaceMesh's size tells how far the head is: on rendered heads that look ahead within 1 %, and the same again
after minutes. The width of BlazePose's shoulders drifts by 2 %, which is more than a centimetre of distance;
their height is good to half a centimetre. In profile the person is taken to stay at neutral's distance.
"""

from __future__ import annotations

import numpy as np

from posturecam.core import anatomy
from posturecam.core.geometry import head_rotation
from posturecam.core.landmarks import Array, Body, Landmarks, shoulder_width_px
from posturecam.core.neutral import Neutral
from posturecam.core.placement import UNPLACED, Placement
from posturecam.core.posture import Posture
from posturecam.core.scene import (
    EYES,
    LEFT_CORNER,
    RIGHT_CORNER,
    SHOULDERS,
    Scene,
    middle,
    offset_m,
)

_Three = tuple[float, float, float] | tuple[None, None, None]

OUTSIDE = 0.03
"""Shoulders further outside the picture than this share of its size are guessed, and not used."""


class Triangulation:
    """Places persons against one neutral. Holds nothing between frames."""

    def __init__(self, neutral: Neutral, scene: Scene) -> None:
        self._neutral = neutral
        self._scene = scene
        self._basis = scene.basis
        self._body = scene.camera.centred(neutral.body_px)
        self._eye_m = offset_m(anatomy.EYE_M, scene.near_side)
        self._eye_depth_m = float((scene.head_m + self._basis @ self._eye_m)[2])
        inclination = anatomy.NECK_INCLINATION_RAD
        neck_m = anatomy.NECK_M * np.array([np.sin(inclination), 0.0, np.cos(inclination)])
        shoulders_m = scene.head_m + self._basis @ (np.array(anatomy.SHOULDERS_FROM_C7_M) - neck_m)
        self._shoulder_depth_m = float(shoulders_m[2])
        self._eyes_m = scene.place(self._eyes_px(self._body, neutral.face_px), self._eye_depth_m)
        self._shoulders_m = [scene.place(self._body[point, :2], self._shoulder_depth_m) for point in SHOULDERS]

    def place(self, landmarks: Landmarks, posture: Posture, face_size: float | None) -> Placement:
        """Return where the person of this frame and posture is.

        The head's turn is taken from the posture: without its pitch there is no place of the head. `face_size` is
        that of the mesh over neutral's; None where the face is lost.
        """
        if landmarks.body_px is None or not posture.present:
            return UNPLACED
        body = self._scene.camera.centred(landmarks.body_px)
        size = 1.0 if self._profile else face_size
        forward, left, up = self._head_cm(landmarks, body, size, posture)
        shoulders_forward, left_up, right_up = self._shoulders_cm(landmarks.body_px, body)
        gap_left, gap_right = self._ear_gaps(body)
        return Placement(
            head_forward_cm=forward,
            head_left_cm=left,
            head_up_cm=up,
            shoulders_forward_cm=shoulders_forward,
            left_shoulder_up_cm=left_up,
            right_shoulder_up_cm=right_up,
            ear_gap_left=gap_left,
            ear_gap_right=gap_right,
            eye_distance_cm=None if size is None or self._profile else 100 * self._eye_depth_m / size,
        )

    @property
    def _profile(self) -> bool:
        return self._scene.near_side != 0

    def _head_cm(self, landmarks: Landmarks, body: Array, size: float | None, posture: Posture) -> _Three:
        """Return how far the middle between the tragi has moved forward, left, and up."""
        if size is None or posture.head_pitch.deg is None:
            return None, None, None
        turn_deg = posture.head_pitch.deg, posture.head_yaw.deg or 0.0, posture.head_roll.deg or 0.0
        turned_m = head_rotation(*np.radians(turn_deg)) @ self._eye_m - self._eye_m
        now_px = self._eyes_px(body, landmarks.face_px)
        forward, left, up = self._moved_cm(self._eyes_m, now_px, self._eye_depth_m / size) - 100 * turned_m
        return float(forward), float(left), float(up)

    def _eyes_px(self, body: Array, face_px: Array | None) -> Array:
        """Return the middle of the eyes, in profile the near eye, (2,) from the optical axis."""
        if self._profile or face_px is None:
            return middle(body, *EYES, self._scene.near_side)[:2]
        corners: Array = self._scene.camera.centred(face_px[[RIGHT_CORNER, LEFT_CORNER], :2]).mean(axis=0)
        return corners

    def _shoulders_cm(self, body_px: Array, body: Array) -> _Three:
        """Return how far the shoulder joints have come forward, and how far left and right have risen."""
        extent_px = np.array([self._neutral.width_px, self._neutral.height_px])
        shares = np.array([points[list(SHOULDERS), :2] for points in (body_px, self._neutral.body_px)]) / extent_px
        if (shares < -OUTSIDE).any() or (shares > 1 + OUTSIDE).any():
            return None, None, None
        size = 1.0 if self._profile else shoulder_width_px(body_px) / shoulder_width_px(self._neutral.body_px)
        left, right = (
            self._moved_cm(before_m, body[point, :2], self._shoulder_depth_m / size)
            for before_m, point in zip(self._shoulders_m, SHOULDERS, strict=True)
        )
        return float(left[0] + right[0]) / 2, float(left[2]), float(right[2])

    def _moved_cm(self, before_m: Array, now_px: Array, depth_m: float) -> Array:
        """Return how far a point has moved that was there in camera axes, and is seen at this depth now."""
        in_camera_m = self._scene.place(now_px, depth_m) - before_m
        moved_cm: Array = 100 * self._basis.T @ in_camera_m
        return moved_cm

    def _ear_gaps(self, body: Array) -> tuple[float, float] | tuple[None, None]:
        """Return the heights of the ears over the shoulders, left and right, as shares of neutral's."""
        if self._profile:
            return None, None
        left, right = (
            _gap_widths(body, ear, shoulder) / _gap_widths(self._body, ear, shoulder)
            for ear, shoulder in (
                (Body.LEFT_EAR, Body.LEFT_SHOULDER),
                (Body.RIGHT_EAR, Body.RIGHT_SHOULDER),
            )
        )
        return left, right


def _gap_widths(body: Array, ear: Body, shoulder: Body) -> float:
    """Return the height of the ear over the shoulder in shoulder widths."""
    return float((body[shoulder, 1] - body[ear, 1]) / max(1.0, shoulder_width_px(body)))
