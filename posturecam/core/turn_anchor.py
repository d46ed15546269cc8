"""Where a neutral from another stream, or from before the count began anew, lies in the count of the head's turns."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import median

from posturecam.core.landmarks import HeadTurn
from posturecam.core.posture import Posture

NEAR_DEG = 8.0
"""Who is bent by less is near enough to neutral for BlazePose's points to tell by how much."""
FRAMES = 40
"""So many frames near neutral tell it (judgement): each by itself errs by two degrees."""
COUNTS = 2
"""So many counts are gathered for at a time: a stream goes back and forth between no more."""


class TurnAnchor:
    """Tells, from frames whose pitch was measured without it, what the neutral's `HeadTurn` would have been.

    Turns are counted from where their own stream showed the head, which a profile calibrated on another day cannot
    know.
    """

    def __init__(self, facing: float) -> None:
        """`facing` is the sign of the neutral person's azimuth: + to the right of the picture."""
        self._facing = math.copysign(1.0, facing)
        self._turns: defaultdict[float, list[float]] = defaultdict(list)
        """By the look from which they are counted."""

    def update(self, turn: HeadTurn, measured: Posture) -> HeadTurn | None:
        """Take one frame's turn and its posture; return the neutral's turn in the same count once it is known."""
        pitch_deg = measured.head_pitch.deg
        if pitch_deg is None or abs(pitch_deg) >= NEAR_DEG:
            return None
        turns = self._turns[turn.since_s]
        turns.append(turn.turn_rad - self._facing * math.radians(pitch_deg))
        if len(self._turns) > COUNTS:
            del self._turns[min(self._turns.keys() - {turn.since_s}, key=lambda since_s: len(self._turns[since_s]))]
        return HeadTurn(median(turns), turn.since_s) if len(turns) >= FRAMES else None
