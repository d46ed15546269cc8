"""The live monitor: from what a camera shows now to what is said, shown and kept."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from calibration.holding import Cue
from calibration.profile import Profile
from posturecam.core.alert import Alert, alert_of
from posturecam.core.alert_policy import Decision
from posturecam.core.landmarks import Landmarks
from posturecam.core.session import Sample
from posturecam.core.setup_change import Setup
from posturecam.core.state import State
from posturecam.desk import Desk
from posturecam.keeper import Keeper
from posturecam.live_session import LiveSession, Terms
from posturecam.status import Mode, Status
from posturecam.today import Today
from posturecam.vision.frames import Frame, SourceFacts
from posturecam.vision.landmarker import Landmarker
from posturecam.vision.trouble import Interruption, Trouble

SNOOZE_S = 1800.0
"""What the key asks for."""
LATELY = 50
"""Rates are told of so many pictures."""
PAUSE_KEYS, SNOOZE_KEYS, NEUTRAL_KEYS, STOP_KEYS = ("p", "P"), ("s", "S"), ("c", "C"), ("q", "Q")

SETUP_WORDS = {
    Setup.CAMERA_MOVED: "the camera has moved: take a new neutral (key c), or posturecam calibrate",
    Setup.SEAT_MOVED: "the seat has moved: take a new neutral (key c), or posturecam calibrate",
}
LOCKED_WORDS = "the screen is locked: the camera is off until it is unlocked"
NO_TROUBLE = (Trouble.WAITING, Trouble.RESTING)
"""Nothing is wrong: the next picture is not due."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What there is to show after a picture, or while there is none."""

    t_s: float
    """Stream time, seconds."""
    status: Status
    frame: Frame | None = None
    landmarks: Landmarks | None = None
    sample: Sample | None = None
    """None without a neutral, too."""
    cue: Cue | None = None
    """How far the neutral is, while it is being taken."""
    decisions: tuple[Decision, ...] = ()
    alerts: tuple[Alert, ...] = ()
    """What is being said."""
    limits_px: Mapping[State, float] = field(default_factory=dict)
    """How far under the picture's top the eyes are when a state begins and the trunk is as at neutral."""


class MonitorView(Protocol):
    """Where a person follows the monitor."""

    def show(self, moment: Moment) -> str | None:
        """Show it; return the key that was pressed there, None without one."""


class Pictures(Protocol):
    """Where the pictures come from, or the word why there are none; never silent for long."""

    @property
    def facts(self) -> SourceFacts:
        """What the source says about itself, once there was a picture."""

    def __iter__(self) -> Iterator[Frame | Interruption]: ...

    def pause(self) -> None:
        """Let go of the camera."""

    def resume(self) -> None:
        """Take it up again."""


class Teller(Protocol):
    """What says alerts aloud, without ever stopping or delaying."""

    @property
    def troubles(self) -> Mapping[str, str]:
        """What last went wrong, by where."""

    def tell(self, alert: Alert) -> None:
        """Say it."""


class Monitor:
    """Watches one camera until it is told to stop, or the source is over.

    All that is measured follows the stream's own time. The wall clock only says when today is.
    """

    def __init__(
        self,
        source: Pictures,
        landmarker: Landmarker,
        count_faces: Callable[[Frame], int],
        terms: Callable[[SourceFacts], Terms],
        desk: Desk,
        teller: Teller,
        keeper: Keeper,
        today: Today,
        views: Sequence[MonitorView],
        keep_neutral: Callable[[Profile], None] = lambda _: None,
        at_desk: Callable[[], bool] = lambda: True,
        slept_s: Callable[[], float] = float,
        other_troubles: Callable[[], Mapping[str, str]] = dict,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`terms` are asked for when the first picture is there.

        `keep_neutral` is given a profile whose neutral the user renewed; `at_desk` is False while the screen is
        locked; `slept_s` tells for how long the machine was suspended since it was last asked; `other_troubles`
        are those of views, by where; `clock` gives seconds since 1970 UTC.
        """
        self._source, self._landmarker, self._count_faces = source, landmarker, count_faces
        self._terms_for, self._desk, self._teller = terms, desk, teller
        self._keeper, self._today, self._views = keeper, today, views
        self._keep_neutral, self._at_desk, self._clock = keep_neutral, at_desk, clock
        self._slept_s, self._other_troubles = slept_s, other_troubles
        self._status = desk.now
        self._session: LiveSession | None = None
        self._resting = False
        self._snoozed_until: float | None = None
        self._t_s = 0.0
        self._looks_s: deque[float] = deque(maxlen=LATELY)
        self._work_s: deque[float] = deque(maxlen=LATELY)

    def run(self) -> None:
        """Watch. What is open is closed at the end, whatever ends it."""
        try:
            for seen in self._timed():
                self._t_s = seen.t_s
                self._heed()
                self._show(self._interrupted(seen) if isinstance(seen, Interruption) else self._look(seen))
                if self._desk.stopping:
                    break
        finally:
            closed = self._session.close(self._t_s) if self._session else ()
        self._show(Moment(self._t_s, self._desk.now, decisions=closed))

    def _timed(self) -> Iterator[Frame | Interruption]:
        """What the source gives, at times that ran on while the machine was suspended: a gap like any other."""
        gone_s = 0.0
        for seen in self._source:
            gone_s += self._slept_s()
            yield replace(seen, t_s=seen.t_s + gone_s) if gone_s else seen

    def _heed(self) -> None:
        """Do what is wished, and rest while nobody can be at the desk."""
        rest = self._desk.paused or not self._at_desk()
        if rest and not self._resting:
            self._source.pause()
        elif self._resting and not rest:
            self._source.resume()
        self._resting = rest
        until, before = self._desk.snoozed_until, self._snoozed_until
        self._snoozed_until = until
        if self._session and self._session.pipeline:
            self._session.pipeline.snooze(self._t_s if until is None else self._t_s + until - self._clock())
            if until is not None and before is None:
                self._keeper.note_snooze(self._t_s)

    def _interrupted(self, by: Interruption) -> Moment:
        words: str | None = by.words
        mode = self._status.mode if by.trouble in NO_TROUBLE else Mode.NO_CAMERA
        if by.trouble is Trouble.PAUSED:
            mode, words = (Mode.PAUSED, None) if self._desk.paused else (Mode.AWAY, LOCKED_WORDS)
        self._publish(mode, trouble=words)
        return Moment(by.t_s, self._desk.now)

    def _look(self, frame: Frame) -> Moment:
        begun_s = time.perf_counter()
        if self._session is None:
            facts = self._source.facts
            self._session = LiveSession(
                facts, self._terms_for(facts), self._keeper, self._count_faces, self._keep_neutral
            )
        session, now = self._session, self._clock()
        landmarks = self._landmarker.detect(frame)
        look = session.look(frame, landmarks, now)
        self._work_s.append(time.perf_counter() - begun_s)
        self._looks_s.append(frame.t_s)
        alerts = self._say(look.decisions, session.terms)
        if look.sample:
            self._today.update(now, look.sample)
        away = look.sample is not None and look.sample.state is State.AWAY
        self._publish(Mode.STARTING if look.cue else Mode.AWAY if away else Mode.WATCHING, look.sample)
        return Moment(
            frame.t_s,
            self._desk.now,
            frame,
            landmarks,
            look.sample,
            look.cue,
            look.decisions,
            tuple(alerts),
            session.pipeline.limits_px if session.pipeline else {},
        )

    def _say(self, decisions: Sequence[Decision], terms: Terms) -> list[Alert]:
        alerts = [alert for decision in decisions if (alert := alert_of(decision, terms.settings.manners))]
        for alert in alerts:
            self._teller.tell(alert)
            self._today.note_alert()
            self._status = replace(self._status, last_alert=self._clock(), last_alert_title=alert.title)
        return alerts

    def _show(self, moment: Moment) -> None:
        for key in [view.show(moment) for view in self._views]:
            if key in STOP_KEYS:
                self._desk.stop()
            elif key in PAUSE_KEYS:
                self._desk.resume() if self._desk.paused else self._desk.pause()
            elif key in SNOOZE_KEYS:
                snoozed = self._desk.snoozed_until is not None
                self._desk.resume() if snoozed else self._desk.snooze(self._clock() + SNOOZE_S)
            elif key in NEUTRAL_KEYS and self._session:
                self._session.renew_neutral(self._t_s)

    def _publish(self, mode: Mode, sample: Sample | None = None, trouble: str | None = None) -> None:
        before, now = self._status, self._clock()
        session = self._session
        pipeline = session.pipeline if session else None
        profile = session.terms.profile if session else None
        state = sample.state.value if sample else None
        thresholds = session.terms.settings.thresholds if session and pipeline else None
        span_s = self._looks_s[-1] - self._looks_s[0] if self._looks_s else 0.0
        self._status = replace(
            before,
            mode=mode,
            mode_since=before.mode_since if mode is before.mode else now,
            camera=session.facts.name if session else before.camera,
            trouble=trouble,
            profile=profile.name if profile else None,
            view=sample.posture.view.value if sample and sample.posture.view else None,
            state=state,
            state_since=before.state_since if state == before.state else now,
            neck_flexion_deg=sample.posture.neck_flexion.deg if sample else None,
            amber_deg=thresholds.amber_deg if thresholds else None,
            onset_deg=thresholds.onset_deg if thresholds else None,
            severe_deg=thresholds.severe_deg if thresholds else None,
            exposure=sample.exposure if sample else None,
            setup=SETUP_WORDS.get(pipeline.setup) if pipeline else None,
            seated_s=pipeline.seated_s if pipeline and sample else None,
            still_s=pipeline.still_s if pipeline and sample else None,
            alerts_today=self._today.alerts,
            sink_troubles={**self._teller.troubles, **self._keeper.troubles, **self._other_troubles()},
            analysed_hz=(len(self._looks_s) - 1) / span_s if span_s > 0 else None,
            analysis_ms=1000 * sum(self._work_s) / len(self._work_s) if self._work_s else None,
        )
        self._desk.publish(self._status)
