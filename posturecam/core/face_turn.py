"""How far the head is turned, and how near it is, while FaceMesh sees the face."""

from __future__ import annotations

import numpy as np

from posturecam.core.geometry import rotation_between_centred, rotation_from_vector, rotation_to, rotation_vector
from posturecam.core.landmarks import Array
from posturecam.core.scene import FACE_GAIN, Scene


class NeutralFace:
    """The mesh of a neutral face, (468, 3) in pixels, against which those of later frames are held."""

    def __init__(self, face_px: Array, scene: Scene) -> None:
        self._scene = scene
        self._mesh_px, centre_px = _centred(face_px)
        self._spread_px = np.linalg.norm(self._mesh_px)
        self._to_ray = self._ray_rotation(centre_px).T

    def read(self, face_px: Array) -> tuple[Array, float]:
        """Return the rotation (3, 3) of a face (468, 3) from neutral in the person's frame, and its size as `size_of`.

        The rigid turn that takes the neutral mesh to the present one is a turn as seen along the ray to the
        face: a level face below the camera's axis shows its forehead and looks bent down. So it is taken from
        the ray's frame into the camera's, then into the person's. Turns out of the picture plane are read too
        small by FACE_GAIN.
        """
        mesh_px, centre_px = _centred(face_px)
        turn = rotation_vector(rotation_between_centred(self._mesh_px, mesh_px))
        seen = rotation_from_vector(turn / np.array([FACE_GAIN, FACE_GAIN, 1.0]))
        in_camera = self._ray_rotation(centre_px) @ seen @ self._to_ray
        rotation: Array = self._scene.basis.T @ in_camera @ self._scene.basis
        return rotation, float(np.linalg.norm(mesh_px) / self._spread_px)

    def size_of(self, face_px: Array) -> float:
        """Return the size of a mesh (468, 3) over the neutral's: the spread of its points about their centre."""
        return float(np.linalg.norm(_centred(face_px)[0]) / self._spread_px)

    def _ray_rotation(self, centre_px: Array) -> Array:
        ray = self._scene.camera.ray(self._scene.camera.centred(centre_px))
        return rotation_to(ray / np.linalg.norm(ray))


def _centred(face_px: Array) -> tuple[Array, Array]:
    """Return a mesh about its centre, and that."""
    centre_px = face_px.mean(axis=0)
    return face_px - centre_px, centre_px
