"""Scripted histories: days at a desk, written without watching anybody."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from posturecam.core.event import EndReason, Episode
from posturecam.core.posture import Absence
from posturecam.core.state import State
from posturecam.core.sums import Sums
from posturecam.store import Minute, SessionFacts, Store

MONDAY = datetime(2026, 3, 2)
"""Midnight in the machine's own time."""


def at(day: datetime, hour: float) -> float:
    """Seconds since 1970 UTC at an hour of a day of the machine's own time."""
    return (day + timedelta(hours=hour)).timestamp()


def facts(started: float, name: str = "desk camera", source: str = "live") -> SessionFacts:
    """A session with everything by default."""
    return SessionFacts(started, source, name, onset_deg=20.0, iso_fraction=1 / 8)


def minute(start: float, flexion_deg: float | None = 5.0, seconds: float = 60.0) -> Minute:
    """A minute at one neck flexion; None for an empty chair."""
    if flexion_deg is None:
        return Minute(0, start, Sums({State.AWAY: seconds}, {Absence.NOBODY: seconds}), None)
    state = State.RED if flexion_deg >= 20 else State.NEUTRAL
    sums = Sums(
        {state: seconds},
        {},
        {5 * int(flexion_deg // 5): seconds},
        flexion_deg * seconds,
        seconds if flexion_deg >= 20 else 0.0,
        seconds,
        2.0 * seconds,
        1.0 * seconds,
    )
    return Minute(0, start, sums, flexion_deg)


def work_day(store: Store, day: datetime, rng: random.Random) -> None:
    """Write a day from 9 to 17 with a lunch break, a few holds, and a neck that is lower in the afternoon."""
    for start, hours in ((9, 3.5), (13.25, 3.75)):
        began = at(day, start + rng.uniform(-0.1, 0.1))
        number = store.begin(facts(began))
        count = int(hours * 60)
        minutes, episodes, absences = [], [], []
        for k in range(count):
            away = rng.random() < 0.04
            deg = None if away else rng.gauss(6 + (start > 12) * 4, 7)
            minutes.append(minute(60 * (began // 60 + k), deg))
            if away:
                absences.append((60.0 * k, 60.0 * k + 60, "away"))
            elif deg is not None and deg > 17:
                alert_s = 60.0 * k + 55 if rng.random() < 0.6 else None
                told = None if alert_s is None else rng.choice(("yes", "yes", "cooldown", "snoozed"))
                end_s = 60.0 * k + rng.uniform(56, 190)
                episodes.append(
                    Episode("text_neck", 60.0 * k, alert_s, told, end_s, deg + 12, deg + 8, EndReason.RECOVERED)
                )
        if start > 12:
            episodes.append(Episode("stillness", 1800.0, 2700.0, "yes", 3300.0, None, None, EndReason.RECOVERED))
            episodes.append(Episode("monitor_placement", 600.0, 1200.0, "yes", 9000.0, 9.0, 8.0, EndReason.STREAM_END))
        store.write(number, 60.0 * count, (), minutes, episodes, absences)


def month(store: Store, first: datetime = MONDAY, days: int = 31, seed: int = 4) -> None:
    """Write a month of working days, on which somebody is at the desk on weekdays."""
    rng = random.Random(seed)
    for k in range(days):
        day = first + timedelta(days=k)
        if day.weekday() < 5:
            work_day(store, day, rng)
