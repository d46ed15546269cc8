"""What a person reads on the terminal about the history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from posturecam.report.days import holds
from posturecam.report.page import Page
from posturecam.sinks.plain_text import plain_text
from posturecam.sinks.wording import clock, count, title
from posturecam.store import StoredAlert, StoredEpisode, StoredSession


def show_report(page: Page, console: Console) -> None:
    """Print a report in short: its figures and findings."""
    console.print(plain_text(page.title, console, "bold"))
    for sentence in page.lead:
        console.print(plain_text(sentence, console))
    console.print()
    figures = Table(box=None, pad_edge=False, show_header=False)
    for style in ("dim", "bold", ""):
        figures.add_column(style=style, overflow="fold")
    for figure in page.figures:
        figures.add_row(*(plain_text(text, console) for text in (figure.label, figure.value, figure.note)))
    console.print(figures)
    for finding in page.findings:
        console.print()
        console.print(plain_text(finding.said, console))
        console.print(Padding(plain_text(finding.why, console, "dim"), (0, 0, 0, 2)))


def show_sessions(sessions: Iterable[StoredSession], episodes: Iterable[StoredEpisode], console: Console) -> None:
    """Print one line for each session."""
    per_session: dict[int, int] = {}
    for one in episodes:
        per_session[one.session.id] = per_session.get(one.session.id, 0) + 1
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("began", "lasted", "episodes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("", "of", "profile"):
        table.add_column(heading, overflow="fold")
    for session in sessions:
        facts = session.facts
        cells = (
            f"{datetime.fromtimestamp(facts.started):%Y-%m-%d %H:%M}",
            clock(session.length_s),
            str(per_session.get(session.id, 0)),
            facts.source,
            facts.name,
            facts.profile or "-",
        )
        table.add_row(*(plain_text(cell, console) for cell in cells))
    if table.row_count:
        console.print(table)
    console.print(count(table.row_count, "session") + ".")


def show_episodes(episodes: Iterable[StoredEpisode], alerts: Iterable[StoredAlert], console: Console) -> None:
    """Print one line for each episode, with what came of the alerts about it."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("from", no_wrap=True)
    table.add_column("episode")
    for heading in ("lasted", "peak", "mean"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("alert")
    for hold in holds(episodes, alerts):
        episode = hold.episode
        cells = (
            f"{datetime.fromtimestamp(hold.at):%Y-%m-%d %H:%M:%S}",
            title(episode.pattern),
            clock(hold.length_s),
            "-" if episode.peak_deg is None else f"{round(episode.peak_deg)}°",
            "-" if episode.mean_deg is None else f"{round(episode.mean_deg)}°",
            hold.answer or "-",
        )
        table.add_row(*(plain_text(cell, console) for cell in cells))
    if table.row_count:
        console.print(table)
    console.print(count(table.row_count, "episode") + ".")
