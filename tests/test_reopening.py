from __future__ import annotations

import sys

import pytest

from posturecam.vision import reopening
from posturecam.vision.reopening import Patience, Reopening
from test_courtesy import another_program, device

__all__ = ["device"]


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def wait_until_due(self, one: Reopening) -> float:
        """The seconds until it is due, to a tenth."""
        start_s = self.now_s
        while not one.is_due():
            self.now_s += 0.1
        return self.now_s - start_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_attempts_lie_ever_further_apart_until_one_succeeds(clock):
    one = Reopening(Patience(), clock)
    assert clock.wait_until_due(one) == 0
    waits_s = []
    for _ in range(7):
        one.fail()
        waits_s.append(clock.wait_until_due(one))
    assert waits_s == pytest.approx([1, 2, 4, 8, 15, 15, 15], abs=0.15)
    one.succeed()
    one.fail()
    assert clock.wait_until_due(one) == pytest.approx(1, abs=0.15)


def test_a_device_that_comes_is_worth_an_attempt_at_once_but_not_during_a_rest(clock, monkeypatch):
    there = frozenset({"video0"})
    monkeypatch.setattr(reopening, "_devices", lambda: there)
    one = Reopening(Patience(), clock)
    one.fail()
    one.fail()
    assert not one.is_due()
    there = frozenset({"video0", "video2"})
    assert one.is_due()
    one.set(clock() + 27)
    there = frozenset({"video0"})
    assert clock.wait_until_due(one) == pytest.approx(27, abs=0.15)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others can be seen on Linux only")
def test_a_busy_camera_is_opened_as_soon_as_it_is_let_go_of(clock, device):
    one = Reopening(Patience(), clock)
    with another_program(device):
        for _ in range(5):
            one.fail(device)
        clock.now_s += 3
        assert not one.is_due(), "the next attempt would be after 15 s"
    assert clock.wait_until_due(one) == pytest.approx(2, abs=0.15), "it looks every 2 s"
