"""Time at the desk: what comes due by it, and goes with a break."""

from __future__ import annotations

import math

from posturecam.core.event import EndReason, Event
from posturecam.core.patterns.spell import Spell
from posturecam.core.posture import Posture
from posturecam.core.seating import Seating


class DeskTime:
    """Is due after so much time at the desk, and again after as much more; a break starts it anew."""

    def __init__(self, name: str, every_s: float, break_s: float) -> None:
        """`name` is the pattern's."""
        self._name = name
        self._every_s = self._due_s = every_s
        self._spell = Spell(name)
        self._seating = Seating(break_s)
        self._t_s = -math.inf

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
        self._seating.update(posture.t_s, posture.present)
        return events

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        return self._pass_time(t_s) + self._spell.end(t_s, self._seating.last_there_s, EndReason.STREAM_END)

    def _pass_time(self, t_s: float) -> list[Event]:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{self._name}: time must not run backwards: {t_s} s after {self._t_s} s")
        self._t_s = t_s
        self._seating.pass_to(t_s)
        since_s = self._seating.since_s
        if since_s is None:
            self._due_s = self._every_s
            return self._spell.end(t_s, self._seating.last_there_s, EndReason.AWAY)
        if self._seating.seated_s < self._due_s:
            return []
        self._due_s += self._every_s
        return self._spell.remind(t_s) if self._spell.open else self._spell.begin(t_s, since_s, None)
