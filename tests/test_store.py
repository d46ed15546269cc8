from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from histories import facts, minute
from posturecam.core.alert_policy import Decision, Told
from posturecam.core.event import EndReason, Event, EventKind
from posturecam.core.sums import sums_of
from posturecam.recorder import SessionRecorder, keep
from posturecam.store import DAY_S, FULL_RATE_DAYS, MIGRATIONS, Store, StoreError
from postures import Not
from sessions import episode, session

NOON = 1_770_000_000.0
MIXED = [(50, 0.0), (40, 30.0), (9, Not.THERE), (20, 3.0), (5, Not.MEASURED), (6, Not.SAMPLED), (20, -4.0)]
HELD = session(MIXED, [episode(50.0, 85.0, "yes", 90.0)])


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "data" / "history.sqlite") as one:
        yield one


def total(minutes):
    return sum((one.sums for one in minutes[1:]), minutes[0].sums)


# Keeping


def test_a_kept_session_has_the_sums_of_the_session(store):
    keep(store, HELD, NOON)
    kept, direct = total(store.minutes()), sums_of(HELD)
    assert kept.state_s == pytest.approx(direct.state_s, abs=0.02)
    assert kept.absence_s == pytest.approx(direct.absence_s, abs=0.02)
    assert kept.angles_s == pytest.approx(direct.angles_s, abs=0.02)
    for name in ("flexion_deg_s", "above_onset_s", "demand_s", "demand_integral_s", "demand_above_s"):
        assert getattr(kept, name) == pytest.approx(getattr(direct, name)), name


def test_a_kept_session_says_what_it_was(store):
    keep(store, HELD, NOON)
    (kept,) = store.sessions()
    assert (kept.facts.source, kept.facts.name, kept.facts.started) == ("replay", "desk.mp4", NOON)
    assert (kept.facts.onset_deg, kept.facts.iso_fraction, kept.facts.profile) == (20, 0.125, None)
    assert kept.length_s == HELD.duration_s


def test_every_frame_of_a_kept_session_comes_back_as_arrays(store):
    keep(store, HELD, NOON)
    arrays = store.samples(store.sessions()[0].id)
    flexion = np.array([np.nan if (d := s.posture.neck_flexion.deg) is None else d for s in HELD.samples])
    np.testing.assert_allclose(arrays["t_s"], [s.t_s for s in HELD.samples], atol=0.0006)
    np.testing.assert_allclose(arrays["neck_flexion_deg"], flexion, atol=0.051)


def test_the_episodes_come_back_with_their_session(store):
    keep(store, HELD, NOON)
    (kept,) = store.episodes()
    assert kept.episode == HELD.episodes[0]
    assert kept.onset == NOON + 50
    assert kept.session == store.sessions()[0]


def test_absences_and_gaps_are_listed(store):
    keep(store, HELD, NOON)
    spans = [(one.kind, round(one.start - NOON), round(one.end - NOON)) for one in store.absences()]
    assert spans == [("away", 90, 99), ("gap", 124, 130)]


def test_the_minutes_are_those_of_the_clock(store):
    keep(store, HELD, NOON)
    assert [one.start for one in store.minutes()] == [NOON // 60 * 60 + 60 * k for k in range(3)]
    assert [one.highest_deg for one in store.minutes()] == [30.0, 30.0, -4.0]


def test_what_lies_outside_a_range_is_not_in_it(store):
    keep(store, HELD, NOON)
    assert len(store.minutes(NOON + 60, NOON + 120)) == 1
    assert store.episodes(NOON + 51) == store.absences(NOON + 131) == store.sessions(NOON + 1000) == []


def test_keeping_the_same_recording_again_keeps_it_once(store):
    keep(store, HELD, NOON)
    keep(store, HELD, NOON + 0.5)
    keep(store, HELD, NOON + 5000)
    assert len(store.sessions()) == 2
    assert len(store.episodes()) == 2


def test_a_file_name_in_a_broken_encoding_is_kept(store):
    keep(store, session(MIXED, name="caf\udce9.mp4"), NOON)
    assert store.sessions()[0].facts.name == "caf?.mp4"


# Recording as it goes


def decided(kind, e):
    return Decision(Event(kind, e.onset_s, e), Told.YES)


def test_a_session_can_be_read_while_it_goes_on(store):
    recorder = SessionRecorder(store, facts(NOON))
    open_episode = replace(HELD.episodes[0], end_s=None, end_reason=None)
    for sample in HELD.samples[:350]:
        recorder.update(sample, [decided(EventKind.ALERT, open_episode)] if sample.t_s == 60 else [])
    assert total(store.minutes()).observed_s == pytest.approx(70, abs=5)
    assert store.episodes()[0].episode.end_s is None
    for sample in HELD.samples[350:]:
        recorder.update(sample)
    recorder.finish(HELD.duration_s, [decided(EventKind.END, HELD.episodes[0])])
    assert total(store.minutes()).observed_s == pytest.approx(HELD.observed_s, abs=0.01)
    assert [e.episode for e in store.episodes()] == [HELD.episodes[0]]


def test_recording_as_it_goes_gives_what_keeping_gives(tmp_path):
    with Store(tmp_path / "a") as live, Store(tmp_path / "b") as kept:
        with SessionRecorder(live, facts(NOON)) as recorder:
            for sample in HELD.samples:
                recorder.update(sample)
        keep(kept, HELD, NOON)
        assert [one.sums for one in live.minutes()] == [one.sums for one in kept.minutes()]
        assert live.absences() == kept.absences()


def test_a_session_that_breaks_off_is_there_up_to_then(store):
    def broken_off():
        with SessionRecorder(store, facts(NOON)) as recorder:
            for sample in HELD.samples[:100]:
                recorder.update(sample)
            raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    assert total(store.minutes()).observed_s == pytest.approx(19.8)


def test_a_session_without_a_sample_is_a_session_all_the_same(store):
    with SessionRecorder(store, facts(NOON)):
        pass
    assert len(store.sessions()) == 1
    assert store.minutes() == []


# Thinning and deleting


def test_after_some_days_only_the_minutes_stay(store):
    keep(store, HELD, NOON)
    keep(store, HELD, NOON + DAY_S)
    minutes = store.minutes()
    store.begin(facts(NOON + FULL_RATE_DAYS * DAY_S + 1))
    old, new, _ = store.sessions()
    assert len(store.samples(old.id)["t_s"]) == 0
    assert len(store.samples(new.id)["t_s"]) == len(HELD.samples)
    assert store.minutes() == minutes


def test_deleting_before_a_time_leaves_what_began_after(store):
    keep(store, HELD, NOON)
    keep(store, HELD, NOON + DAY_S)
    assert store.delete(before=NOON + 1) == 1
    assert [one.facts.started for one in store.sessions()] == [NOON + DAY_S]
    assert {row["session"] for table in TABLES for row in store.rows(table)} == {2}


TABLES = ("samples", "minutes", "episodes", "alerts", "absences")


def test_a_session_that_is_erased_while_it_goes_on_begins_anew_from_then(store):
    with SessionRecorder(store, facts(NOON)) as recorder:
        for sample in HELD.samples:
            recorder.update(sample)
            if sample.t_s == 70:
                store.delete()
    kept = total(store.minutes()).observed_s
    assert HELD.observed_s - 80 < kept <= HELD.observed_s - 70
    assert len(store.sessions()) == 1


def test_nothing_that_was_deleted_can_be_found_in_the_file(tmp_path):
    path = tmp_path / "history.sqlite"
    with Store(path) as store:
        keep(store, session(MIXED, name="my-secret-recording.mp4"), NOON)
        assert store.delete() == 1
        assert all(not list(store.rows(table)) for table in ("sessions", *TABLES))
        left = b"".join(part.read_bytes() for part in tmp_path.iterdir())
    assert b"my-secret-recording" not in left


# The file


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_and_its_folder_are_for_their_owner_alone(store):
    keep(store, HELD, NOON)
    files = list(store.path.parent.iterdir())
    assert len(files) == 3  # SQLite's own two beside it
    assert all(file.stat().st_mode & 0o077 == 0 for file in [store.path.parent, *files])


def test_two_may_read_while_one_writes(store):
    keep(store, HELD, NOON)
    with Store(store.path) as one, Store(store.path) as other, store._writing():
        store._execute("DELETE FROM sessions")
        assert len(one.sessions()) == len(other.minutes()) - 2 == 1


def test_another_process_may_read_while_one_writes(store):
    keep(store, HELD, NOON)
    asked = (
        "import sys; from pathlib import Path; from posturecam.store import Store;"
        "print(len(Store(Path(sys.argv[1])).episodes()))"
    )
    with store._writing():
        answer = subprocess.run([sys.executable, "-c", asked, str(store.path)], capture_output=True, text=True)
    assert (answer.stdout, answer.stderr) == ("1\n", "")


def test_a_second_writer_is_told_to_try_again(store, monkeypatch):
    monkeypatch.setattr("posturecam.store.WAIT_S", 0.05)
    with Store(store.path) as other, store._writing(), pytest.raises(StoreError, match="try again"):
        other.begin(facts(NOON))


def test_what_fails_half_way_leaves_nothing(store):
    number = store.begin(facts(NOON))
    with pytest.raises(StoreError):
        store.write(number, 60.0, minutes=[minute(NOON)], absences=[(0.0, 1.0, "away"), (None, 1.0, "away")])
    assert store.minutes() == store.absences() == []


def damage(path):
    path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)


def damage_inside(path):
    with Store(path) as store:
        for k in range(200):
            keep(store, HELD, NOON + 1000 * k)
            if path.stat().st_size > 60_000:
                break
    content = bytearray(path.read_bytes())
    content[8192:20480] = os.urandom(12288)
    path.write_bytes(content)


def foreign(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()


@pytest.mark.parametrize("harm", [damage, damage_inside, foreign])
def test_a_damaged_file_is_set_aside_whole_and_a_new_one_begins(tmp_path, harm):
    path = tmp_path / "history.sqlite"
    harm(path)
    before = path.read_bytes()
    with pytest.raises(StoreError) as error:
        Store(path, now=NOON)
    assert "\n" not in str(error.value)
    assert "history.damaged-20260202-024000.sqlite" in str(error.value)
    (aside,) = [file for file in tmp_path.iterdir() if file.suffix == ".sqlite"]
    assert aside.read_bytes() == before
    with Store(path) as store:
        assert store.sessions() == []


def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "history.sqlite"
    with Store(path) as store:
        store._execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer posturecam and is left as it is: update posturecam"):
        Store(path)
    assert path.read_bytes() == before


def test_a_folder_in_its_place_is_refused_in_one_line(tmp_path):
    with pytest.raises(StoreError, match="cannot use the history"):
        Store(tmp_path)


def test_an_empty_file_becomes_a_history(tmp_path):
    (tmp_path / "history.sqlite").touch()
    with Store(tmp_path / "history.sqlite") as store:
        assert store.sessions() == []


def test_opening_again_changes_nothing(store):
    keep(store, HELD, NOON)
    with Store(store.path) as again:
        assert again.minutes() == store.minutes()
        assert EndReason.RECOVERED is again.episodes()[0].episode.end_reason
