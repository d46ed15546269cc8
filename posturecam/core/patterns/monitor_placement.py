"""Monitor placement: the screen makes the head look down, up, or aside, by habit."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

from posturecam.core.event import EndReason, Event
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.patterns.spell import Spell
from posturecam.core.posture import Posture

LOW = Parameter(
    "low_deg",
    10.0,
    5.0,
    30.0,
    "median head pitch from which on the screen is too low",
    "laptops bend the neck 10.9° more than screens of their own do (WORK 63, 2019, n = 30)",
)
HIGH = Parameter(
    "high_deg",
    5.0,
    2.0,
    30.0,
    "median pitch upward from which on it is too high",
    "a head held back is not acceptable without support (ISO 11226:2000); 5° for the error",
)
ASIDE = Parameter(
    "aside_deg",
    20.0,
    10.0,
    60.0,
    "turn of the head that counts as looking aside",
    "screens belong within 15° of straight ahead (NUREG-0700); 5° for the error",
)
WINDOW = Parameter("window_min", 10.0, 2.0, 120.0, "minutes that are looked back upon", "judgement")
ASIDE_SHARE = 0.6
"""Share of the time (judgement)."""
SCREEN_PITCH_DEG = 20.0
"""A head bent down or up further is not turned to the screen: text neck begins there."""
STEP_S = 1.0
"""Samples are gathered over so long."""
A_DAY_S = 24 * 3600.0


@dataclass(frozen=True)
class _Seen:
    """An angle at a time."""

    t_s: float
    deg: float


class MonitorPlacement:
    """Looks back on the last minutes in which the head was seen, and speaks once a day at most."""

    def __init__(self, low_deg: float, high_deg: float, aside_deg: float, window_min: float) -> None:
        self._low_deg, self._high_deg, self._aside_deg = low_deg, high_deg, aside_deg
        steps = round(60 * window_min / STEP_S)
        self._yaws: deque[_Seen] = deque(maxlen=steps)
        self._pitches: deque[_Seen] = deque(maxlen=steps)
        """Of the steps in which the screen was faced."""
        self._spell = Spell(KIND.name)
        self._t_s = -math.inf
        self._next_step_s = -math.inf
        self._said_s = -math.inf

    @property
    def under_way(self) -> bool:
        """It has come, and the habit has not changed since."""
        return self._spell.open

    @property
    def obstacle(self) -> str | None:
        """Nothing stands in its way but time."""
        return None

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order; ValueError when time runs backwards."""
        t_s, pitch_deg, yaw_deg = posture.t_s, posture.head_pitch.deg, posture.head_yaw.deg
        self._pass_to(t_s)
        if not posture.present or yaw_deg is None or t_s < self._next_step_s:
            return []
        self._next_step_s = t_s + STEP_S
        self._yaws.append(_Seen(t_s, yaw_deg))
        facing = abs(yaw_deg) <= self._aside_deg
        if facing and pitch_deg is not None and abs(pitch_deg) <= SCREEN_PITCH_DEG:
            self._pitches.append(_Seen(t_s, pitch_deg))
        habit = self._height() or self._side()
        if habit is None:
            return self._spell.end(t_s, t_s, EndReason.RECOVERED)
        if self._spell.open or t_s - self._said_s < A_DAY_S:
            return []
        self._said_s = t_s
        return self._spell.begin(t_s, habit.t_s, habit.deg)

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        self._pass_to(t_s)
        last_s = self._yaws[-1].t_s if self._yaws else t_s
        return self._spell.end(t_s, last_s, EndReason.STREAM_END)

    def _pass_to(self, t_s: float) -> None:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{KIND.name}: time must not run backwards: {t_s} s after {self._t_s} s")
        self._t_s = t_s

    def _height(self) -> _Seen | None:
        """Since when the head has been bent to the screen, and how far; None without such a habit."""
        if len(self._pitches) < (self._pitches.maxlen or 0):
            return None
        middle_deg = median(seen.deg for seen in self._pitches)
        if -self._high_deg < middle_deg < self._low_deg:
            return None
        return _Seen(self._pitches[0].t_s, middle_deg)

    def _side(self) -> _Seen | None:
        """Since when the head has mostly been turned aside, and how far; None without such a habit."""
        if len(self._yaws) < (self._yaws.maxlen or 0):
            return None
        for side in (1, -1):
            aside = [seen for seen in self._yaws if side * seen.deg > self._aside_deg]
            if len(aside) > ASIDE_SHARE * len(self._yaws):
                return _Seen(self._yaws[0].t_s, median(seen.deg for seen in aside))
        return None


def make(tuning: Tuning, sensitivity: Sensitivity) -> MonitorPlacement:
    """Return a watcher with these values; it knows no sensitivity."""
    values = tuning[KIND.name]
    return MonitorPlacement(values["low_deg"], values["high_deg"], values["aside_deg"], values["window_min"])


KIND = Kind(
    name="monitor_placement",
    what="The head faces the screen bent down or up, or turned aside, by habit; the angle is the median.",
    why="The head takes four tenths of the way to a screen that is too low (Burgess-Limerick et al. 1998), "
    "for as long as one works.",
    said="The screen draws your head down, up or aside: put it straight ahead, its top just under the eyes.",
    said_again="The screen still draws your head down, up or aside: put it straight ahead.",
    manner=Manner.TIP,
    parameters=(LOW, HIGH, ASIDE, WINDOW),
    make=make,
    of_posture=False,
)
