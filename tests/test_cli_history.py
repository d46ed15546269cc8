from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest

from histories import at, facts, minute, work_day
from posturecam import cli, cli_history
from posturecam.store import Store

TODAY = datetime.combine(date.today(), datetime.min.time())


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def history(data):
    import random

    with Store(data / "history.sqlite") as store:
        for ago in (0, 1, 9):
            work_day(store, TODAY - timedelta(days=ago), random.Random(ago))
    return data


@pytest.fixture
def posturecam(monkeypatch, capsys):
    """Run the program with these words; give its exit code, stdout and stderr."""

    class Today(date):
        """The day on which the tests were read, whatever midnight comes."""

        @classmethod
        def today(cls):
            return TODAY.date()

    monkeypatch.setattr(cli_history, "date", Today)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["posturecam", *words])
        monkeypatch.setenv("COLUMNS", "100")
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run


def test_the_report_of_today_is_written_and_told(posturecam, history):
    code, out, err = posturecam("report")
    assert (code, err) == (0, "")
    assert f"Posture, {TODAY:%A} {TODAY.date()}" in out
    assert "2 sessions on 1 day" in out
    assert "ISO 11226" in out
    page = history / "report.html"
    assert str(page) in out.replace("\n", "")
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "sessions"),
    [
        (["--today"], 2),
        (["--week"], 4),
        (["--from", f"{TODAY.date() - timedelta(days=9)}"], 6),
        (["--from", f"{TODAY.date() - timedelta(days=9)}", "--to", f"{TODAY.date() - timedelta(days=1)}"], 4),
    ],
    ids=["today", "week", "from", "from to"],
)
def test_the_days_can_be_chosen(posturecam, history, words, sessions):
    code, out, _ = posturecam("report", *words, "--json")
    assert code == 0
    assert json.loads(out)["sessions"] == sessions


def test_the_page_goes_where_it_is_wanted(posturecam, history, tmp_path):
    assert posturecam("report", "--json", "--out", str(tmp_path / "mine.html"))[0] == 0
    assert (tmp_path / "mine.html").exists()
    assert not (history / "report.html").exists()


def test_the_page_can_be_opened(posturecam, history, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    posturecam("report", "--open")
    assert opened == [(history / "report.html").as_uri()]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["report", "--today", "--week"], "give one of"),
        (["report", "--to", "2026-03-01"], "--to needs --from"),
        (["report", "--from", "yesterday"], "yesterday is no day"),
        (["report", "--from", "2026-03-02", "--to", "2026-03-01"], "before"),
        (["history", "delete"], "--before DATE or --all"),
        (["history", "delete", "--all", "--before", "2026-03-01"], "--before DATE or --all"),
        (["history", "delete", "--all"], "add --yes"),
    ],
)
def test_words_that_contradict_each_other_are_a_usage_error(posturecam, history, words, says):
    code, out, err = posturecam(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["report"], ["history", "list"], ["history", "export"]])
def test_without_a_history_it_is_said_how_one_begins(posturecam, data, words):
    code, out, err = posturecam(*words)
    assert (code, out) == (1, "")
    assert "no history yet" in err
    assert "posturecam replay --keep" in err
    assert not data.exists()


def test_days_without_a_session_are_said_to_have_none(posturecam, history):
    code, _, err = posturecam("report", "--from", "2001-01-01", "--to", "2001-01-02")
    assert code == 1
    assert "no session of 2001-01-01 to 2001-01-02" in err


def test_sessions_and_episodes_are_listed(posturecam, history):
    code, out, _ = posturecam("history", "list")
    assert (code, out.splitlines()[-1]) == (0, "6 sessions.")
    assert "desk camera" in out
    code, out, _ = posturecam("history", "list", "--episodes")
    assert "text neck" in out
    assert "stillness" in out


def test_lists_are_json_for_programs(posturecam, history):
    sessions = json.loads(posturecam("history", "list", "--json")[1])
    episodes = json.loads(posturecam("history", "list", "--episodes", "--json")[1])
    assert len(sessions) == 6
    assert {one["session"] for one in episodes} <= {one["session"] for one in sessions}


def test_the_history_is_exported(posturecam, history, tmp_path):
    code, out, _ = posturecam("history", "export", "--out", str(tmp_path / "out"))
    assert code == 0
    assert "sessions.csv" in out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"{table}.csv" for table in ("sessions", "episodes", "alerts", "absences", "minutes", "samples")
    }


def test_sessions_before_a_day_are_erased(posturecam, history):
    day = TODAY.date() - timedelta(days=5)
    assert posturecam("history", "delete", "--before", str(day), "--yes")[1] == "erased 2 sessions\n"
    with Store(history / "history.sqlite") as store:
        assert len(store.sessions()) == 4


def test_all_is_erased(posturecam, history):
    assert posturecam("history", "delete", "--all", "--yes")[1] == "erased 6 sessions\n"


def test_a_damaged_history_is_said_in_one_line(posturecam, data):
    data.mkdir()
    (data / "history.sqlite").write_bytes(b"SQLite format 3\0rubbish" * 100)
    code, _, err = posturecam("history", "list")
    assert code == 1
    assert "is damaged" in err
    assert err.count("\n") == 1


def test_a_terminal_that_is_not_utf_8_gets_ascii(history):
    run = subprocess.run(
        [sys.executable, "-m", "posturecam", "report"],
        capture_output=True,
        env={**__import__("os").environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.isascii()


def test_a_camera_with_an_odd_name_does_no_harm_to_the_terminal(posturecam, data):
    with Store(data / "history.sqlite") as store:
        number = store.begin(facts(at(TODAY, 9), name="cam\x1b[31m\n"))
        store.write(number, 60.0, (), [minute(at(TODAY, 9))])
    assert "\x1b[31m" not in posturecam("history", "list")[1]
