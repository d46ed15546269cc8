"""Rotations and the angles read from them.

Two frames are used, both right-handed:

- camera: x to the right of the picture, y down, z away from the camera;
- person: x forward (the way the person faces at neutral), y to the person's left, z up.
"""

from __future__ import annotations

import math

import numpy as np

from posturecam.core.landmarks import Array


def rotation_between(before: Array, after: Array) -> Array:
    """Return the rotation (3, 3) that best turns the points `before` (n, 3) into `after` (n, 3).

    Both sets are centred first, so translation and scale do not matter (Kabsch 1976).
    """
    return rotation_between_centred(before - before.mean(axis=0), after - after.mean(axis=0))


def rotation_between_centred(before: Array, after: Array) -> Array:
    """Return the same of points whose mean is 0."""
    u, _, vt = np.linalg.svd(before.T @ after)
    if np.linalg.det(u @ vt) < 0:
        vt[2] = -vt[2]
    rotation: Array = vt.T @ u.T
    return rotation


def rotation_vector(rotation: Array) -> Array:
    """Return axis times angle in radians (3,) of a rotation (3, 3) of less than 180°."""
    axis = np.array(
        [
            rotation[2, 1] - rotation[1, 2],
            rotation[0, 2] - rotation[2, 0],
            rotation[1, 0] - rotation[0, 1],
        ]
    )
    sine = np.linalg.norm(axis) / 2
    cosine = (np.trace(rotation) - 1) / 2
    angle = np.arctan2(sine, cosine)
    vector: Array = axis / 2 if sine < 1e-9 else axis / (2 * sine) * angle
    return vector


def rotation_from_vector(vector: Array) -> Array:
    """Return the rotation (3, 3) about the axis `vector` (3,) by its length in radians (Rodrigues 1840)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation: Array = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    return rotation


def rotation_to(direction: Array) -> Array:
    """Return the smallest rotation (3, 3) that turns the z axis into `direction` (3,), a unit vector."""
    axis = np.array([-direction[1], direction[0], 0.0])
    sine = math.hypot(*axis)
    if sine < 1e-12:
        return np.eye(3)
    return rotation_from_vector(axis / sine * math.atan2(sine, direction[2]))


def head_rotation(pitch_rad: Array | float, yaw_rad: float, roll_rad: float) -> Array:
    """Return the rotation (..., 3, 3) of a head in the person's frame; the inverse of `head_angles_rad`.

    Pitch is + down, yaw + to the person's left, roll + toward the left shoulder; radians. `pitch_rad`
    may be an array, for which one rotation each is returned.
    """
    pitch = np.asarray(pitch_rad, dtype=float)
    cp, sp = np.cos(pitch), np.sin(pitch)
    cy, sy, cr, sr = math.cos(yaw_rad), math.sin(yaw_rad), math.cos(roll_rad), math.sin(roll_rad)
    yaw = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    roll = np.array([[1, 0, 0], [0, cr, sr], [0, -sr, cr]])
    down = np.zeros((*pitch.shape, 3, 3))
    down[..., 0, 0], down[..., 0, 2] = cp, sp
    down[..., 1, 1] = 1
    down[..., 2, 0], down[..., 2, 2] = -sp, cp
    rotation: Array = yaw @ down @ roll
    return rotation


def head_angles_rad(rotation: Array) -> tuple[float, float, float]:
    """Return pitch (+ down), yaw (+ left), roll (+ toward the left shoulder) of a head's rotation (3, 3)."""
    forward, left, up = rotation.T
    pitch = math.atan2(-forward[2], math.hypot(forward[0], forward[1]))
    yaw = math.atan2(forward[1], forward[0])
    roll = math.atan2(-left[2], up[2])
    return pitch, yaw, roll
