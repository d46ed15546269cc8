"""Hold the measured neck flexion against synthetic people of many proportions, seen from all around.

    python benchmarks/proportions.py [--people N] [--json FILE]

There is no recording with truth in a three-quarter view. So people are drawn at random (the skeleton of
tests/people.py with other lengths and habits of the neck, and FaceMesh's gain of other faces), put before
cameras of other heights, tilts and fields of view than the program assumes, and their landmarks are moved by
what BlazePose errs. This shows what the geometry of a view can and cannot tell; it cannot show how MediaPipe
sees a face that is turned.

A face is seen from neutral on, and lost when it bends; or never seen, as under a mask.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import altered
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import people
from posturecam.core.landmarks import Array, Body, Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import neutral_of
from posturecam.core.posture import SURE_WITHIN_DEG

AZIMUTHS_DEG = (0, 15, 30, 40, 50, 60, 75, 90)
FLEXIONS_DEG = (-10, 10, 20, 30, 40, 50, 60)
LENGTHS_SD = 0.06
"""Spread of a length between people, as a share of it."""
LANDMARK_SD_M = 0.006
"""By how much BlazePose misplaces a point in a pose."""
FACE_FOUND_DEG = 65
"""A face that is turned further is not found at neutral."""
FACE_LOST_DEG, FACE_LOST_SD_DEG = 44, 6
"""Bend from the line of sight at which FaceMesh loses a face (benchmarks/learn_face.py)."""


@dataclass(frozen=True)
class Reading:
    """One measured pose."""

    azimuth: int
    flexion: int
    error_deg: float
    """NaN when it was not measured."""
    sure: bool


def someone(rng: np.random.Generator) -> dict[str, Any]:
    """Return other values for the constants of `people`."""

    def about(values: float | tuple[float, ...]) -> Any:
        scaled = np.array(values) * rng.normal(1, LENGTHS_SD, np.shape(values))
        return scaled.tolist() if np.ndim(scaled) else float(scaled)

    return {
        "TRUNK_M": about(people.TRUNK_M),
        "NECK_M": about(people.NECK_M),
        "NECK_INCLINATION_DEG": rng.normal(people.NECK_INCLINATION_DEG, 4),
        "SHOULDER_M": about(people.SHOULDER_M),
        "HEAD_M": {point: tuple(about(place)) for point, place in people.HEAD_M.items()},
        "SKULL_RADII_M": about(people.SKULL_RADII_M),
        "LOWER_NECK_SHARE": rng.normal(people.LOWER_NECK_SHARE, 0.05),
        "FACE_GAIN": rng.uniform(0.66, 1.01),
        "FACE_PITCH": rng.uniform(1.0, 1.5),
    }


def somewhere(rng: np.random.Generator, azimuth: float) -> people.Desk:
    """Return a camera that sees the person from this side."""
    return people.Desk(
        azimuth * rng.choice([-1, 1]),
        rng.uniform(0.6, 0.9) + 0.4 * abs(np.sin(np.radians(azimuth))),
        rng.uniform(-8, 16),
        (0.5, rng.uniform(0.3, 0.5)),
        field_of_view_deg=rng.uniform(58, 76),
    )


def bent(rng: np.random.Generator, flexion: float) -> people.Pose:
    """Return a pose of this neck flexion, with what else people do meanwhile."""
    trunk = rng.normal(0.08 * flexion, 2)
    turned = {"head_yaw": rng.normal(0, 4), "head_roll": rng.normal(0, 3)}
    return people.Pose(flexion + trunk, trunk_flexion=trunk, poke=rng.normal(0, 3), **turned)


def misplaced(landmarks: Landmarks, desk: people.Desk, rng: np.random.Generator) -> Landmarks:
    """Return the landmarks as BlazePose might see them: head and shoulders each as one, and every point a little."""
    sd_px = LANDMARK_SD_M * desk.focal_px / desk.distance_m
    body_px: Array = landmarks.body_px + rng.normal(0, sd_px / 3, landmarks.body_px.shape)
    for part in (slice(Body.NOSE, Body.LEFT_SHOULDER), slice(Body.LEFT_SHOULDER, Body.LEFT_ELBOW)):
        body_px[part, :2] += rng.normal(0, sd_px, 2)
    return replace(landmarks, body_px=body_px)


def readings(rng: np.random.Generator, faces: bool) -> list[Reading]:
    """Measure one person from every side in every pose; `faces` says whether FaceMesh finds any."""
    answer = []
    with altered(people, **someone(rng)):
        for azimuth in AZIMUTHS_DEG:
            desk = somewhere(rng, azimuth)
            finds = faces and azimuth < FACE_FOUND_DEG
            meter = Measurement(neutral_of([misplaced(people.seen(desk=desk, face=finds, crown=True), desk, rng)]))
            for flexion in FLEXIONS_DEG:
                pose = bent(rng, flexion)
                seen = finds and pose.head_pitch - desk.tilt < rng.normal(FACE_LOST_DEG, FACE_LOST_SD_DEG)
                frame = misplaced(people.seen(pose, desk, face=seen, crown=True), desk, rng)
                neck = meter.measure(frame).neck_flexion
                error = np.nan if neck.deg is None else neck.deg - pose.neck_flexion
                sure = neck.sd_deg is not None and neck.sd_deg <= SURE_WITHIN_DEG / 1.96
                answer.append(Reading(azimuth, flexion, float(error), sure))
    return answer


def sums(mine: list[Reading]) -> dict[str, float]:
    """Return mean absolute error, bias (degrees), the share measured, and what is called sure and is right."""
    error, sure = np.array([one.error_deg for one in mine]), np.array([one.sure for one in mine])
    measured = ~np.isnan(error)
    return {
        "mae": float(np.abs(error[measured]).mean()),
        "bias": float(error[measured].mean()),
        "measured": float(measured.mean()),
        "sure": float(sure.mean()),
        "sure_within_6_deg": float((np.abs(error[sure]) <= SURE_WITHIN_DEG).mean()) if sure.any() else np.nan,
    }


def main() -> None:
    """Draw the people, measure them and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--json", type=Path, help="also write all figures here")
    arguments = parser.parse_args()
    figures: dict[str, dict[int, dict[str, dict[str, float]]]] = {}
    console = Console(width=120)
    for name, faces in (("with a face at neutral", True), ("without a face", False)):
        rng = np.random.default_rng(11226)
        all_of = [one for _ in range(arguments.people) for one in readings(rng, faces)]
        title = f"Neck flexion {name}: mean abs error (bias) by true flexion, {arguments.people} people"
        columns = ["seen from", *(f"{flexion}°" for flexion in FLEXIONS_DEG), "all", "measured", "sure", "of it right"]
        table = Table(*columns, title=title, title_justify="left")
        figures[name] = {}
        for azimuth in AZIMUTHS_DEG:
            mine = [one for one in all_of if one.azimuth == azimuth]
            row = {str(f): sums([one for one in mine if one.flexion == f]) for f in FLEXIONS_DEG} | {"all": sums(mine)}
            figures[name][azimuth] = row
            whole = row["all"]
            table.add_row(
                f"{azimuth}°",
                *(f"{cell['mae']:.1f} ({cell['bias']:+.1f})" for cell in row.values()),
                *(f"{100 * whole[key]:.0f} %" for key in ("measured", "sure", "sure_within_6_deg")),
            )
        console.print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
