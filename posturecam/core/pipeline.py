"""The one way from landmarks to samples and episodes, the same live and replayed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from posturecam.core.alert_policy import AlertPolicy, Decision
from posturecam.core.arbiter import Arbiter
from posturecam.core.bridge import Bridge
from posturecam.core.camera import FIELD_OF_VIEW_DEG
from posturecam.core.drift import DriftFollower
from posturecam.core.event import Episode, Event, EventKind
from posturecam.core.iso11226 import STANDARD, Sensitivity
from posturecam.core.landmarks import Landmarks
from posturecam.core.manner import Manner
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import Neutral
from posturecam.core.patterns import long_sitting, table, text_neck
from posturecam.core.patterns.pattern import Kind, Pattern, Tuning
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.patterns.text_neck import ONSET_DEG, FlexionThresholds, TextNeck
from posturecam.core.person import PersonWatch
from posturecam.core.posture import Posture, View
from posturecam.core.seating import Resting, Seating
from posturecam.core.session import Sample, Watch
from posturecam.core.setup_change import Setup, SetupChange, SetupWatch
from posturecam.core.smoothing import PostureSmoother
from posturecam.core.state import StateReader, beginnings_deg
from posturecam.core.triangulation import Triangulation
from posturecam.core.turn_anchor import TurnAnchor


@dataclass(frozen=True)
class Settings:
    """What a user can choose about measuring and alerting."""

    sensitivity: Sensitivity = STANDARD
    onset_deg: float = ONSET_DEG
    field_of_view_deg: float = FIELD_OF_VIEW_DEG
    choices: table.Choices = field(default_factory=dict)
    """About the patterns. Text neck's onset is `onset_deg`, whatever stands here."""
    gap_s: float = GAP_S
    """Up to so long between two frames, what both show counts for the time between; beyond it nothing does."""

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

    All time is the landmarks' own. What came about gathers in `decisions`.
    """

    def __init__(self, neutral: Neutral, settings: Settings) -> None:
        """Raises ValueError for a choice that cannot be made."""
        self._measurement = Measurement(neutral, settings.field_of_view_deg)
        scene = self._measurement.scene
        self._anchor = TurnAnchor(scene.azimuth_rad) if scene.view is View.SIDE else None
        self.limits_px = {
            state: self._measurement.eyes_height_px(deg) for state, deg in beginnings_deg(settings.thresholds).items()
        }
        """How far under the picture's top the eyes are when a state begins and the trunk is as at neutral."""
        self._triangulation = Triangulation(neutral, scene)
        self._last: tuple[Landmarks, Posture] | None = None
        """What was measured last: landmarks that show the same need not be measured again."""
        self._person = PersonWatch(neutral.face_px)
        self._setup = SetupWatch(self._measurement.scene.camera, neutral.backdrop)
        self._smoother = PostureSmoother()
        self._drift = DriftFollower()
        self._bridge = Bridge(settings.gap_s)
        self._states = StateReader(settings.thresholds)
        self._manners = settings.manners
        tuning = _tuning(settings)
        self._watchers = _watchers(settings, tuning)
        self._seating = Seating(60.0 * tuning[long_sitting.KIND.name][long_sitting.BREAK.key])
        self._resting = Resting()
        self._t_s = 0.0
        self._text_neck = next((p for _, p in self._watchers if isinstance(p, TextNeck)), None)
        self._arbiter = Arbiter(
            kind.name for kind, _ in self._watchers if kind.of_posture and self._manners[kind.name].speaks
        )
        self._policy = AlertPolicy(self._manners)
        self.decisions: list[Decision] = []

    @property
    def episodes(self) -> list[Episode]:
        """Those that are over, by their end."""
        return [one.event.episode for one in self.decisions if one.event.kind is EventKind.END]

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
    def seated_s(self) -> float | None:
        """Time at the desk since the last break, as of the last frame; None when nobody is there."""
        return self._seating.seated_s if self._seating.present else None

    @property
    def still_s(self) -> float | None:
        """Time since the last change of position, as of the last frame; None when it is not known."""
        since_s = self._resting.still_since_s
        return None if since_s is None or not self._seating.present else self._t_s - since_s

    @property
    def _at_ease(self) -> bool:
        """No posture is held that is watched for."""
        return not any(pattern.under_way for kind, pattern in self._watchers if kind.of_posture)

    def snooze(self, until_s: float) -> None:
        """Tell nothing before this stream time; one that is over ends it."""
        self._policy.snooze(until_s)

    def update(self, landmarks: Landmarks) -> tuple[Sample, list[Decision]]:
        """Take the next frame's landmarks; return its sample and what came about.

        Raises ValueError when time runs backwards or the frame's size changes.
        """
        measured = self._person.update(landmarks, self._measured(landmarks))
        measured = self._setup.update(landmarks, measured)
        posture = self._drift.update(self._smoother.update(measured), self._at_ease)
        events = [event for one in self._bridge.between(posture) for event in self._watch(one, one)]
        events += self._watch(measured, posture)
        sample = Sample(
            posture,
            self._states.update(posture),
            self._text_neck.exposure if self._text_neck else 0.0,
            tuple(kind.name for kind, pattern in self._watchers if pattern.under_way),
        )
        return sample, self._decide(events)

    def _measured(self, landmarks: Landmarks) -> Posture:
        if self._last and landmarks.show_the_same(self._last[0]):
            return replace(self._last[1], t_s=landmarks.t_s)
        measured, signals = self._measurement.explain(landmarks)
        turn = landmarks.head_turn
        if self._anchor and turn and self._measurement.neutral_turn_rad(turn.since_s) is None:
            at_neutral = self._anchor.update(turn, measured)
            self._measurement = self._measurement.anchored(at_neutral) if at_neutral else self._measurement
        if signals:
            false_face = landmarks.face_px is not None and not signals.face_seen
            believed = replace(landmarks, face_px=None) if false_face else landmarks
            placement = self._triangulation.place(believed, measured, signals.face_size)
            measured = replace(measured, placement=placement)
        self._last = landmarks, measured
        return measured

    def finish(self, t_s: float) -> list[Decision]:
        """End the stream at `t_s`; return what that closes."""
        return self._decide([event for _, pattern in self._watchers for event in pattern.finish(t_s)])

    def _watch(self, measured: Posture, posture: Posture) -> list[Event]:
        self._seating.update(posture.t_s, posture.present)
        self._resting.update(posture)
        self._t_s = posture.t_s
        return [
            event
            for kind, pattern in self._watchers
            for event in pattern.update(measured if kind.as_measured else posture)
        ]

    def _decide(self, events: list[Event]) -> list[Decision]:
        decisions = [self._policy.decide(event, self._arbiter.covers(event)) for event in events]
        self.decisions += decisions
        return decisions


def _tuning(settings: Settings) -> Tuning:
    """The values of every pattern, as chosen."""
    return {**table.tuning(settings.choices), text_neck.KIND.name: {"onset_deg": settings.onset_deg}}


def _watchers(settings: Settings, tuning: Tuning) -> list[tuple[Kind, Pattern]]:
    """The patterns that are not off, the most specific first, as chosen."""
    manners = settings.manners
    return [
        (kind, kind.make(tuning, settings.sensitivity)) for kind in table.KINDS if manners[kind.name] is not Manner.OFF
    ]
