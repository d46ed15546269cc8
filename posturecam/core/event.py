"""What happened to a posture over time: episodes of a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class EndReason(str, Enum):
    """Why an episode ended."""

    RECOVERED = "recovered"
    """The posture came back below the release angle and stayed there."""
    AWAY = "away"
    """The person left."""
    NOT_MEASURED = "not_measured"
    """The posture could not be measured for too long, or no frames came."""
    STREAM_END = "stream_end"
    """The recording or the session ended first."""


@dataclass(frozen=True)
class Episode:
    """One excursion beyond a pattern's onset that was held long enough to be static (ISO 11226: 4 s).

    All times are stream seconds. `end_s` and `end_reason` are None while it lasts.
    """

    pattern: str
    onset_s: float
    alert_s: float | None
    """When the exposure became full; None when it has not."""
    told: str | None
    """What the alert policy decided then ("yes", "cooldown", "cap", ...); None without an alert."""
    end_s: float | None
    peak_deg: float | None
    """The largest angle in it, degrees; which one is the pattern's affair. None for a pattern without one."""
    mean_deg: float | None
    """Over the time that it was held; None as above."""
    end_reason: EndReason | None


class EventKind(str, Enum):
    """What changed."""

    STATIC = "static"
    """An excursion was held for 4 s: the episode is open."""
    ALERT = "alert"
    """Its exposure became full."""
    REMINDER = "reminder"
    """After an alert it was held on until ISO 11226's own limit."""
    END = "end"
    """It is over."""


@dataclass(frozen=True)
class Event:
    """A change of an episode, at the stream time when it was decided."""

    kind: EventKind
    t_s: float
    episode: Episode
