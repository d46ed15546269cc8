"""Holding poses on cue: the course of a guided calibration, from what is seen to what to tell the person.

A step waits until the pose is taken up and still, then counts the seconds for which it is held. Time is
that of the pictures and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from calibration.baseline import NEUTRAL, POSED, Array, Demands, Flaw, UnfitError, baseline
from calibration.steady import Stretch

DOWN = "neck_flexion_deg"
"""The signal that says how far down the head is, once the upright pose is known."""
STILL_S = 1.0
"""A pose that has not varied for so long is being held (judgement)."""
STILL_SHARE = 0.75
"""Of STILL_S that pictures must span: they need not lie at its very ends."""
BLINK_S = 0.5
"""Not seen for less, a pose is still held (judgement)."""
GAP_S = 1.0
"""When pictures lie further apart, nothing is known about the pose between them (judgement)."""
ROUNDING_S = 1e-6
"""Times that differ by less are the same: what is held does not depend on where the clock stands."""
MOVED_SD_DEG = 2.0
"""Varying more within STILL_S, somebody is leaving a pose: no upright head sways so much (judgement)."""
DOWN_DEG = 5.0
"""A pose counts as looking down from so far under the upright one: more than twice the sway of sitting."""


class Pose(str, Enum):
    """What the person is asked to do."""

    UPRIGHT = "upright"
    """Sit upright and look at the middle of the screen."""
    KEYBOARD = "keyboard"
    """Look at the keyboard."""
    PHONE = "phone"
    """Look down at a phone as usual."""
    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    BOTTOM_RIGHT = "bottom_right"
    BOTTOM_LEFT = "bottom_left"


class Waiting(str, Enum):
    """Why a pose is not being held."""

    TOO_DARK = "too_dark"
    NOBODY = "nobody"
    TWO_PEOPLE = "two_people"
    SHOULDERS_OUT = "shoulders_out"
    """The shoulders are out of the picture."""
    TURNED = "turned"
    """The head is turned to the side."""
    MOVING = "moving"
    NOT_YET_MOVED = "not_yet_moved"
    """Still in the pose of the step before."""
    NOT_DOWN = "not_down"
    """The head is not lowered, and this step asks for it."""


@dataclass(frozen=True)
class Step:
    """One pose to hold."""

    pose: Pose
    hold_s: float
    optional: bool = True
    """It can be skipped."""
    looks_down: bool = False
    """The signal DOWN must show a lowered head."""
    demands: Demands = POSED
    """What its hold must be like; a pose that varies more is not held."""


STEPS = (
    Step(Pose.UPRIGHT, 8.0, optional=False, demands=NEUTRAL),
    Step(Pose.KEYBOARD, 3.0, looks_down=True),
    Step(Pose.PHONE, 6.0, looks_down=True),
)
CORNERS = tuple(Step(pose, 2.0) for pose in (Pose.TOP_LEFT, Pose.TOP_RIGHT, Pose.BOTTOM_RIGHT, Pose.BOTTOM_LEFT))


@dataclass(frozen=True)
class Cue:
    """Where a step stands, to be shown."""

    step: Step
    waiting: Waiting | None
    """Why the pose is not being held; None while it is."""
    held_s: float
    """For how long it has been held; 0 while waiting."""
    spoilt: Flaw | None = None
    """Why the last try at this step was of no use; None when there was none."""

    @property
    def progress(self) -> float:
        """Share of the step that is done, 0..1."""
        return min(1.0, self.held_s / self.step.hold_s)

    @property
    def left_s(self) -> float:
        """Seconds for which it is still to be held."""
        return max(0.0, self.step.hold_s - self.held_s)


Signals = Mapping[str, float]
"""Degrees by name: what must not vary while a pose is held.

The turn of the head is not among them: it may vary more, and too much of it is Waiting.TURNED.
"""


class Holding:
    """Leads through the steps, picture by picture.

    A step's hold begins when the pose has been still for STILL_S, and begins anew when the pose is lost.
    After a hold the person must be seen to move before the next one can begin, so that no pose is taken
    for another.
    """

    def __init__(self, steps: Sequence[Step] = STEPS) -> None:
        self._steps = tuple(steps)
        self.number = 0
        """How many steps are done or skipped."""
        self.held: dict[Pose, Stretch] = {}
        """When each pose was held; a skipped one is not in it."""
        self._t_s = -math.inf
        self._moved = True
        self._recent: list[tuple[float, Signals]] = []
        """What was seen in the last STILL_S without a break."""
        self._hold: list[tuple[float, Signals]] = []
        """What was seen since the hold began; empty while waiting."""
        self._spoilt: Flaw | None = None

    @property
    def step(self) -> Step | None:
        """The step that is under way; None when all are done."""
        return self._steps[self.number] if self.number < len(self._steps) else None

    def update(self, t_s: float, seen: Signals | Waiting) -> Cue | None:
        """Take one picture's signals, or why it has none; return the cue, None when all steps are done.

        Signals of other names than the picture's before begin the hold anew. Raises ValueError, and changes
        nothing, when time runs backwards, a signal is no number, or the one that the step needs is not there.
        """
        self._check(t_s, seen)
        if t_s - self._t_s > GAP_S + ROUNDING_S:
            self._recent, self._hold = [], []
        self._t_s = t_s
        step = self.step
        if step is None:
            return None
        waiting = self._unseen(t_s, seen) if isinstance(seen, Waiting) else self._seen(step, t_s, seen)
        if self.step is not step:
            return Cue(self.step, Waiting.NOT_YET_MOVED, 0.0) if self.step else None
        held_s = self._hold[-1][0] - self._hold[0][0] if self._hold else 0.0
        return Cue(step, waiting, held_s, self._spoilt)

    def skip(self) -> None:
        """Go on without this step; ValueError when it cannot be left out, or there is none."""
        if self.step is None or not self.step.optional:
            raise ValueError("this step cannot be skipped")
        self._go_to(self.number + 1)

    def again(self) -> None:
        """Go back to the step before and forget what was held there; ValueError at the first."""
        if self.number == 0:
            raise ValueError("there is no step before this one")
        self._go_to(self.number - 1)
        self._moved = False
        self.held.pop(self._steps[self.number].pose, None)

    def _check(self, t_s: float, seen: Signals | Waiting) -> None:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"time must not run backwards: {t_s} s after {self._t_s} s")
        if isinstance(seen, Waiting):
            return
        if not seen or not all(map(math.isfinite, seen.values())):
            raise ValueError("a signal is a number; a picture that lacks one is a Waiting")
        if self.step and self.step.looks_down and DOWN not in seen:
            raise ValueError(f"{DOWN} is needed to see whether the head is down")

    def _unseen(self, t_s: float, why: Waiting) -> Waiting | None:
        """Nothing was measured: after a blink the pose is lost."""
        if self._hold and t_s - self._hold[-1][0] <= BLINK_S + ROUNDING_S:
            return None
        self._recent, self._hold = [], []
        self._moved = True
        return why

    def _seen(self, step: Step, t_s: float, signals: Signals) -> Waiting | None:
        """The signals were measured: return why they are not the pose, or None when it is being held."""
        if self._recent and signals.keys() != self._recent[-1][1].keys():
            self._recent, self._hold = [], []
        since_s = t_s - STILL_S - ROUNDING_S
        self._recent = [*((t, one) for t, one in self._recent if t >= since_s), (t_s, signals)]
        waiting = self._obstacle(step, signals)
        if waiting:
            self._hold = []
            return waiting
        self._hold.append((t_s, signals))
        if t_s - self._hold[0][0] >= step.hold_s - ROUNDING_S:
            self._complete(step)
        return None

    def _obstacle(self, step: Step, signals: Signals) -> Waiting | None:
        times, columns = _columns(self._recent)
        sd_deg = max(values.std() for values in columns.values())
        self._moved = self._moved or sd_deg > MOVED_SD_DEG
        if sd_deg > step.demands.max_sd_deg:
            return Waiting.MOVING
        if not self._moved:
            return Waiting.NOT_YET_MOVED
        if step.looks_down and signals[DOWN] < DOWN_DEG:
            return Waiting.NOT_DOWN
        still = self._hold or np.ptp(times) >= STILL_SHARE * STILL_S - ROUNDING_S
        return None if still else Waiting.MOVING

    def _complete(self, step: Step) -> None:
        """Take what was held if a baseline can be taken from it; else the step begins anew."""
        times, columns = _columns(self._hold)
        self._hold = []
        try:
            baseline(times, columns, demands=step.demands)
        except UnfitError as error:
            self._spoilt = error.flaw
            return
        self.held[step.pose] = Stretch(float(times[0]), float(times[-1]))
        self._go_to(self.number + 1)
        self._moved = False

    def _go_to(self, number: int) -> None:
        self.number = number
        self._hold = []
        self._spoilt = None


def _columns(seen: Sequence[tuple[float, Signals]]) -> tuple[Array, dict[str, Array]]:
    """Return the times (n,) and each signal's values (n,)."""
    names = seen[0][1].keys()
    columns = {name: np.array([signals[name] for _, signals in seen]) for name in names}
    return np.array([t_s for t_s, _ in seen]), columns
