"""The commands about starting with the computer. Heavy imports stay inside them."""

from __future__ import annotations

from typing import Annotated

import typer

autostart = typer.Typer(
    help="Have posturecam live start with the computer, or no longer.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@autostart.command()
def enable(
    context: typer.Context,
    options: Annotated[
        list[str] | None,
        typer.Argument(help="Options of posturecam live, after --, such as -- --duty 3s/30s.", show_default=False),
    ] = None,
) -> None:
    """Have the monitor start at login, with these options; what was written before is replaced."""
    from posturecam.autostart import Launch, starters

    _require_understood(context, options or [])
    launch = Launch.of_this_posturecam(options or [])
    chosen, *others = starters()
    for other in others:
        if other.disable():
            print(f"removed {other.place}")
    said = chosen.enable(launch)
    print(f"wrote {chosen.place}: {said}")
    for line in (chosen.enabled() or "").rstrip().splitlines():
        print(f"    {line}".rstrip())


@autostart.command()
def disable() -> None:
    """Have the monitor start at login no more: remove what enable wrote, and nothing else."""
    from posturecam.autostart import starters

    removed = [starter.place for starter in starters() if starter.disable()]
    print("\n".join(f"removed {place}" for place in removed) or "it was not enabled: nothing to remove")


@autostart.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON on stdout.")] = False,
) -> None:
    """Show whether the monitor starts at login, and by what."""
    from posturecam.autostart import starters

    entries = {starter.place: text for starter in starters() if (text := starter.enabled()) is not None}
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text({"enabled": bool(entries), "entries": entries}), end="")
        return
    if not entries:
        print("not enabled: posturecam autostart enable")
    for place, text in entries.items():
        print(f"enabled by {place}:")
        for line in text.rstrip().splitlines():
            print(f"    {line}".rstrip())


def _require_understood(context: typer.Context, options: list[str]) -> None:
    """Read the options as posturecam live does, and refuse as it does, before anything is written."""
    root = context.find_root()
    live = root.command.get_command(root, "live")  # type: ignore[attr-defined]
    live.make_context("live", list(options), parent=root)
