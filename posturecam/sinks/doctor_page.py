"""What a person reads on the terminal about the health of posturecam on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from posturecam.doctor import Finding, Verdict
from posturecam.sinks.plain_text import plain_text

SIGNS = {Verdict.FINE: ("✓", "green"), Verdict.REMARK: ("!", "yellow"), Verdict.WRONG: ("✗", "bold red")}
ASCII_SIGNS = {Verdict.FINE: "ok", Verdict.REMARK: "!", Verdict.WRONG: "X"}
NAME_COLUMNS = 13


def show_finding(finding: Finding, console: Console) -> None:
    """Print one finding, and below it what to do."""
    sign, style = SIGNS[finding.verdict]
    if console.options.ascii_only:
        sign = ASCII_SIGNS[finding.verdict]
    row = Table.grid(padding=(0, 1))
    row.add_column(min_width=2 if console.options.ascii_only else 1)
    row.add_column(min_width=NAME_COLUMNS, max_width=NAME_COLUMNS)
    row.add_column(overflow="fold")
    row.add_row(Text(sign, style), finding.check, plain_text(finding.words, console))
    if finding.remedy:
        row.add_row("", "", plain_text(finding.remedy, console, style))
    console.print(row)


def show_outcome(findings: Sequence[Finding], console: Console) -> None:
    """Print whether live could run."""
    wrong = [finding.check for finding in findings if finding.verdict is Verdict.WRONG]
    words = f"posturecam live cannot run: see {', '.join(wrong)}" if wrong else "posturecam live can run"
    console.print(Text(words, "bold red" if wrong else "bold green"))
