"""The commands that steer the running monitor from another terminal. Heavy imports stay inside them."""

from __future__ import annotations

import time
from typing import Annotated

import typer


def pause() -> None:
    """Have the running monitor let go of the camera until posturecam resume."""
    from posturecam.steering import ask

    ask("pause")
    print("paused: the camera is free; posturecam resume goes on")


def resume() -> None:
    """Have the running monitor go on after a pause or a snooze."""
    from posturecam.steering import ask

    ask("resume")
    print("going on")


def snooze(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TIME",
            help="30m, 1h30, until 14:00, until 2pm, morning, tomorrow (both at 06:00), tomorrow 9:30, or off.",
            show_default=False,
        ),
    ],
) -> None:
    """Have the running monitor say nothing for a while; it goes on measuring."""
    from datetime import datetime

    from posturecam.sinks.wording import moment_words
    from posturecam.steering import ask
    from posturecam.until import parse_until

    now = datetime.now()
    until = parse_until(words, now)
    ask("snooze", until=until.timestamp())
    if until <= now:
        print("snoozed no more")
    else:
        when = moment_words(until.timestamp(), now.timestamp())
        print(f"snoozed until {when}: it measures and says nothing; posturecam resume ends that")


def stop() -> None:
    """End the running monitor, as Ctrl-C does in its own terminal."""
    from posturecam.steering import ask

    ask("stop")
    print("stopping")


def status(
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON on stdout.")] = False,
) -> None:
    """Show what the running monitor is at; exit code 1 when none is running."""
    from posturecam.steering import ask

    told = ask("status")
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text(told), end="")
        return
    from rich.console import Console

    from posturecam.errors import PosturecamError
    from posturecam.sinks.status_page import show_status
    from posturecam.status import Status

    try:
        of_monitor = Status.from_dict(told)
    except ValueError as error:
        raise PosturecamError(f"the running monitor is of another posturecam ({error}): start it again") from None
    show_status(of_monitor, Console(), time.time())
