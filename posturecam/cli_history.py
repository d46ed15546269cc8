"""The commands about the history: its report, and looking after it. Heavy imports stay inside them."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from posturecam.errors import PosturecamError, UsageError

if TYPE_CHECKING:
    from posturecam.report.days import Days
    from posturecam.store import Store

Json = Annotated[bool, typer.Option("--json", help="Print it as JSON on stdout.")]

history = typer.Typer(
    help="Look after the history: what your sessions came to. It is yours, and stays on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def report(
    today: Annotated[bool, typer.Option("--today", help="Of today; so it is without any of these.")] = False,
    week: Annotated[bool, typer.Option("--week", help="Of the last seven days, today among them.")] = False,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="From this day on, as 2026-03-02.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help="To this day, itself among them; today without."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; report.html in the data folder without.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    json: Json = False,
) -> None:
    """Report on some days of your history: a page to look at, and a summary here."""
    from posturecam.profiles import data_folder
    from posturecam.report.days import History
    from posturecam.report.history import as_dict, history_page
    from posturecam.report.page import render
    from posturecam.sinks.private_file import write_private_text

    days = _days(today, week, from_, to, date.today())
    with _store() as store:
        now, before = History.read(store, days), History.read(store, days.before)
    if not now.sessions:
        raise PosturecamError(f"the history has no session of {days}: name other days with --from and --to")
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text(as_dict(now, before)), end="")
        if not (out or open_):
            return
    page = history_page(now, before)
    path = out or data_folder() / "report.html"
    write_private_text(path, render(page))
    if not json:
        from rich.console import Console

        from posturecam.sinks.history_page import show_report

        show_report(page, Console())
        print(f"\nwrote {path}")
    if open_:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())


@history.command("list")
def list_(
    episodes: Annotated[bool, typer.Option("--episodes", help="List the episodes instead.")] = False,
    json: Json = False,
) -> None:
    """List the sessions, or with --episodes what was held in them."""
    from rich.console import Console

    from posturecam.sinks.history_page import show_episodes, show_sessions
    from posturecam.sinks.summary import json_text

    with _store() as store:
        sessions, held = store.sessions(), store.episodes()
        if json:
            from posturecam.export import rows

            print(json_text(list(rows(store, "episodes" if episodes else "sessions"))), end="")
        elif episodes:
            show_episodes(held, store.alerts(), Console())
        else:
            show_sessions(sessions, held, Console())


@history.command()
def export(
    out: Annotated[Path, typer.Option(help="Folder for the files, one for each table.")] = Path("posturecam-history"),
    form: Annotated[
        Literal["csv", "jsonl", "parquet"],
        typer.Option("--format", help="Kind of files; parquet needs the package pyarrow."),
    ] = "csv",
) -> None:
    """Write the whole history into files that other programs read."""
    from posturecam.export import Format
    from posturecam.export import export as write

    with _store() as store:
        paths = write(store, out, Format(form))
    print(f"In {out}: " + ", ".join(path.name for path in paths))


@history.command()
def delete(
    before: Annotated[str | None, typer.Option(metavar="DATE", help="Sessions that began before this day.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sessions.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase sessions from the history for good."""
    from posturecam.report.days import midnight

    if (before is None) != everything:
        raise UsageError("give either --before DATE or --all")
    day = None if before is None else _date(before)
    what = "all sessions" if day is None else f"the sessions before {day}"
    with _store() as store:
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError(f"to erase {what} without being asked, add --yes")
            typer.confirm(f"Erase {what} for good?", abort=True)
        erased = store.delete(None if day is None else midnight(day))
    print(f"erased {erased} {'session' if erased == 1 else 'sessions'}")


def _store() -> Store:
    from posturecam.profiles import data_folder
    from posturecam.store import NAME, Store

    if not (data_folder() / NAME).exists():
        raise PosturecamError(f"there is no history yet at {data_folder() / NAME}: posturecam replay --keep begins one")
    return Store()


def _days(today: bool, week: bool, first: str | None, last: str | None, now: date) -> Days:
    from posturecam.report.days import Days

    if today + week + (first is not None or last is not None) > 1:
        raise UsageError("give one of --today, --week, or --from and --to")
    if week:
        return Days(now - timedelta(days=6), now)
    if first is None:
        if last is not None:
            raise UsageError("--to needs --from")
        return Days(now, now)
    try:
        return Days(_date(first), _date(last) if last else now)
    except ValueError as error:
        raise UsageError(f"--from and --to: {error}") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text} is no day: give one as 2026-03-02") from None
