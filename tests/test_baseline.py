from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.baseline import NEUTRAL, POSED, Flaw, Level, UnfitError, baseline, level_of

T_S = np.arange(0, 8.01, 0.2)
N = len(T_S)
NOISE = np.random.default_rng(7).normal(size=N)


def still(at_deg: float = 0.0, sd_deg: float = 0.5) -> np.ndarray:
    return at_deg + sd_deg * NOISE


def replaced(values: np.ndarray, where: slice, by: float) -> np.ndarray:
    values = values.copy()
    values[where] = by
    return values


def test_a_level_is_the_median_and_the_robust_spread():
    level = level_of(np.random.default_rng(1).normal(12.0, 1.5, 20_000))
    assert level.median_deg == pytest.approx(12.0, abs=0.05)
    assert level.sd_deg == pytest.approx(1.5, abs=0.05)


def test_a_level_leaves_out_what_is_missing():
    assert level_of(np.array([np.nan, 3.0, 3.0, np.nan])) == Level(3.0, 0.0)


def test_there_is_no_level_of_nothing():
    with pytest.raises(ValueError, match="without a value"):
        level_of(np.full(4, np.nan))


@pytest.mark.parametrize(("median_deg", "sd_deg"), [(np.nan, 1.0), (0.0, -1.0), (0.0, np.inf)])
def test_a_level_is_made_of_numbers(median_deg, sd_deg):
    with pytest.raises(ValueError, match="finite median"):
        Level(median_deg, sd_deg)


def test_every_signal_gets_its_level():
    found = baseline(T_S, {"neck_flexion_deg": still(1.0), "head_roll_deg": still(-3.0, 0.2)})
    assert list(found.levels) == ["neck_flexion_deg", "head_roll_deg"]
    assert found.levels["neck_flexion_deg"].median_deg == pytest.approx(1.0, abs=0.3)
    assert found.levels["head_roll_deg"].median_deg == pytest.approx(-3.0, abs=0.1)


@pytest.mark.parametrize("by_deg", [0.9, 1.8])
def test_a_turn_that_is_none_in_most_pictures_is_held_still(by_deg):
    """So it is of somebody at the picture's edge, who looks anywhere between camera and screen."""
    yaw_deg = replaced(np.zeros(N), slice(0, 2 * N // 5), by_deg)
    assert baseline(T_S, {"neck_flexion_deg": still()}, yaw_deg).used.all()


def test_outliers_of_any_signal_are_left_out_of_all():
    signals = {
        "neck_flexion_deg": replaced(still(), slice(3, 6), 35.0),
        "head_roll_deg": replaced(still(), slice(20, 22), -20.0),
    }
    found = baseline(T_S, signals)
    assert set(np.flatnonzero(~found.used)) >= {3, 4, 5, 20, 21}
    assert found.levels["neck_flexion_deg"].median_deg == pytest.approx(0.0, abs=0.3)
    assert found.levels["neck_flexion_deg"].sd_deg < 1.0


def test_frames_with_anything_missing_are_not_used():
    found = baseline(T_S, {"a_deg": replaced(still(), slice(0, 4), np.nan), "b_deg": still()})
    assert not found.used[:4].any()


def test_a_pose_that_hardly_moves_has_no_outliers():
    values = np.zeros(N)
    values[::5] = 0.9
    assert baseline(T_S, {"a_deg": values}).used.all()


SWAYING = 6.0 * np.sin(T_S)
HALF_DOWN = replaced(still(), slice(0, int(0.4 * N)), 18.0)

REFUSED = {
    "nobody is seen": (Flaw.TOO_LITTLE_SEEN, np.full(N, np.nan), None),
    "a third is not seen": (Flaw.TOO_LITTLE_SEEN, replaced(still(), slice(0, N // 3), np.nan), None),
    "the face is lost for a third": (
        Flaw.TOO_LITTLE_SEEN,
        still(),
        replaced(still(), slice(0, N // 3), np.nan),
    ),
    "the head sways by more than 2 degrees": (Flaw.NOT_STEADY, SWAYING, None),
    "two poses, both held still": (Flaw.NOT_STEADY, HALF_DOWN, None),
    "the head looks to and fro": (Flaw.NOT_STEADY, still(), SWAYING),
    "the head is turned by 14 degrees": (Flaw.TURNED, still(), still(14.0)),
    "the head is turned by -14 degrees": (Flaw.TURNED, still(), still(-14.0)),
}


@pytest.mark.parametrize(("flaw", "flexion_deg", "yaw_deg"), REFUSED.values(), ids=REFUSED)
def test_no_baseline_is_taken_when(flaw, flexion_deg, yaw_deg):
    with pytest.raises(UnfitError) as caught:
        baseline(T_S, {"neck_flexion_deg": flexion_deg}, yaw_deg)
    assert caught.value.flaw is flaw


ACCEPTED = {
    "somebody sits still": (still(), None),
    "somebody sits still and looks about the screen": (still(), still(2.0, 2.5)),
    "the head is turned by 8 degrees": (still(), still(8.0)),
    "a tenth is not seen": (replaced(still(), slice(0, N // 10), np.nan), None),
    "a tenth is a glance down": (replaced(still(), slice(10, 10 + N // 10), 30.0), None),
    "it takes a second to settle": (replaced(still(), slice(0, 5), 12.0), None),
}


@pytest.mark.parametrize(("flexion_deg", "yaw_deg"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_baseline_is_taken_when(flexion_deg, yaw_deg):
    found = baseline(T_S, {"neck_flexion_deg": flexion_deg}, yaw_deg)
    assert found.levels["neck_flexion_deg"].median_deg == pytest.approx(0.0, abs=0.3)


def test_a_stretch_without_pictures_is_refused():
    with pytest.raises(UnfitError, match="0 pictures"):
        baseline(np.array([]), {"a_deg": np.array([])})


@pytest.mark.parametrize(
    ("demands", "seconds", "enough"),
    [(NEUTRAL, 1.4, False), (NEUTRAL, 2.0, True), (POSED, 0.6, False), (POSED, 1.0, True)],
)
def test_a_snapshot_is_too_little(demands, seconds, enough):
    few = slice(0, round(5 * seconds) + 1)
    if enough:
        assert baseline(T_S[few], {"a_deg": still()[few]}, demands=demands)
    else:
        with pytest.raises(UnfitError) as caught:
            baseline(T_S[few], {"a_deg": still()[few]}, demands=demands)
        assert caught.value.flaw is Flaw.TOO_LITTLE_SEEN


def test_the_reason_names_the_signal_and_its_spread():
    with pytest.raises(UnfitError, match=r"head pitch varies by \d\.\d° .* 2° is the most"):
        baseline(T_S, {"neck_flexion_deg": still(), "head_pitch_deg": SWAYING})


def test_a_pose_at_work_may_move_more_than_a_neutral():
    restless = still(30.0, 3.0)
    assert baseline(T_S, {"a_deg": restless}, demands=POSED)
    with pytest.raises(UnfitError):
        baseline(T_S, {"a_deg": restless})


@given(st.floats(-40, 40), st.floats(0.01, 1.2), st.integers(0, N // 5), st.floats(-300, 300))
def test_whatever_a_fifth_of_the_pictures_show_moves_the_median_by_less_than_the_noise(at, sd, bad, junk):
    values = replaced(still(at, sd), slice(0, bad), junk)
    found = baseline(T_S, {"a_deg": values})
    assert abs(found.levels["a_deg"].median_deg - at) <= sd + 1e-9


@given(st.floats(-40, 40), st.floats(-1000, 1000))
def test_neither_the_zero_nor_the_clock_matters(offset_deg, start_s):
    here = baseline(T_S, {"a_deg": still()})
    there = baseline(T_S + start_s, {"a_deg": still() + offset_deg})
    moved = there.levels["a_deg"].median_deg - here.levels["a_deg"].median_deg
    assert moved == pytest.approx(offset_deg, abs=1e-6)
    assert there.levels["a_deg"].sd_deg == pytest.approx(here.levels["a_deg"].sd_deg, abs=1e-6)
