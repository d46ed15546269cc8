"""Small copies of pictures, in which their large features are compared."""

from __future__ import annotations

import numpy as np

from posturecam.vision.frames import Image
from posturecam.vision.libraries import loading

with loading("OpenCV"):
    import cv2


def shrunk(image: Image, size_px: tuple[int, int]) -> Image:
    """Return a picture (height, width) or (height, width, channels) averaged down to a width and height.

    Halved as often as it can be: OpenCV does that six times as fast as any other shrinking.
    """
    width_px, height_px = size_px
    while image.shape[1] >= 2 * width_px and image.shape[0] >= 2 * height_px:
        image = _averaged(image, (image.shape[1] // 2, image.shape[0] // 2))
    return image if image.shape[1::-1] == size_px else _averaged(image, size_px)


def _averaged(image: Image, size_px: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_AREA), np.uint8)
