"""The commands about profiles: making one, and looking after them. Heavy imports stay inside the commands."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posturecam.errors import UsageError

if TYPE_CHECKING:
    from calibration.profile import Profile
    from calibration.steady import Stretch
    from posturecam.calibrate import Setup
    from posturecam.core.landmarks import Landmarks

profiles = typer.Typer(
    help="Look after the profiles that calibrate makes: your neutral and your thresholds at one set-up.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="The profile's name.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON on stdout.")]


def calibrate(
    video: Annotated[
        Path | None,
        typer.Option("--from", help="A recording that shows you in the poses; without, you are guided."),
    ] = None,
    neutral: Annotated[str | None, typer.Option(help="Seconds of it that show you upright, as START-END.")] = None,
    keyboard: Annotated[
        str | None, typer.Option(help="Seconds that show you looking at the keyboard, as START-END.")
    ] = None,
    down: Annotated[
        str | None, typer.Option(help="Seconds that show you looking down at a phone, as START-END.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="The camera that guides you: its number, name or device, a URL, or a video file.",
            show_default="0",
        ),
    ] = None,
    corners: Annotated[bool, typer.Option("--corners", help="Also look at the screen's corners, when guided.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Also show what the camera sees, when guided.")] = False,
    name: Annotated[str, typer.Option(help="The profile's name; one of that name is replaced.")] = "default",
    field_of_view_deg: Annotated[
        float, typer.Option(help="The camera's angle of view along the picture's longer side.")
    ] = 65.0,
    json: AsJson = False,
) -> None:
    """Make a profile: your own neutral, and from which neck flexion on it is a phone and no keyboard.

    You are guided through the poses before the camera; or, with --from, they are taken from a recording.
    """
    from datetime import datetime, timezone

    from posturecam.calibrate import Setup
    from posturecam.core.camera import Camera
    from posturecam.profiles import profile_errors, profile_store

    if video and (source or corners or preview):
        raise UsageError("--source, --corners and --preview guide you, and --from takes a recording: choose one")
    if not video and (neutral or keyboard or down):
        raise UsageError("--neutral, --keyboard and --down are seconds of a recording: name it with --from")
    store = profile_store()
    with profile_errors():
        store.require_room(name)
        Camera(1, 1, field_of_view_deg)
    made = datetime.now(timezone.utc).isoformat(timespec="seconds")
    setup = Setup(name, made, field_of_view_deg=field_of_view_deg)
    corner_deg = None
    if video:
        profile = _from_recording(video, neutral, keyboard, down, setup)
    else:
        profile, corner_deg = _guided(source, corners, preview, setup)
    with profile_errors():
        path = store.save(profile)
        if store.active() is None:
            store.use(name)
        profile, in_use = store.load(name), store.active() == name
    if json:
        _print_json(profile, in_use)
    else:
        _explain(profile, corner_deg)
        print(f"Kept as the profile {name}{', which is in use' if in_use else ''}: {path}")


def _from_recording(video: Path, neutral: str | None, keyboard: str | None, down: str | None, setup: Setup) -> Profile:
    from posturecam.calibrate import Poses
    from posturecam.calibrate import calibrate as profile_of

    if neutral is None:
        raise UsageError("give --neutral START-END: the seconds of the recording that show you upright")
    poses = Poses(
        _stretch("--neutral", neutral),
        _stretch("--keyboard", keyboard) if keyboard else None,
        _stretch("--down", down) if down else None,
    )
    return profile_of(_watched(video, poses.end_s), poses, setup)


def _guided(text: str | None, corners: bool, preview: bool, setup: Setup) -> tuple[Profile, float | None]:
    """Return the profile of the person before the camera, and how far its corners take them down."""
    from contextlib import ExitStack
    from dataclasses import replace

    from rich.console import Console

    from calibration.holding import CORNERS, STEPS
    from posturecam.guide import GUIDED_HZ, Guide, GuideView, lead
    from posturecam.keys import pressed_keys
    from posturecam.sinks.guide_page import GuidePage, GuideWindow
    from posturecam.sinks.preview_window import WHY_NOT, PreviewWindow, can_open_window
    from posturecam.vision.face_count import FaceCount
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.source import FIRST_CAMERA, open_source

    console = Console(stderr=True)
    try:
        with ExitStack() as stack:
            with console.status("Opening the camera"):
                source = stack.enter_context(open_source(text or FIRST_CAMERA, GUIDED_HZ))
                landmarker = stack.enter_context(MediaPipeLandmarker())
                faces = stack.enter_context(FaceCount())
                windows = preview and can_open_window()
            guide = Guide(replace(setup, camera=source.facts.camera), STEPS + CORNERS * corners)
            views: list[GuideView] = []
            if windows:
                views.append(GuideWindow(stack.enter_context(PreviewWindow())))
            elif preview:
                print(f"posturecam: {WHY_NOT}", file=sys.stderr)
            next_key = stack.enter_context(pressed_keys())
            views.append(stack.enter_context(GuidePage(console, next_key)))
            lead(guide, source, landmarker, faces.count, views)
    except KeyboardInterrupt:
        print("posturecam: stopped; no profile was changed", file=sys.stderr)
        raise typer.Exit(130) from None
    return guide.profile(), guide.corner_deg


def _watched(video: Path, end_s: float) -> list[Landmarks]:
    from posturecam.calibrate import watch_until
    from posturecam.sinks.progress_bar import progress_bar
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.video_file import VideoFile

    with (
        VideoFile(video) as source,
        MediaPipeLandmarker() as landmarker,
        progress_bar(video.name, min(end_s, source.facts.duration_s or end_s)) as advance,
    ):
        landmarks = watch_until(end_s, source, landmarker, advance)
        for note in source.notes:
            print(f"posturecam: {note}", file=sys.stderr)
    return landmarks


def _stretch(option: str, text: str) -> Stretch:
    from calibration.steady import Stretch

    try:
        return Stretch.parse(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None


@profiles.command("list")
def list_profiles(json: AsJson = False) -> None:
    """List all profiles; the one in use is marked."""
    from rich.console import Console

    from calibration.profile_store import ProfileError
    from posturecam.profiles import profile_errors, profile_store
    from posturecam.sinks.profile_page import as_dict, show_profiles
    from posturecam.sinks.summary import json_text

    store = profile_store()
    with profile_errors():
        found = {name: store.loaded(name) for name in store.names()}
    try:
        active = store.active()
    except ProfileError as error:
        active = None
        print(f"posturecam: {error}", file=sys.stderr)
    if json:
        answers = [
            {"name": name, "error": str(profile)}
            if isinstance(profile, ProfileError)
            else as_dict(profile, name == active)
            for name, profile in found.items()
        ]
        print(json_text(answers), end="")
    elif not found:
        print(f"There is no profile in {store.folder}: make one with posturecam calibrate.")
    else:
        show_profiles(found, active, Console())


@profiles.command()
def show(name: Name, json: AsJson = False) -> None:
    """Show what a profile holds and what its onset means for you."""
    from rich.console import Console

    from posturecam.profiles import profile_errors, profile_store
    from posturecam.sinks.profile_page import show_profile

    store = profile_store()
    with profile_errors():
        profile, in_use = store.load(name), store.active() == name
    if json:
        _print_json(profile, in_use)
    else:
        show_profile(profile, in_use, Console())


@profiles.command()
def use(name: Name) -> None:
    """Make a profile the one in use."""
    from posturecam.profiles import profile_errors, profile_store

    with profile_errors():
        profile_store().use(name)
    print(f"The profile {name} is in use.")


@profiles.command()
def rename(name: Name, new: Annotated[str, typer.Argument(help="Its new name.", show_default=False)]) -> None:
    """Give a profile another name."""
    from posturecam.profiles import profile_errors, profile_store

    with profile_errors():
        profile_store().rename(name, new)
    print(f"The profile {name} is now {new}.")


@profiles.command()
def delete(name: Name) -> None:
    """Remove a profile for good."""
    from posturecam.profiles import profile_errors, profile_store

    store = profile_store()
    with profile_errors():
        store.delete(name)
        none_in_use = store.active() is None
    print(f"The profile {name} is gone." + " None is in use now." * none_in_use)


@profiles.command()
def export(name: Name, file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)]) -> None:
    """Write a profile to a file, to keep it or to take it to another computer."""
    from posturecam.profiles import profile_errors, profile_store

    with profile_errors():
        profile_store().export(name, file)
    print(f"The profile {name} is in {file}. It holds the shape of your face: mind whom you give it to.")


@profiles.command("import")
def import_profile(
    file: Annotated[Path, typer.Argument(help="A file that export wrote.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="Another name for it.")] = None,
) -> None:
    """Keep a profile from a file."""
    from posturecam.profiles import profile_errors, profile_store

    with profile_errors():
        profile = profile_store().take_in(file, name)
    print(f"The profile {profile.name} is kept; to use it: posturecam profiles use {shlex.quote(profile.name)}")


@profiles.command("set")
def set_thresholds(
    name: Name,
    assignments: Annotated[
        list[str],
        typer.Argument(help="Thresholds, as onset_deg=18.", metavar="KEY=VALUE...", show_default=False),
    ],
) -> None:
    """Set thresholds of a profile by hand."""
    from posturecam.profiles import profile_errors, profile_store

    store = profile_store()
    with profile_errors():
        profile = store.load(name)
        for assignment in assignments:
            profile = profile.with_onset(_onset_deg(assignment))
        store.save(profile)
    _explain(profile)


def _onset_deg(assignment: str) -> float:
    key, _, value = assignment.partition("=")
    if key.strip() != "onset_deg":
        raise UsageError(f"{assignment}: what can be set is onset_deg, as onset_deg=18")
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"{assignment}: give a number of degrees, as onset_deg=18") from None


def _explain(profile: Profile, corner_deg: float | None = None) -> None:
    from rich.console import Console

    from posturecam.sinks.profile_page import show_meaning

    show_meaning(profile, Console())
    if corner_deg is not None:
        from posturecam.sinks.guide_page import corner_words

        Console().print(corner_words(corner_deg, profile.onset_deg))


def _print_json(profile: Profile, in_use: bool) -> None:
    from posturecam.sinks.profile_page import as_dict
    from posturecam.sinks.summary import json_text

    print(json_text(as_dict(profile, in_use)), end="")
