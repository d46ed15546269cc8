"""Landmark traces of the sample clips: what the model saw, so that measuring can be tested without it.

    python tests/traces/record.py

makes every trace anew, next to this file. A trace is an .npz of whole numbers: `t_ms`, `size` (width,
height), `body` (n, 33, 3) and `face` (n, 468, 3) in eighths of a pixel, as differences from the frame before,
which compress well, `visibility` in hundredths, and `has_body`, `has_face`; where there is none, the frame
before is repeated. `crown_px`, `hairline_px`, `head_turn_rad` and `head_turn_since_s` are NaN where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from posturecam.core.landmarks import BODY_POINTS, FACE_POINTS, Array, HeadTurn, Landmarks

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"
STEPS_PER_PX = 8


def save(path: Path, frames: Iterable[Landmarks]) -> None:
    """Write the landmarks of a recording."""
    seen = list(frames)
    has_body, body = _stacked([one.body_px for one in seen], BODY_POINTS)
    has_face, face = _stacked([one.face_px for one in seen], FACE_POINTS)
    visibility = [np.zeros(BODY_POINTS) if one.visibility is None else one.visibility for one in seen]
    np.savez_compressed(
        path,
        t_ms=np.array([round(1000 * one.t_s) for one in seen], np.int32),
        size=np.array([seen[0].width_px, seen[0].height_px], np.int32),
        has_body=has_body,
        body=body,
        visibility=np.round(100 * np.array(visibility)).astype(np.uint8),
        has_face=has_face,
        face=face,
        crown_px=_numbers(one.crown_px for one in seen),
        hairline_px=_numbers(one.hairline_px for one in seen),
        head_turn_rad=_numbers(one.head_turn and one.head_turn.turn_rad for one in seen),
        head_turn_since_s=_numbers(one.head_turn and one.head_turn.since_s for one in seen),
    )


def load(path: Path) -> list[Landmarks]:
    """Read the landmarks of a recording."""
    with np.load(path) as trace:
        width_px, height_px = map(int, trace["size"])
        body, face = (_unstacked(trace[name]) for name in ("body", "face"))
        crowns, hairlines = (_optional(trace[name]) for name in ("crown_px", "hairline_px"))
        turns = [_optional(trace[name]) for name in ("head_turn_rad", "head_turn_since_s")]
        return [
            Landmarks(
                t_ms / 1000,
                width_px,
                height_px,
                body[k] if trace["has_body"][k] else None,
                trace["visibility"][k] / 100 if trace["has_body"][k] else None,
                face[k] if trace["has_face"][k] else None,
                crown_px=crowns[k],
                hairline_px=hairlines[k],
                head_turn=None if turn_rad is None or since_s is None else HeadTurn(turn_rad, since_s),
            )
            for k, (t_ms, turn_rad, since_s) in enumerate(zip(trace["t_ms"].tolist(), *turns, strict=True))
        ]


def _stacked(points: list[Array | None], count: int) -> tuple[Array, Array]:
    """Return where there are points, and what has to be added to the frame before to get them."""
    has = np.array([one is not None for one in points])
    whole, last = [], np.zeros((count, 3))
    for one in points:
        last = last if one is None else np.round(one * STEPS_PER_PX)
        whole.append(last)
    return has, np.diff(np.array(whole), axis=0, prepend=0).astype(np.int16)


def _numbers(values: Iterable[float | None]) -> Array:
    return np.array([np.nan if one is None else one for one in values], np.float32)


def _optional(values: Array) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in values]


def _unstacked(differences: Array) -> Array:
    points: Array = np.cumsum(differences, axis=0, dtype=np.int32) / STEPS_PER_PX
    return points


if __name__ == "__main__":
    from posturecam.replay import watch
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.video_file import VideoFile

    for clip in sorted(SAMPLES.glob("*.mp4")):
        with VideoFile(clip) as source, MediaPipeLandmarker() as landmarker:
            save(HERE / f"{clip.stem}.npz", watch(source, landmarker).landmarks)
