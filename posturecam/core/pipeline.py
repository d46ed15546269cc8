"""The one way from landmarks to samples and episodes, the same live and replayed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from posturecam.core.alert_policy import AlertPolicy, Decision
from posturecam.core.arbiter import Arbiter
from posturecam.core.camera import FIELD_OF_VIEW_DEG
from posturecam.core.drift import DriftFollower
from posturecam.core.event import Episode, Event, EventKind
from posturecam.core.iso11226 import STANDARD, Sensitivity
from posturecam.core.landmarks import Landmarks
from posturecam.core.manner import Manner
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import Neutral
from posturecam.core.patterns import table, text_neck
from posturecam.core.patterns.pattern import Kind, Pattern
from posturecam.core.patterns.text_neck import ONSET_DEG, FlexionThresholds, TextNeck
from posturecam.core.session import Sample, Watch
from posturecam.core.setup_change import Setup, SetupChange, SetupWatch
from posturecam.core.smoothing import PostureSmoother
from posturecam.core.state import StateReader
from posturecam.core.triangulation import Triangulation


@dataclass(frozen=True)
class Settings:
    """What a user can choose about measuring and alerting."""

    sensitivity: Sensitivity = STANDARD
    onset_deg: float = ONSET_DEG
    field_of_view_deg: float = FIELD_OF_VIEW_DEG
    choices: table.Choices = field(default_factory=dict)
    """About the patterns. Text neck's onset is `onset_deg`, whatever stands here."""

    @property
    def thresholds(self) -> FlexionThresholds:
        """The flexions that matter; ValueError for an onset out of range."""
        return FlexionThresholds(self.onset_deg)

    @property
    def manners(self) -> dict[str, Manner]:
        """How loudly each pattern speaks."""
        return table.manners(self.choices)


class Pipeline:
    """Measures, smooths, watches and decides, one frame's landmarks after the other.

    All time is the landmarks' own. Closed episodes gather in `episodes`.
    """

    def __init__(self, neutral: Neutral, settings: Settings) -> None:
        """Raises ValueError for a choice that cannot be made."""
        self._measurement = Measurement(neutral, settings.field_of_view_deg)
        self._triangulation = Triangulation(neutral, self._measurement.scene)
        self._setup = SetupWatch(self._measurement.scene.camera, neutral.backdrop)
        self._smoother = PostureSmoother()
        self._drift = DriftFollower()
        self._states = StateReader(settings.thresholds)
        self._manners = settings.manners
        self._watchers = _watchers(settings)
        self._text_neck = next((p for _, p in self._watchers if isinstance(p, TextNeck)), None)
        self._arbiter = Arbiter(
            kind.name for kind, _ in self._watchers if kind.of_posture and self._manners[kind.name].speaks
        )
        self._policy = AlertPolicy(self._manners)
        self.episodes: list[Episode] = []

    @property
    def watches(self) -> tuple[Watch, ...]:
        """The patterns that are watched for, and what stood in the way of each so far."""
        return tuple(Watch(kind.name, self._manners[kind.name], pattern.obstacle) for kind, pattern in self._watchers)

    @property
    def setup(self) -> Setup:
        """Whether camera and seat are where they were at neutral, as of the last frame."""
        return self._setup.setup

    @property
    def setup_changes(self) -> tuple[SetupChange, ...]:
        """The times for which they were not."""
        return tuple(self._setup.changes)

    @property
    def _at_ease(self) -> bool:
        """No posture is held that is watched for."""
        return not any(pattern.under_way for kind, pattern in self._watchers if kind.of_posture)

    def update(self, landmarks: Landmarks) -> tuple[Sample, list[Decision]]:
        """Take the next frame's landmarks; return its sample and what came about.

        Raises ValueError when time runs backwards or the frame's size changes.
        """
        measured = self._measurement.measure(landmarks)
        measured = replace(measured, placement=self._triangulation.place(landmarks, measured))
        measured = self._setup.update(landmarks, measured)
        posture = self._drift.update(self._smoother.update(measured), self._at_ease)
        events = [
            event
            for kind, pattern in self._watchers
            for event in pattern.update(measured if kind.as_measured else posture)
        ]
        sample = Sample(
            posture,
            self._states.update(posture),
            self._text_neck.exposure if self._text_neck else 0.0,
            tuple(kind.name for kind, pattern in self._watchers if pattern.under_way),
        )
        return sample, self._decide(events)

    def finish(self, t_s: float) -> list[Decision]:
        """End the stream at `t_s`; return what that closes."""
        return self._decide([event for _, pattern in self._watchers for event in pattern.finish(t_s)])

    def _decide(self, events: list[Event]) -> list[Decision]:
        decisions = [self._policy.decide(event, self._arbiter.covers(event)) for event in events]
        ended = (decision.event for decision in decisions if decision.event.kind is EventKind.END)
        self.episodes.extend(event.episode for event in ended)
        return decisions


def _watchers(settings: Settings) -> list[tuple[Kind, Pattern]]:
    """The patterns that are not off, the most specific first, as chosen."""
    tuning, manners = dict(table.tuning(settings.choices)), settings.manners
    tuning[text_neck.KIND.name] = {"onset_deg": settings.onset_deg}
    return [
        (kind, kind.make(tuning, settings.sensitivity)) for kind in table.KINDS if manners[kind.name] is not Manner.OFF
    ]
