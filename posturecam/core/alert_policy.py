"""Whether to speak: a detection is a measurement, telling somebody is manners."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from posturecam.core.event import EndReason, Episode, Event, EventKind
from posturecam.core.manner import Manner

COOLDOWN_S = 300.0
MOST_PER_HOUR = 6
HOUR_S = 3600.0
IGNORED_AFTER_S = 60.0
"""An episode that goes on for so long after somebody was told was ignored."""
IGNORED_IN_A_ROW = 3
"""So many, and the cooldown doubles."""
# All five are judgement: no study compares how often, or how soon, an alert should come. That plain alerts
# are followed about every other time (Shin et al., BeUpright, CHI 2016) is why being ignored has a price.


class Told(str, Enum):
    """What the policy decided about an alert or a reminder."""

    YES = "yes"
    """Say it."""
    COOLDOWN = "cooldown"
    """Not so soon after the last one."""
    BACKOFF = "backoff"
    """The last ones were ignored: not so soon after the last one either."""
    CAP = "cap"
    """Enough for this hour."""
    SNOOZED = "snoozed"
    """The user asked for silence."""
    COVERED = "covered"
    """Something more specific is held at the same time."""
    LOGGED = "logged"
    """The user wants this pattern written down only."""


@dataclass(frozen=True)
class Decision:
    """An event after the policy has seen it."""

    event: Event
    """Its episode says in `told` what was decided at its alert."""
    told: Told | None
    """What was decided about this event; None when it is nothing to tell (a beginning or an end)."""


_Key = tuple[str, float]
"""An episode: its pattern and its onset."""


class _Record:
    """What was told of one loudness, and how it was taken."""

    def __init__(self) -> None:
        self._told_at_s: deque[float] = deque(maxlen=MOST_PER_HOUR)
        self._ignored_in_a_row = 0

    def tell(self, t_s: float) -> None:
        """It was told now."""
        self._told_at_s.append(t_s)

    def ignore(self) -> None:
        """It was ignored."""
        self._ignored_in_a_row += 1

    def follow(self) -> None:
        """It was followed."""
        self._ignored_in_a_row = 0

    def verdict(self, t_s: float) -> Told:
        """Whether there may be more of it now."""
        if not self._told_at_s:
            return Told.YES
        since_last_s = t_s - self._told_at_s[-1]
        if since_last_s < COOLDOWN_S:
            return Told.COOLDOWN
        if since_last_s < COOLDOWN_S * 2 ** (self._ignored_in_a_row // IGNORED_IN_A_ROW):
            return Told.BACKOFF
        if len(self._told_at_s) == MOST_PER_HOUR and t_s - self._told_at_s[0] < HOUR_S:
            return Told.CAP
        return Told.YES


class AlertPolicy:
    """Decides which alerts and reminders are told, over all patterns of one stream together.

    Told is at most one in 5 minutes and six in a rolling hour, and none while snoozed. The 5 minutes
    double with every 3 in a row that were ignored, and are 5 again after one that was followed. What was not
    told is not made up for later. Tips and nudges keep these manners among themselves and toward alerts, but
    no alert is held back because of a tip.
    """

    def __init__(self, manners: Mapping[str, Manner] | None = None) -> None:
        """`manners` of the patterns by name; one that is not among them alerts."""
        self._manners = manners or {}
        self._snoozed_until_s = -math.inf
        self._alerts, self._hints = _Record(), _Record()
        self._decided: dict[_Key, Told] = {}
        """About the alerts of open episodes."""
        self._told_first_s: dict[_Key, float] = {}
        """When somebody was first told about an open episode."""

    def snooze(self, until_s: float) -> None:
        """Tell nothing before this stream time; `math.inf` for no end, the present time to end it."""
        self._snoozed_until_s = until_s

    def decide(self, event: Event, covered: bool = False) -> Decision:
        """Take the next event of the stream, of any pattern and kind, and decide whether it is told.

        `covered` says that something more specific is held.
        """
        key = (event.episode.pattern, event.episode.onset_s)
        told = None
        if event.kind is EventKind.ALERT or event.kind is EventKind.REMINDER:
            told = self._verdict(event, covered)
            if told is Told.YES:
                self._record(event.episode.pattern).tell(event.t_s)
                self._told_first_s.setdefault(key, event.t_s)
            if event.kind is EventKind.ALERT:
                self._decided[key] = told
        decided = self._decided.get(key)
        if event.kind is EventKind.END:
            self._learn(key, event.episode)
        episode = replace(event.episode, told=decided.value if decided else None)
        return Decision(replace(event, episode=episode), told)

    def _manner(self, pattern: str) -> Manner:
        return self._manners.get(pattern, Manner.ALERT)

    def _record(self, pattern: str) -> _Record:
        return self._alerts if self._manner(pattern) is Manner.ALERT else self._hints

    def _verdict(self, event: Event, covered: bool) -> Told:
        pattern, t_s = event.episode.pattern, event.t_s
        if not self._manner(pattern).speaks:
            return Told.LOGGED
        if covered:
            return Told.COVERED
        if t_s < self._snoozed_until_s:
            return Told.SNOOZED
        among_alerts = self._alerts.verdict(t_s)
        if self._record(pattern) is self._alerts or among_alerts is not Told.YES:
            return among_alerts
        return self._hints.verdict(t_s)

    def _learn(self, key: _Key, episode: Episode) -> None:
        """Note whether a finished episode was ignored or followed; one soon lost from sight was neither."""
        self._decided.pop(key, None)
        told_s = self._told_first_s.pop(key, None)
        if told_s is None or episode.end_s is None:
            return
        record = self._record(episode.pattern)
        if episode.end_s - told_s >= IGNORED_AFTER_S:
            record.ignore()
        elif episode.end_reason in (EndReason.RECOVERED, EndReason.AWAY):
            record.follow()
