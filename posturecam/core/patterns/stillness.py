"""Stillness: no change of position for a long time, whatever the position."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from posturecam.core.event import EndReason, Event
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.patterns.spell import Spell
from posturecam.core.patterns.sustained import UNMEASURED_FOR_S
from posturecam.core.posture import Posture

WINDOW = Parameter(
    "window_min",
    15.0,
    2.0,
    120.0,
    "minutes that are looked back upon",
    "the time over which shifts of sitting people were counted (Davidson & Callaghan 2024)",
)
LEAST_SHIFTS = Parameter(
    "least_shifts",
    2.0,
    1.0,
    20.0,
    "changes of position in that time that are enough",
    "under a quarter of the 9 that sitting people make of themselves (Davidson & Callaghan 2024)",
)
AGAIN = Parameter(
    "again_min",
    20.0,
    5.0,
    240.0,
    "minutes until it is said again",
    "pauses every 20 min served best (McLean et al. 2001)",
)
SHIFT_CM = 3.0
SHIFT_DEG = 8.0
"""The head is somewhere else when it is so far from where it rested (judgement)."""
HELD_S = 5.0
"""And stays away from there for so long; what is shorter is a glance (judgement)."""


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


class Stillness:
    """Counts the changes of position; 10 s of which nothing is known start it anew.

    It is due when the changes before the last few lie further back than the window. Any change is an end
    to it.
    """

    def __init__(self, window_min: float, least_shifts: float, again_min: float) -> None:
        self._window_s = 60.0 * window_min
        self._again_s = 60.0 * again_min
        self._shifts_s: deque[float] = deque(maxlen=round(least_shifts))
        self._spell = Spell(KIND.name)
        self._t_s = -math.inf
        self._known_s = -math.inf
        """When the position was last known."""
        self._said_s = -math.inf
        self._since_s = math.inf
        """From when on positions are known."""
        self._rest = _UNKNOWN
        self._left_rest_s: float | None = None

    @property
    def under_way(self) -> bool:
        """It has come, and there was no change since."""
        return self._spell.open

    @property
    def obstacle(self) -> str | None:
        """Nothing stands in its way but time."""
        return None

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order; ValueError when time runs backwards."""
        t_s = self._pass_to(posture.t_s)
        position = _position(posture) if posture.present else _UNKNOWN
        known = position.numbers != _UNKNOWN.numbers
        if t_s - self._known_s >= UNMEASURED_FOR_S and math.isfinite(self._known_s):
            events = self._lost(t_s, EndReason.NOT_MEASURED if posture.present else EndReason.AWAY)
        elif known:
            events = self._known(t_s, position)
        else:
            return []
        if known:
            self._known_s = t_s
            if not math.isfinite(self._since_s):
                self._since_s, self._rest = t_s, position
        return events

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        self._pass_to(t_s)
        return self._spell.end(t_s, self._known_s, EndReason.STREAM_END)

    def _pass_to(self, t_s: float) -> float:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{KIND.name}: time must not run backwards: {t_s} s after {self._t_s} s")
        self._t_s = t_s
        return t_s

    def _lost(self, t_s: float, reason: EndReason) -> list[Event]:
        """Forget all; nothing was known for too long."""
        events = self._spell.end(t_s, self._known_s, reason)
        self._since_s, self._known_s, self._left_rest_s = math.inf, -math.inf, None
        self._shifts_s.clear()
        return events

    def _known(self, t_s: float, position: _Position) -> list[Event]:
        if not position.is_elsewhere(self._rest):
            self._left_rest_s = None
        elif self._left_rest_s is None:
            self._left_rest_s = t_s
        elif t_s - self._left_rest_s >= HELD_S:
            return self._shift(t_s, position)
        full = len(self._shifts_s) == self._shifts_s.maxlen
        still_since_s = self._shifts_s[0] if full else self._since_s
        if t_s - still_since_s < self._window_s or t_s - self._said_s < self._again_s:
            return []
        self._said_s = t_s
        return self._spell.remind(t_s) if self._spell.open else self._spell.begin(t_s, still_since_s, None)

    def _shift(self, t_s: float, position: _Position) -> list[Event]:
        left_s, self._left_rest_s, self._rest = self._left_rest_s, None, position
        self._shifts_s.append(t_s)
        return self._spell.end(t_s, left_s or t_s, EndReason.RECOVERED)


def make(tuning: Tuning, sensitivity: Sensitivity) -> Stillness:
    """Return a watcher with these values; it knows no sensitivity."""
    values = tuning[KIND.name]
    return Stillness(values["window_min"], values["least_shifts"], values["again_min"])


KIND = Kind(
    name="stillness",
    what="In a quarter of an hour the head changed its place, by 3 cm or 8° for 5 s, once at most.",
    why="Shifting one's posture halved new neck pain in a trial (hazard ratio 0.41; Waongenngarm et al. "
    "2021): any posture tires.",
    said="You have not moved for a quarter of an hour: shift, stretch, or stand up.",
    said_again="Still in the same place: shift, stretch, or stand up.",
    manner=Manner.NUDGE,
    parameters=(WINDOW, LEAST_SHIFTS, AGAIN),
    make=make,
    of_posture=False,
)
