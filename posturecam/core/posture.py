"""The measured posture of one frame: angles with their uncertainty, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from posturecam.core.placement import UNPLACED, Placement

SURE_WITHIN_DEG = 6.0
"""An angle's confidence is the probability that it lies within this of the truth."""


class View(str, Enum):
    """From where the camera sees the person's trunk."""

    FRONT = "front"
    THREE_QUARTER = "three_quarter"
    SIDE = "side"


class Absence(str, Enum):
    """Why something was not measured."""

    NOBODY = "nobody"
    """Nobody is in the picture."""
    TURNED_AWAY = "turned_away"
    """The head is turned too far for this angle to show."""
    UNSURE = "unsure"
    """The landmarks are too uncertain to support a number."""
    OUT_OF_FRAME = "out_of_frame"
    """A part of the body that this angle needs is outside the picture."""
    VIEW = "view"
    """This angle cannot be seen from this view, or the view is not the neutral's."""
    STALE = "stale"
    """The camera or the seat has moved since neutral, so that changes from it mean nothing."""
    OTHER_PERSON = "other_person"
    """Somebody else is in the picture, and the person is not."""
    TWO_PEOPLE = "two_people"
    """Several people are in the picture, and it cannot be told which of them is the person."""


@dataclass(frozen=True)
class Angle:
    """A change from neutral in degrees with its expected error, or the reason why it is missing."""

    deg: float | None
    sd_deg: float | None
    """Standard deviation of the error to expect, degrees; None exactly when `deg` is None."""
    absence: Absence | None = None
    """Why `deg` is None; None exactly when `deg` is a number."""

    def __post_init__(self) -> None:
        if (self.deg is None) != (self.absence is not None) or (self.deg is None) != (self.sd_deg is None):
            raise ValueError("an angle is a number with an uncertainty, or missing with a reason")

    @property
    def confidence(self) -> float:
        """Probability that the angle lies within SURE_WITHIN_DEG of the truth, 0..1; 0 when missing."""
        if self.sd_deg is None:
            return 0.0
        if self.sd_deg == 0:
            return 1.0
        return math.erf(SURE_WITHIN_DEG / (self.sd_deg * math.sqrt(2)))


def missing(reason: Absence) -> Angle:
    """An angle that was not measured, and why."""
    return Angle(None, None, reason)


@dataclass(frozen=True)
class Posture:
    """One frame's posture. Every angle is a change from the person's own neutral, in degrees.

    Signs: pitch down, flexion forward, head forward are positive; yaw and roll are positive
    towards the person's left.
    """

    t_s: float
    """Stream time of the frame, seconds."""
    present: bool
    """Somebody is in the picture."""
    view: View | None
    """None when nobody is there or the view cannot be told."""
    head_pitch: Angle
    """Inclination of the head against gravity (ISO 11226)."""
    trunk_flexion: Angle
    """Inclination of the trunk, hip to C7."""
    neck_flexion: Angle
    """Head inclination minus trunk inclination (ISO 11226)."""
    head_forward: Angle
    """Turn of the line from C7 to the tragus from the vertical: the fall of the craniovertebral angle."""
    head_yaw: Angle
    """Turn of the head, + to the person's left."""
    head_roll: Angle
    """Lateral flexion of the head, + toward the person's left shoulder."""
    lateral_tilt: Angle
    """Head roll minus the tilt of the shoulder line, + toward the person's left shoulder."""
    shoulder_elevation_left_sw: float | None
    """Rise of the left shoulder toward the ear, in shoulder widths; None when not seen."""
    shoulder_elevation_right_sw: float | None
    """Rise of the right shoulder toward the ear, in shoulder widths; None when not seen."""
    placement: Placement = UNPLACED
    """Where head and shoulders are."""

    @property
    def confidence(self) -> float:
        """Of the neck flexion, 0..1: the probability that it lies within 6° of the truth."""
        return self.neck_flexion.confidence

    @property
    def absence(self) -> Absence | None:
        """Why there is no neck flexion; None when there is one."""
        return self.neck_flexion.absence


ANGLES = tuple(f.name for f in fields(Posture) if f.type == "Angle")
"""Names of the angles of a `Posture`, in its order."""


def withheld(posture: Posture, reason: Absence) -> Posture:
    """The same person in the same picture, with nothing measured, and why."""
    gone: dict[str, Any] = dict.fromkeys(ANGLES, missing(reason))
    return replace(
        posture, **gone, shoulder_elevation_left_sw=None, shoulder_elevation_right_sw=None, placement=UNPLACED
    )


def nobody(t_s: float) -> Posture:
    """The posture of an empty picture."""
    none = missing(Absence.NOBODY)
    return Posture(t_s, False, None, none, none, none, none, none, none, none, None, None)
