"""The history: what every session came to, in one SQLite file for its owner alone. No pictures are in it.

Every frame's angles are kept for the last days, and the sums of every minute for ever. Several processes
may read while one writes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from posturecam import __version__
from posturecam.core.alert_policy import Told
from posturecam.core.answer import Answer, DueAlert
from posturecam.core.event import EndReason, Episode, EventKind
from posturecam.core.landmarks import Array
from posturecam.core.posture import Absence, Angle
from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.core.sums import Sums
from posturecam.errors import PosturecamError
from posturecam.profiles import data_folder
from posturecam.sinks.private_file import make_private_folder

NAME = "history.sqlite"
FULL_RATE_DAYS = 7
"""Every frame's angles are kept for so many days (judgement)."""
APPLICATION_ID = 0x706F7374
"""Marks the file as posturecam's ("post")."""
WAIT_S = 5.0
"""How long to wait for another process to finish writing."""
DAY_S = 86400.0

MIGRATIONS = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        started REAL NOT NULL,           -- seconds since 1970 UTC, from which all other times count
        length_s REAL NOT NULL,
        source TEXT NOT NULL,            -- live or replay
        name TEXT NOT NULL,              -- of the camera or the file
        profile TEXT,
        onset_deg REAL NOT NULL,
        iso_fraction REAL NOT NULL,
        version TEXT NOT NULL            -- posturecam's
    );
    CREATE INDEX sessions_by_start ON sessions (started);
    CREATE TABLE samples (               -- angles in tenths of a degree, NULL when not measured
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        t_ms INTEGER NOT NULL,
        state TEXT NOT NULL,
        absence TEXT,
        neck_flexion INTEGER, head_pitch INTEGER, trunk_flexion INTEGER,
        head_forward INTEGER, head_yaw INTEGER, head_roll INTEGER,
        confidence INTEGER NOT NULL,     -- percent
        PRIMARY KEY (session, t_ms)
    ) WITHOUT ROWID;
    CREATE TABLE minutes (               -- sums over the samples that begin in a minute
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        minute INTEGER NOT NULL,         -- minutes since 1970 UTC
        state_s TEXT NOT NULL,           -- JSON: seconds in each state
        absence_s TEXT NOT NULL,         -- JSON: seconds without a neck flexion by reason
        angles_s TEXT NOT NULL,          -- JSON: seconds by the lower edge of 5-degree bins of neck flexion
        flexion_deg_s REAL NOT NULL,
        above_onset_s REAL NOT NULL,
        demand_s REAL NOT NULL,
        demand_integral_s REAL NOT NULL,
        demand_above_s REAL NOT NULL,
        highest_deg REAL,
        PRIMARY KEY (session, minute)
    ) WITHOUT ROWID;
    CREATE INDEX minutes_by_time ON minutes (minute);
    CREATE TABLE episodes (
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        pattern TEXT NOT NULL,
        onset_s REAL NOT NULL,
        alert_s REAL, told TEXT, end_s REAL, peak_deg REAL, mean_deg REAL, end_reason TEXT,
        PRIMARY KEY (session, pattern, onset_s)
    ) WITHOUT ROWID;
    CREATE TABLE absences (              -- stretches in which nobody was there, or no pictures came
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        start_s REAL NOT NULL,
        end_s REAL NOT NULL,
        kind TEXT NOT NULL,              -- away or gap
        PRIMARY KEY (session, start_s)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE alerts (                -- alerts and reminders that were due, and what came of them
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        pattern TEXT NOT NULL,
        onset_s REAL NOT NULL,           -- of the episode
        t_s REAL NOT NULL,               -- when it was due
        kind TEXT NOT NULL,              -- alert or reminder
        told TEXT NOT NULL,
        answer TEXT,                     -- NULL when it was not told, or is not known yet
        answer_s REAL,                   -- from t_s on
        PRIMARY KEY (session, pattern, onset_s, t_s)
    ) WITHOUT ROWID;
    INSERT INTO alerts
        SELECT session, pattern, onset_s, alert_s, 'alert', ifnull(told, 'yes'), NULL, NULL
        FROM episodes WHERE alert_s IS NOT NULL;
    UPDATE alerts SET (answer, answer_s) = (
        SELECT
            CASE WHEN end_s - alert_s >= 60 THEN 'ignored' ELSE
                CASE end_reason
                    WHEN 'recovered' THEN 'let_go' WHEN 'away' THEN 'left'
                    WHEN 'not_measured' THEN 'unseen' WHEN 'stream_end' THEN 'cut_off'
                END
            END,
            max(0, end_s - alert_s)
        FROM episodes AS e
        WHERE e.session = alerts.session AND e.pattern = alerts.pattern AND e.onset_s = alerts.onset_s
            AND end_s IS NOT NULL AND end_reason IS NOT NULL
    ) WHERE told = 'yes';
    """,
)
"""What brings a file from each version to the next; PRAGMA user_version counts them."""

ANGLES = ("neck_flexion", "head_pitch", "trunk_flexion", "head_forward", "head_yaw", "head_roll")
"""Of a posture, as the samples have them."""


class StoreError(PosturecamError):
    """The history cannot be used."""


class ErasedError(StoreError):
    """A session was erased while it went on."""


@dataclass(frozen=True)
class SessionFacts:
    """What a session was."""

    started: float
    """Seconds since 1970 UTC at its stream time 0."""
    source: str
    """`live` or `replay`."""
    name: str
    """Of the camera or the file, as the user knows it."""
    onset_deg: float
    iso_fraction: float
    """The sensitivity: its share of ISO 11226's holding time."""
    profile: str | None = None


@dataclass(frozen=True)
class StoredSession:
    """A session of the history."""

    id: int
    facts: SessionFacts
    length_s: float
    version: str
    """Of the posturecam that made it."""

    @property
    def ended(self) -> float:
        """Seconds since 1970 UTC."""
        return self.facts.started + self.length_s


@dataclass(frozen=True)
class Minute:
    """The sums of one minute of a session."""

    session: int
    start: float
    """Seconds since 1970 UTC."""
    sums: Sums
    highest_deg: float | None
    """Of the neck flexion; None when it was not measured."""


@dataclass(frozen=True)
class StoredEpisode:
    """An episode of the history."""

    session: StoredSession
    episode: Episode

    @property
    def onset(self) -> float:
        """Seconds since 1970 UTC."""
        return self.session.facts.started + self.episode.onset_s


@dataclass(frozen=True)
class StoredAlert:
    """An alert or a reminder of the history."""

    session: StoredSession
    alert: DueAlert

    @property
    def due(self) -> float:
        """Seconds since 1970 UTC."""
        return self.session.facts.started + self.alert.t_s


@dataclass(frozen=True)
class StoredAbsence:
    """A stretch without anybody, or without pictures."""

    start: float
    end: float
    """Seconds since 1970 UTC."""
    kind: str
    """`away` or `gap`."""


class Store:
    """The history of this machine's user. Use it as a context manager, or close it.

    Every method raises StoreError when the file cannot be read or written.
    """

    def __init__(self, path: Path | None = None, *, now: float | None = None) -> None:
        """Open the history, or begin one; by default the user's own in the data folder.

        Raises StoreError for a file of a newer posturecam, which is left as it is, and for a damaged one,
        which is set aside under another name beside it. `now` is the time, seconds since 1970 UTC.
        """
        self.path = path or data_folder() / NAME
        make_private_folder(self.path.parent)
        with _failures(self.path):
            if not self.path.exists():
                self.path.touch(mode=0o600)
            self._connection = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
        try:
            self._prepare(time.time() if now is None else now)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    # Opening

    def _prepare(self, now: float) -> None:
        try:
            with _failures(self.path, damaged=False):
                self._execute(f"PRAGMA busy_timeout = {int(1000 * WAIT_S)}")
                version, mark = self._value("PRAGMA user_version"), self._value("PRAGMA application_id")
                empty = self._value("SELECT count(*) FROM sqlite_master") == 0
                if not empty and mark != APPLICATION_ID:
                    raise sqlite3.DatabaseError("it is another program's")
                if version <= len(MIGRATIONS):
                    for setting in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                        self._execute(f"PRAGMA {setting}")
                    self._execute("PRAGMA secure_delete = ON")
                    self._migrate()
                    self._check()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            aside = _set_aside(self.path, now)
            raise StoreError(
                f"the history {self.path} is damaged ({error}): it was set aside as {aside.name}, and a new "
                "one begins the next time"
            ) from error
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the history {self.path} was made by a newer posturecam and is left as it is: update "
                "posturecam, or move the file elsewhere to begin a new one"
            )

    def _migrate(self) -> None:
        """Bring the file to the present version; several processes may try at once."""
        if self._value("PRAGMA user_version") == len(MIGRATIONS):
            return
        with self._writing():
            done = self._value("PRAGMA user_version")
            for number, migration in enumerate(MIGRATIONS[done:], done + 1):
                for statement in filter(str.strip, migration.split(";")):
                    self._execute(statement)
                self._execute(f"PRAGMA user_version = {number}")
            self._execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def _check(self) -> None:
        fault = self._value("PRAGMA quick_check(1)")
        if fault != "ok":
            raise sqlite3.DatabaseError(fault.splitlines()[-1])

    # Writing

    def begin(self, facts: SessionFacts) -> int:
        """Begin a session and return its number. A replay takes the place of an earlier one of the same.

        Of sessions that began more than FULL_RATE_DAYS before the newest, only the minutes stay.
        """
        name = facts.name.encode("utf-8", "replace").decode("utf-8")  # files may have names that are no text
        with _failures(self.path), self._writing():
            if facts.source == "replay":
                self._execute(
                    "DELETE FROM sessions WHERE source = 'replay' AND name = ? AND abs(started - ?) < 1",
                    (name, facts.started),
                )
            row = (facts.started, facts.source, name, facts.profile)
            cursor = self._execute(
                "INSERT INTO sessions"
                " (started, length_s, source, name, profile, onset_deg, iso_fraction, version)"
                " VALUES (?, 0, ?, ?, ?, ?, ?, ?)",
                (*row, facts.onset_deg, facts.iso_fraction, __version__),
            )
            self._execute(
                "DELETE FROM samples WHERE session IN"
                " (SELECT id FROM sessions WHERE started < (SELECT max(started) FROM sessions) - ?)",
                (FULL_RATE_DAYS * DAY_S,),
            )
            return int(cursor.lastrowid or 0)

    def write(
        self,
        session: int,
        length_s: float,
        samples: Iterable[Sample] = (),
        minutes: Iterable[Minute] = (),
        episodes: Iterable[Episode] = (),
        absences: Iterable[tuple[float, float, str]] = (),
        alerts: Iterable[DueAlert] = (),
    ) -> None:
        """Add to a session, all or nothing. What is there already at the same time is written anew.

        Raises ErasedError when the session is no longer there.
        """
        with _failures(self.path), self._writing():
            if not self._execute("UPDATE sessions SET length_s = ? WHERE id = ?", (length_s, session)).rowcount:
                raise ErasedError(f"the session was erased from the history {self.path} while it went on")
            for table, rows in (
                ("samples", (_sample_row(session, sample) for sample in samples)),
                ("minutes", (_minute_row(session, minute) for minute in minutes)),
                ("episodes", (_episode_row(session, episode) for episode in episodes)),
                ("absences", ((session, *absence) for absence in absences)),
                ("alerts", (_alert_row(session, alert) for alert in alerts)),
            ):
                for row in rows:
                    marks = ", ".join("?" * len(row))
                    self._execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)

    def delete(self, before: float | None = None) -> int:
        """Erase the sessions that began before a time, or all, and return how many; nothing of them stays."""
        with _failures(self.path):
            with self._writing():
                where, values = ("", ()) if before is None else ("WHERE started < ?", (before,))
                count = self._execute(f"DELETE FROM sessions {where}", values).rowcount
            self._execute("VACUUM")
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    # Reading

    def sessions(self, start: float = -np.inf, end: float = np.inf) -> list[StoredSession]:
        """The sessions of which some part lies between two times, by their start."""
        with _failures(self.path):
            rows = self._execute(
                "SELECT id, started, source, name, onset_deg, iso_fraction, profile, length_s, version"
                " FROM sessions WHERE started < ? AND started + length_s >= ? ORDER BY started, id",
                (end, start),
            ).fetchall()
        return [StoredSession(row[0], SessionFacts(*row[1:7]), row[7], row[8]) for row in rows]

    def minutes(self, start: float = -np.inf, end: float = np.inf) -> list[Minute]:
        """The minutes that begin between two times, in their order."""
        with _failures(self.path):
            rows = self._execute(
                "SELECT * FROM minutes WHERE minute >= ? AND minute < ? ORDER BY minute, session",
                (start / 60, end / 60),
            ).fetchall()
        return [_minute(row) for row in rows]

    def episodes(self, start: float = -np.inf, end: float = np.inf) -> list[StoredEpisode]:
        """The episodes that began between two times, by their onset."""
        sessions = {session.id: session for session in self.sessions(start, end)}
        with _failures(self.path):
            rows = self._execute(
                "SELECT session, pattern, onset_s, alert_s, told, end_s, peak_deg, mean_deg, end_reason"
                " FROM episodes JOIN sessions ON id = session"
                " WHERE started + onset_s >= ? AND started + onset_s < ? ORDER BY started + onset_s",
                (start, end),
            ).fetchall()
        return [StoredEpisode(sessions[row[0]], _episode(row[1:])) for row in rows if row[0] in sessions]

    def alerts(self, start: float = -np.inf, end: float = np.inf) -> list[StoredAlert]:
        """The alerts and reminders about the episodes that began between two times, in their order."""
        sessions = {session.id: session for session in self.sessions(start, end)}
        with _failures(self.path):
            rows = self._execute(
                "SELECT session, pattern, onset_s, t_s, kind, told, answer, answer_s"
                " FROM alerts JOIN sessions ON id = session"
                " WHERE started + onset_s >= ? AND started + onset_s < ? ORDER BY started + t_s",
                (start, end),
            ).fetchall()
        return [StoredAlert(sessions[row[0]], _alert(row[1:])) for row in rows if row[0] in sessions]

    def absences(self, start: float = -np.inf, end: float = np.inf) -> list[StoredAbsence]:
        """The stretches without anybody or without pictures that began between two times, in their order."""
        with _failures(self.path):
            rows = self._execute(
                "SELECT started + start_s, started + end_s, kind FROM absences JOIN sessions ON id = session"
                " WHERE started + start_s >= ? AND started + start_s < ? ORDER BY started + start_s",
                (start, end),
            ).fetchall()
        return [StoredAbsence(*row) for row in rows]

    def samples(self, session: int) -> dict[str, Array]:
        """Every frame's angles of a session as arrays over its frames: `t_s` and, NaN where missing, `*_deg`.

        Empty for sessions that are older than FULL_RATE_DAYS.
        """
        columns = ("t_ms", *ANGLES)
        with _failures(self.path):
            rows = self._execute(
                f"SELECT {', '.join(columns)} FROM samples WHERE session = ? ORDER BY t_ms", (session,)
            ).fetchall()
        table = np.array(rows, dtype=float).reshape(len(rows), len(columns)).T
        named = dict(zip(columns, table, strict=True))
        return {"t_s": named["t_ms"] / 1000, **{f"{name}_deg": named[name] / 10 for name in ANGLES}}

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Every row of one of the tables, as it is stored, in its order."""
        with _failures(self.path):
            cursor = self._execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    # SQL

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All of the block, or nothing."""
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._execute("ROLLBACK")
            raise
        self._execute("COMMIT")

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _value(self, statement: str) -> Any:
        return self._execute(statement).fetchone()[0]


@contextmanager
def _failures(path: Path, damaged: bool = True) -> Iterator[None]:
    """What SQLite and the system say against it becomes a line for the user; damage only if wanted."""
    try:
        yield
    except sqlite3.OperationalError as error:
        busy = "locked" in str(error) or "busy" in str(error)
        do = "another posturecam is writing to it: try again" if busy else f"{error}"
        raise StoreError(f"cannot use the history {path}: {do}") from error
    except sqlite3.DatabaseError as error:
        if not damaged:
            raise
        raise StoreError(f"the history {path} is damaged: {error}") from error
    except OSError as error:
        raise StoreError(f"cannot use the history {path}: {error.strerror}") from error


def _set_aside(path: Path, now: float) -> Path:
    """Give the file, and what SQLite keeps beside it, another name; return it."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    aside, n = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}"), 1
    while aside.exists():
        n += 1
        aside = path.with_name(f"{path.stem}.damaged-{stamp}-{n}{path.suffix}")
    for beside in ("-wal", "-shm", ""):
        part = path.with_name(path.name + beside)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + beside))
    return aside


# Rows


def _sample_row(session: int, sample: Sample) -> tuple[Any, ...]:
    posture = sample.posture
    return (
        session,
        round(1000 * posture.t_s),
        sample.state.value,
        posture.absence.value if posture.absence else None,
        *(_tenths(getattr(posture, name)) for name in ANGLES),
        round(100 * posture.confidence),
    )


def _tenths(angle: Angle) -> int | None:
    return None if angle.deg is None else round(10 * angle.deg)


def _minute_row(session: int, minute: Minute) -> tuple[Any, ...]:
    sums = minute.sums
    return (
        session,
        round(minute.start / 60),
        _json({state.value: seconds for state, seconds in sums.state_s.items()}),
        _json({reason.value: seconds for reason, seconds in sums.absence_s.items()}),
        _json({str(edge): seconds for edge, seconds in sorted(sums.angles_s.items())}),
        sums.flexion_deg_s,
        sums.above_onset_s,
        sums.demand_s,
        sums.demand_integral_s,
        sums.demand_above_s,
        minute.highest_deg,
    )


def _minute(row: tuple[Any, ...]) -> Minute:
    session, minute, state_s, absence_s, angles_s, *integrals, highest_deg = row
    sums = Sums(
        {State(key): seconds for key, seconds in json.loads(state_s).items()},
        {Absence(key): seconds for key, seconds in json.loads(absence_s).items()},
        {int(key): seconds for key, seconds in json.loads(angles_s).items()},
        *integrals,
    )
    return Minute(session, 60.0 * minute, sums, highest_deg)


def _episode_row(session: int, e: Episode) -> tuple[Any, ...]:
    reason = e.end_reason.value if e.end_reason else None
    return (session, e.pattern, e.onset_s, e.alert_s, e.told, e.end_s, e.peak_deg, e.mean_deg, reason)


def _episode(row: tuple[Any, ...]) -> Episode:
    pattern, onset_s, alert_s, told, end_s, peak_deg, mean_deg, reason = row
    end_reason = EndReason(reason) if reason else None
    return Episode(pattern, onset_s, alert_s, told, end_s, peak_deg, mean_deg, end_reason)


def _alert_row(session: int, a: DueAlert) -> tuple[Any, ...]:
    answer = a.answer.value if a.answer else None
    return (session, a.pattern, a.onset_s, a.t_s, a.kind.value, a.told.value, answer, a.answer_s)


def _alert(row: tuple[Any, ...]) -> DueAlert:
    pattern, onset_s, t_s, kind, told, answer, answer_s = row
    return DueAlert(pattern, onset_s, t_s, EventKind(kind), Told(told), Answer(answer) if answer else None, answer_s)


def _json(spent: Mapping[str, float]) -> str:
    return json.dumps({key: round(seconds, 3) for key, seconds in spent.items()}, separators=(",", ":"))


def highest(samples: Iterable[Sample]) -> float | None:
    """The greatest neck flexion; None when there is none."""
    return max((deg for s in samples if (deg := s.posture.neck_flexion.deg) is not None), default=None)
