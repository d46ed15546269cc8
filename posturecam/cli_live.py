"""The command that watches live. Heavy imports stay inside it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from posturecam import __version__
from posturecam.errors import UsageError

if TYPE_CHECKING:
    from calibration.profile import Profile
    from posturecam.desk import Desk
    from posturecam.live_session import Terms
    from posturecam.monitor import MonitorView
    from posturecam.settings import UserSettings
    from posturecam.sinks.activity_watch import ActivityWatch
    from posturecam.sinks.herald import AlertSink
    from posturecam.sinks.live_window import LiveWindow
    from posturecam.store import Store
    from posturecam.vision.duty import Duty
    from posturecam.vision.frames import SourceFacts

FIRST_CAMERA = "0"


def live(
    source: Annotated[
        str | None,
        typer.Option(
            help="The camera: its number, name or device, a URL, or a video file in real time.", show_default="0"
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Your neutral and onset; without, the profile made with this camera, or the one in use."),
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
    rate_hz: Annotated[float | None, typer.Option(help="Pictures looked at per second.", show_default="5")] = None,
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
    breaks: Annotated[
        bool | None,
        typer.Option("--breaks/--no-breaks", help="Also nudge to move and to take breaks.", show_default="breaks"),
    ] = None,
    notify: Annotated[bool, typer.Option("--notify/--no-notify", help="Say alerts as desktop notifications.")] = True,
    sound: Annotated[bool, typer.Option("--sound", help="And with a soft sound.")] = False,
    on_alert: Annotated[
        str | None,
        typer.Option(metavar="CMD", help="A command to run at each alert, which reads it as JSON on stdin."),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Also open a window that shows what is seen.")] = False,
    duty: Annotated[
        str | None,
        typer.Option(metavar="LOOK/EVERY", help="Open the camera for short looks only, as 3s/30s."),
    ] = None,
    yield_: Annotated[
        bool,
        typer.Option("--yield/--no-yield", help="Let go of the camera when another program wants it (Linux)."),
    ] = True,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep what is measured in the history.")] = True,
    activitywatch: Annotated[
        bool, typer.Option("--activitywatch", help="Also tell the ActivityWatch server on this machine.")
    ] = False,
    speed: Annotated[float, typer.Option(help="With a video file: so many times as fast.")] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="Print one event per line as JSON on stdout.")] = False,
) -> None:
    """Watch your posture at the desk, and say so when the head stays down.

    Steer it from another terminal with posturecam pause, resume, snooze and status. Ctrl-C ends it.
    """
    from rich.console import Console

    from posturecam.desk import Desk
    from posturecam.keeper import Keeper
    from posturecam.keys import pressed_keys
    from posturecam.profiles import load_profile
    from posturecam.settings import from_options, in_force
    from posturecam.sinks.herald import Herald
    from posturecam.sinks.live_events import LiveEvents
    from posturecam.sinks.live_view import LiveView, ended_words
    from posturecam.status import Mode, Status
    from posturecam.steering import SteeringServer
    from posturecam.today import Today

    named = load_profile(profile) if profile else None
    onset = [] if onset_deg is None else [f"text_neck.onset_deg={onset_deg}"]
    options = from_options(sensitivity, rate_hz, field_of_view_deg, pattern or [], [*(set_ or []), *onset], breaks)
    rate, looks = in_force(options, named).rate, _duty(duty)
    sinks = _sinks(notify, sound, on_alert)
    now = time.time()
    desk = Desk(Status(os.getpid(), __version__, now, Mode.STARTING, now))
    console = Console(stderr=json)
    with ExitStack() as stack:
        stack.enter_context(SteeringServer(desk))
        store = _store(stack) if keep else None
        today, keeper = Today(now, store), Keeper(store)
        herald = stack.enter_context(Herald([sink(desk) for sink in sinks]))
        activity = _activity_watch(stack) if activitywatch else None
        window = _window(stack) if preview else None
        with console.status("Loading the models"):
            from posturecam.monitor import Monitor
            from posturecam.presence import Presence, SuspendWatch, clocks
            from posturecam.vision.face_count import FaceCount
            from posturecam.vision.thrifty_landmarker import ThriftyLandmarker
            from posturecam.vision.watchful import WatchfulSource

            pictures = stack.enter_context(
                WatchfulSource(source or FIRST_CAMERA, rate, duty=looks, courteous=yield_, speed=speed)
            )
            landmarker = stack.enter_context(ThriftyLandmarker())
            faces = stack.enter_context(FaceCount())
            presence = stack.enter_context(Presence())
        suspends = SuspendWatch()
        views: list[MonitorView] = [view for view in (activity, window) if view]
        if json:
            views.append(LiveEvents(sys.stdout))
        else:
            next_key = stack.enter_context(pressed_keys())
            views.append(stack.enter_context(LiveView(console, today, next_key)))
        monitor = Monitor(
            pictures,
            landmarker,
            faces.count,
            lambda facts: _terms(facts, options, named, looks),
            desk,
            herald,
            keeper,
            today,
            views,
            _keep_neutral,
            presence.at_desk,
            lambda: suspends.update(*clocks()) or 0.0,
            lambda: {activity.name: activity.trouble} if activity and activity.trouble else {},
        )
        with _ending_cleanly(desk):
            monitor.run()
    if not json:
        print(ended_words(desk.now, time.time(), store is not None))


def _terms(facts: SourceFacts, options: UserSettings, named: Profile | None, looks: Duty | None) -> Terms:
    """With which profile, and on what terms, the pictures of this camera are measured."""
    from dataclasses import replace

    from posturecam.live_session import Terms
    from posturecam.profiles import profile_errors, profile_store
    from posturecam.settings import in_force

    profile = named
    if profile is None:
        with profile_errors():
            profile = profile_store().chosen_for(facts.camera)
    settings = in_force(options, profile).settings()
    if looks:
        settings = replace(settings, gap_s=looks.gap_s)
    return Terms(settings, profile, chosen=named is not None)


def _keep_neutral(profile: Profile) -> None:
    from posturecam.profiles import profile_errors, profile_store

    with profile_errors():
        profile_store().save(profile)


def _duty(text: str | None) -> Duty | None:
    from posturecam.vision.duty import parse_duty

    try:
        return parse_duty(text) if text else None
    except ValueError as error:
        raise UsageError(f"--duty {text}: {error}") from None


def _sinks(notify: bool, sound: bool, on_alert: str | None) -> list[Callable[[Desk], AlertSink]]:
    """How alerts are told, each once there is a desk for what its buttons do."""
    sinks: list[Callable[[Desk], AlertSink]] = []
    if notify:
        from posturecam.monitor import SNOOZE_S
        from posturecam.sinks.notification import DesktopNotification

        sinks.append(lambda desk: DesktopNotification({"Snooze 30 min": lambda: desk.snooze(time.time() + SNOOZE_S)}))
    if sound:
        from posturecam.sinks.soft_sound import SoftSound

        sinks.append(lambda _: SoftSound())
    if on_alert is not None:
        from posturecam.sinks.on_alert import OnAlert

        command = OnAlert(on_alert)
        sinks.append(lambda _: command)
    return sinks


def _store(stack: ExitStack) -> Store | None:
    """The history; without one that can be used the watch goes on, and it is said why."""
    from posturecam.store import Store, StoreError

    try:
        return stack.enter_context(Store())
    except StoreError as error:
        print(f"posturecam: {error}; this session is not kept", file=sys.stderr)
        return None


def _activity_watch(stack: ExitStack) -> ActivityWatch:
    from posturecam.sinks.activity_watch import ActivityWatch

    return stack.enter_context(ActivityWatch())


def _window(stack: ExitStack) -> LiveWindow | None:
    """The preview; without a screen for it the watch goes on, and it is said why."""
    from posturecam.sinks.live_window import LiveWindow
    from posturecam.sinks.preview_window import WHY_NOT, PreviewWindow, can_open_window

    if can_open_window():
        return LiveWindow(stack.enter_context(PreviewWindow()))
    print(f"posturecam: {WHY_NOT}", file=sys.stderr)
    return None


@contextmanager
def _ending_cleanly(desk: Desk) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP end the watch with everything saved; a second Ctrl-C ends it at once."""

    def end(number: int, _: object) -> None:
        if desk.stopping and number == signal.SIGINT:
            raise KeyboardInterrupt
        desk.stop()

    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
