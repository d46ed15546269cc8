"""Today so far: how the hours went, and what was said, across all sessions of the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from posturecam.core.alert_policy import Told
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.store import Store, StoreError

HOUR_S = 3600.0
SHOWN_H = 8
"""The strip of a day shows so many hours at least."""


class Today:
    """Counts a local day; when another begins, it begins anew. Times are seconds since 1970 UTC."""

    def __init__(self, now: float, store: Store | None = None) -> None:
        """What the history knows of this day is in it; of a history that cannot be read, nothing."""
        self._last: tuple[float, Sample] | None = None
        self._begin(now)
        if store is None:
            return
        try:
            for minute in store.minutes(self._start, self._end):
                _add(self._minutes[int(minute.start // 60)], minute.sums.state_s)
            self.alerts = sum(one.episode.told == Told.YES for one in store.episodes(self._start, self._end))
        except StoreError:
            self._begin(now)

    def update(self, now: float, sample: Sample) -> None:
        """Take the next sample, which stands until the one after it."""
        if not self._start <= now < self._end:
            self._begin(now)
        before, self._last = self._last, (now, sample)
        if before and 0 < (held_s := now - before[0]) <= GAP_S:
            _add(self._minutes[int(before[0] // 60)], {before[1].state: held_s})

    def note_alert(self) -> None:
        """An alert was said."""
        self.alerts += 1

    @property
    def first_hour(self) -> int:
        """The hour with which the strip begins, 0..23."""
        first = 60.0 * min(self._minutes, default=int(self._start // 60))
        return min(int((first - self._start) // HOUR_S), 24 - SHOWN_H)

    @property
    def last_hour(self) -> int:
        """The hour before which it ends, 1..24."""
        last = 60.0 * max(self._minutes, default=0)
        return min(24, max(self.first_hour + SHOWN_H, int((last - self._start) // HOUR_S) + 1))

    def strip(self, columns: int) -> list[State | None]:
        """The state that lasted longest in each of so many equal parts of those hours; None where nothing is known.

        Of a part that was mostly spent away or unmeasured, the rest counts if there is any.
        """
        start = self._start + HOUR_S * self.first_hour
        part_s = HOUR_S * (self.last_hour - self.first_hour) / columns
        parts: list[dict[State, float]] = [{} for _ in range(columns)]
        for minute, spent in self._minutes.items():
            column = int((60.0 * minute - start) // part_s)
            if 0 <= column < columns:
                _add(parts[column], spent)
        return [_longest(part) for part in parts]

    def _begin(self, now: float) -> None:
        day = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
        self._start = day.timestamp()
        self._end = (day + timedelta(days=1)).timestamp()
        self._minutes: defaultdict[int, dict[State, float]] = defaultdict(dict)
        """By minutes since 1970 UTC: seconds in each state."""
        self._last = None
        self.alerts = 0


def _add(spent: dict[State, float], more: Mapping[State, float]) -> None:
    for state, seconds in more.items():
        spent[state] = spent.get(state, 0.0) + seconds


def _longest(spent: Mapping[State, float]) -> State | None:
    measured = {state: s for state, s in spent.items() if state not in (State.UNKNOWN, State.AWAY)}
    return max(measured or spent, key=lambda state: spent[state], default=None)
