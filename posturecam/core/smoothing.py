"""Smoothing of angles: the 1€ filter (Casiez, Roussel & Vogel, CHI 2012).

It is a low-pass whose cutoff rises with speed: a head that is still is smoothed a lot, one that moves is
followed. It starts anew after a gap, and where nothing was measured it gives nothing.

The paper gives the filter and a way to tune it: a cutoff at rest that calms a still head, then a beta that follows one
that moves. At 5 samples a second, white jitter of 1° (SD; heads that hold still have 0.1-0.7°) comes out as 0.5°, and a
drop by 40° in 1.2 s is followed 0.05 s late at half its height and at nine tenths; at 15 samples a second it is 0.4°
and 0.04 s. A beta of 0.015 makes it 0.35°, but the drop 0.16 and 0.21 s late, and that was a fifth of all error on
rendered people, who nod at up to 100°/s. A median of 3 samples in front would take out a single wild sample, and be
0.2 s late by itself: there is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from posturecam.core.placement import UNPLACED, Placement
from posturecam.core.posture import Angle, Posture

MIN_CUTOFF_HZ = 0.2
"""Cutoff at rest; lower is calmer and later."""
BETA = 0.08
"""Rise of the cutoff with speed, Hz per deg/s; higher follows sooner and lets more jitter through (0.06-0.2 measure
rendered people alike)."""
D_CUTOFF_HZ = 1.0
"""Cutoff of the speed itself (Casiez et al. 2012)."""
RESTART_AFTER_S = 1.0
"""After so long without a measurement the past says too little about the present (judgement)."""

MOVING_TOGETHER = (
    ("head_pitch", "trunk_flexion", "neck_flexion"),
    ("head_forward",),
    ("head_yaw",),
    ("head_roll",),
    ("lateral_tilt",),
)
"""The angles of a `Posture` by filter. Neck flexion is head pitch minus trunk flexion, and one filter for
the three keeps it so."""


@dataclass(slots=True)
class _Track:
    """Where the filter last saw a value, and how fast it went."""

    t_s: float = -math.inf
    deg: float = 0.0
    speed_deg_s: float = 0.0

    def speed_at(self, t_s: float, deg: float, cutoff_hz: float) -> float:
        """Return how fast the value goes that is `deg` now; 0 after a gap."""
        dt_s = t_s - self.t_s
        if dt_s > RESTART_AFTER_S:
            return 0.0
        if dt_s == 0:
            return self.speed_deg_s
        return _low_pass(self.speed_deg_s, (deg - self.deg) / dt_s, dt_s, cutoff_hz)

    def follow(self, t_s: float, deg: float, speed_deg_s: float, cutoff_hz: float) -> float:
        """Go on to the value that is `deg` now, and return it smoothed; after a gap as it is."""
        dt_s = t_s - self.t_s
        if dt_s <= RESTART_AFTER_S:
            deg = _low_pass(self.deg, deg, dt_s, cutoff_hz)
        self.t_s, self.deg, self.speed_deg_s = t_s, deg, speed_deg_s
        return deg


class OneEuroFilter:
    """The 1€ filter over values in degrees that share one cutoff, that of the fastest of them.

    Equal weights keep differences: as long as values were measured together, what added up before the
    filter adds up after it. One value alone is filtered exactly as in the paper.
    """

    def __init__(
        self,
        values: int = 1,
        *,
        min_cutoff_hz: float = MIN_CUTOFF_HZ,
        beta: float = BETA,
        d_cutoff_hz: float = D_CUTOFF_HZ,
    ) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._d_cutoff_hz = d_cutoff_hz
        self._t_s = -math.inf
        self._tracks = [_Track() for _ in range(values)]

    def update(self, t_s: float, degs: Sequence[float | None]) -> list[float | None]:
        """Filter one sample of each value. None stays None; the first value after a gap is given as it is.

        Raises ValueError, and changes nothing, when time runs backwards or a value is not finite.
        """
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"time must not run backwards: {t_s} s after {self._t_s} s")
        if not all(deg is None or math.isfinite(deg) for deg in degs):
            raise ValueError(f"an angle must be finite or missing: {degs}")
        speeds_deg_s = [
            0.0 if deg is None else track.speed_at(t_s, deg, self._d_cutoff_hz)
            for track, deg in zip(self._tracks, degs, strict=True)
        ]
        cutoff_hz = self._min_cutoff_hz + self._beta * max(map(abs, speeds_deg_s))
        self._t_s = t_s
        return [
            None if deg is None else track.follow(t_s, deg, speed_deg_s, cutoff_hz)
            for track, deg, speed_deg_s in zip(self._tracks, degs, speeds_deg_s, strict=True)
        ]


def _low_pass(before: float, now: float, dt_s: float, cutoff_hz: float) -> float:
    """One step of exponential smoothing with the given cutoff."""
    weight = dt_s / (dt_s + 1 / (2 * math.pi * cutoff_hz))
    return before + weight * (now - before)


class PostureSmoother:
    """Smooths every angle of a stream of postures.

    A missing angle stays missing, with its reason. An angle's `sd_deg` does not fall, because most of the
    error to expect of it is slow and no filter takes it out; it grows by what the filter is behind. A placement
    is smoothed likewise, its centimetres as if they were degrees. Shoulder elevations pass unchanged.
    """

    def __init__(self) -> None:
        self._filters = {names: OneEuroFilter(len(names)) for names in MOVING_TOGETHER}
        self._placement = OneEuroFilter(len(vars(UNPLACED)))

    def update(self, posture: Posture) -> Posture:
        """The posture with its angles smoothed by those before it.

        Raises ValueError when time runs backwards.
        """
        smoothed: dict[str, Any] = {}
        for names, one_euro in self._filters.items():
            angles = [getattr(posture, name) for name in names]
            degs = one_euro.update(posture.t_s, [angle.deg for angle in angles])
            smoothed.update(zip(names, map(_smoothed, angles, degs), strict=True))
        places = self._placement.update(posture.t_s, list(vars(posture.placement).values()))
        return replace(posture, **smoothed, placement=Placement(*places))


def _smoothed(angle: Angle, deg: float | None) -> Angle:
    """The angle with its smoothed value, which may be wrong by the distance to the measured one as well."""
    if angle.deg is None or angle.sd_deg is None or deg is None:
        return angle
    return Angle(deg, math.hypot(angle.sd_deg, deg - angle.deg))
