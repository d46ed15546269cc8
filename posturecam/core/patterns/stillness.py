"""Stillness: no change of position for a long time, whatever the position."""

from __future__ import annotations

import math
from collections import deque

from posturecam.core.event import EndReason, Event
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.patterns.spell import Spell
from posturecam.core.patterns.sustained import UNMEASURED_FOR_S
from posturecam.core.posture import Posture
from posturecam.core.seating import Resting

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
        self._resting = Resting()
        self._t_s = -math.inf
        self._said_s = -math.inf

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
        t_s, known_s = self._pass_to(posture.t_s), self._resting.last_known_s
        was_known = self._resting.since_s is not None
        shifted = self._resting.update(posture)
        if was_known and t_s - known_s >= UNMEASURED_FOR_S:
            self._shifts_s.clear()
            reason = EndReason.NOT_MEASURED if posture.present else EndReason.AWAY
            return self._spell.end(t_s, known_s, reason)
        if shifted:
            self._shifts_s.append(t_s)
            return self._spell.end(t_s, self._resting.last_shift_s or t_s, EndReason.RECOVERED)
        return self._look_back(t_s) if self._resting.last_known_s == t_s else []

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        self._pass_to(t_s)
        return self._spell.end(t_s, self._resting.last_known_s, EndReason.STREAM_END)

    def _pass_to(self, t_s: float) -> float:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{KIND.name}: time must not run backwards: {t_s} s after {self._t_s} s")
        self._t_s = t_s
        return t_s

    def _look_back(self, t_s: float) -> list[Event]:
        full = len(self._shifts_s) == self._shifts_s.maxlen
        still_since_s = self._shifts_s[0] if full else self._resting.since_s or 0.0
        if t_s - still_since_s < self._window_s or t_s - self._said_s < self._again_s:
            return []
        self._said_s = t_s
        return self._spell.remind(t_s) if self._spell.open else self._spell.begin(t_s, still_since_s, None)


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
