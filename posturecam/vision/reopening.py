"""When to open a camera again that was let go of."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from posturecam.vision.camera import V4L, Holder, openings, still_open
from posturecam.vision.courtesy import Courtesy


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, seconds; all by judgement."""

    tick_s: float = 0.5
    """Between two words while nothing comes."""
    silent_s: float = 2.0
    """Without a picture, beyond the time of one, it is said that it stalls."""
    give_up_s: float = 8.0
    """And then it is opened again."""
    opening_s: float = 20.0
    """An opening that takes longer hangs."""
    frozen_s: float = 30.0
    """A camera that is open for so long, and frozen, is opened again."""
    first_retry_s: float = 1.0
    longest_retry_s: float = 15.0
    """Between two attempts to open it; each wait is twice the one before."""
    linger_s: float = 10.0
    """It is left to others for so long at least: a program that failed to open it needs time to try again."""
    look_round_s: float = 2.0
    """Between two looks at who holds it."""
    hang_s: float = 12.0
    """A thread that has not let go of the camera for so long hangs in its driver."""
    closing_s: float = 1.0
    """At the end it is not waited for longer than this."""


class Reopening:
    """Says when it is time. What comes last counts: a failure, others who want it, or a time that was set."""

    def __init__(self, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience, self._clock = patience, clock
        self._wait_s = patience.first_retry_s
        self._due_s = -math.inf
        self._looked_round_s = -math.inf
        self._devices: frozenset[str] | None = None
        """Those that were there when it failed; None when it did not."""
        self._device: Path | None = None
        self._held_by: set[Holder] = set()
        """Who held it when it was found busy."""
        self._courtesy: Courtesy | None = None
        """Tells when the others are done."""

    def set(self, due_s: float) -> None:
        """At this time, on the clock, whatever comes."""
        self._due_s = due_s
        self._devices = self._courtesy = None
        self._held_by = set()

    def succeed(self) -> None:
        """It is open and gives pictures: the next failure is a new one."""
        self._wait_s = self._patience.first_retry_s

    def fail(self, busy: Path | None = None) -> None:
        """After a while, longer each time; at once when a device comes or goes, or somebody lets go of `busy`."""
        self.set(self._clock() + self._wait_s)
        self._wait_s = min(2 * self._wait_s, self._patience.longest_retry_s)
        self._devices, self._device = _devices(), busy
        self._held_by = openings(busy) if busy else set()

    def leave_to_others(self, courtesy: Courtesy) -> None:
        """When they have let go of it, and not too soon."""
        self.set(self._clock() + self._patience.linger_s)
        self._courtesy = courtesy

    def is_due(self) -> bool:
        """Whether it is time now; ask again and again."""
        now_s = self._clock()
        if self._devices is not None and self._devices != _devices():
            self.set(now_s)
            self.succeed()
        if now_s - self._looked_round_s >= self._patience.look_round_s:
            self._looked_round_s = now_s
            self._look_round(now_s)
        return now_s >= self._due_s

    def _look_round(self, now_s: float) -> None:
        if self._courtesy and self._courtesy.others():
            self._due_s = max(self._due_s, now_s + self._patience.look_round_s)
        if self._device and not all(still_open(self._device, holder) for holder in self._held_by):
            self.set(now_s)


def _devices() -> frozenset[str]:
    """The video devices of this machine; none but on Linux."""
    try:
        return frozenset(os.listdir(V4L))
    except OSError:
        return frozenset()
