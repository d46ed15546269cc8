"""Notifications against a real service: dunst on a session bus of its own, under Xvfb."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from alerts import alert
from posturecam.core.manner import Manner
from posturecam.sinks.notification import DesktopNotification, NotificationError, backend_in_use

SOON_S = 10.0
BUS = """<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""
"""A bus that starts no service by itself."""


class Desktop:
    """A screen and a bus, and on it a notification service when it is started."""

    def __init__(self, folder):
        self.folder = folder
        self._processes = []
        self.service = None

    def start(self, *command, **options):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)
        self._processes.append(process)
        return process

    def start_service(self):
        pick = self.folder / "pick"
        pick.write_text("#!/bin/sh\ngrep Snooze\n")
        pick.chmod(0o700)
        (self.folder / "dunstrc").write_text(f"[global]\ndmenu = {pick}\n")
        self.service = self.start("dunst", "-conf", str(self.folder / "dunstrc"))
        self._until(lambda: backend_in_use().trouble is None)

    def stop_service(self):
        self.service.kill()
        self.service.wait()

    def ask(self, *words):
        return subprocess.run(["dunstctl", *words], capture_output=True, text=True, timeout=SOON_S).stdout

    @property
    def shown(self):
        """How many notifications are on the screen."""
        return int(self.ask("count", "displayed"))

    @property
    def history(self):
        """All notifications that were taken away, the newest first, as title and words."""
        self.ask("close-all")
        entries = json.loads(self.ask("history"))["data"][0]
        return [(entry["summary"]["data"], entry["body"]["data"]) for entry in entries]

    def end(self):
        for process in reversed(self._processes):
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _until(self, true):
        deadline = time.monotonic() + SOON_S
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """A session bus without a notification service."""
    if sys.platform != "linux":
        pytest.skip("notifications go by D-Bus on Linux only")
    pytest.importorskip("desktop_notifier", reason="needs desktop-notifier")
    missing = [name for name in ("dbus-daemon", "dunst", "dunstctl", "Xvfb") if not shutil.which(name)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (on Debian: apt-get install dbus dunst xvfb)")
    desktop = Desktop(tmp_path)
    configuration = tmp_path / "bus.conf"
    configuration.write_text(BUS)
    daemon = desktop.start(
        "dbus-daemon", f"--config-file={configuration}", "--print-address", "--nofork", stdout=subprocess.PIPE
    )
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().decode().strip())
    yield desktop
    desktop.end()


@pytest.fixture
def desktop(bus, monkeypatch):
    """A desktop that shows notifications."""
    reading, writing = os.pipe()
    bus.start("Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", pass_fds=[writing])
    os.close(writing)
    with os.fdopen(reading) as display:
        monkeypatch.setenv("DISPLAY", f":{display.readline().strip()}")
    bus.start_service()
    return bus


def test_an_alert_is_shown_in_place_of_the_one_before_and_a_button_does_what_it_says(desktop):
    pressed = threading.Event()
    with DesktopNotification({"Snooze 30 min": pressed.set}) as notification:
        first, second = alert(), alert("stillness", Manner.NUDGE)
        notification.tell(first)
        assert desktop.shown == 1
        notification.tell(second)
        assert desktop.shown == 1
        desktop.ask("context")
        assert pressed.wait(SOON_S)
        assert desktop.history == [("Stillness", second.words), ("Text neck", first.words)]
    assert backend_in_use().name.startswith("dunst ")


def test_a_service_that_is_killed_stops_or_comes_back_is_noticed_each_time(desktop):
    with DesktopNotification(within_s=1.0) as notification:
        notification.tell(alert())
        files = len(os.listdir("/proc/self/fd"))
        desktop.stop_service()
        for _ in range(5):
            with pytest.raises(NotificationError, match="no notification service on the session bus"):
                notification.tell(alert())
        desktop.start_service()
        notification.tell(alert("slouch"))
        assert [title for title, _ in desktop.history] == ["Slouch"]
        desktop.service.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(NotificationError, match="no answer within 1 s"):
            notification.tell(alert())
        assert time.monotonic() - began < SOON_S
        assert backend_in_use(within_s=0.2).trouble
        desktop.service.send_signal(signal.SIGCONT)
        notification.tell(alert("forward_head"))
        assert "Forward head" in [title for title, _ in desktop.history]
        assert len(os.listdir("/proc/self/fd")) <= files


def test_without_a_service_the_backend_says_what_to_do(bus):
    backend = backend_in_use()
    assert (backend.name, backend.trouble.split(" (")[0]) == ("D-Bus", "no notification service on the session bus")
    assert "start one, such as dunst" in backend.trouble


def test_without_a_bus_it_fails_in_one_line(monkeypatch, tmp_path):
    pytest.importorskip("desktop_notifier")
    if sys.platform != "linux":
        pytest.skip("notifications go by D-Bus on Linux only")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with DesktopNotification() as notification, pytest.raises(NotificationError, match="no session bus") as error:
        notification.tell(alert())
    assert "\n" not in str(error.value)


def test_without_the_library_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    with DesktopNotification() as notification, pytest.raises(NotificationError, match="pip install desktop-notifier"):
        notification.tell(alert())
