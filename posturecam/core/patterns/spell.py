"""A spell: an episode that is opened, gone on with and closed by decision, not by one signal's thresholds."""

from __future__ import annotations

from posturecam.core.event import EndReason, Episode, Event, EventKind


class Spell:
    """The episodes of one pattern, one at a time. Each has its alert as soon as it opens."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._onset_s = 0.0
        self._alert_s: float | None = None
        self._deg: float | None = None

    @property
    def open(self) -> bool:
        """An episode is open."""
        return self._alert_s is not None

    def begin(self, t_s: float, onset_s: float, deg: float | None) -> list[Event]:
        """Open an episode that began at `onset_s`; `deg` is its angle."""
        self._onset_s, self._alert_s, self._deg = onset_s, t_s, deg
        return [self._event(EventKind.STATIC, t_s), self._event(EventKind.ALERT, t_s)]

    def remind(self, t_s: float) -> list[Event]:
        """It goes on."""
        return [self._event(EventKind.REMINDER, t_s)]

    def end(self, t_s: float, end_s: float, reason: EndReason) -> list[Event]:
        """Close the episode, if one is open, which ended at `end_s`."""
        if not self.open:
            return []
        event = self._event(EventKind.END, t_s, end_s, reason)
        self._alert_s = None
        return [event]

    def _event(self, kind: EventKind, t_s: float, end_s: float | None = None, reason: EndReason | None = None) -> Event:
        alert_s = None if kind is EventKind.STATIC else self._alert_s
        episode = Episode(self._name, self._onset_s, alert_s, None, end_s, self._deg, self._deg, reason)
        return Event(kind, t_s, episode)
