"""signals.csv: what every angle was made of, for researchers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from posturecam.core.measurement import Signals
from posturecam.core.posture import Posture
from posturecam.sinks.private_file import write_private_text

NAME = "signals.csv"
COLUMNS = (
    "t_s",
    "head_pitch_deg",
    "head_pitch_sd_deg",
    "trunk_flexion_deg",
    "trunk_flexion_sd_deg",
    "neck_flexion_deg",
    "neck_flexion_sd_deg",
    "head_forward_deg",
    "head_forward_sd_deg",
    "face_seen",
    "face_pitch_deg",
    "face_pitch_sd_deg",
    "face_depth_ratio",
    "eyes_drop_px",
    "shoulders_drop_px",
    "crown_px",
    "hairline_px",
    "shoulder_width_ratio",
    "trunk_azimuth_deg",
    "head_blur",
    "free_neck_deg",
    "seat_sink_cm",
    "seat_shift_cm",
    "misfit",
)


def signals_csv(rows: Iterable[tuple[Posture, Signals | None]]) -> str:
    """The table as text, before smoothing. An empty cell was not measured, or nobody was there.

    `face_pitch_deg` is FaceMesh's own reading or, while `face_seen` is 0, what a lost face and its hairline say, or in
    profile the turn of the head's picture.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(_row(posture, signals) for posture, signals in rows)
    return text.getvalue()


def write_signals(folder: Path, rows: Iterable[tuple[Posture, Signals | None]]) -> Path:
    """Write signals.csv into the folder; PosturecamError when that is not possible."""
    path = folder / NAME
    write_private_text(path, signals_csv(rows))
    return path


def _row(posture: Posture, signals: Signals | None) -> list[str]:
    row = [f"{posture.t_s:.3f}"]
    for angle in (posture.head_pitch, posture.trunk_flexion, posture.neck_flexion, posture.head_forward):
        row += [_cell(angle.deg, 2), _cell(angle.sd_deg, 2)]
    if signals is None:
        return row + [""] * (len(COLUMNS) - len(row))
    face, fit = signals.face, signals.fit
    return [
        *row,
        "1" if signals.face_seen else "0",
        _cell(math.degrees(face.pitch_rad) if face else None, 2),
        _cell(math.degrees(face.pitch_sd_rad) if face else None, 2),
        _cell(face.depth_ratio if face else None, 4),
        _cell(signals.eyes_drop_px, 2),
        _cell(signals.shoulders_drop_px, 2),
        _cell(signals.crown_px, 1),
        _cell(signals.hairline_px, 1),
        _cell(signals.shoulder_width_ratio, 4),
        _cell(math.degrees(signals.trunk_azimuth_rad), 1),
        _cell(signals.head_blur, 2),
        _cell(math.degrees(fit.free_neck_rad) if fit else None, 2),
        _cell(100 * fit.seat_sink_m if fit else None, 2),
        _cell(100 * fit.seat_shift_m if fit else None, 2),
        _cell(fit.misfit if fit else None, 2),
    ]


def _cell(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"
