"""A command of the user's own, run at every alert."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile

from posturecam.core.alert import Alert
from posturecam.errors import PosturecamError, UsageError
from posturecam.sinks.live_events import as_dict

WITHIN_S = 10.0
"""A command that takes longer is ended (judgement)."""


class CommandError(PosturecamError):
    """The command did not do its work."""


class OnAlert:
    """Runs the command without a shell, with the alert as one line of JSON on its standard input."""

    name = "command"

    def __init__(self, command: str, within_s: float = WITHIN_S) -> None:
        """Words are split as a shell splits them. Raises UsageError when there are none."""
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise UsageError(f"--on-alert {command}: {error}") from None
        if not words:
            raise UsageError("--on-alert: give a command, such as 'notify-send Posture'")
        self._program = words[0]
        # Windows takes a command as one line, and its paths hold what shlex would swallow.
        self._command = command if os.name == "nt" else words
        self._within_s = within_s

    def tell(self, alert: Alert) -> None:
        """Run it to its end; CommandError when it cannot be run, fails, or takes too long."""
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    start_new_session=True,  # what it started ends with it
                )
            except (OSError, ValueError) as error:
                raise CommandError(f"cannot run {self._program}: {getattr(error, 'strerror', None) or error}") from None
            try:
                process.communicate(alert_json(alert).encode(), self._within_s)
            except subprocess.TimeoutExpired:
                raise CommandError(f"{self._program} was ended after {self._within_s:g} s") from None
            finally:
                _end(process)
            if process.returncode:
                said.seek(0)
                words = said.read(4096).decode(errors="replace").split("\n")[0].strip()
                raise CommandError(f"{self._program} ended with {process.returncode}" + (f": {words}" if words else ""))

    def close(self) -> None:
        """Nothing is held."""


def alert_json(alert: Alert) -> str:
    """An alert in one line."""
    facts = {
        "event": "alert",
        "t_s": round(alert.t_s, 3),
        "title": alert.title,
        "words": alert.words,
        "manner": alert.manner.value,
        "reminder": alert.reminder,
        **as_dict(alert.episode),
    }
    return json.dumps(facts) + "\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Make sure that it is no longer there."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
