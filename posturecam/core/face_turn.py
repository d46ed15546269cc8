"""How far the head is turned, and how near it is, while FaceMesh sees the face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from posturecam.core.geometry import rotation_between_centred, rotation_from_vector, rotation_to, rotation_vector
from posturecam.core.landmarks import Array
from posturecam.core.scene import FACE_GAIN, FACE_SLANT_RAD, NOSE_TIP, Scene, face_slant_rad, true_pitch_rad

POINT_NOISE_PX = 1.5
"""By so much a point of the mesh may be elsewhere for no reason; in a small face that is much of it."""


@dataclass(frozen=True)
class FaceTurn:
    """A face against the neutral one."""

    rotation: Array
    """(3, 3): of the head, in the person's frame."""
    size: float
    """Over that at neutral: the spread of the mesh's points about their centre."""
    warp: float
    """How far eyes, brow and nose are from where a rigid turn takes them, as a share of their spread."""


class NeutralFace:
    """The mesh of a neutral face, (468, 3) in pixels, against which those of later frames are held."""

    def __init__(self, face_px: Array, scene: Scene) -> None:
        self._scene = scene
        self._mesh_px, centre_px = _centred(face_px)
        self._spread_px = np.linalg.norm(self._mesh_px)
        self._to_ray = self._ray_rotation(centre_px).T
        self._slant_rad = face_slant_rad(face_px)[0] - FACE_SLANT_RAD
        """Bend of the neutral mesh from the line of sight."""
        self._upper = np.flatnonzero(face_px[:, 1] < face_px[NOSE_TIP, 1])
        """What talking and smiling do not move."""
        self._upper_px, _ = _centred(self._mesh_px[self._upper])

    def read(self, face_px: Array) -> FaceTurn:
        """Return how a face (468, 3) is turned.

        The rigid turn that takes the neutral mesh to the present one is a turn as seen along the ray to the
        face: a level face below the camera's axis shows its forehead and looks bent down. So it is taken from
        the ray's frame into the camera's, then into the person's. FaceMesh reads turns out of the picture plane too
        small, pitch by `true_pitch_rad` and yaw by FACE_GAIN.
        """
        mesh_px, centre_px = _centred(face_px)
        rigid = rotation_between_centred(self._mesh_px, mesh_px)
        turn = rotation_vector(rigid)
        turn[0] = true_pitch_rad(self._slant_rad + turn[0]) - true_pitch_rad(self._slant_rad)
        turn[1] /= FACE_GAIN
        seen = rotation_from_vector(turn)
        in_camera = self._ray_rotation(centre_px) @ seen @ self._to_ray
        rotation: Array = self._scene.basis.T @ in_camera @ self._scene.basis
        size = float(np.linalg.norm(mesh_px) / self._spread_px)
        seen, _ = _centred(mesh_px[self._upper])
        off_px = seen - size * self._upper_px @ rigid.T
        off_px2 = max(0.0, float(np.square(off_px).sum()) - len(seen) * POINT_NOISE_PX**2)
        return FaceTurn(rotation, size, math.sqrt(off_px2) / max(1e-9, float(np.linalg.norm(seen))))

    def _ray_rotation(self, centre_px: Array) -> Array:
        ray = self._scene.camera.ray(self._scene.camera.centred(centre_px))
        return rotation_to(ray / np.linalg.norm(ray))


def _centred(face_px: Array) -> tuple[Array, Array]:
    """Return a mesh about its centre, and that."""
    centre_px = np.einsum("ij->j", face_px) / len(face_px)
    return face_px - centre_px, centre_px
