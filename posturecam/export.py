"""Exporting the history: all that is stored, in files that other programs read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

from posturecam.core.state import State
from posturecam.errors import PosturecamError
from posturecam.sinks.private_file import make_private_folder, private_file
from posturecam.store import ANGLES, Store

Row = dict[str, Any]
Columns = dict[str, type]

BATCH = 20_000
"""Rows of a Parquet file that are written at once."""


class Format(str, Enum):
    """What kind of files."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


COLUMNS: dict[str, Columns] = {
    "sessions": {
        "session": int,
        "started_at": str,
        "length_s": float,
        "source": str,
        "name": str,
        "profile": str,
        "onset_deg": float,
        "iso_fraction": float,
        "posturecam_version": str,
    },
    "episodes": {
        "session": int,
        "at": str,
        "pattern": str,
        "onset_s": float,
        "alert_s": float,
        "told": str,
        "end_s": float,
        "peak_deg": float,
        "mean_deg": float,
        "end_reason": str,
    },
    "alerts": {
        "session": int,
        "at": str,
        "pattern": str,
        "onset_s": float,
        "t_s": float,
        "kind": str,
        "told": str,
        "answer": str,
        "answer_s": float,
    },
    "absences": {"session": int, "at": str, "start_s": float, "end_s": float, "kind": str},
    "minutes": {
        "session": int,
        "at": str,
        **{f"{state.value}_s": float for state in State},
        "measured_s": float,
        "mean_flexion_deg": float,
        "highest_flexion_deg": float,
        "above_onset_s": float,
        "mean_demand": float,
        "demand_minutes": float,
    },
    "samples": {
        "session": int,
        "t_s": float,
        "state": str,
        "absence": str,
        **{f"{name}_deg": float for name in ANGLES},
        "confidence": float,
    },
}
"""The tables and their columns. `at` and `started_at` are UTC; seconds count from the session's start."""


def export(store: Store, folder: Path, form: Format) -> list[Path]:
    """Write every table into a file of its own, private to its owner, and return their paths.

    Raises PosturecamError when the files cannot be written, or the format needs a package that is missing.
    """
    write = _WRITERS[form]
    make_private_folder(folder)
    paths = []
    for table, columns in COLUMNS.items():
        path = folder / f"{table}.{form.value}"
        with private_file(path) as part:
            write(part, columns, (_rounded(row) for row in rows(store, table)))
        paths.append(path)
    return paths


def rows(store: Store, table: str) -> Iterator[Row]:
    """Every row of a table of COLUMNS; StoreError when the history cannot be read."""
    if table == "sessions":
        for one in store.sessions():
            facts = one.facts
            yield {
                "session": one.id,
                "started_at": _utc(facts.started),
                "length_s": one.length_s,
                "source": facts.source,
                "name": facts.name,
                "profile": facts.profile,
                "onset_deg": facts.onset_deg,
                "iso_fraction": facts.iso_fraction,
                "posturecam_version": one.version,
            }
    elif table == "minutes":
        for minute in store.minutes():
            sums = minute.sums
            yield {
                "session": minute.session,
                "at": _utc(minute.start),
                **{f"{state.value}_s": sums.state_s.get(state, 0.0) for state in State},
                "measured_s": sums.measured_s,
                "mean_flexion_deg": sums.mean_flexion_deg,
                "highest_flexion_deg": minute.highest_deg,
                "above_onset_s": sums.above_onset_s,
                "mean_demand": sums.mean_demand,
                "demand_minutes": sums.demand_minutes,
            }
    elif table == "samples":
        for row in store.rows("samples"):
            angles = {f"{name}_deg": None if row[name] is None else row[name] / 10 for name in ANGLES}
            yield {
                "session": row["session"],
                "t_s": row["t_ms"] / 1000,
                "state": row["state"],
                "absence": row["absence"],
                **angles,
                "confidence": row["confidence"] / 100,
            }
    else:
        began = {one.id: one.facts.started for one in store.sessions()}
        offset = {"episodes": "onset_s", "alerts": "t_s", "absences": "start_s"}[table]
        for row in store.rows(table):
            yield {"at": _utc(began[row["session"]] + row[offset]), **row}


def _rounded(row: Row) -> Row:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()}


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds")


def _write_csv(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows([row[name] for name in columns] for row in rows)


def _write_jsonl(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(json.dumps({name: row[name] for name in columns}) + "\n")


def _write_parquet(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise PosturecamError(
            "Parquet needs the package pyarrow: pip install 'posturecam[parquet]', or export as csv or jsonl"
        ) from None
    kinds = {int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    remaining = iter(rows)
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(remaining, BATCH)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))


_WRITERS: dict[Format, Callable[[Path, Columns, Iterable[Row]], None]] = {
    Format.CSV: _write_csv,
    Format.JSONL: _write_jsonl,
    Format.PARQUET: _write_parquet,
}
