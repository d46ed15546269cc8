"""A guided calibration on the terminal: what to do, how long for, and why it is waiting."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from calibration.baseline import Flaw
from calibration.holding import Cue, Pose, Step, Waiting
from posturecam.sinks.overlay import draw_guide
from posturecam.sinks.preview_window import PreviewWindow

if TYPE_CHECKING:
    from posturecam.guide import Sight

POSE_WORDS: dict[Pose, str] = {
    Pose.UPRIGHT: "Sit upright and look at the middle of the screen",
    Pose.KEYBOARD: "Look at the keyboard, as when you type",
    Pose.PHONE: "Look down at a phone, as you usually hold it",
    Pose.TOP_LEFT: "Look at the screen's upper left corner",
    Pose.TOP_RIGHT: "Look at the screen's upper right corner",
    Pose.BOTTOM_RIGHT: "Look at the screen's lower right corner",
    Pose.BOTTOM_LEFT: "Look at the screen's lower left corner",
}
WAITING_WORDS: dict[Waiting, str] = {
    Waiting.TOO_DARK: "it is too dark: put more light on your face",
    Waiting.NOBODY: "nobody is in the picture",
    Waiting.TWO_PEOPLE: "two people are in the picture: it should be you alone",
    Waiting.SHOULDERS_OUT: "shoulders out of the picture: move back, or tilt the camera",
    Waiting.TURNED: "turned to the side: face the screen",
    Waiting.MOVING: "hold still",
    Waiting.NOT_YET_MOVED: "take up the pose",
    Waiting.NOT_DOWN: "lower your head",
}
FLAW_WORDS: dict[Flaw, str] = {
    Flaw.TOO_LITTLE_SEEN: "too little was seen: once more",
    Flaw.NOT_STEADY: "the pose was not held still: once more",
    Flaw.TURNED: "the head was turned: once more",
}
BAR_WIDTH = 24


def waiting_words(cue: Cue) -> str:
    """Why the pose is not being held, or for how long it is still to be."""
    if cue.waiting is None:
        return f"hold it: {cue.left_s:.0f} s"
    words = f"waiting: {WAITING_WORDS[cue.waiting]}"
    return f"{FLAW_WORDS[cue.spoilt]} ({words})" if cue.spoilt else words


def key_words(step: Step, number: int) -> str:
    """What the keys do in this step."""
    keys = ["enter skips this step"] * step.optional + ["r goes back to the last one"] * (number > 0)
    return ", ".join([*keys, "q stops and changes nothing"])


def corner_words(corner_deg: float, onset_deg: float) -> str:
    """What looking at the screen's corners means beside the onset of text neck."""
    words = f"The corners of the screen take your head as far as {_down(corner_deg, '°')}"
    if corner_deg < onset_deg:
        return f"{words}, which is before the onset."
    return f"{words}, which is beyond the onset: raise the screen, or looking there will count."


class GuidePage:
    """The steps with a bar for the one under way, redrawn in place; in a pipe, a line for each change.

    A bell rings when a step is done, because those who look down do not see it.
    """

    def __init__(self, console: Console, next_key: Callable[[], str | None] = lambda: None) -> None:
        self._console = console
        self._next_key = next_key
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._number = 0
        self._told = ("", "")

    def __enter__(self) -> GuidePage:
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
            if kind is None:
                self._console.bell()
            self._live.update(Text(), refresh=True)
            self._live.stop()

    def show(self, sight: Sight) -> str | None:
        """Show where the calibration stands; return the key that was pressed, None without one."""
        if self._live:
            if sight.number > self._number:
                self._console.bell()
            self._live.update(self._page(sight), refresh=True)
        else:
            self._tell(sight)
        self._number = sight.number
        return self._next_key()

    def _page(self, sight: Sight) -> RenderableType:
        steps = Table(box=None, pad_edge=False, show_header=False)
        ascii_only = self._console.options.ascii_only
        done, now = ("x", ">") if ascii_only else ("✓", "▸")
        for k, step in enumerate(sight.steps):
            mark = done if k < sight.number else now if k == sight.number else " "
            style = "bold" if k == sight.number else "dim"
            bar = ProgressBar(1.0, sight.cue.progress, width=BAR_WIDTH) if k == sight.number else Text()
            steps.add_row(Text(mark, style), Text(POSE_WORDS[step.pose], style), bar)
        lines = [Text(waiting_words(sight.cue), "yellow" if sight.cue.waiting else "green")]
        if sight.flexion_deg is not None:
            degree = " deg" if ascii_only else "°"
            lines.append(Text(f"The camera sees your head {_down(sight.flexion_deg, degree)}.", "dim"))
        if sight.cue.step.looks_down:
            lines.append(Text("You need not watch the screen: a bell rings when it is done.", "dim"))
        lines.append(Text(key_words(sight.cue.step, sight.number), "dim"))
        return Group(steps, Text(), *lines)

    def _tell(self, sight: Sight) -> None:
        cue = sight.cue
        heading = f"Step {sight.number + 1} of {len(sight.steps)}: {POSE_WORDS[cue.step.pose]}"
        where = waiting_words(cue) if cue.waiting else "hold it"
        told = (f"{heading}, for {cue.step.hold_s:g} s.", f"  {where}")
        for line, line_before in zip(told, self._told, strict=True):
            if line != line_before:
                self._console.print(Text(line), soft_wrap=True)
        self._told = told


def _down(flexion_deg: float, degree: str) -> str:
    if abs(flexion_deg) < 1:
        return "upright"
    return f"{abs(flexion_deg):.0f}{degree} {'down' if flexion_deg > 0 else 'up'}"


class GuideWindow:
    """The same in a window, over a mirror image of what the camera sees."""

    def __init__(self, window: PreviewWindow) -> None:
        self._window = window

    def show(self, sight: Sight) -> str | None:
        """Show where the calibration stands; return the key that was pressed in the window."""
        cue = sight.cue
        picture = draw_guide(
            sight.frame.image,
            sight.landmarks,
            POSE_WORDS[cue.step.pose],
            waiting_words(cue),
            cue.progress,
            cue.waiting is None,
        )
        return self._window.show(picture)
