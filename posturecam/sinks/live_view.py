"""The live monitor on the terminal: a few lines that stay in place, or, in a pipe, a line for each change."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from posturecam.core.state import State
from posturecam.sinks.guide_page import POSE_WORDS, waiting_words
from posturecam.sinks.terminal import ASCII, STYLES, UNICODE
from posturecam.sinks.wording import ABSENCE_WORDS, STATE_WORDS, clock, count, moment_words, title
from posturecam.status import Mode

if TYPE_CHECKING:
    from posturecam.monitor import Moment
    from posturecam.status import Status
    from posturecam.today import Today

REDRAWN_S = 1.0
"""Drawing costs as much as measuring does: what has not changed is drawn no sooner (milliseconds matter)."""
SCALE_DEG = 60.0
"""The end of the scale of neck flexion, unless a threshold lies beyond."""
LONGEST_COLUMNS = 72

MODE_WORDS: dict[Mode, str] = {
    Mode.STARTING: "starting",
    Mode.WATCHING: "watching",
    Mode.AWAY: "nobody there",
    Mode.SNOOZED: "snoozed",
    Mode.NO_CAMERA: "no picture",
    Mode.PAUSED: "paused",
}
KEY_WORDS = "p pause   s snooze 30 min   c new neutral   q quit"


def mode_words(status: Status) -> str:
    """What the monitor is at, and until when."""
    words = MODE_WORDS[status.mode]
    if status.mode is Mode.SNOOZED and status.snoozed_until is not None:
        words += " until " + moment_words(status.snoozed_until, time.time())
    return words


def ended_words(status: Status, now: float, kept: bool) -> str:
    """What is said of a watch that has ended at a time in seconds since 1970 UTC."""
    words = f"Watched for {clock(now - status.since)}; {count(status.alerts_today, 'alert')} today."
    return words + " posturecam report --open shows the day." * kept


class LiveView:
    """What the monitor sees, on a terminal or line by line."""

    def __init__(
        self,
        console: Console,
        today: Today,
        next_key: Callable[[], str | None] = lambda: None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`next_key` gives the keys pressed in the terminal; `now_s` paces the drawing."""
        self._console, self._today, self._next_key, self._now_s = console, today, next_key, now_s
        self._glyphs, self._plus_minus, self._rest = (
            (ASCII, "+/-", "-") if console.options.ascii_only else (UNICODE, "±", "·")
        )
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._drawn_s = float("-inf")
        self._drawn: object = None
        self._told = ""

    def __enter__(self) -> LiveView:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.update(Text(), refresh=True)
            self._live.stop()

    def show(self, moment: Moment) -> str | None:
        """Show it, when there is something new; return the key that was pressed, None without one."""
        for alert in moment.alerts:
            self._console.print(Text(f"{time.strftime('%H:%M')}  {alert.words}", "bold"), soft_wrap=True)
        if self._live:
            status, now_s = moment.status, self._now_s()
            news = (status.mode, status.state, status.trouble, status.setup, status.alerts_today, moment.cue is None)
            if news != self._drawn or now_s - self._drawn_s >= REDRAWN_S:
                self._drawn, self._drawn_s = news, now_s
                self._live.update(self._page(moment), refresh=True)
        else:
            self._tell(moment)
        return self._next_key()

    def _tell(self, moment: Moment) -> None:
        status = moment.status
        words = mode_words(status)
        if moment.cue:
            words = f"{POSE_WORDS[moment.cue.step.pose]}: {waiting_words(moment.cue).split(':')[0]}"
        elif status.trouble and status.mode is Mode.NO_CAMERA:
            words = status.trouble
        elif status.state and status.mode in (Mode.WATCHING, Mode.SNOOZED):
            words += f", {STATE_WORDS[State(status.state)]}"
        if status.setup:
            words += f" ({status.setup})"
        if words != self._told:
            self._told = words
            self._console.print(Text(f"{time.strftime('%H:%M:%S')}  {words}"), soft_wrap=True)

    def _page(self, moment: Moment) -> RenderableType:
        status = moment.status
        width = min(self._console.width - 1, LONGEST_COLUMNS)
        lines = [self._heading(status)]
        if moment.cue:
            lines.append(Text(POSE_WORDS[moment.cue.step.pose], "bold"))
            lines.append(Text(waiting_words(moment.cue), "yellow" if moment.cue.waiting else "green"))
        elif status.trouble:
            lines.append(Text(status.trouble, "yellow" if status.mode is Mode.NO_CAMERA else "dim"))
        elif moment.sample:
            lines += [self._reading(moment), *self._scale(status, width), self._exposure(status, width)]
        lines += [*self._day(width), self._times(status)]
        lines += [Text(words, "yellow") for words in (status.setup, *_sink_words(status)) if words]
        return Group(*lines, Text(KEY_WORDS, "dim"))

    def _heading(self, status: Status) -> Text:
        where = ", ".join(part for part in (status.camera, status.profile and f"profile {status.profile}") if part)
        shown = "".join(c if c.isprintable() else "?" for c in where)
        return Text.assemble(("posturecam", "bold"), f"  {mode_words(status)}", (f"  {shown}" if shown else "", "dim"))

    def _reading(self, moment: Moment) -> Text:
        assert moment.sample
        state, neck = moment.sample.state, moment.sample.posture.neck_flexion
        line = Text.assemble((f"{self._glyphs.state[state] * 2} {STATE_WORDS[state]}", STYLES[state]))
        if neck.deg is not None and neck.sd_deg is not None:
            degree = self._glyphs.degree
            line.append(f"  neck flexion {neck.deg:.0f}{degree} {self._plus_minus} {neck.sd_deg:.0f}{degree}")
        elif neck.absence:
            line.append(f"  {ABSENCE_WORDS[neck.absence]}")
        others = [title(name) for name in moment.sample.under_way if name != "text_neck"]
        if others:
            line.append(f"  {', '.join(others)}", "bold")
        return line

    def _scale(self, status: Status, width: int) -> list[Text]:
        """The angle on a line from 0 on, over the personal thresholds."""
        marks = [
            (deg, state)
            for deg, state in (
                (status.amber_deg, State.AMBER),
                (status.onset_deg, State.RED),
                (status.severe_deg, State.SEVERE),
            )
            if deg is not None
        ]
        if not marks:
            return []
        most_deg = max(SCALE_DEG, marks[-1][0] + 10)

        def column(deg: float) -> int:
            return round(min(max(deg, 0.0), most_deg) / most_deg * (width - 1))

        bar, legend = Text(no_wrap=True), ""
        filled = -1 if status.neck_flexion_deg is None else column(status.neck_flexion_deg)
        ends = [column(deg) for deg, _ in marks]
        for k in range(width):
            state = ([State.NEUTRAL] + [state for deg, state in marks if k >= column(deg)])[-1]
            sign = self._glyphs.axis if k in ends else self._glyphs.bar if k <= filled else self._rest
            bar.append(sign, STYLES[state])
        for deg, _ in marks:
            legend = legend.ljust(column(deg)) + f"{deg:g}{self._glyphs.degree}"
        return [bar, Text(legend, "dim", no_wrap=True)]

    def _exposure(self, status: Status, width: int) -> Text:
        label = "toward alert "
        room = max(8, width - len(label))
        filled = round(room * min(status.exposure or 0.0, 1.0))
        return Text.assemble((label, "dim"), self._glyphs.bar * filled, no_wrap=True)

    def _day(self, width: int) -> list[Text]:
        first, last = self._today.first_hour, self._today.last_hour
        label = "today "
        room = max(8, width - len(label))
        strip = Text(label, no_wrap=True)
        for state in self._today.strip(room):
            strip.append(self._glyphs.state[state] if state else " ", STYLES[state] if state else "")
        hours = last - first
        axis = ""
        for hour in range(first, last):
            column = round((hour - first) * room / hours)
            if column >= len(axis) and column + 5 <= room:
                axis = axis.ljust(column) + f"{hour}:00 "
        return [strip, Text(" " * len(label) + axis, "dim", no_wrap=True)]

    def _times(self, status: Status) -> Text:
        parts = []
        if status.seated_s is not None:
            parts.append(f"{clock(status.seated_s)} since the last break")
        if status.still_s is not None:
            parts.append(f"still for {clock(status.still_s)}")
        parts.append(count(status.alerts_today, "alert") + " today")
        if status.last_alert is not None and status.last_alert_title:
            parts.append(f"last {moment_words(status.last_alert, time.time())} ({status.last_alert_title})")
        return Text(", ".join(parts))


def _sink_words(status: Status) -> list[str]:
    return [f"{name}: {words}" for name, words in sorted(status.sink_troubles.items())]
