"""The commands about the settings file. Heavy imports stay inside them."""

from __future__ import annotations

from typing import Annotated

import typer

settings = typer.Typer(
    help="Look after the settings file: what you chose for good.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@settings.command()
def init() -> None:
    """Write a settings file with every setting at its default, explained; never over one that is there."""
    from posturecam.settings import init as write

    print(f"wrote {write()}")


@settings.command()
def path() -> None:
    """Print where the settings file is looked for."""
    from posturecam.settings import settings_path

    print(settings_path())


@settings.command()
def show(
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON on stdout.")] = False,
) -> None:
    """Print every setting as it holds, and which of them the file changes."""
    from posturecam.settings import load, settings_path, shown, what_holds

    held = what_holds(load())
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text({one.key: one.value for one in held}), end="")
        return
    print(f"from {settings_path()}" if settings_path().exists() else f"no file at {settings_path()}")
    for one in held:
        print(f"{one.key} = {shown(one.value)}" + (f"  (by default {shown(one.default)})" if one.chosen else ""))
