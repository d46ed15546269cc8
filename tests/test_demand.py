from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.core.demand import gravitational_demand


@pytest.mark.parametrize(
    ("head_pitch_deg", "demand"), [(0, 1.0), (15, 2.2), (20, 2.6), (25, 2.9), (30, 3.2), (45, 4.0), (60, 4.6)]
)
def test_the_demand_of_gravity_is_that_of_the_lever(head_pitch_deg, demand):
    assert gravitational_demand(head_pitch_deg) == pytest.approx(demand, abs=0.06)


def test_a_balanced_head_demands_nothing():
    assert gravitational_demand(-12) == pytest.approx(0)


def test_beyond_a_level_neck_and_beyond_looking_up_the_demand_stays():
    assert gravitational_demand(100) == gravitational_demand(78)
    assert gravitational_demand(-90) == gravitational_demand(-20)


@given(st.floats(-90, 120), st.floats(0, 90))
def test_bending_further_never_demands_less(head_pitch_deg, further_deg):
    assert gravitational_demand(head_pitch_deg + further_deg) >= gravitational_demand(head_pitch_deg)
