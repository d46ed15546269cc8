from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rich.console import Console

from posturecam import cli, steering
from posturecam.sinks.status_page import show_status
from posturecam.sinks.wording import moment_words
from posturecam.status import Mode
from posturecam.steering import SteeringServer
from test_status import FULL, STARTED
from test_steering import Desk

NOON = datetime(2026, 11, 23, 12, 0).timestamp()
WATCHING = replace(
    FULL,
    mode=Mode.WATCHING,
    snoozed_until=None,
    since=NOON - 7200,
    mode_since=NOON - 3600,
    state_since=NOON - 70,
    last_alert=NOON - 900,
)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A monitor that runs, and writes down what it is told."""
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path))
    monkeypatch.setattr(steering, "POLL_S", 0.01)
    desk = Desk()
    desk.status = WATCHING.as_dict
    with SteeringServer(desk):
        yield desk


@pytest.fixture
def posturecam(monkeypatch, capsys):
    """Run the program with these words; give its exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["posturecam", *words])
        monkeypatch.setenv("COLUMNS", "120")
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("command", ["pause", "resume", "stop"])
def test_a_command_reaches_the_monitor(desk, posturecam, command):
    code, out, err = posturecam(command)
    assert (code, err, desk.told) == (0, "", [command])
    assert out.count("\n") == 1


def test_a_snooze_reaches_the_monitor_and_says_when_it_ends(desk, posturecam):
    code, out, _ = posturecam("snooze", "until", "tomorrow", "9:15")
    until = datetime.combine(datetime.now() + timedelta(days=1), datetime.min.time()).replace(hour=9, minute=15)
    assert (code, desk.told) == (0, [until.timestamp()])
    assert f"snoozed until {until:%a %d %b} 09:15" in out


def test_a_snooze_is_ended_by_off(desk, posturecam):
    code, out, _ = posturecam("snooze", "off")
    assert (code, out) == (0, "snoozed no more\n")
    assert desk.told[0] <= time.time()


@pytest.mark.parametrize("words", [(), ("a", "while")])
def test_a_snooze_without_a_time_is_refused(desk, posturecam, words):
    code, _, err = posturecam("snooze", *words)
    assert (code, desk.told) == (2, [])
    assert "TIME" in err or "until 14:00" in err


@pytest.mark.parametrize(
    "words", [["pause"], ["resume"], ["snooze", "30m"], ["stop"], ["status"], ["status", "--json"]]
)
def test_without_a_monitor_one_line_says_so(posturecam, tmp_path, monkeypatch, words):
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "none"))
    code, out, err = posturecam(*words)
    assert (code, out) == (1, "")
    assert err == "posturecam: no monitor is running: start one with posturecam live\n"
    assert not (tmp_path / "none").exists()


def test_the_status_is_shown(desk, posturecam):
    code, out, _ = posturecam("status")
    assert code == 0
    for words in ("watching since", "neck flexion 28° (8° over onset)", "Desk Cam", "3 alerts", "desktop: no answer"):
        assert words in out


def test_the_status_as_json_is_what_the_monitor_tells(desk, posturecam):
    assert json.loads(posturecam("status", "--json")[1]) == WATCHING.as_dict()


def test_a_monitor_of_another_version_is_told(desk, posturecam):
    desk.status = lambda: {"mood": "good"}
    code, _, err = posturecam("status")
    assert code == 1
    assert "another posturecam" in err


def page(status, columns: int = 80, encoding: str = "utf-8") -> str:
    import io

    out = io.TextIOWrapper(io.BytesIO(), encoding)
    console = Console(file=out, width=columns)
    show_status(status, console, NOON)
    out.flush()
    return out.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (replace(WATCHING, mode=Mode.PAUSED), "paused since 11:00: it does not watch, and the camera is free"),
        (replace(WATCHING, mode=Mode.NO_CAMERA, trouble="unplugged"), "no picture since 11:00: unplugged"),
        (replace(WATCHING, mode=Mode.SNOOZED, snoozed_until=NOON + 3600), "until 13:00"),
        (replace(WATCHING, snoozed_until=NOON + 24 * 3600), "until Tue 24 Nov 12:00"),
        (replace(WATCHING, setup="the camera moved"), "the camera moved"),
        (replace(WATCHING, neck_flexion_deg=12.0), "neck flexion 12° (8° below onset)"),
        (replace(WATCHING, neck_flexion_deg=None, state="unknown"), "not measured for 1:10"),
        (replace(WATCHING, seated_s=None, still_s=75.0), "1:15 without a change of position"),
        (replace(STARTED, since=NOON, mode_since=NOON), "starting since 12:00"),
        (replace(STARTED, since=NOON, mode_since=NOON), "not known yet"),
        (WATCHING, "the last at 11:45 (Text neck)"),
        (WATCHING, "40 % of what an alert takes"),
    ],
)
def test_the_page_says_what_holds(status, words):
    assert words in page(status)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_its_words(mode):
    assert page(replace(WATCHING, mode=mode))


def test_the_page_fits_a_narrow_terminal_and_plain_characters():
    text = page(replace(WATCHING, camera="Kamera \x1b[31m für Tische", setup="moved " * 20), 40, "ascii")
    assert max(map(len, text.splitlines())) <= 40
    assert "28 deg" in text
    assert "\x1b" not in text


def test_a_moment_is_named_by_its_day_when_that_is_another():
    assert moment_words(NOON + 60, NOON) == "12:01"
    assert moment_words(NOON + 12 * 3600, NOON) == "Tue 24 Nov 00:00"
