from __future__ import annotations

import time as clock
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.errors import UsageError
from posturecam.until import parse_until

BERLIN = ZoneInfo("Europe/Berlin")
"""Its clocks go forward on 2026-03-29 at 02:00, and back on 2026-10-25 at 03:00."""
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("90s", timedelta(seconds=90)),
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1h30", timedelta(minutes=90)),
        ("1 h 30 min", timedelta(minutes=90)),
        ("for 45 minutes", timedelta(minutes=45)),
        ("1h 0m 5s", timedelta(seconds=3605)),
        ("168h", timedelta(days=7)),
        ("off", timedelta()),
    ],
)
def test_a_length_counts_from_now(words, length):
    assert parse_until(words.split(), MONDAY) - MONDAY == length


@pytest.mark.parametrize(
    ("words", "day", "clock"),
    [
        ("until 14:00", 23, (14, 0)),
        ("14:00", 23, (14, 0)),
        ("UNTIL 2pm", 23, (14, 0)),
        ("until 2:15 pm", 23, (14, 15)),
        ("until 9:30", 24, (9, 30)),
        ("until 9am", 24, (9, 0)),
        ("until 12am", 24, (0, 0)),
        ("until 12pm", 23, (12, 0)),
        ("morning", 24, (6, 0)),
        ("tomorrow", 24, (6, 0)),
        ("until tomorrow morning", 24, (6, 0)),
        ("until tomorrow 8:15", 24, (8, 15)),
        ("tomorrow at 8am", 24, (8, 0)),
    ],
)
def test_a_clock_time_is_the_next_one(words, day, clock):
    assert parse_until(words.split(), MONDAY) == datetime(2026, 11, day, *clock, tzinfo=BERLIN)


def test_after_midnight_tomorrow_is_another_day_and_morning_is_not():
    night = datetime(2026, 11, 23, 1, 30, tzinfo=BERLIN)
    assert parse_until(["tomorrow"], night).day == 24
    assert parse_until(["morning"], night).day == 23


@pytest.mark.parametrize(
    "words",
    [
        *("", "30", "until 14", "1h75", "25:00", "14:60", "13pm", "0am", "-5m", "m", "h30", "soon", "until"),
        *("³m", "1.5h", "tomorrow noon", "until until 14:00", "1h30x", "nan"),
    ],
)
def test_other_words_are_refused_in_one_line_that_names_what_is_allowed(words):
    with pytest.raises(UsageError, match=r"until 14:00.*tomorrow") as refused:
        parse_until(words.split(), MONDAY)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("words", ["0m", "169h", "999999999h", "8 h 999999999m"])
def test_a_length_is_positive_and_has_an_end(words):
    with pytest.raises(UsageError, match="up to 7 days"):
        parse_until(words.split(), MONDAY)


def real(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc)


def test_a_length_is_as_long_when_the_clocks_change():
    before = datetime(2026, 3, 29, 1, 45, tzinfo=BERLIN)
    until = parse_until(["30m"], before)
    assert real(until) - real(before) == timedelta(minutes=30)
    assert until.time() == time(3, 15)


def test_a_clock_time_that_comes_twice_is_the_next_of_the_two():
    first = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN)
    assert real(parse_until(["2:30"], first)) - real(first) == timedelta(minutes=45)


def test_a_clock_time_that_is_skipped_is_the_next_that_comes():
    before = datetime(2026, 3, 29, 1, 0, tzinfo=BERLIN)
    assert parse_until(["2:30"], before) == datetime(2026, 3, 30, 2, 30, tzinfo=BERLIN)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(BERLIN)) | st.datetimes(
    datetime(2026, 3, 28), datetime(2026, 3, 30), timezones=st.just(BERLIN)
)


@given(moments, st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0, fold=0)))
def test_a_clock_time_comes_after_now_and_soon_and_reads_as_asked(now, clock):
    until = parse_until([f"until {clock:%H:%M}"], now)
    assert until.time() == clock
    assert timedelta() < real(until) - real(now) <= timedelta(hours=49)


@given(moments, st.integers(1, 168 * 3600))
def test_a_length_is_exact_on_any_day(now, seconds):
    hours, rest = divmod(seconds, 3600)
    until = parse_until([f"{hours}h{rest // 60}m{rest % 60}s"], now)
    assert real(until) - real(now) == timedelta(seconds=seconds)


@given(moments)
def test_tomorrow_is_the_next_day_at_six(now):
    until = parse_until(["tomorrow"], now)
    assert (until.date(), until.time()) == (now.date() + timedelta(days=1), time(6))


@given(st.text(max_size=30))
def test_any_words_give_a_time_that_is_not_over_or_a_refusal(words):
    refusal = ""
    try:
        assert parse_until([words], MONDAY) >= MONDAY
    except UsageError as refused:
        refusal = str(refused)
    assert len(refusal.splitlines()) <= 1


@pytest.fixture
def berlin(monkeypatch):
    """A machine whose own time is that of Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    clock.tzset()
    yield
    monkeypatch.undo()
    clock.tzset()


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="needs tzset")
@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("30m", datetime(2026, 3, 29, 3, 15)),
        ("2:30", datetime(2026, 3, 30, 2, 30)),
        ("14:00", datetime(2026, 3, 29, 14, 0)),
        ("tomorrow", datetime(2026, 3, 30, 6, 0)),
    ],
)
def test_without_a_time_zone_it_is_the_machines_own_time(berlin, words, until):
    assert parse_until([words], datetime(2026, 3, 29, 1, 45)) == until
