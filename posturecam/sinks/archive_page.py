"""What a person reads on the terminal after a replay of many recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from posturecam.sinks.plain_text import plain_text
from posturecam.sinks.wording import clock, count

HEADINGS = ("length", "measured", "flexion", "bent", "longest", "alerts")


@dataclass(frozen=True)
class Row:
    """One recording, and what came of it."""

    video: Path
    answer: dict[str, Any] | None
    """As summary.json; None when there is none."""
    words: str = ""
    """What else is to be said: why there are none, or that they were there before."""


@dataclass(frozen=True)
class _Figures:
    """What stands in one line of the table. Seconds, degrees."""

    length_s: float
    measured_s: float
    mean_deg: float | None
    """Of the neck flexion, over the time that was measured; None without any."""
    bent_s: float
    longest_s: float
    alerts: int

    @classmethod
    def of(cls, answer: dict[str, Any]) -> _Figures:
        exposure = answer["exposure"]
        return cls(
            answer["recording"]["duration_s"] or 0.0,
            answer["observed_s"] - sum(answer["not_measured_s"].values()),
            exposure["mean_flexion_deg"],
            exposure["above_onset_s"],
            exposure["longest_hold_s"],
            answer["counts"]["told"],
        )

    @classmethod
    def of_all(cls, several: Sequence[_Figures]) -> _Figures:
        weighed = [(one.mean_deg, one.measured_s) for one in several if one.mean_deg is not None]
        measured_s = sum(spent_s for _, spent_s in weighed)
        return cls(
            sum(one.length_s for one in several),
            sum(one.measured_s for one in several),
            sum(deg * spent_s for deg, spent_s in weighed) / measured_s if measured_s else None,
            sum(one.bent_s for one in several),
            max((one.longest_s for one in several), default=0.0),
            sum(one.alerts for one in several),
        )

    def cells(self) -> tuple[str, ...]:
        """Under HEADINGS."""
        return (
            clock(self.length_s),
            clock(self.measured_s),
            "-" if self.mean_deg is None else f"{round(self.mean_deg)}°",
            clock(self.bent_s),
            clock(self.longest_s),
            str(self.alerts),
        )


def show_archive(rows: Sequence[Row], onset_deg: float, console: Console) -> None:
    """Print one line for each recording, and below one for all of them."""
    figures = [_Figures.of(row.answer) if row.answer else None for row in rows]
    sums = _Figures.of_all([one for one in figures if one]).cells()
    table = Table(box=None, pad_edge=False, header_style="dim", footer_style="bold", show_footer=True)
    table.add_column("recording", count(len(rows), "recording"), overflow="fold")
    for heading, cell in zip(HEADINGS, sums, strict=True):
        table.add_column(heading, plain_text(cell, console), justify="right", no_wrap=True)
    for row, one in zip(rows, figures, strict=True):
        name = "\n".join(filter(None, [str(row.video), row.words]))
        cells = one.cells() if one else ("-",) * len(HEADINGS)
        table.add_row(*(plain_text(text, console) for text in (name, *cells)), style="" if one else "red")
    console.print(table)
    legend = (
        f"Flexion is the neck's on average, bent the time at {onset_deg:g}° or more, longest the longest episode of "
        "text neck, alerts those that would have been told."
    )
    console.print()
    console.print(plain_text(legend, console, "dim"))
