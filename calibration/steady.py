"""Finding the stretch of a recording in which a pose was held still."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LENGTHS_S = (8.0, 5.0, 3.0, 2.0, 1.0)
"""Lengths that are tried, the longest first: 8 s make a good baseline, 1 s the least of one."""
STEP_S = 0.25
SEEN_SHARE = 0.8
"""At least this share of a stretch's frames must show every signal."""


@dataclass(frozen=True)
class Stretch:
    """A part of a recording, both ends included, stream seconds."""

    start_s: float
    end_s: float

    @classmethod
    def parse(cls, text: str) -> Stretch:
        """Read "START-END" in seconds; ValueError when it is not two rising numbers."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*-\s*(\d+(?:\.\d*)?)\s*", text)
        if not match or float(match[1]) >= float(match[2]):
            raise ValueError("give two rising numbers of seconds, such as 0-8")
        return cls(float(match[1]), float(match[2]))

    def __str__(self) -> str:
        return f"{self.start_s:g}-{self.end_s:g}"

    def holds(self, t_s: float) -> bool:
        """Whether it includes this time."""
        return self.start_s <= t_s <= self.end_s


def steady_stretch(
    t_s: Array, signals: Array, max_sd: Sequence[float], height: Array, height_tolerance: float
) -> Stretch | None:
    """Return the first stretch that is steady and as upright as the recording gets, or None.

    `t_s` (n,) rises; `signals` (n, k) hold NaN where nothing was seen; a stretch is steady when no
    signal's standard deviation exceeds its `max_sd` (k,). `height` (n,) is larger the more upright the
    pose. Of the steady stretches of the greatest length that exists at all, the earliest is taken whose
    median height is within `height_tolerance` of the best; so someone who starts upright is taken at the
    start, and someone who starts bent is not.
    """
    for length_s in LENGTHS_S:
        found = [
            (stretch, level)
            for stretch in _stretches(t_s, length_s)
            if (level := _level(t_s, signals, np.asarray(max_sd), height, stretch)) is not None
        ]
        if found:
            best = max(level for _, level in found)
            return next(stretch for stretch, level in found if level >= best - height_tolerance)
    return None


def _stretches(t_s: Array, length_s: float) -> list[Stretch]:
    if len(t_s) == 0:
        return []
    starts = np.arange(t_s[0], t_s[-1] - length_s + 1e-6, STEP_S)
    return [Stretch(float(start), float(start + length_s)) for start in starts]


def _level(t_s: Array, signals: Array, max_sd: Array, height: Array, stretch: Stretch) -> float | None:
    """Return the median height of a steady stretch, or None when it is not steady or too little is seen."""
    inside = (t_s >= stretch.start_s) & (t_s <= stretch.end_s)
    seen = inside & ~np.isnan(signals).any(axis=1)
    if seen.sum() < 4 or seen.sum() < SEEN_SHARE * inside.sum():
        return None
    if np.diff(t_s[seen]).max() > (stretch.end_s - stretch.start_s) / 4:
        return None
    if (signals[seen].std(axis=0) > max_sd).any():
        return None
    return float(np.median(height[seen]))
