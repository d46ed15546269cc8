"""Which of several postures at once the user hears of: the most specific."""

from __future__ import annotations

from collections.abc import Iterable

from posturecam.core.event import Event, EventKind


class Arbiter:
    """Keeps track of what is held. Something to say is covered while something more specific is held.

    It is told every event of a stream in order, at the same time the more specific first.
    """

    def __init__(self, by_specificity: Iterable[str]) -> None:
        """Name the patterns that it judges, the most specific first; others neither cover nor are covered."""
        self._rank = {name: rank for rank, name in enumerate(by_specificity)}
        self._held: set[str] = set()

    def covers(self, event: Event) -> bool:
        """Take the next event; True when it is one to tell, and something more specific is held."""
        name = event.episode.pattern
        if name not in self._rank:
            return False
        if event.kind is EventKind.END:
            self._held.discard(name)
            return False
        self._held.add(name)
        if event.kind is EventKind.STATIC:
            return False
        return any(self._rank[held] < self._rank[name] for held in self._held)
