from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from OneEuroFilter import OneEuroFilter as ReferenceFilter

from posturecam.core.posture import ANGLES, Absence, Posture, nobody
from posturecam.core.smoothing import BETA, D_CUTOFF_HZ, MIN_CUTOFF_HZ, OneEuroFilter, PostureSmoother
from postures import posture

RATES_HZ = (5.0, 15.0)


def filtered(times_s: np.ndarray, degs: np.ndarray) -> np.ndarray:
    one_euro = OneEuroFilter()
    return np.array([one_euro.update(t_s, [deg])[0] for t_s, deg in zip(times_s, degs, strict=True)])


def crossing_s(times_s: np.ndarray, degs: np.ndarray, deg: float) -> float:
    after = int(np.argmax(degs >= deg))
    return float(np.interp(deg, degs[after - 1 : after + 1], times_s[after - 1 : after + 1]))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("height", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("sign", [1, -1], ids=["down", "up"])
def test_a_drop_by_40_degrees_in_1200_ms_is_followed_within_100_ms(rate_hz: float, height: float, sign: int):
    times_s = np.arange(0, 10, 1 / rate_hz)
    delays_s = []
    for start_s in 4 + np.linspace(0, 1 / rate_hz, 11):
        degs = 40 * np.clip((times_s - start_s) / 1.2, 0, 1)
        got = sign * filtered(times_s, sign * degs)
        delays_s.append(crossing_s(times_s, got, 40 * height) - (start_s + 1.2 * height))
    assert max(delays_s) <= 0.1


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_jitter_of_a_still_head_falls_from_1000_to_600_millidegrees(rate_hz: float):
    times_s = np.arange(0, 15, 1 / rate_hz)
    noise_deg = np.random.default_rng(11226).normal(30, 1.0, (100, len(times_s)))
    last_10_s = [filtered(times_s, degs)[times_s >= 5] for degs in noise_deg]
    assert np.sqrt(np.mean([degs.var() for degs in last_10_s])) <= 0.6


def test_one_value_is_filtered_as_by_the_authors_package():
    rng = np.random.default_rng(1)
    times_s = 100 + np.cumsum(rng.uniform(0.05, 0.4, 200))
    degs = np.cumsum(rng.normal(0, 4, 200))
    reference = ReferenceFilter(5.0, MIN_CUTOFF_HZ, BETA, D_CUTOFF_HZ)
    assert filtered(times_s, degs) == pytest.approx(
        [reference(deg, t_s) for t_s, deg in zip(times_s, degs, strict=True)]
    )


def test_a_stream_may_start_at_zero():
    times_s, degs = np.arange(20) / 5, np.linspace(0, 40, 20)
    assert filtered(times_s, degs) == pytest.approx(filtered(times_s + 100, degs))


@given(st.lists(st.floats(-90, 90), min_size=1, max_size=30))
def test_what_comes_out_lies_within_what_went_in(degs: list[float]):
    got = filtered(np.arange(len(degs)) / 5, np.array(degs))
    assert min(degs) - 1e-9 <= min(got) <= max(got) <= max(degs) + 1e-9


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_number_is_refused_and_changes_nothing(bad: float):
    disturbed, undisturbed = OneEuroFilter(), OneEuroFilter()
    for one_euro in (disturbed, undisturbed):
        one_euro.update(0.0, [10.0])
    with pytest.raises(ValueError, match="finite"):
        disturbed.update(0.2, [bad])
    with pytest.raises(ValueError, match="backwards"):
        disturbed.update(bad if bad != bad else -0.2, [20.0])
    assert disturbed.update(0.4, [20.0]) == undisturbed.update(0.4, [20.0])


def smoothed(stream: list[Posture]) -> list[Posture]:
    smoother = PostureSmoother()
    return [smoother.update(p) for p in stream]


def test_every_angle_is_smoothed_and_nothing_else_is_touched():
    before = posture(0.0)
    after = posture(0.2, 9, trunk_flexion=9, head_forward=9, head_yaw=9, head_roll=9, lateral_tilt=9)
    after = replace(after, shoulder_elevation_left_sw=0.1, shoulder_elevation_right_sw=0.2)
    got = smoothed([before, after])[1]
    for name in ANGLES:
        assert 0 < getattr(got, name).deg < getattr(after, name).deg
    untouched = {name: getattr(after, name) for name in ANGLES}
    assert replace(got, **untouched) == after


def test_an_angle_that_the_filter_is_behind_is_less_sure_and_a_still_one_is_not():
    *_, still, jump = smoothed([*(posture(k / 5, 10) for k in range(10)), posture(2.0, 50)])
    assert still.neck_flexion.sd_deg == pytest.approx(posture(0.0, 10).neck_flexion.sd_deg)
    assert jump.neck_flexion.sd_deg > 50 - jump.neck_flexion.deg > 3


def test_a_missing_angle_stays_missing_with_its_reason():
    stream = [posture(0.0, 30), posture(0.2, None, reason=Absence.TURNED_AWAY), nobody(0.4)]
    _, turned, gone = smoothed(stream)
    assert turned.neck_flexion == stream[1].neck_flexion
    assert turned.head_yaw.deg is not None
    assert gone == stream[2]


@pytest.mark.parametrize("between", [[], [posture(0.8, None), posture(1.6, None)], [nobody(1.0)]])
def test_after_a_gap_the_first_angle_is_given_as_it_is(between: list[Posture]):
    assert smoothed([posture(0.0, 0), *between, posture(2.0, 40)])[-1].neck_flexion.deg == 40


def test_a_single_missing_sample_does_not_start_it_anew():
    assert smoothed([posture(0.0, 0), posture(0.2, None), posture(0.4, 40)])[-1].neck_flexion.deg < 40


def test_angles_that_belong_together_are_followed_as_fast_as_the_fastest_of_them():
    trunk_deg = np.clip(np.arange(20) - 5, 0, 8) * 5.0
    leaning_back_on = [posture(k / 5, -deg, trunk_flexion=deg) for k, deg in enumerate(trunk_deg)]
    got = [p.trunk_flexion.deg for p in smoothed(leaning_back_on)]
    assert got == pytest.approx(list(filtered(np.arange(20) / 5, trunk_deg)))


def test_of_two_samples_at_the_same_time_the_first_counts():
    one_euro = OneEuroFilter()
    assert [one_euro.update(1.0, [deg])[0] for deg in (10.0, 50.0)] == [10.0, 10.0]


@given(st.lists(st.tuples(st.floats(-20, 60), st.floats(-20, 40)), min_size=1, max_size=30))
def test_neck_flexion_stays_head_pitch_minus_trunk_flexion(parts: list[tuple[float, float]]):
    stream = [posture(k / 5, neck, trunk_flexion=trunk) for k, (neck, trunk) in enumerate(parts)]
    for got in smoothed(stream):
        assert got.neck_flexion.deg == pytest.approx(got.head_pitch.deg - got.trunk_flexion.deg, abs=1e-9)
