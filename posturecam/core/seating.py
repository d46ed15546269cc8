"""How long somebody has been at the desk, and how long in the same position."""

from __future__ import annotations

import math
from dataclasses import dataclass

from posturecam.core.patterns.sustained import GAP_S, UNMEASURED_FOR_S
from posturecam.core.posture import Posture

SHIFT_CM = 3.0
SHIFT_DEG = 8.0
"""The head is somewhere else when it is so far from where it rested (judgement)."""
HELD_S = 5.0
"""And stays away from there for so long; what is shorter is a glance (judgement)."""


class Seating:
    """Counts the time in which somebody is there; a break starts it anew.

    A shorter absence is no break, and its time is not counted; nor is time without pictures.
    """

    def __init__(self, break_s: float) -> None:
        """Away, or without pictures, for `break_s` is a break."""
        self._break_s = break_s
        self._t_s = -math.inf
        self.present = False
        """As of the last posture."""
        self.since_s: float | None = None
        """When the person sat down after the last break; None during a break."""
        self.seated_s = 0.0
        """The time spent there since then."""
        self.last_there_s = -math.inf
        """When somebody was last there."""

    def update(self, t_s: float, present: bool) -> None:
        """Take the next posture's time, and whether it is somebody's."""
        self.pass_to(t_s)
        if present:
            self.since_s = t_s if self.since_s is None else self.since_s
            self.last_there_s = t_s
        self.present = present

    def pass_to(self, t_s: float) -> None:
        """Let time pass, with what was there last."""
        dt_s = t_s - self._t_s
        self._t_s = t_s
        if t_s - self.last_there_s >= self._break_s:
            self.since_s, self.seated_s = None, 0.0
        elif self.present and dt_s <= GAP_S:
            self.seated_s += dt_s


@dataclass(frozen=True)
class _Position:
    """Where the head is and how it is held; what was not measured is None."""

    numbers: tuple[float | None, ...]

    def is_elsewhere(self, rest: _Position) -> bool:
        """Whether this is another position, by what is known of both."""
        limits = (SHIFT_CM,) * 3 + (SHIFT_DEG,) * 3
        return any(
            a is not None and b is not None and abs(a - b) > limit
            for a, b, limit in zip(self.numbers, rest.numbers, limits, strict=True)
        )


_UNKNOWN = _Position((None,) * 6)


def _position(posture: Posture) -> _Position:
    if not posture.present:
        return _UNKNOWN
    place = posture.placement
    return _Position(
        (
            place.head_forward_cm,
            place.head_left_cm,
            place.head_up_cm,
            posture.head_pitch.deg,
            posture.head_yaw.deg,
            posture.head_roll.deg,
        )
    )


class Resting:
    """Follows the position of the head, and notices when it changes for good."""

    def __init__(self) -> None:
        self._rest = _UNKNOWN
        self._left_rest_s: float | None = None
        self.since_s: float | None = None
        """From when on positions are known; None while they are not."""
        self.last_known_s = -math.inf
        """When the position was last known."""
        self.last_shift_s: float | None = None
        """When it last changed, since then; None when it has not."""

    @property
    def still_since_s(self) -> float | None:
        """Since when the position is the same, as far as is known; None when it is not known."""
        return self.since_s if self.last_shift_s is None else self.last_shift_s

    def update(self, posture: Posture) -> bool:
        """Take the next posture; True when it completes a change of position.

        After 10 s of which nothing is known all is forgotten.
        """
        t_s, position = posture.t_s, _position(posture)
        if t_s - self.last_known_s >= UNMEASURED_FOR_S:
            self.since_s = self.last_shift_s = self._left_rest_s = None
        if position == _UNKNOWN:
            return False
        self.last_known_s = t_s
        if self.since_s is None:
            self.since_s, self._rest = t_s, position
        elif not position.is_elsewhere(self._rest):
            self._left_rest_s = None
        elif self._left_rest_s is None:
            self._left_rest_s = t_s
        elif t_s - self._left_rest_s >= HELD_S:
            self._rest, self.last_shift_s, self._left_rest_s = position, self._left_rest_s, None
            return True
        return False
