"""How the neutral person stands before the camera: distance, direction, and the camera's own tilt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from posturecam.core import anatomy
from posturecam.core.camera import Camera
from posturecam.core.landmarks import Array, Body, in_profile, shoulder_width_px
from posturecam.core.neutral import Neutral
from posturecam.core.posture import View

FOREHEAD, CHIN, RIGHT_CHEEK, LEFT_CHEEK, RIGHT_CORNER, LEFT_CORNER, NOSE_TIP = 10, 152, 234, 454, 33, 263, 1
"""FaceMesh points on the outline of the face and at the outer eye corners."""

EYES, EARS, SHOULDERS, HIPS = (
    (Body.LEFT_EYE, Body.RIGHT_EYE),
    (Body.LEFT_EAR, Body.RIGHT_EAR),
    (Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER),
    (Body.LEFT_HIP, Body.RIGHT_HIP),
)
HIPS_SEEN = 0.5
"""BlazePose's visibility from which on it has found a hip rather than guessed it."""

FACE_SLANT_RAD = np.radians(10.0)
"""Lean of FaceMesh's line from forehead to chin on a level face seen at its own height: the mesh's shape.

Learnt from rendered stills by benchmarks/learn_face.py: 7-13°.
"""

FACE_GAIN = 0.82
"""FaceMesh turns its mesh by this share of a yaw; of a turn within the picture by all of it. Taken from the pitch of
rendered stills; yaw errs by 1-3° with it (benchmarks/accuracy.py)."""

FACE_PITCH, FACE_PITCH_PER_RAD = 1.24, 0.56
"""True pitch per pitch of FaceMesh's mesh where it looks into the camera, and what is added for each radian that it is
bent down from there: it follows a face that is seen from below, and less and less one that bends away.

Learnt from rendered people by benchmarks/learn_face.py.
"""

SIDE_RAD = np.radians(70.0)
"""Turned further than this from the camera, the view is from the side. Faces that are read as turned by 60-67° are by
47-60° (rendered people), and best measured as faces."""
PROFILE_WIDTH = 0.85
"""Without a face, shoulders seen narrower than this share of their full width are taken as a profile's: FaceMesh
finds faces that are turned by up to about 60°, and one turned further is best read as a profile."""
MOST_TURNED_RAD = np.radians(50.0)
"""A head whose nose lies between its ears is not turned further: `anatomy.NOSE_M` against the ears' width."""
SURE_PROFILE_WIDTH = 0.5
"""Narrower than this they can be nothing else."""
VAGUE_SCALE = 0.2
"""Error of all angles, as a share, where neither a face nor a sure profile tells direction and size: from synthetic
people of various proportions (benchmarks/proportions.py)."""
FRONT_RAD = np.radians(25.0)
"""Turned less than this, it is from the front."""


@dataclass(frozen=True)
class Scene:
    """The neutral person in camera axes, metres of an average adult."""

    camera: Camera
    tilt_rad: float
    """The camera's pitch, + looking up. From the face: someone who looks ahead holds it level."""
    azimuth_rad: float
    """Which way the trunk faces: 0 to the camera, + toward the right of the picture, ± 90° in profile."""
    head_m: Array
    """(3,): the middle between the tragi."""
    scale_sd: float = 0.0
    """Error of all angles to expect besides, as a share of them, because direction and size are vague."""

    @property
    def view(self) -> View:
        """From where the camera sees the person."""
        turned = abs(self.azimuth_rad)
        if turned > SIDE_RAD:
            return View.SIDE
        return View.FRONT if turned < FRONT_RAD else View.THREE_QUARTER

    @cached_property
    def basis(self) -> Array:
        """(3, 3): the person's forward, left and up as columns in camera axes."""
        up = np.array([0.0, -np.cos(self.tilt_rad), np.sin(self.tilt_rad)])
        level = np.array([0.0, np.sin(self.tilt_rad), np.cos(self.tilt_rad)])
        forward = np.sin(self.azimuth_rad) * np.array([1.0, 0.0, 0.0]) - np.cos(self.azimuth_rad) * level
        return np.stack([forward, np.cross(up, forward), up], axis=1)

    @property
    def near_side(self) -> int:
        """The side of the body that a profile shows: +1 the person's left, -1 the right, 0 from the front."""
        if self.view is not View.SIDE:
            return 0
        return 1 if self.basis[2, 1] < 0 else -1

    def place(self, centred_px: Array, depth_m: float) -> Array:
        """Return the point (3,) in camera axes that is seen at `centred_px` (2,) at this depth."""
        placed: Array = self.camera.ray(centred_px) * depth_m
        return placed


def middle(points: Array, left: Body, right: Body, near_side: int) -> Array:
    """Return the middle of a left and a right point (..., 2 or 3), or the near one in profile."""
    if near_side:
        return np.asarray(points[..., left if near_side > 0 else right, :])
    return np.asarray((points[..., left, :] + points[..., right, :]) / 2)


def offset_m(point: tuple[float, float, float], near_side: int) -> Array:
    """Return a point of `anatomy` on the side that `middle` takes."""
    forward, left, up = point
    return np.array([forward, left * near_side, up])


def scene_of(neutral: Neutral, camera: Camera) -> Scene:
    """Return the scene of a neutral person."""
    body = camera.centred(neutral.body_px)
    if neutral.face_px is not None:
        slant_rad, turn_rad = face_slant_rad(neutral.face_px)
        right_rad, down_rad = np.arctan(camera.ray(camera.centred(neutral.face_px.mean(axis=0))))[:2].tolist()
        tilt_rad, azimuth_rad = FACE_SLANT_RAD - slant_rad + down_rad, turn_rad - right_rad
        corners_px = neutral.face_px[LEFT_CORNER] - neutral.face_px[RIGHT_CORNER]
        depth_m = camera.focal_px * anatomy.OUTER_EYE_CORNERS_M / float(np.linalg.norm(corners_px))
        scale_sd = 0.0
    else:
        tilt_rad, azimuth_rad = 0.0, _azimuth_without_face(body)
        scale_sd = VAGUE_SCALE if _frontality(body) > SURE_PROFILE_WIDTH else 0.0
        depth_m = _depth_without_face_m(body, azimuth_rad, neutral, camera)
    unplaced = Scene(camera, tilt_rad, azimuth_rad, np.zeros(3))
    eye_px = middle(body, Body.LEFT_EYE, Body.RIGHT_EYE, unplaced.near_side)[:2]
    eye_m = unplaced.basis @ offset_m(anatomy.EYE_M, unplaced.near_side)
    return Scene(camera, tilt_rad, azimuth_rad, unplaced.place(eye_px, depth_m) - eye_m, scale_sd)


def face_slant_rad(face_px: Array) -> tuple[float, float]:
    """Return how a face is held as the camera sees it, radians: slant, + chin back; turn, + to its left.

    The slant holds FACE_SLANT_RAD and the camera's own tilt; its changes are changes of the head.
    """
    across = face_px[LEFT_CHEEK] - face_px[RIGHT_CHEEK]
    turn = float(np.arctan2(across[2], across[0])) / FACE_GAIN
    downward = face_px[CHIN] - face_px[FOREHEAD]
    backward = np.cos(turn) * downward[2] - np.sin(turn) * downward[0]
    return float(np.arctan2(backward, downward[1])), turn


def true_pitch_rad(mesh_rad: float) -> float:
    """Return how far a face is bent down from the line of sight whose mesh is bent down by so much."""
    return FACE_PITCH * mesh_rad + FACE_PITCH_PER_RAD * mesh_rad**2 / 2


def _azimuth_without_face(body: Array) -> float:
    """Return where the trunk faces, told by how wide the shoulders are against the eyes' height over them.

    Narrow shoulders under a face that looks into the camera are narrow shoulders.
    """
    cosine = _frontality(body)
    turned = np.pi / 2 if cosine < PROFILE_WIDTH and in_profile(body) else min(np.arccos(cosine), MOST_TURNED_RAD)
    side = body[Body.NOSE, 0] - _centre(body, *EARS)[0]
    return float(np.copysign(turned, side))


def _frontality(body: Array) -> float:
    """Return the shoulders' width against the eyes' height over them as a share of the full one, 0..1."""
    eyes, shoulders = (_centre(body, *pair) for pair in (EYES, SHOULDERS))
    rise_px = max(1.0, float(shoulders[1] - eyes[1]))
    return min(1.0, shoulder_width_px(body) / rise_px / anatomy.SHOULDER_WIDTH_TO_RISE)


def _depth_without_face_m(body: Array, azimuth_rad: float, neutral: Neutral, camera: Camera) -> float:
    """Return the eyes' distance, at which the parts that this view shows well have an adult's size."""
    if abs(azimuth_rad) < SIDE_RAD:
        behind_eyes_m = anatomy.EYE_M[0] + anatomy.NECK_FORWARD_M - anatomy.SHOULDERS_FROM_C7_M[0]
        shoulders_m = camera.focal_px * anatomy.SHOULDER_WIDTH_M / shoulder_width_px(body)
        return float(np.cos(azimuth_rad) * (shoulders_m - behind_eyes_m))
    nose_px = np.linalg.norm((body[Body.NOSE] - _centre(body, *EARS))[:2])
    sizes = [(anatomy.EAR_NOSE_M, float(nose_px))]
    if hips_seen(neutral.body_px, neutral.visibility, camera):
        trunk_px = np.linalg.norm((_centre(body, *HIPS) - _centre(body, *SHOULDERS))[:2])
        sizes.append((anatomy.SHOULDER_HIP_M, float(trunk_px)))
    return float(camera.focal_px * np.exp(np.mean([np.log(metres / pixels) for metres, pixels in sizes])))


def _centre(body: Array, left: Body, right: Body) -> Array:
    centre: Array = (body[left] + body[right]) / 2
    return centre


def hips_seen(body_px: Array, visibility: Array, camera: Camera) -> bool:
    """Return whether both hips are in the picture and the model is fairly sure of them."""
    return bool(visibility[list(HIPS)].min() > HIPS_SEEN and body_px[list(HIPS), 1].max() < camera.height_px)
