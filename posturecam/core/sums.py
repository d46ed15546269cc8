"""Sums: times and integrals of a stretch of samples that add up over any number of stretches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from posturecam.core.demand import gravitational_demand
from posturecam.core.posture import Absence
from posturecam.core.session import Sample, Session
from posturecam.core.state import State

BIN_DEG = 5
"""Width of the bins in which the distribution of the neck flexion is counted, degrees."""

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Sums:
    """Sums over time. What was not measured is in none but `state_s` and `absence_s`."""

    state_s: Mapping[State, float] = field(default_factory=dict)
    """Time in each state that occurred."""
    absence_s: Mapping[Absence, float] = field(default_factory=dict)
    """Time without a neck flexion, by its reason."""
    angles_s: Mapping[int, float] = field(default_factory=dict)
    """Time at a neck flexion, by the lower edge of its bin in degrees."""
    flexion_deg_s: float = 0.0
    """Integral of the neck flexion over time."""
    above_onset_s: float = 0.0
    """Time at or above the onset that was in force."""
    demand_s: float = 0.0
    """Time with a head pitch, for which a gravitational demand is known."""
    demand_integral_s: float = 0.0
    """Integral of the gravitational demand, as a multiple of neutral's, over that time."""
    demand_above_s: float = 0.0
    """Integral of what is above neutral's."""

    @property
    def observed_s(self) -> float:
        """Time that samples stand for."""
        return sum(self.state_s.values())

    @property
    def measured_s(self) -> float:
        """Time with a neck flexion."""
        return sum(self.angles_s.values())

    @property
    def mean_flexion_deg(self) -> float | None:
        """Over the time in which it was measured; None when it never was."""
        return self.flexion_deg_s / self.measured_s if self.measured_s > 0 else None

    @property
    def above_onset_share(self) -> float | None:
        """Of the measured time, 0..1; None when there is none."""
        return self.above_onset_s / self.measured_s if self.measured_s > 0 else None

    @property
    def mean_demand(self) -> float | None:
        """Gravitational demand over time, × neutral's; None when head pitch was not measured."""
        return self.demand_integral_s / self.demand_s if self.demand_s > 0 else None

    @property
    def demand_minutes(self) -> float:
        """Time integral of the demand above neutral's: one minute at twice neutral's demand gives 1."""
        return self.demand_above_s / 60

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            _sum(self.state_s, other.state_s),
            _sum(self.absence_s, other.absence_s),
            _sum(self.angles_s, other.angles_s),
            self.flexion_deg_s + other.flexion_deg_s,
            self.above_onset_s + other.above_onset_s,
            self.demand_s + other.demand_s,
            self.demand_integral_s + other.demand_integral_s,
            self.demand_above_s + other.demand_above_s,
        )


def sum_up(held: Iterable[tuple[Sample, float]], onset_deg: float) -> Sums:
    """Count samples, each with the seconds that it stands for."""
    state_s: dict[State, float] = {}
    absence_s: dict[Absence, float] = {}
    angles_s: dict[int, float] = {}
    flexion_deg_s = above_onset_s = demand_s = demand_integral_s = demand_above_s = 0.0
    for sample, dt_s in held:
        if dt_s <= 0:
            continue
        posture = sample.posture
        _add(state_s, sample.state, dt_s)
        if (deg := posture.neck_flexion.deg) is not None:
            _add(angles_s, BIN_DEG * math.floor(deg / BIN_DEG), dt_s)
            flexion_deg_s += deg * dt_s
            above_onset_s += dt_s if deg >= onset_deg else 0.0
        elif posture.absence is not None:
            _add(absence_s, posture.absence, dt_s)
        if (pitch_deg := posture.head_pitch.deg) is not None:
            demand = gravitational_demand(pitch_deg)
            demand_s += dt_s
            demand_integral_s += demand * dt_s
            demand_above_s += max(0.0, demand - 1) * dt_s
    return Sums(
        state_s,
        absence_s,
        angles_s,
        flexion_deg_s,
        above_onset_s,
        demand_s,
        demand_integral_s,
        demand_above_s,
    )


def sums_of(session: Session) -> Sums:
    """Count a whole session."""
    return sum_up(zip(session.samples, session.held_s, strict=True), session.thresholds.onset_deg)


def _sum(one: Mapping[_Key, float], other: Mapping[_Key, float]) -> dict[_Key, float]:
    total = dict(one)
    for key, seconds in other.items():
        _add(total, key, seconds)
    return total


def _add(spent: dict[_Key, float], key: _Key, seconds: float) -> None:
    spent[key] = spent.get(key, 0.0) + seconds
