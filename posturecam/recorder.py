"""Recording a session into the history as it goes, and one that is over."""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import TracebackType

from posturecam.core.alert_policy import Decision
from posturecam.core.answer import DueAlert, due_alerts
from posturecam.core.event import Episode
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.session import NeutralOrigin, Sample, Session
from posturecam.core.state import State
from posturecam.core.sums import Sums, sum_up
from posturecam.store import ErasedError, Minute, SessionFacts, Store, highest

FLUSH_S = 5.0
"""What is not older may be lost in a crash."""
AWAY_FROM_S = 5.0
"""Shorter absences are counted in the minutes and not listed (judgement)."""


class SessionRecorder:
    """Writes one session into the history while it goes on.

    Feed it every sample with the decisions that came with it, and finish it; as a context manager it finishes
    itself at the last sample. The same samples give the same rows, live or replayed. When the user erases the
    session while it goes on, it begins anew from then.
    """

    def __init__(self, store: Store, facts: SessionFacts, gap_s: float = GAP_S) -> None:
        """Up to `gap_s` between two samples, each of them stands for half of the time between.

        Raises StoreError when the history cannot be written, as all methods do.
        """
        self._store, self._facts, self._gap_s = store, facts, gap_s
        self._session = store.begin(facts)
        self._last: Sample | None = None
        self._since_s = 0.0
        """From when on the last sample stands."""
        self._minute: int | None = None
        self._held: list[tuple[Sample, float]] = []
        """The samples since the last flush that belong to the minute, each with the seconds that it stands for."""
        self._sums = Sums()
        self._highest_deg: float | None = None
        """Of the minute's samples before them."""
        self._samples: list[Sample] = []
        self._minutes: list[Minute] = []
        self._episodes: dict[tuple[str, float], Episode] = {}
        self._alerts: list[DueAlert] = []
        """About the episodes of `_episodes`."""
        self._absences: list[tuple[float, float, str]] = []
        self._away_since_s: float | None = None
        self._written_s = -math.inf
        self._finished = False

    def __enter__(self) -> SessionRecorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished and self._last is not None:
            self.finish(self._last.t_s)

    def update(self, sample: Sample, decisions: Iterable[Decision] = ()) -> None:
        """Take the next sample and what came about with it."""
        self._settle(sample.t_s, self._gap_s)
        self._last = sample
        self._samples.append(sample)
        self._note(sample)
        self.note(decisions)
        if sample.t_s - self._written_s >= FLUSH_S:
            self._flush(sample.t_s)

    def note(self, decisions: Iterable[Decision]) -> None:
        """Take what came about, in its order."""
        for decision in decisions:
            self._alerts += due_alerts([decision])
            self.note_episode(decision.event.episode)

    def note_episode(self, episode: Episode) -> None:
        """Take an episode as it is now."""
        key = (episode.pattern, episode.onset_s)
        self._episodes[key] = episode
        self._alerts = [a.answered(episode) if (a.pattern, a.onset_s) == key else a for a in self._alerts]

    def note_snooze(self, t_s: float) -> None:
        """The person asked for silence at `t_s`: the answer to what was told about whatever is held."""
        self._alerts = [alert.snoozed(t_s) for alert in self._alerts]

    def finish(self, t_s: float, decisions: Iterable[Decision] = ()) -> None:
        """End the session at `t_s`, and take what that closed."""
        self.note(decisions)
        self._settle(t_s, GAP_S)
        self._end_absence(t_s)
        self._flush(t_s)
        self._finished = True

    def _settle(self, t_s: float, gap_s: float) -> None:
        """The last sample stood until now, or for half of the time, or there was a gap longer than `gap_s`."""
        if self._last is None:
            self._since_s = t_s
            return
        last_s = self._last.t_s
        minute = math.floor((self._facts.started + last_s) / 60)
        if minute != self._minute:
            self._close_minute()
            self._minute = minute
        wait_s = t_s - last_s
        until_s = t_s if wait_s <= GAP_S else last_s + wait_s / 2 if wait_s <= gap_s else last_s
        self._held.append((self._last, until_s - self._since_s))
        self._since_s = until_s
        if wait_s > max(GAP_S, gap_s):
            self._since_s = t_s
            self._end_absence(last_s)
            self._list_absence(last_s, t_s, "gap")

    def _note(self, sample: Sample) -> None:
        if sample.state is not State.AWAY:
            self._end_absence(sample.t_s)
        elif self._away_since_s is None:
            self._away_since_s = sample.t_s

    def _end_absence(self, t_s: float) -> None:
        if self._away_since_s is not None:
            self._list_absence(self._away_since_s, t_s, "away")
        self._away_since_s = None

    def _list_absence(self, start_s: float, end_s: float, kind: str) -> None:
        if end_s - start_s >= AWAY_FROM_S:
            self._absences.append((start_s, end_s, kind))

    def _close_minute(self) -> None:
        if self._held or self._sums.state_s:
            self._minutes.append(self._present_minute())
        self._forget_minute()

    def _forget_minute(self) -> None:
        self._held, self._sums, self._highest_deg = [], Sums(), None

    def _present_minute(self) -> Minute:
        """Return the minute so far, adding up its samples, of which there may be hundreds."""
        self._sums += sum_up(self._held, self._facts.onset_deg)
        found = (self._highest_deg, highest(sample for sample, _ in self._held))
        self._highest_deg = max((deg for deg in found if deg is not None), default=None)
        self._held = []
        return Minute(self._session, 60.0 * (self._minute or 0), self._sums, self._highest_deg)

    def _flush(self, t_s: float) -> None:
        minutes = [*self._minutes, *([self._present_minute()] if self._held else [])]
        try:
            self._store.write(
                self._session, t_s, self._samples, minutes, self._episodes.values(), self._absences, self._alerts
            )
        except ErasedError:
            self._session = self._store.begin(self._facts)
            self._forget_minute()
            self._episodes, self._alerts = {}, []
        self._samples, self._minutes, self._absences = [], [], []
        self._episodes = {key: e for key, e in self._episodes.items() if e.end_s is None}
        self._alerts = [a for a in self._alerts if (a.pattern, a.onset_s) in self._episodes]
        self._written_s = t_s


def keep(store: Store, session: Session, started: float) -> None:
    """Write a replayed session into the history, as of a time in seconds since 1970 UTC."""
    neutral: NeutralOrigin | None = session.neutral
    facts = SessionFacts(
        started,
        "replay",
        session.recording.name,
        session.thresholds.onset_deg,
        session.sensitivity.fraction,
        neutral.profile if neutral else None,
    )
    with SessionRecorder(store, facts) as recorder:
        for sample in session.samples:
            recorder.update(sample)
        recorder.note(session.decisions)
        for episode in session.episodes:
            recorder.note_episode(episode)
        recorder.finish(session.duration_s)
