"""Learn what FaceMesh does to a face that bends, from rendered stills whose truth is known.

    python benchmarks/learn_face.py FOLDER

FOLDER holds frontal clips dg_CAMERA_PERSON.mp4 of stills held for seconds, their truth dg_CAMERA_PERSON.csv
and grid/cameras.json with each camera's pitch. Printed are the three numbers of `posturecam.core.scene` and
`posturecam.core.measurement` that describe FaceMesh, before rounding:

- FACE_SLANT_RAD: the lean of its line from forehead to chin on a level face, less the camera's tilt;
- FACE_GAIN: by how much it turns its mesh when the head bends, as a share of the bend along the ray;
- LOST_FACE_RAD: the bend from the line of sight at which it has lost half of the faces, and the mean of the
  lost bends up to 60°.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from accuracy import Clip, altered, load

from posturecam.core import face_turn, scene
from posturecam.core.camera import Camera
from posturecam.core.geometry import head_angles_rad
from posturecam.core.scene import face_slant_rad, scene_of
from posturecam.vision.landmarker import MediaPipeLandmarker

LEARNT_BETWEEN_DEG = (9.0, 51.0)
"""Bends from which the gain is learnt: large enough to show, small enough to be seen."""
SETTLED_S = 0.8
"""The stills are cut without transition; the frames just after a cut are left out."""


def settled(clip: Clip) -> list[int]:
    """Return the frames at which the head has been held for a while."""
    t_s, pitch = np.array([one.t_s for one in clip.landmarks]), clip.truth["head_pitch"]
    return [i for i in range(len(t_s)) if np.ptp(pitch[(t_s > t_s[i] - SETTLED_S) & (t_s <= t_s[i])]) < 1.0]


def learn(clip: Clip, tilt_deg: float) -> tuple[float, list[float], list[tuple[float, bool]]]:
    """Return the slant (degrees), the gains, and (bend from the line of sight in degrees, seen) by frame."""
    if clip.neutral.face_px is None:
        raise SystemExit(f"{clip.name}: no face at neutral")
    slant_deg = float(np.degrees(face_slant_rad(clip.neutral.face_px)[0])) + tilt_deg
    one = clip.landmarks[0]
    place = scene_of(clip.neutral, Camera(one.width_px, one.height_px))
    gains, seen = [], []
    for i in settled(clip):
        face_px, true_deg = clip.landmarks[i].face_px, float(clip.truth["head_pitch"][i])
        seen.append((true_deg - tilt_deg, face_px is not None))
        if face_px is not None and LEARNT_BETWEEN_DEG[0] <= true_deg <= LEARNT_BETWEEN_DEG[1]:
            with altered(face_turn, FACE_GAIN=1.0):
                turned = face_turn.NeutralFace(clip.neutral.face_px, place).read(face_px)[0]
            rays = [place.camera.ray(place.camera.centred(f.mean(axis=0))) for f in (clip.neutral.face_px, face_px)]
            drop_deg = float(np.degrees(np.arctan(rays[1][1]) - np.arctan(rays[0][1])))
            along_ray_deg = np.degrees(head_angles_rad(turned)[0]) + drop_deg
            gains.append(float(along_ray_deg / (true_deg + drop_deg)))
    return slant_deg, gains, seen


def main() -> None:
    """Print what was learnt."""
    folder = Path(sys.argv[1])
    cameras = json.loads((folder / "grid" / "cameras.json").read_text())
    slants, gains, seen = [], [], []
    for video in sorted(folder.glob("dg_*.mp4")):
        _, name, person = video.stem.split("_")
        tilt_deg = float(cameras[f"{person}_{name}"]["scene"]["camera"]["pitch_deg"])
        clip = load(video, video.with_suffix(".csv"), MediaPipeLandmarker)
        if clip.neutral.face_px is None:
            continue
        slant_deg, mine, bends = learn(clip, tilt_deg)
        print(f"{video.stem}: slant {slant_deg:.1f} deg, gain {np.median(mine):.2f}")
        slants.append(slant_deg)
        gains.append(float(np.median(mine)))
        seen += bends
    bend, found = np.array([b for b, _ in seen]), np.array([f for _, f in seen])
    half = min(np.unique(np.round(bend)), key=lambda b: abs(found[np.abs(bend - b) < 6].mean() - 0.5))
    print(f"FACE_SLANT_RAD  {np.mean(slants):.2f} deg (now {np.degrees(scene.FACE_SLANT_RAD):.1f})")
    print(f"FACE_GAIN       {np.mean(gains):.2f} (now {scene.FACE_GAIN})")
    print(f"LOST_FACE_RAD   half lost at {half:.0f} deg, lost ones {bend[~found].mean():.0f} deg on average")


if __name__ == "__main__":
    main()
