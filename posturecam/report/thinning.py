"""Thinning: which points of a long curve are enough to draw it."""

from __future__ import annotations

import numpy as np

from posturecam.core.landmarks import Array

MOST_POINTS = 12_000
"""Of a curve; a few for every pixel of a wide screen."""


def thinned(values: Array, most: int = MOST_POINTS) -> list[int]:
    """Indices of at most about so many values that draw the same curve.

    Every few values give their least, their greatest, and the first that is missing.
    """
    if len(values) <= most:
        return list(range(len(values)))
    kept = set()
    for part in np.array_split(np.arange(len(values)), most // 3):
        missing = np.isnan(values[part])
        if missing.any():
            kept.add(int(part[missing.argmax()]))
        if not missing.all():
            kept |= {int(part[np.nanargmin(values[part])]), int(part[np.nanargmax(values[part])])}
    return sorted(kept | {0, len(values) - 1})
