"""One fit of head, neck and trunk to all that a frame shows.

The person is a chain in its own upright plane: seat, trunk (hip to C7), neck (C7 to tragus), head. Five
unknowns move it: head pitch, trunk flexion, how far the neck leaves its usual share of the head's pitch,
how far the seat sank and how far it came forward. Every point that the camera sees is predicted from the
chain through a pinhole camera and compared with where it is; FaceMesh's own reading of the head's pitch is
one more observation. Each comparison is divided by the standard deviation to expect of it, and the
unknowns by their spread in sitting people, so that the least squares (Gauss-Newton) weigh them all: what
a view cannot show stays near its usual value, with the uncertainty to match.

    head pitch ──┐            o  tragus, eyes, nose
    neck share ──┤           /   NECK_M, inclined by NECK_INCLINATION + neck
                 └─────── C7 o
    trunk flexion ──────────  |  TRUNK_M
    seat sink, seat shift ── hip
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posturecam.core import anatomy
from posturecam.core.camera import Camera
from posturecam.core.geometry import head_rotation
from posturecam.core.landmarks import Array, Body
from posturecam.core.neutral import Neutral
from posturecam.core.posture import View
from posturecam.core.scene import Scene, hips_seen, middle, offset_m

PITCH, TRUNK, FREE_NECK, SINK, SHIFT = range(5)
"""Places of the unknowns in a state vector (..., 5): radians, radians, radians, metres, metres."""

HEAD_POINT_M = 0.007
"""Standard deviation of a point of the head, metres at the person: 3-5 px at 640 x 480."""
EAR_POINT_M = 0.012
"""BlazePose's ears slide along the head when it bends."""
HIP_POINT_M = 0.020
SHOULDER_WIDTH_RATIO = 0.012
"""Standard deviation of the shoulders' width in the picture, as a share of it."""

STEPS = 8
SETTLED = 1e-3
STEP_LIMIT = np.array([0.4, 0.4, 0.4, 0.05, 0.05])


@dataclass(frozen=True)
class FaceReading:
    """FaceMesh's own reading of the head's pitch."""

    pitch_rad: float
    sd_rad: float


@dataclass(frozen=True)
class BodyFit:
    """The chain's best state and what is uncertain about it."""

    pitch_rad: float
    trunk_rad: float
    neck_rad: float
    """Turn of the line from C7 to the tragus from neutral."""
    covariance: Array
    """(3, 3) of pitch, trunk, neck in rad²."""
    misfit: float
    """Mean squared residual per observation; about 1 when the picture agrees with the model."""


class BodyChain:
    """The chain of one person, placed where the neutral was seen."""

    def __init__(self, neutral: Neutral, scene: Scene) -> None:
        self._scene = scene
        self._profile = scene.view is View.SIDE
        body = scene.camera.centred(neutral.body_px)
        side = scene.near_side
        basis, depth_m = scene.basis, lambda place: float(place[2])
        c7 = scene.head_m - basis @ np.array(
            [
                anatomy.NECK_M * np.sin(anatomy.NECK_INCLINATION_RAD),
                0.0,
                anatomy.NECK_M * np.cos(anatomy.NECK_INCLINATION_RAD),
            ]
        )
        parts = [
            (Body.LEFT_EYE, Body.RIGHT_EYE, anatomy.EYE_M, HEAD_POINT_M),
            (Body.NOSE, Body.NOSE, anatomy.NOSE_M, HEAD_POINT_M),
        ]
        if self._profile:
            parts += [
                (Body.LEFT_EAR, Body.RIGHT_EAR, anatomy.EAR_M, EAR_POINT_M),
                (Body.MOUTH_LEFT, Body.MOUTH_RIGHT, anatomy.MOUTH_M, HEAD_POINT_M),
            ]
        self._head_pairs = [(left, right) for left, right, _, _ in parts]
        self._head_offsets = np.array([offset_m(point, side) for _, _, point, _ in parts])
        head_places = [
            scene.place(
                middle(body, left, right, side)[:2], depth_m(scene.head_m + basis @ offset_m(point, side))
            )
            for left, right, point, _ in parts
        ]
        shoulder_px = middle(body, Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER, 0)[:2]
        shoulder = scene.place(shoulder_px, depth_m(c7 + basis @ np.array(anatomy.SHOULDERS_FROM_C7_M)))
        self._shoulder_width_px = shoulder_width_px(neutral.body_px)
        self._shoulder_depth_m = depth_m(shoulder)
        self.full_shoulder_width_px = scene.camera.focal_px * anatomy.SHOULDER_WIDTH_M / depth_m(shoulder)
        """Width of the neutral shoulders if they were seen from the front, pixels."""
        if not self._profile:
            self.full_shoulder_width_px = self._shoulder_width_px / np.cos(scene.azimuth_rad)
        places, sds_m = [*head_places, shoulder], [[sd, sd] for *_, sd in parts]
        sds_m.append([anatomy.PROTRACTION_M, anatomy.SHRUG_M])
        self._hips = hips_seen(neutral.body_px, neutral.visibility, scene.camera)
        if self._hips:
            hip_px = middle(body, Body.LEFT_HIP, Body.RIGHT_HIP, 0)[:2]
            places.append(scene.place(hip_px, depth_m(c7 + basis @ np.array(anatomy.HIPS_FROM_C7_M))))
            sds_m.append([HIP_POINT_M, HIP_POINT_M])
        self._places = np.array(places)
        sideways = abs(np.sin(scene.azimuth_rad))
        self._weights = np.array([sideways, 1.0]) / np.array(sds_m)
        self._width_weight = abs(np.cos(scene.azimuth_rad)) / SHOULDER_WIDTH_RATIO
        if self._profile:
            self._width_weight = 0.0
        self._prior_weights = 1 / np.array(
            [np.inf, anatomy.TRUNK_RAD, anatomy.FREE_NECK_RAD, anatomy.SEAT_SINK_M, anatomy.SEAT_SHIFT_M]
        )

    def fit(
        self, body_px: Array, yaw_rad: float, roll_rad: float, face: FaceReading | None, blur: float = 1.0
    ) -> BodyFit:
        """Return the chain's state for one frame's body points (33, 3), with the head's yaw and roll given.

        Without `face` the pitch comes from where the head's points are; `blur` says how much less certain
        these are than usual.
        """
        weights, width_weight = self._trust(body_px, blur)
        seen = self._observed(body_px)
        width = shoulder_width_px(body_px) / self._shoulder_width_px
        state = np.zeros(5)
        state[PITCH] = face.pitch_rad if face else 0.2
        nudge = 1e-4 * np.eye(5)
        for _ in range(STEPS):
            states = np.concatenate([state[None], state + nudge])
            residuals = self._residuals(states, seen, width, yaw_rad, roll_rad, face, weights, width_weight)
            jacobian = (residuals[1:] - residuals[0]).T / 1e-4
            normal = jacobian.T @ jacobian
            step = np.linalg.solve(normal, -jacobian.T @ residuals[0])
            state = state + np.clip(step, -STEP_LIMIT, STEP_LIMIT)
            if np.abs(step).max() < SETTLED:
                break
        share = anatomy.LOWER_NECK_SHARE
        read = np.zeros((3, 5))
        read[0, PITCH] = read[1, TRUNK] = read[2, FREE_NECK] = 1
        read[2, PITCH], read[2, TRUNK] = share, 1 - share
        pitch, trunk, neck = read @ state
        return BodyFit(
            float(pitch),
            float(trunk),
            float(neck),
            read @ np.linalg.inv(normal) @ read.T,
            float(np.mean(residuals[0] ** 2)),
        )

    def _trust(self, body_px: Array, blur: float) -> tuple[Array, float]:
        """Return the weights of the points (points, 2) and of the shoulders' width in this frame."""
        weights = self._weights.copy()
        weights[: len(self._head_pairs)] /= blur
        outside = _outside_px(body_px, self._scene.camera) / self._shoulder_width_px
        weights[len(self._head_pairs)] /= 1 + 10 * outside
        return weights, self._width_weight / (1 + outside / SHOULDER_WIDTH_RATIO)

    def _observed(self, body_px: Array) -> Array:
        body = self._scene.camera.centred(body_px)
        points = [middle(body, left, right, self._scene.near_side) for left, right in self._head_pairs]
        points.append(middle(body, Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER, 0))
        if self._hips:
            points.append(middle(body, Body.LEFT_HIP, Body.RIGHT_HIP, 0))
        return np.array(points)[:, :2]

    def _residuals(
        self,
        states: Array,
        seen: Array,
        width: float,
        yaw_rad: float,
        roll_rad: float,
        face: FaceReading | None,
        weights: Array,
        width_weight: float,
    ) -> Array:
        """Return the weighted residuals (k, n) of k states (k, 5)."""
        moved = self._places + self._moves(states, yaw_rad, roll_rad) @ self._scene.basis.T
        off_m = (seen - self._scene.camera.project(moved)) * moved[..., 2:3] / self._scene.camera.focal_px
        shoulder_depth = moved[:, len(self._head_pairs), 2] / self._shoulder_depth_m
        columns = [
            (off_m * weights).reshape(len(states), -1),
            ((width * shoulder_depth - 1) * width_weight)[:, None],
            states * self._prior_weights,
        ]
        if face:
            columns.append(((states[:, PITCH] - face.pitch_rad) / face.sd_rad)[:, None])
        return np.concatenate(columns, axis=1)

    def _moves(self, states: Array, yaw_rad: float, roll_rad: float) -> Array:
        """Return how far each point has moved from neutral (k, points, 3) in the person's frame, metres."""
        pitch, trunk, free_neck, sink, shift = states.T
        share = anatomy.LOWER_NECK_SHARE
        neck = trunk + share * (pitch - trunk) + free_neck
        seat = np.stack([shift, np.zeros_like(shift), sink], axis=1)
        c7 = seat + anatomy.TRUNK_M * _swing(anatomy.TRUNK_INCLINATION_RAD, trunk)
        tragus = c7 + anatomy.NECK_M * _swing(anatomy.NECK_INCLINATION_RAD, neck)
        turned = self._head_offsets @ head_rotation(pitch, yaw_rad, roll_rad).transpose(0, 2, 1)
        head = tragus[:, None] + turned - self._head_offsets
        rest = [c7, seat] if self._hips else [c7]
        return np.concatenate([head, np.stack(rest, axis=1)], axis=1)


def _swing(rest_rad: float, turn_rad: Array) -> Array:
    """Return how far the end of a rod of length 1, inclined by `rest_rad`, moves when it turns forward."""
    forward = np.sin(rest_rad + turn_rad) - np.sin(rest_rad)
    up = np.cos(rest_rad + turn_rad) - np.cos(rest_rad)
    return np.stack([forward, np.zeros_like(turn_rad), up], axis=1)


def shoulder_width_px(body_px: Array) -> float:
    """Return the distance between the shoulders in the picture, pixels."""
    return float(np.linalg.norm((body_px[Body.LEFT_SHOULDER] - body_px[Body.RIGHT_SHOULDER])[:2]))


def _outside_px(body_px: Array, camera: Camera) -> float:
    """Return how far the shoulders lie outside the picture, where BlazePose can only guess them."""
    shoulders = body_px[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], :2]
    size = np.array([camera.width_px, camera.height_px])
    return float(np.maximum(0, np.maximum(-shoulders, shoulders - size)).max())
