"""What came of an alert: how the person answered it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from posturecam.core.alert_policy import IGNORED_AFTER_S, Decision, Told
from posturecam.core.event import EndReason, Episode, EventKind


class Answer(str, Enum):
    """How an alert that was told was answered."""

    LET_GO = "let_go"
    """The posture was let go within a minute."""
    LEFT = "left"
    """The person left within a minute."""
    IGNORED = "ignored"
    """It went on for a minute or more."""
    SNOOZED = "snoozed"
    """The person asked for silence while it went on."""
    UNSEEN = "unseen"
    """Within a minute it could no longer be measured: not known."""
    CUT_OFF = "cut_off"
    """Within a minute the session was over: not known."""


_BY_REASON = {
    EndReason.RECOVERED: Answer.LET_GO,
    EndReason.AWAY: Answer.LEFT,
    EndReason.NOT_MEASURED: Answer.UNSEEN,
    EndReason.STREAM_END: Answer.CUT_OFF,
}


def answer_to(told_s: float, episode: Episode) -> Answer | None:
    """How the person answered what was told about an episode at `told_s`; None while that is not known."""
    if episode.end_s is None or episode.end_reason is None:
        return None
    return Answer.IGNORED if episode.end_s - told_s >= IGNORED_AFTER_S else _BY_REASON[episode.end_reason]


@dataclass(frozen=True)
class DueAlert:
    """An alert or a reminder that was due, and what came of it. Times are stream seconds."""

    pattern: str
    onset_s: float
    """Of its episode."""
    t_s: float
    """When it was due."""
    kind: EventKind
    """`ALERT` or `REMINDER`."""
    told: Told
    """What the policy decided."""
    answer: Answer | None = None
    """None when it was not told, or its answer is not known yet."""
    answer_s: float | None = None
    """Seconds from then until the answer; for one that was ignored, until it was let go at last."""

    def answered(self, episode: Episode) -> DueAlert:
        """The same with the answer that the episode gives, unless it has one."""
        answer = answer_to(self.t_s, episode)
        if self.told is not Told.YES or self.answer or answer is None or episode.end_s is None:
            return self
        return replace(self, answer=answer, answer_s=max(0.0, episode.end_s - self.t_s))

    def snoozed(self, t_s: float) -> DueAlert:
        """The same, after the person asked for silence at `t_s`, unless it has an answer."""
        if self.told is not Told.YES or self.answer:
            return self
        return replace(self, answer=Answer.SNOOZED, answer_s=max(0.0, t_s - self.t_s))


def due_alerts(decisions: Iterable[Decision]) -> list[DueAlert]:
    """The alerts and reminders among decisions, in their order."""
    return [
        DueAlert(one.event.episode.pattern, one.event.episode.onset_s, one.event.t_s, one.event.kind, one.told)
        for one in decisions
        if one.told is not None
    ]
