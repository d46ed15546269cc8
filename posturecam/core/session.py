"""What a session came to: its samples and episodes, and the sums that a person asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise

from posturecam.core.alert_policy import Decision, Told
from posturecam.core.demand import gravitational_demand
from posturecam.core.event import Episode
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.posture import Absence, Posture
from posturecam.core.state import State


@dataclass(frozen=True)
class Sample:
    """One analysed frame: its smoothed posture and the state that was in force."""

    posture: Posture
    state: State
    exposure: float = 0.0
    """How much of the time until a text-neck alert is used up: 1 when it is due, more beyond."""
    under_way: tuple[str, ...] = ()
    """Names of the patterns beyond their onsets, even for a glance, the most specific first."""

    @property
    def t_s(self) -> float:
        """Stream time of the frame, seconds."""
        return self.posture.t_s


@dataclass(frozen=True)
class Recording:
    """The facts of what was watched."""

    name: str
    """The file's path or the camera's name, as the user knows it."""
    width_px: int
    height_px: int
    """Of the upright picture."""
    duration_s: float | None
    """Length as the file states it, seconds; None when it does not."""
    frame_rate_hz: float | None
    """Mean frame rate of the file; None when it does not say."""
    analysis_rate_hz: float
    """Frames looked at per second."""


class NeutralSource(str, Enum):
    """Who chose the neutral."""

    FOUND = "found"
    """A steady, upright stretch of the recording, found automatically."""
    GIVEN = "given"
    """Seconds of the recording that the user named."""
    PROFILE = "profile"
    """A calibrated profile."""


@dataclass(frozen=True)
class NeutralOrigin:
    """Where the neutral comes from: seconds of this recording, or a profile's name, never both."""

    source: NeutralSource
    start_s: float | None = None
    end_s: float | None = None
    profile: str | None = None

    def __post_init__(self) -> None:
        of_profile = self.source is NeutralSource.PROFILE
        if (self.profile is None) == of_profile or {self.start_s is None, self.end_s is None} != {of_profile}:
            raise ValueError("a neutral comes from seconds of the recording or from a named profile")


@dataclass(frozen=True)
class Totals:
    """How much the neck was bent. Times count only while the neck flexion was measured."""

    above_onset_s: float
    """Time at or above the onset angle."""
    longest_hold_s: float
    """The longest text-neck episode; 0 when no excursion was held long enough to be one."""
    mean_flexion_deg: float | None
    """Over time; None when nothing was measured."""
    measured_share: float | None
    """Samples with a neck flexion among all samples, 0..1; None without samples."""
    mean_demand: float | None
    """Gravitational demand over time, as a multiple of neutral's; None when head pitch was not measured."""
    demand_minutes: float
    """Time integral of the demand above neutral's: one minute at twice neutral's demand gives 1."""


@dataclass(frozen=True)
class Watch:
    """One pattern, as it was watched for."""

    pattern: str
    manner: Manner
    obstacle: str | None = None
    """Why nothing of it could be seen, in a few words; None when something could."""


@dataclass(frozen=True)
class Tally:
    """What came of watching for one pattern."""

    episodes: int
    alerts: int
    """Episodes whose exposure became full."""
    told: int
    """Alerts that were told, or would have been."""
    held_s: float
    """How long all episodes lasted together."""


@dataclass(frozen=True)
class Session:
    """What a replay, or a live run, concluded. Samples are in the order of time."""

    recording: Recording
    neutral: NeutralOrigin | None
    """None when nobody was seen for long enough: nothing was measured."""
    thresholds: FlexionThresholds
    sensitivity: Sensitivity
    samples: tuple[Sample, ...]
    episodes: tuple[Episode, ...]
    notes: tuple[str, ...] = ()
    """What the user should know about this recording, one sentence each."""
    watches: tuple[Watch, ...] = ()
    """The patterns that were watched for, the most specific first."""
    decisions: tuple[Decision, ...] = ()
    """All that came about, in its order, and what the alert policy decided."""

    def __post_init__(self) -> None:
        if any(later.t_s < earlier.t_s for earlier, later in pairwise(self.samples)):
            raise ValueError("samples must be in the order of time")

    @property
    def duration_s(self) -> float:
        """Length of the recording, and never less than what was seen of it."""
        return max(self.recording.duration_s or 0.0, self.samples[-1].t_s if self.samples else 0.0)

    @cached_property
    def held_s(self) -> tuple[float, ...]:
        """For how long each sample stands: until the next one, the last until the recording's end.

        A wait longer than GAP_S is a gap, and the sample before it stands for no time at all.
        """
        times = [s.t_s for s in self.samples]
        until = [*times[1:], self.duration_s] if times else []
        return tuple(b - a if b - a <= GAP_S else 0.0 for a, b in zip(times, until, strict=True))

    @property
    def observed_s(self) -> float:
        """Time that samples stand for."""
        return sum(self.held_s)

    @property
    def not_observed_s(self) -> float:
        """Time of the recording that no sample stands for: gaps, and what could not be read."""
        return max(0.0, self.duration_s - self.observed_s)

    @property
    def state_s(self) -> dict[State, float]:
        """Time in each state; every state is there."""
        spent = dict.fromkeys(State, 0.0)
        for sample, held in zip(self.samples, self.held_s, strict=True):
            spent[sample.state] += held
        return spent

    @property
    def absence_s(self) -> dict[Absence, float]:
        """Time without a neck flexion, by its reason; only reasons that occurred, longest first."""
        spent: dict[Absence, float] = {}
        for sample, held in zip(self.samples, self.held_s, strict=True):
            if sample.posture.absence is not None and held > 0:
                spent[sample.posture.absence] = spent.get(sample.posture.absence, 0.0) + held
        return dict(sorted(spent.items(), key=lambda item: -item[1]))

    @property
    def alerts(self) -> tuple[Episode, ...]:
        """The episodes whose exposure became full."""
        return tuple(e for e in self.episodes if e.alert_s is not None)

    @property
    def totals(self) -> Totals:
        """How much the neck was bent over the whole session."""
        flexion, demand = [], []
        text_necks = (e for e in self.episodes if e.pattern == "text_neck")
        for sample, held in zip(self.samples, self.held_s, strict=True):
            neck, head = sample.posture.neck_flexion.deg, sample.posture.head_pitch.deg
            if neck is not None:
                flexion.append((neck, held))
            if head is not None:
                demand.append((gravitational_demand(head), held))
        return Totals(
            above_onset_s=sum(held for deg, held in flexion if deg >= self.thresholds.onset_deg),
            longest_hold_s=max(map(self._length_s, text_necks), default=0.0),
            mean_flexion_deg=_time_mean(flexion),
            measured_share=len(flexion) / len(self.samples) if self.samples else None,
            mean_demand=_time_mean(demand),
            demand_minutes=sum(max(0.0, times - 1) * held for times, held in demand) / 60,
        )

    def tally(self, pattern: str) -> Tally:
        """What came of watching for this pattern."""
        of_it = [e for e in self.episodes if e.pattern == pattern]
        return Tally(
            len(of_it),
            sum(e.alert_s is not None for e in of_it),
            sum(e.told == Told.YES for e in of_it),
            sum(map(self._length_s, of_it)),
        )

    def _length_s(self, episode: Episode) -> float:
        end_s = episode.end_s if episode.end_s is not None else self.samples[-1].t_s
        return end_s - episode.onset_s


def _time_mean(values: Iterable[tuple[float, float]]) -> float | None:
    """Mean of (value, seconds) pairs; None when they last no time."""
    pairs = list(values)
    total_s = sum(held for _, held in pairs)
    return sum(value * held for value, held in pairs) / total_s if total_s > 0 else None
