"""Shrug: the shoulders drawn up toward the ears while the head stays where it is."""

from __future__ import annotations

import math

from posturecam.core.iso11226 import FLOOR_S, Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.cue import cue, magnitude, weakest
from posturecam.core.patterns.held_posture import DWELL, HeldPosture, Reading
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.posture import Posture

RISE = Parameter(
    "rise_cm",
    2.0,
    1.0,
    8.0,
    "mean rise of the shoulders, centimetres of an average adult",
    "a tenth of the ears' height over them, and three times its drift in the measurement (judgement)",
)
GUARDING = Parameter(
    "guarding_s",
    240.0,
    2 * FLOOR_S,
    3600.0,
    "held for so long it is guarding, and said again, at the standard sensitivity",
    "4 min of trapezius activity without a pause go with neck and shoulder pain (Hanvold et al. 2013)",
)
RELEASE = 0.6
"""Share of the onset (judgement)."""
HALF_WIDTH_CM = 18.0
"""From the breastbone to a shoulder joint of an average adult."""
# Where the head is allowed to go meanwhile, onset and release (judgement, a few times the error):
HEIGHT_CM = (1.5, 2.2)
FORWARD_CM = (6.0, 8.0)
PITCH_DEG = (8.0, 11.0)
TILT_DEG = (10.0, 13.0)


def collarbones_deg(rise_cm: float) -> float:
    """The angle by which the collarbones rise when the shoulders do."""
    return math.degrees(math.asin(max(-1.0, min(1.0, rise_cm / HALF_WIDTH_CM))))


def make(tuning: Tuning, sensitivity: Sensitivity) -> HeldPosture:
    """Return a watcher with these values."""
    values = tuning[KIND.name]
    onset_cm = values["rise_cm"]

    def read(posture: Posture) -> Reading:
        place = posture.placement
        rise_cm = place.shoulders_up_cm
        firmness = weakest(
            cue(rise_cm, onset_cm, RELEASE * onset_cm),
            cue(magnitude(place.head_up_cm), *HEIGHT_CM),
            cue(magnitude(place.head_forward_cm), *FORWARD_CM),
            cue(magnitude(posture.head_pitch.deg), *PITCH_DEG),
            cue(magnitude(posture.lateral_tilt.deg), *TILT_DEG),
        )
        return Reading(firmness, None if rise_cm is None else collarbones_deg(rise_cm))

    return HeldPosture(KIND.name, read, values["dwell_s"], sensitivity, values["guarding_s"])


KIND = Kind(
    name="shrug",
    what="The shoulders are drawn up toward the ears, and the head has not moved. The angle is the collarbones'.",
    why="Muscles that hold the shoulders up under stress get no pause; raised shoulders count extra in RULA "
    "(McAtamney & Corlett 1993).",
    said="Your shoulders have been drawn up for a while: let them drop.",
    said_again="Your shoulders have been up for minutes: let them drop, breathe out, and move.",
    manner=Manner.TIP,
    parameters=(RISE, DWELL, GUARDING),
    make=make,
)
