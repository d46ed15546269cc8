from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.core.drift import LIMIT_DEG, DriftFollower
from posturecam.core.posture import Posture
from postures import posture


def followed(
    neck: float | None, trunk: float = 0.0, minutes: float = 10.0, at_ease: bool = True, rate_hz: float = 2.0
) -> tuple[DriftFollower, Posture]:
    """What is left of a posture that was held for so long."""
    follower = DriftFollower()
    for k in range(round(minutes * 60 * rate_hz) + 1):
        last = follower.update(posture(k / rate_hz, neck, trunk_flexion=trunk), at_ease)
    return follower, last


def test_neutral_stays_neutral():
    _, last = followed(0.0)
    assert last.neck_flexion.deg == 0


@pytest.mark.parametrize("minutes", [1.0, 4.0])
def test_a_drift_is_followed_at_half_a_degree_a_minute(minutes):
    _, last = followed(4.0, minutes=minutes)
    assert last.neck_flexion.deg == pytest.approx(4.0 - minutes / 2, abs=0.05)


def test_what_has_drifted_is_neutral_after_a_while():
    _, last = followed(4.0, trunk=-2.0)
    assert last.neck_flexion.deg == pytest.approx(0, abs=0.05)
    assert last.trunk_flexion.deg == pytest.approx(0, abs=0.05)


def test_it_is_never_followed_further_than_five_degrees():
    _, last = followed(7.5, minutes=60)
    assert last.neck_flexion.deg == pytest.approx(7.5 - LIMIT_DEG, abs=0.05)


@pytest.mark.parametrize("neck", [9.0, 15.0, 40.0, -12.0])
def test_a_posture_further_away_is_not_learned(neck):
    _, last = followed(neck, minutes=60)
    assert last.neck_flexion.deg == neck


def test_a_trunk_that_leans_is_not_learned():
    _, last = followed(2.0, trunk=15.0)
    assert (last.neck_flexion.deg, last.trunk_flexion.deg) == (2.0, 15.0)


def test_nothing_is_learned_while_a_posture_is_watched():
    _, last = followed(6.0, at_ease=False)
    assert last.neck_flexion.deg == 6.0


def test_what_is_missing_stays_missing():
    _, last = followed(None)
    assert last.neck_flexion.deg is None


def test_a_gap_of_hours_moves_nothing():
    follower = DriftFollower()
    follower.update(posture(0.0, 5.0), True)
    follower.update(posture(7200.0, 5.0), True)
    assert max(map(abs, follower.drift_deg)) < 0.01


def test_the_rate_of_frames_does_not_matter():
    slow, fast = (followed(4.0, minutes=3, rate_hz=rate_hz)[0].drift_deg for rate_hz in (1.0, 10.0))
    assert slow == pytest.approx(fast, abs=0.02)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-60, 60), st.floats(-40, 40), st.floats(0.05, 500), st.booleans()), max_size=60))
def test_whatever_happens_the_bounds_hold_and_the_angles_add_up(history):
    follower, t_s = DriftFollower(), 0.0
    for neck, trunk, wait_s, at_ease in history:
        t_s += wait_s
        last = follower.update(posture(t_s, neck, trunk_flexion=trunk), at_ease)
        pitch_drift, trunk_drift = follower.drift_deg
        assert max(abs(pitch_drift), abs(trunk_drift), abs(pitch_drift - trunk_drift)) <= LIMIT_DEG + 1e-9
        assert last.neck_flexion.deg == pytest.approx(last.head_pitch.deg - last.trunk_flexion.deg, abs=1e-6)
