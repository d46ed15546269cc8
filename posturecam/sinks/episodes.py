"""episodes.csv: one row per excursion that was held."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from posturecam.core.event import Episode
from posturecam.sinks.private_file import write_private_text

NAME = "episodes.csv"
COLUMNS = ("pattern", "onset_s", "alert_s", "told", "end_s", "peak_deg", "mean_deg", "end_reason")


def episodes_csv(episodes: Iterable[Episode]) -> str:
    """The table as text, by onset. An empty cell has not happened, or has no angle."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(episode) for episode in sorted(episodes, key=lambda e: e.onset_s))
    return table.getvalue()


def write_episodes(folder: Path, episodes: Iterable[Episode]) -> Path:
    """Write episodes.csv into the folder; PosturecamError when that is not possible."""
    path = folder / NAME
    write_private_text(path, episodes_csv(episodes))
    return path


def _row(e: Episode) -> tuple[str, ...]:
    return (
        e.pattern,
        _seconds(e.onset_s),
        _seconds(e.alert_s),
        e.told or "",
        _seconds(e.end_s),
        _degrees(e.peak_deg),
        _degrees(e.mean_deg),
        e.end_reason.value if e.end_reason else "",
    )


def _degrees(deg: float | None) -> str:
    return "" if deg is None else f"{deg:.2f}"


def _seconds(t_s: float | None) -> str:
    return "" if t_s is None else f"{t_s:.3f}"
