"""Forward head: the head pushed forward over still shoulders, without nodding."""

from __future__ import annotations

import math

from posturecam.core import anatomy
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.cue import cue, magnitude, weakest
from posturecam.core.patterns.held_posture import DWELL, HeldPosture, Reading
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.placement import Placement
from posturecam.core.posture import Posture

POKE = Parameter(
    "poke_deg",
    3.0,
    1.5,
    20.0,
    "forward turn of the neck, from the trunk to the ear, as the camera sees it",
    "people with neck pain differ from others by 5° of craniovertebral angle (Mahmoud et al. 2019), and of a "
    "turn by 9° some 5 are seen (rendered people)",
)
RELEASE = 0.5
"""Share of the onset (judgement)."""
FORWARD_CM = (1.2, 0.6)
"""The head has come forward, onset and release: three times the error of its distance."""
GAP_CM = (0.5, 0.1)
"""And closer to the height of the shoulders."""
# How far it has not gone, onset and release (judgement, a few times the error):
NEAR_CM = (6.0, 8.0)
PITCH_DEG = (8.0, 11.0)
TILT_DEG = (10.0, 13.0)
SHOULDERS_CM = (1.5, 2.2)


def poke_deg(place: Placement) -> float | None:
    """Turn of the line from C7 to the tragus beyond the trunk's, degrees, from where the head has gone.

    The head's way, forward and down, is split in two: what a trunk that leans with the neck in line would
    do to it, and what the neck does alone. To first order, for small angles. None without a head's place.
    """
    if place.head_forward_cm is None or place.head_up_cm is None:
        return None
    trunk, neck = anatomy.TRUNK_INCLINATION_RAD, anatomy.NECK_INCLINATION_RAD
    # forward and up, centimetres per radian
    neck_forward, neck_up = (100 * anatomy.NECK_M * way for way in (math.cos(neck), -math.sin(neck)))
    lean_forward = 100 * anatomy.TRUNK_M * math.cos(trunk) + neck_forward
    lean_up = -100 * anatomy.TRUNK_M * math.sin(trunk) + neck_up
    poke_rad = (lean_forward * place.head_up_cm - lean_up * place.head_forward_cm) / (
        lean_forward * neck_up - lean_up * neck_forward
    )
    return math.degrees(poke_rad)


def make(tuning: Tuning, sensitivity: Sensitivity) -> HeldPosture:
    """Return a watcher with these values."""
    values = tuning[KIND.name]
    onset_deg = values["poke_deg"]

    def read(posture: Posture) -> Reading:
        place = posture.placement
        head_cm, shoulders_cm = place.head_up_cm, place.shoulders_up_cm
        gap_cm = None if head_cm is None or shoulders_cm is None else shoulders_cm - head_cm
        firmness = weakest(
            cue(poke_deg(place), onset_deg, RELEASE * onset_deg),
            cue(place.head_forward_cm, *FORWARD_CM),
            cue(gap_cm, *GAP_CM),
            cue(place.head_forward_cm, *NEAR_CM),
            cue(magnitude(shoulders_cm), *SHOULDERS_CM),
            cue(magnitude(posture.head_pitch.deg), *PITCH_DEG),
            cue(magnitude(posture.lateral_tilt.deg), *TILT_DEG) if posture.lateral_tilt.deg is not None else 1.0,
        )
        return Reading(firmness, posture.head_forward.deg)

    return HeldPosture(KIND.name, read, values["dwell_s"], sensitivity)


KIND = Kind(
    name="forward_head",
    what="The head has come forward and down toward the shoulders, which stayed, and it does not nod.",
    why="The further the head is before the trunk, the greater its pull on the neck; people with neck pain "
    "hold it 5° further forward (Mahmoud et al. 2019).",
    said="Your head has been pushed forward for a while: let it glide back over your shoulders.",
    said_again="Your head is still pushed forward: let it glide back over your shoulders.",
    manner=Manner.ALERT,
    parameters=(POKE, DWELL),
    make=make,
)
