"""Whether the person in the picture is the calibrated one, as far as landmarks can tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from posturecam.core.geometry import rotation_between, rotation_vector
from posturecam.core.landmarks import Array, Landmarks, Who
from posturecam.core.patterns.sustained import GAP_S, UNMEASURED_FOR_S
from posturecam.core.posture import Absence, Posture, withheld
from posturecam.core.scene import CHIN, FOREHEAD

UPPER_FACE = 0.62
"""Of the way from forehead to chin: below are mouth and jaw, which speak and eat."""
SAME_TURN_RAD = np.radians(6.0)
"""FaceMesh's shapes change with the turn of the face; those turned alike are held against each other."""
OTHER_SHAPE = 0.06
"""A change of shape by more, of the mean of some seconds, is another face. The same person's is 0.01, and up to 0.04
on other days or with a neutral that moved; those of others are 0.02 to 0.14, so that many are not told apart. To
doubt the person themselves would be worse."""
OTHER_SHAPE_TODAY = 0.05
"""Within one recording the same person's is 0.03 at most."""
USUAL_TIMES = 3.0
"""Whose shape changes more than usual anyway is given up to so many times that."""
SAME_SHARE = 0.85
"""A face is known, or known again, when its change is this share of the limit or less (judgement)."""
JUDGED_S, JUDGED_LOOKS = 2.0, 10
"""A face is judged by so much time, and no fewer looks."""


def upper_face(face_px: Array, neutral_px: Array) -> tuple[Array, float]:
    """Return the upper face (n, 3) at size 1 about its centre, turned as the neutral one is, and by how many radians.

    Both faces are (468, 3).
    """
    neutral, face = (_unit(points[_upper(neutral_px)]) for points in (neutral_px, face_px))
    rotation = rotation_between(neutral, face)
    return face @ rotation, float(np.linalg.norm(rotation_vector(rotation)))


def shape_change(faces: Sequence[Array], neutral_px: Array) -> float:
    """Return how much the mean of upper faces, as `upper_face` gives them, differs from the neutral's, as a share
    of its size.
    """
    likeness = float(np.sum(_unit(np.mean(faces, axis=0)) * _unit(neutral_px[_upper(neutral_px)])))
    return float(np.sqrt(max(0.0, 1 - likeness**2)))


class PersonWatch:
    """Withholds what was measured on somebody else, one frame after the other. Times are the frames', seconds.

    Who is followed without a break is the one who was there before. After a break the shape of the face
    decides, once it has been seen for long enough as it was turned at neutral; who cannot be told apart by it
    is taken for the person.
    """

    def __init__(self, neutral_face_px: Array | None) -> None:
        """Without a neutral face, as from the side, shapes say nothing."""
        self._neutral_px = neutral_face_px
        self._last_s = -np.inf
        self._shapes: deque[tuple[float, Array]] = deque()
        """When the face was turned as at neutral, and its shape."""
        self._limit = OTHER_SHAPE
        self._known = self._other_shape = False
        """The shape turned out to be the person's, or not, and whoever it is has been followed since."""
        self._doubted_s: float | None = None

    def update(self, landmarks: Landmarks, posture: Posture) -> Posture:
        """Take the next frame; return its posture, with nothing measured while it is not surely the person's.

        Somebody else counts as there for UNMEASURED_FOR_S, for that may be a passer-by; then the person is away.
        """
        if not posture.present:
            return posture
        t_s = posture.t_s
        reason = self._reason(landmarks)
        self._last_s = t_s
        if reason is None:
            self._doubted_s = None
            return posture
        self._doubted_s = t_s if self._doubted_s is None else self._doubted_s
        stays = reason is Absence.OTHER_PERSON and t_s - self._doubted_s >= UNMEASURED_FOR_S
        return replace(withheld(posture, reason), present=not stays)

    def _reason(self, landmarks: Landmarks) -> Absence | None:
        if landmarks.who is not Who.SAME or landmarks.t_s - self._last_s > GAP_S:
            self._known = self._other_shape = False
            self._shapes.clear()
        if landmarks.who is not Who.SAME:
            return Absence.OTHER_PERSON if landmarks.who is Who.OTHER else Absence.TWO_PEOPLE
        if self._neutral_px is not None and landmarks.face_px is not None and not self._known:
            self._judge(landmarks.t_s, landmarks.face_px, self._neutral_px)
        return Absence.OTHER_PERSON if self._other_shape else None

    def _judge(self, t_s: float, face_px: Array, neutral_px: Array) -> None:
        shape, turn_rad = upper_face(face_px, neutral_px)
        if turn_rad > SAME_TURN_RAD:
            return
        self._shapes.append((t_s, shape))
        while len(self._shapes) > JUDGED_LOOKS and self._shapes[1][0] <= t_s - JUDGED_S:
            self._shapes.popleft()
        if len(self._shapes) >= JUDGED_LOOKS and t_s - self._shapes[0][0] >= JUDGED_S:
            change = shape_change([one for _, one in self._shapes], neutral_px)
            self._known = change <= SAME_SHARE * self._limit
            self._other_shape = change > self._limit or (self._other_shape and not self._known)
            if self._known:
                self._limit = min(OTHER_SHAPE, max(OTHER_SHAPE_TODAY, USUAL_TIMES * change))


def _upper(neutral_px: Array) -> NDArray[np.bool_]:
    """Which points lie above the mouth, on the neutral face."""
    down = neutral_px[CHIN] - neutral_px[FOREHEAD]
    upper: NDArray[np.bool_] = (neutral_px - neutral_px[FOREHEAD]) @ down < UPPER_FACE * down @ down
    return upper


def _unit(points: Array) -> Array:
    """Return the points about their centre, at size 1."""
    centred = points - points.mean(axis=0)
    unit: Array = centred / np.linalg.norm(centred)
    return unit
