"""Whether camera and seat are still where they were at neutral, so that angles against it mean something.

A camera that was moved takes the whole picture with it, person and backdrop together, and leaves it there.
A seat that was moved takes head and shoulders with it alike, while the head stays as level as it was: a
trunk that leans about the hips moves the head further than the shoulders, and usually tips it. Both have to
last; when everything is back in its place, the neutral holds again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from posturecam.core.camera import Camera
from posturecam.core.landmarks import Array, Backdrop, Landmarks
from posturecam.core.posture import Absence, Posture, withheld
from posturecam.core.scene import SHOULDERS

CAMERA_SHIFT_DEG, CAMERA_ROLL_DEG, CAMERA_SCALE = 3.0, 3.0, 0.10
"""A backdrop that moved by less changes the angles by less than they err anyway, as does a lid that trembles."""
BACK_IN_PLACE = 0.7
"""It is back when it lies closer to its old place than this share of that."""
CAMERA_HOLD_S = 3.0
"""A move of the backdrop that the person shared has to last so long to count (judgement)."""
CAMERA_ALONE_HOLD_S = 10.0
"""And so long when the person did not share it, or nobody is there."""
BEFORE_S = 3.0
"""Where the person was before the backdrop moved is told from so much time."""
SHARED = 0.6
"""The person shared the move when it explains all but this share of the person's own."""

SEAT_BACK_CM, SEAT_FORWARD_CM = 10.0, 15.0
"""A seat that moved by less passes for leaning; 10 cm are about 10° of trunk flexion."""
SEAT_UP_CM = 8.0
"""Nobody sits up or slumps so far with head and shoulders alike; a lid 7° further down does it."""
STANDING_CM = 20.0
"""Someone who has risen further than this stands."""
ALIKE_CM, ALIKE_SHARE = 1.5, 0.06
"""Head and shoulders moved alike when their moves differ by less than this and that share of the move. The head
of a trunk that leans goes a quarter further than the shoulders; the shoulders' place errs by 1.5 cm."""
LAGGING_SHARE = 0.6
"""A head that goes less far back than the shoulders is not that of a trunk that leans back either; FaceMesh sees
small faces too large."""
LEVEL_DEG = 6.0
"""A head whose pitch changed by more is being held differently, and not merely elsewhere."""
FORWARD_DROP_CM = 1.5
"""Who leans forward lowers the head by more than this."""
SLIPPED_CM, SLIPPED_SHARE = 3.0, 0.15
"""Who slips down in the seat lowers the shoulders by more than this and that share of how far they go back; so
much a camera that looks up or down by 8° may err."""
DOUBT_S = 1.0
"""Elsewhere for so long is worth a doubt."""
ELSEWHERE_SHARE = 0.7
"""Of the frames that show head and shoulders, so many have to say that the person is elsewhere."""
SEAT_HOLD_S = 10.0
"""Shorter than the shortest time to an alert, 15 s (judgement). What may still come of it is only withheld."""
TOLD_S = 3.0
"""And so much of it has to show a level head."""
STANDING_HOLD_S = 60.0
"""Who stands for longer works standing (judgement)."""
STEADY_CM, STEADY_SHARE = 4.0, 0.8
"""So near to one place have the shoulders to be in so many of the frames."""
LONGEST_WAIT_S = 1.0
"""A frame stands for no longer than this."""
BACK_S = 3.0
"""So long it has to be back in its place before the neutral holds again."""


class Setup(str, Enum):
    """What has become of camera and seat since neutral."""

    HOLDS = "holds"
    """They are where they were."""
    DOUBTED = "doubted"
    """Something has moved, and it remains to be seen whether for good."""
    CAMERA_MOVED = "camera_moved"
    SEAT_MOVED = "seat_moved"

    @property
    def stale(self) -> bool:
        """The neutral no longer holds."""
        return self in (Setup.CAMERA_MOVED, Setup.SEAT_MOVED)


@dataclass(frozen=True)
class SetupChange:
    """A time for which the neutral did not hold."""

    setup: Setup
    start_s: float
    """When it moved."""
    known_s: float
    """When it was clear that it had moved for good."""
    end_s: float | None = None
    """When it was back in its place; None while it is not."""


class SetupWatch:
    """Watches camera and seat, one frame after the other. Times are the frames' own, seconds."""

    def __init__(self, camera: Camera, backdrop: Backdrop | None = None) -> None:
        """`backdrop` is where the backdrop lay at neutral; when not given, the first one seen is taken for it."""
        self._camera = _CameraWatch(camera, backdrop)
        self._seat = _SeatWatch()

        self.setup = Setup.HOLDS
        self.changes: list[SetupChange] = []

    def update(self, landmarks: Landmarks, posture: Posture) -> Posture:
        """Take the next frame, and its posture as measured against the neutral.

        Return the posture as far as it can be believed: its angles are missing while it is doubtful whether
        the neutral holds (UNSURE), and while it does not (STALE).
        """
        before, self.setup = self.setup, self._camera.update(landmarks)
        watch: _CameraWatch | _SeatWatch = self._camera
        if self.setup is Setup.HOLDS:
            self.setup = self._seat.update(posture)
            watch = self._seat
        else:
            self._seat = _SeatWatch()
        if self.setup is not before:
            self._note(before, posture.t_s, watch.moved_s)
        if self.setup is Setup.HOLDS or not posture.present:
            return posture
        return withheld(posture, Absence.STALE if self.setup.stale else Absence.UNSURE)

    def _note(self, before: Setup, t_s: float, moved_s: float | None) -> None:
        if before.stale:
            self.changes[-1] = replace(self.changes[-1], end_s=t_s)
        if self.setup.stale and moved_s is not None:
            self.changes.append(SetupChange(self.setup, moved_s, t_s))


def before_camera_moved(frames: Sequence[Landmarks], camera: Camera) -> Sequence[Landmarks]:
    """Return the frames until the camera first moved for good; all of them when it never does."""
    watch = _CameraWatch(camera, None)
    for frame in frames:
        if watch.update(frame) is Setup.CAMERA_MOVED:
            return [one for one in frames if watch.moved_s is None or one.t_s < watch.moved_s]
    return frames


class _CameraWatch:
    """Tells by the backdrop, and by whether the person moved along, if the camera has moved."""

    def __init__(self, camera: Camera, backdrop: Backdrop | None) -> None:
        self._camera = camera
        self._home = backdrop
        self._setup = Setup.HOLDS
        self._before: deque[tuple[float, Array]] = deque()
        self._since: list[Array] = []
        self._back_s: float | None = None
        self._seen: tuple[Backdrop, Backdrop, float] | None = None
        """The last backdrop, its move from home, and the size of that."""
        self.moved_s: float | None = None

    def update(self, landmarks: Landmarks) -> Setup:
        person = _shoulders(landmarks)
        backdrop = landmarks.backdrop
        if backdrop is not None:
            if self._seen is None or self._seen[0] is not backdrop:
                self._home = self._home or backdrop
                move = backdrop.since(self._home)
                self._seen = backdrop, move, self._size(move)
            self._judge(landmarks.t_s, *self._seen[1:], person)
        if self.moved_s is None and person is not None:
            self._before.append((landmarks.t_s, person))
            while self._before[0][0] < landmarks.t_s - BEFORE_S:
                self._before.popleft()
        return self._setup

    def _judge(self, t_s: float, move: Backdrop, size: float, person: Array | None) -> None:
        if self.moved_s is None and size > 1:
            self.moved_s, self._setup, self._since = t_s, Setup.DOUBTED, []
        if self.moved_s is None:
            return
        if size < BACK_IN_PLACE:
            self._back_s = t_s if self._back_s is None else self._back_s
            if self._setup is Setup.DOUBTED or t_s - self._back_s >= BACK_S:
                self._setup, self.moved_s, self._back_s = Setup.HOLDS, None, None
            return
        self._back_s = None
        if self._setup is Setup.DOUBTED:
            if person is not None:
                self._since.append(person)
            hold_s = CAMERA_HOLD_S if self._shared(move) else CAMERA_ALONE_HOLD_S
            if t_s - self.moved_s >= hold_s:
                self._setup = Setup.CAMERA_MOVED
                self._before.clear()

    def _size(self, move: Backdrop) -> float:
        """Return how far the backdrop moved, 1 being what matters."""
        shift_deg = math.degrees(math.hypot(move.right_px, move.down_px) / self._camera.focal_px)
        roll_deg = math.degrees(abs(move.roll_rad))
        return max(shift_deg / CAMERA_SHIFT_DEG, roll_deg / CAMERA_ROLL_DEG, abs(math.log(move.scale)) / CAMERA_SCALE)

    def _shared(self, move: Backdrop) -> bool:
        if not self._before or not self._since:
            return False
        before = np.median([person for _, person in self._before], axis=0)
        now = np.median(self._since, axis=0)
        factor, shift = move.similarity
        x, y = self._camera.centred(before).T
        places = factor * (x + 1j * y) + shift
        carried = np.stack([places.real, places.imag], axis=1)
        off = float(np.linalg.norm(self._camera.centred(now) - carried))
        return off < SHARED * float(np.linalg.norm(now - before))


class _SeatWatch:
    """Tells by where head and shoulders are whether the seat has moved."""

    def __init__(self) -> None:
        self._setup = Setup.HOLDS
        self._told: deque[tuple[float, _Place]] = deque()
        """The places since it was first doubted at which the head was level."""
        self._held_s = 0.0
        self._last_s: float | None = None
        self._back_s: float | None = None
        self.moved_s: float | None = None

    def update(self, posture: Posture) -> Setup:
        """Take the next posture, as measured; return what is known by now.

        Someone who came nearer is not doubted: that is measured, and alerted of, in its own right.
        """
        place = _place(posture)
        if math.isnan(place[SHOULDERS_FORWARD]):
            return self._setup
        if self._setup is Setup.HOLDS:
            self._suspect(posture.t_s, place)
        elif not self._is_back(posture.t_s, place) and self._setup is Setup.DOUBTED:
            self._judge(posture.t_s, place)
        nearer = self._setup is Setup.DOUBTED and place[SHOULDERS_FORWARD] > 0 and not _rose(place)
        return Setup.HOLDS if nearer else self._setup

    def _suspect(self, t_s: float, place: _Place) -> None:
        if any(map(math.isnan, place)):
            return
        if not _elsewhere(place):
            self._settle()
            return
        self._hold(t_s, place)
        if self._held_s >= DOUBT_S:
            self._setup = Setup.DOUBTED

    def _is_back(self, t_s: float, place: _Place) -> bool:
        if _reach(place) > BACK_IN_PLACE:
            self._back_s = None
            return False
        self._back_s = t_s if self._back_s is None else self._back_s
        if t_s - self._back_s >= (BACK_S if self._setup.stale else DOUBT_S):
            self._settle()
        return True

    def _judge(self, t_s: float, place: _Place) -> None:
        self._hold(t_s, place)
        told = np.array([one for _, one in self._told])
        if np.mean([_elsewhere(one) for _, one in self._told]) < ELSEWHERE_SHARE:
            self._settle()
            return
        middle = np.median(told, axis=0).tolist()
        steady = np.abs(told - middle)[:, SHOULDERS_ALONE].max(axis=1) < STEADY_CM
        hold_s = STANDING_HOLD_S if abs(middle[SHOULDERS_UP]) > STANDING_CM else SEAT_HOLD_S
        told_s = np.minimum(np.diff([t for t, _ in self._told]), LONGEST_WAIT_S).sum()
        long = self._held_s >= hold_s and told_s >= TOLD_S
        if long and steady.mean() >= STEADY_SHARE and _elsewhere(middle):
            self._setup = Setup.SEAT_MOVED

    def _hold(self, t_s: float, place: _Place) -> None:
        """Count this frame. A bent head, or a hidden one, says nothing of whether the seat went back."""
        if self.moved_s is None:
            self.moved_s = t_s
        if self._last_s is not None:
            self._held_s += min(t_s - self._last_s, LONGEST_WAIT_S)
        self._last_s = t_s
        if not any(map(math.isnan, place)) and (abs(place[PITCH]) < LEVEL_DEG or _rose(place)):
            self._told.append((t_s, place))
            while self._told[0][0] < t_s - STANDING_HOLD_S:
                self._told.popleft()

    def _settle(self) -> None:
        self._setup = Setup.HOLDS
        self._told.clear()
        self._held_s = 0.0
        self._last_s = self._back_s = self.moved_s = None


FORWARD, UP, SHOULDERS_FORWARD, SHOULDERS_UP, PITCH = range(5)
"""Of a place: the head's and the shoulders', cm from neutral, and the head's pitch, degrees; NaN is unknown."""
SHOULDERS_ALONE = [SHOULDERS_FORWARD, SHOULDERS_UP]
_Place = tuple[float, float, float, float, float]


def _place(posture: Posture) -> _Place:
    placement = posture.placement
    return (
        _or_nan(placement.head_forward_cm),
        _or_nan(placement.head_up_cm),
        _or_nan(placement.shoulders_forward_cm),
        _or_nan(placement.shoulders_up_cm),
        _or_nan(posture.head_pitch.deg),
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _reach(place: _Place) -> float:
    """Return how far the shoulders have moved, 1 being what matters."""
    forward = place[SHOULDERS_FORWARD]
    level = forward / SEAT_FORWARD_CM if forward > 0 else -forward / SEAT_BACK_CM
    return max(level, abs(place[SHOULDERS_UP]) / SEAT_UP_CM)


def _elsewhere(place: _Place) -> bool:
    """Return whether the person sits elsewhere, rather than otherwise."""
    return _behind(place) or _ahead(place) or _rose(place)


def _behind(place: _Place) -> bool:
    forward, up, shoulders_forward, shoulders_up, pitch = place
    further_cm = shoulders_forward - forward
    return (
        shoulders_forward < -SEAT_BACK_CM
        and -LAGGING_SHARE * abs(shoulders_forward) - ALIKE_CM < further_cm < _alike_cm(place)
        and abs(pitch) < LEVEL_DEG
        and min(up, shoulders_up) > -SLIPPED_CM - SLIPPED_SHARE * abs(shoulders_forward)
    )


def _ahead(place: _Place) -> bool:
    forward, up, shoulders_forward, shoulders_up, pitch = place
    return (
        shoulders_forward > SEAT_FORWARD_CM
        and abs(forward - shoulders_forward) < _alike_cm(place)
        and abs(pitch) < LEVEL_DEG
        and min(up, shoulders_up) > -FORWARD_DROP_CM
    )


def _rose(place: _Place) -> bool:
    _, up, _, shoulders_up, _ = place
    return min(abs(up), abs(shoulders_up)) > SEAT_UP_CM and abs(up - shoulders_up) < SLIPPED_CM


def _alike_cm(place: _Place) -> float:
    return ALIKE_CM + ALIKE_SHARE * abs(place[SHOULDERS_FORWARD])


def _shoulders(landmarks: Landmarks) -> Array | None:
    """Return both shoulders (2, 2), pixels: the head may nod while the camera moves."""
    return None if landmarks.body_px is None else landmarks.body_px[list(SHOULDERS), :2]
