"""How much of the time a camera is looked through, so that its light is off in between."""

from __future__ import annotations

import re
from typing import NamedTuple

LOOK_RANGE_S = (2.0, 60.0)
"""A camera needs a moment to adjust itself to the light (judgement)."""
EVERY_RANGE_S = (10.0, 120.0)
"""What two looks further apart agree upon says too little about the time between them (judgement)."""
LARGEST_SHARE = 0.5
LATE_S = 2.0
"""A look may begin so much later than the one before, counted from when each was due."""

_DUTY = re.compile(r"(\d+(?:\.\d+)?)\s*s?\s*/\s*(\d+(?:\.\d+)?)\s*(s|m|min)?", re.ASCII)


class Duty(NamedTuple):
    """Looks of `look_s` seconds, one of which begins every `every_s` seconds."""

    look_s: float
    every_s: float

    @property
    def share(self) -> float:
        """Of the time, 0..1."""
        return self.look_s / self.every_s

    @property
    def gap_s(self) -> float:
        """The longest time between two frames of neighbouring looks, seconds."""
        return self.every_s + LATE_S


def parse_duty(text: str) -> Duty:
    """Read "3s/30s", or "5s/1m"; ValueError, with what is allowed, for anything else."""
    if match := _DUTY.fullmatch(text.strip().lower()):
        duty = Duty(float(match[1]), float(match[2]) * (1 if match[3] in (None, "s") else 60))
        if _within(duty.look_s, LOOK_RANGE_S) and _within(duty.every_s, EVERY_RANGE_S) and duty.share <= LARGEST_SHARE:
            return duty
    raise ValueError(
        f"a duty is the length of a look and how often there is one, as 3s/30s: looks of "
        f"{LOOK_RANGE_S[0]:g} to {LOOK_RANGE_S[1]:g} s, every {EVERY_RANGE_S[0]:g} to {EVERY_RANGE_S[1]:g} s, "
        f"for half of the time at most; not {text!r}"
    )


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
