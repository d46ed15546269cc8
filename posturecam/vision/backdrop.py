"""Where the picture around the person lies: whether the camera still looks where it looked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from posturecam.core.landmarks import Array, Backdrop, Body, Landmarks
from posturecam.vision.frames import Frame, Image
from posturecam.vision.libraries import loading
from posturecam.vision.shrinking import shrunk

with loading("OpenCV"):
    import cv2

WIDE_PX = 96
"""The longer side of the picture that is laid over the anchor's; a move shows to a few hundredths of its pixels."""
EDGE_PIXELS = 1500
"""As many pixels of the anchor are compared, those with the strongest contrast."""
CONTRAST = 4.0
"""The least contrast of such a pixel, of 255 per pixel: less is noise, and shading on a plain wall."""
LEAST_PIXELS = 60
STEPS, SETTLED_PX = 25, 0.01
NOISE = 6.0
"""Brightness, of 255, by which a pixel may differ without anything having moved."""
AGREES_PX = 0.4
"""A pixel agrees when its brightness is what lies this close by in the anchor."""
LEAST_SHARE = 0.6
"""Of the pixels in view, so many have to agree."""
BETTER = 0.2
"""So much larger than if nothing had moved is the share that agrees with a move: cameras seldom move."""
LEAST_IN_VIEW = 0.35
"""Of the anchor's pixels, so many have to be in view."""
LEAST_SPREAD = 0.12
"""And reach so far over the picture, as a share of its longer side (standard deviation): a door that moves does not."""
WORN_SHARE = 0.8
"""A new anchor is taken when less of the old one agrees though nothing has moved."""
USUAL = 1 / np.array([0.1, 0.1, 10.0, 10.0, 0.5, 50.0])
"""One over the spread of a step in scale, roll, shift (px), gain and brightness: keeps back what a scene with few
edges does not show."""
SURE_PX = 0.7
"""The standard deviation up to which a shift counts as found."""
RENEWED_S = 60.0
"""An anchor is kept for so long at least."""
GIVEN_UP_S = 20.0
"""After so long without finding the picture again a new anchor is taken, for one that lies where the last lay."""
SEARCHED_S = 1.0
"""Between two searches for where the picture has gone, which take some milliseconds."""
SEARCH_PX = 320
"""The longer side of the picture in which patches of the room are matched (ORB, Rublee et al. 2011)."""
LEAST_PAIRS = 12
MARGIN = 0.25
"""Around the person's points, as a share of their extent, lies the rest of the person."""

Places = NDArray[np.complex128]
Move = tuple[complex, complex]
"""Factor and shift of points from the picture's middle, x + y i."""
STILL: Move = (1 + 0j, 0j)


class BackdropTracker:
    """Lays the picture outside the person over an earlier one, the anchor (Baker & Matthews 2004).

    What moves within the scene is outvoted by what stands still.
    """

    def __init__(self) -> None:
        self._anchor: _Anchor | None = None
        self._at = Backdrop()
        self._seen_s = self._searched_s = -np.inf

    def update(self, frame: Frame, seen: Landmarks) -> Backdrop | None:
        """Return where the picture lies in this frame; None where it cannot be told.

        Frames come in the order of their time and in one size. `seen` says where the person is.
        """
        if self._anchor is not None and self._anchor.shape != frame.image.shape:
            self._anchor, self._at, self._seen_s = None, Backdrop(), -np.inf
        anchor = self._anchor
        if anchor is None:
            if frame.t_s - self._seen_s >= SEARCHED_S:
                self._renew(frame, seen)
            return self._at if self._anchor else None
        found = anchor.find(frame.image, seen, self._at.since(anchor.at).similarity)
        if found is None and frame.t_s - self._searched_s >= SEARCHED_S:
            self._searched_s = frame.t_s
            found = anchor.search(frame.image, seen)
        if found is None:
            if frame.t_s - self._seen_s > GIVEN_UP_S:
                self._renew(frame, seen)
            return None
        self._seen_s = frame.t_s
        move, share = found
        self._at = Backdrop.of(*move).after(anchor.at)
        if share < WORN_SHARE and frame.t_s - anchor.t_s > RENEWED_S:
            self._renew(frame, seen)
        return self._at

    def _renew(self, frame: Frame, seen: Landmarks) -> None:
        anchor = _Anchor(frame, seen, self._at)
        self._seen_s = frame.t_s
        if anchor.shows_something:
            self._anchor = anchor


class _Anchor:
    """One picture that later ones are laid over. Moves are in pixels of the whole picture."""

    def __init__(self, frame: Frame, seen: Landmarks, at: Backdrop) -> None:
        self.t_s, self.shape, self.at = frame.t_s, frame.image.shape, at
        self._patches = _patches(frame.image, seen)
        self._person = _person(seen)
        self._reduction = min(1.0, WIDE_PX / max(frame.image.shape))
        grey = _reduced(frame.image, self._reduction)
        self._reduced = grey
        down, across = np.gradient(grey)
        contrast = np.hypot(across, down)
        rows, columns = np.indices(grey.shape)
        places = (columns + 0.5) + 1j * (rows + 0.5)
        outside = ~_covered(places / self._reduction, self._person)
        candidates = np.flatnonzero(_inside(places, grey) & outside & (contrast > CONTRAST))
        strong = candidates[np.argsort(contrast.ravel()[candidates])[-EDGE_PIXELS:]]
        self._pixels = strong
        self._middle = complex(grey.shape[1] / 2, grey.shape[0] / 2)
        self._places = places.ravel()[strong] - self._middle
        self._places_px = places.ravel()[strong] / self._reduction
        self._grey = grey.ravel()[strong]
        self._allowed = NOISE + AGREES_PX * contrast.ravel()[strong]
        """By how much brightness may differ where nothing has moved."""
        x, y = self._places.real, self._places.imag
        gx, gy = across.ravel()[strong], down.ravel()[strong]
        ones = np.ones_like(x)
        self._moments = np.stack([ones, x, y, x**2 + y**2], axis=1)
        """What the number of pixels and their spread add up from."""
        self._slopes = np.stack([gx * x + gy * y, gy * x - gx * y, gx, gy, self._grey, ones], axis=1)

    @property
    def shows_something(self) -> bool:
        """There are edges enough to tell a move by."""
        return len(self._places) >= LEAST_PIXELS

    def find(self, image: Image, seen: Landmarks, guess: Move) -> tuple[Move, float] | None:
        """Return the move from this picture to that one, near a guess, and the share of pixels that agree.

        None when it does not fit.
        """
        grey, person = _reduced(image, self._reduction), _person(seen)
        still = self._still(grey, person)
        if still >= LEAST_SHARE:
            return STILL, still
        return self._better(self._laid(grey, person, guess), still)

    def search(self, image: Image, seen: Landmarks) -> tuple[Move, float] | None:
        """Return the same without a guess."""
        grey, person = _reduced(image, self._reduction), _person(seen)
        still = self._still(grey, person)
        for guess in (self._by_correlation(grey, person), self._by_patches(image, seen)):
            found = guess and self._better(self._laid(grey, person, guess), still)
            if found:
                return found
        return None

    def _better(self, found: tuple[Move, float] | None, still: float) -> tuple[Move, float] | None:
        """Return what was found if it says much more than that nothing has moved does."""
        return found if found and found[1] >= max(LEAST_SHARE, still + BETTER) else None

    def _agreement(self, grey: Array, person: Array | None, move: Move) -> float:
        """Return the share of pixels in view that agree with a move; 0 when too few are in view."""
        there = move[0] * self._places + move[1] * self._reduction + self._middle
        usable = self._usable(there, grey, person)
        return 0.0 if usable is None else self._agreeing(_looked_up(grey, there[usable]), usable)

    def _still(self, grey: Array, person: Array | None) -> float:
        """Return the same when nothing has moved: every pixel is where it was, and in the picture."""
        usable = ~_covered(self._places_px, person)
        return self._agreeing(grey.ravel()[self._pixels[usable]], usable) if self._are_enough(usable) else 0.0

    def _agreeing(self, now: Array, usable: NDArray[np.bool_]) -> float:
        """Return the share of the usable pixels whose brightness now is what lies about there in the anchor."""
        rest = now - self._grey[usable]
        middle = len(rest) // 2
        rest -= np.partition(rest, middle)[middle]
        return np.count_nonzero(np.abs(rest) < self._allowed[usable]) / len(rest)

    def _usable(self, there: Places, grey: Array, person: Array | None) -> NDArray[np.bool_] | None:
        """Return which pixels are in view at these places; None when they are too few, or all in one corner."""
        usable = _inside(there, grey) & ~_covered(there / self._reduction, person)
        return usable if self._are_enough(usable) else None

    def _are_enough(self, usable: NDArray[np.bool_]) -> bool:
        """Whether the usable pixels are many, and not all in one corner."""
        count, x, y, square = (usable @ self._moments).tolist()
        if count < max(LEAST_PIXELS, LEAST_IN_VIEW * len(usable)):
            return False
        variance = square / count - (x**2 + y**2) / count**2
        return bool(variance >= (LEAST_SPREAD * max(self._reduced.shape)) ** 2)

    def _laid(self, grey: Array, person: Array | None, guess: Move) -> tuple[Move, float] | None:
        factor, shift = guess[0], guess[1] * self._reduction
        for _ in range(STEPS):
            there = factor * self._places + shift + self._middle
            usable = self._usable(there, grey, person)
            if usable is None:
                return None
            slopes = self._slopes[usable]
            rest = _looked_up(grey, there[usable]) - self._grey[usable]
            allowed = self._allowed[usable]
            weights = 1 / (allowed * (1 + (rest / allowed) ** 2)) ** 2
            normal = (slopes * weights[:, None]).T @ slopes + np.diag(USUAL**2)
            step = np.linalg.solve(normal, slopes.T @ (weights * rest))
            factor /= complex(1 + step[0], step[1])
            shift -= factor * complex(step[2], step[3])
            if np.abs(step[2:4]).max() + self._middle.real * np.abs(step[:2]).max() < SETTLED_PX:
                break
        # Neighbouring pixels err together, so there are fewer observations than pixels.
        sd_px = 3 * np.sqrt(np.linalg.inv(normal)[[2, 3], [2, 3]].max())
        move = factor, shift / self._reduction
        return (move, self._agreement(grey, person, move)) if sd_px < SURE_PX else None

    def _by_correlation(self, grey: Array, person: Array | None) -> Move:
        """Return a rough shift, told by where the edges lie."""
        window = cv2.createHanningWindow(grey.shape[::-1], cv2.CV_32F)
        here, there = (
            _edges(picture, whose, self._reduction)
            for picture, whose in ((self._reduced, self._person), (grey, person))
        )
        (across, down), _ = cv2.phaseCorrelate(here, there, window)
        return 1 + 0j, complex(across, down) / self._reduction

    def _by_patches(self, image: Image, seen: Landmarks) -> Move | None:
        """Return a rough move, told by matching small patches."""
        (here, described_here), (there, described_there) = self._patches, _patches(image, seen)
        if min(len(here), len(there)) < LEAST_PAIRS:
            return None
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(described_here, described_there)
        before = here[[pair.queryIdx for pair in pairs]]
        now = there[[pair.trainIdx for pair in pairs]]
        if len(pairs) < LEAST_PAIRS:
            return None
        matrix, agree = cv2.estimateAffinePartial2D(before, now, ransacReprojThreshold=max(image.shape) / WIDE_PX)
        if matrix is None or agree.sum() < LEAST_PAIRS:
            return None
        return complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2])


def _reduced(image: Image, reduction: float) -> Array:
    """Return the picture in grey, made smaller and a little blurred."""
    size = round(image.shape[1] * reduction), round(image.shape[0] * reduction)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)  # one channel is shrunk faster than three
    return np.asarray(cv2.GaussianBlur(shrunk(grey, size).astype(np.float32), (0, 0), 0.8))


def _looked_up(grey: Array, places: Places) -> Array:
    """Return the brightness at places between pixels."""
    x, y = (places.real - 0.5).astype(np.float32), (places.imag - 0.5).astype(np.float32)
    return np.asarray(cv2.remap(grey, x, y, cv2.INTER_LINEAR))[:, 0].astype(float)


def _edges(grey: Array, person: Array | None, reduction: float) -> Array:
    """Return how strong the edges outside the person are."""
    rows, columns = np.indices(grey.shape)
    covered = _covered(((columns + 0.5) + 1j * (rows + 0.5)) / reduction, person)
    return np.where(covered, 0, np.hypot(*np.gradient(grey))).astype(np.float32)


def _inside(places: Places, grey: Array) -> NDArray[np.bool_]:
    x, y = places.real, places.imag
    return (x > 2) & (y > 2) & (x < grey.shape[1] - 2) & (y < grey.shape[0] - 2)


def _patches(image: Image, seen: Landmarks) -> tuple[Array, Any]:
    """Return places (n, 2) from the whole picture's middle, outside the person, and how the picture looks there."""
    reduction = min(1.0, SEARCH_PX / max(image.shape))
    small = cv2.resize(image, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
    mask = np.full(small.shape[:2], 255, np.uint8)
    person = _person(seen)
    if person is not None:
        left, top, right, bottom = np.maximum(person * reduction, 0).astype(int)
        mask[top:bottom, left:right] = 0
    points, described = cv2.ORB.create(400, fastThreshold=10).detectAndCompute(small, mask)
    middle = np.array([small.shape[1] / 2, small.shape[0] / 2])
    places = np.array([point.pt for point in points]).reshape(-1, 2)
    return ((places + 0.5 - middle) / reduction).astype(np.float32), described


def _person(seen: Landmarks) -> Array | None:
    """Return left, top, right, bottom (4,) of where the person is, generously; None when nobody is there."""
    if seen.body_px is None or seen.visibility is None:
        return None
    shown = seen.body_px[seen.visibility > 0.5, :2]
    points = np.concatenate([shown, seen.body_px[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], :2]])
    least, most = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * float((most - least).max())
    if seen.crown_px is not None:
        least[1] = min(least[1], seen.crown_px)
    # A person reaches down to the picture's lower edge.
    return np.array([least[0] - margin, least[1] - margin, most[0] + margin, seen.height_px])


def _covered(places: Places, person: Array | None) -> NDArray[np.bool_]:
    """Return which places (x + y i, pixels of the whole picture) the person covers."""
    if person is None:
        return np.zeros(places.shape, bool)
    left, top, right, bottom = person
    x, y = places.real, places.imag
    covered: NDArray[np.bool_] = (x > left) & (x < right) & (y > top) & (y < bottom)
    return covered
