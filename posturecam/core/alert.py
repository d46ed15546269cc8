"""What is said to the user when something is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from posturecam.core.alert_policy import Decision, Told
from posturecam.core.event import Episode, EventKind
from posturecam.core.manner import Manner
from posturecam.core.patterns import table


@dataclass(frozen=True)
class Alert:
    """Something to tell the user now."""

    t_s: float
    """Stream time at which it was decided, seconds."""
    pattern: str
    title: str
    """The pattern's name as words."""
    words: str
    """What the user hears, one sentence."""
    manner: Manner
    """How loudly; never one that does not speak."""
    reminder: bool
    """It has gone on after its alert."""
    episode: Episode
    """As it stood then."""

    @property
    def quiet(self) -> bool:
        """A tip or a nudge: to be read when it suits."""
        return self.manner is not Manner.ALERT


def alert_of(decision: Decision, manners: Mapping[str, Manner]) -> Alert | None:
    """What to say about a decision; None when nothing is to be said.

    `manners` are those of the patterns by name; one that is not among them speaks as its kind does.
    """
    if decision.told is not Told.YES:
        return None
    event = decision.event
    kind = table.kind(event.episode.pattern)
    again = event.kind is EventKind.REMINDER
    return Alert(
        event.t_s,
        kind.name,
        kind.title,
        kind.said_again if again else kind.said,
        manners.get(kind.name, kind.manner),
        again,
        event.episode,
    )
