"""How far the head is turned while FaceMesh sees the face."""

from __future__ import annotations

import numpy as np

from posturecam.core.geometry import rotation_between, rotation_from_vector, rotation_to, rotation_vector
from posturecam.core.landmarks import Array
from posturecam.core.scene import FACE_GAIN, Scene


def face_rotation(face_px: Array, neutral_face_px: Array, scene: Scene) -> Array:
    """Return the head's rotation (3, 3) from neutral in the person's frame.

    The rigid turn that takes the neutral mesh to the present one (both (468, 3), pixels) is a turn as seen
    along the ray to the face: a level face below the camera's axis shows its forehead and looks bent down.
    So it is taken from the ray's frame into the camera's, then into the person's. Turns out of the picture
    plane are read too small by FACE_GAIN.
    """
    turn = rotation_vector(rotation_between(neutral_face_px, face_px))
    seen = rotation_from_vector(turn / np.array([FACE_GAIN, FACE_GAIN, 1.0]))
    ray, neutral_ray = (_ray_rotation(points, scene) for points in (face_px, neutral_face_px))
    in_camera = ray @ seen @ neutral_ray.T
    rotation: Array = scene.basis.T @ in_camera @ scene.basis
    return rotation


def face_size(face_px: Array, neutral_face_px: Array) -> float:
    """Return the mesh's size over the neutral's: the root mean square of its points from their centre, in 3D."""
    spread, neutral = (np.linalg.norm(points - points.mean(axis=0)) for points in (face_px, neutral_face_px))
    return float(spread / neutral)


def _ray_rotation(face_px: Array, scene: Scene) -> Array:
    ray = scene.camera.ray(scene.camera.centred(face_px.mean(axis=0)))
    return rotation_to(ray / np.linalg.norm(ray))
