"""Staying with one person when others come into the picture.

Pose follows one body, and when it loses it takes the first that it finds next: it may jump to somebody else, and
stays with them. FaceMesh finds any face. Here both are held against where the person was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from posturecam.core.landmarks import Array, Body, Who, stature_px
from posturecam.vision.frames import Image
from posturecam.vision.silhouette import HEAD, Mask

FACES = 3
"""So many are looked for: the person's own, and those of two others."""
FACE_OFF = 1.0
"""A face further from the body's own than this share of its width is another's. The same person's are 0.1 apart, and
up to 0.9 where Pose loses its way on a head far down; heads side by side are 1.5 and more (real, rendered people)."""
SAME_FACE = 0.5
"""Faces that are nearer to each other than this share of their width are one (judgement)."""
GHOST_HEAD, GHOST_SHOULDERS = 0.9, 0.7
"""A body without a face, less visible than this, is an empty chair that Pose goes on following. People's heads have
0.94 and more, and empty chairs up to 0.87; shoulders outside the picture have less."""

JUMP = 1.0
"""Nobody moves so far from one look to the next. Distances are shares of the upper body's size, about 0.45 m: at five
looks a second this is 2 m/s, and who leaves in haste goes at 0.6."""
SIZE_JUMP = math.log(2.0)
"""Nor changes as much in size; a head that drops between two looks makes the upper body of a profile smaller by 0.7."""
SUSPECT = 0.7
"""Who moves so far may be somebody else."""
AT_HOME = 0.5
"""Two people who sit shoulder to shoulder are further apart, by one and more."""
NEAR_SHARE = 0.5
"""A face less wide than this share of the person's is too far away to be taken for theirs (judgement)."""
STILL = 0.3
"""Who moves less sits in one place."""
SEAT_S = 5.0
"""After so long in one place this is the seat in which the person is looked for (judgement)."""
BACK_S = 1.0
"""Who stops in the person's seat for so long is the person again; who only passes it is not."""
SETTLED_S = 10.0
"""Who jumped to where nobody was seen before, and is still there alone after so long, was the person (judgement); as
long as nobody has sat down anywhere, wherever they are."""
GAP_S = 3.0
"""Unseen for longer, somebody may have gone anywhere."""
REMEMBERED_S = 3.0
"""Where others' faces were is known for so long."""
RETRY_S = 2.0
"""While somebody else is followed, the person is looked for no more often: it takes a tenth of a second."""
BESIDE, ABOVE = 1.2, 0.8
"""The region in which the person is looked for reaches so far to both sides of the shoulders and above the eyes."""

COVER = 127
"""Level of what is covered, of 255."""


@dataclass(frozen=True)
class Region:
    """A part of the picture, from side to side and down to its end, pixels."""

    left: int
    top: int
    right: int

    def alone(self, image: Image) -> Image:
        """The picture with all else covered."""
        covered = np.full_like(image, COVER)
        covered[self.top :, self.left : self.right] = image[self.top :, self.left : self.right]
        return covered


@dataclass(frozen=True)
class Found:
    """One body, as `Landmarks` has it."""

    body_px: Array
    visibility: Array
    crown_px: float | None = None
    person: Mask | None = None
    """Where in the picture it is."""

    @cached_property
    def place(self) -> Place:
        """Where head and shoulders are."""
        return Place.of(self.body_px)


@dataclass(frozen=True)
class Followed:
    """The body that is followed, the face that belongs to it, and whether it is the same person's as before."""

    found: Found | None
    face_px: Array | None
    who: Who


@dataclass(frozen=True)
class Place:
    """Where a person is, pixels."""

    head: list[float]
    shoulders: list[float]
    size: float
    """Of the upper body, whichever way it is turned."""

    @classmethod
    def of(cls, body_px: Array) -> Place:
        """Return where a body (33, 3) is."""
        eyes, shoulders = (
            (body_px[left, :2] + body_px[right, :2]) / 2
            for left, right in ((Body.LEFT_EYE, Body.RIGHT_EYE), (Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER))
        )
        head = (eyes + body_px[Body.NOSE, :2]) / 2
        return cls(head.tolist(), shoulders.tolist(), max(1.0, stature_px(body_px)))

    def away(self, other: Place) -> float:
        """How far the two are apart, in upper bodies; a size that differs by SIZE_JUMP is as far as 1."""
        apart = math.dist(self.shoulders, other.shoulders) / max(self.size, other.size)
        return max(apart, abs(math.log(self.size / other.size)) / SIZE_JUMP)

    def has(self, face_px: Array) -> bool:
        """Whether a face is about where this person's head is."""
        return math.dist(_middle(face_px), self.head) < AT_HOME * self.size

    @property
    def surroundings(self) -> Region:
        """Where to look for this person."""
        x, y = self.shoulders[0], self.head[1]
        sides = (x - BESIDE * self.size, y - ABOVE * self.size, x + BESIDE * self.size)
        return Region(*(max(0, round(side)) for side in sides))


def own_face(faces: Sequence[Array], place: Place) -> int | None:
    """Which of the faces (each (468, 3), pixels) belongs to the body that is there; None when none does."""
    off = [math.dist(_middle(face), place.head) / _width(face) for face in faces]
    nearest = min(range(len(off)), key=off.__getitem__, default=None)
    return None if nearest is None or off[nearest] > FACE_OFF else nearest


def distinct(faces: Sequence[Array]) -> list[Array]:
    """Return the faces (each (468, 3), pixels) without those that were found a second time."""
    once: list[Array] = []
    for face in faces:
        if all(math.dist(_middle(face), _middle(other)) > SAME_FACE * _width(other) for other in once):
            once.append(face)
    return once


class Following:
    """Follows one person, the first that is found, from look to look. Times are stream time, seconds."""

    def __init__(self) -> None:
        self._who = Who.SAME
        self._since_s = -math.inf
        """When it became another one than `SAME`."""
        self._to_bystander = False
        """It became that by a jump to where somebody else's face was."""
        self._last: Place | None = None
        """Where the body was that was found last, whoever it is."""
        self._last_s = -math.inf
        self._own: Place | None = None
        """Where the person was last."""
        self._own_s = -math.inf
        self._seat: Place | None = None
        self._rest: Place | None = None
        """Where the body that was found last came to rest."""
        self._rest_s = -math.inf
        self._bystanders: list[tuple[float, list[float]]] = []
        self._searched_s = -math.inf

    def update(
        self, t_s: float, found: Found | None, faces: Sequence[Array], search: Callable[[Region], Found | None]
    ) -> Followed:
        """Take what was found in the next picture that was looked at.

        `search` looks for a body anew in one region of that picture; it is asked when another one than the
        person seems to have been found. Who is taken for the person is followed on.
        """
        found = _unless_ghost(found, faces)
        if found and self._suspects(t_s, found.place, faces):
            self._searched_s = t_s
            home = self._home(t_s)
            again = _unless_ghost(search(home[0].surroundings), faces) if home else None
            if again and self._is_home(t_s, again.place):
                found = again
        if found is None:
            return Followed(None, faces[0] if faces else None, self._who)
        own = own_face(faces, found.place)
        face_px = None if own is None else faces[own]
        others = [face for face in faces if face is not face_px]
        self._judge(t_s, found.place, _near(others, face_px))
        self._bystanders = [
            *((then_s, middle) for then_s, middle in self._bystanders if t_s - then_s < REMEMBERED_S),
            *((t_s, _middle(face)) for face in others),
        ]
        return Followed(found, face_px, self._who)

    def own_face(self, faces: Sequence[Array]) -> Array | None:
        """Return the one that belongs to the body that was found last; None when none does."""
        own = own_face(faces, self._last) if self._last else None
        return None if own is None else faces[own]

    def _suspects(self, t_s: float, place: Place, faces: Sequence[Array]) -> bool:
        if self._is_home(t_s, place):
            return False
        if self._who is Who.SAME and self._last and t_s - self._last_s <= GAP_S:
            return place.away(self._last) > SUSPECT
        own = own_face(faces, place)
        others = [face for k, face in enumerate(faces) if k != own]
        waiting = any(home.has(face) for home in self._home(t_s) for face in others)
        return (waiting or self._who is not Who.SAME) and t_s - self._searched_s >= RETRY_S

    def _judge(self, t_s: float, place: Place, company: bool) -> None:
        who = self._who_is(t_s, place, company)
        if who is not self._who:
            self._who, self._since_s = who, t_s
        if self._rest is None or place.away(self._rest) > STILL:
            self._rest, self._rest_s = place, t_s
        self._last, self._last_s = place, t_s
        if who is Who.SAME:
            self._own, self._own_s = place, t_s
            if t_s - self._rest_s >= SEAT_S:
                self._seat = place

    def _who_is(self, t_s: float, place: Place, company: bool) -> Who:
        """Return whose body this is; `company` says that there is another face as near."""
        at_home = self._is_home(t_s, place)
        if self._last is None or t_s - self._last_s > GAP_S:
            self._to_bystander = False
            return Who.UNCLEAR if company and self._seat and not at_home else Who.SAME
        moved = place.away(self._last)
        if self._who is Who.SAME:
            if at_home:
                return Who.SAME
            self._to_bystander = moved > SUSPECT and any(
                math.dist(middle, place.head) < AT_HOME * place.size for _, middle in self._bystanders
            )
            return Who.OTHER if moved > JUMP or self._to_bystander else Who.SAME
        if at_home:
            stays = self._rest is not None and place.away(self._rest) <= STILL and t_s - self._rest_s >= BACK_S
            return Who.SAME if moved > SUSPECT or stays else self._who
        since_s = max(self._since_s, self._rest_s) if self._seat else self._since_s
        alone_s = 0.0 if company or self._to_bystander else t_s - since_s
        return Who.SAME if alone_s >= SETTLED_S else self._who

    def _home(self, t_s: float) -> list[Place]:
        """Where the person is to be expected, the likeliest place first."""
        recent = self._own if t_s - self._own_s <= GAP_S else None
        return [place for place in (recent, self._seat) if place]

    def _is_home(self, t_s: float, place: Place) -> bool:
        return any(place.away(home) < AT_HOME for home in self._home(t_s))


def _unless_ghost(found: Found | None, faces: Sequence[Array]) -> Found | None:
    """Return the body, unless there is nothing but a chair."""
    if found is None or min(found.visibility[HEAD].tolist()) >= GHOST_HEAD:
        return found
    hidden = max(found.visibility[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER]].tolist()) < GHOST_SHOULDERS
    return None if hidden and own_face(faces, found.place) is None else found


def _near(others: Sequence[Array], own: Array | None) -> bool:
    return any(own is None or _width(face) >= NEAR_SHARE * _width(own) for face in others)


NOSE_TIP, RIGHT_CHEEK, LEFT_CHEEK, EYE_CORNERS = 1, 234, 454, (33, 133, 263, 362)
"""FaceMesh points."""
MIDDLE = np.array([0.125, 0.125, 0.125, 0.125, 0.5], np.float32)
"""How much of the face's middle each corner of an eye makes, and the nose."""


def _middle(face_px: Array) -> list[float]:
    """Return x and y between eyes and nose."""
    middle: list[float] = (MIDDLE @ face_px[[*EYE_CORNERS, NOSE_TIP], :2]).tolist()
    return middle


def _width(face_px: Array) -> float:
    return max(1.0, math.dist(face_px[LEFT_CHEEK].tolist(), face_px[RIGHT_CHEEK].tolist()))
