"""Pictures as MediaPipe's models need them.

It shrinks a picture to a model's input by leaving out pixels, without averaging them. The noise of a dim room then
reaches the model undiminished: BlazePose loses everybody, even where people hardly see it.
"""

from __future__ import annotations

import math

import numpy as np

from posturecam.vision.frames import Image
from posturecam.vision.libraries import loading
from posturecam.vision.motion import MEDIAN_TO_SD
from posturecam.vision.shrinking import shrunk

with loading("OpenCV"):
    import cv2

SMALL_PX = 320
"""The longer side of what BlazePose gets; of that it takes 256 pixels itself."""
NOISY = 4.0
"""Standard deviation of noise, of 255, from which on FaceMesh is helped too. Recordings in good light have 0.6 and
less, a photograph on film 3, what comes from a dim room 6 and more."""
EVERY_ROW = 40
"""Noise is looked for in so many rows' first one; it is the same all over a picture."""


def small_and_soft(image: Image) -> Image:
    """Return a picture averaged down and blurred by about a pixel, for the model that sees all of a person.

    People are marked as well in it as in the whole picture (benchmarks/accuracy.py).
    """
    size_px = max(image.shape[:2])
    if size_px > SMALL_PX:
        height_px, width_px = (max(1, round(side * SMALL_PX / size_px)) for side in image.shape[:2])
        image = shrunk(image, (width_px, height_px))
    return _blurred(image)


def less_noisy(image: Image) -> Image:
    """Return the picture itself, or if it is noisy a blurred one, for the model that sees a face finely."""
    return _blurred(image) if noise_sd(image) > NOISY else image


def noise_sd(image: Image) -> float:
    """Return the standard deviation of a picture's noise (of 255), told by green pixels and their two neighbours.

    That is the median of how far they leave a straight line (as in Immerkær 1996), which edges do not change.
    """
    green = image[::EVERY_ROW, :, 1].astype(np.int16)
    bends = np.abs(2 * green[:, 1:-1] - green[:, :-2] - green[:, 2:]).ravel()
    middle = len(bends) // 2
    return MEDIAN_TO_SD / math.sqrt(6) * float(np.partition(bends, middle)[middle]) if len(bends) else 0.0


def _blurred(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (3, 3), 0), np.uint8)
