"""A bar for work that goes through the seconds of a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Task


@contextmanager
def progress_bar(title: str, duration_s: float | None) -> Iterator[Callable[[float], None]]:
    """A bar on stderr over the recording's seconds, with speed and time left; silent in a pipe.

    Gives a function to be told the stream time that has been reached, seconds.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Speed(ProgressColumn):
        """How many times faster than it was recorded."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} x real time" if task.speed else "")

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        Speed(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(title, total=duration_s)
        yield lambda t_s: bar.update(task, completed=t_s)
