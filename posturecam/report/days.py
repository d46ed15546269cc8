"""Days of the history: what it holds of them, and their times on the machine's own clock."""

from __future__ import annotations

import time
from bisect import bisect_left
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from posturecam.core.alert_policy import Told
from posturecam.core.answer import DueAlert
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.sums import Sums
from posturecam.report.facts import Facts, Hold, Span, sittings
from posturecam.store import Minute, Store, StoredAbsence, StoredAlert, StoredEpisode, StoredSession

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Days:
    """Whole days of the machine's own time."""

    first: date
    last: date
    """Itself included; not before `first`."""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    @property
    def start(self) -> float:
        """Seconds since 1970 UTC."""
        return midnight(self.first)

    @property
    def end(self) -> float:
        """Seconds since 1970 UTC, the first instant after."""
        return midnight(self.last + timedelta(days=1))

    @property
    def count(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Days:
        """As many days, directly before."""
        return Days(self.first - timedelta(days=self.count), self.first - timedelta(days=1))

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=k) for k in range(self.count))

    def __str__(self) -> str:
        if self.count == 1:
            return f"{self.first:%A} {self.first}"
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class History:
    """What the history holds of some days."""

    days: Days
    sessions: tuple[StoredSession, ...]
    minutes: tuple[Minute, ...]
    episodes: tuple[StoredEpisode, ...]
    absences: tuple[StoredAbsence, ...]
    alerts: tuple[StoredAlert, ...]

    @classmethod
    def read(cls, store: Store, days: Days) -> History:
        """Read it; StoreError when that is not possible."""
        start, end = days.start, days.end
        return cls(
            days,
            tuple(store.sessions(start, end)),
            tuple(store.minutes(start, end)),
            tuple(store.episodes(start, end)),
            tuple(store.absences(start, end)),
            tuple(store.alerts(start, end)),
        )

    @cached_property
    def facts(self) -> Facts:
        """The sums and the episodes of all days."""
        return Facts(
            total_of(minute.sums for minute in self.minutes),
            tuple(holds(self.episodes, self.alerts)),
            tuple(sittings(self.presence())),
            thresholds=FlexionThresholds(self.sessions[-1].facts.onset_deg) if self.sessions else FlexionThresholds(),
            live=any(session.facts.source == "live" for session in self.sessions),
        )

    def presence(self) -> Iterator[Span]:
        """Stretches in which somebody was there, in their order."""
        starts = [absence.start for absence in self.absences]
        for session in self.sessions:
            start = max(session.facts.started, self.days.start)
            end = min(session.ended, self.days.end)
            for absence in self.absences[bisect_left(starts, start) : bisect_left(starts, end)]:
                yield start, max(start, absence.start)
                start = absence.end
            if start < end:
                yield start, end

    def by(self, key: Callable[[datetime], _Key]) -> dict[_Key, Sums]:
        """The sums of the minutes by something about their time."""
        parts: dict[_Key, list[Sums]] = {}
        for minute in self.minutes:
            parts.setdefault(key(datetime.fromtimestamp(minute.start)), []).append(minute.sums)
        return {one: total_of(sums) for one, sums in parts.items()}

    @cached_property
    def by_day(self) -> dict[date, Sums]:
        """The sums of each day on which something was watched."""
        return self.by(lambda when: when.date())

    @cached_property
    def by_hour(self) -> dict[int, Sums]:
        """The sums by the hour of the day."""
        return self.by(lambda when: when.hour)

    @cached_property
    def by_weekday(self) -> dict[int, Sums]:
        """The sums by the day of the week, Monday is 0."""
        return self.by(lambda when: when.weekday())

    @property
    def breaks(self) -> int:
        """Times between two sittings of one day."""
        days = [datetime.fromtimestamp(start).date() for start, _ in self.facts.sittings]
        return sum(day == following for day, following in pairwise(days))


def holds(episodes: Iterable[StoredEpisode], alerts: Iterable[StoredAlert]) -> Iterator[Hold]:
    """The episodes as a report shows them; of the alerts about each, the first that was told."""
    heard: dict[tuple[int, str, float], DueAlert] = {}
    for told in alerts:
        if told.alert.told is Told.YES:
            heard.setdefault((told.session.id, told.alert.pattern, told.alert.onset_s), told.alert)
    for one in episodes:
        episode = one.episode
        end_s = one.session.length_s if episode.end_s is None else episode.end_s
        key = (one.session.id, episode.pattern, episode.onset_s)
        yield Hold(episode, when_words(one.onset), max(0.0, end_s - episode.onset_s), one.onset, heard.get(key))


def midnight(day: date) -> float:
    """When a day of the machine's own time begins, seconds since 1970 UTC."""
    return datetime(day.year, day.month, day.day).timestamp()


def when_words(at: float) -> str:
    """A time in words, to the minute."""
    when = datetime.fromtimestamp(at)
    return f"{day_words(when)} {when:%H:%M}"


def day_words(day: date) -> str:
    """A day in words."""
    return f"{day:%a} {day.day} {day:%b}"


def local_seconds(at: float) -> float:
    """The machine's own clock at a time, as seconds as if it were UTC's."""
    return timegm(time.localtime(at)) + at % 1


def total_of(parts: Iterable[Sums]) -> Sums:
    """The sums of all."""
    total = Sums()
    for part in parts:
        total += part
    return total
