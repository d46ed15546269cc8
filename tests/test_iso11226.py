from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.core.iso11226 import PRESETS, STANDARD, Sensitivity, head_holding_time_s


@pytest.mark.parametrize(
    ("inclination_deg", "minutes", "seconds"),
    [(25, 8, 0), (35, 6, 50), (45, 5, 40), (55, 4, 30), (65, 3, 20), (75, 2, 10), (85, 1, 0)],
)
def test_holding_times_are_those_of_the_standards_table(inclination_deg: float, minutes: int, seconds: int):
    assert head_holding_time_s(inclination_deg) == pytest.approx(60 * minutes + seconds)


@pytest.mark.parametrize(("inclination_deg", "seconds"), [(-40, 480), (0, 480), (24.9, 480), (85.1, 60), (180, 60)])
def test_outside_the_table_the_holding_time_is_that_of_its_nearer_end(inclination_deg: float, seconds: float):
    assert head_holding_time_s(inclination_deg) == seconds


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("strict", 1 / 16),
        ("standard", 1 / 8),
        ("relaxed", 1 / 4),
        ("iso", 1),
        (" ISO ", 1),
        ("1/32", 1 / 32),
        ("0.05", 0.05),
        ("1", 1),
    ],
)
def test_a_sensitivity_is_a_name_or_a_fraction(text: str, fraction: float):
    assert Sensitivity.parse(text).fraction == pytest.approx(fraction)


@pytest.mark.parametrize("text", ["", "loose", "1/0", "1/", "/2", "1/2/3", "0", "-1/8", "2", "5/4", "nan", "inf"])
def test_what_is_no_sensitivity_is_refused_with_the_names_of_those_that_are(text: str):
    with pytest.raises(ValueError, match="strict, standard, relaxed, iso, or a fraction") as error:
        Sensitivity.parse(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("text", [*PRESETS, "0.05"])
def test_a_sensitivity_is_written_as_it_is_read(text: str):
    assert str(Sensitivity.parse(text)) == text


@pytest.mark.parametrize(
    ("flexion_deg", "seconds"),
    [(0, 60), (20, 60), (25, 60), (45, 42.5), (60, 29.375), (75, 16.25), (80, 15), (90, 15)],
)
def test_the_standard_alert_comes_after_an_eighth_of_the_holding_time(flexion_deg: float, seconds: float):
    assert STANDARD.alert_after_s(flexion_deg) == pytest.approx(seconds)


@given(st.floats(1e-6, 1), st.floats(-90, 180), st.floats(0, 90))
def test_further_down_an_alert_comes_sooner_but_never_under_15_s(fraction: float, deg: float, further: float):
    sensitivity = Sensitivity(fraction)
    assert sensitivity.alert_after_s(deg) >= sensitivity.alert_after_s(deg + further) >= 15
