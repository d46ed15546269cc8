"""A robust baseline: where signals rested over a stretch of time, and how much they moved about there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from calibration.steady import SEEN_SHARE

Array = NDArray[np.float64]

MAX_YAW_DEG = 10.0
"""A head turned further from the camera is not looking at the screen (ISO 11226 allows no more sideways)."""
MAX_YAW_SD_DEG = 4.0
"""Reading a screen turns the head more than it tilts it (judgement)."""

SD_PER_MAD = 1.4826
"""Standard deviations in one median absolute deviation of a normal distribution."""
OUTLIER_SDS = 3.0
"""A value this many robust standard deviations from the median is an outlier (Leys et al. 2013)."""
OUTLIER_DEG, OUTLIER_YAW_DEG = 1.0, 2.0
"""Nearer to the median than this, a value never is one, however still the rest was held. Of a turn it is twice that,
as of how much it may vary: who looks anywhere between camera and screen has none in most pictures, and so no spread."""
SLACK_S = 0.25
"""Pictures need not lie at the very ends of a stretch."""


@dataclass(frozen=True)
class Level:
    """Where a signal rested, and how far it strayed from there, degrees."""

    median_deg: float
    sd_deg: float
    """Robust standard deviation: 1.4826 times the median absolute deviation."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.median_deg) and 0 <= self.sd_deg < np.inf):
            raise ValueError("a level is a finite median with a standard deviation of 0 or more")


@dataclass(frozen=True)
class Demands:
    """What a stretch must be like for a baseline to be taken from it."""

    max_sd_deg: float
    """Signals that vary more were not held still."""
    least_s: float
    least_frames: int
    kept_share: float
    """When fewer of the frames are no outliers, the others are another pose."""


NEUTRAL = Demands(max_sd_deg=2.0, least_s=2.0, least_frames=8, kept_share=0.7)
"""A head held upright varies by about 2° from one time to the next (Moorrees & Kean 1958), and by about 1°
while it is held still before a camera; less than 2 s are a snapshot (judgement)."""
POSED = Demands(max_sd_deg=4.0, least_s=1.0, least_frames=4, kept_share=0.5)
"""Hands at work move the head more than a screen does, and a glance is short and mostly way (judgement)."""


class Flaw(str, Enum):
    """Why no baseline can be taken from a stretch."""

    TOO_LITTLE_SEEN = "too_little_seen"
    NOT_STEADY = "not_steady"
    TURNED = "turned"


class UnfitError(ValueError):
    """No baseline can be taken from a stretch; the text says why, in words for the person."""

    def __init__(self, flaw: Flaw, words: str) -> None:
        super().__init__(words)
        self.flaw = flaw


@dataclass(frozen=True, eq=False)
class Baseline:
    """Where each signal rested over a stretch."""

    levels: Mapping[str, Level]
    """By the signal's name, in the order given."""
    used: NDArray[np.bool_]
    """(n,): the frames that it rests on: everything was seen in them, and nothing was an outlier."""


def level_of(values_deg: Array) -> Level:
    """Return the median and robust spread of the values (n,), NaN left out; ValueError when none is left."""
    seen = values_deg[~np.isnan(values_deg)]
    if not len(seen):
        raise ValueError("there is no level without a value")
    median = float(np.median(seen))
    return Level(median, SD_PER_MAD * float(np.median(np.abs(seen - median))))


def baseline(
    t_s: Array,
    signals_deg: Mapping[str, Array],
    yaw_deg: Array | None = None,
    demands: Demands = NEUTRAL,
) -> Baseline:
    """Return the baseline of a stretch whose frames lie at `t_s` (n,), rising, in seconds.

    `signals_deg` holds (n,) for each signal, NaN where it was not measured. `yaw_deg` (n,) is the turn of
    the head from the camera, not from any neutral; None when the view does not show it. A frame counts when
    everything was measured in it; of these, frames in which any signal is an outlier are left out of the
    levels.

    Raises UnfitError when too little was seen, the head was turned away, or it was not held still.
    """
    watched = dict(signals_deg) if yaw_deg is None else {**signals_deg, "yaw_deg": yaw_deg}
    seen = ~np.isnan(np.stack(list(watched.values()))).any(axis=0)
    _require_seen(t_s, seen, demands)
    if yaw_deg is not None and abs(turn := level_of(yaw_deg[seen]).median_deg) > MAX_YAW_DEG:
        raise UnfitError(
            Flaw.TURNED,
            f"the head is turned {abs(turn):.0f}° to the side, and {MAX_YAW_DEG:.0f}° is the most",
        )
    used = seen.copy()
    for name, values in watched.items():
        level = level_of(values[seen])
        limit, near = (MAX_YAW_SD_DEG, OUTLIER_YAW_DEG) if name == "yaw_deg" else (demands.max_sd_deg, OUTLIER_DEG)
        if level.sd_deg > limit:
            raise UnfitError(
                Flaw.NOT_STEADY,
                f"the pose is not held still: the {_words(name)} varies by {level.sd_deg:.1f}° "
                f"(standard deviation), and {limit:g}° is the most",
            )
        reach = max(OUTLIER_SDS * level.sd_deg, near)
        used &= np.abs(np.nan_to_num(values, nan=np.inf) - level.median_deg) <= reach
    if used.sum() < demands.kept_share * seen.sum():
        raise UnfitError(
            Flaw.NOT_STEADY,
            f"the pose is not held still: only {used.sum() / seen.sum():.0%} of the pictures show it",
        )
    return Baseline({name: level_of(values[used]) for name, values in signals_deg.items()}, used)


def _require_seen(t_s: Array, seen: NDArray[np.bool_], demands: Demands) -> None:
    if seen.sum() < SEEN_SHARE * len(seen):
        raise UnfitError(
            Flaw.TOO_LITTLE_SEEN,
            f"too little is seen: {seen.sum()} of {len(seen)} pictures can be measured, "
            f"and {SEEN_SHARE:.0%} are needed",
        )
    span_s = float(np.ptp(t_s[seen])) if seen.any() else 0.0
    if seen.sum() < demands.least_frames or span_s < demands.least_s - SLACK_S:
        raise UnfitError(
            Flaw.TOO_LITTLE_SEEN,
            f"too little is seen: {seen.sum()} pictures over {span_s:.1f} s, "
            f"and {demands.least_frames} over {demands.least_s:g} s are needed",
        )


def _words(name: str) -> str:
    return name.removesuffix("_deg").replace("_", " ")
