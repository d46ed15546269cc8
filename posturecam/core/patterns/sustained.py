"""A sustained pattern: from one signal over time to the episodes in which it was held.

All transitions stand in one table, `_LAW`. Time is that of the samples and nothing else: a sample holds
until the next one, what happens is noticed at a sample, and after a gap nothing is known about it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from posturecam.core.event import EndReason, Episode, Event, EventKind
from posturecam.core.patterns.exposure import Exposure

STATIC_AFTER_S = 4.0
"""Held for longer, a posture is static (ISO 11226:2000, EN 1005-4:2005); held for less, it is a glance."""
RECOVERED_AFTER_S = 3.0
"""Let go for less, a held posture was only interrupted (judgement)."""
UNMEASURED_FOR_S = 10.0
"""Unmeasured for less, a held posture is taken to be held still, though no time is credited (judgement)."""
GAP_S = 2.0
"""When samples lie further apart, nothing is known about the time between them (judgement)."""


class Phase(str, Enum):
    """Where an excursion of the signal stands."""

    RECOVERED = "recovered"
    """There is none."""
    EXCURSION = "excursion"
    """Beyond the onset, and so far a glance."""
    STATIC = "static"
    """Held for 4 s: an episode is open."""
    ALERTED = "alerted"
    """Its exposure became full."""
    REMINDED = "reminded"
    """It was held on until the limit."""


class _Seen(Enum):
    """What a sample says about the posture."""

    HELD = "at or above the onset"
    BETWEEN = "at or above the release, below the onset"
    LET_GO = "below the release"
    AWAY = "nobody there"
    UNMEASURED = "somebody there, no value"


class _Now(Enum):
    """What has come about at a sample, apart from the reasons for an end."""

    BEYOND_ONSET = "the signal is at or above the onset"
    BELOW_RELEASE = "the signal is below the release"
    STATIC = "the excursion was held for 4 s"
    FULL = "the exposure is full, and it has been empty since it last was"
    LIMIT = "the exposure was full and has not been empty since, and the limit is reached"


_LAW: dict[tuple[Phase, _Now | EndReason], tuple[Phase, EventKind | None]] = {
    (Phase.RECOVERED, _Now.BEYOND_ONSET): (Phase.EXCURSION, None),
    (Phase.EXCURSION, _Now.BELOW_RELEASE): (Phase.RECOVERED, None),
    (Phase.EXCURSION, _Now.STATIC): (Phase.STATIC, EventKind.STATIC),
    (Phase.STATIC, _Now.FULL): (Phase.ALERTED, EventKind.ALERT),
    (Phase.STATIC, _Now.LIMIT): (Phase.REMINDED, EventKind.REMINDER),
    (Phase.ALERTED, _Now.LIMIT): (Phase.REMINDED, EventKind.REMINDER),
    **{(Phase.EXCURSION, reason): (Phase.RECOVERED, None) for reason in EndReason},
    **{(Phase.STATIC, reason): (Phase.RECOVERED, EventKind.END) for reason in EndReason},
    **{(Phase.ALERTED, reason): (Phase.RECOVERED, EventKind.END) for reason in EndReason},
    **{(Phase.REMINDED, reason): (Phase.RECOVERED, EventKind.END) for reason in EndReason},
}
"""In this phase, when this comes about: the next phase, and the event. What is not listed changes nothing."""


@dataclass
class _Excursion:
    """What is known about the excursion that is under way."""

    onset_s: float
    alert_level: float
    limit_level: float
    """Of the exposures to the alert and to the limit, at the onset."""
    alert_s: float | None = None
    peak_deg: float | None = None
    held_s: float = 0.0
    """Time at or above the release."""
    integral_deg_s: float = 0.0
    """Of the angle over the part of that time in which there was one."""
    angle_s: float = 0.0
    """That part."""
    held_until_s: float = -math.inf
    let_go_s: float = 0.0
    """Time below the release, or away, since it was last held."""

    def hold(self, deg: float | None, dt_s: float, until_s: float) -> None:
        """It was held, at an angle of `deg`, for `dt_s`, until `until_s`."""
        self.held_s += dt_s
        self.held_until_s = until_s
        self.let_go_s = 0.0
        if deg is not None:
            self.integral_deg_s += deg * dt_s
            self.angle_s += dt_s

    def reach(self, deg: float) -> None:
        """The angle was `deg`."""
        self.peak_deg = deg if self.peak_deg is None else max(self.peak_deg, deg)

    def episode(self, pattern: str, end_reason: EndReason | None) -> Episode:
        """It as an episode; without a reason, one that is still open."""
        return Episode(
            pattern=pattern,
            onset_s=self.onset_s,
            alert_s=self.alert_s,
            told=None,
            end_s=self.held_until_s if end_reason else None,
            peak_deg=self.peak_deg,
            mean_deg=self.integral_deg_s / self.angle_s if self.angle_s else None,
            end_reason=end_reason,
        )


class SustainedPattern:
    """Watches one signal for episodes in which it is held beyond an onset.

    An excursion begins at `onset` and lasts while the signal stays at or above `release`. Held for 4 s it
    is static, an episode opens, and its exposure is credited from the onset; one that ends sooner was a
    glance and leaves no trace. The exposure fills by the value's own holding time while the signal is at
    or above the onset, leaks twice as fast below the release, and waits between the two. When it is full
    an ALERT comes. The next one does not come before the exposure has been empty, in a later episode: until
    then it is the same strain that goes on. Held until the exposure to the limit is full as well, an episode
    that had its alert, or that began before recovery from one, gives one REMINDER.

    An episode ends when the signal was below the release for 3 s, or the person away for as long, or
    nothing could be measured for 10 s; it ends at the time until which it was held. No time is credited
    to what was not measured, and to none of a gap between samples.
    """

    def __init__(
        self,
        name: str,
        *,
        onset: float,
        release: float,
        alert_after_s: Callable[[float], float],
        limit_s: Callable[[float], float] | None = None,
        in_degrees: bool = True,
    ) -> None:
        """Name the pattern and its thresholds, in the signal's own unit.

        `alert_after_s` gives the seconds until an alert at a value, `limit_s` the seconds until a reminder;
        None, and there are no reminders. Unless the signal is an angle (`in_degrees`), the angle to write
        down comes with every sample.
        """
        if not release < onset:
            raise ValueError(f"{name}: the release {release} must be below the onset {onset}")
        self.name = name
        self.onset = onset
        self.release = release
        self._alert = Exposure(alert_after_s, onset)
        self._limit = Exposure(limit_s or (lambda _: math.inf), onset, most=1.0)
        self._in_degrees = in_degrees
        self._armed = True
        self._phase = Phase.RECOVERED
        self._excursion: _Excursion | None = None
        self._t_s = -math.inf
        self._seen = _Seen.UNMEASURED
        self._value: float | None = None
        self._deg: float | None = None
        self._unmeasured_s = 0.0

    @property
    def phase(self) -> Phase:
        """Where the excursion stands, as of the last sample."""
        return self._phase

    @property
    def exposure(self) -> float:
        """0 recovered, 1 full and more beyond, as of the last sample; a glance counts while it lasts."""
        return self._alert.level

    def update(self, t_s: float, value: float | None, present: bool = True, deg: float | None = None) -> list[Event]:
        """Take one sample of the signal and give what came about, in order.

        `value` is None when it could not be measured; `present` False when nobody is there; `deg` is the
        angle to write down of a signal that is none itself. Raises ValueError, and changes nothing, when
        time runs backwards or a number is not finite.
        """
        self._check_time(t_s)
        for number in (value, deg):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{self.name}: a value must be finite or missing, not {number}")

        events = self._pass_time(t_s)
        self._value = value if present else None
        self._deg = (value if self._in_degrees else deg) if present else None
        self._seen = self._read(value, present)
        if self._seen is _Seen.HELD:
            events += self._apply(_Now.BEYOND_ONSET)
        elif self._seen is _Seen.LET_GO:
            events += self._apply(_Now.BELOW_RELEASE)
        if self._excursion and self._deg is not None:
            self._excursion.reach(self._deg)
        return events

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode.

        Raises ValueError, and changes nothing, when time runs backwards.
        """
        self._check_time(t_s)
        return self._pass_time(t_s) + self._apply(EndReason.STREAM_END)

    def _check_time(self, t_s: float) -> None:
        if not self._t_s <= t_s < math.inf:
            raise ValueError(f"{self.name}: time must not run backwards: {t_s} s after {self._t_s} s")

    def _read(self, value: float | None, present: bool) -> _Seen:
        if not present:
            return _Seen.AWAY
        if value is None:
            return _Seen.UNMEASURED
        if value >= self.onset:
            return _Seen.HELD
        return _Seen.BETWEEN if value >= self.release else _Seen.LET_GO

    def _pass_time(self, t_s: float) -> list[Event]:
        """Let the last sample hold until `t_s`, unless that is a gap, and give what came about."""
        dt_s = t_s - self._t_s if math.isfinite(self._t_s) else 0.0
        self._t_s = t_s
        seen = self._seen if dt_s <= GAP_S else _Seen.UNMEASURED
        self._unmeasured_s = self._unmeasured_s + dt_s if seen is _Seen.UNMEASURED else 0.0

        if seen is _Seen.UNMEASURED:
            self._leak(min(dt_s, max(0.0, self._unmeasured_s - UNMEASURED_FOR_S)))
        elif seen is _Seen.LET_GO or seen is _Seen.AWAY:
            self._leak(dt_s)
            if self._excursion:
                self._excursion.let_go_s += dt_s
        elif self._excursion and self._value is not None:
            self._excursion.hold(self._deg, dt_s, t_s)
            if seen is _Seen.HELD:
                self._alert.fill(dt_s, self._value)
                self._limit.fill(dt_s, self._value)

        if self._excursion is None:
            return []
        return [event for now in self._come_about(self._excursion, seen) for event in self._apply(now)]

    def _leak(self, dt_s: float) -> None:
        self._alert.leak(dt_s)
        self._limit.leak(dt_s)
        if self._alert.empty:
            self._limit.fall_back(0.0)
            self._armed = True

    def _come_about(self, excursion: _Excursion, seen: _Seen) -> Iterator[_Now | EndReason]:
        """What the time that has passed brought about, in order."""
        if excursion.held_s >= STATIC_AFTER_S:
            yield _Now.STATIC
        if self._alert.full and self._armed:
            yield _Now.FULL
        if self._limit.full and not self._armed:
            yield _Now.LIMIT
        if excursion.let_go_s >= RECOVERED_AFTER_S:
            yield EndReason.AWAY if seen is _Seen.AWAY else EndReason.RECOVERED
        if self._unmeasured_s >= UNMEASURED_FOR_S:
            yield EndReason.NOT_MEASURED

    def _apply(self, now: _Now | EndReason) -> list[Event]:
        """Obey the law: change the phase, and give the event that goes with it."""
        before = self._phase
        self._phase, kind = _LAW.get((before, now), (before, None))
        if self._phase is before:
            return []
        excursion = self._excursion or _Excursion(self._t_s, self._alert.level, self._limit.level)
        if kind is EventKind.ALERT:
            excursion.alert_s = self._t_s
            self._armed = False
        if self._phase is Phase.RECOVERED and kind is None:
            self._alert.fall_back(excursion.alert_level)
            self._limit.fall_back(excursion.limit_level)
        self._excursion = None if self._phase is Phase.RECOVERED else excursion
        if kind is None:
            return []
        end_reason = now if isinstance(now, EndReason) else None
        return [Event(kind, self._t_s, excursion.episode(self.name, end_reason))]
