"""`posturecam live` as a user runs it: a clip played as its camera, watched and steered from other processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from calibration.profile_store import ProfileStore
from calibration.steady import Stretch
from posturecam.calibrate import Poses, Setup, calibrate
from posturecam.store import Store
from test_calibrate import frames
from test_samples import SAMPLES

CLIP = str(SAMPLES / "front.mp4")
SPEED = "2"
PROGRAM = (sys.executable, "-m", "posturecam")
WITHIN_S = 60.0


@pytest.fixture
def home(tmp_path):
    """A data folder with the clip's person calibrated."""
    made = Setup("desk", "2026-11-22T19:30:00+01:00")
    ProfileStore(tmp_path / "data" / "profiles").save(calibrate(frames("front"), Poses(Stretch(1, 9)), made))
    return tmp_path / "data"


class Monitor:
    """A monitor in a process of its own, and what it has written so far."""

    def __init__(self, home: Path, *words: str) -> None:
        self.environment = {**os.environ, "POSTURECAM_DATA": str(home)}
        command = [*PROGRAM, "live", "--source", CLIP, "--speed", SPEED, "--profile", "desk", "--json", "--no-notify"]
        self.process = subprocess.Popen(
            [*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )
        self.events: list[dict] = []
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def wait_for(self, **facts: object) -> dict:
        """The first event that has these facts; it may have come already."""
        end_s = time.monotonic() + WITHIN_S
        while time.monotonic() < end_s and (self.process.poll() is None or self.events):
            for event in list(self.events):
                if facts.items() <= event.items():
                    return event
            time.sleep(0.05)
        raise AssertionError(f"{facts} did not come; these did: {self.events}")

    def posturecam(self, *words: str) -> subprocess.CompletedProcess:
        """Another process of the same user."""
        command = [*PROGRAM, *words]
        return subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=WITHIN_S)

    def status(self) -> dict:
        return json.loads(self.posturecam("status", "--json").stdout)


def test_it_alerts_is_steered_from_other_processes_and_ends_with_the_session_saved(home, tmp_path):
    heard = tmp_path / "heard.json"
    command = f"{sys.executable} -c 'import sys; open(sys.argv[1], \"a\").write(sys.stdin.read())' {heard}"
    with Monitor(home, "--sensitivity", "1/32", "--on-alert", command) as monitor:
        monitor.wait_for(event="mode", mode="watching", profile="desk")
        other = monitor.posturecam("live", "--source", CLIP)
        assert (other.returncode, "running already" in other.stderr) == (1, True)
        alert = monitor.wait_for(event="alert", pattern="text_neck")
        assert 37 <= round(alert["t_s"], 1) < 48, "a busy machine leaves pictures out, and with them time"
        status = monitor.status()
        assert (status["state"], status["alerts_today"], status["profile"]) == ("severe", 1, "desk")

        assert monitor.posturecam("snooze", "30m").returncode == 0
        assert monitor.status()["mode"] == "snoozed"
        assert monitor.posturecam("pause").returncode == 0
        monitor.wait_for(event="mode", mode="paused")
        assert monitor.posturecam("resume").returncode == 0
        assert monitor.status()["mode"] in ("watching", "away")

        monitor.process.send_signal(signal.SIGTERM)
        assert monitor.process.wait(WITHIN_S) == 0
        assert monitor.posturecam("status").returncode == 1
    assert json.loads(heard.read_text())["pattern"] == "text_neck"
    with Store(home / "history.sqlite") as store:
        (session,) = store.sessions()
        assert session.facts.profile == "desk"
        assert session.length_s >= alert["t_s"]
        assert [one.episode.alert_s for one in store.episodes()] == [pytest.approx(alert["t_s"], abs=0.1)]


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("--source", "nothing.mp4"), 3, "nothing.mp4: there is no such file"),
        (("--duty", "often"), 2, "--duty often"),
        (("--profile", "nobody"), 4, "nobody"),
        (("--on-alert", ""), 2, "--on-alert"),
        (("--sensitivity", "loud"), 2, "--sensitivity"),
    ],
)
def test_what_cannot_be_watched_ends_with_one_line_and_its_code(tmp_path, words, code, line):
    environment = {**os.environ, "POSTURECAM_DATA": str(tmp_path / "data")}
    run = subprocess.run([*PROGRAM, "live", *words], capture_output=True, text=True, env=environment, timeout=WITHIN_S)
    assert run.returncode == code
    assert line in run.stderr
    assert "Traceback" not in run.stderr
