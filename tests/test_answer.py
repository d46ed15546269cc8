"""What came of alerts: concluded, recorded, kept, migrated and shown."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from calibration.steady import Stretch
from histories import MONDAY, at, facts, minute
from people import UPRIGHT, Pose, film, steps
from posturecam.core.alert_policy import Decision, Told
from posturecam.core.answer import Answer, DueAlert, answer_to, due_alerts
from posturecam.core.event import EndReason, Event, EventKind
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.recorder import SessionRecorder, keep
from posturecam.replay import Watched, conclude
from posturecam.report.days import Days, History
from posturecam.report.history import history_page
from posturecam.report.page import render
from posturecam.store import APPLICATION_ID, MIGRATIONS, Store
from posturecam.vision.frames import SourceFacts
from reports import read
from sessions import episode, session

NOON = 1_770_000_000.0


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "history.sqlite") as one:
        yield one


def alerts(store: Store) -> list[DueAlert]:
    return [one.alert for one in store.alerts()]


ANSWERS = pytest.mark.parametrize(
    ("end_s", "reason", "answer"),
    [
        (75.0, EndReason.RECOVERED, Answer.LET_GO),
        (129.9, EndReason.AWAY, Answer.LEFT),
        (130.0, EndReason.RECOVERED, Answer.IGNORED),
        (300.0, EndReason.AWAY, Answer.IGNORED),
        (80.0, EndReason.NOT_MEASURED, Answer.UNSEEN),
        (80.0, EndReason.STREAM_END, Answer.CUT_OFF),
        (None, None, None),
    ],
)


@ANSWERS
def test_an_answer_is_what_was_done_within_a_minute(end_s, reason, answer):
    assert answer_to(70.0, episode(10.0, 70.0, "yes", end_s, reason)) is answer


def decided(kind: EventKind, t_s: float, told: Told | None, end_s: float | None = None) -> Decision:
    reason = EndReason.RECOVERED if end_s else None
    return Decision(Event(kind, t_s, episode(10.0, 70.0, "yes", end_s, reason)), told)


ALERT, REMINDER = decided(EventKind.ALERT, 70.0, Told.YES), decided(EventKind.REMINDER, 400.0, Told.YES)
END = decided(EventKind.END, 423.0, None, 420.0)


def test_only_what_is_to_be_said_was_due():
    static = decided(EventKind.STATIC, 14.0, None)
    held_back = decided(EventKind.ALERT, 70.0, Told.COOLDOWN)
    assert [(a.t_s, a.kind, a.told) for a in due_alerts([static, held_back, REMINDER, END])] == [
        (70.0, EventKind.ALERT, Told.COOLDOWN),
        (400.0, EventKind.REMINDER, Told.YES),
    ]


def recorded(store: Store, decisions: list[Decision], snoozed_s: float | None = None, length_s: float = 430.0) -> None:
    recorder = SessionRecorder(store, facts(NOON))
    waiting = list(decisions)
    for sample in session([(length_s, 0.0)], rate_hz=1.0).samples:
        if sample.t_s == snoozed_s:
            recorder.note_snooze(sample.t_s)
        now = [one for one in waiting if one.event.t_s <= sample.t_s]
        waiting = waiting[len(now) :]
        recorder.update(sample, now)
    recorder.finish(length_s)


@pytest.mark.parametrize(
    ("decisions", "snoozed_s", "expected"),
    [
        ([ALERT, decided(EventKind.END, 83.0, None, 80.0)], None, [(70, Answer.LET_GO, 10)]),
        ([ALERT, END], None, [(70, Answer.IGNORED, 350)]),
        ([ALERT, REMINDER, END], None, [(70, Answer.IGNORED, 350), (400, Answer.LET_GO, 20)]),
        ([ALERT, END], 75.0, [(70, Answer.SNOOZED, 5)]),
        ([ALERT, decided(EventKind.END, 83.0, None, 80.0)], 200.0, [(70, Answer.LET_GO, 10)]),
        ([decided(EventKind.ALERT, 70.0, Told.CAP), END], 75.0, [(70, None, None)]),
        ([ALERT], None, [(70, None, None)]),
    ],
    ids=[
        "let go",
        "ignored",
        "reminded",
        "snoozed",
        "a later snooze is no answer",
        "not told has no answer",
        "open at the end",
    ],
)
def test_a_recorded_alert_says_what_came_of_it(store, decisions, snoozed_s, expected):
    recorded(store, decisions, snoozed_s)
    assert [(a.t_s, a.answer, a.answer_s) for a in alerts(store)] == expected
    assert {(a.pattern, a.onset_s) for a in alerts(store)} == {("text_neck", 10.0)}


def test_live_and_replayed_give_the_same_alerts(tmp_path):
    pose_at = steps((10, UPRIGHT), (22, Pose(head_pitch=40)), (16, UPRIGHT), (24, Pose(head_pitch=50)), (8, UPRIGHT))
    landmarks = tuple(film(pose_at, 80, rate_hz=4.0))
    neutral = neutral_of([one for one in landmarks if 1 <= one.t_s <= 9])
    settings = Settings(Sensitivity(1 / 32))
    watched = Watched(SourceFacts("film.mp4", 640, 480, 4.0, 80.25), landmarks, ())
    replayed = conclude(watched, 4.0, settings, Stretch(1.0, 9.0))
    with Store(tmp_path / "a") as live, Store(tmp_path / "b") as kept:
        keep(kept, replayed, NOON)
        pipeline = Pipeline(neutral, settings)
        with SessionRecorder(live, facts(NOON)) as recorder:
            for one in landmarks:
                recorder.update(*pipeline.update(one))
            recorder.finish(80.25, pipeline.finish(landmarks[-1].t_s))
        assert list(live.rows("alerts")) == list(kept.rows("alerts"))
        assert list(live.rows("episodes")) == list(kept.rows("episodes"))
        found = [(a.pattern, a.told, a.answer) for a in alerts(live) if a.pattern == "text_neck"]
    assert found == [("text_neck", Told.YES, Answer.LET_GO), ("text_neck", Told.COOLDOWN, None)]


def test_the_answers_go_with_their_session(store):
    recorded(store, [ALERT, END])
    store.delete()
    assert alerts(store) == []


@ANSWERS
def test_a_file_from_before_gets_its_answers_from_its_episodes(tmp_path, end_s, reason, answer):
    path = tmp_path / "history.sqlite"
    with sqlite3.connect(path) as old:
        old.executescript(MIGRATIONS[0])
        old.execute("INSERT INTO sessions VALUES (1, 0, 500, 'live', 'camera', NULL, 20, 0.125, '0.1')")
        insert = "INSERT INTO episodes VALUES (1, ?, 10, ?, ?, ?, 40, 35, ?)"
        why = reason.value if reason else None
        old.execute(insert, ("text_neck", 70.0, "yes", end_s, why))
        old.execute(insert, ("slouch", 70.0, "cooldown", end_s, why))
        old.execute(insert, ("shrug", None, None, end_s, why))
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
    old.close()
    with Store(path) as store:
        kept_back, told = sorted(alerts(store), key=lambda a: a.pattern)
        assert (told.t_s, told.kind, told.told, told.answer) == (70.0, EventKind.ALERT, Told.YES, answer)
        assert told.answer_s == (None if end_s is None else end_s - 70.0)
        assert (kept_back.told, kept_back.answer) == (Told.COOLDOWN, None)


def test_the_report_shows_what_was_answered(store):
    began = at(MONDAY, 9)
    first, second = episode(10.0, 70.0, "yes", 300.0), episode(400.0, 460.0, "cooldown", 1000.0)
    snoozed = DueAlert("text_neck", 10.0, 70.0, EventKind.ALERT, Told.YES, Answer.SNOOZED, 8.0)
    reminded = DueAlert("text_neck", 400.0, 980.0, EventKind.REMINDER, Told.YES, Answer.LET_GO, 20.0)
    minutes = [minute(began + 60 * k) for k in range(30)]
    store.write(store.begin(facts(began)), 1800.0, (), minutes, [first, second], (), [snoozed, reminded])
    day = Days(MONDAY.date(), MONDAY.date())
    page = read(render(history_page(History.read(store, day), History.read(store, day.before))))
    assert [row[3:] for row in page.tables["Alerts that were due"]] == [
        ["yes", "snoozed 0:08 later"],
        ["yes", "let go 0:20 later"],
    ]
    counts = {row[0]: row[1] for row in page.tables["Alerts by what came of them"]}
    assert counts == {"snoozed": "1", "let go": "1"}
    assert replace(snoozed, answer=None).snoozed(75.0).answer_s == 5.0
