from __future__ import annotations

import json
import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from posturecam import autostart
from posturecam.autostart import (
    GRAPHICAL_SESSION,
    LOGIN,
    DesktopEntry,
    Launch,
    LaunchAgent,
    RunKey,
    SystemdUnit,
    agent_text,
    desktop_entry_text,
    run_value,
    starters,
    unit_text,
)
from posturecam.cli_autostart import autostart as autostart_commands
from posturecam.errors import PosturecamError, UsageError

ODD = 'odd "name" 100% $HOME ${HOME} \\x `a` é;#\''
LAUNCH = Launch(("/usr/bin/python3", "-m", "posturecam", "live", "--source", ODD), {"POSTURECAM_DATA": "/a b/100%"})


class System:
    """Runs nothing, and writes down what it should have run."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.ran: list[str] = []

    def __call__(self, command) -> bool:
        self.ran.append(" ".join(command))
        return not any(word in self.ran[-1] for word in self.failing)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("POSTURECAM_DATA", "POSTURECAM_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def words_of_desktop_entry(text: str) -> list[str]:
    """What a desktop makes of the entry's command."""
    (line,) = re.findall(r"^Exec=(.*)$", text, re.MULTILINE)
    unescaped = re.sub(r"\\(.)", r"\1", line)
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', unescaped)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in quoted]


def words_of_unit(line: str) -> list[str]:
    """What systemd makes of a line's words."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
    return [re.sub(r"\\(.)", r"\1", word).replace("%%", "%").replace("$$", "$") for word in quoted]


def test_a_unit_runs_exactly_the_command():
    text = unit_text(LAUNCH, LOGIN)
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert words_of_unit(command) == list(LAUNCH.command)
    assert 'Environment="POSTURECAM_DATA=/a b/100%%"\n' in text
    assert "WantedBy=default.target\n" in text


def test_a_unit_ends_with_the_desktop_session_that_it_began_with():
    assert f"PartOf={GRAPHICAL_SESSION}\n" in unit_text(LAUNCH, GRAPHICAL_SESSION)
    assert "PartOf" not in unit_text(LAUNCH, LOGIN)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize("target", [GRAPHICAL_SESSION, LOGIN])
def test_systemd_accepts_the_unit(tmp_path, target):
    unit = tmp_path / autostart.UNIT
    unit.write_text(unit_text(Launch((sys.executable, *LAUNCH.command[1:]), LAUNCH.environment), target))
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    verify = ["systemd-analyze", "verify", "--user", str(unit)]
    run = subprocess.run(verify, capture_output=True, text=True, env=environment)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_desktop_entry_runs_exactly_the_command():
    words = words_of_desktop_entry(desktop_entry_text(LAUNCH))
    assert words == ["env", "POSTURECAM_DATA=/a b/100%", *LAUNCH.command]


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="needs desktop-file-validate")
def test_the_desktop_accepts_the_entry(tmp_path):
    entry = tmp_path / autostart.DESKTOP_ENTRY
    entry.write_text(desktop_entry_text(LAUNCH))
    run = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "")


def test_an_agent_runs_exactly_the_command():
    agent = plistlib.loads(agent_text(LAUNCH).encode())
    assert agent["ProgramArguments"] == list(LAUNCH.command)
    assert agent["EnvironmentVariables"] == {"POSTURECAM_DATA": "/a b/100%"}
    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"Crashed": True}


def test_windows_runs_one_line_and_takes_no_folders_along():
    assert run_value(Launch((r"C:\Program Files\pythonw.exe", "-m", "posturecam"))) == (
        r'"C:\Program Files\pythonw.exe" -m posturecam'
    )
    with pytest.raises(UsageError, match=r"POSTURECAM_DATA.*setx"):
        run_value(LAUNCH)


def test_a_launch_takes_this_python_the_options_and_the_chosen_folders_along(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSTURECAM_DATA", "data")
    launch = Launch.of_this_posturecam(["--duty", "3s/30s"])
    assert launch.command == (sys.executable, "-m", "posturecam", "live", "--duty", "3s/30s")
    assert launch.environment == {"POSTURECAM_DATA": str(tmp_path / "data")}


@pytest.mark.parametrize("word", ["two\nlines", "\x00"])
def test_what_no_file_can_hold_is_refused(word):
    with pytest.raises(UsageError, match="printable"):
        Launch.of_this_posturecam(["--source", word])


@pytest.mark.parametrize(("failing", "target"), [((), GRAPHICAL_SESSION), (("is-active",), LOGIN)])
def test_a_unit_is_written_taken_and_removed_again(tmp_path, failing, target):
    system = System(*failing)
    unit = SystemdUnit(tmp_path / "systemd" / "user", system)
    assert unit.enabled() is None
    assert "has been started now" in unit.enable(LAUNCH)
    assert unit.enabled() == Path(unit.place).read_text() == unit_text(LAUNCH, target)
    assert system.ran[-3:] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable posturecam.service",
        "systemctl --user restart posturecam.service",
    ]
    link = tmp_path / "systemd" / "user" / "default.target.wants" / autostart.UNIT
    link.parent.mkdir()
    link.symlink_to(unit.place)
    assert unit.disable()
    assert not link.is_symlink()
    assert not Path(unit.place).exists()
    assert system.ran[-2:] == [
        "systemctl --user disable --now posturecam.service",
        "systemctl --user daemon-reload",
    ]
    assert not unit.disable()


@pytest.mark.parametrize(
    ("failing", "words"), [("--user enable", "did not take it"), ("--user restart", "starting it now failed")]
)
def test_what_systemd_refuses_is_told(tmp_path, failing, words):
    assert words in SystemdUnit(tmp_path, System(failing)).enable(LAUNCH)


def test_an_agent_is_written_loaded_and_removed_again(tmp_path):
    system = System()
    agent = LaunchAgent(tmp_path, system)
    assert "started now" in agent.enable(LAUNCH)
    domain = f"gui/{os.getuid()}"
    assert system.ran == [
        f"launchctl bootout {domain}/posturecam.live",
        f"launchctl bootstrap {domain} {agent.place}",
    ]
    assert agent.enabled() == agent_text(LAUNCH)
    assert agent.disable()
    assert (agent.enabled(), agent.disable()) == (None, False)
    assert system.ran[2:] == [f"launchctl bootout {domain}/posturecam.live"]
    assert "next login" in LaunchAgent(tmp_path, System("bootstrap")).enable(LAUNCH)


class Registry:
    """As much of winreg as is used."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = "HKCU", 2, 1

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def OpenKey(self, root, path, reserved=0, access=0):  # noqa: N802
        assert (root, path) == ("HKCU", autostart.RUN_KEY)
        return self

    CreateKey = OpenKey

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def SetValueEx(self, key, name, reserved, kind, value):  # noqa: N802
        self.values[name] = value

    def QueryValueEx(self, key, name):  # noqa: N802
        try:
            return self.values[name], self.REG_SZ
        except KeyError:
            raise FileNotFoundError from None

    def DeleteValue(self, key, name):  # noqa: N802
        self.QueryValueEx(key, name)
        del self.values[name]


def test_a_run_key_is_written_and_removed_again(monkeypatch):
    registry = Registry()
    registry.values["other"] = "stays"
    monkeypatch.setattr(autostart, "_registry", lambda: registry)
    key = RunKey()
    assert "next login" in key.enable(Launch(("python", "-m", "posturecam", "live")))
    assert key.enabled() == "python -m posturecam live"
    assert key.disable()
    assert (key.enabled(), key.disable()) == (None, False)
    assert registry.values == {"other": "stays"}


@pytest.mark.parametrize(
    ("platform", "failing", "kinds"),
    [
        ("linux", (), [SystemdUnit, DesktopEntry]),
        ("linux", ("show-environment",), [DesktopEntry, SystemdUnit]),
        ("darwin", (), [LaunchAgent]),
        ("win32", (), [RunKey]),
    ],
)
def test_every_system_has_its_ways(monkeypatch, home, platform, failing, kinds):
    monkeypatch.setattr(autostart, "sys", SimpleNamespace(platform=platform))
    ways = starters(System(*failing))
    assert [type(way) for way in ways] == kinds
    assert all(way.place.startswith((str(home), "HKEY_CURRENT_USER")) for way in ways)


def test_a_program_that_is_not_there_or_fails_has_not_succeeded():
    assert not autostart._run(["no-such-program-anywhere"])
    assert not autostart._run([sys.executable, "-c", "raise SystemExit(3)"])
    assert autostart._run([sys.executable, "-c", "print('not shown')"])


def test_what_cannot_be_removed_is_told(tmp_path):
    (tmp_path / autostart.DESKTOP_ENTRY).mkdir()
    with pytest.raises(PosturecamError, match="cannot remove"):
        DesktopEntry(tmp_path).disable()


@pytest.fixture
def run(monkeypatch):
    """Run the commands where there is no systemd, beside a `live` that knows one option."""
    monkeypatch.setattr(autostart, "sys", SimpleNamespace(platform="linux", executable=sys.executable))
    monkeypatch.setattr(autostart, "_run", System("systemctl"))
    program = typer.Typer()
    program.add_typer(autostart_commands, name="autostart")

    @program.command()
    def live(duty: str = "") -> None:
        raise AssertionError("it is not to be run")

    return lambda words: CliRunner().invoke(program, shlex.split(words))


def test_enabling_says_what_was_written_and_where_and_disabling_removes_it(run, home):
    path = home / ".config" / "autostart" / "posturecam.desktop"
    enabled = run("autostart enable -- --duty 3s/30s")
    assert enabled.exit_code == 0
    assert f"wrote {path}" in enabled.output
    assert '"live" "--duty" "3s/30s"' in enabled.output
    assert '"live" "--duty" "3s/30s"' in path.read_text()
    assert f"enabled by {path}" in run("autostart status").output
    told = json.loads(run("autostart status --json").output)
    assert told == {"enabled": True, "entries": {str(path): path.read_text()}}
    assert run("autostart disable").output == f"removed {path}\n"
    assert list(path.parent.iterdir()) == []
    assert "nothing to remove" in run("autostart disable").output
    assert "not enabled" in run("autostart status").output


def test_the_way_that_is_not_used_is_cleared(run, home):
    unit = SystemdUnit(home / ".config" / "systemd" / "user", System())
    unit.enable(LAUNCH)
    assert f"removed {unit.place}" in run("autostart enable").output
    assert unit.enabled() is None


def test_options_that_live_does_not_know_are_refused_before_anything_is_written(run, home):
    refused = run("autostart enable -- --dutyy 3s")
    assert refused.exit_code == 2
    assert "--dutyy" in refused.output
    assert not (home / ".config").exists()
