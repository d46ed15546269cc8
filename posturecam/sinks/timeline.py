"""timeline.csv: one row per analysed frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from posturecam.core.posture import Angle
from posturecam.core.session import Sample
from posturecam.sinks.private_file import write_private_text

NAME = "timeline.csv"
COLUMNS = (
    "t_s",
    "present",
    "absence",
    "view",
    "head_pitch_deg",
    "trunk_flexion_deg",
    "neck_flexion_deg",
    "head_forward_deg",
    "head_yaw_deg",
    "head_roll_deg",
    "confidence",
    "state",
)


def timeline_csv(samples: Iterable[Sample]) -> str:
    """The table as text. An empty cell was not measured; `absence` says why there is no neck flexion."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(sample) for sample in samples)
    return table.getvalue()


def write_timeline(folder: Path, samples: Iterable[Sample]) -> Path:
    """Write timeline.csv into the folder; PosturecamError when that is not possible."""
    path = folder / NAME
    write_private_text(path, timeline_csv(samples))
    return path


def _row(sample: Sample) -> tuple[str, ...]:
    p = sample.posture
    return (
        f"{p.t_s:.3f}",
        "1" if p.present else "0",
        p.absence.value if p.absence else "",
        p.view.value if p.view else "",
        *map(_cell, (p.head_pitch, p.trunk_flexion, p.neck_flexion, p.head_forward, p.head_yaw, p.head_roll)),
        f"{p.confidence:.2f}",
        sample.state.value,
    )


def _cell(angle: Angle) -> str:
    return "" if angle.deg is None else f"{round(angle.deg, 2) + 0.0:.2f}"  # + 0.0 turns -0.00 into 0.00
