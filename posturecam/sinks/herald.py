"""The herald: tells every alert in every way there is, each on its own."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from posturecam.closing import Closing
from posturecam.core.alert import Alert
from posturecam.sinks.courier import CLOSE_S, Courier

WAITING = 2
"""Alerts that may wait for a way that is slow: of more, the older ones are no longer news (judgement)."""


class AlertSink(Protocol):
    """One way of telling."""

    @property
    def name(self) -> str:
        """What it is called when there is trouble with it."""

    def tell(self, alert: Alert) -> None:
        """Tell it; may take long, and may raise whatever it likes."""

    def close(self) -> None:
        """Free what it holds."""


class Herald(Closing):
    """Tells in every way at once. A way that fails or hangs hinders neither the others nor the caller."""

    def __init__(self, sinks: Sequence[AlertSink]) -> None:
        """It closes the sinks when it is closed."""
        self._couriers = {
            sink.name: Courier(f"alerts by {sink.name}", sink.tell, most=WAITING, afterwards=sink.close)
            for sink in sinks
        }

    def tell(self, alert: Alert) -> None:
        """Have it told; returns at once and never raises."""
        for courier in self._couriers.values():
            courier.send(alert)

    @property
    def troubles(self) -> Mapping[str, str]:
        """By a sink's name why it failed last, in words; it goes with its next success."""
        return {name: trouble for name, one in self._couriers.items() if (trouble := one.trouble)}

    def close(self) -> None:
        """Tell what waits, and close the sinks; what takes longer than 2 s altogether is left behind."""
        for courier in self._couriers.values():
            courier.finish()
        deadline = time.monotonic() + CLOSE_S
        for courier in self._couriers.values():
            courier.close(max(0.0, deadline - time.monotonic()))
