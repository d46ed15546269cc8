"""Hold the measured angles against clips whose true posture is known.

    python benchmarks/accuracy.py FOLDER [--only PATTERN] [--every-frame] [--ablate] [--json FILE]
                                  [--brightness SHARE] [--noise SD]

FOLDER holds pairs NAME.mp4 and NAME.csv (or NAME_truth.csv), the truth with one row a frame: t_s,
head_pitch, head_yaw, head_roll, trunk_flexion, neck_inclination (degrees), person_in_frame, as in
samples/README.md. Each clip is measured as `posturecam replay` measures it, with the neutral that it finds
itself, and compared with the truth relative to the same seconds. With --every-frame all landmarks are looked
for in every frame, and not only where the picture has changed. With --brightness and --noise the pictures are first
made as a dim room's. Left out are frames without the person and, but for yaw and roll, frames turned by more than 30°.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import fnmatch
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from calibration.steady import Stretch
from posturecam.closing import Closing
from posturecam.core import body_fit, measurement
from posturecam.core.landmarks import Array, Landmarks
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import Neutral, neutral_of
from posturecam.core.posture import SURE_WITHIN_DEG, Posture, View
from posturecam.core.smoothing import PostureSmoother
from posturecam.neutral_stretch import find_neutral_stretch
from posturecam.replay import watch
from posturecam.vision.frames import Frame
from posturecam.vision.landmarker import Landmarker, MediaPipeLandmarker
from posturecam.vision.thrifty_landmarker import ThriftyLandmarker
from posturecam.vision.video_file import VideoFile

ANGLES = {
    "neck_flexion": lambda truth: truth["head_pitch"] - truth["trunk_flexion"],
    "head_pitch": lambda truth: truth["head_pitch"],
    "trunk_flexion": lambda truth: truth["trunk_flexion"],
    "head_forward": lambda truth: truth["neck_inclination"],
    "head_yaw": lambda truth: truth["head_yaw"],
    "head_roll": lambda truth: truth["head_roll"],
}
BANDS_DEG = ((-90, -5), (-5, 10), (10, 20), (20, 30), (30, 40), (40, 50), (50, 90))
FRONTAL_DEG = 30.0
LOW_CAMERA_RAD = np.radians(8.0)
MOVING_DEG_S = 5.0
"""The delay is read where the head moves faster."""


class InLight(Closing):
    """A video, its pictures `brightness` times as bright, with `noise` (standard deviation, of 255) in each value."""

    def __init__(self, video: VideoFile, brightness: float, noise: float) -> None:
        self._video, self._brightness, self._noise = video, brightness, noise
        self.facts = video.facts

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the video."""
        return self._video.notes

    def __iter__(self) -> Iterator[Frame]:
        rng = np.random.default_rng(0)
        for frame in self._video:
            values = self._brightness * frame.image + self._noise * rng.standard_normal(frame.image.shape, np.float32)
            yield Frame(frame.t_s, np.clip(values, 0, 255).astype(np.uint8))

    def close(self) -> None:
        """Close the video."""
        self._video.close()


@dataclass(frozen=True)
class Clip:
    """One clip, seen once."""

    name: str
    landmarks: tuple[Landmarks, ...]
    truth: dict[str, Array]
    """Columns of the truth at the frames' times."""
    stretch: Stretch
    neutral: Neutral


@dataclass(frozen=True)
class Errors:
    """What one clip's measured angles came to, against the truth."""

    clip: str
    view: str
    t_s: Array
    at_neutral: Array
    want: dict[str, Array]
    got: dict[str, Array]
    sd: dict[str, Array]
    face_seen: Array
    used: dict[str, Array]


def pairs(folder: Path, only: str) -> list[tuple[Path, Path]]:
    """Return the clips of a folder whose names fit a pattern, each with its truth."""
    return [
        (video, truth)
        for video in sorted(folder.glob("*.mp4"))
        for truth in (video.with_suffix(".csv"), video.with_name(f"{video.stem}_truth.csv"))
        if truth.exists() and fnmatch.fnmatch(video.stem, only)
    ]


def load(
    video: Path, truth_csv: Path, landmarker: Callable[[], Landmarker], brightness: float = 1.0, noise: float = 0.0
) -> Clip | None:
    """Return the clip's landmarks and its truth at their times; None where no neutral can be found in it."""
    with VideoFile(video) as plain, landmarker() as finder:
        source = plain if (brightness, noise) == (1, 0) else InLight(plain, brightness, noise)
        landmarks = watch(source, finder).landmarks
    truth = columns_at(truth_csv, landmarks)
    found = find_neutral_stretch(landmarks)
    if found is None:
        print(f"{video}: no neutral can be found", file=sys.stderr)
        return None
    stretch = found[0]
    inside = [one for one in landmarks if stretch.start_s <= one.t_s <= stretch.end_s]
    return Clip(video.stem, landmarks, truth, stretch, neutral_of(inside))


def columns_at(table: Path, landmarks: Sequence[Landmarks]) -> dict[str, Array]:
    """Return the columns of numbers in a table of the truth, at the frames' times."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    t_s = np.array([float(row["t_s"]) for row in rows])
    nearest = np.array([np.abs(t_s - one.t_s).argmin() for one in landmarks])
    numbers = [name for name in rows[0] if name != "label"]
    return {name: np.array([float(row[name]) for row in rows])[nearest] for name in numbers}


def compare(clip: Clip, smooth: bool = True) -> Errors:
    """Measure the clip and return the measured and the true angles."""
    meter, smoother = Measurement(clip.neutral), PostureSmoother()
    raw = [meter.measure(one) for one in clip.landmarks]
    postures = [smoother.update(posture) for posture in raw] if smooth else raw
    t_s = np.array([one.t_s for one in clip.landmarks])
    inside = (t_s >= clip.stretch.start_s) & (t_s <= clip.stretch.end_s)
    present = clip.truth["person_in_frame"] == 1
    frontal = np.abs(clip.truth["head_yaw"]) <= FRONTAL_DEG
    want = {name: (v := column(clip.truth)) - np.median(v[inside]) for name, column in ANGLES.items()}
    return Errors(
        clip.name,
        _view_name(meter),
        t_s,
        inside,
        want,
        {name: _column(postures, name, "deg") for name in ANGLES},
        {name: _column(postures, name, "sd_deg") for name in ANGLES},
        np.array([one.face_px is not None for one in clip.landmarks]),
        {name: present & (frontal | (name in ("head_yaw", "head_roll"))) for name in ANGLES},
    )


def _view_name(meter: Measurement) -> str:
    view = meter.scene.view
    if view is View.FRONT:
        return "front, low camera" if meter.scene.tilt_rad > LOW_CAMERA_RAD else "front, camera at eye height"
    return "side" if view is View.SIDE else "three-quarter"


def _column(postures: Sequence[Posture], name: str, part: str) -> Array:
    values = [getattr(getattr(posture, name), part) for posture in postures]
    return np.array([np.nan if value is None else value for value in values])


def pooled(errors: Sequence[Errors], name: str, where: Callable[[Errors], Array]) -> tuple[Array, Array]:
    """Return the errors of an angle and their expected standard deviations, over several clips."""
    error = np.concatenate([(e.got[name] - e.want[name])[where(e) & e.used[name]] for e in errors])
    sd = np.concatenate([e.sd[name][where(e) & e.used[name]] for e in errors])
    return error, sd


def everywhere(errors: Errors) -> Array:
    """Every frame."""
    return np.ones(len(errors.face_seen), bool)


def sums(error: Array) -> dict[str, float]:
    """Return mean absolute error, bias, 95th percentile (degrees) and the share measured."""
    seen = error[~np.isnan(error)]
    if len(seen) == 0:
        return {"n": len(error), "measured": 0.0}
    return {
        "n": len(error),
        "measured": float(len(seen) / len(error)),
        "mae": float(np.abs(seen).mean()),
        "bias": float(seen.mean()),
        "p95": float(np.percentile(np.abs(seen), 95)),
    }


def table_of_angles(errors: Sequence[Errors]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the sums by view and angle; yaw and roll while the face is seen."""
    views = sorted({e.view for e in errors})
    answer: dict[str, dict[str, dict[str, float]]] = {}
    for view in [*views, "all"]:
        mine = [e for e in errors if view in ("all", e.view)]
        answer[view] = {name: sums(pooled(mine, name, everywhere)[0]) for name in ANGLES}
        for name in ("head_pitch", "head_yaw", "head_roll"):
            answer[view][f"{name}, face seen"] = sums(pooled(mine, name, lambda e: e.face_seen)[0])
    return answer


def table_of_bands(errors: Sequence[Errors]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the sums of neck flexion by view and true flexion."""
    answer: dict[str, dict[str, dict[str, float]]] = {}
    for view in [*sorted({e.view for e in errors}), "all"]:
        mine = [e for e in errors if view in ("all", e.view)]
        answer[view] = {}
        for low, high in BANDS_DEG:
            band = sums(pooled(mine, "neck_flexion", _in_band(low, high))[0])
            if band["n"] >= 5:
                answer[view][f"{low}..{high}"] = band
    return answer


def _in_band(low: float, high: float) -> Callable[[Errors], Array]:
    return lambda e: (e.want["neck_flexion"] >= low) & (e.want["neck_flexion"] < high)


def confidence(errors: Sequence[Errors]) -> dict[str, float]:
    """Return how often an angle that was called sure lay within 6° of the truth."""
    error, sd = pooled(errors, "neck_flexion", everywhere)
    seen = ~np.isnan(error)
    sure = seen & (sd <= SURE_WITHIN_DEG / 1.96)  # the normal distribution's 95 %
    return {
        "called_sure": float(sure.sum() / seen.sum()),
        "sure_within_6_deg": float((np.abs(error[sure]) <= SURE_WITHIN_DEG).mean()) if sure.any() else np.nan,
        "unsure_within_6_deg": float((np.abs(error[seen & ~sure]) <= SURE_WITHIN_DEG).mean()),
    }


def jitter_deg(errors: Errors) -> float:
    """Return the standard deviation of the neck flexion's error over the neutral stretch."""
    return float(np.nanstd((errors.got["neck_flexion"] - errors.want["neck_flexion"])[errors.at_neutral]))


def delay_s(errors: Errors) -> float:
    """Return by how much the measured neck flexion must be moved to fit the true one best."""
    want, got, t_s = errors.want["neck_flexion"], errors.got["neck_flexion"], errors.t_s
    seen = ~np.isnan(got) & errors.used["neck_flexion"]
    moving = seen & (np.abs(np.gradient(want, t_s)) > MOVING_DEG_S)
    delays = np.arange(-0.4, 0.8, 0.02)
    misfits = [np.mean((np.interp(t_s[moving] - d, t_s, want) - got[moving]) ** 2) for d in delays]
    return float(delays[int(np.argmin(misfits))])


@contextlib.contextmanager
def altered(module: ModuleType, **values: Any) -> Iterator[None]:
    """Within the block some constants of a module have other values."""
    kept = {name: getattr(module, name) for name in values}
    try:
        for name, value in values.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in kept.items():
            setattr(module, name, value)


def ablations() -> dict[str, contextlib.AbstractContextManager[None]]:
    """Return what to leave out, by name."""
    never = 1e6
    return {
        "everything": contextlib.nullcontext(),
        "without the face's pitch": altered(measurement, FACE_SD_RAD=never),
        "without the face's size": altered(measurement, FACE_DEPTH_SD=never),
        "without the face's eyes": altered(measurement, MARKED=(), MARKED_ON_FACE=()),
        "without what a lost face tells": altered(measurement, LOST_FACE_SD_RAD=never),
        "without expecting a hidden head's eyes on its hair": altered(
            body_fit, HIDDEN_GAIN=1.0, HIDDEN_POINT_PER_RAD=0.0
        ),
        "without doubting a hidden head": altered(measurement, COLLAPSED_EYES=0.0, SLIPPED_BLUR=0.0),
        "without telling false faces": altered(measurement, WARP=never),
        "without the head's place": altered(body_fit, HEAD_POINT_M=never, NOSE_POINT_M=never, EAR_POINT_M=never),
        "without the head's top": altered(body_fit, CROWN_M=never),
        "without the shoulders' width": altered(body_fit, SHOULDER_WIDTH_SHARE=never),
    }


def faceless(clip: Clip) -> Clip:
    """Return the clip as if FaceMesh had never found a face."""
    blind = tuple(replace(one, face_px=None) for one in clip.landmarks)
    return replace(clip, landmarks=blind)


def unturned(clip: Clip) -> Clip:
    """Return the clip as if the turn of a profile's picture were not known."""
    blind = tuple(replace(one, head_turn=None) for one in clip.landmarks)
    return replace(clip, landmarks=blind, neutral=replace(clip.neutral, head_turns=()))


def hairless(clip: Clip) -> Clip:
    """Return the clip as if the hairline were not known."""
    blind = tuple(replace(one, hairline_px=None) for one in clip.landmarks)
    return replace(clip, landmarks=blind, neutral=replace(clip.neutral, hairline_px=None))


def ablate(clips: Sequence[Clip]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the sums of neck flexion by what was left out and view."""
    answer = {}
    for name, without in ablations().items():
        with without:
            answer[name] = _neck_by_view([compare(clip) for clip in clips])
    answer["without the hairline"] = _neck_by_view([compare(hairless(clip)) for clip in clips])
    answer["without the turn of a profile's picture"] = _neck_by_view([compare(unturned(clip)) for clip in clips])
    with altered(measurement, LOST_FACE_SD_RAD=1e6):
        answer["without any face after neutral"] = _neck_by_view([compare(faceless(clip)) for clip in clips])
    return answer


def _neck_by_view(errors: Sequence[Errors]) -> dict[str, dict[str, float]]:
    return {view: angles["neck_flexion"] for view, angles in table_of_angles(errors).items()}


def show(title: str, rows: dict[str, dict[str, dict[str, float]]], console: Console) -> None:
    """Print one table: a row for each pair of keys."""
    table = Table("", "", "mean abs error", "bias", "95 %", "measured", "frames", title=title, title_justify="left")
    for view, entries in rows.items():
        for name, e in entries.items():
            numbers = [f"{e[key]:.2f}°" if key in e else "-" for key in ("mae", "bias", "p95")]
            table.add_row(view, name, *numbers, f"{100 * e['measured']:.1f} %", f"{e['n']:.0f}")
        table.add_section()
    console.print(table)


def main() -> None:
    """Measure every clip of the folder and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*", help="names of clips, such as 'n0*'")
    parser.add_argument("--every-frame", action="store_true", help="look for everything in every frame")
    parser.add_argument("--brightness", type=float, default=1.0, help="by which pictures are multiplied")
    parser.add_argument("--noise", type=float, default=0.0, help="standard deviation of what is added then, of 255")
    parser.add_argument("--ablate", action="store_true", help="also leave out one signal after the other")
    parser.add_argument("--json", type=Path, help="also write all figures here")
    arguments = parser.parse_args()
    clips_and_truths = pairs(arguments.folder, arguments.only)
    if not clips_and_truths:
        sys.exit(f"{arguments.folder}: no NAME.mp4 with NAME.csv or NAME_truth.csv beside it")
    console = Console(width=110)
    talk = Console(stderr=True)
    landmarker = MediaPipeLandmarker if arguments.every_frame else ThriftyLandmarker
    light = arguments.brightness, arguments.noise
    seen = [load(*pair, landmarker, *light) for pair in track(clips_and_truths, "Looking at clips", console=talk)]
    clips = [clip for clip in seen if clip]
    errors = [compare(clip) for clip in clips]
    figures: dict[str, Any] = {
        "angles": table_of_angles(errors),
        "bands": table_of_bands(errors),
        "clips": {e.clip: {"neck_flexion": sums(pooled([e], "neck_flexion", everywhere)[0])} for e in errors},
        "confidence": confidence(errors),
        "jitter_deg": {e.clip: jitter_deg(e) for e in errors},
        "delay_s": {e.clip: delay_s(e) for e in errors},
    }
    show("Angles by view", figures["angles"], console)
    show("Neck flexion by view and true flexion", figures["bands"], console)
    show("Neck flexion by clip", figures["clips"], console)
    sure = figures["confidence"]
    console.print(
        f"Called sure: {100 * sure['called_sure']:.0f} % of the samples, of which "
        f"{100 * sure['sure_within_6_deg']:.1f} % lie within 6° of the truth; "
        f"of the others {100 * sure['unsure_within_6_deg']:.1f} %."
    )
    for name, unit in (("jitter_deg", "°"), ("delay_s", " s")):
        values = list(figures[name].values())
        title = name.split("_")[0].capitalize()
        console.print(f"{title}: {np.median(values):.2f}{unit} (median of clips), {max(values):.2f}{unit} at most.")
    if arguments.ablate:
        figures["ablation"] = ablate(clips)
        show("Neck flexion with one signal left out", figures["ablation"], console)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
