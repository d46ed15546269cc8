"""What a person reads on the terminal about a running monitor."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from posturecam.core.posture import View
from posturecam.core.state import State
from posturecam.profiles import VIEW_WORDS
from posturecam.sinks.live_view import MODE_WORDS
from posturecam.sinks.plain_text import plain_text
from posturecam.sinks.terminal import STYLES
from posturecam.sinks.wording import STATE_WORDS, clock, count, moment_words
from posturecam.status import Mode, Status

MODE_MEANING: dict[Mode, str] = {
    Mode.SNOOZED: "it measures and says nothing",
    Mode.PAUSED: "it does not watch, and the camera is free",
}


def show_status(status: Status, console: Console, now: float) -> None:
    """Print all of it that holds at `now`, seconds since 1970 UTC, and first of all what it is at."""
    heading = f"{MODE_WORDS[status.mode]} since {moment_words(status.mode_since, now)}"
    if meaning := status.trouble if status.mode is Mode.NO_CAMERA else MODE_MEANING.get(status.mode):
        heading += f": {meaning}"
    console.print(plain_text(heading, console, "bold"))
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column("", style="dim", no_wrap=True)
    facts.add_column("", overflow="fold")
    for name, words, style in _facts(status, now):
        facts.add_row(name, plain_text(words, console, style))
    console.print(facts)


def _facts(status: Status, now: float) -> Iterator[tuple[str, str, str]]:
    """A name, its words and their style."""
    if status.snoozed_until is not None:
        yield "snoozed", f"until {moment_words(status.snoozed_until, now)}", ""
    if status.state is not None:
        yield "posture", _posture(status, now), str(STYLES[State(status.state)])
    levels = ("amber", status.amber_deg), ("onset", status.onset_deg), ("severe", status.severe_deg)
    if thresholds := ", ".join(f"{name} {deg:g}°" for name, deg in levels if deg is not None):
        yield "thresholds", thresholds, ""
    if status.exposure is not None:
        yield "exposure", f"{100 * status.exposure:.0f} % of what an alert takes", ""
    yield "profile", status.profile or "none: neutral is taken from the session itself", ""
    if status.setup:
        yield "set-up", status.setup, "yellow"
    yield "camera", _camera(status), ""
    if status.trouble and status.mode is not Mode.NO_CAMERA:
        yield "trouble", status.trouble, "yellow"
    if seated := _seated(status):
        yield "seated", seated, ""
    yield "today", _today(status, now), ""
    for name, words in sorted(status.sink_troubles.items()):
        yield "trouble", f"{name}: {words}", "yellow"
    yield "running", f"since {moment_words(status.since, now)}, pid {status.pid}, posturecam {status.version}", "dim"


def _posture(status: Status, now: float) -> str:
    words = STATE_WORDS[State(str(status.state))]
    if status.state_since is not None:
        words += f" for {clock(max(0.0, now - status.state_since))}"
    if status.neck_flexion_deg is not None:
        words += f", neck flexion {status.neck_flexion_deg:.0f}°"
        if status.onset_deg is not None:
            over_deg = round(status.neck_flexion_deg - status.onset_deg)
            words += f" ({abs(over_deg)}° {'below' if over_deg < 0 else 'over'} onset)"
    if status.view is not None:
        words += f", seen {VIEW_WORDS[View(status.view)]}"
    return words


def _camera(status: Status) -> str:
    words = status.camera or "not known yet"
    if status.analysed_hz is not None:
        words += f", {status.analysed_hz:.1f} pictures analysed per second"
    if status.analysis_ms is not None:
        words += f", {status.analysis_ms:.0f} ms each"
    return words


def _seated(status: Status) -> str:
    parts = []
    if status.seated_s is not None:
        parts.append(f"{clock(status.seated_s)} since the last break")
    if status.still_s is not None:
        parts.append(f"{clock(status.still_s)} without a change of position")
    return ", ".join(parts)


def _today(status: Status, now: float) -> str:
    words = count(status.alerts_today, "alert")
    if status.last_alert is not None:
        words += f", the last at {moment_words(status.last_alert, now)}"
        if status.last_alert_title:
            words += f" ({status.last_alert_title})"
    return words
