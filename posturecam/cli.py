"""The command line: words in, one clear answer out. Heavy imports stay inside the commands."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from posturecam import (
    __version__,
    cli_autostart,
    cli_doctor,
    cli_history,
    cli_live,
    cli_patterns,
    cli_profiles,
    cli_replay,
    cli_settings,
    cli_steer,
)
from posturecam.errors import PosturecamError


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
app.command()(cli_live.live)
app.command()(cli_replay.replay)
app.add_typer(cli_profiles.profiles, name="profiles")
app.command()(cli_profiles.calibrate)
app.command()(cli_patterns.patterns)
app.add_typer(cli_settings.settings, name="settings")
app.command()(cli_history.report)
app.add_typer(cli_history.history, name="history")
app.command()(cli_steer.pause)
app.command()(cli_steer.resume)
app.command()(cli_steer.snooze)
app.command()(cli_steer.stop)
app.command()(cli_steer.status)
app.add_typer(cli_autostart.autostart, name="autostart")
app.command()(cli_doctor.doctor)


def main() -> None:
    """Run the program; every failure becomes one line on stderr and an exit code."""
    # NumPy reads it when it is loaded. Its matrices are tiny here, and its threads would spin after each.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
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
