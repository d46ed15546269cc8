"""Learn how hairlines move as heads bend, from clips of rendered people whose posture is known.

    python benchmarks/learn_hairline.py FOLDER [--only PATTERN]

FOLDER holds clips with truth as benchmarks/accuracy.py takes them. Prints `HAIRLINE_M` and `HAIR_TOP_M` of
posturecam/core/hairline.py: those with which the pitch of heads that hide their face errs least, every clip counting by
the root of its frames. Needs SciPy, which comes with MediaPipe.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from accuracy import FRONTAL_DEG, Clip, load, pairs
from scipy.optimize import minimize

from posturecam.core import hairline
from posturecam.core.body_fit import FaceReading
from posturecam.core.hairline import NeutralHairline
from posturecam.core.landmarks import Array, shoulder_width_px
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import Neutral
from posturecam.core.posture import View
from posturecam.core.scene import Scene
from posturecam.vision.thrifty_landmarker import ThriftyLandmarker

START, REACH = (0.15, 0.10, 0.105), (0.015, 0.015, 0.01)
WORST_DEG = 25.0
"""A larger error counts as this."""


@dataclass(frozen=True)
class Hidden:
    """The frames of one clip that hide the face."""

    neutral: Neutral
    scene: Scene
    seen: tuple[tuple[float, float, float, FaceReading], ...]
    """Top of the head, hairline, size of the trunk, and what is expected of a lost face."""
    truth_deg: Array


def hidden(clip: Clip) -> Hidden | None:
    """Return what one clip has to teach; None where it shows no hairline from the front."""
    neutral = clip.neutral
    meter = Measurement(replace(neutral, hairline_px=None))
    if neutral.crown_px is None or neutral.hairline_px is None or meter.scene.view is not View.FRONT:
        return None
    t_s, pitch_deg = clip.truth["t_s"], clip.truth["head_pitch"]
    inside = (t_s >= clip.stretch.start_s) & (t_s <= clip.stretch.end_s)
    seen, truth_deg = [], []
    for k, one in enumerate(clip.landmarks):
        _, signals = meter.explain(one)
        if signals is None or signals.face_seen or not signals.face or abs(clip.truth["head_yaw"][k]) > FRONTAL_DEG:
            continue
        if one.body_px is not None and one.crown_px is not None and one.hairline_px is not None:
            size = shoulder_width_px(one.body_px) / shoulder_width_px(neutral.body_px)
            seen.append((one.crown_px, one.hairline_px, size, signals.face))
            truth_deg.append(float(pitch_deg[k] - np.median(pitch_deg[inside])))
    return Hidden(neutral, meter.scene, tuple(seen), np.array(truth_deg)) if seen else None


def error_deg(values: Array, clips: list[Hidden]) -> float:
    """Return how much the pitch errs with these constants."""
    hairline.HAIRLINE_M = float(values[0]), float(values[1])
    hairline.HAIR_TOP_M = float(values[2])
    errors, weights = [], []
    for clip in clips:
        line = NeutralHairline(clip.neutral, clip.scene)
        read_deg = np.degrees([line.read(*one).pitch_rad for one in clip.seen])
        errors.append(float(np.minimum(np.abs(read_deg - clip.truth_deg), WORST_DEG).mean()))
        weights.append(len(read_deg) ** 0.5)
    return float(np.average(errors, weights=weights))


def main() -> None:
    """Learn from what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*", help="names of clips, such as 'n0*'")
    arguments = parser.parse_args()
    found = [load(video, truth, ThriftyLandmarker) for video, truth in pairs(arguments.folder, arguments.only)]
    clips = [one for clip in found if clip and (one := hidden(clip))]
    simplex = np.array([START, *(np.array(START) + np.diag(REACH))])
    best = minimize(error_deg, START, (clips,), "Nelder-Mead", options={"maxiter": 160, "initial_simplex": simplex})
    forward_m, up_m, top_m = np.round(np.abs(best.x), 3)
    print(f"{len(clips)} clips, {sum(len(clip.seen) for clip in clips)} frames: {best.fun:.2f} degrees")
    print(f"HAIRLINE_M = ({forward_m}, {up_m})\nHAIR_TOP_M = {top_m}")


if __name__ == "__main__":
    main()
