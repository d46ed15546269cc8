"""A cue: how far one condition of a posture is met, on a scale that all cues share.

1 is the cue's onset and 0 its release, so that a posture of several cues is held as firmly as the weakest of
them, with one hysteresis: it begins when all are at their onsets and ends when one falls below its release.
"""

from __future__ import annotations

ONSET, RELEASE = 1.0, 0.0
"""Of every cue, and so of every posture that is made of cues."""
NOT_AT_ALL = -1.0
"""What a posture reads that another one is there instead of."""


def cue(value: float | None, onset: float, release: float) -> float | None:
    """How far `value` is on the way from `release` (0) to `onset` (1) and beyond; None when it is missing.

    A condition that asks for little rather than much has its release above its onset.
    """
    return None if value is None else (value - release) / (onset - release)


def magnitude(value: float | None) -> float | None:
    """The value without its sign; None when it is missing."""
    return None if value is None else abs(value)


def weakest(*cues: float | None) -> float | None:
    """The least of the cues; None when one is missing that the others leave open.

    A cue below its release decides, whatever is missing.
    """
    least = min([c for c in cues if c is not None], default=None)
    if least is not None and least < RELEASE:
        return least
    return None if None in cues else least


def strongest(*cues: float | None) -> float | None:
    """The largest of the cues that are there: any of them is enough; None when all are missing."""
    return max([c for c in cues if c is not None], default=None)


class Latch:
    """Whether a posture is there: from its onset until it falls below its release, or cannot be told."""

    def __init__(self) -> None:
        self._there = False

    def update(self, firmness: float | None) -> bool:
        """Take the next reading of the stream."""
        self._there = firmness is not None and firmness >= (RELEASE if self._there else ONSET)
        return self._there
