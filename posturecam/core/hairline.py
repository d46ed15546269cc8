"""How far a head is bent whose face is hidden, told by how low its hairline is seen.

The hairline turns with the head about the middle of the braincase: the further the head bends, the further under the
silhouette's top it is seen, until the arc shows its edge to the camera. From there on it tells less and less, so a
reading is what was expected of a hidden face, weighed with how well each pitch explains what is seen (Bayes).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from posturecam.core import anatomy
from posturecam.core.body_fit import FaceReading
from posturecam.core.landmarks import Array
from posturecam.core.neutral import Neutral
from posturecam.core.scene import Scene

HAIRLINE_M = (0.154, 0.070)
"""Hairlines lie on an arc about the middle of the braincase, so far before it where they are low, so far over it where
they are high."""
HAIR_TOP_M = 0.094
"""How far the top of the silhouette is over that middle.

Both learnt from rendered people: larger than life, for the silhouette's top wanders back over the head as it bends.
"""
DROP_SD_M, DROP_SD_SHARE = 0.008, 0.16
"""By so much a hairline is seen elsewhere, and by what share of how far it has come down (standard deviation)."""
PITCHES_RAD = np.radians(np.arange(-30.0, 91.0))
"""What a head's pitch may be."""
HIGHEST = 0.9
"""A hairline is not taken to be higher or lower than this share of the arc."""
ROUNDS = 8


class NeutralHairline:
    """The hairline of a neutral person, against which those of later frames are held."""

    def __init__(self, neutral: Neutral, scene: Scene) -> None:
        """Raises ValueError when the neutral shows no hairline.

        Where on the arc it lies is told by how far under the top it is seen.
        """
        if neutral.crown_px is None or neutral.hairline_px is None:
            raise ValueError("the neutral shows no hairline")
        self._scene = scene
        skull_m = scene.head_m + scene.basis @ np.array(anatomy.SKULL_M)
        self._depth_m = float(skull_m[2])
        drop_m = self._drop_m = float(self._metres(neutral.hairline_px - neutral.crown_px, self._depth_m))
        bend_rad = float(self._level_rad(neutral.crown_px, self._depth_m))
        forward_m, up_m = HAIRLINE_M[0], 0.0
        for _ in range(ROUNDS):
            up_m = (HAIR_TOP_M - drop_m + forward_m * math.sin(bend_rad)) / math.cos(bend_rad)
            up_m = min(HIGHEST * HAIRLINE_M[1], max(-HIGHEST * HAIRLINE_M[1], up_m))
            forward_m = HAIRLINE_M[0] * math.sqrt(1 - (up_m / HAIRLINE_M[1]) ** 2)
        self._reach_m = math.hypot(forward_m, up_m)
        self._rise_rad = math.atan2(up_m, forward_m)

    def read(self, crown_px: float, hairline_px: float, size: float, expected: FaceReading) -> FaceReading:
        """Return the pitch that was expected in the light of the hairline's height under the head's top.

        `size` is the trunk's size in the picture over that at neutral.
        """
        depth_m = self._depth_m / size - _comes_forward_m(PITCHES_RAD)
        bend_rad = PITCHES_RAD + self._level_rad(crown_px, depth_m)
        drops_m = HAIR_TOP_M + self._reach_m * np.sin(np.minimum(bend_rad - self._rise_rad, np.pi / 2))
        seen_m = np.minimum(self._metres(hairline_px - crown_px, depth_m), drops_m.max())
        sd_m = DROP_SD_M + DROP_SD_SHARE * np.abs(seen_m - self._drop_m)
        off = ((seen_m - drops_m) / sd_m) ** 2 + ((PITCHES_RAD - expected.pitch_rad) / expected.pitch_sd_rad) ** 2
        weights = np.exp((off.min() - off) / 2)
        weights /= weights.sum()
        pitch_rad = float(weights @ PITCHES_RAD)
        return FaceReading(pitch_rad, math.sqrt(weights @ (PITCHES_RAD - pitch_rad) ** 2))

    def _metres(self, length_px: float, depth_m: Any) -> Any:
        return length_px * depth_m / self._scene.camera.focal_px

    def _level_rad(self, crown_px: float, depth_m: Any) -> Any:
        """Return the bend from the line of sight of a level head whose top is seen at this height."""
        camera = self._scene.camera
        middle_px = crown_px - camera.height_px / 2 + HAIR_TOP_M * camera.focal_px / depth_m
        return np.arctan2(middle_px, camera.focal_px) - self._scene.tilt_rad


def _comes_forward_m(pitch_rad: Array) -> Array:
    """Return how far the middle of the head comes forward when it bends."""
    neck_rad = anatomy.NECK_INCLINATION_RAD + anatomy.LOWER_NECK_SHARE * pitch_rad
    forward_m: Array = anatomy.NECK_M * np.sin(neck_rad) - anatomy.NECK_FORWARD_M
    return forward_m + anatomy.SKULL_M[2] * np.sin(pitch_rad)
