"""A landmarker that looks again only at what has moved."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from posturecam.closing import Closing
from posturecam.core.landmarks import Array, Body, Landmarks, shoulder_width_px, stature_px
from posturecam.vision.frames import Frame
from posturecam.vision.landmarker import Landmarker, MediaPipeLandmarker
from posturecam.vision.motion import Edges, Mask, Part

HEAD_MOVED = TRUNK_MOVED = 0.0125
"""By this share of its size a part must have moved to be looked at again: about 2.5 mm of a face, 5 mm of a trunk.
MediaPipe's own landmarks err by more (benchmarks/accuracy.py)."""
HIDDEN_HEAD_MOVED = 0.015
"""The same of a head without a face, of which the landmarks err by more still: looked at at 0.01 it is measured no
better (docs/performance.md)."""
ROOM_MOVED = 0.001
"""The same of a room in which nobody is, whose size is the picture's longer side: somebody comes in at its edge."""
FACE_S = 1.0
"""The face is looked at again after so long, whether it moved or not."""
BODY_S, MOST_BODY_S = 1.0, 8.0
"""The body is, too; and as long as a look finds it where it was, the next one comes after twice the time."""
ROOM_S = 2.0
"""An empty room is looked at again after so long."""
WHERE_IT_WAS = 0.03
"""A share of the upper body's size by which its points differ from look to look though nobody moves: by 0.006-0.025
(a real person, BlazePose)."""
OUTLINE_HOLDS = 0.06
"""By this share of its height the face may have moved, on average over its points, since the head's top and hairline
were seen."""
BODY_POINTS = (Body.NOSE, Body.LEFT_EYE, Body.RIGHT_EYE, Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER)
"""What tells whether a body is where it was."""
HEAD_POINTS = slice(0, 11)
"""Rows of `Landmarks.body_px` that lie on the head: nose, eyes, ears, corners of the mouth."""
FACE_POINTS = (1, 362, 386, 263, 133, 159, 33, 454, 234, 291, 61)
"""FaceMesh's points next to them."""

FACE_TO_HEAD = 1.25
"""Head over FaceMesh's face, in each direction from its middle."""
STATURE_TO_HEAD = (0.3, 0.4)
"""Half a head's width and height over the size of the upper body, where no face is seen."""
TRUNK_BESIDE, TRUNK_ABOVE, TRUNK_BELOW = 0.25, 0.2, 0.6
"""How far the trunk reaches beyond the shoulders' middles, as a share of its width."""


class Finder(Landmarker, Protocol):
    """A landmarker that can also look for the face alone."""

    def detect_face(self, frame: Frame) -> Array | None:
        """The face in `frame`, as in `Landmarks.face_px`."""


@dataclass(frozen=True, eq=False)
class _Prepared(Frame):
    """A frame and its edges."""

    edges: Edges


@dataclass(frozen=True)
class _Watched:
    """A part of the picture, and when it was last looked at."""

    t_s: float
    part: Part
    limit: float
    """By how much it may move, as a share of its size."""
    for_s: float
    """How long it may go without a look."""

    def due(self, t_s: float, edges: Edges) -> bool:
        """Whether it has to be looked at again."""
        return not 0 <= t_s - self.t_s < self.for_s or self.part.has_moved(edges, self.limit)


class ThriftyLandmarker(Closing):
    """Finds landmarks anew where the picture has changed, and gives the last ones where it has not.

    Each picture is held against the one in which head and trunk were last looked at, so that what moves
    slowly is noticed as well. Where neither moved, the last landmarks are given with the new time. Where the
    head alone moved, the face is looked at, and the head's body points go with FaceMesh's beside them; once
    the face is lost, or the trunk moved, all is looked at. Only the frames decide, by what they show and their
    times: the same frames give the same landmarks, live or replayed. So a sample may rest on landmarks that
    are up to MOST_BODY_S old, in which time the person has moved by less than the limits above.
    """

    def __init__(self, finder: Finder | None = None) -> None:
        """`finder` looks at what has moved, MediaPipe when not given; it is closed with this."""
        self._finder = finder or MediaPipeLandmarker()
        self._last: Landmarks | None = None
        self._looked: Landmarks | None = None
        """What came of the last whole look."""
        self._wait_s = BODY_S
        self._head: _Watched | None = None
        self._rest: _Watched | None = None
        """The trunk, or the whole picture while nobody is there."""

    def prepare(self, frame: Frame) -> Frame:
        """Do with a frame what can be done before its turn, in whatever thread: it is then looked at sooner."""
        return _Prepared(frame.t_s, frame.image, Edges(frame.image))

    def detect(self, frame: Frame) -> Landmarks:
        """The landmarks in `frame`, in its pixels; `Landmarks.empty` when nobody is found."""
        edges, last = frame.edges if isinstance(frame, _Prepared) else Edges(frame.image), self._last
        if last is None or (last.width_px, last.height_px) != (frame.width_px, frame.height_px):
            return self._look(frame, edges)
        if self._rest is None or self._rest.due(frame.t_s, edges):
            return self._look(frame, edges)
        if self._head is None or not self._head.due(frame.t_s, edges):
            self._last = replace(last, t_s=frame.t_s)
            return self._last
        face_px = None if last.face_px is None else self._finder.detect_face(frame)
        if face_px is None or last.body_px is None or last.face_px is None:
            return self._look(frame, edges)
        body_px = last.body_px.copy()
        body_px[HEAD_POINTS, :2] += (face_px - last.face_px)[FACE_POINTS, :2]
        seen = replace(last, t_s=frame.t_s, face_px=face_px, body_px=body_px)
        if self._looked and _has_moved(self._looked.face_px, face_px):
            seen = replace(seen, crown_px=None, hairline_px=None)
        self._last = seen
        self._head = _head(self._last, edges, *_head_mask(self._last, edges))
        return self._last

    def close(self) -> None:
        """Free the models; more than once does no harm."""
        self._finder.close()

    def _look(self, frame: Frame, edges: Edges) -> Landmarks:
        before, seen = self._looked, self._finder.detect(frame)
        self._last = self._looked = seen
        self._wait_s = min(2 * self._wait_s, MOST_BODY_S) if _is_where(before, seen) else BODY_S
        if seen.body_px is None:
            self._head, self._rest = None, _room(seen, edges)
        else:
            head, head_px = _head_mask(seen, edges)
            self._head = _head(seen, edges, head, head_px)
            self._rest = _trunk(seen, edges, head, head_px, self._wait_s)
        return seen


def _has_moved(before_px: Array | None, face_px: Array) -> bool:
    """Whether the head is elsewhere than where its outline was looked at."""
    if before_px is None:
        return True
    height_px = float(before_px[:, 1].max() - before_px[:, 1].min())
    return float(np.abs(face_px - before_px)[:, :2].mean()) > OUTLINE_HOLDS * height_px


def _is_where(before: Landmarks | None, seen: Landmarks) -> bool:
    """Whether a body is where another look found it."""
    if before is None or before.body_px is None or seen.body_px is None:
        return False
    then, now = (body_px[BODY_POINTS, :2].tolist() for body_px in (before.body_px, seen.body_px))
    return max(map(math.dist, then, now)) <= WHERE_IT_WAS * stature_px(seen.body_px)


def _head(seen: Landmarks, edges: Edges, head: Mask, head_px: float) -> _Watched:
    limit = HIDDEN_HEAD_MOVED if seen.face_px is None else HEAD_MOVED
    return _Watched(seen.t_s, Part(edges, head, head_px), limit, FACE_S)


def _trunk(seen: Landmarks, edges: Edges, head: Mask, head_px: float, for_s: float) -> _Watched:
    shoulders = _body(seen)[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], :2].T.tolist()
    (left, right), (upper, lower) = map(sorted, shoulders)
    width_px = max(head_px, shoulder_width_px(_body(seen)))
    x, y = edges.places
    across = (x > left - TRUNK_BESIDE * width_px) & (x < right + TRUNK_BESIDE * width_px)
    down = (y > upper - TRUNK_ABOVE * width_px) & (y < lower + TRUNK_BELOW * width_px)
    mask = across & down & ~head
    return _Watched(seen.t_s, Part(edges, mask, width_px), TRUNK_MOVED, for_s)


def _room(seen: Landmarks, edges: Edges) -> _Watched:
    everywhere = np.ones(edges.strength.shape, bool)
    return _Watched(seen.t_s, Part(edges, everywhere, max(seen.width_px, seen.height_px)), ROOM_MOVED, ROOM_S)


def _head_mask(seen: Landmarks, edges: Edges) -> tuple[Mask, float]:
    """Return where in the reduced picture the head is, and its width in the whole one."""
    if seen.face_px is not None:
        (left, right), (top, bottom) = ((float(line.min()), float(line.max())) for line in seen.face_px.T[:2])
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        half_width, half_height = FACE_TO_HEAD * (right - left) / 2, FACE_TO_HEAD * (bottom - top) / 2
    else:
        body = _body(seen)[:, :2]
        middle_x, middle_y = body[HEAD_POINTS].mean(axis=0).tolist()
        half_width, half_height = (share * stature_px(body) for share in STATURE_TO_HEAD)
    half_width, half_height = max(1.0, half_width), max(1.0, half_height)
    x, y = edges.places
    return ((x - middle_x) / half_width) ** 2 < 1 - ((y - middle_y) / half_height) ** 2, 2 * half_width


def _body(seen: Landmarks) -> Array:
    assert seen.body_px is not None
    return seen.body_px
