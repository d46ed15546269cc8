"""The place of head and shoulders, each from its direction and its size in the picture.

FaceMesh's size tells how far the head is: on rendered heads that look ahead within 1 %, and the same again
after minutes. The width of BlazePose's shoulders drifts by 2 %, which is more than a centimetre of distance;
their height is good to half a centimetre. In profile the person is taken to stay at neutral's distance.
"""

from __future__ import annotations

import math

import numpy as np

from posturecam.core import anatomy
from posturecam.core.geometry import head_rotation
from posturecam.core.landmarks import Array, Landmarks, shoulder_width_px
from posturecam.core.neutral import Neutral
from posturecam.core.placement import UNPLACED, Placement
from posturecam.core.posture import Posture
from posturecam.core.scene import (
    EARS,
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
        self._scene = scene
        self._basis = scene.basis
        self._extent_px = np.array([neutral.width_px, neutral.height_px])
        self._width_px = shoulder_width_px(neutral.body_px)
        self._gaps_sw = _gaps_sw(neutral.body_px)
        self._eye_m = offset_m(anatomy.EYE_M, scene.near_side)
        self._eye_depth_m = float((scene.head_m + self._basis @ self._eye_m)[2])
        inclination = anatomy.NECK_INCLINATION_RAD
        neck_m = anatomy.NECK_M * np.array([np.sin(inclination), 0.0, np.cos(inclination)])
        shoulders_m = scene.head_m + self._basis @ (np.array(anatomy.SHOULDERS_FROM_C7_M) - neck_m)
        self._shoulder_depth_m = float(shoulders_m[2])
        self._eyes_m = scene.place(self._eyes_px(neutral.body_px, neutral.face_px), self._eye_depth_m)
        shoulders_px = neutral.body_px[list(SHOULDERS), :2]
        self._shoulders_m = scene.place(scene.camera.centred(shoulders_px), self._shoulder_depth_m)
        self._guessed = self._are_guessed(shoulders_px)
        """The neutral shoulders themselves are."""

    def place(self, landmarks: Landmarks, posture: Posture, face_size: float | None) -> Placement:
        """Return where the person of this frame and posture is.

        The head's turn is taken from the posture: without its pitch there is no place of the head. `face_size` is
        that of the mesh over neutral's; None where the face is lost.
        """
        if landmarks.body_px is None or not posture.present:
            return UNPLACED
        size = 1.0 if self._profile else face_size
        forward, left, up = self._head_cm(landmarks.body_px, landmarks.face_px, size, posture)
        shoulders_forward, left_up, right_up = self._shoulders_cm(landmarks.body_px)
        gap_left, gap_right = self._ear_gaps(landmarks.body_px)
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

    def _head_cm(self, body_px: Array, face_px: Array | None, size: float | None, posture: Posture) -> _Three:
        """Return how far the middle between the tragi has moved forward, left, and up."""
        if size is None or posture.head_pitch.deg is None:
            return None, None, None
        turn_deg = posture.head_pitch.deg, posture.head_yaw.deg or 0.0, posture.head_roll.deg or 0.0
        turned_m = head_rotation(*map(math.radians, turn_deg)) @ self._eye_m - self._eye_m
        eyes_px = self._eyes_px(body_px, face_px)
        moved = self._moved_cm(self._eyes_m, eyes_px, self._eye_depth_m / size) - 100 * turned_m
        forward, left, up = moved.tolist()
        return forward, left, up

    def _eyes_px(self, body_px: Array, face_px: Array | None) -> Array:
        """Return the middle of the eyes, in profile the near eye, (2,) from the optical axis."""
        if self._profile or face_px is None:
            return self._scene.camera.centred(middle(body_px, *EYES, self._scene.near_side)[:2])
        right, left = self._scene.camera.centred(face_px[[RIGHT_CORNER, LEFT_CORNER], :2])
        return np.asarray((right + left) / 2)

    def _shoulders_cm(self, body_px: Array) -> _Three:
        """Return how far the shoulder joints have come forward, and how far left and right have risen."""
        shoulders_px = body_px[list(SHOULDERS), :2]
        if self._guessed or self._are_guessed(shoulders_px):
            return None, None, None
        size = 1.0 if self._profile else shoulder_width_px(body_px) / self._width_px
        now_px = self._scene.camera.centred(shoulders_px)
        left, right = self._moved_cm(self._shoulders_m, now_px, self._shoulder_depth_m / size).tolist()
        return (left[0] + right[0]) / 2, left[2], right[2]

    def _are_guessed(self, shoulders_px: Array) -> bool:
        """Whether one of the shoulders lies so far outside the picture that BlazePose can only guess it."""
        shares = shoulders_px / self._extent_px
        return bool(shares.min() < -OUTSIDE or shares.max() > 1 + OUTSIDE)

    def _moved_cm(self, before_m: Array, now_px: Array, depth_m: float) -> Array:
        """Return how far points (..., 3) have moved that were there in camera axes, and are seen at this depth now."""
        in_camera_m = self._scene.place(now_px, depth_m) - before_m
        moved_cm: Array = 100 * in_camera_m @ self._basis
        return moved_cm

    def _ear_gaps(self, body_px: Array) -> tuple[float, float] | tuple[None, None]:
        """Return the heights of the ears over the shoulders, left and right, as shares of neutral's."""
        if self._profile:
            return None, None
        (left, right), (left_then, right_then) = _gaps_sw(body_px), self._gaps_sw
        return left / left_then, right / right_then


def _gaps_sw(body_px: Array) -> tuple[float, float]:
    """Return the heights of the ears over the shoulders, left and right, in shoulder widths."""
    ears, shoulders = ([float(body_px[point, 1]) for point in points] for points in (EARS, SHOULDERS))
    width_px = max(1.0, shoulder_width_px(body_px))
    return (shoulders[0] - ears[0]) / width_px, (shoulders[1] - ears[1]) / width_px
