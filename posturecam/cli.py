"""The command line: words in, one clear answer out. Heavy imports stay inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from posturecam import __version__, cli_history, cli_patterns, cli_profiles, cli_settings
from posturecam.errors import PosturecamError, UsageError

if TYPE_CHECKING:
    from calibration.profile import Profile
    from calibration.steady import Stretch
    from posturecam.core.pipeline import Settings
    from posturecam.core.session import Session
    from posturecam.settings import UserSettings


class _Commands(TyperGroup):
    """The commands; one that is stopped by Ctrl-C says so, where Typer alone would be silent."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("posturecam: stopped; what was finished before is kept", file=sys.stderr)
            raise typer.Exit(130) from None


app = typer.Typer(
    name="posturecam",
    cls=_Commands,
    help="Measure how far the head is bent down, in degrees, and say so when it stays there.\n\n"
    "Everything stays on this machine. A nudge to move, not a medical device.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cli_profiles.profiles, name="profiles")
app.command()(cli_profiles.calibrate)
app.command()(cli_patterns.patterns)
app.add_typer(cli_settings.settings, name="settings")
app.command()(cli_history.report)
app.add_typer(cli_history.history, name="history")


def main() -> None:
    """Run the program; every failure becomes one line on stderr and an exit code."""
    try:
        app()
    except PosturecamError as error:
        print(f"posturecam: {error}", file=sys.stderr)
        sys.exit(int(error.exit_code))


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
    profile: Annotated[
        str | None,
        typer.Option(help="Take neutral and onset from this profile instead; see posturecam calibrate."),
    ] = None,
    sensitivity: Annotated[
        str | None,
        typer.Option(
            help="When an alert comes: strict, standard, relaxed, iso, or a fraction as 1/32.",
            show_default="standard",
        ),
    ] = None,
    onset_deg: Annotated[
        float | None,
        typer.Option(help="Neck flexion over neutral that counts, degrees; the profile's, or 20, without."),
    ] = None,
    rate_hz: Annotated[
        float | None, typer.Option(help="Frames analysed per second of video.", show_default="5")
    ] = None,
    field_of_view_deg: Annotated[
        float | None,
        typer.Option(help="The camera's angle of view along the picture's longer side; the profile's, or 65, without."),
    ] = None,
    pattern: Annotated[
        list[str] | None,
        typer.Option(help="NAME=on or NAME=off, as posturecam patterns lists them; any number of times."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME.KEY=NUMBER, such as side_tilt.tilt_deg=12; any number of times."),
    ] = None,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Also write annotated.mp4: the pictures, drawn upon.")
    ] = False,
    explain_angles: Annotated[
        bool, typer.Option("--explain-angles", help="Also write signals.csv: what each angle was made of.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Also keep the results in the history, as of the file's own date.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the results as JSON on stdout.")] = False,
) -> None:
    """Measure recorded videos: the neck's flexion over time, and when it was held too long."""
    from posturecam.profiles import load_profile

    if neutral and profile:
        raise UsageError("--neutral and --profile both name a neutral: give one of them")
    measured_as = load_profile(profile) if profile else None
    chosen = _chosen(sensitivity, onset_deg, rate_hz, field_of_view_deg, pattern or [], set_ or [], measured_as)
    settings = chosen.settings()
    origin = measured_as or (_stretch(neutral) if neutral else None)
    answers = []
    for video, folder in zip(videos, _folders(videos, out), strict=True):
        session, paths = _replay_one(video, folder, chosen.rate, settings, origin, annotate, explain_angles)
        if keep:
            cli_history.keep(session, video)
        if json:
            from posturecam.sinks.summary import as_dict

            answers.append(as_dict(session))
        else:
            from rich.console import Console

            from posturecam.sinks.terminal import show

            show(session, Console(soft_wrap=False))
            print(f"\nIn {folder}: " + ", ".join(path.name for path in paths))
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text(answers[0] if len(videos) == 1 else answers), end="")


def _chosen(
    sensitivity: str | None,
    onset_deg: float | None,
    rate_hz: float | None,
    field_of_view_deg: float | None,
    patterns: list[str],
    values: list[str],
    profile: Profile | None,
) -> UserSettings:
    """What holds: the options over the profile over the settings file; the defaults are left out."""
    from posturecam.settings import from_options, load

    def onset(deg: float | None) -> list[str]:
        return [] if deg is None else [f"text_neck.onset_deg={deg}"]

    options = from_options(sensitivity, rate_hz, field_of_view_deg, patterns, values + onset(onset_deg))
    if profile is None:
        return options.over(load())
    of_profile = from_options(None, None, profile.field_of_view_deg, [], onset(profile.onset_deg))
    return options.over(of_profile).over(load())


def _stretch(text: str) -> Stretch:
    from calibration.steady import Stretch

    try:
        return Stretch.parse(text)
    except ValueError as error:
        raise UsageError(f"--neutral {text}: {error}") from None


def _folders(videos: list[Path], out: Path) -> list[Path]:
    """Return the folder of each video's results: `out` itself for one, else sub-folders named like them."""
    if len(videos) == 1:
        return [out]
    names = [video.stem for video in videos]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"several videos are called {twice[0]}: replay them one at a time, each with its --out")
    return [out / name for name in names]


def _replay_one(
    video: Path,
    folder: Path,
    rate_hz: float,
    settings: Settings,
    origin: Stretch | Profile | None,
    annotated: bool,
    explained: bool,
) -> tuple[Session, list[Path]]:
    """Return what was concluded about a video, and the files that were written about it."""
    from calibration.profile import Profile
    from posturecam.profiles import neutral_from
    from posturecam.replay import annotate, conclude, explain, watch, write_session
    from posturecam.sinks.private_file import make_private_folder
    from posturecam.sinks.progress_bar import progress_bar
    from posturecam.sinks.signals import write_signals
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.video_file import VideoFile

    with (
        VideoFile(video, rate_hz) as source,
        MediaPipeLandmarker() as landmarker,
        progress_bar(f"{video.name}", source.facts.duration_s) as advance,
    ):
        if isinstance(origin, Profile):
            neutral_from(origin, source.facts.width_px, source.facts.height_px)
        make_private_folder(folder)
        watched = watch(source, landmarker, advance)
    session = conclude(watched, rate_hz, settings, origin)
    paths = write_session(session, folder)
    if explained:
        paths.append(write_signals(folder, explain(watched, settings, origin)))
    if annotated:
        paths.append(folder / "annotated.mp4")
        with VideoFile(video, rate_hz) as source, progress_bar("drawing", source.facts.duration_s) as advance:
            annotate(watched, session, source, paths[-1], advance)
    return session, paths
