"""When a snooze ends, in a person's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from posturecam.errors import UsageError

MORNING = time(6)
"""When the day begins that `tomorrow` and `morning` mean (judgement)."""
LONGEST = timedelta(days=7)
ALLOWED = "30m, 90s, 1h30, until 14:00, until 2pm, morning, tomorrow (both at 06:00), tomorrow 9:30, or off"

_HOURS, _MINUTES, _SECONDS = "h|hr|hrs|hours?", "m|min|mins|minutes?", "s|sec|secs|seconds?"
_LENGTH = re.compile(
    rf"(?:(\d{{1,9}})\s*(?:{_HOURS})\s*(?:(\d{{1,2}})$)?)?(?:(\d{{1,9}})\s*(?:{_MINUTES})\s*)?"
    rf"(?:(\d{{1,9}})\s*(?:{_SECONDS}))?",
    re.ASCII,
)
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", re.ASCII)


def parse_until(words: Sequence[str], now: datetime) -> datetime:
    """Return the time after `now` that the words mean.

    A length of time (`30m`, `1h30`), the next time that clocks show something (`until 14:00`, `2pm`,
    `morning`), `tomorrow` at 06:00 or another time of that day, or `off`, which is now.

    `now` without a time zone is this machine's own time, and so is the answer; with one they are both of it. A
    length is as long across a change of clocks as on any day. Raises UsageError, naming what is allowed.
    """
    text = " ".join(" ".join(words).lower().split())
    plain = re.sub(r"^(until|till|for) ", "", text)
    if plain == "off":
        return now
    if plain == "morning":
        return _next(MORNING, now)
    if plain.startswith("tomorrow"):
        clock = plain.removeprefix("tomorrow").strip().removeprefix("at ").strip()
        at = MORNING if clock in ("", "morning") else _clock(clock)
        if at is not None:
            return _instant(datetime.combine(now.date() + timedelta(days=1), at, now.tzinfo))
    elif (length := _length(plain)) is not None:
        if not timedelta() < length <= LONGEST:
            raise UsageError(f"a snooze of {text} cannot be: give up to 7 days, or posturecam pause, which has no end")
        return datetime.fromtimestamp(now.timestamp() + length.total_seconds(), now.tzinfo)
    elif (at := _clock(plain)) is not None:
        return _next(at, now)
    raise UsageError(f"{text or 'nothing'} is no time to snooze until: give {ALLOWED}")


def _length(text: str) -> timedelta | None:
    found = _LENGTH.fullmatch(text)
    if not text or not found:
        return None
    hours, minutes_of_hour, minutes, seconds = (int(part or 0) for part in found.groups())
    if minutes_of_hour > 59:
        return None
    return timedelta(hours=hours, minutes=minutes_of_hour + minutes, seconds=seconds)


def _clock(text: str) -> time | None:
    """The time of day that is meant; None when it is none. A number alone might be anything."""
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif found[2] is None:
        return None
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _next(clock: time, now: datetime) -> datetime:
    """The next time that clocks show this; where they skip it, the day after."""
    at = now
    for day in range(3):
        for fold in (0, 1):
            wall = datetime.combine(now.date() + timedelta(days=day), clock, now.tzinfo).replace(fold=fold)
            at = _instant(wall)
            if at.timestamp() > now.timestamp() and at.time() == clock:
                return at
    return at


def _instant(wall: datetime) -> datetime:
    """The same moment as clocks show it: another reading where they skip this one."""
    return datetime.fromtimestamp(wall.timestamp(), wall.tzinfo)
