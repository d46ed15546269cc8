"""How low the hairline is seen, on heads that hide their face as well.

A head that bends shows more hair and less face. FaceMesh loses the face and BlazePose puts its points on the hair, but
where hair ends and skin begins is seen on until the chin is on the chest, and it is a place on the head like any other.
What is hair and what is skin is learnt from the person's own colours while the face is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from posturecam.core.landmarks import Array, stature_px
from posturecam.vision.frames import Image
from posturecam.vision.libraries import loading
from posturecam.vision.silhouette import head_middle_px

with loading("OpenCV"):
    import cv2

STATURE_M = 0.42
"""The upper body's size (`stature_px`), about."""
STRIP_M, REACH_M = 0.06, 0.40
"""Width and height of the strip below the head's top that is looked at."""
COLUMNS_PER_M, ROWS_PER_M = 100.0, 300.0
SKIN_POINTS = [50, 280, 205, 425, 151, 9, 195, 117, 346, 101, 330]
"""FaceMesh's cheeks, forehead and nose."""
BROWS = [105, 334]
HAIR_PART = (0.08, 0.35)
"""Which part of the way from the head's top to the brows is taken for hair."""
TYPICAL = 0.8
"""Share of the skin points that are nearest to their median: the others may be spectacles, or hair."""
NOISE_LAB = (60.0, 4.0, 4.0)
"""Variance of light and colour that any two looks differ by (OpenCV's Lab)."""
APART = 2.0
"""Skin and hair that are nearer than so many standard deviations cannot be told apart."""
FACES_APART = 5
"""Of so many faces the colours of one are learnt."""
PATIENCE = 5
"""A face whose skin looks like hair is none; but after so many the light has changed, and all is learnt anew."""
FADES = 0.4
"""Weight of each new look at the colours."""
FACE_M = 0.02
"""So much skin in a row below it makes a hairline."""
LEAST_HAIR_M = 0.01
"""A head with less hair than this is bald."""
HEAD_M = 0.15
"""Of a head without a hairline so much must be hair."""
HAIR, SKIN = -0.3, 0.25
"""From hair at -1 to skin at +1: a part below the one is hair, over the other skin."""


class Hairline:
    """Finds one person's hairline from picture to picture."""

    def __init__(self) -> None:
        self._hair: _Colours | None = None
        self._skin: _Colours | None = None
        self._scale: tuple[Array, float] | None = None
        """Colours (..., 3) times the one, less the other, are -1 for hair and +1 for skin; None if these are alike."""
        self._faces = self._refused = 0
        _lab(np.zeros((1, 1, 3), np.uint8))  # OpenCV makes its tables now, for 90 ms, and not at the first look

    def update(self, image: Image, body_px: Array, face_px: Array | None, crown_px: float | None) -> float | None:
        """Return the hairline's height y in the picture; None where it cannot be told.

        Where all that is seen of the head is hair it is the lowest place that was looked at. `body_px` (33, 3) and
        `face_px` (468, 3) are the person's, `crown_px` is the height of the head's top. Colours are learnt from
        pictures with a face.
        """
        if crown_px is None:
            return None
        metre_px = stature_px(body_px) / STATURE_M
        strip = _strip(image, head_middle_px(body_px), crown_px, metre_px)
        if face_px is not None:
            if self._faces % FACES_APART == 0:
                brows = (float(face_px[BROWS, 1].mean()) - crown_px) * ROWS_PER_M / metre_px
                self._learn(_hair(strip, brows), _skin(image, face_px))
            self._faces += 1
        row = self._row(strip)
        return None if row is None else crown_px + row * metre_px / ROWS_PER_M

    def _learn(self, hair: Array, skin: Array) -> None:
        """Take colours (n, 3) of each; not those of a face that FaceMesh sees in the hair."""
        if not len(hair) or not len(skin):
            return
        if self._scale and self._refused < PATIENCE and _likeness(skin, self._scale).mean() < 0:
            self._refused += 1
            return
        if self._refused >= PATIENCE:
            self._hair = self._skin = None
        self._refused = 0
        self._hair, self._skin = _Colours.blended(self._hair, hair), _Colours.blended(self._skin, skin)
        self._scale = _scale(self._hair, self._skin)

    def _row(self, strip: Array) -> float | None:
        """Return the row at which hair ends and skin begins."""
        if self._scale is None:
            return None
        columns = strip.shape[1]
        likeness = _likeness(strip, self._scale) @ np.full(columns, 1 / columns)
        rows = int(FACE_M * ROWS_PER_M)
        below = np.convolve(likeness, np.ones(rows) / rows, "valid")
        skins = np.flatnonzero((below > SKIN) & (likeness[: len(below)] > 0))
        row = int(skins[0]) if len(skins) else len(likeness)
        above = likeness[: min(row, int(HEAD_M * ROWS_PER_M))]
        return float(row) if row >= LEAST_HAIR_M * ROWS_PER_M and above.mean() < HAIR else None


@dataclass(frozen=True)
class _Colours:
    """Mean (3,) and covariance (3, 3) in Lab."""

    mean: Array
    covariance: Array

    @classmethod
    def blended(cls, before: _Colours | None, colours: Array) -> _Colours:
        """Return those of colours (n, 3), with what was known before."""
        off = np.linalg.norm(colours - np.median(colours, axis=0), axis=1)
        typical = colours[np.argsort(off)[: max(3, int(TYPICAL * len(off)))]]
        mean, covariance = typical.mean(axis=0), np.cov(typical.T, bias=True)
        if before is None:
            return cls(mean, covariance)
        return cls(
            before.mean + FADES * (mean - before.mean), before.covariance + FADES * (covariance - before.covariance)
        )


def _scale(hair: _Colours, skin: _Colours) -> tuple[Array, float] | None:
    """Return how to tell hair from skin by their colours (Fisher 1936); None where they are alike."""
    spread = (hair.covariance + skin.covariance) / 2 + np.diag(NOISE_LAB)
    apart = skin.mean - hair.mean
    across = np.linalg.solve(spread, apart)
    distance2 = float(across @ apart)
    if distance2 < APART**2:
        return None
    across *= 2 / distance2
    return across, float(across @ (hair.mean + skin.mean)) / 2


def _likeness(colours: Array, scale: tuple[Array, float]) -> Array:
    """Return what colours (..., 3) are, from hair at -1 to skin at +1."""
    likeness: Array = np.clip(colours @ scale[0] - scale[1], -1, 1)
    return likeness


def _strip(image: Image, middle_px: float, crown_px: float, metre_px: float) -> Array:
    """Return the strip of Lab colours (rows, columns, 3) below the head's top."""
    columns, rows = int(STRIP_M * COLUMNS_PER_M), int(REACH_M * ROWS_PER_M)
    across, down = COLUMNS_PER_M / metre_px, ROWS_PER_M / metre_px
    matrix = np.array([[across, 0, columns / 2 - across * middle_px], [0, down, -down * crown_px]])
    cut = cv2.warpAffine(image, matrix, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
    return _lab(cv2.blur(cut, (3, 3)))


def _hair(strip: Array, brows: float) -> Array:
    """Return the colours (n, 3) of a strip between the head's top and the brows, which are in this row."""
    return strip[max(0, int(HAIR_PART[0] * brows)) : max(0, int(HAIR_PART[1] * brows))].reshape(-1, 3)


def _skin(image: Image, face_px: Array) -> Array:
    """Return the colours (n, 3) of a face where it is bare."""
    places = np.rint(face_px[SKIN_POINTS, :2]).astype(int)
    inside = ((places >= 0) & (places < image.shape[1::-1])).all(axis=1)
    x, y = places[inside].T
    return _lab(image[y, x][None])[0] if inside.any() else np.zeros((0, 3))


def _lab(image: Any) -> Array:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2LAB), np.float64)
