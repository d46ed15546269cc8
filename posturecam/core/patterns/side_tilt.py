"""Side tilt: the head bent sideways, with no shoulder raised to meet it."""

from __future__ import annotations

from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns import phone_cradle
from posturecam.core.patterns.cue import NOT_AT_ALL, Latch, cue, magnitude
from posturecam.core.patterns.held_posture import DWELL, HeldPosture, Reading
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.posture import Posture

TILT = Parameter(
    "tilt_deg",
    10.0,
    5.0,
    45.0,
    "lateral flexion of the head on the trunk",
    "ISO 11226:2000 and EN 1005-4:2005 accept up to 10°",
)
RELEASE = 0.7
"""Share of the onset (judgement)."""


def make(tuning: Tuning, sensitivity: Sensitivity) -> HeldPosture:
    """Return a watcher with these values."""
    values = tuning[KIND.name]
    onset_deg, cradle_deg = values["tilt_deg"], tuning[phone_cradle.KIND.name]["tilt_deg"]

    cradle = Latch()

    def read(posture: Posture) -> Reading:
        tilt_deg = magnitude(posture.lateral_tilt.deg)
        if cradle.update(phone_cradle.firmness(posture, cradle_deg)):
            return Reading(NOT_AT_ALL, tilt_deg)
        return Reading(cue(tilt_deg, onset_deg, RELEASE * onset_deg), tilt_deg)

    return HeldPosture(KIND.name, read, values["dwell_s"], sensitivity)


KIND = Kind(
    name="side_tilt",
    what="The head is bent sideways on the trunk, and no shoulder is raised to meet it.",
    why="Lateral flexion of the neck by over 10° is not acceptable when held (ISO 11226:2000, EN 1005-4:2005).",
    said="Your head has been tilted to one side for a while: let it come back to the middle.",
    said_again="Your head is still tilted to one side: let it come back to the middle.",
    manner=Manner.TIP,
    parameters=(TILT, DWELL),
    make=make,
)
