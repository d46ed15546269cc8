"""From one frame's landmarks to the posture: every angle relative to the person's neutral, or missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from posturecam.core import anatomy
from posturecam.core.body_fit import BodyChain, BodyFit, FaceReading
from posturecam.core.camera import FIELD_OF_VIEW_DEG, Camera
from posturecam.core.face_turn import FaceTurn, NeutralFace
from posturecam.core.geometry import head_angles_rad, rotation_vector
from posturecam.core.hairline import NeutralHairline
from posturecam.core.landmarks import Array, Body, HeadTurn, Landmarks, shoulder_width_px, stature_px
from posturecam.core.neutral import Neutral
from posturecam.core.posture import Absence, Angle, Posture, View, missing, nobody
from posturecam.core.scene import EYES, SHOULDERS, Scene, scene_of

STATURE_RANGE = (0.45, 2.2)
"""A body of less or more than this share of the neutral's size in the picture is not the person."""
TURNED_DEG = 50.0
"""Turned further than this from neutral, the head's pitch can no longer be read."""
TRUNK_TURNED_RAD = np.radians(55.0)
"""When the trunk has turned further than this from neutral, the neutral no longer holds."""
FRONT_RAD, SIDE_RAD = np.radians(44.0), np.radians(65.0)
"""A turned trunk is no longer seen from the front, and seen from the side; wider than the neutral's limits,
because leaning back narrows the shoulders too."""
SHOULDERS_OUTSIDE = 0.15
"""BlazePose places shoulders well that lie outside the picture by up to this share of it, as at many desks."""
UNSURE_DEG = 18.0
"""An angle with a larger standard deviation is not reported."""

FACE_SD_RAD, FACE_SD_SHARE = np.radians(2.0), 0.22
"""FaceMesh's pitch errs by 2° and a fifth of the turn (standard deviation, rendered heads)."""
FACE_DEPTH_SD, FACE_DEPTH_SD_PER_RAD = 0.012, 0.15
"""The head's distance by its mesh's size errs by 1.2 % and 0.25 % per degree of pitch (rendered heads)."""
PROFILE_SD_RAD, PROFILE_SD_SHARE = np.radians(1.2), 0.04
"""The turn of a head in profile within the picture errs by 1.2° and 4 % of itself (rendered heads)."""
YAW_SD_DEG, ROLL_SD_DEG = 3.0, 1.5
"""Standard deviations of FaceMesh's yaw and roll (rendered heads)."""
BODY_YAW_SD_DEG, BODY_ROLL_SD_DEG = 10.0, 5.0
"""The same from BlazePose's ears, eyes and nose alone. Roll errs by more the closer together the eyes of a hidden face
are marked, by the square: by 5° where they are as far apart as at neutral, by 14° at 0.7 and 37° at 0.3 of that."""
SHOULDER_LINE_SD_DEG = 2.0
"""Of the line between BlazePose's shoulders (judgement)."""
ROLL_TURNED_RAD = np.radians(45.0)
"""Of a person turned by so much the roll errs twice as much."""
UNSURE_ROLL_DEG = 10.0
"""A roll with a larger standard deviation is not reported: 10° are held to be a tilt."""

WARP, WARP_PER_RAD = 0.06, 0.126
"""A mesh is bent out of shape by less than this and that for each radian that it is turned: 95 of 100 by 0.05 when they
are level, real and rendered; those that are no faces by 0.08 and more."""

MARKED, MARKED_ON_FACE = (Body.LEFT_EYE, Body.RIGHT_EYE, Body.NOSE), (263, 362, 33, 133, 1, 1)
"""What both models mark, and for each two of FaceMesh's points about it: the corners of an eye, the tip of the nose."""

LOST_FACE_RAD, LOST_FACE_SD_RAD = np.radians(56.0), np.radians(18.0)
"""Bend of a face that FaceMesh has lost, before a camera that looks level: 57° on rendered people, give or take 10°
(benchmarks/learn_face.py). The spread is wider: a hand or a mask hides a face too."""
LOST_TILT_SHARE = 0.4
"""By so much of the camera's tilt, as the face tells it, that bend is larger; all of it, were the tilt known."""
LOST_TURNED_RAD = np.radians(60.0)
"""Turned by so much, a face is lost without being bent too: what that tells is half as certain (judgement; from 45° on
alike on rendered people)."""
FACE_HIDDEN_DEG = 60.0
"""Turned further than this from the camera, a face may be lost without being bent."""
EYES_PER_TOP = 2.8
"""The eyes of a head that bends by up to 60° fall by at least so many times as much as its top does (geometry), once
this has fallen by TOP_WANDERS."""
TOP_WANDERS = 0.16
"""The top may fall by this share of its height over the eyes for no reason: by 2 cm, with a tilt or in other light."""
SLIPPED_BLUR = 10.0
"""By what BlazePose's head is less certain for each distance from eyes to top that its eyes are too high."""
COLLAPSED_EYES = 0.75
"""BlazePose's eyes closer together than this share of neutral are no longer on the eyes."""


@dataclass(frozen=True)
class Signals:
    """What one frame's angles were made of."""

    face_seen: bool
    """There is a face, and it is one."""
    face_size: float | None
    """Its mesh's size over that at neutral; None without one."""
    face: FaceReading | None
    """FaceMesh's reading, or what a lost face and its hairline say, or in profile the turn of the head's picture; None
    without any."""
    eyes_drop_px: float
    """BlazePose's eyes, change from neutral, + down."""
    shoulders_drop_px: float
    """The same of the shoulders."""
    crown_px: float | None
    """Height y of the head's top; None where it is not to be seen."""
    hairline_px: float | None
    """The same of the hairline."""
    shoulder_width_ratio: float
    """The shoulders' width in the picture over that at neutral."""
    trunk_azimuth_rad: float
    """How far the trunk is turned from the camera, 0..90°, told by that width."""
    head_blur: float
    """How many times less certain BlazePose's head is than usual."""
    fit: BodyFit | None
    """None when the frame does not support it."""


class Measurement:
    """Measures postures against one neutral. Holds nothing between frames: their order does not matter."""

    def __init__(self, neutral: Neutral, field_of_view_deg: float = FIELD_OF_VIEW_DEG) -> None:
        self._neutral, self._field_of_view_deg = neutral, field_of_view_deg
        self._scene = scene_of(neutral, Camera(neutral.width_px, neutral.height_px, field_of_view_deg))
        self._face = None if neutral.face_px is None else NeutralFace(neutral.face_px, self._scene)
        self._hairline = None
        if neutral.hairline_px is not None and neutral.crown_px is not None and self._scene.view is View.FRONT:
            self._hairline = NeutralHairline(neutral, self._scene)
        self._chain = BodyChain(neutral, self._scene)
        self._heights_px = _heights_px(neutral.body_px)
        self._stature_px, self._width_px = stature_px(neutral.body_px), shoulder_width_px(neutral.body_px)

    @property
    def scene(self) -> Scene:
        """How the neutral person sits before the camera."""
        return self._scene

    def anchored(self, head_turn: HeadTurn) -> Measurement:
        """Return the same, knowing one more of the neutral's `head_turns`."""
        head_turns = (*self._neutral.head_turns, head_turn)
        return Measurement(replace(self._neutral, head_turns=head_turns), self._field_of_view_deg)

    def neutral_turn_rad(self, since_s: float) -> float | None:
        """Return the turn of the neutral's head as counted from a look of the stream; None when it is not known."""
        return next((one.turn_rad for one in self._neutral.head_turns if one.since_s == since_s), None)

    def eyes_height_px(self, neck_flexion_deg: float) -> float:
        """How far under the picture's top the eyes are at this neck flexion, the trunk as at neutral."""
        return self._chain.eyes_height_px(float(np.radians(neck_flexion_deg)))

    def measure(self, landmarks: Landmarks) -> Posture:
        """Return the posture of one frame; angles are missing, with the reason, where it does not show them.

        Raises ValueError when the frame's size is not the neutral's.
        """
        return self.explain(landmarks)[0]

    def explain(self, landmarks: Landmarks) -> tuple[Posture, Signals | None]:
        """Return the posture of one frame and the signals behind it; None when nobody is there.

        Raises ValueError when the frame's size is not the neutral's.
        """
        if (landmarks.width_px, landmarks.height_px) != (self._neutral.width_px, self._neutral.height_px):
            raise ValueError("the frame's size is not the neutral's")
        body = landmarks.body_px
        if body is None or not self._is_the_person(body):
            return nobody(landmarks.t_s), None
        azimuth_rad = self._trunk_azimuth_rad(body)
        face_px, turn = self._believed(landmarks.face_px)
        yaw, roll, face = self._turn(turn, body, landmarks.head_turn)
        obstacle = self._obstacle(body, yaw, azimuth_rad)
        fit, blur = None, 1.0
        if obstacle:
            pitch = trunk = neck = forward = missing(obstacle)
        else:
            yaw_rad, roll_rad = math.radians(yaw.deg or 0.0), math.radians(roll.deg or 0.0)
            if face_px is None:
                blur = self._head_blur(body, landmarks, yaw_rad)
                if face and self._hairline and landmarks.crown_px is not None and landmarks.hairline_px is not None:
                    face = self._hairline.read(landmarks.crown_px, landmarks.hairline_px, self._size(body), face)
            fit = self._chain.fit(self._refined(body, face_px), yaw_rad, roll_rad, face, blur, landmarks.crown_px)
            pitch, trunk, neck, forward = _angles(fit)
        tilt, left, right = self._shoulders(body, roll)
        view = _view(azimuth_rad)
        posture = Posture(landmarks.t_s, True, view, pitch, trunk, neck, forward, yaw, roll, tilt, left, right)
        eyes_px, shoulders_px = _heights_px(body)
        signals = Signals(
            face_seen=face_px is not None,
            face_size=turn.size if turn else None,
            face=face,
            eyes_drop_px=eyes_px - self._heights_px[0],
            shoulders_drop_px=shoulders_px - self._heights_px[1],
            crown_px=landmarks.crown_px,
            hairline_px=landmarks.hairline_px,
            shoulder_width_ratio=self._size(body),
            trunk_azimuth_rad=azimuth_rad,
            head_blur=blur,
            fit=fit,
        )
        return posture, signals

    def _is_the_person(self, body: Array) -> bool:
        share = stature_px(body) / self._stature_px
        return STATURE_RANGE[0] < share < STATURE_RANGE[1]

    def _believed(self, face_px: Array | None) -> tuple[Array | None, FaceTurn | None]:
        """Return the face and how it is turned, if there is one and it is a face.

        FaceMesh may see one in the hair of a head far down. Its mesh is then bent out of shape as a true one is only
        when it is turned far.
        """
        if face_px is None or self._face is None:
            return face_px, None
        turn = self._face.read(face_px)
        turned_rad = math.hypot(*rotation_vector(turn.rotation))
        return (face_px, turn) if turn.warp < WARP + WARP_PER_RAD * turned_rad else (None, None)

    def _turn(
        self, turn: FaceTurn | None, body: Array, head_turn: HeadTurn | None
    ) -> tuple[Angle, Angle, FaceReading | None]:
        """Return the head's yaw and roll, and what the face, or its absence, says of the pitch."""
        neutral = self._neutral
        if turn is not None:
            pitch_rad, yaw_rad, roll_rad = head_angles_rad(turn.rotation)
            reading = FaceReading(
                pitch_rad,
                FACE_SD_RAD + FACE_SD_SHARE * abs(pitch_rad),
                1 / turn.size,
                FACE_DEPTH_SD + FACE_DEPTH_SD_PER_RAD * abs(pitch_rad),
            )
            yaw = Angle(math.degrees(yaw_rad), YAW_SD_DEG)
            return yaw, Angle(math.degrees(roll_rad), ROLL_SD_DEG), reading
        if self._scene.view is View.SIDE:
            return missing(Absence.VIEW), missing(Absence.VIEW), self._profile_reading(head_turn)
        yaw_deg = _nose_yaw_deg(body) - _nose_yaw_deg(neutral.body_px)
        lost = None
        turned_deg = abs(np.degrees(self._scene.azimuth_rad) + yaw_deg)
        if neutral.face_px is not None and turned_deg < FACE_HIDDEN_DEG:
            lost = FaceReading(
                LOST_FACE_RAD + LOST_TILT_SHARE * self._scene.tilt_rad,
                LOST_FACE_SD_RAD * (1 + (self._scene.azimuth_rad / LOST_TURNED_RAD) ** 2),
            )
        return Angle(yaw_deg, BODY_YAW_SD_DEG), self._eye_line_roll(body), lost

    def _eye_line_roll(self, body: Array) -> Angle:
        """Return the roll that the line between BlazePose's eyes tells, unless they are too close together for it."""
        turned = 1 + abs(self._scene.azimuth_rad) / ROLL_TURNED_RAD
        sd_deg = BODY_ROLL_SD_DEG * float(turned) / min(1.0, max(0.1, self._eye_span(body))) ** 2
        if sd_deg > UNSURE_ROLL_DEG:
            return missing(Absence.UNSURE)
        return Angle(_eye_line_deg(body) - _eye_line_deg(self._neutral.body_px), sd_deg)

    def _eye_span(self, body: Array) -> float:
        """Return how far apart BlazePose's eyes are over that at neutral, on a body as large as then."""
        return _eye_span_px(body) / _eye_span_px(self._neutral.body_px) / max(0.05, self._size(body))

    def _profile_reading(self, head_turn: HeadTurn | None) -> FaceReading | None:
        """Return what the head's turn within the picture says of the pitch; None where it says nothing."""
        neutral_rad = None if head_turn is None else self.neutral_turn_rad(head_turn.since_s)
        if head_turn is None or neutral_rad is None:
            return None
        pitch_rad = (head_turn.turn_rad - neutral_rad) / float(np.sin(self._scene.azimuth_rad))
        return FaceReading(pitch_rad, PROFILE_SD_RAD + PROFILE_SD_SHARE * abs(pitch_rad))

    def _refined(self, body: Array, face_px: Array | None) -> Array:
        """Return the body with eyes and nose moved from neutral as FaceMesh saw them move.

        FaceMesh marks them more finely, and under a fringe where BlazePose marks the hair.
        """
        if face_px is None or self._neutral.face_px is None:
            return body
        refined = body.copy()
        moved = face_px[MARKED_ON_FACE, :2] - self._neutral.face_px[MARKED_ON_FACE, :2]
        refined[MARKED, :2] = self._neutral.body_px[MARKED, :2] + (moved[0::2] + moved[1::2]) / 2
        return refined

    def _trunk_azimuth_rad(self, body: Array) -> float:
        """Return how far the trunk is turned from the camera now, 0..90°, told by its width in the picture."""
        seen = shoulder_width_px(body) / self._chain.full_shoulder_width_px
        return math.acos(min(1.0, seen))

    def _size(self, body: Array) -> float:
        """Return the width of the shoulders in the picture over that at neutral."""
        return shoulder_width_px(body) / self._width_px

    def _obstacle(self, body: Array, yaw: Angle, azimuth_rad: float) -> Absence | None:
        """Return why the chain cannot be fitted to this frame, or None when it can."""
        size_px = self._neutral.width_px, self._neutral.height_px
        eyes, shoulders = ((body[left, :2] + body[right, :2]) / 2 for left, right in (EYES, SHOULDERS))
        if _outside(eyes, size_px) > 0 or _outside(shoulders, size_px) > SHOULDERS_OUTSIDE:
            return Absence.OUT_OF_FRAME
        if abs(azimuth_rad - abs(self._scene.azimuth_rad)) > TRUNK_TURNED_RAD:
            return Absence.VIEW
        return Absence.TURNED_AWAY if abs(yaw.deg or 0.0) > TURNED_DEG else None

    def _head_blur(self, body: Array, landmarks: Landmarks, yaw_rad: float) -> float:
        """Return by how much the head's points are less certain than usual; they collapse on a hidden face."""
        if self._scene.view is View.SIDE:
            return 1.0
        scale = max(0.05, self._size(body))
        span = self._eye_span(body) / max(0.3, np.cos(yaw_rad))
        collapse = max(1.0, (COLLAPSED_EYES / max(span, 0.05)) ** 3)
        return float(collapse * (1 + SLIPPED_BLUR * self._slipped(body, landmarks, scale)))

    def _slipped(self, body: Array, landmarks: Landmarks, scale: float) -> float:
        """Return by how much BlazePose's eyes are too high: for how far the head's top has come down, or in the hair.

        In units of the eyes' distance from the top at neutral; 0 where that is not known. `scale` is the body's size
        over that at neutral.
        """
        before_px, crown_px = self._neutral.crown_px, landmarks.crown_px
        if crown_px is None or before_px is None:
            return 0.0
        eyes_px, shoulders_px = self._heights_px
        eyes_now_px, shoulders_now_px = _heights_px(body)
        height_px = max(1.0, eyes_px - before_px)
        top_fell_px = shoulders_px - before_px - (shoulders_now_px - crown_px) / scale - TOP_WANDERS * height_px
        eyes_fell_px = shoulders_px - eyes_px - (shoulders_now_px - eyes_now_px) / scale
        too_high_px = EYES_PER_TOP * top_fell_px - eyes_fell_px
        if self._hairline and landmarks.hairline_px is not None:
            too_high_px = max(too_high_px, (landmarks.hairline_px - eyes_now_px) / scale)
        return max(0.0, too_high_px) / height_px

    def _shoulders(self, body: Array, roll: Angle) -> tuple[Angle, float | None, float | None]:
        """Return the lateral tilt of the head on the trunk and each shoulder's rise toward the ear."""
        if self._scene.view is View.SIDE:
            return missing(Absence.VIEW), None, None
        neutral = self._neutral.body_px
        tilt = roll
        if roll.deg is not None and roll.sd_deg is not None:
            line_deg = _shoulder_line_deg(body) - _shoulder_line_deg(neutral)
            tilt = Angle(roll.deg - line_deg, math.hypot(roll.sd_deg, SHOULDER_LINE_SD_DEG))
        left, right = (
            _ear_gap_sw(neutral, ear, shoulder) - _ear_gap_sw(body, ear, shoulder)
            for ear, shoulder in (
                (Body.LEFT_EAR, Body.LEFT_SHOULDER),
                (Body.RIGHT_EAR, Body.RIGHT_SHOULDER),
            )
        )
        return tilt, left, right


def _angles(fit: BodyFit) -> tuple[Angle, Angle, Angle, Angle]:
    """Return head pitch, trunk flexion, neck flexion (ISO 11226: their difference) and head forward."""
    (pitch, both, _), (_, trunk, _), (_, _, forward) = fit.covariance.tolist()
    return (
        _angle(fit.pitch_rad, pitch),
        _angle(fit.trunk_rad, trunk),
        _angle(fit.pitch_rad - fit.trunk_rad, pitch - 2 * both + trunk),
        _angle(fit.neck_rad, forward),
    )


def _angle(value_rad: float, variance: float) -> Angle:
    sd_deg = math.degrees(math.sqrt(variance))
    return Angle(math.degrees(value_rad), sd_deg) if sd_deg <= UNSURE_DEG else missing(Absence.UNSURE)


def _outside(point_px: Array, size_px: tuple[int, int]) -> float:
    """Return how far a point lies outside the picture, as a share of its width or height; 0 inside."""
    (x, y), (width, height) = map(float, point_px), size_px
    return max(0.0, max(-x, x - width) / width, max(-y, y - height) / height)


def _view(azimuth_rad: float) -> View:
    if azimuth_rad > SIDE_RAD:
        return View.SIDE
    return View.FRONT if azimuth_rad < FRONT_RAD else View.THREE_QUARTER


def _heights_px(body: Array) -> tuple[float, float]:
    """Return how far under the picture's top eyes and shoulders are."""
    eyes, shoulders = (float(body[left, 1] + body[right, 1]) / 2 for left, right in (EYES, SHOULDERS))
    return eyes, shoulders


def _nose_yaw_deg(body: Array) -> float:
    """Return the head's yaw as the nose's place between the ears tells it, + to the person's left."""
    ears = body[[Body.LEFT_EAR, Body.RIGHT_EAR], :2]
    width = max(1.0, math.dist(*ears.tolist()))
    reach = anatomy.NOSE_M[0] / (2 * anatomy.EAR_M[1])
    return math.degrees(math.atan2((body[Body.NOSE, 0] - ears[:, 0].mean()) / reach, width))


def _eye_line_deg(body: Array) -> float:
    """Return how far the line between the eyes falls toward the person's left, from the front."""
    line = body[Body.LEFT_EYE] - body[Body.RIGHT_EYE]
    return math.degrees(math.atan2(line[1], line[0]))


def _shoulder_line_deg(body: Array) -> float:
    """Return how far the line between the shoulders falls toward the person's left, from the front."""
    line = body[Body.LEFT_SHOULDER] - body[Body.RIGHT_SHOULDER]
    return math.degrees(math.atan2(line[1], line[0]))


def _eye_span_px(body: Array) -> float:
    return math.dist(body[Body.LEFT_EYE, :2].tolist(), body[Body.RIGHT_EYE, :2].tolist())


def _ear_gap_sw(body: Array, ear: Body, shoulder: Body) -> float:
    """Return the height of the ear over the shoulder in shoulder widths."""
    return float((body[shoulder, 1] - body[ear, 1]) / max(1.0, shoulder_width_px(body)))
