"""The camera as a pinhole of assumed field of view."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from posturecam.core.landmarks import Array

FIELD_OF_VIEW_DEG = 65.0
"""Assumed angle of view along the picture's longer side.

A webcam does not tell its own. Laptop cameras have 60-70°, the common Logitech C920 70° (78° on the
diagonal, its data sheet). An error of 10° changes trunk flexion by about a sixth of itself and the
head's pitch by about one degree.
"""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion, its optical axis through the middle of the picture."""

    width_px: int
    height_px: int
    field_of_view_deg: float = FIELD_OF_VIEW_DEG
    """Along the longer side."""

    def __post_init__(self) -> None:
        if not 20 <= self.field_of_view_deg <= 150:
            raise ValueError(f"a field of view of {self.field_of_view_deg}° is not between 20° and 150°")

    @cached_property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        longer = max(self.width_px, self.height_px)
        return float(longer / 2 / np.tan(np.radians(self.field_of_view_deg) / 2))

    def centred(self, points_px: Array) -> Array:
        """Return picture points (..., 2 or more) with x and y counted from the optical axis."""
        moved = np.array(points_px, dtype=float)
        moved[..., 0] -= self.width_px / 2
        moved[..., 1] -= self.height_px / 2
        return moved

    def ray(self, centred_px: Array) -> Array:
        """Return the point at depth 1 (..., 3) in camera axes that is seen at `centred_px` (..., 2)."""
        rays = np.ones((*np.shape(centred_px)[:-1], 3))
        rays[..., :2] = centred_px[..., :2] / self.focal_px
        return rays

    def project(self, points: Array) -> Array:
        """Return where points (..., 3) in camera axes are seen, (..., 2) pixels from the optical axis."""
        seen: Array = self.focal_px * points[..., :2] / points[..., 2:3]
        return seen
