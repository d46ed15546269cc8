from __future__ import annotations

import threading
import time

import pytest

from alerts import alert
from posturecam.sinks import courier
from posturecam.sinks.courier import Courier
from posturecam.sinks.herald import WAITING, Herald

SOON_S = 5.0
"""Long for what happens at once on a busy machine."""


class Page:
    """Takes down what it is told."""

    def __init__(self, name="page"):
        self.name = name
        self.told = []
        self.closed = threading.Event()

    def tell(self, alert):
        self.told.append(alert.t_s)

    def close(self):
        self.closed.set()


class Failing(Page):
    """Raises so often, and then works."""

    def __init__(self, times=10**6, error=RuntimeError):
        super().__init__("failing")
        self.left, self.error = times, error

    def tell(self, alert):
        self.left -= 1
        if self.left >= 0:
            raise self.error("the daemon is dead,\nsaid the bus")
        super().tell(alert)


class Hanging(Page):
    """Does not come back until it is let go."""

    def __init__(self):
        super().__init__("hanging")
        self.reached, self.free = threading.Event(), threading.Event()

    def tell(self, alert):
        self.reached.set()
        self.free.wait()
        super().tell(alert)


@pytest.fixture
def hanging():
    one = Hanging()
    yield one
    one.free.set()
    assert one.closed.wait(SOON_S)


def until(true):
    deadline = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_every_sink_is_told_every_alert_in_order_and_closed():
    pages = [Page("a"), Page("b")]
    with Herald(pages) as herald:
        for t_s in (1.0, 2.0, 3.0):
            herald.tell(alert(t_s=t_s))
            until(lambda at=t_s: all(page.told[-1:] == [at] for page in pages))
    assert all(page.told == [1.0, 2.0, 3.0] and page.closed.is_set() for page in pages)


@pytest.mark.parametrize("error", [RuntimeError, SystemExit])
def test_a_sink_that_fails_hinders_nobody_and_is_named_in_one_line_until_it_works_again(error):
    page, failing = Page(), Failing(times=2, error=error)
    with Herald([failing, page]) as herald:
        for t_s in (1.0, 2.0):
            herald.tell(alert(t_s=t_s))
            until(lambda at=t_s: page.told[-1:] == [at])
            until(lambda: herald.troubles == {"failing": "the daemon is dead, said the bus"})
        until(lambda: failing.left == 0)
        herald.tell(alert(t_s=3.0))
        until(lambda: failing.told == [3.0])
        until(lambda: herald.troubles == {})
    assert page.told == [1.0, 2.0, 3.0]


def test_a_sink_that_hangs_delays_nobody_and_is_named(hanging, monkeypatch):
    monkeypatch.setattr(courier, "OVERDUE_S", 0.05)
    page = Page()
    herald = Herald([hanging, page])
    began = time.monotonic()
    for t_s in range(50):
        herald.tell(alert(t_s=float(t_s)))
        until(lambda at=t_s: page.told[-1:] == [at])
    assert hanging.reached.wait(SOON_S)
    until(lambda: list(herald.troubles) == ["hanging"])
    assert herald.troubles["hanging"].startswith("no answer for ")
    monkeypatch.setattr("posturecam.sinks.herald.CLOSE_S", 0.05)
    herald.close()
    assert time.monotonic() - began < SOON_S
    assert page.closed.is_set()


def test_after_a_hang_only_the_latest_are_told(hanging):
    with Herald([hanging]) as herald:
        herald.tell(alert(t_s=0.0))
        assert hanging.reached.wait(SOON_S)
        for t_s in range(1, 10):
            herald.tell(alert(t_s=float(t_s)))
        hanging.free.set()
    assert hanging.told == [0.0, *map(float, range(10 - WAITING, 10))]


def test_what_is_told_after_the_end_is_dropped():
    page = Page()
    herald = Herald([page])
    herald.close()
    herald.close()
    herald.tell(alert())
    assert page.told == []


def test_a_herald_without_sinks_tells_nobody():
    with Herald([]) as herald:
        herald.tell(alert())
        assert herald.troubles == {}


def test_a_courier_says_what_went_wrong_at_the_end():
    def fail():
        raise OSError

    one = Courier("test", print, most=1, afterwards=fail)
    one.close()
    assert one.trouble == "OSError"
