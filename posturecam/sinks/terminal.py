"""What a person reads on the terminal after a replay."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from posturecam.core.alert_policy import Told
from posturecam.core.event import Episode
from posturecam.core.manner import Manner
from posturecam.core.session import Session
from posturecam.core.state import State, beginnings_deg
from posturecam.sinks.wording import (
    ABSENCE_WORDS,
    END_WORDS,
    RGB,
    STATE_WORDS,
    UNTOLD_WORDS,
    clock,
    count,
    listing,
    neutral_words,
    title,
)

STYLES = {state: Style(color="#{:02x}{:02x}{:02x}".format(*rgb)) for state, rgb in RGB.items()}
ROW_DEG = 10
"""Degrees of neck flexion in one row of the chart."""
ROWS = range(4, 7)
"""The chart has at least 4 rows (to 40°) and at most 6 (to 60°); what is higher fills the topmost."""
TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
TICK_COLUMNS = 10
"""Least distance between two times on the axis."""
STRIP_COLUMNS = 60
"""On narrower terminals the chart leaves the other patterns to the episodes."""
EPISODE_HEADINGS = ("episode", "onset", "alert", "end", "peak", "mean", "ended by")
EPISODE_COLUMNS = 80
"""On narrower terminals episodes are sentences instead of a table."""


@dataclass(frozen=True)
class Glyphs:
    """The signs of a page, in the characters that the terminal can show."""

    state: Mapping[State, str]
    """One column each, so different that no colour is needed."""
    blocks: str
    """Fillings of one cell from empty to full."""
    axis: str
    alert: str
    bar: str
    degree: str
    times: str
    none: str


UNICODE = Glyphs(
    {
        State.NEUTRAL: "░",
        State.AMBER: "▒",
        State.RED: "▓",
        State.SEVERE: "█",
        State.UNKNOWN: "?",
        State.AWAY: "_",
    },
    blocks=" ▁▂▃▄▅▆▇█",
    axis="┤",
    alert="▲",
    bar="▬",
    degree="°",
    times="×",
    none="–",
)
ASCII = Glyphs(
    {
        State.NEUTRAL: ".",
        State.AMBER: "+",
        State.RED: "x",
        State.SEVERE: "#",
        State.UNKNOWN: "?",
        State.AWAY: "_",
    },
    blocks=" .:#",
    axis="|",
    alert="^",
    bar="=",
    degree=" deg",
    times="x",
    none="-",
)


@dataclass(frozen=True)
class Slice:
    """A stretch of the session, as wide as one column of the chart."""

    state: State | None
    """The state that lasted longest; None when the stretch was not observed."""
    flexion_deg: float | None
    """Mean of the measured neck flexion over time."""
    alert: bool
    """An alert came due in it."""


def slices(session: Session, columns: int) -> list[Slice]:
    """The session cut into stretches of equal length from 0 to the recording's end."""
    slice_s = max(session.duration_s, 1e-3) / columns
    spent: list[dict[State, float]] = [{} for _ in range(columns)]
    flexion_s, flexion_deg_s = [0.0] * columns, [0.0] * columns
    for sample, held in zip(session.samples, session.held_s, strict=True):
        for column, seconds in _parts(sample.t_s, held, slice_s, columns):
            spent[column][sample.state] = spent[column].get(sample.state, 0.0) + seconds
            if (deg := sample.posture.neck_flexion.deg) is not None:
                flexion_s[column] += seconds
                flexion_deg_s[column] += seconds * deg
    alerts = {min(int(e.alert_s / slice_s), columns - 1) for e in session.alerts if e.alert_s is not None}
    return [
        Slice(
            max(spent[i], key=spent[i].__getitem__, default=None),
            flexion_deg_s[i] / flexion_s[i] if flexion_s[i] > 0 else None,
            i in alerts,
        )
        for i in range(columns)
    ]


def _parts(t_s: float, held_s: float, slice_s: float, columns: int) -> Iterator[tuple[int, float]]:
    """The columns that a stretch of time falls into, each with its seconds."""
    first, last = int(t_s / slice_s), int((t_s + held_s) / slice_s)
    for column in range(first, min(last + 1, columns)):
        seconds = min(t_s + held_s, (column + 1) * slice_s) - max(t_s, column * slice_s)
        if seconds > 0:
            yield column, seconds


def show(session: Session, console: Console) -> None:
    """Print the session: its facts, its course, time per state, episodes, and what was not measured.

    Fits the console's width. Nothing depends on colour, and a console that is not UTF-8 gets ASCII.
    """
    ascii_only = console.options.ascii_only
    glyphs = ASCII if ascii_only else UNICODE
    for part in (
        *_heading(session, glyphs),
        Text(),
        *_chart(session, glyphs, console.width),
        Text(),
        _states(session, glyphs, console.width),
        Text(),
        *_episodes(session, glyphs, console.width),
        Text(),
        *_sums(session, glyphs),
        *_limits(session),
    ):
        if isinstance(part, Text):
            part.plain = "".join(c if _shown(c, ascii_only) else "?" for c in part.plain)
        console.print(part, highlight=False)


def _shown(character: str, ascii_only: bool) -> bool:
    """False for what the names of files and profiles may hold: terminal escapes, broken encodings."""
    return character.isprintable() and (character.isascii() or not ascii_only)


def _heading(session: Session, glyphs: Glyphs) -> Iterator[Text]:
    recording, neutral = session.recording, session.neutral
    rate = "" if recording.frame_rate_hz is None else f" at {recording.frame_rate_hz:.4g} fps"
    yield Text.assemble(
        (recording.name, "bold"),
        f"  {clock(session.duration_s)}, {recording.width_px}{glyphs.times}{recording.height_px}{rate}; "
        f"{count(len(session.samples), 'frame')} analysed, {recording.analysis_rate_hz:.3g} per second",
    )
    if neutral is not None:
        yield Text(f"Neutral: {neutral_words(neutral)}. Every angle is a change from it.")
    alerts: list[str] = []
    hints: list[str] = []
    for e in session.alerts:
        if e.alert_s is not None and e.told in (None, Told.YES):
            (hints if _is_hint(session, e) else alerts).append(clock(e.alert_s))
    verdict = f"{count(len(alerts), 'alert')} would have come, at {listing(alerts)}"
    verdict = verdict if alerts else "No alert would have come"
    if hints:
        verdict += f"; {count(len(hints), 'tip')}, at {listing(hints)}"
    logged = sum(e.told == Told.LOGGED for e in session.alerts)
    kept_back = len(session.alerts) - len(alerts) - len(hints) - logged
    yield Text(verdict + (f"; {kept_back} more due and kept back." if kept_back else "."), "bold")


def _is_hint(session: Session, episode: Episode) -> bool:
    """Whether its pattern gives tips rather than alerts."""
    manners = {watch.pattern: watch.manner for watch in session.watches}
    return manners.get(episode.pattern, Manner.ALERT) is not Manner.ALERT


def _chart(session: Session, glyphs: Glyphs, width: int) -> Iterator[Text]:
    """Neck flexion as columns over the strip of states, the other patterns, the alerts and the time."""
    label = len(f" {ROWS[-1] * ROW_DEG}{glyphs.degree} {glyphs.axis}")
    others = _other_patterns(session) if width >= STRIP_COLUMNS else []
    label = max([label, *(len(title(name)) + 1 for name in others)])
    columns = max(8, width - label - 1)
    cut = slices(session, columns)
    peak_deg = max((s.flexion_deg for s in cut if s.flexion_deg is not None), default=0.0)
    rows = min(max(math.ceil(peak_deg / ROW_DEG), ROWS[0]), ROWS[-1])
    full = len(glyphs.blocks) - 1
    yield _line("neck flexion", "dim")
    for row in reversed(range(rows)):
        line = _line(f"{row * ROW_DEG:3d}{glyphs.degree} {glyphs.axis}".rjust(label))
        for s in cut:
            above = 0.0 if s.flexion_deg is None else s.flexion_deg / ROW_DEG - row
            block = glyphs.blocks[round(min(max(above, 0.0), 1.0) * full)]
            line.append(block, STYLES[s.state] if s.state else "")
        yield line
    line = _line(" " * label)
    for s in cut:
        line.append(glyphs.state[s.state] if s.state else " ", STYLES[s.state] if s.state else "")
    yield line
    for name in others:
        held = "".join(_strip(session, name, glyphs, columns)).rstrip()
        yield _line(title(name).rjust(label - 1) + " " + held)
    if session.alerts:
        yield _line(" " * label + "".join(glyphs.alert if s.alert else " " for s in cut).rstrip(), "bold")
    yield _line(" " * label + _axis(session.duration_s, columns), "dim")


def _other_patterns(session: Session) -> list[str]:
    """The patterns of the episodes, most specific first, without text neck, which the chart shows."""
    names = [watch.pattern for watch in session.watches]
    names += sorted({e.pattern for e in session.episodes} - set(names))
    found = {e.pattern for e in session.episodes}
    return [name for name in names if name in found and name != "text_neck"]


def _strip(session: Session, pattern: str, glyphs: Glyphs, columns: int) -> Iterator[str]:
    """A sign in every column in which the pattern was held, if only for a moment."""
    slice_s = max(session.duration_s, 1e-3) / columns
    held = [(e.onset_s, e.end_s or session.duration_s) for e in session.episodes if e.pattern == pattern]
    for column in range(columns):
        start_s, end_s = column * slice_s, (column + 1) * slice_s
        yield glyphs.bar if any(onset_s < end_s and end >= start_s for onset_s, end in held) else " "


def _line(text: str, style: str = "") -> Text:
    """A line of the chart: cut at the terminal's edge, never wrapped."""
    return Text(text, style, no_wrap=True, overflow="crop")


def _axis(duration_s: float, columns: int) -> str:
    """Times under the columns at which they begin, as many as fit without touching."""
    slice_s = max(duration_s, 1e-3) / columns
    step_s = next((t for t in TICKS_S if t / slice_s >= TICK_COLUMNS), TICKS_S[-1])
    axis = ""
    for i in range(math.floor(duration_s / step_s) + 1):
        column, label = int(i * step_s / slice_s), clock(i * step_s)
        if column >= len(axis) and column + len(label) <= columns:
            axis = axis.ljust(column) + label
    return axis


def _states(session: Session, glyphs: Glyphs, width: int) -> Table:
    """Time and share of each state that occurred; also the chart's legend."""
    thresholds, degree = session.thresholds, glyphs.degree
    start_deg = beginnings_deg(thresholds)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("state", overflow="fold")
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("")
    whole_s = max(session.observed_s + session.not_observed_s, 1e-3)
    bar = max(0, min(40, width - 46))
    for state, spent in session.state_s.items():
        if spent > 0:
            since = f", from {start_deg[state]:g}{degree}" if state in start_deg else ""
            table.add_row(
                Text(glyphs.state[state], STYLES[state]),
                STATE_WORDS[state] + since,
                clock(spent),
                f"{spent / whole_s:.0%}",
                Text(glyphs.bar * round(bar * spent / whole_s), STYLES[state]),
            )
    if session.not_observed_s >= 1:
        lost = session.not_observed_s
        table.add_row("", "no frames", clock(lost), f"{lost / whole_s:.0%}", "")
    if session.alerts:
        table.add_row(glyphs.alert, "alert due", "", "", "")
    return table


def _episodes(session: Session, glyphs: Glyphs, width: int) -> Iterator[Text | Table]:
    if not session.episodes:
        onset = f"{session.thresholds.onset_deg:g}{glyphs.degree}"
        yield Text(f"No episode: nothing beyond the onset ({onset} of neck flexion) was held for 4 s.")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in EPISODE_HEADINGS:
        table.add_column(heading, justify="left" if heading in ("episode", "ended by") else "right")
    for episode in sorted(session.episodes, key=lambda e: e.onset_s):
        cells = _episode(episode, glyphs)
        if width >= EPISODE_COLUMNS:
            table.add_row(*cells)
        else:
            facts = zip(EPISODE_HEADINGS[1:], cells[1:], strict=True)
            yield Text(f"{cells[0]}: " + ", ".join(f"{heading} {cell}" for heading, cell in facts))
    if table.row_count:
        yield table


def _episode(e: Episode, glyphs: Glyphs) -> tuple[str, ...]:
    """Under EPISODE_HEADINGS."""
    untold = "" if e.told in (None, Told.YES) else f" ({UNTOLD_WORDS[Told(e.told)]})"
    return (
        title(e.pattern),
        clock(e.onset_s),
        glyphs.none if e.alert_s is None else clock(e.alert_s) + untold,
        glyphs.none if e.end_s is None else clock(e.end_s),
        *(glyphs.none if deg is None else f"{round(deg)}{glyphs.degree}" for deg in (e.peak_deg, e.mean_deg)),
        END_WORDS[e.end_reason] if e.end_reason else glyphs.none,
    )


def _sums(session: Session, glyphs: Glyphs) -> Iterator[Text]:
    totals, degree = session.totals, glyphs.degree
    if totals.mean_flexion_deg is None:
        return
    onset = f"{session.thresholds.onset_deg:g}{degree}"
    longest = f", longest hold {clock(totals.longest_hold_s)}" if totals.longest_hold_s else ""
    bent = f"{onset} or more for {clock(totals.above_onset_s)}" if totals.above_onset_s else f"never {onset}"
    yield Text(f"Neck flexion: {round(totals.mean_flexion_deg)}{degree} on average; {bent}{longest}.")
    if totals.mean_demand is not None:
        yield Text(
            f"Pull of gravity on the neck: {totals.mean_demand:.1f} {glyphs.times} neutral on average, "
            f"{totals.demand_minutes:.1f} demand-minutes above it."
        )


def _limits(session: Session) -> Iterator[Text]:
    """What was not measured, and why; then the notes."""
    absences = session.absence_s
    if absences:
        lost_s = sum(absences.values())
        reasons = ", ".join(f"{ABSENCE_WORDS[reason]} {clock(spent)}" for reason, spent in absences.items())
        yield Text(f"Not measured: {clock(lost_s)} of {clock(session.observed_s)} ({reasons}).")
    unseen: dict[str, list[str]] = {}
    for watch in session.watches:
        if watch.obstacle:
            unseen.setdefault(watch.obstacle, []).append(title(watch.pattern))
    if unseen:
        reasons = "; ".join(f"{listing(titles)} ({why})" for why, titles in unseen.items())
        yield Text(f"Not measurable here: {reasons}.")
    for note in session.notes:
        yield Text(f"Note: {note}")
    yield Text("Angles from one camera are a nudge to move, not a diagnosis.", "dim")
