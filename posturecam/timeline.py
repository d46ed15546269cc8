"""A timeline.csv as arrays."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posturecam.core.landmarks import Array
from posturecam.errors import UnreadableError
from posturecam.sinks.timeline import COLUMNS


@dataclass(frozen=True, eq=False)
class Timeline:
    """The analysed frames of a recording, one value each. Angles are changes from neutral, NaN where missing.

    Signs: pitch down, flexion forward and head forward are positive; yaw and roll are positive towards the
    person's left.
    """

    t_s: Array
    """Stream time, seconds, increasing."""
    present: NDArray[np.bool_]
    """Somebody was in the picture."""
    absence: NDArray[np.str_]
    """Why there is no neck flexion; empty where there is one."""
    view: NDArray[np.str_]
    """`front`, `three_quarter` or `side`; empty where nobody was there."""
    head_pitch_deg: Array
    trunk_flexion_deg: Array
    neck_flexion_deg: Array
    head_forward_deg: Array
    head_yaw_deg: Array
    head_roll_deg: Array
    confidence: Array
    """Probability that the neck flexion lies within 6° of the truth; 0 where it is missing."""
    state: NDArray[np.str_]
    """`neutral`, `amber`, `red`, `severe`, `unknown` or `away`."""

    def __len__(self) -> int:
        return len(self.t_s)


def load_timeline(path: str | os.PathLike[str]) -> Timeline:
    """Read a timeline.csv, or the one in a folder that `posturecam replay` wrote.

    Raises UnreadableError when there is none, or it is not one.
    """
    file = Path(path)
    file = file / "timeline.csv" if file.is_dir() else file
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
        if not rows or tuple(rows[0]) != COLUMNS:
            raise UnreadableError(f"{file} is no timeline: its columns must be {', '.join(COLUMNS)}")
        columns = zip(*rows[1:], strict=True) if rows[1:] else [()] * len(COLUMNS)
        return Timeline(*(_column(name, cells) for name, cells in zip(COLUMNS, columns, strict=True)))
    except OSError as error:
        raise UnreadableError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise UnreadableError(f"{file} is damaged: {error}") from error


def _column(name: str, cells: tuple[str, ...]) -> NDArray[Any]:
    if name == "present":
        return np.array([cell == "1" for cell in cells], bool)
    if name in ("absence", "view", "state"):
        return np.array(cells, str)
    return np.array([float(cell) if cell else np.nan for cell in cells], float)
