"""Whether a part of the picture has moved since it was last looked at: a look that costs next to nothing."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from posturecam.vision.frames import Image
from posturecam.vision.libraries import loading
from posturecam.vision.shrinking import shrunk

with loading("OpenCV"):
    import cv2

WIDE_PX = 160
"""The longer side of the pictures that are compared."""
FINE_PX, COARSE_PX = 1.0, 15
"""Edges are what is left between a blur by the one (standard deviation) and by the other (side of a square): noise
is finer; shadows, exposure and the bands of flickering lamps are coarser."""
FINE = cv2.getGaussianKernel(9, FINE_PX, cv2.CV_32F)
NOISE_LEFT = 0.28
"""The edges keep this share of white noise: 1 / (2 √π FINE_PX)."""
LAPLACE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Blind to all but noise, whose standard deviation it makes six times as large (Immerkær 1996)."""
MEDIAN_TO_SD = 1.4826
RISE = np.array([[-0.5, 0.0, 0.5]], np.float32)
"""The slope at a pixel, from its two neighbours."""
LEAST_GAIN, MOST_GAIN = 0.7, 1.4
"""The contrast of a part may change by so much without anything having moved (judgement)."""
LEAST_SLOPE = 1.0
"""A part is taken to have slopes of so much per pixel at least, else the noise in a plain one would move it."""
LEAST_PIXELS = 30
"""Of the reduced picture; in a smaller part nothing can be told."""

Mask = NDArray[np.bool_]


class Edges:
    """A picture reduced to its edges, in which light and noise hardly show."""

    def __init__(self, image: Image) -> None:
        self.reduction = WIDE_PX / max(image.shape)
        height_px, width_px = (max(1, round(side * self.reduction)) for side in image.shape[:2])
        # Green is most of the brightness, and the channel with the least noise.
        self._green = shrunk(np.asarray(cv2.extractChannel(image, 1), np.uint8), (width_px, height_px))
        fine = cv2.sepFilter2D(self._green, cv2.CV_32F, FINE, FINE)
        self.strength = fine - cv2.boxFilter(self._green, cv2.CV_32F, (COARSE_PX, COARSE_PX))
        """(height, width) of the reduced picture, of 255."""

    @cached_property
    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return x (1, width) and y (height, 1) of the reduced picture's pixels in the whole one."""
        height, width = self.strength.shape
        return (np.arange(width)[None] + 0.5) / self.reduction, (np.arange(height)[:, None] + 0.5) / self.reduction

    @cached_property
    def slopes(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return how fast the strength rises, down and across (height, width), per pixel of the reduced picture."""
        down, across = (cv2.filter2D(self.strength, cv2.CV_32F, rise) for rise in (RISE.T, RISE))
        return np.asarray(down, np.float32), np.asarray(across, np.float32)

    def noise_since(self, before: Edges) -> float:
        """Return the standard deviation of the change of strength that comes from noise alone."""
        change = cv2.subtract(self._green, before._green, dtype=cv2.CV_32F)
        rest = cv2.filter2D(change, cv2.CV_32F, LAPLACE)[::3, ::3]
        middle = rest.size // 2
        median = float(np.partition(np.abs(rest), middle, axis=None)[middle])
        return NOISE_LEFT * MEDIAN_TO_SD / 6 * median


class Part:
    """A part of one picture, to be held against the same place in later pictures of the same size."""

    def __init__(self, edges: Edges, mask: Mask, size_px: float) -> None:
        """`mask` (height, width) says in the reduced picture where it lies; `size_px` is its size in the whole one."""
        self._edges, self._places = edges, np.flatnonzero(mask)
        self._size_px = max(1.0, size_px * edges.reduction)
        self._strength = edges.strength.ravel()[self._places]
        self._power = max(1e-6, float(self._strength @ self._strength))
        down, across = (slope.ravel()[self._places] for slope in edges.slopes)
        self._slopes = max(float(down @ down + across @ across), LEAST_SLOPE**2 * len(self._places))

    def moved(self, now: Edges) -> float:
        """Return by how much, as a share of its size, it must have moved to change as much as it did.

        That is the change over the slope of its edges, as root mean squares; what noise adds, and a change of
        brightness or contrast, is left out. Infinite where the part is too small to tell.
        """
        change = self._change(now)
        return self._share(change - self._noise(now)) if change < np.inf else np.inf

    def has_moved(self, now: Edges, limit: float) -> bool:
        """Whether it must have moved by this share of its size or more."""
        change = self._change(now)
        # The noise is only looked for where it matters.
        return self._share(change) >= limit and (change == np.inf or self._share(change - self._noise(now)) >= limit)

    def _change(self, now: Edges) -> float:
        """Return the sum of the squared changes of strength, noise and all."""
        if len(self._places) < LEAST_PIXELS:
            return np.inf
        strength = now.strength.ravel()[self._places]
        gain = float(strength @ self._strength) / self._power
        change = strength - min(max(gain, LEAST_GAIN), MOST_GAIN) * self._strength
        return float(change @ change)

    def _noise(self, now: Edges) -> float:
        """Return how much of that comes from noise alone."""
        return len(self._places) * now.noise_since(self._edges) ** 2

    def _share(self, change: float) -> float:
        return math.sqrt(max(0.0, change) / self._slopes) / self._size_px
