"""Slouch: the trunk has given way while the head is held up to look on."""

from __future__ import annotations

from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.cue import cue, magnitude, strongest, weakest
from posturecam.core.patterns.held_posture import DWELL, HeldPosture, Reading
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.posture import Posture

TRUNK = Parameter(
    "trunk_deg",
    8.0,
    5.0,
    40.0,
    "flexion of the trunk that counts when the head follows it only in part",
    "well under the 20° that ISO 11226:2000 accepts of a trunk with its head in line, well over its error (judgement)",
)
SINK = Parameter(
    "sink_cm",
    3.0,
    1.5,
    15.0,
    "fall of head and shoulders together that counts when the head stays level",
    "five times its drift in the measurement (judgement)",
)
RELEASE = 0.7
"""Share of either onset (judgement)."""
OVER_TRUNK_DEG = (3.0, 2.0)
"""The head pitches by so much less than the trunk leans, onset and release: by 4-7° in slouches seen from the
front, by 1° when somebody leans in with a straight back (rendered people)."""
OVER_NECK_DEG = (5.0, 4.0)
"""Or by so much less than the neck leans, from C7 to the ear: by 7° in slouches seen from the side."""
FOLLOWS_DEG = (3.0, 1.5)
"""Yet it follows: by 3-14° in slouches; who leans in and looks on straight ahead keeps it level, within -1 to 3°
(rendered people)."""
LEAN_LOWERS = 0.2
"""Who leans in is lower by this share of what the head has come forward, without having sunk (rendered people)."""
LEVEL_DEG = (8.0, 11.0)
BACK_CM = (-5.0, -7.0)
"""Who sinks because of leaning back goes back further."""


def firmness(posture: Posture, trunk_deg: float, sink_cm: float) -> float | None:
    """How firmly the trunk is bent or sunken; None when neither can be told."""
    pitch, trunk, neck = posture.head_pitch.deg, posture.trunk_flexion.deg, posture.head_forward.deg
    place = posture.placement
    if pitch is None:
        return None
    held_up = strongest(
        None if trunk is None else cue(trunk - pitch, *OVER_TRUNK_DEG),
        None if neck is None else cue(neck - pitch, *OVER_NECK_DEG),
    )
    bent = weakest(cue(trunk, trunk_deg, RELEASE * trunk_deg), held_up, cue(pitch, *FOLLOWS_DEG))
    lower_cm = LEAN_LOWERS * max(0.0, place.head_forward_cm or 0.0)
    sunken = weakest(
        cue(place.head_up_cm, -sink_cm - lower_cm, -RELEASE * sink_cm - lower_cm),
        cue(place.shoulders_up_cm, -sink_cm - lower_cm, -RELEASE * sink_cm - lower_cm),
        cue(place.head_forward_cm, *BACK_CM),
        cue(magnitude(pitch), *LEVEL_DEG),
    )
    return strongest(bent, sunken)


def make(tuning: Tuning, sensitivity: Sensitivity) -> HeldPosture:
    """Return a watcher with these values."""
    values = tuning[KIND.name]

    def read(posture: Posture) -> Reading:
        return Reading(firmness(posture, values["trunk_deg"], values["sink_cm"]), posture.trunk_flexion.deg)

    return HeldPosture(KIND.name, read, values["dwell_s"], sensitivity)


KIND = Kind(
    name="slouch",
    what="The trunk is bent forward and the head follows only in part, or head and shoulders have sunk together.",
    why="A bent trunk under a lifted head tires the neck's extensors; change of posture halves new neck pain "
    "(Waongenngarm et al. 2021).",
    said="You have sunk into your chair for a while: sit up, or change how you sit.",
    said_again="Still bent over: sit up, or change how you sit.",
    manner=Manner.ALERT,
    parameters=(TRUNK, SINK, DWELL),
    make=make,
)
