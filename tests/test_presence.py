"""A locked screen, with a real D-Bus daemon and services on it that say what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from posturecam.presence import LOGIND, OWN_SESSION, SESSION, Presence

dbus = pytest.importorskip("dbus_fast", reason="needs dbus-fast, which comes with the notifications on Linux")
if not shutil.which("dbus-daemon"):
    pytest.skip("needs dbus-daemon", allow_module_level=True)

from dbus_fast.aio import MessageBus  # noqa: E402
from dbus_fast.constants import PropertyAccess  # noqa: E402
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal  # noqa: E402


class FakeSession(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(SESSION)
        self.locked = False

    @dbus_property(access=PropertyAccess.READ)
    def LockedHint(self) -> b:  # noqa: F821, N802
        return self.locked


class FakeManager(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{LOGIND}.Manager")

    @dbus_signal()
    def PrepareForSleep(self, start) -> b:  # noqa: F821, N802
        return start


class FakeScreenSaver(ServiceInterface):
    def __init__(self, active: bool) -> None:
        super().__init__("org.gnome.ScreenSaver")
        self.active = active

    @dbus_method()
    def GetActive(self) -> b:  # noqa: F821, N802
        return self.active

    @dbus_signal()
    def ActiveChanged(self) -> b:  # noqa: F821, N802
        return self.active


class Desktop:
    """A bus with fake services on it, which live in a thread of their own."""

    def __init__(self, address: str, daemon: subprocess.Popen[str]) -> None:
        self._address = address
        self.daemon = daemon
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._bus: Any = self.do(self._connect())

    async def _connect(self) -> Any:
        return await MessageBus(bus_address=self._address).connect()

    def do(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(5)

    def tell(self, say: Callable[..., object], *words: object) -> None:
        self._loop.call_soon_threadsafe(say, *words)

    def offer(self, name: str, path: str, interface: ServiceInterface) -> None:
        self._bus.export(path, interface)
        self.do(self._bus.request_name(name))

    def close(self) -> None:
        self.daemon.terminate()
        with contextlib.suppress(EOFError):
            self.do(self._bus.wait_for_disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@pytest.fixture
def desktop(monkeypatch):
    """One bus that is both the system's and the session's."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        desktop = Desktop(address, daemon)
        yield desktop
        desktop.close()


def soon(question: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + 5
    while not question() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return question()


def test_a_session_that_is_locked_and_unlocked(desktop):
    session = FakeSession()
    desktop.offer(LOGIND, OWN_SESSION, session)
    with Presence() as presence:
        assert soon(lambda: presence.locked_out is False)
        session.locked = True
        desktop.tell(session.emit_properties_changed, {"LockedHint": True})
        assert soon(lambda: presence.locked_out is True)
        assert not presence.at_desk()
        session.locked = False
        desktop.tell(session.emit_properties_changed, {"LockedHint": False})
        assert soon(presence.at_desk)


def test_a_machine_that_goes_to_sleep_and_wakes_up(desktop):
    manager, session = FakeManager(), FakeSession()
    desktop.offer(LOGIND, "/org/freedesktop/login1", manager)
    desktop.offer(LOGIND, OWN_SESSION, session)
    with Presence() as presence:
        assert soon(lambda: presence.locked_out is False)
        desktop.tell(manager.PrepareForSleep, True)
        assert soon(lambda: not presence.at_desk())
        desktop.tell(manager.PrepareForSleep, False)
        assert soon(presence.at_desk)


def test_a_screen_saver_that_is_on_from_the_start(desktop):
    saver = FakeScreenSaver(active=True)
    desktop.offer("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", saver)
    with Presence() as presence:
        assert soon(lambda: presence.locked_out is True)
        saver.active = False
        desktop.tell(saver.ActiveChanged)
        assert soon(lambda: presence.locked_out is False)


def test_a_bus_that_dies_locks_nobody_out_for_ever(desktop):
    desktop.offer("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", FakeScreenSaver(active=True))
    with Presence() as presence:
        assert soon(lambda: presence.locked_out is True)
        desktop.daemon.terminate()
        assert soon(lambda: presence.locked_out is None)


def test_where_nobody_knows_somebody_may_be_at_the_desk(desktop):
    with Presence() as presence:
        time.sleep(0.2)
        assert presence.locked_out is None
        assert presence.at_desk()


def test_without_any_bus_nothing_is_known_and_it_ends_in_time(monkeypatch, tmp_path):
    for name in ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, f"unix:path={tmp_path}/nothing")
    start_s = time.monotonic()
    with Presence() as presence:
        assert presence.locked_out is None
    presence.close()
    assert time.monotonic() - start_s < 2
