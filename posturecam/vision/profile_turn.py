"""How far a head that is seen in profile has turned, read from the picture itself.

In profile, pitch is a turn within the picture: the head now is an earlier picture of it, turned. BlazePose turns its
points of such a head by about three quarters only, and by another share for everybody; the picture's own features turn
by all of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from posturecam.core.landmarks import Array, Body, HeadTurn, in_profile, stature_px
from posturecam.vision.frames import Frame, Image
from posturecam.vision.libraries import loading
from posturecam.vision.silhouette import Mask

with loading("OpenCV"):
    import cv2

PATCH_PX = 96
"""The side of the square patch in which heads are compared."""
REACH = 0.42
"""Half the patch's side on the head, as a share of the upper body's size."""
EDGE_PX = 4
"""So near to the patch's round edge no feature is taken."""
BROAD_PX, CONTRAST_PX = 6.0, 8.0
"""Light is what a blur of the one leaves, contrast is measured over the other (standard deviations)."""
GREY, SWING, LEAST_CONTRAST = 128, 40, 6
"""Patches have this mean and standard deviation; where there was less contrast, less."""
FEATURES, FEATURE_QUALITY, FEATURES_APART_PX = 80, 0.02, 4
"""Shi & Tomasi 1994."""
LEAST_FEATURES = 8
PERSON = 0.5
"""Where the silhouette is as sure as this, features are the person's."""
AGREES_PX = 2.0
"""A feature agrees with a turn when it lies so near to where that takes it."""
AGREEING, SURE = 0.3, 0.6
"""Share of the features that have to agree; with the second nothing else is tried."""
MOST_RAD, MOST_SCALE = math.radians(30), 1.35
"""Beyond this a feature found again was another."""
SETTLED_RAD, ROUNDS = math.radians(0.5), 3
"""A head is turned back anew until it is as near as this to how it was taken to be, or so often."""
KEYS_APART_RAD = math.radians(12)
"""A turn so far from all heads that are known is remembered as another."""
BODY_GAIN = 0.74
"""BlazePose's points turn by so much of the head's turn, about."""
FURTHER_RAD = tuple(math.radians(sign * off_deg) for off_deg in (20, 40, 60) for sign in (1, -1))
"""Where else the head is looked for about BlazePose's points, after where it was and where it was going: under hair
that hides the face these hardly turn, and leave the head."""

HEAD_PAIRS = (
    (Body.LEFT_EAR, Body.RIGHT_EAR),
    (Body.LEFT_EYE, Body.RIGHT_EYE),
    (Body.NOSE, Body.NOSE),
    (Body.MOUTH_LEFT, Body.MOUTH_RIGHT),
)

Patch = Any
"""(PATCH_PX, PATCH_PX) of 0..255, evened out."""


@dataclass(frozen=True)
class _Key:
    """A head as it looked at one turn."""

    turn_rad: float
    patch: Patch
    features: Any
    """(n, 1, 2) in the patch; None where it has none."""


@dataclass(frozen=True)
class _Match:
    """Where and how a head lies that was found again."""

    turn_rad: float
    middle_px: Array
    share: float
    """Of the features that agree."""


class ProfileTurn:
    """Follows the turn of one head in profile, from the first that it is shown.

    A head that is not found again is counted anew, from how it looks now: BlazePose may have marked it elsewhere until
    then, or it has put headphones on. The count that found it most often is kept and tried first.
    """

    def __init__(self) -> None:
        self._counts: list[_Count] = []

    def update(self, frame: Frame, body_px: Array, person: Mask | None) -> HeadTurn | None:
        """Return the turn of the frame's head, 0 where it is counted anew.

        None where the body (33, 3) is not seen in profile, or nothing of the head can be followed. `person` is where in
        the picture, or a smaller copy of it, the person is; None for everywhere.
        """
        if not in_profile(body_px):
            return None
        head = np.array([(body_px[left, :2] + body_px[right, :2]) / 2 for left, right in HEAD_PAIRS])
        grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), np.uint8)
        self._counts.sort(key=lambda count: -count.found)
        for count in self._counts:
            turn_rad = count.update(grey, head, person)
            if turn_rad is not None:
                return HeadTurn(turn_rad, count.since_s)
        anew = _Count(grey, head, person, max(1.0, REACH * stature_px(body_px)), frame.t_s)
        if not anew.can_be_found:
            return None
        self._counts = [*self._counts[:1], anew]
        return HeadTurn(0.0, anew.since_s)


class _Count:
    """The turns of a head from one look on.

    Each picture is compared with the nearest of the heads that are known, turned back as BlazePose has it: so
    what errs is small, and does not add up over time.
    """

    def __init__(self, grey: Image, head: Array, person: Mask | None, reach_px: float, since_s: float) -> None:
        """`head` (4, 2) is BlazePose's."""
        self._head, self._reach_px, self.since_s = head, reach_px, since_s
        self._keys: list[_Key] = []
        self._last_head = head
        self._last = self._before = _Match(0.0, _middle(head), 1.0)
        """Where it was found last, and before that."""
        self.found = 0
        """In so many looks."""
        self._remember(grey, person, self._last)

    @property
    def can_be_found(self) -> bool:
        """The first look shows something to find it by."""
        return self._keys[0].features is not None

    def update(self, grey: Image, head: Array, person: Mask | None) -> float | None:
        """Return the turn, radians, + clockwise as it is seen; None when the head is not found again."""
        match = self._find(grey, head)
        if match is None:
            return None
        self.found += 1
        self._before, self._last, self._last_head = self._last, match, head
        if all(abs(match.turn_rad - key.turn_rad) > KEYS_APART_RAD for key in self._keys):
            self._remember(grey, person, match)
        return match.turn_rad

    def _find(self, grey: Image, head: Array) -> _Match | None:
        best, middle_px = None, _middle(head)
        guess_rad = self._last.turn_rad + _turn_between(self._last_head, head) / BODY_GAIN
        for turn_rad in dict.fromkeys([guess_rad, _turn_between(self._head, head) / BODY_GAIN]):
            match = self._aligned(grey, middle_px, turn_rad)
            if match and (best is None or match.share > best.share):
                best = match
            if best and best.share >= SURE:
                break
        if best:
            return best
        last, before = self._last, self._before
        elsewhere = (
            (last.middle_px, last.turn_rad),
            (2 * last.middle_px - before.middle_px, 2 * last.turn_rad - before.turn_rad),
            *((middle_px, guess_rad + off_rad) for off_rad in FURTHER_RAD),
        )
        return next(filter(None, (self._aligned(grey, *place) for place in elsewhere)), None)

    def _aligned(self, grey: Image, middle_px: Array, turn_rad: float) -> _Match | None:
        """Return how the head lies, starting from a guess; None when it is not that of the key nearest to it."""
        key = min(self._keys, key=lambda one: abs(one.turn_rad - turn_rad))
        if key.features is None:
            return None
        share = 0.0
        for _ in range(ROUNDS):
            patch = self._patch(grey, middle_px, turn_rad)
            found, status, _ = cv2.calcOpticalFlowPyrLK(
                key.patch, patch, key.features, key.features.copy(), winSize=(15, 15), maxLevel=2
            )
            seen = np.asarray(status)[:, 0] > 0
            if seen.sum() < LEAST_FEATURES:
                return None
            move, agree = cv2.estimateAffinePartial2D(
                key.features[seen], np.asarray(found)[seen], ransacReprojThreshold=AGREES_PX, maxIters=200
            )
            if move is None or agree.sum() < LEAST_FEATURES:
                return None
            step_rad, scale = math.atan2(move[1, 0], move[0, 0]), math.hypot(move[1, 0], move[0, 0])
            if abs(step_rad) > MOST_RAD or not 1 / MOST_SCALE < scale < MOST_SCALE:
                return None
            half = np.array([PATCH_PX / 2, PATCH_PX / 2])
            off = move[:, :2] @ half + move[:, 2] - half
            middle_px = middle_px + _rotation(turn_rad) @ off * (2 * self._reach_px / PATCH_PX)
            turn_rad += step_rad
            share = float(agree.sum()) / len(key.features)
            if abs(step_rad) < SETTLED_RAD:
                break
        return _Match(turn_rad, middle_px, share) if share >= AGREEING else None

    def _remember(self, grey: Image, person: Mask | None, match: _Match) -> None:
        patch = self._patch(grey, match.middle_px, match.turn_rad)
        allowed = ROUND
        if person is not None:
            reduction = person.shape[1] / grey.shape[1]
            cut = self._cut(np.asarray(person, np.float32), match.middle_px, match.turn_rad, reduction)
            allowed = ROUND & (cut > PERSON)
        features = cv2.goodFeaturesToTrack(
            patch, FEATURES, FEATURE_QUALITY, FEATURES_APART_PX, mask=allowed.astype(np.uint8)
        )
        enough = features is not None and len(features) >= LEAST_FEATURES
        self._keys.append(_Key(match.turn_rad, patch, features if enough else None))

    def _patch(self, grey: Image, middle_px: Array, turn_rad: float) -> Patch:
        """Return the head turned back, its light evened out."""
        cut = self._cut(grey, middle_px, turn_rad).astype(np.float32)
        cut -= cv2.GaussianBlur(cut, (0, 0), BROAD_PX)
        contrast = np.sqrt(cv2.GaussianBlur(cut * cut, (0, 0), CONTRAST_PX))
        return np.clip(GREY + SWING * cut / (contrast + LEAST_CONTRAST), 0, 255).astype(np.uint8)

    def _cut(self, image: Any, middle_px: Array, turn_rad: float, reduction: float = 1.0) -> Any:
        """Return the square about a place, turned back; `reduction` is the image's size over the picture's."""
        back = _rotation(-turn_rad) * (PATCH_PX / 2 / (reduction * self._reach_px))
        shift = PATCH_PX / 2 - back @ (reduction * middle_px)
        matrix = np.column_stack([back, shift])
        return cv2.warpAffine(image, matrix, (PATCH_PX, PATCH_PX), borderMode=cv2.BORDER_REPLICATE)


def _middle(head: Array) -> Array:
    """Return the place (2,) that is laid on the patch's middle: between the ears and the head's points."""
    middle: Array = (head[0] + head.mean(axis=0)) / 2
    return middle


def _turn_between(before: Array, after: Array) -> float:
    """Return the turn that best takes points (n, 2) into others, radians, + clockwise as it is seen."""
    a, b = before - before.mean(axis=0), after - after.mean(axis=0)
    return math.atan2(float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()), float((a * b).sum()))


def _rotation(turn_rad: float) -> Array:
    cosine, sine = math.cos(turn_rad), math.sin(turn_rad)
    return np.array([[cosine, -sine], [sine, cosine]])


def _round() -> Any:
    y, x = np.mgrid[:PATCH_PX, :PATCH_PX] + 0.5 - PATCH_PX / 2
    return x**2 + y**2 < (PATCH_PX / 2 - EDGE_PX) ** 2


ROUND = _round()
"""Which places of a patch features may lie at."""
