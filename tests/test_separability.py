from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.baseline import Level
from calibration.separability import (
    DEFAULT_ONSET_DEG,
    HIGHEST_ONSET_DEG,
    LOWEST_ONSET_DEG,
    OCCASION_SD_DEG,
    Basis,
    explain,
    onset_at,
    personal_onset,
)
from posturecam.core.patterns.text_neck import ONSET_DEG

NEUTRAL = Level(0.0, 0.7)


def at(deg: float, sd_deg: float = 1.0) -> Level:
    return Level(deg, sd_deg)


PEOPLE = {
    "phone and keyboard well apart": (at(18), at(33), Basis.SEPARATED, 24.0, 27.0),
    "the keyboard on the lap, the phone lower still": (at(29), at(39), Basis.SEPARATED, 33.0, 35.0),
    "so far apart that the default is as good as any": (at(3), at(60), Basis.SEPARATED, 20.0, 20.0),
    "a phone held up high": (at(3), at(13), Basis.HELD, 15.0, 15.0),
    "a keyboard on the lap of somebody tall": (at(42), at(55), Basis.HELD, 40.0, 40.0),
    "the same pose for both": (at(25), at(25), Basis.OVERLAP, 20.0, 20.0),
    "three degrees apart": (at(22), at(25), Basis.OVERLAP, 20.0, 20.0),
    "apart, but restless": (at(18, 9.0), at(28, 9.0), Basis.OVERLAP, 20.0, 20.0),
    "the phone higher than the keyboard": (at(35), at(20), Basis.OVERLAP, 20.0, 20.0),
    "only a phone, and low": (None, at(40), Basis.PHONE_ONLY, 20.0, 20.0),
    "only a phone, not much below the default": (None, at(22), Basis.PHONE_ONLY, 16.0, 17.0),
    "only a phone, above all that matters": (None, at(10), Basis.PHONE_ONLY, 15.0, 15.0),
    "only a keyboard, and high": (at(8), None, Basis.KEYBOARD_ONLY, 20.0, 20.0),
    "only a keyboard, near the default": (at(19), None, Basis.KEYBOARD_ONLY, 24.0, 25.0),
    "only a keyboard, below all that may be held": (at(50), None, Basis.KEYBOARD_ONLY, 40.0, 40.0),
    "neither": (None, None, Basis.DEFAULT, 20.0, 20.0),
}


@pytest.mark.parametrize(("keyboard", "phone", "basis", "low", "high"), PEOPLE.values(), ids=PEOPLE)
def test_the_onset_of_somebody_with(keyboard, phone, basis, low, high):
    onset = personal_onset(NEUTRAL, keyboard, phone)
    assert onset.basis is basis
    assert low <= onset.onset_deg <= high


def test_the_default_is_the_one_that_is_used_without_a_profile():
    assert DEFAULT_ONSET_DEG == ONSET_DEG


levels = st.builds(Level, st.floats(-20, 80), st.floats(0, 10))


@given(levels, levels)
def test_an_onset_lies_within_its_bounds(keyboard, phone):
    onset = personal_onset(NEUTRAL, keyboard, phone).onset_deg
    assert LOWEST_ONSET_DEG <= onset <= HIGHEST_ONSET_DEG
    assert onset == round(2 * onset) / 2


@given(levels, levels)
def test_an_onset_that_separates_lies_between_the_two_poses(keyboard, phone):
    onset = personal_onset(NEUTRAL, keyboard, phone)
    if onset.basis is Basis.SEPARATED:
        assert keyboard.median_deg < onset.onset_deg < phone.median_deg


@given(levels, levels)
def test_no_onset_within_the_bounds_errs_less_but_by_a_hair(keyboard, phone):
    onset = personal_onset(NEUTRAL, keyboard, phone)
    if onset.basis in (Basis.SEPARATED, Basis.HELD):
        for other_deg in np.arange(LOWEST_ONSET_DEG, HIGHEST_ONSET_DEG + 0.5, 0.5):
            other = onset_at(other_deg, Basis.BY_HAND, NEUTRAL, keyboard, phone)
            assert _errors(onset) <= _errors(other) + 2 * 0.003


def _errors(onset):
    return onset.glance_error + onset.phone_error


def test_a_neutral_that_is_not_zero_is_taken_off():
    shifted = personal_onset(at(3.0), at(21), at(36))
    assert shifted.onset_deg == personal_onset(at(0.0), at(18), at(33)).onset_deg
    assert (shifted.keyboard_deg, shifted.phone_deg) == (18, 33)


def test_the_expected_errors_are_those_of_new_occasions():
    """Draw other days' poses from the same person: the shares come out as announced."""
    keyboard, phone = at(24, 2.0), at(34, 2.0)
    onset = personal_onset(NEUTRAL, keyboard, phone)
    draw = np.random.default_rng(3).normal(0.0, np.hypot(2.0, OCCASION_SD_DEG), 200_000)
    assert np.mean(24 + draw >= onset.onset_deg) == pytest.approx(onset.glance_error, rel=0.05)
    assert np.mean(34 + draw < onset.onset_deg) == pytest.approx(onset.phone_error, rel=0.05)


@pytest.mark.parametrize(
    ("keyboard", "phone", "words"),
    [
        (
            at(18),
            at(33),
            "Your phone posture is 33° below neutral, your keyboard glance 18°; alerts start at 25°. "
            "1 in 74 glances would look like phone use, and 1 in 180 phone postures would be missed.",
        ),
        (at(22), at(25), "too much alike to be told apart"),
        (at(35), at(20), "the phone posture is no lower than the keyboard glance"),
        (None, at(40), "no keyboard glance was shown"),
        (at(8), None, "no phone posture was shown"),
        (None, None, "Alerts start at 20°, the default, because neither"),
        (at(3), at(13), "no earlier, because up to there the neck has little to do"),
        (at(42), at(55), "no later, because beyond it no posture may be held for long"),
        (at(29), at(39), "That is late, for 30° held is to be avoided"),
        (at(-4), at(30), "your keyboard glance 4° above neutral"),
        (at(3), at(60), "Fewer than 1 in 1000 glances would look like phone use"),
        (at(42), at(55), "7 in 10 glances"),
    ],
)
def test_the_onset_is_explained_in_plain_words(keyboard, phone, words):
    assert words in explain(personal_onset(NEUTRAL, keyboard, phone))


def test_an_onset_by_hand_says_what_it_would_do():
    onset = onset_at(18.0, Basis.BY_HAND, NEUTRAL, at(18), at(33))
    assert "alerts start at 18°, as set by hand. 1 in 2 glances" in explain(onset)
