"""The client's own library against a server on this machine that answers as ActivityWatch's API says."""

from __future__ import annotations

import gc
import json
import socket
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.errors import PosturecamError
from posturecam.sinks import activity_watch
from posturecam.sinks.activity_watch import ActivityWatch
from postures import posture

SOON_S = 10.0
NOON = 1_770_000_000.0
BUCKET = f"posturecam_{socket.gethostname()}"


class Server:
    """Takes buckets and heartbeats; can be stopped, forget, and not answer."""

    def __init__(self):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.buckets, self.beats = {}, []
        self.silent = threading.Event()
        self._server = None

    def start(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                _, _, _, _, bucket, *rest = self.path.split("?")[0].split("/")
                if server.silent.is_set():
                    time.sleep(0.5)
                    return
                if not rest:
                    new = bucket not in server.buckets
                    server.buckets[bucket] = body
                    self.answer(200 if new else 304)
                elif bucket in server.buckets:
                    server.beats.append((self.path, body))
                    self.answer(200)
                else:
                    self.answer(404)

            def answer(self, status):
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    @property
    def held(self):
        """From when to when, in seconds after noon, which data was told, in the order of arrival."""
        return [(*_span(event), event["data"]) for _, event in self.beats]


def _span(event):
    hours, minutes, seconds = event["timestamp"][11:19].split(":")
    start_s = 3600 * int(hours) + 60 * int(minutes) + int(seconds) - (2 * 3600 + 40 * 60)
    return start_s, start_s + event["duration"]


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server that is not started yet."""
    client = pytest.importorskip("aw_client.client", reason="needs aw-client")
    for folder in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{folder}_HOME", str(tmp_path / folder))
    monkeypatch.setattr(client, "sleep", lambda _: time.sleep(0.01))
    monkeypatch.setattr(client.RequestQueue, "wait", lambda self, s: self._stop_event.wait(min(s, 0.02)))
    one = Server()
    yield one
    one.stop()
    with warnings.catch_warnings():  # the client leaves its files to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class Day:
    """Tells ActivityWatch about a day of which every second is a sample."""

    def __init__(self, server):
        self.now = NOON
        self.sink = ActivityWatch(server.port, lambda: self.now)

    def spend(self, seconds, state, deg):
        for _ in range(seconds):
            self.sink.update(Sample(posture(self.now - NOON, deg), state))
            self.now += 1.0
            time.sleep(0.0005)  # as samples come: not faster than they can be taken away


def until(true):
    deadline = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def covered(server):
    """The seconds of which the server was told."""
    return {second for start_s, end_s, _ in server.held for second in range(round(start_s), round(end_s))}


def test_the_server_is_told_states_and_steps_of_the_angle(server):
    server.start()
    day = Day(server)
    day.spend(30, State.NEUTRAL, 3.0)
    day.spend(30, State.RED, 27.0)
    day.spend(30, State.AWAY, None)
    day.spend(11, State.NEUTRAL, 0.0)
    until(lambda: covered(server) == set(range(90)))
    day.sink.close()
    told = {json.dumps(data) for _, _, data in server.held}
    assert told == {
        '{"state": "neutral", "neck_flexion_deg": 5}',
        '{"state": "red", "neck_flexion_deg": 25}',
        '{"state": "away"}',
    }
    assert len(server.beats) <= 6
    assert {path for path, _ in server.beats} == {f"/api/0/buckets/{BUCKET}/heartbeat?pulsetime=2.0"}
    assert server.buckets[BUCKET] == {
        "client": "posturecam",
        "hostname": socket.gethostname(),
        "type": "posturecam.posture",
    }


def test_what_is_told_while_the_server_is_away_arrives_when_it_is_back_even_in_the_next_session(server, capfd):
    day = Day(server)
    day.spend(30, State.NEUTRAL, 3.0)
    server.start()
    until(lambda: server.buckets)
    server.stop()
    day.spend(60, State.RED, 27.0)
    day.spend(30, State.NEUTRAL, 3.0)
    day.sink.close()
    assert day.sink.trouble is None
    server.buckets.clear()
    server.start()
    day.sink = ActivityWatch(server.port, lambda: day.now)
    day.spend(6, State.NEUTRAL, 3.0)
    until(lambda: covered(server) == set(range(119)))
    day.sink.close()
    assert capfd.readouterr() == ("", "")


def test_time_without_samples_is_not_told_of(server):
    server.start()
    day = Day(server)
    day.spend(13, State.NEUTRAL, 3.0)
    day.now += 60.0
    day.spend(20, State.NEUTRAL, 3.0)
    day.now -= 3600.0
    day.spend(21, State.NEUTRAL, 3.0)
    until(lambda: {*range(12), *range(73, 92)} <= covered(server))
    day.sink.close()
    assert max(covered(server)) < 93
    assert not covered(server) & set(range(12, 73))


def test_proxies_of_the_environment_are_not_asked(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
    server.start()
    day = Day(server)
    day.spend(20, State.NEUTRAL, 3.0)
    until(lambda: BUCKET in server.buckets)
    day.sink.close()


def test_a_server_that_does_not_answer_delays_nothing(server, monkeypatch):
    monkeypatch.setattr(activity_watch, "WITHIN_S", 0.2)
    server.start()
    server.silent.set()
    day = Day(server)
    began = time.monotonic()
    day.spend(100, State.NEUTRAL, 3.0)
    assert time.monotonic() - began < 1.0
    day.sink.close()
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([3.0, 12.0, None, 12.0], [5, 10, None, 10]),
        ([7.4, 7.6, 7.4, 8.4, 8.6], [5, 5, 5, 5, 10]),
        ([-11.0, -2.4, 2.4], [-10, 0, 0]),
    ],
    ids=["steps of 5", "no flutter between two", "upwards too"],
)
def test_angles_are_rounded_without_flutter(history, expected):
    told, before = [], None
    for deg in history:
        told.append(before := activity_watch._stepped(deg, before))
    assert told == expected


def test_without_the_client_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(activity_watch, "find_spec", lambda name: None)
    with pytest.raises(PosturecamError, match=r"pip install 'posturecam\[activitywatch\]'"):
        ActivityWatch()
