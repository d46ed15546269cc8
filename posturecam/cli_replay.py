"""The command that replays recordings. Heavy imports stay inside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam.errors import Exit, UsageError

if TYPE_CHECKING:
    from calibration.profile import Profile
    from calibration.steady import Stretch
    from posturecam.archive import Finished, Method, Place, Results
    from posturecam.core.session import Session
    from posturecam.engines import Engine
    from posturecam.settings import UserSettings


def replay(
    videos: Annotated[
        list[str],
        typer.Argument(
            metavar="VIDEO",
            help="Recorded videos, folders of them, or patterns in quotes such as 'study/**/*.mp4'.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="Folder for the results; with several videos, a sub-folder for each, as they lie in theirs."),
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
    every_frame: Annotated[
        bool,
        typer.Option("--every-frame", help="Look again at what has not moved too: a little more exact, far slower."),
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Also keep the results in the history, as of the file's own date.")
    ] = False,
    jobs: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Recordings at a time, each in a process that takes one core; auto, as without this: as many as there "
            "are cores.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Leave out what has its results below --out already: the same content, however it is called, "
            "with the same settings, neutral and version of posturecam.",
        ),
    ] = False,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="SCHEDULER",
            help="Let the workers of this Dask scheduler do the work, such as tcp://node:8786: they must see the "
            "recordings under the same paths; the results are written here. Needs posturecam[cluster].",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON on stdout; of several videos, a list.")
    ] = False,
) -> None:
    """Measure recorded videos: the neck's flexion over time, and when it was held too long."""
    from posturecam.archive import Method, Results, find_recordings, is_one_file, require_writable
    from posturecam.engines import engine
    from posturecam.profiles import load_profile

    if neutral and profile:
        raise UsageError("--neutral and --profile both name a neutral: give one of them")
    at_a_time = _jobs(jobs or "auto")
    if dask and jobs is not None:
        raise UsageError("--jobs is for this machine alone: with --dask its workers count")
    if dask and annotate:
        raise UsageError("--annotate writes pictures, and pictures stay where they are: leave out --dask for it")
    measured_as = load_profile(profile) if profile else None
    chosen = _chosen(sensitivity, onset_deg, rate_hz, field_of_view_deg, pattern or [], set_ or [], measured_as)
    origin = measured_as or (_stretch(neutral) if neutral else None)
    method = Method(chosen.rate, chosen.settings(), origin, annotate, explain_angles, every_frame)
    words = [str(Path(word).absolute()) for word in videos] if dask else videos
    places = find_recordings(words, out)
    require_writable(out)
    results = Results(out, method) if resume else None
    if is_one_file(videos):
        _replay_one(places[0], method, engine(1, dask), results, keep, json)
    else:
        _replay_many(places, out, method, engine(min(at_a_time, len(places)), dask), results, keep, json)


def _jobs(text: str) -> int:
    from posturecam.engines import cores

    if text in ("auto", "0"):
        return cores()
    if not text.isdecimal():
        raise UsageError(f"--jobs {text}: give a number of processes, or auto")
    return int(text)


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


def _replay_one(place: Place, method: Method, engine: Engine, results: Results | None, keep: bool, json: bool) -> None:
    """Replay a recording, and show all of it."""
    from posturecam.archive import replay_all
    from posturecam.engines import UnexpectedError
    from posturecam.sinks.archive_bars import ArchiveBars
    from posturecam.sinks.summary import json_text

    with ArchiveBars({place.video: 0}) as bars:
        (finished,) = replay_all([place], method, engine, bars.tell, results)
    if finished.error:
        raise (isinstance(finished.error, UnexpectedError) and finished.error.__cause__) or finished.error
    if keep and finished.session:
        _keep(finished.session, place.video)
    if json:
        print(json_text(finished.answer), end="")
    elif finished.session is None:
        print(f"{place.video}: done before, in {finished.place.folder}")
    else:
        from rich.console import Console

        from posturecam.sinks.terminal import show

        show(finished.session, Console(soft_wrap=False))
        print(f"\nIn {place.folder}: {', '.join(method.files)}, summary.json")


def _replay_many(
    places: list[Place], out: Path, method: Method, engine: Engine, results: Results | None, keep: bool, json: bool
) -> None:
    """Replay recordings, and show a line for each; whatever failed is named on stderr and by the exit code."""
    from contextlib import closing

    from posturecam.archive import replay_all
    from posturecam.sinks.archive_bars import ArchiveBars

    finished: dict[Path, Finished] = {}
    with (
        ArchiveBars({place.video: place.size_bytes for place in places}) as bars,
        closing(replay_all(places, method, engine, bars.tell, results)) as all_of_them,
    ):
        for one in all_of_them:
            finished[one.place.video] = one
            if keep and one.session:
                _keep(one.session, one.place.video)
            bars.finish(one.place.video, _words(one))
    in_order = [finished[place.video] for place in places]
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text([_answer(one) for one in in_order]), end="")
    else:
        from rich.console import Console

        from posturecam.sinks.archive_page import Row, show_archive

        rows = [Row(one.place.video, one.answer, "" if one.session else _words(one)) for one in in_order]
        show_archive(rows, method.settings.onset_deg, Console())
        print(f"\nIn {out}: a folder for each")
    codes = set()
    for one in in_order:
        if one.error:
            print(f"posturecam: {one.place.video}: {_words(one)}", file=sys.stderr)
            codes.add(int(one.error.exit_code))
    if codes:
        raise typer.Exit(codes.pop() if len(codes) == 1 else int(Exit.FAILURE))


def _keep(session: Session, video: Path) -> None:
    """Keep a session in the history, as if it was recorded until the file's own time."""
    from posturecam.recorder import keep
    from posturecam.store import Store

    with Store() as store:
        keep(store, session, video.stat().st_mtime - session.duration_s)


def _words(one: Finished) -> str:
    if one.error:
        return str(one.error).removeprefix(f"{one.place.video}: ")
    return f"{'written into' if one.session else 'done before, in'} {one.place.folder}"


def _answer(one: Finished) -> dict[str, Any]:
    """What a program reads about it."""
    if one.error:
        name, code = str(one.place.video), int(one.error.exit_code)
        return {"recording": {"name": name}, "error": {"exit_code": code, "words": _words(one)}}
    return {**(one.answer or {}), "folder": str(one.place.folder), "done_before": one.session is None}
