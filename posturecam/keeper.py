"""Keeping a live session in the history, as far as the history lets it: what fails there never ends the watch."""

from __future__ import annotations

from collections.abc import Sequence

from posturecam.core.alert_policy import Decision
from posturecam.core.session import Sample
from posturecam.recorder import SessionRecorder
from posturecam.store import SessionFacts, Store, StoreError

RETRY_S = 60.0
"""How long to wait before the history is tried again."""


class Keeper:
    """Records one session after the other. Times are stream seconds, as the samples'."""

    def __init__(self, store: Store | None) -> None:
        """`store` None keeps nothing."""
        self._store = store
        self._facts: SessionFacts | None = None
        self._gap_s = 0.0
        self._recorder: SessionRecorder | None = None
        self._retry_s = 0.0
        self._trouble: str | None = None

    @property
    def troubles(self) -> dict[str, str]:
        """Why nothing is being kept, in words, under "history"; empty when all is well."""
        return {"history": self._trouble} if self._trouble else {}

    def begin(self, facts: SessionFacts, gap_s: float) -> None:
        """A session begins; it is written down from its first sample on.

        `gap_s` is the longest time between two samples for which they stand.
        """
        self._facts, self._gap_s = facts, gap_s

    def update(self, sample: Sample, decisions: Sequence[Decision]) -> None:
        """Keep a sample and what came about with it."""
        if self._store is None or self._facts is None or (self._trouble and sample.t_s < self._retry_s):
            return
        try:
            if self._recorder is None:
                self._recorder = SessionRecorder(self._store, self._facts, self._gap_s)
            self._recorder.update(sample, decisions)
            self._trouble = None
        except StoreError as error:
            self._trouble, self._retry_s = str(error), sample.t_s + RETRY_S

    def note(self, decisions: Sequence[Decision]) -> None:
        """Keep what came about between two samples."""
        if self._recorder:
            self._recorder.note(decisions)

    def note_snooze(self, t_s: float) -> None:
        """The user asked for silence now."""
        if self._recorder:
            self._recorder.note_snooze(t_s)

    def end(self, t_s: float, decisions: Sequence[Decision] = ()) -> None:
        """The session is over, with what that closed."""
        recorder, self._recorder, self._facts = self._recorder, None, None
        if recorder is None:
            return
        try:
            recorder.finish(t_s, decisions)
        except StoreError as error:
            self._trouble = str(error)
