from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.steady import LENGTHS_S, SEEN_SHARE, Stretch, steady_stretch

RATE_HZ = 5.0
TOLERANCE = 5.0


def recording(*parts: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Time and height of a pose, from (seconds, height, swing) each; it swings up and down every second."""
    t_s, height = [], []
    for seconds, level, swing in parts:
        for _ in range(round(seconds * RATE_HZ)):
            t_s.append(len(t_s) / RATE_HZ)
            height.append(level + swing * np.sin(2 * np.pi * t_s[-1]))
    return np.array(t_s), np.array(height)


def find(t_s: np.ndarray, height: np.ndarray, max_sd: float = 1.0) -> Stretch | None:
    return steady_stretch(t_s, height[:, None], [max_sd], height, TOLERANCE)


STILL, WAVING = 0.0, 10.0


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param([(30, 100, STILL)], Stretch(0, 8), id="still throughout: the start"),
        pytest.param([(10, 100, WAVING), (20, 100, STILL)], Stretch(10, 18), id="still later: from then on"),
        pytest.param([(10, 60, STILL), (20, 100, STILL)], Stretch(10, 18), id="bent first: what is upright"),
        pytest.param([(10, 97, STILL), (20, 100, STILL)], Stretch(0, 8), id="a bit lower first: the start"),
        pytest.param([(20, 100, STILL), (20, 60, STILL)], Stretch(0, 8), id="bent later: the start"),
        pytest.param([(6, 100, STILL), (20, 100, WAVING)], Stretch(0, 5), id="never for 8 s: 5 s will do"),
        pytest.param([(20, 100, WAVING)], None, id="never still"),
        pytest.param([(0.6, 100, STILL)], None, id="over before a second has passed"),
        pytest.param([], None, id="nothing recorded"),
    ],
)
def test_the_first_steady_stretch_that_is_as_upright_as_any_is_found(parts, expected):
    found = find(*recording(*parts))
    if expected is None:
        assert found is None
    else:
        assert (found.start_s, found.end_s) == pytest.approx((expected.start_s, expected.end_s), abs=0.3)


@pytest.mark.parametrize(("lost", "starts_at_s"), [(0.1, 0.0), (0.5, 10.0)])
def test_a_stretch_may_miss_few_frames_but_not_many(lost, starts_at_s):
    t_s, height = recording((20, 100, STILL))
    every = round(1 / lost)
    height[:50:every] = np.nan
    assert find(t_s, height).start_s == pytest.approx(starts_at_s, abs=SEEN_SHARE * 8 * lost + 0.5)


def test_a_stretch_with_a_long_hole_is_not_one_stretch():
    t_s, height = recording((12, 100, STILL))
    hole = (t_s > 4) & (t_s < 7)
    found = find(t_s[~hole], height[~hole])
    assert found.end_s <= 5 or found.start_s >= 6


def test_one_restless_signal_is_enough_to_be_unsteady():
    t_s, still = recording((20, 100, STILL))
    _, waving = recording((20, 0, WAVING))
    signals = np.stack([still, waving], axis=1)
    assert steady_stretch(t_s, signals, [1.0, 1.0], still, TOLERANCE) is None
    assert steady_stretch(t_s, signals, [1.0, 20.0], still, TOLERANCE) == Stretch(0.0, 8.0)


held = st.tuples(st.floats(1, 12), st.floats(50, 100), st.sampled_from([STILL, WAVING]))


@settings(deadline=None)
@given(st.lists(held, max_size=4))
def test_what_is_found_is_steady_and_inside_the_recording(parts):
    t_s, height = recording(*parts)
    found = find(t_s, height)
    if found is not None:
        inside = height[(t_s >= found.start_s) & (t_s <= found.end_s)]
        assert inside.std() <= 1.0
        assert t_s[0] <= found.start_s < found.end_s <= t_s[-1] + 1e-6
        assert any(found.end_s - found.start_s == pytest.approx(length_s) for length_s in LENGTHS_S)


@settings(deadline=None)
@given(st.floats(0, 1e5))
def test_when_the_recording_began_does_not_matter(start_s):
    t_s, height = recording((5, 60, STILL), (5, 100, WAVING), (15, 100, STILL))
    here, there = find(t_s, height), find(t_s + start_s, height)
    assert there.start_s - start_s == pytest.approx(here.start_s, abs=0.26)
