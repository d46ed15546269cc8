"""A synthetic person of known posture before a pinhole camera, as landmarks.

A skeleton of an adult's round lengths, put together here and not taken from the program, so that what is
measured on it can be held against what was put in. Trunk, neck, and head are rigid; the neck takes its usual
share of a nod. The face is a mesh of FaceMesh's indices on half an ellipsoid. Like FaceMesh it is without
perspective and turns out of the picture too little, pitch as `true_pitch_rad` has it and yaw by FACE_GAIN, and its
line from forehead to chin leans by FACE_SLANT_RAD when the face is level.

Angles are those of `Posture`: pitch and flexion + down and forward, yaw and roll + to the person's left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from posturecam.core.body_fit import HIDDEN_GAIN, PROFILE_GAIN
from posturecam.core.geometry import rotation_from_vector, rotation_to, rotation_vector
from posturecam.core.landmarks import BODY_POINTS, FACE_POINTS, Body, HeadTurn, Landmarks
from posturecam.core.scene import (
    CHIN,
    FACE_GAIN,
    FACE_PITCH,
    FACE_PITCH_PER_RAD,
    FACE_SLANT_RAD,
    FOREHEAD,
    LEFT_CHEEK,
    LEFT_CORNER,
    RIGHT_CHEEK,
    RIGHT_CORNER,
)

# Metres, forward, left, up. The trunk's points from the hips, the head's from the middle between the tragi.
TRUNK_M = 0.50
NECK_M = 0.16
NECK_INCLINATION_DEG = 40.0
SHOULDER_M = (0.045, 0.175, -0.04)
"""Left shoulder from C7 while the trunk is upright."""
HIP_M = (0.0, 0.12, 0.0)
ELBOW_M, WRIST_M = (0.10, 0.06, -0.27), (0.34, 0.0, -0.28)
"""From the shoulder."""
HEAD_M = {
    Body.NOSE: (0.105, 0.0, -0.010),
    Body.LEFT_EYE: (0.075, 0.032, 0.025),
    Body.LEFT_EAR: (0.010, 0.070, 0.0),
    Body.MOUTH_LEFT: (0.080, 0.024, -0.050),
}
NOSE_TIP, NASION, RIGHT_INNER_CORNER, LEFT_INNER_CORNER = 1, 168, 133, 362
FACE_M = {
    FOREHEAD: (0.085, 0.0, 0.085),
    CHIN: (0.085 - 0.185 * float(np.tan(FACE_SLANT_RAD)), 0.0, -0.100),
    LEFT_CHEEK: (0.020, 0.070, 0.0),
    LEFT_CORNER: (0.068, 0.045, 0.025),
    LEFT_INNER_CORNER: (0.078, 0.017, 0.025),
    NOSE_TIP: (0.105, 0.0, -0.010),
    NASION: (0.088, 0.0, 0.025),
}
FACE_PAIRS = {
    LEFT_CHEEK: RIGHT_CHEEK,
    LEFT_CORNER: RIGHT_CORNER,
    LEFT_INNER_CORNER: RIGHT_INNER_CORNER,
}
HAIRLINE_M = (0.085, 0.0, 0.105)
"""Where the hair ends over the forehead."""
SKULL_M, SKULL_RADII_M = (-0.006, 0.0, 0.043), (0.105, 0.08, 0.10)
"""The braincase with its hair: middle, and radii forward, left, up."""
LOWER_NECK_SHARE = 0.47
"""Share of a nod by which C7-tragus turns."""

PROFILE_DEG = 70.0
"""Of a person turned further, BlazePose turns the head's points by PROFILE_GAIN of its pitch only, and FaceMesh finds
no face."""
PROFILE_EAR_M = (0.024, 0.070, 0.0)
"""Where it marks that person's ear."""
COUNTED_FROM_RAD, COUNTED_SINCE_S = 0.3, 0.0
"""The turn of an upright head, counted from the stream's first picture of it, as it were."""

PAIRS = {
    Body.LEFT_EYE: Body.RIGHT_EYE,
    Body.LEFT_EAR: Body.RIGHT_EAR,
    Body.MOUTH_LEFT: Body.MOUTH_RIGHT,
    Body.LEFT_SHOULDER: Body.RIGHT_SHOULDER,
    Body.LEFT_ELBOW: Body.RIGHT_ELBOW,
    Body.LEFT_WRIST: Body.RIGHT_WRIST,
    Body.LEFT_HIP: Body.RIGHT_HIP,
}
TO_CAMERA = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])
"""Forward, left, up of one who faces the camera as right, down, away."""


@dataclass(frozen=True)
class Pose:
    """How the person sits, degrees and metres from upright."""

    head_pitch: float = 0.0
    """Against gravity, so neck flexion is `head_pitch - trunk_flexion`."""
    head_yaw: float = 0.0
    head_roll: float = 0.0
    trunk_flexion: float = 0.0
    poke: float = 0.0
    """How far C7-tragus turns forward beyond what goes with the nod: the chin pokes."""
    shrug_left_m: float = 0.0
    shrug_right_m: float = 0.0
    shift_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """How far the whole person has moved: forward, left, up."""

    @property
    def neck_flexion(self) -> float:
        """After ISO 11226."""
        return self.head_pitch - self.trunk_flexion

    @property
    def head_forward(self) -> float:
        """Turn of C7-tragus."""
        return self.trunk_flexion + LOWER_NECK_SHARE * self.neck_flexion + self.poke


UPRIGHT = Pose()


@dataclass(frozen=True)
class Desk:
    """Where the upright person is before the camera, and what picture this makes."""

    azimuth: float = 0.0
    """Which way the person faces: 0 to the camera, + toward the right of the picture, degrees."""
    distance_m: float = 0.65
    """Depth of the head."""
    tilt: float = 0.0
    """The camera's pitch, + looking up, degrees."""
    head_at: tuple[float, float] = (0.5, 0.42)
    """Where the head is in the picture: shares of its width and height."""
    width_px: int = 640
    height_px: int = 480
    field_of_view_deg: float = 65.0
    """Along the longer side."""

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        half = np.radians(self.field_of_view_deg / 2)
        return float(max(self.width_px, self.height_px) / 2 / np.tan(half))

    @property
    def axes(self) -> np.ndarray:
        """(3, 3): from the person's forward, left, up to the camera's right, down, away."""
        return _turn_x(-self.tilt) @ TO_CAMERA @ _turn_z(self.azimuth)

    @property
    def upright_head(self) -> np.ndarray:
        """(3,): the middle between the tragi of the upright person, camera axes, metres."""
        size = np.array([self.width_px, self.height_px])
        across, down = (np.array(self.head_at) - 0.5) * size / self.focal_px
        return self.distance_m * np.array([across, down, 1.0])

    def project(self, points: np.ndarray) -> np.ndarray:
        """Where points (n, 3) in camera axes are in the picture: x, y, and depth as pixels."""
        x, y, depth = points.T
        scale = self.focal_px / depth
        across, down = self.width_px / 2 + scale * x, self.height_px / 2 + scale * y
        return np.stack([across, down, depth * self.focal_px / self.distance_m], axis=1)


FRONT = Desk()
LAPTOP = Desk(tilt=15.0, distance_m=0.6)
THREE_QUARTER = Desk(azimuth=40.0, distance_m=0.75)
SIDE = Desk(azimuth=90.0, distance_m=1.0, head_at=(0.5, 0.3))
OTHER_SIDE = replace(SIDE, azimuth=-90.0)


def seen(
    pose: Pose = UPRIGHT,
    desk: Desk = FRONT,
    t_s: float = 0.0,
    face: bool | None = None,
    crown: bool = False,
    turn: bool = False,
    hairline: bool = False,
) -> Landmarks:
    """The landmarks of a person; `face` says whether FaceMesh finds it: by default not from the side.

    Of one whose face it does not find BlazePose turns the head's points by HIDDEN_GAIN of its pitch only.
    `crown` says whether the top of the head's silhouette is seen too, `hairline` whether the end of the hair is, `turn`
    whether the turn of its picture is, as a profile shows it.
    """
    finds_face = abs(desk.azimuth + pose.head_yaw) < PROFILE_DEG if face is None else face
    profile = abs(desk.azimuth) > PROFILE_DEG
    shown = PROFILE_GAIN if profile else 1.0 if finds_face else HIDDEN_GAIN
    pixels = desk.project(_camera(_body_m(replace(pose, head_pitch=shown * pose.head_pitch), pose, profile), desk))
    hips_px = pixels[[Body.LEFT_HIP, Body.RIGHT_HIP], 2].mean()
    inside = (pixels[:, :2] > 0).all(axis=1) & (pixels[:, :2] < (desk.width_px, desk.height_px)).all(axis=1)
    pixels[:, 2] -= hips_px
    return Landmarks(
        t_s,
        desk.width_px,
        desk.height_px,
        pixels,
        np.where(inside, 0.99, 0.1),
        _face_px(pose, desk) if finds_face else None,
        crown_px=_crown_px(pose, desk) if crown else None,
        hairline_px=_hairline_px(pose, desk) if hairline else None,
        head_turn=_head_turn(pose, desk) if turn else None,
    )


def _head_turn(pose: Pose, desk: Desk) -> HeadTurn:
    return HeadTurn(COUNTED_FROM_RAD + float(np.sign(desk.azimuth) * np.radians(pose.head_pitch)), COUNTED_SINCE_S)


def neutral_frames(
    desk: Desk = FRONT, pose: Pose = UPRIGHT, crown: bool = False, turn: bool = False, hairline: bool = False
) -> list[Landmarks]:
    """A short neutral stretch."""
    return [seen(pose, desk, k / 5, crown=crown, turn=turn, hairline=hairline) for k in range(3)]


def film(
    pose_at: Callable[[float], Pose | None], end_s: float, desk: Desk = FRONT, rate_hz: float = 5.0
) -> Iterator[Landmarks]:
    """A recording: the landmarks of the pose at each time, an empty picture where it is None."""
    for k in range(round(end_s * rate_hz) + 1):
        pose = pose_at(k / rate_hz)
        turns = abs(desk.azimuth) > PROFILE_DEG
        yield empty(k / rate_hz, desk) if pose is None else seen(pose, desk, k / rate_hz, turn=turns)


def steps(*held: tuple[float, Pose | None]) -> Callable[[float], Pose | None]:
    """Poses held for so many seconds each, the last one for ever."""

    def pose_at(t_s: float) -> Pose | None:
        for length_s, pose in held[:-1]:
            if t_s < length_s:
                return pose
            t_s -= length_s
        return held[-1][1]

    return pose_at


def empty(t_s: float = 0.0, desk: Desk = FRONT) -> Landmarks:
    """A picture of nobody."""
    return Landmarks(t_s, desk.width_px, desk.height_px, None, None, None)


def mirrored(landmarks: Landmarks) -> Landmarks:
    """What a landmarker sees in the mirrored picture: left and right change places and names."""
    turn = landmarks.head_turn
    return _with_points(
        landmarks,
        lambda points: (points * (-1, 1, 1) + np.array([landmarks.width_px, 0, 0]))[_MIRROR[len(points)]],
        visibility=None if landmarks.visibility is None else landmarks.visibility[_MIRROR[BODY_POINTS]],
        head_turn=turn and replace(turn, turn_rad=-turn.turn_rad),
    )


def enlarged(landmarks: Landmarks, times: int) -> Landmarks:
    """The same in a picture of so many times the size."""
    return _with_points(
        landmarks,
        lambda points: points * times,
        width_px=landmarks.width_px * times,
        height_px=landmarks.height_px * times,
    )


def moved(landmarks: Landmarks, right_px: float, down_px: float) -> Landmarks:
    """The same with every point moved in the picture."""
    return _with_points(landmarks, lambda points: points + np.array([right_px, down_px, 0]))


def shaken(landmarks: Landmarks, rng: np.random.Generator, sd_px: float) -> Landmarks:
    """The same with white noise on every point."""
    return _with_points(landmarks, lambda points: points + rng.normal(0, sd_px, points.shape))


def shrunk(landmarks: Landmarks, times: float, to: Sequence[float]) -> Landmarks:
    """The same person so many times as large, around a place (x, y) of the same picture."""
    centre = landmarks.body_px[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER]].mean(axis=0)
    return _with_points(landmarks, lambda points: (points - centre) * times + (*to, 0))


def without_face(landmarks: Landmarks) -> Landmarks:
    """The same where FaceMesh has lost the face."""
    return replace(landmarks, face_px=None)


def bent_out_of_shape(landmarks: Landmarks, share: float) -> Landmarks:
    """The same with every point of the face elsewhere by this share of their spread."""
    face = landmarks.face_px
    off = np.random.default_rng(0).normal(0, 1, face.shape)
    off *= share * np.linalg.norm(face - face.mean(axis=0)) / np.linalg.norm(off)
    return replace(landmarks, face_px=face + off)


def _with_points(landmarks: Landmarks, change: Callable, **others: object) -> Landmarks:
    changed = {
        name: None if getattr(landmarks, name) is None else change(getattr(landmarks, name))
        for name in ("body_px", "face_px")
    }
    return replace(landmarks, **{**changed, **others})


def _body_m(shown: Pose, pose: Pose, profile: bool) -> np.ndarray:
    """The body's points (33, 3), metres from the upright hips, where those that are not used are too.

    `shown` is how the head's points are turned about the end of the neck.
    """
    places = np.zeros((BODY_POINTS, 3))
    trunk = _turn_y(pose.trunk_flexion)
    c7 = trunk @ (0, 0, TRUNK_M)
    tragi = c7 + _neck(pose.head_forward)
    head = _head(shown)
    points = {**HEAD_M, Body.LEFT_EAR: PROFILE_EAR_M} if profile else HEAD_M
    for side, shrug_m in ((1, pose.shrug_left_m), (-1, pose.shrug_right_m)):
        sided = np.array([1, side, 1])

        def put(left: Body, place: np.ndarray, side: int = side) -> None:
            places[left if side > 0 else PAIRS.get(left, left)] = place

        for left, place in points.items():
            put(left, tragi + head @ (sided * place))
        shoulder = c7 + trunk @ (sided * SHOULDER_M) + (0, 0, shrug_m)
        put(Body.LEFT_SHOULDER, shoulder)
        put(Body.LEFT_ELBOW, shoulder + sided * ELBOW_M)
        put(Body.LEFT_WRIST, shoulder + sided * WRIST_M)
        put(Body.LEFT_HIP, sided * HIP_M)
    return places + pose.shift_m


def _face_px(pose: Pose, desk: Desk) -> np.ndarray:
    """FaceMesh's points: the face's shape, turned as FaceMesh would, at the size and place of the face."""
    head = _head(pose)
    tragi = _turn_y(pose.trunk_flexion) @ (0, 0, TRUNK_M) + _neck(pose.head_forward) + pose.shift_m
    centre = _camera((tragi + head @ _MESH_M.mean(axis=0))[None], desk)
    ray = rotation_to(centre[0] / np.linalg.norm(centre[0]))
    turn = rotation_vector(ray.T @ desk.axes @ head @ TO_CAMERA.T)
    turned = rotation_from_vector(np.array([_mesh_pitch_rad(turn[0]), FACE_GAIN * turn[1], turn[2]])) @ TO_CAMERA
    mesh = (_MESH_M - _MESH_M.mean(axis=0)) @ turned.T * desk.focal_px / centre[0, 2]
    mesh[:, :2] += desk.project(centre)[0, :2]
    return mesh


def _mesh_pitch_rad(true_rad: float) -> float:
    """The pitch of FaceMesh's mesh on a face that is bent so far from the line of sight: `true_pitch_rad` backwards."""
    root = np.sqrt(max(0.0, FACE_PITCH**2 + 2 * FACE_PITCH_PER_RAD * true_rad))
    return float((root - FACE_PITCH) / FACE_PITCH_PER_RAD)


def _crown_px(pose: Pose, desk: Desk) -> float:
    """The height of the highest of many points on the braincase."""
    along, around = np.meshgrid(np.radians(np.arange(0, 181, 2)), np.radians(np.arange(0, 360, 4)))
    ball = np.stack([np.sin(along) * np.cos(around), np.sin(along) * np.sin(around), np.cos(along)], axis=-1)
    skull = (ball.reshape(-1, 3) * SKULL_RADII_M + SKULL_M) @ _head(pose).T
    tragi = _turn_y(pose.trunk_flexion) @ (0, 0, TRUNK_M) + _neck(pose.head_forward) + pose.shift_m
    return float(desk.project(_camera(tragi + skull, desk))[:, 1].min())


def _hairline_px(pose: Pose, desk: Desk) -> float:
    """The height of the hair's end over the forehead."""
    tragi = _turn_y(pose.trunk_flexion) @ (0, 0, TRUNK_M) + _neck(pose.head_forward) + pose.shift_m
    return float(desk.project(_camera(np.array([tragi + _head(pose) @ HAIRLINE_M]), desk))[0, 1])


def _camera(points_m: np.ndarray, desk: Desk) -> np.ndarray:
    upright_tragi = np.array([0, 0, TRUNK_M]) + _neck(0.0)
    return desk.upright_head + (points_m - upright_tragi) @ desk.axes.T


def _neck(turn: float) -> np.ndarray:
    inclination = np.radians(NECK_INCLINATION_DEG + turn)
    return NECK_M * np.array([np.sin(inclination), 0.0, np.cos(inclination)])


def _head(pose: Pose) -> np.ndarray:
    return _turn_z(pose.head_yaw) @ _turn_y(pose.head_pitch) @ _turn_x(-pose.head_roll)


def _turn_x(deg: float) -> np.ndarray:
    return rotation_from_vector(np.radians([deg, 0.0, 0.0]))


def _turn_y(deg: float) -> np.ndarray:
    return rotation_from_vector(np.radians([0.0, deg, 0.0]))


def _turn_z(deg: float) -> np.ndarray:
    return rotation_from_vector(np.radians([0.0, 0.0, deg]))


def _mesh() -> tuple[np.ndarray, np.ndarray]:
    """The face's points (468, 3), metres from the tragi, and for each the index of its mirror image."""
    others = [k for k in range(FACE_POINTS) if k not in {*FACE_M, *FACE_PAIRS.values()}]
    pairs = {**FACE_PAIRS, **dict(zip(others[0::2], others[1::2], strict=True))}
    points = np.zeros((FACE_POINTS, 3))
    points[others[0::2]] = _half_an_ellipsoid(len(others) // 2)
    for point, place in FACE_M.items():
        points[point] = place
    mirror = np.arange(FACE_POINTS)
    for left, right in pairs.items():
        points[right] = points[left] * (1, -1, 1)
        mirror[[left, right]] = right, left
    return points, mirror


def _half_an_ellipsoid(points: int) -> np.ndarray:
    """The left half of a face, (points, 3), evenly strewn."""
    k = np.arange(points)
    across, up = np.radians(75) * ((k * 0.618034) % 1.0), np.radians(80) * (2 * (k + 0.5) / points - 1)
    forward = 0.02 + 0.075 * np.cos(up) * np.cos(across)
    return np.stack([forward, 0.07 * np.cos(up) * np.sin(across), 0.09 * np.sin(up)], axis=1)


_MESH_M, _FACE_MIRROR = _mesh()
_BODY_MIRROR = np.arange(BODY_POINTS)
for _left, _right in PAIRS.items():
    _BODY_MIRROR[[_left, _right]] = _right, _left
_MIRROR = {FACE_POINTS: _FACE_MIRROR, BODY_POINTS: _BODY_MIRROR}
