"""What the outline of a person in a picture tells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from posturecam.core.landmarks import Array, Body, stature_px

Mask = NDArray[Any]
"""(height, width) of the picture or a smaller one: 0..1, how sure it is that a pixel shows the person."""

HEAD = [Body.NOSE, Body.LEFT_EYE, Body.RIGHT_EYE, Body.LEFT_EAR, Body.RIGHT_EAR]
"""Whose middle is under the head's top."""
CROWN_WIDTH = 0.4
"""The crown is where the head's silhouette is as wide as this share of the head: above are tufts and buns."""
LEAST_HEAD = 0.1
"""A head narrower than this share of the upper body's size is none."""


def head_middle_px(body_px: Array) -> float:
    """Return where in the picture's width the head is, pixels."""
    return float(sum(body_px[HEAD, 0].tolist())) / len(HEAD)


def crown_px(mask: Mask, body_px: Array, reduction: float = 1.0) -> float | None:
    """Return the height y of the top of the head's silhouette, pixels of the picture as `body_px` (33, 3).

    `reduction` is the mask's size over the picture's. None where the head reaches out of the picture at its top, or
    nothing of it is to be seen above the eyes.
    """
    body_px = body_px * reduction
    eyes_px = (body_px[Body.LEFT_EYE, 1] + body_px[Body.RIGHT_EYE, 1]) / 2
    stature = stature_px(body_px)
    middle_px = head_middle_px(body_px)
    left, right = middle_px - stature / 2, middle_px + stature / 2
    above = mask[: max(0, int(eyes_px)), max(0, int(left)) : max(0, int(right) + 1)]
    widths = above @ np.ones(above.shape[1], above.dtype)
    if widths.max(initial=0.0) < LEAST_HEAD * stature:
        return None
    wide = CROWN_WIDTH * widths.max()
    top = int(np.argmax(widths >= wide))
    if top == 0:
        return None
    return float(top - (widths[top] - wide) / (widths[top] - widths[top - 1])) / reduction
