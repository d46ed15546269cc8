"""Starting the monitor with the computer: the one entry that each system needs for that, written and removed.

On Linux a systemd user unit, or a desktop entry where no systemd looks after the user's programs; on macOS a
launchd agent; on Windows a value of the registry's Run key.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from posturecam.errors import PosturecamError, UsageError
from posturecam.profiles import DATA_VARIABLE
from posturecam.settings import CONFIG_VARIABLE
from posturecam.sinks.private_file import make_private_folder, write_private_text

DESCRIPTION = "Posture monitor: measures how far the head is bent down"
UNIT = "posturecam.service"
DESKTOP_ENTRY = "posturecam.desktop"
LABEL = "posturecam.live"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
RUN_VALUE = "posturecam"
GRAPHICAL_SESSION = "graphical-session.target"
LOGIN = "default.target"
WITHIN_S = 20.0
"""How long systemctl or launchctl may take."""

Runner = Callable[[Sequence[str]], bool]
"""Runs a program, and says whether it succeeded."""


@dataclass(frozen=True)
class Launch:
    """How the monitor is started."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is set besides the system's own; folders that the user has chosen."""

    @classmethod
    def of_this_posturecam(cls, options: Sequence[str]) -> Launch:
        """Start `live` with these options as this very program is run, in the same data folder and settings."""
        chosen = {name: os.environ[name] for name in (DATA_VARIABLE, CONFIG_VARIABLE) if os.environ.get(name)}
        environment = {name: os.path.abspath(path) for name, path in chosen.items()}
        for word in (*options, *environment.values()):
            if not word.isprintable():
                raise UsageError(f"{word!r} cannot be handed on at start-up: use printable characters only")
        return cls((_python(), "-m", "posturecam", "live", *options), environment)


class Starter(Protocol):
    """One way in which a system starts programs."""

    @property
    def place(self) -> str:
        """What `enable` writes, and `disable` removes."""

    def enabled(self) -> str | None:
        """What is written there; None when nothing is."""

    def enable(self, launch: Launch) -> str:
        """Write the entry and start the monitor where the system can; return what comes of it, in words."""

    def disable(self) -> bool:
        """Remove the entry, and end what the system started; False when there was none."""


def starters(run: Runner | None = None, home: Path | None = None) -> list[Starter]:
    """The ways of this system, the one to use first."""
    run, home = run or _run, home or Path.home()
    if sys.platform == "win32":
        return [RunKey()]
    if sys.platform == "darwin":
        return [LaunchAgent(home / "Library" / "LaunchAgents", run)]
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    unit = SystemdUnit(config / "systemd" / "user", run)
    entry = DesktopEntry(config / "autostart")
    return [unit, entry] if run(["systemctl", "--user", "show-environment"]) else [entry, unit]


def unit_text(launch: Launch, wanted_by: str) -> str:
    """The systemd user unit that starts the monitor."""
    after = f"After={wanted_by}\nPartOf={wanted_by}\n" if wanted_by == GRAPHICAL_SESSION else ""
    variables = "".join(f"Environment={_unit_word(f'{name}={value}')}\n" for name, value in launch.environment.items())
    command = " ".join(_unit_word(word).replace("$", "$$") for word in launch.command)
    # Refusals have their reasons, a crash of the vision libraries has not.
    return (
        f"[Unit]\nDescription={DESCRIPTION}\n{after}\n"
        f"[Service]\nType=exec\n{variables}ExecStart={command}\n"
        "Restart=on-abnormal\nRestartSec=10\n\n"
        f"[Install]\nWantedBy={wanted_by}\n"
    )


def desktop_entry_text(launch: Launch) -> str:
    """The desktop entry that starts the monitor, after the Desktop Entry Specification 1.5."""
    variables = [f"{name}={value}" for name, value in launch.environment.items()]
    words = [*(["env", *variables] if variables else []), *launch.command]
    return (
        f"[Desktop Entry]\nType=Application\nName=posturecam\nComment={DESCRIPTION}\n"
        f"Exec={' '.join(map(_desktop_word, words))}\nTerminal=false\n"
    )


def agent_text(launch: Launch) -> str:
    """The launchd agent that starts the monitor, as a property list."""
    agent: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(launch.command),
        "RunAtLoad": True,
        "KeepAlive": {"Crashed": True},
        "LimitLoadToSessionType": "Aqua",
    }
    if launch.environment:
        agent["EnvironmentVariables"] = dict(launch.environment)
    return plistlib.dumps(agent, sort_keys=False).decode()


def run_value(launch: Launch) -> str:
    """The command line that Windows runs; UsageError when folders are named that it could not hand on."""
    if launch.environment:
        names = " and ".join(launch.environment)
        raise UsageError(f"Windows would start posturecam without {names}: set that for good with setx, and unset it")
    return subprocess.list2cmdline(launch.command)


class SystemdUnit:
    """A unit of the user's own systemd."""

    def __init__(self, folder: Path, run: Runner) -> None:
        self._path = folder / UNIT
        self._run = run

    @property
    def place(self) -> str:
        """The unit's file."""
        return str(self._path)

    def enabled(self) -> str | None:
        """The unit's text."""
        return _text(self._path)

    def enable(self, launch: Launch) -> str:
        """With the graphical session where the desktop tells systemd of it, else with the login."""
        graphical = self._run(["systemctl", "--user", "is-active", "--quiet", GRAPHICAL_SESSION])
        self._run(["systemctl", "--user", "disable", UNIT])
        _write(self._path, unit_text(launch, GRAPHICAL_SESSION if graphical else LOGIN))
        self._run(["systemctl", "--user", "daemon-reload"])
        if not self._run(["systemctl", "--user", "enable", UNIT]):
            return "systemd did not take it: see systemctl --user status posturecam"
        when = "with the desktop session" if graphical else "at login"
        if not self._run(["systemctl", "--user", "restart", UNIT]):
            return f"it starts {when}; starting it now failed: see systemctl --user status posturecam"
        return f"it starts {when}, and has been started now; systemctl --user status posturecam shows how it does"

    def disable(self) -> bool:
        """Stop it, too."""
        if not self._path.exists():
            return False
        self._run(["systemctl", "--user", "disable", "--now", UNIT])
        for link in self._path.parent.glob(f"*.wants/{UNIT}"):  # which a systemd that is not reached leaves
            _remove(link)
        _remove(self._path)
        self._run(["systemctl", "--user", "daemon-reload"])
        return True


class DesktopEntry:
    """An entry of the desktop's autostart folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / DESKTOP_ENTRY

    @property
    def place(self) -> str:
        """The entry's file."""
        return str(self._path)

    def enabled(self) -> str | None:
        """The entry's text."""
        return _text(self._path)

    def enable(self, launch: Launch) -> str:
        """From the next login on."""
        _write(self._path, desktop_entry_text(launch))
        return "the desktop starts it from the next login on"

    def disable(self) -> bool:
        """What runs goes on."""
        return _remove(self._path)


class LaunchAgent:
    """An agent of macOS's launchd."""

    def __init__(self, folder: Path, run: Runner) -> None:
        self._path = folder / f"{LABEL}.plist"
        self._run = run

    @property
    def place(self) -> str:
        """The agent's file."""
        return str(self._path)

    def enabled(self) -> str | None:
        """The agent's property list."""
        return _text(self._path)

    def enable(self, launch: Launch) -> str:
        """With the desktop session, and now."""
        self._run(["launchctl", "bootout", f"{_domain()}/{LABEL}"])
        _write(self._path, agent_text(launch))
        if not self._run(["launchctl", "bootstrap", _domain(), str(self._path)]):
            return "it starts at the next login; launchd did not take it now"
        return "it starts at login, and has been started now; macOS asks once whether it may use the camera"

    def disable(self) -> bool:
        """Stop it, too."""
        if not self._path.exists():
            return False
        self._run(["launchctl", "bootout", f"{_domain()}/{LABEL}"])
        return _remove(self._path)


class RunKey:
    """A value of the registry's Run key, for this user."""

    place = rf"HKEY_CURRENT_USER\{RUN_KEY}\{RUN_VALUE}"

    def enabled(self) -> str | None:
        """The command line."""
        registry = _registry()
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, RUN_KEY) as key:
                return str(registry.QueryValueEx(key, RUN_VALUE)[0])
        except FileNotFoundError:
            return None

    def enable(self, launch: Launch) -> str:
        """From the next login on."""
        registry, value = _registry(), run_value(launch)
        with registry.CreateKey(registry.HKEY_CURRENT_USER, RUN_KEY) as key:
            registry.SetValueEx(key, RUN_VALUE, 0, registry.REG_SZ, value)
        return "Windows starts it from the next login on"

    def disable(self) -> bool:
        """What runs goes on."""
        registry = _registry()
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, RUN_KEY, 0, registry.KEY_SET_VALUE) as key:
                registry.DeleteValue(key, RUN_VALUE)
        except FileNotFoundError:
            return False
        return True


def _registry() -> Any:
    import winreg

    return winreg


def _python() -> str:
    """The Python that runs now; on Windows the one that opens no console."""
    windowless = Path(sys.executable).with_name("pythonw.exe")
    return str(windowless) if sys.platform == "win32" and windowless.exists() else sys.executable


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _unit_word(word: str) -> str:
    r"""Quote a word for a systemd unit: C-style, and % doubled."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _desktop_word(word: str) -> str:
    r"""Quote a word for a desktop entry: first as an argument, then as a string, and % doubled."""
    argument = "".join("\\" + c if c in '"`$\\' else c for c in word)
    return '"' + argument.replace("\\", "\\\\").replace("%", "%%") + '"'


def _run(command: Sequence[str]) -> bool:
    program = shutil.which(command[0])
    if program is None:
        return False
    try:
        quiet = subprocess.DEVNULL
        done = subprocess.run([program, *command[1:]], stdin=quiet, stdout=quiet, stderr=quiet, timeout=WITHIN_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise PosturecamError(f"cannot read {path}: {error}") from None


def _write(path: Path, text: str) -> None:
    make_private_folder(path.parent)
    write_private_text(path, text)


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise PosturecamError(f"cannot remove {path}: {error.strerror}") from None
    return True
