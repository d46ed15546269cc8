"""How hard gravity pulls on the neck at a head inclination, relative to neutral."""

from __future__ import annotations

import math

NEUTRAL_LEAN_DEG = 12.0
"""Lean from the vertical of the line from C7/T1 to the head's centre of mass in neutral.

Chosen so that the demand at 45° is 4.0, the middle of the 3 to 5 times neutral that Vasavada et al.
(2015) measured during tablet use; a compression model with the same lean doubles from neutral to 45°,
as Barrett et al. (2020) found.
"""
LEAST_DEG, MOST_DEG = -20.0, 78.0
"""Inclinations beyond these count as these; at 78° the head's line lies level and the pull is greatest."""


def gravitational_demand(head_pitch_deg: float) -> float:
    """Gravity's moment about C7/T1 at this head inclination, as a multiple of the moment in neutral.

    D(θ) = sin(θ + 12°) / sin(12°): 1 at neutral, 2.6 at 20°, 4.0 at 45°; 0 where the head is balanced
    (12° up from neutral) and negative beyond. `head_pitch_deg` is the change of the head's inclination
    against gravity from neutral, + down, clamped to -20..78°.
    """
    lean_deg = min(max(head_pitch_deg, LEAST_DEG), MOST_DEG) + NEUTRAL_LEAN_DEG
    return math.sin(math.radians(lean_deg)) / math.sin(math.radians(NEUTRAL_LEAN_DEG))
