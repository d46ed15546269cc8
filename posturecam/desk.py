"""Where a running monitor is reached from other threads: what it is asked to do, and what it says of itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from posturecam.status import Mode, Status


class Desk:
    """What somebody wants of the monitor, and the monitor's latest word. Every method may be called from any thread.

    Wishes are states rather than orders: the last one holds until another is made.
    """

    def __init__(self, status: Status, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970 UTC."""
        self._lock = threading.Lock()
        self._clock = clock
        self._status = status
        self._paused = False
        self._stopping = False
        self._snoozed_until: float | None = None
        self._wished_at = status.since

    @property
    def paused(self) -> bool:
        """It is to let go of the camera and wait."""
        return self._paused

    @property
    def stopping(self) -> bool:
        """It is to end."""
        return self._stopping

    @property
    def snoozed_until(self) -> float | None:
        """It is to measure and say nothing until then, seconds since 1970 UTC; None when it may speak."""
        with self._lock:
            if self._snoozed_until is not None and self._snoozed_until <= self._clock():
                self._snoozed_until = None
            return self._snoozed_until

    def pause(self) -> None:
        """Let go of the camera and wait."""
        self._paused, self._wished_at = True, self._clock()

    def resume(self) -> None:
        """Watch again, and speak again."""
        with self._lock:
            self._paused = False
            self._snoozed_until = None

    def snooze(self, until: float) -> None:
        """Say nothing before this time, seconds since 1970 UTC."""
        with self._lock:
            self._snoozed_until, self._wished_at = until, self._clock()

    def stop(self) -> None:
        """End, with everything saved."""
        self._stopping = True

    def publish(self, status: Status) -> None:
        """For the monitor: what is to be said of it from now on, wishes apart."""
        self._status = status

    @property
    def now(self) -> Status:
        """The monitor as it is, with the wishes that it may not have heard of yet."""
        status, until = self._status, self.snoozed_until
        mode = status.mode
        if self.paused:
            mode = Mode.PAUSED
        elif until is not None and mode in (Mode.WATCHING, Mode.AWAY):
            mode = Mode.SNOOZED
        since = status.mode_since if mode is status.mode else self._wished_at
        return replace(status, mode=mode, mode_since=since, snoozed_until=until)

    def status(self) -> dict[str, Any]:
        """The same, as JSON has it."""
        return self.now.as_dict()
