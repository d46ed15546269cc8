"""Learn what MediaPipe makes of a head that bends, from rendered people whose truth is known.

    python benchmarks/learn_face.py FOLDER [--only PATTERN]

FOLDER holds clips NAME.mp4 with NAME.csv and, for the camera's pitch, NAME.json, for the eyes NAME_landmarks.csv, as
`python -m benchmarks.rendering` makes them. Printed are, before rounding, the numbers of `posturecam.core.scene`,
`measurement` and `body_fit` that describe MediaPipe:

- FACE_SLANT_RAD: the lean of FaceMesh's line from forehead to chin on a level face, less the camera's tilt;
- FACE_PITCH, FACE_PITCH_PER_RAD: the true pitch of a face by that of its mesh (least squares, each clip alike);
- WARP, WARP_PER_RAD: the shape's change of true faces (95 of 100) by their turn, and that of false ones;
- LOST_FACE_RAD, LOST_TILT_SHARE: the pitch of heads whose face is lost, by the camera's tilt as the face tells it;
- PROFILE_GAIN: the turn of BlazePose's points of a head in profile, as a share of its pitch;
- HIDDEN_GAIN: the pitch at which the eyes of a head that hides its face would be as low as BlazePose's, as a share of
  its pitch, by view and pitch (median of the clips, quartiles).
"""

from __future__ import annotations

import argparse
import fnmatch
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from accuracy import Clip, altered, columns_at, load
from rich.progress import track

from posturecam.core import body_fit, face_turn, measurement, scene
from posturecam.core.camera import Camera
from posturecam.core.geometry import head_angles_rad, rotation_vector
from posturecam.core.landmarks import Array, Body
from posturecam.core.posture import View
from posturecam.core.scene import Scene, face_slant_rad, scene_of
from posturecam.vision.landmarker import MediaPipeLandmarker

STILL_YAW_DEG = 15.0
"""Turned further than this, a frame is left out."""
FALSE_FACE_DEG = 20.0
"""A mesh whose pitch is wrong by more lies on no face."""
LEVEL_DEG = 5.0
"""A head bent by less has its eyes where BlazePose marks them."""
HIDDEN_DEG = (40, 50, 60)
"""Where the eyes of hidden faces are looked at, within five degrees."""
HEAD = [Body.LEFT_EYE, Body.RIGHT_EYE, Body.NOSE, Body.LEFT_EAR, Body.RIGHT_EAR, Body.MOUTH_LEFT, Body.MOUTH_RIGHT]


@dataclass
class Learnt:
    """What the clips showed, degrees; each row of `faces` weighs one over the clip's number of faces."""

    slants: list[float] = field(default_factory=list)
    faces: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Slant of the neutral mesh, pitch of the mesh since, true pitch along the line of sight, weight."""
    warps: list[tuple[float, float, bool]] = field(default_factory=list)
    """Turn, warp, whether it is a face."""
    lost: list[tuple[float, float]] = field(default_factory=list)
    """Tilt, true pitch."""
    profiles: list[float] = field(default_factory=list)
    """Gain by clip."""
    hidden: dict[tuple[View, int], list[float]] = field(default_factory=dict)
    """Gain by clip, for each view and pitch, degrees."""


def look(clip: Clip, marks: dict[str, Array] | None, tilt_deg: float | None, learnt: Learnt) -> None:
    """Add what one clip shows; `marks` says where its eyes and ears truly are."""
    one = clip.landmarks[0]
    place = scene_of(clip.neutral, Camera(one.width_px, one.height_px))
    inside = [clip.stretch.start_s <= each.t_s <= clip.stretch.end_s for each in clip.landmarks]
    pitch_deg = clip.truth["head_pitch"] - np.median(clip.truth["head_pitch"][inside])
    if clip.neutral.face_px is None:
        if place.view is View.SIDE:
            learnt.profiles.append(profile_gain(clip, pitch_deg))
        return
    slant_deg = float(np.degrees(face_slant_rad(clip.neutral.face_px)[0] - scene.FACE_SLANT_RAD))
    if tilt_deg is not None:
        down_px = place.camera.centred(clip.neutral.face_px.mean(axis=0))[1]
        learnt.slants.append(slant_deg + tilt_deg - float(np.degrees(np.arctan(down_px / place.camera.focal_px))))
    neutral = face_turn.NeutralFace(clip.neutral.face_px, place)
    faces = []
    for each, true_deg, yaw_deg in zip(clip.landmarks, pitch_deg, clip.truth["head_yaw"], strict=True):
        if abs(yaw_deg) > STILL_YAW_DEG or each.body_px is None:
            continue
        if each.face_px is None:
            if place.view is View.FRONT:
                learnt.lost.append((float(np.degrees(place.tilt_rad)), float(true_deg)))
            continue
        turn = neutral.read(each.face_px)
        drop_deg = dropped_deg(each.face_px, clip.neutral.face_px, place)
        mesh_deg = float(np.degrees(head_angles_rad(turn.rotation)[0])) + drop_deg
        is_face = abs(mesh_deg - true_deg - drop_deg) < FALSE_FACE_DEG
        learnt.warps.append((float(np.degrees(np.linalg.norm(rotation_vector(turn.rotation)))), turn.warp, is_face))
        if is_face and place.view is View.FRONT:
            faces.append((slant_deg, mesh_deg, float(true_deg) + drop_deg))
    learnt.faces += [(*row, 1 / len(faces)) for row in faces]
    for near_deg, gain in hidden_gains(clip, marks, pitch_deg).items() if marks else ():
        learnt.hidden.setdefault((place.view, near_deg), []).append(gain)


def hidden_gains(clip: Clip, marks: dict[str, Array], pitch_deg: Array) -> dict[int, float]:
    """Return by what share of its pitch BlazePose turns the eyes of a head that hides its face, by pitch.

    How far the true eyes come down under the ears tells how far they would have to turn to be where BlazePose's are.
    """
    ears, eyes = ((marks[f"{name}_l_v_px"] + marks[f"{name}_r_v_px"]) / 2 for name in ("tragus", "eye"))
    seen = np.array([one.body_px is not None for one in clip.landmarks])
    bodies = np.array([one.body_px for one in clip.landmarks if one.body_px is not None])
    blaze = np.full(len(seen), np.nan)
    blaze[seen] = bodies[:, [Body.LEFT_EYE, Body.RIGHT_EYE], 1].mean(axis=1)
    still = np.abs(clip.truth["head_yaw"]) < STILL_YAW_DEG
    level = still & seen & (np.abs(pitch_deg) < LEVEL_DEG)
    hidden = still & seen & [one.face_px is None for one in clip.landmarks]
    if not level.any():
        return {}
    grid_deg = np.arange(-20.0, 80.0, 0.5)
    falls_px = np.maximum.accumulate(np.polyval(np.polyfit(pitch_deg, eyes - ears, 3), grid_deg))
    shown_deg = np.interp(blaze - np.median((blaze - eyes)[level]) - ears, falls_px, grid_deg)
    near = {deg: hidden & (np.abs(pitch_deg - deg) <= 5) for deg in HIDDEN_DEG}
    return {deg: float(np.median(shown_deg[there] / pitch_deg[there])) for deg, there in near.items() if there.any()}


def dropped_deg(face_px: Array, neutral_px: Array, place: Scene) -> float:
    """Return by how much the line of sight to a face has gone down."""
    rays = [place.camera.ray(place.camera.centred(points.mean(axis=0))) for points in (neutral_px, face_px)]
    return float(np.degrees(np.arctan(rays[1][1]) - np.arctan(rays[0][1])))


def profile_gain(clip: Clip, pitch_deg: Array) -> float:
    """Return BlazePose's turn of a head in profile over its pitch (least squares)."""
    before = clip.neutral.body_px[HEAD, :2] - clip.neutral.body_px[HEAD, :2].mean(axis=0)
    facing = np.sign(before[HEAD.index(Body.NOSE), 0])
    seen = [k for k, each in enumerate(clip.landmarks) if each.body_px is not None]
    turned_deg = []
    for k in seen:
        points = clip.landmarks[k].body_px[HEAD, :2]
        after = points - points.mean(axis=0)
        across = (before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]).sum()
        turned_deg.append(facing * np.degrees(np.arctan2(across, (before * after).sum())))
    true_deg = pitch_deg[seen]
    return float(true_deg @ np.array(turned_deg) / (true_deg @ true_deg))


def curve(faces: Array) -> Array:
    """Return FACE_PITCH and FACE_PITCH_PER_RAD."""
    before, mesh, true, weight = np.radians(faces[:, 0]), np.radians(faces[:, 1]), np.radians(faces[:, 2]), faces[:, 3]
    after = before + mesh
    columns = np.stack([mesh, (after**2 - before**2) / 2], axis=1) * np.sqrt(weight)[:, None]
    fitted: Array = np.linalg.lstsq(columns, true * np.sqrt(weight), rcond=None)[0]
    return fitted


def show(learnt: Learnt) -> None:
    """Print what was learnt."""
    if learnt.slants:
        now = np.degrees(scene.FACE_SLANT_RAD)
        mean, sd = np.mean(learnt.slants) + now, np.std(learnt.slants)
        print(f"FACE_SLANT_RAD      {mean:.1f} deg, {sd:.1f} from person to person (now {now:.1f})")
    if learnt.faces:
        first, more = curve(np.array(learnt.faces))
        now = f"{scene.FACE_PITCH:.2f}, {scene.FACE_PITCH_PER_RAD:.2f}"
        print(f"FACE_PITCH          {first:.2f}, FACE_PITCH_PER_RAD {more:.2f} (now {now})")
    turned, warp, true = map(np.array, zip(*learnt.warps, strict=True))
    for low, high in ((0, 8), (8, 16), (16, 24), (24, 32), (32, 45)):
        there = (turned >= low) & (turned < high)
        faces, others = warp[there & true], warp[there & ~true]
        if len(faces):
            false = f"; {len(others)} false from {others.min():.3f}" if len(others) else ""
            print(f"WARP at {low:2d}-{high} deg    95 of 100 below {np.percentile(faces, 95):.3f}{false}")
    print(f"  (now {measurement.WARP:.3f} + {measurement.WARP_PER_RAD:.3f} per rad)")
    if learnt.lost:
        tilt, pitch = np.array(learnt.lost).T
        share, mean = np.polyfit(tilt, pitch, 1)
        print(f"LOST_FACE_RAD       {mean:.0f} deg, LOST_TILT_SHARE {share:.2f}, spread {np.std(pitch):.0f}")
    if learnt.profiles:
        mean, sd = np.mean(learnt.profiles), np.std(learnt.profiles)
        print(f"PROFILE_GAIN        {mean:.2f}, {sd:.2f} from clip to clip (now {body_fit.PROFILE_GAIN})")
    for (view, deg), gains in sorted(learnt.hidden.items()):
        low, middle, high = np.percentile(gains, [25, 50, 75])
        where = f"{view.value}, {deg} deg, {len(gains)} clips"
        print(f"HIDDEN_GAIN         {middle:.2f} ({low:.2f} to {high:.2f}) {where} (now {body_fit.HIDDEN_GAIN})")


def main() -> None:
    """Look at every clip and print what they show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*", help="names of clips, such as 'n0*'")
    arguments = parser.parse_args()
    videos = [one for one in sorted(arguments.folder.glob("*.mp4")) if fnmatch.fnmatch(one.stem, arguments.only)]
    learnt = Learnt()
    with altered(face_turn, FACE_GAIN=1.0, true_pitch_rad=float):
        for video in track(videos, "Looking at clips"):
            about = video.with_suffix(".json")
            camera = json.loads(about.read_text())["scene"]["camera"] if about.exists() else {}
            if clip := load(video, video.with_suffix(".csv"), MediaPipeLandmarker):
                table = video.with_name(f"{video.stem}_landmarks.csv")
                marks = columns_at(table, clip.landmarks) if table.exists() else None
                look(clip, marks, camera.get("pitch_deg"), learnt)
    show(learnt)


if __name__ == "__main__":
    main()
