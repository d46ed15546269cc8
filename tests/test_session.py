from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.core.demand import gravitational_demand
from posturecam.core.posture import Absence
from posturecam.core.session import NeutralOrigin, NeutralSource, Tally
from posturecam.core.state import State
from postures import Not, posture
from sessions import episode, session

VALUES = st.one_of(st.floats(-30, 80), st.sampled_from(list(Not)))
HISTORIES = st.lists(st.tuples(st.floats(0.5, 20), VALUES), max_size=6)


def test_time_in_a_state_is_the_time_between_samples():
    uneven = [posture(t_s, deg) for t_s, deg in ((0.0, 0.0), (0.3, 25.0), (1.3, 40.0), (1.4, 0.0))]
    spent = session(uneven, duration_s=2.0).state_s
    assert spent == {
        State.NEUTRAL: pytest.approx(0.3 + 0.6),
        State.AMBER: 0,
        State.RED: pytest.approx(1.0),
        State.SEVERE: pytest.approx(0.1),
        State.UNKNOWN: 0,
        State.AWAY: 0,
    }


def test_what_happened_in_a_gap_was_not_observed():
    seen = session([(10, 30.0), (20, Not.SAMPLED), (10, 0.0)], duration_s=40.0)
    assert seen.not_observed_s == pytest.approx(20, abs=0.25)
    assert seen.state_s[State.SEVERE] == pytest.approx(10, abs=0.25)


def test_an_interval_of_two_seconds_is_no_gap():
    assert session([posture(0.0, 0.0), posture(2.0, 0.0)]).observed_s == 2.0
    assert session([posture(0.0, 0.0), posture(2.1, 0.0)]).observed_s == 0.0


def test_the_part_of_a_truncated_file_that_could_not_be_read_was_not_observed():
    cut = session([(31, 0.0)], duration_s=67.0)
    assert (cut.observed_s, cut.not_observed_s) == (pytest.approx(31), pytest.approx(36))


@pytest.mark.parametrize("stated_s", [None, 5.0], ids=["a file that does not say", "a file that says too little"])
def test_a_recording_lasts_at_least_as_long_as_its_samples(stated_s):
    assert session([(10, 0.0)], duration_s=stated_s).duration_s == 10


@given(HISTORIES)
def test_every_second_is_in_one_state_or_not_observed(history):
    seen = session(history)
    assert sum(seen.state_s.values()) + seen.not_observed_s == pytest.approx(seen.duration_s)
    assert sum(seen.absence_s.values()) <= seen.observed_s + 1e-6


def test_unmeasured_time_is_told_by_its_reason_longest_first():
    away_then_turned = [(3, Not.MEASURED), (5, 0.0), (9, Not.THERE)]
    assert list(session(away_then_turned).absence_s) == [Absence.NOBODY, Absence.UNSURE]


def test_totals_of_a_held_bend():
    totals = session([(30, 0.0), (60, 30.0), (30, Not.THERE)], [episode(30.0, end_s=90.0)]).totals
    assert totals.above_onset_s == pytest.approx(60)
    assert totals.longest_hold_s == 60
    assert totals.mean_flexion_deg == pytest.approx(20)
    assert totals.measured_share == pytest.approx(0.75, abs=0.01)
    assert totals.mean_demand == pytest.approx((1 + 2 * gravitational_demand(30)) / 3)
    assert totals.demand_minutes == pytest.approx(gravitational_demand(30) - 1)


def test_looking_up_takes_nothing_off_the_demand_minutes():
    assert session([(60, -10.0)]).totals.demand_minutes == 0


def test_an_episode_that_is_not_over_is_held_until_the_last_sample():
    assert session([(50, 30.0)], [episode(10.0, end_s=None, end_reason=None)]).totals.longest_hold_s == 40


def test_only_text_neck_counts_as_a_hold_of_the_neck():
    assert session([(50, 0.0)], [episode(pattern="shrug")]).totals.longest_hold_s == 0


@pytest.mark.parametrize("history", [[], [(5, Not.THERE)]], ids=["no samples", "nobody ever there"])
def test_without_a_measurement_there_are_no_means(history):
    totals = session(history).totals
    assert (totals.mean_flexion_deg, totals.mean_demand, totals.demand_minutes) == (None, None, 0)


def test_what_came_of_a_pattern_is_tallied():
    seen = session(
        [(100, 0.0)],
        [
            episode(10.0, 20.0, "yes", 40.0, pattern="shrug"),
            episode(50.0, 60.0, "covered", 70.0, pattern="shrug"),
            episode(80.0, end_s=None, end_reason=None, pattern="shrug"),
            episode(10.0, 20.0, "yes", 40.0),
        ],
    )
    assert seen.tally("shrug") == Tally(episodes=3, alerts=2, told=1, held_s=pytest.approx(30 + 20 + 20))
    assert seen.tally("slouch") == Tally(0, 0, 0, 0)


def test_samples_out_of_order_are_refused():
    with pytest.raises(ValueError, match="order of time"):
        session([posture(1.0), posture(0.5)])


@pytest.mark.parametrize(
    ("source", "start_s", "end_s", "profile"),
    [
        (NeutralSource.FOUND, None, None, None),
        (NeutralSource.GIVEN, 0.0, None, None),
        (NeutralSource.GIVEN, 0.0, 8.0, "me"),
        (NeutralSource.PROFILE, None, None, None),
        (NeutralSource.PROFILE, 0.0, 8.0, "me"),
    ],
)
def test_a_neutral_comes_from_seconds_or_from_a_profile(source, start_s, end_s, profile):
    with pytest.raises(ValueError, match="neutral"):
        NeutralOrigin(source, start_s, end_s, profile)
