"""Hydration: a reminder to drink, by time spent at the desk."""

from __future__ import annotations

import math

from posturecam.core.event import EndReason, Event
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.patterns.spell import Spell
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.posture import Posture

EVERY = Parameter(
    "every_min",
    60.0,
    15.0,
    480.0,
    "minutes at the desk after which it comes, and comes again",
    "judgement: no study of desk work says how often",
)
BREAK_S = 120.0
"""Away for so long, a person could have had a drink (judgement)."""


class Hydration:
    """Counts the time in which somebody is there; a break starts it anew."""

    def __init__(self, every_min: float) -> None:
        self._every_s = 60.0 * every_min
        self._spell = Spell(KIND.name)
        self._t_s = -math.inf
        self._was_there = False
        self._since_s: float | None = None
        """When the person sat down."""
        self._there_s = 0.0
        self._last_there_s = -math.inf
        self._due_s = self._every_s

    @property
    def under_way(self) -> bool:
        """It has come, and there was no break since."""
        return self._spell.open

    @property
    def obstacle(self) -> str | None:
        """Nothing stands in its way."""
        return None

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order; ValueError when time runs backwards."""
        events = self._pass_time(posture.t_s)
        if posture.present:
            self._since_s = posture.t_s if self._since_s is None else self._since_s
            self._last_there_s = posture.t_s
        self._was_there = posture.present
        return events

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        return self._pass_time(t_s) + self._spell.end(t_s, self._last_there_s, EndReason.STREAM_END)

    def _pass_time(self, t_s: float) -> list[Event]:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{KIND.name}: time must not run backwards: {t_s} s after {self._t_s} s")
        dt_s = t_s - self._t_s if math.isfinite(self._t_s) else 0.0
        self._t_s = t_s
        if self._since_s is not None and t_s - self._last_there_s >= BREAK_S:
            self._since_s, self._there_s, self._due_s = None, 0.0, self._every_s
            return self._spell.end(t_s, self._last_there_s, EndReason.AWAY)
        if self._was_there and dt_s <= GAP_S:
            self._there_s += dt_s
        if self._since_s is None or self._there_s < self._due_s:
            return []
        self._due_s += self._every_s
        return self._spell.remind(t_s) if self._spell.open else self._spell.begin(t_s, self._since_s, None)


def make(tuning: Tuning, sensitivity: Sensitivity) -> Hydration:
    """Return a watcher with these values; it knows no sensitivity."""
    return Hydration(tuning[KIND.name]["every_min"])


KIND = Kind(
    name="hydration",
    what="An hour was spent at the desk without a break.",
    why="Drinking is easily forgotten at work, and getting up for it is a break; a camera cannot see thirst.",
    said="An hour at the desk: time for a glass of water.",
    said_again="Another hour at the desk: time for a glass of water.",
    manner=Manner.OFF,
    parameters=(EVERY,),
    make=make,
    of_posture=False,
)
