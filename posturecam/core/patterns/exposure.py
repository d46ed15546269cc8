"""A leaky exposure: how much of a holding time has been used up."""

from __future__ import annotations

import math
from collections.abc import Callable

LEAK = 2.0
"""Recovery is this many times as fast as filling at the onset (judgement)."""


class Exposure:
    """Fills while a posture is held, the faster the shorter its holding time, and leaks when it is not.

    0 is recovered; at 1 the holding time is used up. A posture held beyond that goes on filling, so that
    it takes longer to recover from, up to `most`.
    """

    def __init__(self, holding_s: Callable[[float], float], onset: float, most: float = math.inf) -> None:
        """`holding_s` gives the seconds for which a value may be held; `onset` is the least value held."""
        self._holding_s = holding_s
        self._recovery_s = holding_s(onset) / LEAK
        self._most = most
        self.level = 0.0

    @property
    def full(self) -> bool:
        """The holding time is used up."""
        return self.level >= 1.0

    @property
    def empty(self) -> bool:
        """Nothing is left of it."""
        return self.level == 0.0

    def fill(self, dt_s: float, value: float) -> None:
        """The posture was held at `value` for `dt_s`."""
        self.level = min(self._most, self.level + dt_s / self._holding_s(value))

    def leak(self, dt_s: float) -> None:
        """The posture was not held for `dt_s`."""
        self.level = max(0.0, self.level - dt_s / self._recovery_s)

    def fall_back(self, level: float) -> None:
        """Take back what was filled since it stood at `level`."""
        self.level = min(self.level, level)
