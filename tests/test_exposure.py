from __future__ import annotations

import math

import pytest

from posturecam.core.patterns.exposure import Exposure


def exposure(most: float = math.inf) -> Exposure:
    """Full after 60 s, or after 30 s beyond 45."""
    return Exposure(lambda value: 60.0 if value < 45 else 30.0, onset=20, most=most)


def test_it_is_full_when_the_holding_time_is_used_up():
    used = exposure()
    used.fill(59, 20)
    assert not used.full
    used.fill(1, 20)
    assert used.full


def test_holding_times_of_different_values_add_up():
    used = exposure()
    used.fill(30, 20)
    used.fill(15, 50)
    assert used.level == 1


def test_it_leaks_twice_as_fast_as_it_fills_at_the_onset_and_not_below_empty():
    used = exposure()
    used.fill(30, 50)
    used.leak(15)
    assert used.level == 0.5
    used.leak(100)
    assert used.empty


@pytest.mark.parametrize(("most", "level"), [(math.inf, 2.0), (1.0, 1.0)])
def test_it_fills_beyond_full_up_to_its_most(most: float, level: float):
    used = exposure(most)
    used.fill(120, 20)
    assert used.level == level


def test_falling_back_takes_back_what_was_filled_and_gives_nothing():
    used = exposure()
    used.fill(30, 20)
    used.fall_back(0.2)
    assert used.level == 0.2
    used.fall_back(0.5)
    assert used.level == 0.2
