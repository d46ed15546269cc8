"""The command line: words in, one clear answer out. Heavy imports stay inside the commands."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posturecam import __version__
from posturecam.errors import PosturecamError, UsageError

if TYPE_CHECKING:
    from rich.progress import Task

    from calibration.steady import Stretch
    from posturecam.core.pipeline import Settings
    from posturecam.core.session import Session
    from posturecam.replay import Progress

app = typer.Typer(
    name="posturecam",
    help="Measure how far the head is bent down, in degrees, and say so when it stays there.\n\n"
    "Everything stays on this machine. A nudge to move, not a medical device.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the program; every failure becomes one line on stderr and an exit code."""
    try:
        app()
    except PosturecamError as error:
        print(f"posturecam: {error}", file=sys.stderr)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        print("posturecam: stopped; what was finished before is kept", file=sys.stderr)
        sys.exit(130)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"posturecam {__version__}")
        raise typer.Exit


@app.callback()
def _posturecam(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Posture from a webcam, in degrees."""


@app.command()
def replay(
    videos: Annotated[list[Path], typer.Argument(help="Recorded videos.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="Folder for the results; with several videos, a sub-folder for each.")
    ] = Path("posturecam-out"),
    neutral: Annotated[
        str | None,
        typer.Option(help="Seconds that show you upright, as START-END; found automatically without."),
    ] = None,
    sensitivity: Annotated[
        str,
        typer.Option(help="When an alert comes: strict, standard, relaxed, iso, or a fraction as 1/32."),
    ] = "standard",
    onset_deg: Annotated[float, typer.Option(help="Neck flexion over neutral that counts, degrees.")] = 20.0,
    rate_hz: Annotated[float, typer.Option(help="Frames analysed per second of video.")] = 5.0,
    field_of_view_deg: Annotated[
        float, typer.Option(help="The camera's angle of view along the picture's longer side.")
    ] = 65.0,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Also write annotated.mp4: the pictures, drawn upon.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the results as JSON on stdout.")] = False,
) -> None:
    """Measure recorded videos: the neck's flexion over time, and when it was held too long."""
    settings = _settings(sensitivity, onset_deg, field_of_view_deg)
    stretch = _stretch(neutral) if neutral else None
    if not 0.5 <= rate_hz <= 60:
        raise UsageError(f"--rate-hz {rate_hz:g} is not between 0.5 and 60")
    answers = []
    for video, folder in zip(videos, _folders(videos, out), strict=True):
        session = _replay_one(video, folder, rate_hz, settings, stretch, annotate)
        if json:
            from posturecam.sinks.summary import as_dict

            answers.append(as_dict(session))
        else:
            from rich.console import Console

            from posturecam.sinks.terminal import show

            show(session, Console(soft_wrap=False))
            print(f"\nIn {folder}: " + ", ".join(sorted(path.name for path in folder.iterdir())))
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text(answers[0] if len(videos) == 1 else answers), end="")


def _settings(sensitivity: str, onset_deg: float, field_of_view_deg: float) -> Settings:
    from posturecam.core.camera import Camera
    from posturecam.core.iso11226 import Sensitivity
    from posturecam.core.patterns.text_neck import FlexionThresholds
    from posturecam.core.pipeline import Settings

    try:
        FlexionThresholds(onset_deg)
        Camera(1, 1, field_of_view_deg)
        return Settings(Sensitivity.parse(sensitivity), onset_deg, field_of_view_deg)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _stretch(text: str) -> Stretch:
    from calibration.steady import Stretch

    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*-\s*(\d+(?:\.\d*)?)\s*", text)
    if not match or float(match[1]) >= float(match[2]):
        raise UsageError(f"--neutral {text}: give two rising numbers of seconds, such as 0-8")
    return Stretch(float(match[1]), float(match[2]))


def _folders(videos: list[Path], out: Path) -> list[Path]:
    """Return the folder of each video's results: `out` itself for one, else sub-folders named as the videos."""
    if len(videos) == 1:
        return [out]
    names = [video.stem for video in videos]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"several videos are called {twice[0]}: replay them one at a time, each with its --out"
        )
    return [out / name for name in names]


def _replay_one(
    video: Path, folder: Path, rate_hz: float, settings: Settings, stretch: Stretch | None, annotated: bool
) -> Session:
    from posturecam.replay import annotate, conclude, watch, write_session
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.video_file import VideoFile

    with (
        VideoFile(video, rate_hz) as source,
        MediaPipeLandmarker() as landmarker,
        _progress(f"{video.name}", source.facts.duration_s) as advance,
    ):
        watched = watch(source, landmarker, advance)
    session = conclude(watched, rate_hz, settings, stretch)
    write_session(session, folder)
    if annotated:
        with VideoFile(video, rate_hz) as source, _progress("drawing", source.facts.duration_s) as advance:
            annotate(watched, session, source, folder / "annotated.mp4", advance)
    return session


@contextmanager
def _progress(title: str, duration_s: float | None) -> Iterator[Progress]:
    """A bar on stderr over the recording's seconds, with speed and time left; silent in a pipe."""
    from rich import progress
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Speed(ProgressColumn):
        """How many times faster than it was recorded."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} x real time" if task.speed else "")

    console = Console(stderr=True)
    with progress.Progress(
        TextColumn("{task.description}"),
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
