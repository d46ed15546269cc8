"""What a landmarker saw in one frame, in pixels."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FACE_POINTS = 468
BODY_POINTS = 33


class Body(IntEnum):
    """Rows of `Landmarks.body_px`: the BlazePose points that are used here."""

    NOSE = 0
    LEFT_EYE = 2
    RIGHT_EYE = 5
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_HIP = 23
    RIGHT_HIP = 24


EYES_AND_SHOULDERS = [Body.LEFT_EYE, Body.RIGHT_EYE, Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER]


@dataclass(frozen=True)
class Backdrop:
    """Where the picture around the person lies, against where it lay in the stream's first picture.

    The picture was turned and scaled about its middle, then shifted: what a camera that moved makes of a
    scene that is far away.
    """

    right_px: float = 0.0
    """How far the picture's middle has moved, pixels of the analysed frame."""
    down_px: float = 0.0
    roll_rad: float = 0.0
    """How far it has turned, + clockwise as it is seen."""
    scale: float = 1.0
    """How many times as large it has become."""

    @property
    def similarity(self) -> tuple[complex, complex]:
        """Factor and shift of points from the picture's middle, x + y i, pixels."""
        return self.scale * cmath.exp(1j * self.roll_rad), complex(self.right_px, self.down_px)

    @classmethod
    def of(cls, factor: complex, shift: complex) -> Backdrop:
        """The inverse of `similarity`."""
        return cls(shift.real, shift.imag, cmath.phase(factor), abs(factor))

    def since(self, before: Backdrop) -> Backdrop:
        """Return where it lies now against where it lay before, both against the same first picture."""
        factor, shift = self.similarity
        factor_before, shift_before = before.similarity
        turned = factor / factor_before
        return Backdrop.of(turned, shift - turned * shift_before)

    def after(self, before: Backdrop) -> Backdrop:
        """Return both moves as one: `before` first, then this one."""
        factor, shift = self.similarity
        factor_before, shift_before = before.similarity
        return Backdrop.of(factor * factor_before, factor * shift_before + shift)


class Who(str, Enum):
    """Whether a body is that of the person who has been followed so far."""

    SAME = "same"
    OTHER = "other"
    """The landmarker lost the person and found somebody else."""
    UNCLEAR = "unclear"
    """It lost the person, and then found several people of whom any may be them."""


@dataclass(frozen=True)
class HeadTurn:
    """How far a head in profile has turned within the picture since a stream showed it so."""

    turn_rad: float
    """+ clockwise as it is seen."""
    since_s: float
    """Stream time of the look from which it is counted; turns that are counted from two looks say nothing of each
    other."""


@dataclass(frozen=True)
class Landmarks:
    """Points of one person in one frame.

    Axes are the picture's: x to the right, y down, z away from the camera, all in pixels of the
    analysed frame, so that x and y share one scale. z has no absolute zero: of the face it is
    relative to the face's centre, of the body to the middle of the hips. "Left" is the person's.

    A landmarker that found no body gives `body_px=None` and `visibility=None`; no face,
    `face_px=None`. Both may be missing: nobody was found.
    """

    t_s: float
    """Stream time of the frame, seconds."""
    width_px: int
    height_px: int
    body_px: Array | None
    """(33, 3): x, y, z of the BlazePose points."""
    visibility: Array | None
    """(33,): 0..1, how sure the model is that each body point is in the picture and not hidden."""
    face_px: Array | None
    """(468, 3): x, y, z of the FaceMesh points."""
    backdrop: Backdrop | None = None
    """None where it cannot be told: a plain wall, darkness, too much covered."""
    who: Who = Who.SAME
    crown_px: float | None = None
    """Height y of the top of the head's silhouette; None where it is not to be seen, or was not looked for."""
    hairline_px: float | None = None
    """Height y at which hair ends and the face begins, or one below the head where only hair is to be seen of it; None
    where that cannot be told, or was not looked for."""
    head_turn: HeadTurn | None = None
    """None where the head is not seen in profile, or its turn cannot be told."""

    def show_the_same(self, other: Landmarks) -> bool:
        """Whether these are the very points of `other` at another time: a landmarker saw that nothing moved."""
        return self.body_px is not None and self.body_px is other.body_px and self.face_px is other.face_px

    @property
    def empty(self) -> bool:
        """Nobody was found."""
        return self.body_px is None and self.face_px is None


SIDE_ON = 0.5
"""The shoulders of people in profile are narrower than this share of the upper body's size, those of people seen from
half the side and the front wider: 96 and 99 of 100 looks (rendered people)."""


def shoulder_width_px(body_px: Array) -> float:
    """Return the distance between the shoulders of a body (33, 3) in the picture, pixels."""
    left, right = (body_px[shoulder, :2].tolist() for shoulder in (Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER))
    return math.dist(left, right)


def stature_px(body_px: Array) -> float:
    """Return the size of the upper body in the picture, pixels, whichever way it is turned.

    That is the shoulders' width and the distance of the eyes' middle from theirs together.
    """
    *eyes, left, right = body_px[EYES_AND_SHOULDERS, :2].tolist()
    rise = ((a + b - (c + d)) / 2 for a, b, c, d in zip(*eyes, left, right, strict=True))
    return math.hypot(math.dist(left, right), *rise)


def in_profile(body_px: Array) -> bool:
    """Whether a body (33, 3) shows its head from the side: the nose is further from the ears than these are apart."""
    nose, left, right = body_px[[Body.NOSE, Body.LEFT_EAR, Body.RIGHT_EAR], :2].tolist()
    between = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    return math.dist(nose, between) > math.dist(left, right)


def side_on(body_px: Array) -> bool:
    """Whether a body (33, 3) is surely seen from the side, trunk and head: turned by about 70° or more."""
    return shoulder_width_px(body_px) < SIDE_ON * stature_px(body_px) and in_profile(body_px)
