"""One fit of head, neck and trunk to all that a frame shows.

The person is a chain in its own upright plane: seat, trunk (hip to C7), neck (C7 to tragus), head. Five
unknowns move it: head pitch, trunk flexion, how far the neck leaves its usual share of the head's pitch,
how far the seat sank and how far it came forward. Every point that the camera sees is predicted from the
chain through a pinhole camera and compared with where it is; FaceMesh's own reading of the head's pitch
and size are two more observations. Each comparison is divided by the standard deviation to expect of it,
and the unknowns by their spread in sitting people, so that the least squares (Gauss-Newton) weigh them
all: what a view cannot show stays near its usual value, with the uncertainty to match.

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
from posturecam.core.landmarks import Array, Body, shoulder_width_px
from posturecam.core.neutral import Neutral
from posturecam.core.posture import View
from posturecam.core.scene import HIPS, SHOULDERS, Scene, hips_seen, offset_m

PITCH, TRUNK, FREE_NECK, SINK, SHIFT = range(5)
"""Places of the unknowns in a state vector (..., 5): radians, radians, radians, metres, metres."""

HEAD_POINT_M = 0.007
"""Standard deviation of a point of the head, metres at the person: 3-5 px at 640 x 480."""
NOSE_POINT_M = 0.014
"""The tip of the nose, which a bent head hides behind the brow."""
PROFILE_POINTS = 2.0
"""So many times less than otherwise the head's points count in profile when its picture tells the pitch: BlazePose puts
all of them wrong together (1.5-3 were alike on rendered people)."""
PROFILE_POINT_PER_RAD, PICTURED_POINT_PER_RAD = 1.0, 3.0
"""By how much of that the head's points err besides, for each radian of pitch in profile, because BlazePose turns the
head by about three quarters of a large turn only; and when its picture tells the pitch, to which they then add nothing
(2-6 measure rendered people alike; with 1 they read 4° too little beyond 40°)."""
PROFILE_GAIN = 0.74
"""In profile BlazePose turns the points of the head by so much of the true turn: 0.62-0.81 in rendered people
(benchmarks/learn_face.py)."""
GAIN_FALLS_RAD = (np.radians(50.0), np.radians(80.0))
"""Between these azimuths it comes to do so (judgement)."""
HIDDEN_GAIN = 0.85
"""Elsewhere it turns those of a head that hides its face by so much, because it marks the brow, and then hair, as eyes:
from the front by 1.00 at 40°, 0.76 at 50°, 0.49 at 60° in the middle of rendered people (benchmarks/learn_face.py)."""
HIDDEN_POINT_PER_RAD = 2.0
"""By how much of their usual error they err besides, for each radian of pitch: that share is 0.0-1.1 among them."""
HIDDEN_FADES_RAD = (0.0, np.radians(90.0))
"""Between these azimuths both fade (judgement; else errors from half the side are a quarter of a degree larger)."""
EAR_POINT_M = 0.012
"""BlazePose's ears slide along the head when it bends."""
HIP_POINT_M = 0.020
SHOULDER_WIDTH_SHARE = 0.04
"""Standard deviation of the shoulders' width in the picture, as a share of it. On rendered people a larger one errs
less on average, and reads more too little beyond 50°: 0.02-0.07 were compared."""
CROWN_M = 0.010
"""Standard deviation of the head's top: hair is no ball."""
CROWN_BELIEVED = 3.0
"""Further from where it is expected than so many standard deviations, the top of the silhouette is doubted: it may
be a hand, or a headrest."""
SHOULDERS_OUTSIDE = 30.0
"""How much less the height of shoulders is worth that BlazePose can only guess, per width outside (judgement)."""

CALIBRATION = 0.65
"""Standard deviations of the angles as a share of what the fit's wide priors give: on rendered people the errors
were half of that, and others are to be expected."""

STEPS = 8
SETTLED = 1e-3
NUDGE = 1e-4
NUDGES = NUDGE * np.vstack([np.zeros(5), np.eye(5)])
ANGLES = np.array(
    [
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0, 0.0],
        [anatomy.LOWER_NECK_SHARE, 1 - anatomy.LOWER_NECK_SHARE, 1.0, 0.0, 0.0],
    ]
)
"""Head pitch, trunk flexion, and turn of the line from C7 to the tragus, by a state."""
NEUTRAL_RAD = np.array([0.0, anatomy.TRUNK_INCLINATION_RAD, anatomy.NECK_INCLINATION_RAD])
"""How far the three are inclined at neutral."""
NEUTRAL_SINES, NEUTRAL_COSINES = np.sin(NEUTRAL_RAD), np.cos(NEUTRAL_RAD)
HEAD_SINE, TRUNK_SINE, NECK_SINE, HEAD_COSINE, TRUNK_COSINE, NECK_COSINE, SUNK, SHIFTED = range(8)
"""Places in the strokes (..., 8) of a chain: by how much each of these has changed since neutral."""
FORWARD, UP = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
RIGHT_ANGLES = np.radians([0.0, 90.0, 180.0, 270.0])
STEP_LIMIT = np.array([0.4, 0.4, 0.4, 0.05, 0.05])
FIRST_GUESS_RAD = 0.2


@dataclass(frozen=True)
class FaceReading:
    """What FaceMesh says of the head, or that it has lost the face, or what a profile's own picture says."""

    pitch_rad: float
    pitch_sd_rad: float
    depth_ratio: float | None = None
    """The head's distance over that at neutral, by the size of its mesh; None without one."""
    depth_sd: float = np.inf


@dataclass(frozen=True)
class BodyFit:
    """The chain's best state, radians from neutral, and what is uncertain about it."""

    pitch_rad: float
    trunk_rad: float
    neck_rad: float
    """Turn of the line from C7 to the tragus."""
    covariance: Array
    """(3, 3) of pitch, trunk, neck in rad²."""
    free_neck_rad: float
    """How far the neck leaves its usual share of the head's pitch, + forward."""
    seat_sink_m: float
    """+ up."""
    seat_shift_m: float
    """+ forward."""
    misfit: float
    """Root mean square of the weighted residuals: about 1 or less when all observations agree."""


@dataclass(frozen=True)
class _Seen:
    """One frame's observations and their weights (one over the standard deviation)."""

    rays: Array
    """(points, 2): where the head's, the shoulders', and, where they are seen, the hips' points would be at depth 1."""
    weights: Array
    """(points, 2), per metre."""
    shown: float
    """By how much of the head's pitch its points have turned."""
    less_per_rad: float
    """How much less they are worth for each radian of it."""
    width_ratio: float
    """The shoulders' width over that at neutral."""
    width_weight: float
    face: FaceReading | None
    crown_px: float | None
    """From the optical axis; None where it is not to be seen."""
    places: Array
    """(1 + points, 3): the skull's middle and these as at neutral, but with this yaw and roll; camera axes, metres."""
    arms: Array
    """(8, 1 + points, 3): how far each moves per stroke."""


class BodyChain:
    """The chain of one person, placed where the neutral was seen.

    Every point moves by a sum of strokes, each along the point's own arm: the changes of the sines and cosines by which
    head, trunk and neck are inclined, and those of the seat. Only the head's arms depend on its yaw and roll.
    """

    def __init__(self, neutral: Neutral, scene: Scene) -> None:
        self._scene = scene
        side = scene.near_side
        profile = scene.view is View.SIDE
        self._shown = float(np.interp(abs(scene.azimuth_rad), GAIN_FALLS_RAD, (1.0, PROFILE_GAIN)))
        self._hides = 0.0
        if neutral.face_px is not None:
            self._hides = float(np.interp(abs(scene.azimuth_rad), HIDDEN_FADES_RAD, (1.0, 0.0)))
        """How far a face that hides misleads BlazePose from here, 0..1; 0 too where none is ever seen."""
        self._hips = hips_seen(neutral.body_px, neutral.visibility, scene.camera)

        head = [
            (Body.LEFT_EYE, Body.RIGHT_EYE, anatomy.EYE_M, HEAD_POINT_M),
            (Body.NOSE, Body.NOSE, anatomy.NOSE_M, NOSE_POINT_M),
        ]
        if profile:
            head += [
                (Body.LEFT_EAR, Body.RIGHT_EAR, anatomy.EAR_M, EAR_POINT_M),
                (Body.MOUTH_LEFT, Body.MOUTH_RIGHT, anatomy.MOUTH_M, HEAD_POINT_M),
            ]
        pairs = [(left, right) for left, right, _, _ in head]
        if side:
            pairs = [(left, left) if side > 0 else (right, right) for left, right in pairs]
        pairs += [SHOULDERS, HIPS] if self._hips else [SHOULDERS]
        self._left, self._right = np.array(pairs).T
        """(points,) each: rows of a body, between which its points lie."""
        self._offsets = np.array([anatomy.SKULL_M, *(offset_m(place, side) for _, _, place, _ in head)])
        """(1 + head's points, 3) of skull and points from the tragus, person's axes."""

        inclination = anatomy.NECK_INCLINATION_RAD
        neck = anatomy.NECK_M * np.array([np.sin(inclination), 0.0, np.cos(inclination)])
        c7_m = scene.head_m - scene.basis @ neck
        expected_m = [scene.head_m + scene.basis @ offset for offset in self._offsets]
        expected_m.append(c7_m + scene.basis @ np.array(anatomy.SHOULDERS_FROM_C7_M))
        sds_m = [(sd, sd) for *_, sd in head] + [(anatomy.PROTRACTION_M, anatomy.SHRUG_M)]
        if self._hips:
            expected_m.append(c7_m + scene.basis @ np.array(anatomy.HIPS_FROM_C7_M))
            sds_m.append((HIP_POINT_M, HIP_POINT_M))
        skull_m, *points_m = expected_m
        self._places = np.array([skull_m, *self._rays(neutral.body_px) * np.array(points_m)[:, 2:]])
        self._shoulder = len(head)
        self._arms = self._arms_of_trunk_and_neck()

        sideways = abs(np.sin(scene.azimuth_rad))
        self._weights = np.array([sideways, 1.0]) / np.array(sds_m)
        self._width_px = shoulder_width_px(neutral.body_px)
        self._width_weight = 0.0 if profile else abs(np.cos(scene.azimuth_rad)) / SHOULDER_WIDTH_SHARE
        self._skull_radius_m = None if neutral.crown_px is None or profile else self._skull_radius(neutral.crown_px)
        self._prior_weights = 1 / np.array(
            [np.inf, anatomy.TRUNK_RAD, anatomy.FREE_NECK_RAD, anatomy.SEAT_SINK_M, anatomy.SEAT_SHIFT_M]
        )

    @property
    def full_shoulder_width_px(self) -> float:
        """Width that the neutral shoulders would have if they faced the camera, pixels."""
        if self._scene.view is View.SIDE:
            depth_m = float(self._places[1 + self._shoulder, 2])
            return self._scene.camera.focal_px * anatomy.SHOULDER_WIDTH_M / depth_m
        return self._width_px / float(np.cos(self._scene.azimuth_rad))

    def eyes_height_px(self, neck_flexion_rad: float) -> float:
        """How far under the picture's top the eyes are when the neck bends so far over an upright trunk."""
        state = np.zeros((1, 5))
        state[0, PITCH] = neck_flexion_rad
        places, arms = self._turned(0.0, 0.0)
        eyes_m = places[1] + (_strokes(state) @ arms[:, 1])[0]
        return float(self._scene.camera.project(eyes_m)[1] + self._scene.camera.height_px / 2)

    def fit(
        self,
        body_px: Array,
        yaw_rad: float,
        roll_rad: float,
        face: FaceReading | None,
        blur: float = 1.0,
        crown_px: float | None = None,
    ) -> BodyFit:
        """Return the chain's state for one frame's body points (33, 3), with the head's yaw and roll given.

        Without `face` the pitch comes from where the head's points are; `blur` says how many times less
        certain these are than usual. `crown_px` is the height of the head's top in the picture.
        """
        seen = self._observe(body_px, yaw_rad, roll_rad, face, blur, crown_px)
        state = np.zeros(5)
        state[PITCH] = face.pitch_rad if face else FIRST_GUESS_RAD
        for _ in range(STEPS):
            residuals = self._residuals(state + NUDGES, seen)
            jacobian = (residuals[1:] - residuals[0]).T / NUDGE
            normal = jacobian.T @ jacobian
            step = np.linalg.solve(normal, -jacobian.T @ residuals[0])
            state = state + np.minimum(np.maximum(step, -STEP_LIMIT), STEP_LIMIT)
            if np.abs(step).max() < SETTLED:
                break
        turns = ANGLES @ state
        covariance = CALIBRATION**2 * ANGLES @ np.linalg.inv(normal) @ ANGLES.T
        covariance += self._scene.scale_sd**2 * np.outer(turns, turns)
        pitch, trunk, neck = turns.tolist()
        return BodyFit(
            pitch,
            trunk,
            neck,
            covariance,
            float(state[FREE_NECK]),
            float(state[SINK]),
            float(state[SHIFT]),
            float(np.linalg.norm(residuals[0]) / np.sqrt(residuals.shape[1])),
        )

    def _rays(self, body_px: Array) -> Array:
        """Return where the points (points, 3) of a body that the chain predicts would be at depth 1, camera axes."""
        camera = self._scene.camera
        return camera.ray(camera.centred((body_px[self._left, :2] + body_px[self._right, :2]) / 2))

    def _observe(
        self,
        body_px: Array,
        yaw_rad: float,
        roll_rad: float,
        face: FaceReading | None,
        blur: float,
        crown_px: float | None,
    ) -> _Seen:
        outside = _outside_px(body_px, self._scene.camera) / self._width_px
        weights = self._weights.copy()
        weights[: self._shoulder] /= blur * (PROFILE_POINTS if self._scene.near_side and face else 1.0)
        weights[self._shoulder] /= 1 + SHOULDERS_OUTSIDE * outside
        shown, less_per_rad = self._shown, 0.0
        if self._scene.near_side:
            less_per_rad = PICTURED_POINT_PER_RAD if face else PROFILE_POINT_PER_RAD
        elif face is None or face.depth_ratio is None:
            shown *= 1 - self._hides * (1 - HIDDEN_GAIN)
            less_per_rad = self._hides * HIDDEN_POINT_PER_RAD
        return _Seen(
            self._rays(body_px)[:, :2],
            weights,
            shown,
            less_per_rad,
            shoulder_width_px(body_px) / self._width_px,
            self._width_weight / (1 + outside / SHOULDER_WIDTH_SHARE),
            face,
            None if crown_px is None else crown_px - self._scene.camera.height_px / 2,
            *self._turned(yaw_rad, roll_rad),
        )

    def _residuals(self, states: Array, seen: _Seen) -> Array:
        """Return the weighted residuals (k, n) of k states (k, 5)."""
        strokes = _strokes(states, seen.shown)
        moved = seen.places + (strokes @ seen.arms.reshape(len(seen.arms), -1)).reshape(len(states), -1, 3)
        points = moved[:, 1:]
        off = (seen.rays * points[..., 2:] - points[..., :2]) * seen.weights
        if seen.less_per_rad:
            off[:, : self._shoulder] /= np.hypot(1.0, seen.less_per_rad * states[:, PITCH])[:, None, None]
        depths = points[..., 2] / self._places[1:, 2]
        columns = [
            off.reshape(len(states), -1),
            (seen.width_ratio * depths[:, self._shoulder, None] - 1) * seen.width_weight,
            states * self._prior_weights,
        ]
        if seen.face:
            columns.append((states[:, PITCH, None] - seen.face.pitch_rad) / seen.face.pitch_sd_rad)
            if seen.face.depth_ratio is not None:
                columns.append((depths[:, 0, None] - seen.face.depth_ratio) / seen.face.depth_sd)
        if seen.crown_px is not None and self._skull_radius_m is not None:
            skulls = moved[:, 0] if seen.shown == 1 else seen.places[0] + _strokes(states) @ seen.arms[:, 0]
            radii_m = self._skull_radius_m * _lengthened(states[:, PITCH])
            off_m = (seen.crown_px - self._tops_px(skulls, radii_m)) * skulls[:, 2] / self._scene.camera.focal_px
            columns.append(_doubted(off_m / CROWN_M)[:, None])
        return np.concatenate(columns, axis=1)

    def _arms_of_trunk_and_neck(self) -> Array:
        """Return `_Seen.arms` without the head's own."""
        arms, head = np.zeros((8, len(self._places), 3)), slice(len(self._offsets))
        arms[NECK_SINE, head], arms[NECK_COSINE, head] = anatomy.NECK_M * FORWARD, anatomy.NECK_M * UP
        above_hips = slice(len(self._offsets) + 1)
        arms[TRUNK_SINE, above_hips], arms[TRUNK_COSINE, above_hips] = anatomy.TRUNK_M * FORWARD, anatomy.TRUNK_M * UP
        arms[SUNK], arms[SHIFTED] = UP, FORWARD
        return np.asarray(arms @ self._scene.basis.T)

    def _turned(self, yaw_rad: float, roll_rad: float) -> tuple[Array, Array]:
        """Return `_Seen.places` and `_Seen.arms` for a head with this yaw and roll.

        Whatever its pitch, a point lies between where it is at 0°, 90°, 180° and 270°, by the sine and the cosine.
        """
        turns = head_rotation(RIGHT_ANGLES, yaw_rad, roll_rad).transpose(0, 2, 1)
        level, down, back, up = self._offsets @ turns @ self._scene.basis.T
        places, arms, head = self._places.copy(), self._arms.copy(), slice(len(self._offsets))
        places[head] += level - self._offsets @ self._scene.basis.T
        arms[HEAD_SINE, head], arms[HEAD_COSINE, head] = (down - up) / 2, (level - back) / 2
        return places, arms

    def _skull_radius(self, crown_px: float) -> float | None:
        """Return the radius of a ball whose top is seen so high at neutral, or None when it is no head's."""
        _, down, away = self._places[0]
        rise = np.arctan2(crown_px - self._scene.camera.height_px / 2, self._scene.camera.focal_px)
        radius_m = float(np.hypot(down, away) * np.sin(np.arctan2(down, away) - rise))
        least_m, most_m = anatomy.SKULL_RADIUS_M
        return radius_m if least_m < radius_m < most_m else None

    def _tops_px(self, skulls: Array, radii_m: Array) -> Array:
        """Return the height (k,) from the optical axis at which the top of each braincase is seen."""
        _, down, away = skulls.T
        reach = np.arcsin(np.minimum(1.0, radii_m / np.hypot(down, away)))
        tops: Array = self._scene.camera.focal_px * np.tan(np.arctan2(down, away) - reach)
        return tops


def _strokes(states: Array, shown: float = 1.0) -> Array:
    """Return the strokes (k, 8) of chains whose head is seen to turn by this share of its pitch."""
    inclined_rad = NEUTRAL_RAD + states @ ANGLES.T
    inclined_rad[:, PITCH] *= shown
    sines, cosines = np.sin(inclined_rad) - NEUTRAL_SINES, np.cos(inclined_rad) - NEUTRAL_COSINES
    return np.concatenate([sines, cosines, states[:, SINK:]], axis=1)


def _lengthened(pitch_rad: Array) -> Array:
    """Return how far a braincase reaches up from its middle when it is bent, over when it is level."""
    return np.hypot(np.cos(pitch_rad), anatomy.SKULL_LENGTH * np.sin(pitch_rad))


def _doubted(residuals: Array) -> Array:
    """Return residuals of which large ones count for little (Cauchy's loss: Barron 2019)."""
    grown = CROWN_BELIEVED * np.sqrt(np.log1p((residuals / CROWN_BELIEVED) ** 2))
    return np.copysign(grown, residuals)


def _outside_px(body_px: Array, camera: Camera) -> float:
    """Return how far the shoulders lie outside the picture, where BlazePose can only guess them."""
    outside = [(-x, x - camera.width_px, -y, y - camera.height_px) for x, y in body_px[list(SHOULDERS), :2].tolist()]
    return float(max(0.0, *outside[0], *outside[1]))
