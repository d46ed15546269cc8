from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from posturecam import steering
from posturecam.errors import PosturecamError
from posturecam.steering import AlreadyRunningError, NotRunningError, SteeringServer, ask

UNIX = pytest.mark.skipif(not steering.SOCKET_FILES, reason="needs socket files")

MONITOR = """
import sys, time
from posturecam.steering import SteeringServer
from test_steering import Desk
try:
    with SteeringServer(Desk()):
        print("running", flush=True)
        time.sleep(60)
except Exception as error:
    print(error, flush=True)
"""


class Desk:
    """Writes down what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def pause(self) -> None:
        self.told.append("pause")

    def resume(self) -> None:
        self.told.append("resume")

    def snooze(self, until: float) -> None:
        self.told.append(until)

    def stop(self) -> None:
        self.told.append("stop")

    def status(self) -> dict[str, object]:
        return {"mode": "watching", "pid": os.getpid()}


@pytest.fixture(autouse=True)
def quick_end(monkeypatch):
    monkeypatch.setattr(steering, "POLL_S", 0.01)


@pytest.fixture(params=[pytest.param(True, marks=UNIX, id="socket file"), pytest.param(False, id="port")])
def data(request, tmp_path, monkeypatch):
    """A data folder, with each kind of socket."""
    monkeypatch.setattr(steering, "SOCKET_FILES", request.param)
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """A data folder, with this machine's kind of socket."""
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def announced(folder: Path) -> dict[str, object]:
    return json.loads((folder / steering.ANNOUNCEMENT).read_text())


def start_monitor() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MONITOR], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def raw(folder: Path, line: bytes) -> dict[str, object]:
    return json.loads(steering._exchange(announced(folder)["address"], line))


def connected(folder: Path) -> socket.socket:
    address = announced(folder)["address"]
    client = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    client.connect(address if isinstance(address, str) else tuple(address))
    return client


def test_a_monitor_does_what_it_is_asked(data):
    desk = Desk()
    with SteeringServer(desk):
        assert ask("status") == {"mode": "watching", "pid": os.getpid()}
        for command in ("pause", "resume", "stop"):
            assert ask(command) == {}
        assert ask("snooze", until=1e9) == {}
    assert desk.told == ["pause", "resume", "stop", 1e9]


def test_without_a_monitor_there_is_nothing_to_steer(data):
    with pytest.raises(NotRunningError, match="posturecam live"):
        ask("status")
    SteeringServer(Desk()).close()
    with pytest.raises(NotRunningError, match="posturecam live"):
        ask("status")


def test_a_monitor_in_another_process_is_steered_and_the_only_one(own_data):
    monitor = start_monitor()
    try:
        assert first_line(monitor) == "running"
        assert ask("status")["pid"] == monitor.pid
        with pytest.raises(AlreadyRunningError, match=rf"\(pid {monitor.pid}\).*posturecam stop"):
            SteeringServer(Desk())
    finally:
        end(monitor)


def test_a_killed_monitor_is_replaced_and_its_socket_cleared(own_data):
    monitor = start_monitor()
    try:
        assert first_line(monitor) == "running"
        left = announced(own_data)["address"]
        monitor.send_signal(signal.SIGKILL)
        monitor.wait()
        with pytest.raises(NotRunningError):
            ask("status")
        with SteeringServer(Desk()):
            assert ask("status")["pid"] == os.getpid()
            if isinstance(left, str):
                assert not Path(left).parent.exists()
    finally:
        end(monitor)


def test_of_many_that_start_at_once_one_runs(own_data):
    own_data.mkdir()
    (own_data / steering.ANNOUNCEMENT).write_text('{"pid": 1, "address": "/nowhere/socket", "secret": ""}')
    servers: list[SteeringServer] = []
    refused: list[AlreadyRunningError] = []
    ready = threading.Barrier(8)

    def start() -> None:
        ready.wait()
        try:
            servers.append(SteeringServer(Desk()))
        except AlreadyRunningError as error:
            refused.append(error)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(servers), len(refused)) == (1, 7)
    assert ask("status")["mode"] == "watching"
    servers[0].close()


def test_closing_lets_the_next_one_start_and_leaves_only_the_lock(data):
    for _ in range(2):
        server = SteeringServer(Desk())
        server.close()
        server.close()
    assert [path.name for path in data.iterdir()] == [steering.LOCK]


def test_every_data_folder_has_its_own_monitor(data, tmp_path):
    mine, other = Desk(), Desk()
    with SteeringServer(mine), SteeringServer(other, tmp_path / "other"):
        ask("pause", tmp_path / "other")
    assert (mine.told, other.told) == ([], ["pause"])


@UNIX
def test_nobody_else_can_read_or_enter_what_it_needs(own_data):
    with SteeringServer(Desk()):
        path = Path(str(announced(own_data)["address"]))
        modes = [stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent, own_data)]
        assert modes == [0o600, 0o700, 0o700]
        files = [own_data / steering.ANNOUNCEMENT, own_data / steering.LOCK]
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]


@UNIX
def test_the_socket_lies_in_the_runtime_folder_unless_its_path_is_too_long(own_data, tmp_path, monkeypatch):
    for runtime in (tmp_path, tmp_path / ("long" * 20)):
        runtime.mkdir(exist_ok=True)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        with SteeringServer(Desk()):
            path = Path(str(announced(own_data)["address"]))
            assert (path.parent.parent == runtime) == (runtime == tmp_path)
            assert ask("status")["mode"] == "watching"


@UNIX
def test_a_runtime_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert not steering._is_own(tmp_path)


def test_clients_that_hang_hinder_neither_others_nor_the_end(data):
    with SteeringServer(Desk()):
        silent, halfway = connected(data), connected(data)
        halfway.sendall(b'{"protocol": 1, ')
        begun = time.monotonic()
        assert ask("status")["mode"] == "watching"
        assert time.monotonic() - begun < 2
    assert time.monotonic() - begun < 3
    silent.close()
    halfway.close()


def test_a_client_that_is_silent_for_too_long_is_left(data, monkeypatch):
    monkeypatch.setattr(steering, "PATIENCE_S", 0.1)
    with SteeringServer(Desk()), connected(data) as silent:
        silent.settimeout(5)
        assert silent.recv(1) == b""


def test_the_end_waits_for_the_answer_under_way(data):
    class Slow(Desk):
        def stop(self) -> None:
            stopping.set()
            time.sleep(0.2)

    stopping = threading.Event()
    server = SteeringServer(Slow())
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(ask("stop")))
    asking.start()
    assert stopping.wait(5)
    server.close()
    asking.join()
    assert answers == [{}]


def test_a_monitor_that_does_not_answer_is_named(data, monkeypatch):
    class Stuck(Desk):
        def status(self) -> dict[str, object]:
            freed.wait(5)
            return {}

    freed = threading.Event()
    monkeypatch.setattr(steering, "PATIENCE_S", 0.2)
    with SteeringServer(Stuck()):
        with pytest.raises(PosturecamError, match=rf"pid {os.getpid()}.*does not answer"):
            ask("status")
        freed.set()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": "0" * 32}, "does not come from this monitor's user"),
        ({"secret": None}, "does not come from this monitor's user"),
        ({"protocol": 2}, "stop it and start it again"),
        ({"command": "dance"}, "does not know the command dance"),
        ({"command": "__init__"}, "does not know the command"),
        ({"command": ["pause"]}, "does not know the command"),
        ({"command": "snooze"}, "needs a time"),
        ({"command": "snooze", "until": "now"}, "needs a time"),
        ({"command": "snooze", "until": float("inf")}, "needs a time"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_in_words(own_data, changes, words):
    desk = Desk()
    with SteeringServer(desk):
        request = {"protocol": 1, "secret": announced(own_data)["secret"], "command": "pause", **changes}
        assert words in str(raw(own_data, json.dumps(request).encode() + b"\n")["error"])
    assert desk.told == []


@pytest.mark.parametrize("line", [b"\n", b"GET / HTTP/1.1\n", b"[1]\n", b"{}\n", b"\xff\n", b"[" * 60000 + b"\n"])
def test_what_is_no_request_is_refused_in_words(own_data, line):
    with SteeringServer(Desk()):
        assert raw(own_data, line) == {"error": "the request is not understood"}
        assert ask("status")["mode"] == "watching"


@pytest.mark.parametrize("status", [{"angle": float("nan")}, {"path": Path()}, None], ids=["NaN", "no JSON", "nothing"])
def test_a_monitor_that_fails_at_an_answer_says_so_and_lives(own_data, status):
    desk = Desk()
    with SteeringServer(desk):
        desk.status = lambda: status
        with pytest.raises(PosturecamError, match=r"failed|does not answer"):
            ask("status")
        assert ask("pause") == {}
