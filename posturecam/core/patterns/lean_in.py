"""Lean-in: the trunk, head in line, has come toward the screen, or the eyes are too close to it."""

from __future__ import annotations

from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns import slouch
from posturecam.core.patterns.cue import NOT_AT_ALL, Latch, cue, strongest, weakest
from posturecam.core.patterns.held_posture import DWELL, HeldPosture, Reading
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.posture import Posture

FORWARD = Parameter(
    "forward_cm",
    8.0,
    4.0,
    40.0,
    "how far the head has come forward with the shoulders",
    "what a trunk does that leans by 8-10°, half of what ISO 11226:2000 accepts",
)
TOO_CLOSE = Parameter(
    "too_close_cm",
    40.0,
    20.0,
    80.0,
    "distance of the eyes from the camera that counts whatever has moved",
    "screens belong at 50 cm and more (OSHA), and 10 cm are allowed for the error of the distance",
)
RELEASE = 0.75
"""Share of the onset (judgement)."""
SHOULDERS_CM = (3.0, 1.5)
"""The shoulders have come too, onset and release; less would be the head alone."""
CAME_CLOSER_CM = (4.0, 2.5)
"""Who always sits that close has not leaned in."""
FLEXION_DEG = (15.0, 18.0)
"""The neck is not bent beyond what its extensors bear easily (Namwongsa et al. 2019)."""


def make(tuning: Tuning, sensitivity: Sensitivity) -> HeldPosture:
    """Return a watcher with these values."""
    values = tuning[KIND.name]
    forward_cm, close_cm = values["forward_cm"], values["too_close_cm"]
    slouched, slouching = tuning[slouch.KIND.name], Latch()

    def read(posture: Posture) -> Reading:
        place = posture.placement
        if slouching.update(slouch.firmness(posture, slouched["trunk_deg"], slouched["sink_cm"])):
            return Reading(NOT_AT_ALL, posture.trunk_flexion.deg)
        leaning = weakest(
            cue(place.head_forward_cm, forward_cm, RELEASE * forward_cm),
            cue(place.shoulders_forward_cm, *SHOULDERS_CM),
        )
        too_close = weakest(
            cue(place.eye_distance_cm, close_cm, close_cm / RELEASE),
            cue(place.head_forward_cm, *CAME_CLOSER_CM),
        )
        firmness = weakest(strongest(leaning, too_close), cue(posture.neck_flexion.deg, *FLEXION_DEG))
        return Reading(firmness, posture.trunk_flexion.deg)

    return HeldPosture(KIND.name, read, values["dwell_s"], sensitivity)


KIND = Kind(
    name="lean_in",
    what="Head and shoulders have come toward the screen together, or the eyes are too close to it.",
    why="Who leans in works without the backrest, and bends the neck the more the closer the face is (Nakai "
    "& Toda 2015).",
    said="You have leaned in for a while: lean back, and bring the screen or the letters to you.",
    said_again="Still leaning in: lean back, and bring the screen or the letters to you.",
    manner=Manner.TIP,
    parameters=(FORWARD, TOO_CLOSE, DWELL),
    make=make,
)
