"""Rapid turn: the head flung round, faster than it turns by habit."""

from __future__ import annotations

import math

from posturecam.core.event import EndReason, Episode, Event, EventKind
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.posture import Posture

PEAK = Parameter(
    "peak_deg_s",
    200.0,
    100.0,
    600.0,
    "peak speed of the turn, degrees per second",
    "twice the peak of free-living turns (104°/s; Cho et al. 2025), 60 % of the fastest that healthy people "
    "can do (348°/s; Röijezon et al. 2010)",
)
AMPLITUDE = Parameter(
    "amplitude_deg",
    30.0,
    15.0,
    120.0,
    "how far the head turns in one go",
    "half of a free-living turn (58°; Cho et al. 2025)",
)
SLOWEST_RATE_HZ = 20.0
"""With fewer frames a second a turn of 0.2 s has no speed (judgement)."""
RATE_TOLERANCE = 1.15
"""Frame intervals vary."""
FASTEST_DEG_S = 700.0
"""What is faster is a jump of the landmarks: the fastest of people do 348 ± 92°/s (Röijezon et al. 2010)."""
MOVING_DEG_S = 30.0
"""A turn lasts while the head goes on one way at least so fast (judgement)."""


class RapidTurn:
    """Watches the head's yaw as it was measured; smoothing would take the speed out of it."""

    def __init__(self, peak_deg_s: float, amplitude_deg: float) -> None:
        self._peak_deg_s = peak_deg_s
        self._amplitude_deg = amplitude_deg
        self._seen = False
        self._t_s = -math.inf
        self._yaw_deg: float | None = None
        self._start: tuple[float, float] | None = None
        """When and where the turn under way began."""
        self._fastest_deg_s = 0.0
        """Its speed so far, + to the left."""

    @property
    def under_way(self) -> bool:
        """Nothing of it lasts."""
        return False

    @property
    def obstacle(self) -> str | None:
        """Why no turn could be seen."""
        return None if self._seen else f"it takes {SLOWEST_RATE_HZ:g} frames per second of a face"

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order; ValueError when time runs backwards."""
        t_s, yaw_deg = posture.t_s, posture.head_yaw.deg if posture.present else None
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{KIND.name}: time must not run backwards: {t_s} s after {self._t_s} s")
        before_s, before_deg = self._t_s, self._yaw_deg
        self._t_s, self._yaw_deg = t_s, yaw_deg
        dt_s = t_s - before_s
        if yaw_deg is None or before_deg is None or not 0 < dt_s <= RATE_TOLERANCE / SLOWEST_RATE_HZ:
            return self._stop(before_s, before_deg)
        self._seen = True
        speed_deg_s = (yaw_deg - before_deg) / dt_s
        if abs(speed_deg_s) > FASTEST_DEG_S:
            self._start = None
            return []
        events = []
        if abs(speed_deg_s) < MOVING_DEG_S or speed_deg_s * self._fastest_deg_s < 0:
            events = self._stop(before_s, before_deg)
        if abs(speed_deg_s) >= MOVING_DEG_S:
            self._start = self._start or (before_s, before_deg)
            self._fastest_deg_s = max(self._fastest_deg_s, speed_deg_s, key=abs)
        return events

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it a turn."""
        return self._stop(self._t_s, self._yaw_deg)

    def _stop(self, end_s: float, end_deg: float | None) -> list[Event]:
        """The head came to rest at `end_s`, or was lost from sight; return the turn if it was a rapid one."""
        start, fastest_deg_s = self._start, self._fastest_deg_s
        self._start, self._fastest_deg_s = None, 0.0
        if start is None or end_deg is None:
            return []
        start_s, start_deg = start
        amplitude_deg = abs(end_deg - start_deg)
        if abs(fastest_deg_s) < self._peak_deg_s or amplitude_deg < self._amplitude_deg:
            return []
        episode = Episode(KIND.name, start_s, None, None, end_s, amplitude_deg, amplitude_deg, EndReason.RECOVERED)
        return [Event(EventKind.END, self._t_s, episode)]


def make(tuning: Tuning, sensitivity: Sensitivity) -> RapidTurn:
    """Return a watcher with these values; it knows no sensitivity."""
    values = tuning[KIND.name]
    return RapidTurn(values["peak_deg_s"], values["amplitude_deg"])


KIND = Kind(
    name="rapid_turn",
    what="The head turned far, and at its fastest faster than it does by habit. The angles are the turn's.",
    why="Sudden forceful turns are named as a trigger of neck spasm; no harm was shown at work (Ariëns et "
    "al. 2001), so it is only written down.",
    said="You turned your head quickly.",
    said_again="You turned your head quickly.",
    manner=Manner.LOG,
    parameters=(PEAK, AMPLITUDE),
    make=make,
    as_measured=True,
    of_posture=False,
)
