"""Phone cradle: the head bent sideways onto a shoulder that is raised to meet it."""

from __future__ import annotations

from posturecam.core.iso11226 import FLOOR_S, Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.cue import cue, magnitude, weakest
from posturecam.core.patterns.held_posture import HeldPosture, Reading
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.posture import Posture

TILT = Parameter(
    "tilt_deg",
    15.0,
    8.0,
    45.0,
    "lateral flexion of the head on the trunk",
    "ISO 11226:2000 and EN 1005-4:2005 accept 10°; 5° more for the error of the measurement",
)
DWELL = Parameter(
    "dwell_s",
    20.0,
    FLOOR_S,
    3600.0,
    "held for so long it is worth a word, at the standard sensitivity",
    "judgement: longer than a stretch of the neck, shorter than a call",
)
RELEASE_DEG = 5.0
"""Between onset and release of the tilt (judgement)."""
GAP = (0.85, 0.92)
"""Height of the ear over that shoulder, as a share of neutral's, onset and release. As BlazePose marks the
ears, a cradled phone closes it to 0.73-0.75, a tilt of 15° alone to 0.94 (rendered people)."""
RISE_CM = (1.2, 0.5)
"""Rise of that shoulder, and its rise over the other, onset and release: of one by 5 cm, 2.2 to 2.9 are seen
(rendered people). Who stretches the neck does not raise it."""


def firmness(posture: Posture, tilt_deg: float) -> float | None:
    """How firmly the head is bent onto a raised shoulder; None when that cannot be told."""
    tilt, place = posture.lateral_tilt.deg, posture.placement
    if tilt is None:
        return None
    rise_cm, other_cm = place.left_shoulder_up_cm, place.right_shoulder_up_cm
    gap = place.ear_gap_left
    if tilt < 0:
        rise_cm, other_cm, gap = other_cm, rise_cm, place.ear_gap_right
    over_cm = None if rise_cm is None or other_cm is None else rise_cm - other_cm
    return weakest(
        cue(abs(tilt), tilt_deg, tilt_deg - RELEASE_DEG),
        cue(rise_cm, *RISE_CM),
        cue(over_cm, *RISE_CM),
        cue(gap, *GAP),
    )


def make(tuning: Tuning, sensitivity: Sensitivity) -> HeldPosture:
    """Return a watcher with these values."""
    values = tuning[KIND.name]

    def read(posture: Posture) -> Reading:
        return Reading(firmness(posture, values["tilt_deg"]), magnitude(posture.lateral_tilt.deg))

    return HeldPosture(KIND.name, read, values["dwell_s"], sensitivity)


KIND = Kind(
    name="phone_cradle",
    what="The head is bent sideways, and the shoulder on that side is raised toward the ear.",
    why="A telephone held that way strains one side of the neck; lateral flexion beyond 10° is not "
    "acceptable when held (ISO 11226:2000).",
    said="Something is held between ear and shoulder: take it in your hand, or use a headset.",
    said_again="Still held between ear and shoulder: change hands, or use a headset.",
    manner=Manner.ALERT,
    parameters=(TILT, DWELL),
    make=make,
)
