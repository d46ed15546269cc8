"""Films a clip and writes the truth beside it."""

from __future__ import annotations

import csv
import json
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.rendering.assets import Array, Assets
from benchmarks.rendering.person import Person, Traits
from benchmarks.rendering.posture import ACROMIA, C7, TRAGI, Pose, joint_motions, moved
from benchmarks.rendering.room import Room
from benchmarks.rendering.script import FPS, Clip, rng_of
from benchmarks.rendering.stage import Camera, Light, Sensor, Stage

COLUMNS = (
    *("t_s", "neck_flexion", "head_pitch", "head_yaw", "head_roll", "trunk_flexion", "thorax_pitch", "neck_yaw"),
    *("neck_roll", "neck_inclination", "cva", "forward_head_cm", "shoulder_elevation_l_cm"),
    *("shoulder_elevation_r_cm", "person_in_frame", "label"),
)
LANDMARKS = (("c7", ""), ("tragi", "lr"), ("acromia", "lr"), ("eyes", "lr"), ("hip_mid", ""))
SINGULAR = {"tragi": "tragus", "acromia": "acromion", "eyes": "eye"}


def film(clip: Clip, assets: Assets, folder: Path) -> float:
    """Write a clip and its truth; return the seconds that a frame took."""
    person = Person(assets, Traits.of(clip.person))
    neutral = person.traits.neutral
    camera = clip.camera(person)
    light = Light.of(rng_of(clip.name, "light"), camera.azimuth_deg)
    room_rng = rng_of(clip.name, "room")
    room = Room.of(room_rng, camera.azimuth_deg)
    sensor = Sensor(rng_of(clip.name, "sensor"), camera.size)
    points = person.ruler.points(neutral)
    eyes = points["eyes"].mean(axis=0)
    stage = Stage(person.parts, camera, light, eyes)
    _place(stage, person, neutral)
    stage.learn_openness(_middle(points))
    blur_px = room_rng.uniform(0.4, 1.5) * camera.size[0] / 640
    background = cv2.GaussianBlur(stage.background(room), (0, 0), blur_px)
    truth, landmarks = [], []
    start = time.perf_counter()
    with _encoder(folder / f"{clip.name}.mp4", camera.size) as encoder:
        assert encoder.stdin
        for t_s in clip.times_s:
            pose = clip.pose_at(t_s, neutral)
            points = person.ruler.points(pose)
            _place(stage, person, pose)
            picture = stage.shoot(_middle(points))
            encoder.stdin.write(sensor.expose(picture[:, :, :3] + background * (1 - picture[:, :, 3:])).tobytes())
            measured = {name: round(value, 3) for name, value in person.ruler.measure(pose).items()}
            at = camera.pixels(points["skull"], eyes) / camera.size
            inside = int(((at > 0) & (at < 1)).all(axis=1).mean() >= 0.5)
            about = {"t_s": round(t_s, 3), "person_in_frame": inside, "label": clip.script.label_at(t_s)}
            truth.append(about | measured)
            landmarks.append({"t_s": round(t_s, 3)} | _landmark_row(points, camera, eyes))
        encoder.stdin.close()
        if encoder.wait():
            raise SystemExit(f"ffmpeg failed on {clip.name}")
    took_s = (time.perf_counter() - start) / len(truth)
    stage.close()
    _write_csv(folder / f"{clip.name}.csv", COLUMNS, truth)
    _write_csv(folder / f"{clip.name}_landmarks.csv", tuple(landmarks[0]), landmarks)
    about = _about(clip, person, camera, light, eyes) | {"seconds_per_frame": took_s}
    (folder / f"{clip.name}.json").write_text(json.dumps(about, indent=1, default=_plain))
    return took_s


def _place(stage: Stage, person: Person, pose: Pose) -> None:
    motions = joint_motions(pose, person.places).astype(np.float32)
    turns = motions * np.array([1, 1, 1, 0], np.float32)
    stage.place(moved(stage.points, stage.weights, motions), moved(stage.normals, stage.weights, turns))


def _middle(points: dict[str, Array]) -> Array:
    """Return the middle of head and shoulders: what light and shadow are looked at around."""
    return np.asarray(0.6 * points["tragi"].mean(axis=0) + 0.4 * points["c7"][0])


def _encoder(path: Path, size: tuple[int, int]) -> subprocess.Popen[bytes]:
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(FPS), "-i", "-"]
    h264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "25", "-pix_fmt", "yuv420p", "-threads", "1"]
    return subprocess.Popen(["ffmpeg", "-v", "error", "-y", *raw, *h264, str(path)], stdin=subprocess.PIPE)


def _landmark_row(points: dict[str, Array], camera: Camera, eyes: Array) -> dict[str, float]:
    row = {}
    for name, sides in LANDMARKS:
        pixels = camera.pixels(points[name], eyes)
        for i, side in enumerate(sides or [""]):
            prefix = f"{SINGULAR.get(name, name)}" + (f"_{side}" if side else "")
            values = [*pixels[i], *points[name][i]]
            for axis, value in zip(("u_px", "v_px", "x_m", "y_m", "z_m"), values, strict=True):
                row[f"{prefix}_{axis}"] = round(float(value), 4)
    return row


def _about(clip: Clip, person: Person, camera: Camera, light: Light, eyes: Array) -> dict[str, Any]:
    pose = camera.to_world(eyes)
    pitch_deg = float(np.degrees(np.arcsin(-pose[2, 2])))
    return {
        "scene": {
            "person": f"n{clip.person:02d}",
            "view": clip.view,
            "camera": asdict(camera) | {"pitch_deg": pitch_deg},
            "light": asdict(light),
            "fps": FPS,
            "duration_s": clip.script.duration_s,
            "upper_share": clip.upper_share,
            "movements": clip.script.knots,
            "labels": clip.script.labels,
        },
        "traits": asdict(person.traits),
        "camera_position_m": pose[:3, 3],
        "camera_to_world": pose,
        "projection": camera.projection(),
        "hfov_deg": camera.hfov_deg,
        "size": camera.size,
        "eye0_m": eyes,
        "neutral": person.ruler.measure(person.traits.neutral),
        "c7_vertex": C7,
        "tragus_vertices": TRAGI,
        "acromion_vertices": ACROMIA,
    }


def _plain(value: Any) -> Any:
    return value.tolist()


def _write_csv(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def film_one(job: tuple[int, str, Path, Path]) -> str:
    """Film a person's clip of a kind with assets into a folder; return what to tell about it."""
    number, kind, assets, folder = job
    clip = Clip.of(number, kind)
    return f"{clip.name}: {film(clip, Assets(assets), folder):.3f} s a frame"
