"""The one way from landmarks to samples and episodes, the same live and replayed."""

from __future__ import annotations

from dataclasses import dataclass

from posturecam.core.alert_policy import AlertPolicy, Decision
from posturecam.core.camera import FIELD_OF_VIEW_DEG
from posturecam.core.event import Episode, EventKind
from posturecam.core.iso11226 import STANDARD, Sensitivity
from posturecam.core.landmarks import Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import Neutral
from posturecam.core.patterns.text_neck import ONSET_DEG, FlexionThresholds, TextNeck
from posturecam.core.session import Sample
from posturecam.core.smoothing import PostureSmoother
from posturecam.core.state import StateReader


@dataclass(frozen=True)
class Settings:
    """What a user can choose about measuring and alerting."""

    sensitivity: Sensitivity = STANDARD
    onset_deg: float = ONSET_DEG
    field_of_view_deg: float = FIELD_OF_VIEW_DEG

    @property
    def thresholds(self) -> FlexionThresholds:
        """The flexions that matter; ValueError for an onset out of range."""
        return FlexionThresholds(self.onset_deg)


class Pipeline:
    """Measures, smooths, watches and decides, one frame's landmarks after the other.

    All time is the landmarks' own. Closed episodes gather in `episodes`.
    """

    def __init__(self, neutral: Neutral, settings: Settings) -> None:
        self._measurement = Measurement(neutral, settings.field_of_view_deg)
        self._smoother = PostureSmoother()
        self._states = StateReader(settings.thresholds)
        self._text_neck = TextNeck(settings.sensitivity, settings.onset_deg)
        self._policy = AlertPolicy()
        self.episodes: list[Episode] = []

    def update(self, landmarks: Landmarks) -> tuple[Sample, list[Decision]]:
        """Take the next frame's landmarks; return its sample and what came about.

        Raises ValueError when time runs backwards or the frame's size changes.
        """
        posture = self._smoother.update(self._measurement.measure(landmarks))
        decisions = [self._policy.decide(event) for event in self._text_neck.update(posture)]
        self._gather(decisions)
        return Sample(posture, self._states.update(posture), self._text_neck.exposure), decisions

    def finish(self, t_s: float) -> list[Decision]:
        """End the stream at `t_s`; return what that closes."""
        decisions = [self._policy.decide(event) for event in self._text_neck.finish(t_s)]
        self._gather(decisions)
        return decisions

    def _gather(self, decisions: list[Decision]) -> None:
        ended = (decision.event for decision in decisions if decision.event.kind is EventKind.END)
        self.episodes.extend(event.episode for event in ended)
