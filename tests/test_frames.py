from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.vision.frames import Pace


def taken(times_s, rate_hz):
    pace = Pace(rate_hz)
    return [t_s for t_s in times_s if pace.takes(t_s)]


def steady(source_hz, duration_s=60.0, start_s=0.0):
    return start_s + np.arange(round(duration_s * source_hz)) / source_hz


@pytest.mark.parametrize("source_hz", [6, 7.5, 10, 15, 19.83, 24, 25, 29.97, 30, 50, 59.94, 60, 120])
@pytest.mark.parametrize("rate_hz", [2, 5])
def test_the_mean_rate_is_kept_whatever_the_source(source_hz, rate_hz):
    assert len(taken(steady(source_hz), rate_hz)) == pytest.approx(60 * rate_hz, abs=1)


@pytest.mark.parametrize("source_hz", [0.5, 1, 2, 3, 4, 4.9, 5])
def test_a_slower_source_is_taken_whole(source_hz):
    times_s = steady(source_hz)
    assert taken(times_s, 5) == list(times_s)


def test_without_a_rate_every_frame_is_taken():
    times_s = steady(30)
    assert taken(times_s, None) == list(times_s)


def test_a_source_at_the_very_rate_may_jitter():
    times_s = steady(5) + np.random.default_rng(1).uniform(-0.02, 0.02, 300)
    assert len(taken(times_s, 5)) == 300


def test_frames_lie_a_period_apart_in_a_fast_source():
    assert np.diff(taken(steady(30), 5)) == pytest.approx(0.2)


def test_after_a_gap_it_goes_on_at_once_and_does_not_catch_up():
    before, after = steady(30, 2), steady(30, 2, start_s=10)
    times_s = taken([*before, *after], 5)
    assert times_s[10] == 10
    assert np.diff(times_s[10:]) == pytest.approx(0.2)


@given(st.lists(st.floats(0.002, 0.2), min_size=1, max_size=400))
def test_the_mean_rate_is_kept_at_any_variable_rate(intervals_s):
    times_s = np.cumsum([0, *intervals_s])
    assert len(taken(times_s, 5)) == pytest.approx(times_s[-1] * 5, abs=1.5)


@given(st.lists(st.floats(0.002, 3), min_size=1, max_size=60), st.integers(0, 1000))
def test_only_the_differences_of_the_timestamps_count(intervals_s, start_s):
    # Whole 1024ths of a second, so that shifting rounds nothing.
    times_s = np.cumsum([0, *intervals_s]) // (1 / 1024) / 1024
    shifted = [t_s - start_s for t_s in taken(times_s + start_s, 4)]
    assert shifted == taken(times_s, 4)


@pytest.mark.parametrize("rate_hz", [0, -1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate_hz):
    with pytest.raises(ValueError, match="positive"):
        Pace(rate_hz)
