"""The live monitor as JSON, one event per line, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from posturecam.core.event import Episode
from posturecam.status import Mode

if TYPE_CHECKING:
    from posturecam.monitor import Moment
    from posturecam.status import Status


class LiveEvents:
    """Writes what changes: the mode, the state, episodes and what was decided about them, alerts, troubles.

    Every line has `event` and `t_s`, the stream time in seconds. Nothing is written while nothing changes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._told: dict[str, dict[str, Any]] = {"sinks": {"troubles": {}}, "setup": {"setup": None}}

    def show(self, moment: Moment) -> None:
        """Write what this moment changes."""
        status, t_s = moment.status, moment.t_s
        self._on_change("mode", t_s, _mode(status))
        if status.mode in (Mode.WATCHING, Mode.AWAY, Mode.SNOOZED) and moment.sample:
            self._on_change("state", t_s, {"state": status.state}, neck_flexion_deg=_tenths(status.neck_flexion_deg))
            self._on_change("setup", t_s, {"setup": status.setup})
        self._on_change("sinks", t_s, {"troubles": dict(status.sink_troubles)})
        if moment.cue:
            waiting = moment.cue.waiting.value if moment.cue.waiting else None
            self._on_change("neutral", t_s, {"pose": moment.cue.step.pose.value, "waiting": waiting})
        for decision in moment.decisions:
            self._write(
                "episode",
                t_s,
                change=decision.event.kind.value,
                told=decision.told.value if decision.told else None,
                **as_dict(decision.event.episode),
            )
        for alert in moment.alerts:
            self._write("alert", t_s, pattern=alert.pattern, words=alert.words, reminder=alert.reminder)

    def _on_change(self, event: str, t_s: float, facts: dict[str, Any], **more: Any) -> None:
        if self._told.get(event) != facts:
            self._told[event] = facts
            self._write(event, t_s, **facts, **more)

    def _write(self, event: str, t_s: float, **facts: Any) -> None:
        print(json.dumps({"event": event, "t_s": round(t_s, 3), **facts}), file=self._stream, flush=True)


def as_dict(episode: Episode) -> dict[str, Any]:
    """An episode, as JSON has it."""
    return {
        "pattern": episode.pattern,
        "onset_s": round(episode.onset_s, 3),
        "alert_s": None if episode.alert_s is None else round(episode.alert_s, 3),
        "end_s": None if episode.end_s is None else round(episode.end_s, 3),
        "peak_deg": _tenths(episode.peak_deg),
        "mean_deg": _tenths(episode.mean_deg),
        "end_reason": episode.end_reason.value if episode.end_reason else None,
    }


def _mode(status: Status) -> dict[str, Any]:
    return {
        "mode": status.mode.value,
        "camera": status.camera,
        "profile": status.profile,
        "trouble": status.trouble,
        "snoozed_until": status.snoozed_until,
    }


def _tenths(deg: float | None) -> float | None:
    return None if deg is None else round(deg, 1)
