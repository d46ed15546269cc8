"""Where a neutral from another stream lies in this stream's count of the head's turns."""

from __future__ import annotations

import math
from statistics import median

from posturecam.core.landmarks import Landmarks
from posturecam.core.posture import Posture

NEAR_DEG = 8.0
"""Who is bent by less is near enough to neutral for BlazePose's points to tell by how much."""
FRAMES = 40
"""So many frames near neutral tell it (judgement): each by itself errs by two degrees."""


class TurnAnchor:
    """Tells, from frames whose pitch was measured without it, what `Neutral.head_turn_rad` would have been.

    `Landmarks.head_turn_rad` counts from where its own stream first showed the head, which a profile calibrated on
    another day cannot know.
    """

    def __init__(self, facing: float) -> None:
        """`facing` is the sign of the neutral person's azimuth: + to the right of the picture."""
        self._facing = math.copysign(1.0, facing)
        self._turns: list[float] = []

    def update(self, landmarks: Landmarks, measured: Posture) -> float | None:
        """Take one frame and its posture; return the neutral's turn once it is known, radians."""
        pitch_deg, turn_rad = measured.head_pitch.deg, landmarks.head_turn_rad
        if turn_rad is not None and pitch_deg is not None and abs(pitch_deg) < NEAR_DEG:
            self._turns.append(turn_rad - self._facing * math.radians(pitch_deg))
        return median(self._turns) if len(self._turns) >= FRAMES else None
