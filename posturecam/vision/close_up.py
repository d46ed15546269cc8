"""The part of a picture around one head, in which FaceMesh finds faces that it misses in the whole.

Its detector sees 128 pixels of whatever it is given. Of a whole picture a face beyond arm's length is a tenth of them,
too small for it, and a nearer one that bends down is lost early.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posturecam.core.landmarks import Array
from posturecam.vision.following import COVER, Place
from posturecam.vision.frames import Image

REACH = 0.6
"""Half the side of the square about a head, as a share of the upper body's size: 26 cm. In one of 20 cm people are
measured as well, in one of 42 cm a still face is marked less steadily (rendered people)."""
HOLDS, HOLDS_SIZE = 0.2, 1.2
"""A head that is elsewhere by the one share of that size, or larger or smaller by the other, has left the square's
middle (judgement)."""
LEAST_PX = 16
"""In a smaller part no face is looked for (judgement)."""


@dataclass(frozen=True)
class CloseUp:
    """A part of a picture."""

    image: Image
    left: int
    top: int
    """Where its first pixel lies in the picture, from the left and from the top."""

    @classmethod
    def of(cls, image: Image, place: Place | None) -> CloseUp:
        """Return the part in which a person's head is; all of the picture when the head is outside, or not known."""
        if place is None:
            return cls(image, 0, 0)
        (x, y), reach, (height_px, width_px) = place.head, REACH * place.size, image.shape[:2]
        left, top = (max(0, round(middle - reach)) for middle in (x, y))
        right, bottom = min(width_px, round(x + reach)), min(height_px, round(y + reach))
        if min(right - left, bottom - top) < LEAST_PX:
            return cls(image, 0, 0)
        return cls(np.ascontiguousarray(image[top:bottom, left:right]), left, top)

    def in_picture(self, mesh_px: Array) -> Array:
        """Return where a mesh (n, 3) in this part lies in the picture, pixels: x to the right, y down, z as it is."""
        return mesh_px + np.array([self.left, self.top, 0], mesh_px.dtype)


def without(image: Image, meshes_px: Sequence[Array]) -> Image:
    """Return a picture in which the faces of meshes (n, 3), pixels, are covered, so that nobody finds them again."""
    if not meshes_px:
        return image
    covered = image.copy()
    for mesh_px in meshes_px:
        first, last = (np.floor(end(mesh_px[:, :2], axis=0)).astype(int) for end in (np.min, np.max))
        (left, top), (right, bottom) = np.maximum(0, first), np.maximum(0, last + 1)
        covered[top:bottom, left:right] = COVER
    return covered


def shows(near: Place, place: Place) -> bool:
    """Whether a close-up of the head at the one place has the other's about its middle, and as large."""
    grown = place.size / near.size
    return math.dist(near.head, place.head) < HOLDS * near.size and 1 / HOLDS_SIZE < grown < HOLDS_SIZE
