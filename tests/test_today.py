from __future__ import annotations

import pytest

from histories import MONDAY, at, facts, minute
from posturecam.core.posture import nobody
from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.store import Store
from posturecam.today import Today
from postures import posture
from sessions import episode

NINE = at(MONDAY, 9)
NEUTRAL, RED, AWAY = (
    Sample(posture(0.0), State.NEUTRAL),
    Sample(posture(0.0, 25.0), State.RED),
    Sample(nobody(0.0), State.AWAY),
)


def spend(today: Today, sample: Sample, start: float, seconds: float) -> None:
    for k in range(int(seconds) + 1):
        today.update(start + k, sample)


def test_a_day_of_which_nothing_is_known_is_empty():
    today = Today(NINE)
    assert set(today.strip(16)) == {None}
    assert (today.first_hour, today.last_hour, today.alerts) == (0, 8, 0)


def test_the_strip_begins_with_the_first_hour_and_shows_eight_at_least():
    today = Today(NINE)
    spend(today, NEUTRAL, NINE + 600, 60)
    assert (today.first_hour, today.last_hour) == (9, 17)
    spend(today, RED, at(MONDAY, 18.5), 60)
    assert (today.first_hour, today.last_hour) == (9, 19)


def test_each_part_shows_the_state_that_lasted_longest():
    today = Today(NINE)
    spend(today, NEUTRAL, NINE, 100)
    spend(today, RED, NINE + 200, 300)
    spend(today, NEUTRAL, at(MONDAY, 10), 60)
    assert today.strip(8) == [State.RED, State.NEUTRAL, *[None] * 6]


def test_an_empty_chair_shows_only_where_nothing_else_was():
    today = Today(NINE)
    spend(today, AWAY, NINE, 1000)
    spend(today, RED, NINE + 1100, 60)
    spend(today, AWAY, at(MONDAY, 10), 60)
    assert today.strip(8)[:2] == [State.RED, State.AWAY]


def test_a_gap_counts_for_nothing():
    today = Today(NINE)
    today.update(NINE, RED)
    today.update(NINE + 300, NEUTRAL)
    assert set(today.strip(8)) == {None}


def test_at_midnight_it_begins_anew():
    today = Today(NINE)
    spend(today, RED, NINE, 60)
    today.note_alert()
    today.update(at(MONDAY, 24.1), NEUTRAL)
    assert (today.alerts, set(today.strip(8))) == (0, {None})


def test_what_the_history_knows_of_the_day_is_in_it(tmp_path):
    with Store(tmp_path / "history.sqlite", now=at(MONDAY, 12)) as store:
        session = store.begin(facts(NINE))
        told = [episode(5.0, 20.0, "yes"), episode(100.0, 130.0, "cooldown")]
        store.write(session, 200.0, [], [minute(NINE, 30.0), minute(NINE + 60, 30.0)], told, [])
        today = Today(at(MONDAY, 12), store)
        assert today.strip(8)[0] is State.RED
        assert today.alerts == 1
        store.close()
        assert Today(at(MONDAY, 12), store).alerts == 0


@pytest.mark.parametrize("columns", [8, 60, 71])
def test_the_strip_is_as_long_as_asked(columns):
    today = Today(NINE)
    spend(today, RED, NINE, 60)
    assert len(today.strip(columns)) == columns
