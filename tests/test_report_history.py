from __future__ import annotations

import csv
import json
import time
from datetime import date, datetime, timedelta

import pytest

from histories import MONDAY, at, facts, minute, month
from posturecam.core.alert_policy import Told
from posturecam.core.answer import Answer, DueAlert
from posturecam.core.event import EndReason, Episode, EventKind
from posturecam.export import COLUMNS, Format, export
from posturecam.recorder import keep
from posturecam.report.days import Days, History
from posturecam.report.history import as_dict, history_page
from posturecam.report.page import render
from posturecam.store import Store
from postures import Not
from reports import Report, read
from sessions import session

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "history.sqlite") as one:
        yield one


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A history of two months."""
    path = tmp_path_factory.mktemp("history") / "history.sqlite"
    with Store(path) as one:
        month(one, days=59)
    return path


def days(first: datetime, count: int = 1) -> Days:
    return Days(first.date(), first.date() + timedelta(days=count - 1))


def histories(store: Store, range_: Days) -> tuple[History, History]:
    return History.read(store, range_), History.read(store, range_.before)


def reported(store: Store, range_: Days) -> Report:
    return read(render(history_page(*histories(store, range_))))


def put(store: Store, began: float, minutes, episodes=(), absences=(), length_s: float | None = None) -> None:
    number = store.begin(facts(began))
    length_s = 60.0 * len(minutes) if length_s is None else length_s
    store.write(number, length_s, (), minutes, episodes, absences)


def held(onset_s: float, alert_s: float | None, told: str | None, end_s: float | None, **more) -> Episode:
    reason = None if end_s is None else more.pop("reason", EndReason.RECOVERED)
    return Episode("text_neck", onset_s, alert_s, told, end_s, 40.0, 35.0, reason)


# Days


def test_days_are_whole_days_of_the_machines_own_time():
    one = days(MONDAY, 7)
    assert (one.start, one.end) == (MONDAY.timestamp(), (MONDAY + timedelta(days=7)).timestamp())
    assert one.count == len(list(one)) == 7
    assert one.before == Days(date(2026, 2, 23), date(2026, 3, 1))
    assert [str(days(MONDAY)), str(one)] == ["Monday 2026-03-02", "2026-03-02 to 2026-03-08"]


def test_days_do_not_run_backwards():
    with pytest.raises(ValueError, match="before"):
        Days(date(2026, 3, 2), date(2026, 3, 1))


@pytest.fixture
def berlin(monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("this platform cannot change its time zone in a process")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_day_on_which_the_clock_is_changed_has_its_own_length(berlin):
    assert days(datetime(2026, 3, 29)).end - days(datetime(2026, 3, 29)).start == 23 * 3600


def test_hours_and_curve_are_those_of_the_wall_clock(berlin, tmp_path):
    began = datetime(2026, 7, 1, 9, 0).timestamp()
    with Store(tmp_path / "berlin.sqlite") as store:
        put(store, began, [minute(began + 60 * k) for k in range(10)])
        report = reported(store, Days(date(2026, 7, 1), date(2026, 7, 1)))
    assert [row[0] for row in report.tables["By the hour of the day"]] == ["9:00"]
    drawn = datetime.fromtimestamp(report.plots[0]["x"][0], tz=__import__("datetime").timezone.utc)
    assert (drawn.day, drawn.hour) == (1, 9)


# Numbers


def test_the_sums_of_a_range_are_those_of_its_minutes_alone(store):
    nine = at(MONDAY, 9)
    put(store, nine, [minute(nine + 60 * k, 30.0 if k < 6 else 0.0) for k in range(20)])
    put(store, at(TUESDAY, 9), [minute(at(TUESDAY, 9) + 60 * k, 50.0) for k in range(20)])
    report = reported(store, days(MONDAY))
    assert report.figures["Watched"] == "20:00 20:00 of it measured"
    assert report.figures["Neck flexion"] == "9° on average"
    assert report.figures["At 20° or more"] == "6:00 30% of the measured time"


def test_a_kept_recording_has_the_same_numbers_in_both_reports(store):
    from posturecam.report.recording import recording_page

    one = session([(400, 0.0), (200, 33.0), (50, Not.THERE), (100, 12.0)])
    keep(store, one, at(MONDAY, 10))
    day, recording = reported(store, days(MONDAY)), read(render(recording_page(one)))
    assert day.figures == recording.figures
    assert day.tables["Time in each state"] == recording.tables["Time in each state"]
    assert day.tables["Time at each angle"] == recording.tables["Time at each angle"]


def test_by_hour_and_weekday_are_shares_of_what_was_measured_then(store):
    for day, hour, deg in ((0, 9, 0.0), (0, 10, 30.0), (1, 9, 30.0), (2, 9, None)):
        began = at(MONDAY + timedelta(days=day), hour)
        put(store, began, [minute(began + 60 * k, deg) for k in range(10)])
    report = reported(store, days(MONDAY, 7))
    hours, weekdays = (report.tables[name] for name in ("By the hour of the day", "By the day of the week"))
    assert [(row[0], row[1], row[3]) for row in hours] == [
        ("9:00", "20:00", "50%"),
        ("10:00", "10:00", "100%"),
    ]
    assert [(row[0], row[3]) for row in weekdays] == [("Mon", "50%"), ("Tue", "100%"), ("Wed", "–")]


def test_the_trend_has_a_bar_for_each_day_and_none_where_nothing_was_measured(store):
    for day in (0, 2):
        began = at(MONDAY + timedelta(days=day), 9)
        put(store, began, [minute(began + 60 * k, 30.0 if k < 5 else 0.0) for k in range(10)])
    report = reported(store, days(MONDAY, 3))
    assert report.plots[0]["labels"] == ["Mon 2", "Tue 3", "Wed 4"]
    assert report.plots[0]["y"] == [50, None, 50]


def test_the_past_is_compared_with_when_there_was_enough_of_it(store):
    for day, deg in ((MONDAY, 30.0), (TUESDAY, 0.0)):
        put(store, at(day, 9), [minute(at(day, 9) + 60 * k, deg) for k in range(10)])
    assert "20° or more for 0% of the measured time, 100% in the day before." in said(store, TUESDAY)
    assert "in the day before" not in said(store, MONDAY)


def said(store: Store, day: datetime) -> str:
    return " ".join(finding for finding, _ in reported(store, days(day)).findings)


# Breaks


def test_a_sitting_goes_on_over_short_absences_and_ends_with_a_break(store):
    began = at(MONDAY, 9)
    absences = [(600.0, 800.0, "away"), (3000.0, 3400.0, "away"), (5000.0, 5400.0, "gap")]
    put(store, began, [minute(began + 60 * k) for k in range(120)], (), absences)
    now = History.read(store, days(MONDAY))
    lengths = [round(end - start) for start, end in now.facts.sittings]
    assert lengths == [3000, 1600, 1800]
    assert now.breaks == 2


def test_the_night_is_no_break(store):
    for day in (MONDAY, TUESDAY):
        put(store, at(day, 9), [minute(at(day, 9) + 60 * k) for k in range(10)])
    assert History.read(store, days(MONDAY, 2)).breaks == 0


# Alerts


def test_what_came_of_the_alerts_is_counted(store):
    began = at(MONDAY, 9)
    episodes = [
        held(0.0, 60.0, "yes", 70.0),
        held(200.0, 260.0, "yes", 290.0),
        held(400.0, 460.0, "yes", 700.0),
        held(800.0, 860.0, "snoozed", 870.0),
        held(1000.0, None, None, 1010.0),
    ]
    put(store, began, [minute(began + 60 * k) for k in range(30)], episodes)
    report = reported(store, days(MONDAY))
    assert report.figures["Alerts"] == "3 told, 1 more kept back"
    counts = {row[0]: row[1] for row in report.tables["Alerts by what came of them"]}
    assert counts == {"let go": "2", "went on for a minute or more": "1", "kept back: snoozed": "1"}
    assert "2 were followed within a minute, half of them within 0:20." in report.text


def test_an_episode_that_is_still_held_lasts_until_now(store):
    began = at(MONDAY, 9)
    put(store, began, [minute(began)], [held(10.0, None, None, None)], length_s=60.0)
    assert reported(store, days(MONDAY)).figures["Longest hold"].startswith("0:50")


# The page


def test_a_month_is_reported_in_a_small_file(full):
    with Store(full) as store:
        html = render(history_page(*histories(store, days(MONDAY + timedelta(days=28), 31))))
    assert len(html.encode()) < 3_000_000


def test_the_page_of_a_month_has_its_parts(full):
    with Store(full) as store:
        report = reported(store, days(MONDAY + timedelta(days=28), 31))
    for caption in (
        "Each day",
        "Neck flexion hour by hour",
        "By the hour of the day",
        "By the day of the week",
        "Time in each state",
        "Time at each angle",
        "The longest holds of text neck",
        "What was held, and for how long",
        "Alerts by what came of them",
    ):
        assert report.tables[caption], caption
    assert len(report.plots) == 5
    assert set(report.addresses) == {"data:,", "#findings"}
    assert all(why for _, why in report.findings)


def test_the_answer_for_programs_agrees_with_the_page(full):
    with Store(full) as store:
        now, before = histories(store, days(MONDAY, 7))
    answer = json.loads(json.dumps(as_dict(now, before), allow_nan=False))
    assert answer["from"] == "2026-03-02"
    assert answer["measured_s"] == pytest.approx(sum(one["measured_s"] for one in answer["by_day"].values()))
    assert answer["measured_s"] == pytest.approx(sum(one["measured_s"] for one in answer["by_hour"].values()))
    assert sum(answer["angles_s"].values()) == pytest.approx(answer["measured_s"])
    assert answer["alerts"]["told"] + answer["alerts"]["kept_back"] == sum(answer["alerts"]["answers"].values())


# Exporting


def test_every_table_is_exported_with_the_columns_that_are_promised(store, tmp_path):
    keep(
        store,
        session([(60, 0.0), (30, 30.0), (10, Not.THERE), (10, 0.0)], [held(60.0, None, None, 90.0)]),
        at(MONDAY, 9),
    )
    alert = DueAlert("text_neck", 60.0, 85.0, EventKind.ALERT, Told.YES, Answer.LET_GO, 5.0)
    store.write(1, 110.0, alerts=[alert])
    paths = export(store, tmp_path / "out", Format.CSV)
    for path in paths:
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert rows, path.name
        assert list(rows[0]) == list(COLUMNS[path.stem])
        assert path.stat().st_mode & 0o077 == 0


def test_all_formats_hold_the_same(store, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", exc_type=ImportError)
    keep(store, session([(6, 0.0), (3, Not.MEASURED), (10, Not.THERE)]), at(MONDAY, 9))
    for form in Format:
        export(store, tmp_path, form)
    for table in COLUMNS:
        lines = [json.loads(line) for line in (tmp_path / f"{table}.jsonl").read_text().splitlines()]
        assert parquet.read_table(tmp_path / f"{table}.parquet").to_pylist() == lines
        cells = list(csv.DictReader((tmp_path / f"{table}.csv").read_text().splitlines()))
        assert [{k: "" if v is None else str(v) for k, v in line.items()} for line in lines] == cells
