"""How far the replay of recordings is: bars on a terminal, a line for each finished one in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from posturecam.closing import Closing


class ArchiveBars(Closing):
    """A bar for every recording that is under way, and above them one for the whole when there are several.

    Recordings count by their bytes, because their lengths are not known before they are opened.
    """

    def __init__(self, bytes_of: Mapping[Path, int], console: Console | None = None) -> None:
        """Begin to show them, on stderr."""
        self._console = console or Console(stderr=True)
        self._bytes = dict(bytes_of)
        self._share = dict.fromkeys(bytes_of, 0.0)
        self._seen_s: dict[Path, float] = {}
        self._over = 0
        self._began_s = time.monotonic()
        self._bars: dict[Path, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._whole: TaskID | None = None
        if len(self._bytes) > 1:
            self._whole = self._progress.add_task("", total=sum(self._bytes.values()), speed="")
        self._progress.start()
        self._show_whole()

    def tell(self, video: Path, done_s: float, total_s: float | None) -> None:
        """A recording is so far; may be called from any thread."""
        if video not in self._share:
            return
        if video not in self._bars:
            self._bars[video] = self._progress.add_task(video.name, total=None, speed="")
        self._seen_s[video] = done_s
        self._share[video] = min(done_s / total_s, 1.0) if total_s else 0.0
        speed = "" if self._whole is not None else self._speed()
        self._progress.update(self._bars[video], completed=done_s, total=total_s, speed=speed)
        self._show_whole()

    def finish(self, video: Path, words: str) -> None:
        """A recording is over; `words` say what came of it, for a pipe."""
        self._over += 1
        self._share[video] = 1.0
        if video in self._bars:
            self._progress.remove_task(self._bars.pop(video))
        self._show_whole()
        if self._progress.disable and self._whole is not None:
            print(f"{self._over} of {len(self._bytes)}: {video}: {words}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the bars away."""
        self._progress.stop()

    def _speed(self) -> str:
        spent_s = time.monotonic() - self._began_s
        seen_s = sum(self._seen_s.values())
        return f"{seen_s / spent_s:.1f} x real time" if seen_s else ""

    def _show_whole(self) -> None:
        if self._whole is not None:
            self._progress.update(
                self._whole,
                description=f"{self._over} of {len(self._bytes)} recordings",
                completed=sum(size * self._share[video] for video, size in self._bytes.items()),
                speed=self._speed(),
            )
