"""Whether a camera's pictures show anything: those of a shutter are black, those of a dead camera never change."""

from __future__ import annotations

import math

import numpy as np

from posturecam.vision.frames import Image
from posturecam.vision.trouble import Trouble

BLACK_LEVEL = 8.0
"""A mean level of less, of 255, only a covered lens gives: cameras raise their gain in the dark (judgement)."""
DARK_LEVEL = 24.0
"""A flat picture of less shows nothing: a covered lens, or a room without any light (judgement)."""
FLAT_LEVELS = 8.0
"""Between the brightest and the darkest part of a picture; with a person in it there is more (judgement)."""
BLACK_FOR_S = 2.0
"""Cameras begin with some black pictures."""
FROZEN_FOR_S = 5.0
"""A sensor's noise makes each picture differ from the one before; a driver may repeat one now and then."""
PARTS = (6, 8)
"""Rows and columns of parts whose mean levels are compared: large enough to average the noise out."""

BLACK_WORDS = "its picture is black; open its shutter, or take away what covers its lens"
DARK_WORDS = (
    "its picture is nearly black; if its shutter is open and its lens is free, it is too dark here: put on a light"
)
FROZEN_WORDS = (
    "it gives the same picture again and again; see to its privacy switch or to the program that feeds it, "
    "or plug it in again"
)


class Sight:
    """Judges the pictures of one camera, one after the other. Time is stream time, seconds."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        """BLACK or FROZEN when that has lasted, as of the last picture."""
        self.words = ""
        """What happened, and what to do."""
        self._rows: Image | None = None
        self._same_since_s = self._black_since_s = math.inf

    def takes(self, t_s: float, image: Image) -> bool:
        """Take the next picture; return whether it shows something, and something new."""
        same, level = self._is_same(image), _blackness(image)
        self._same_since_s = _since(self._same_since_s, t_s, same)
        self._black_since_s = _since(self._black_since_s, t_s, level is not None)
        self.trouble = None
        if level is not None and t_s - self._black_since_s >= BLACK_FOR_S:
            self.trouble, self.words = Trouble.BLACK, BLACK_WORDS if level < BLACK_LEVEL else DARK_WORDS
        elif same and t_s - self._same_since_s >= FROZEN_FOR_S:
            self.trouble, self.words = Trouble.FROZEN, FROZEN_WORDS
        return level is None and not same

    def _is_same(self, image: Image) -> bool:
        # A copy, for others may draw on the picture; every fourth row has noise enough.
        before, self._rows = self._rows, image[::4].copy()
        return before is not None and np.array_equal(before, self._rows)


def _since(before_s: float, t_s: float, lasts: bool) -> float:
    """Since when it lasts; infinite when it does not."""
    return min(before_s, t_s) if lasts else math.inf


def _blackness(image: Image) -> float | None:
    """The mean level, 0..255, of a picture that is dark and flat; None of others."""
    level = float(image[::8, ::8].mean())
    if level >= DARK_LEVEL:
        return None
    grey = image[::4, ::4].mean(axis=2)
    rows, columns = PARTS
    parts = [part.mean() for band in np.array_split(grey, rows) for part in np.array_split(band, columns, axis=1)]
    return level if max(parts) - min(parts) < FLAT_LEVELS else None
