"""Rooms made of coloured boxes, drawn at random; the origin is at the sitter's hips, axes as in `assets`."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.rendering.assets import Array

FLOOR_M = -0.47


@dataclass(frozen=True)
class Box:
    """A box along the axes, metres."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    rgb: tuple[float, float, float]
    """Linear reflectance."""
    glow: float = 0.0
    """How brightly it shines by itself."""
    grain: float = 0.0
    """Streaks as of wood or cloth, 0..1."""


def _colour(rng: np.random.Generator, saturation: float, low: float, high: float) -> tuple[float, float, float]:
    return colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.1, 1) * saturation, rng.uniform(low, high))


def _wood(rng: np.random.Generator) -> tuple[float, float, float]:
    light = rng.uniform(0.1, 0.7)
    return (light, light * rng.uniform(0.6, 0.85), light * rng.uniform(0.3, 0.6))


def _window(rng: np.random.Generator, u: float) -> Iterator[Box]:
    z, width, height, glow = rng.uniform(0.1, 0.5), rng.uniform(0.6, 1.0), rng.uniform(0.8, 1.3), rng.uniform(0.8, 2.0)
    yield Box((u - 0.04, 0, z - 0.04), (u + width + 0.04, 0.03, z + height + 0.04), (0.8, 0.8, 0.78))
    for side in (0, 1):
        left = u + side * width / 2 + 0.02
        yield Box((left, 0.03, z), (left + width / 2 - 0.04, 0.035, z + height), (0.75, 0.87, 1.0), glow)
    if rng.random() < 0.5:
        cloth = _colour(rng, 0.4, 0.3, 0.8)
        for left in (u - 0.25, u + width - 0.05):
            yield Box((left, 0.04, z - 0.5), (left + 0.3, 0.1, z + height + 0.15), cloth, grain=1.0)


def _shelves(rng: np.random.Generator, u: float) -> Iterator[Box]:
    width, wood = rng.uniform(0.7, 1.0), _wood(rng)
    for z in np.arange(rng.uniform(-0.1, 0.2), 1.5, rng.uniform(0.3, 0.4)):
        yield Box((u, 0, z), (u + width, 0.24, z + 0.025), wood, grain=0.5)
        at = u + 0.02
        while at < u + width - 0.08:
            thick, tall = rng.uniform(0.015, 0.05), rng.uniform(0.16, 0.27)
            if rng.random() < 0.85:
                yield Box((at, 0.02, z + 0.025), (at + thick, 0.2, z + 0.025 + tall), _colour(rng, 0.7, 0.08, 0.7))
            at += thick + 0.003


def _pictures(rng: np.random.Generator, u: float) -> Iterator[Box]:
    for _ in range(rng.integers(1, 3)):
        left, z, width, height = u + rng.uniform(0, 0.4), rng.uniform(0.4, 0.9), *rng.uniform(0.25, 0.55, 2)
        yield Box((left, 0, z), (left + width, 0.02, z + height), _colour(rng, 0.3, 0.02, 0.6))
        yield Box((left + 0.03, 0.02, z + 0.03), (left + width - 0.03, 0.022, z + height - 0.03), (0.85, 0.84, 0.8))
        for _ in range(4):
            a, b = rng.uniform(0.05, width - 0.15), rng.uniform(0.05, height - 0.15)
            low, high = (left + a, 0.022, z + b), (left + a + 0.1, 0.0225, z + b + 0.1)
            yield Box(low, high, _colour(rng, 0.8, 0.2, 0.8))


def _door(rng: np.random.Generator, u: float) -> Iterator[Box]:
    leaf = _wood(rng) if rng.random() < 0.5 else (0.75, 0.74, 0.7)
    yield Box((u, 0, FLOOR_M), (u + 0.95, 0.03, 1.62), (0.7, 0.69, 0.66))
    yield Box((u + 0.06, 0.03, FLOOR_M), (u + 0.89, 0.045, 1.56), leaf, grain=0.4)
    yield Box((u + 0.8, 0.045, 0.52), (u + 0.86, 0.09, 0.54), (0.3, 0.3, 0.3))


def _cupboard(rng: np.random.Generator, u: float) -> Iterator[Box]:
    top, body = rng.uniform(0.2, 1.5), _wood(rng)
    yield Box((u, 0, FLOOR_M), (u + 1.0, 0.45, top), body, grain=0.6)
    yield Box((u + 0.49, 0.45, FLOOR_M), (u + 0.51, 0.452, top), (0.05, 0.05, 0.05))
    if top < 0.9:
        yield Box((u + 0.3, 0.1, top), (u + 0.34, 0.14, top + 0.25), (0.2, 0.2, 0.2))
        yield Box((u + 0.2, 0.0, top + 0.25), (u + 0.44, 0.24, top + 0.48), (0.9, 0.8, 0.6), rng.uniform(0.3, 1.2))


FURNITURE = (_window, _shelves, _pictures, _door, _cupboard)


@dataclass(frozen=True)
class Room:
    """Walls, what stands along them, and perhaps a chair's back, a desk and a screen."""

    low: Array
    high: Array
    boxes: tuple[Box, ...]

    @classmethod
    def of(cls, rng: np.random.Generator, azimuth_deg: float) -> Room:
        """Draw a room for a camera at an azimuth; a desk is put up where it would be in the picture."""
        low = np.array([-rng.uniform(1.2, 2.6), -2.5, FLOOR_M])
        high = np.array([rng.uniform(1.2, 2.6), rng.uniform(0.9, 2.6), rng.uniform(1.7, 2.1)])
        wall = np.array(_colour(rng, 0.3, 0.3, 0.85))
        boxes = [Box((low[0], low[1], low[2] - 0.1), (high[0], high[1], low[2]), _wood(rng), grain=0.7)]
        boxes.append(Box((low[0], low[1], high[2]), (high[0], high[1], high[2] + 0.1), (0.8, 0.8, 0.78)))
        for axis, at in ((1, high[1]), (0, low[0]), (0, high[0])):
            along = 1 - axis
            inward = -1.0 if at > 0 else 1.0
            pieces = [Box((low[along] - 1, -0.1, FLOOR_M), (high[along] + 1, 0.0, high[2]), tuple(wall), grain=0.1)]
            pieces.append(Box((low[along], 0.0, FLOOR_M), (high[along], 0.015, FLOOR_M + 0.08), (0.7, 0.7, 0.68)))
            for u in np.arange(low[along] + rng.uniform(0, 0.5), high[along] - 1.0, 1.25):
                if rng.random() < 0.8:
                    pieces += FURNITURE[rng.integers(len(FURNITURE))](rng, float(u))
            for piece in pieces:
                ends = sorted((at + inward * piece.low[1], at + inward * piece.high[1]))
                a, b = [0.0] * 3, [0.0] * 3
                a[axis], b[axis] = ends
                a[along], b[along] = piece.low[0], piece.high[0]
                a[2], b[2] = piece.low[2], piece.high[2]
                boxes.append(Box((a[0], a[1], a[2]), (b[0], b[1], b[2]), piece.rgb, piece.glow, piece.grain))
        if rng.random() < 0.6:
            dark, top = _colour(rng, 0.4, 0.03, 0.2), rng.uniform(0.3, 0.62)
            boxes.append(Box((-0.23, 0.2, 0.05), (0.23, 0.27, top), dark, grain=0.4))
            boxes.append(Box((-0.04, 0.27, -0.3), (0.04, 0.33, 0.3), (0.05, 0.05, 0.05)))
        if abs(azimuth_deg) > 20:
            boxes.append(Box((-0.7, -1.2, 0.17), (0.7, -0.42, 0.2), _wood(rng), grain=0.6))
        if abs(azimuth_deg) > 60:
            boxes.append(Box((-0.28, -0.95, 0.3), (0.28, -0.92, 0.68), (0.02, 0.02, 0.02)))
            boxes.append(Box((-0.27, -0.92, 0.31), (0.27, -0.919, 0.67), (0.5, 0.6, 0.8), 0.5))
            boxes.append(Box((-0.05, -0.98, 0.2), (0.05, -0.95, 0.5), (0.02, 0.02, 0.02)))
        return cls(low, high, tuple(boxes))

    def vertices(self) -> Array:
        """Return the triangles' corners: position, normal, colour, glow, grain (n, 11)."""
        rows = []
        for box in self.boxes:
            ends = np.array([box.low, box.high])
            for axis in range(3):
                for end in (0, 1):
                    normal = np.zeros(3)
                    normal[axis] = 2 * end - 1
                    square = []
                    for p, q in ((0, 0), (1, 0), (1, 1), (0, 0), (1, 1), (0, 1)):
                        corner = ends[end].copy()
                        for other, which in (((axis + 1) % 3, p), ((axis + 2) % 3, q)):
                            corner[other] = ends[which, other]
                        square.append([*corner, *normal, *box.rgb, box.glow, box.grain])
                    rows += square
        return np.array(rows, np.float32)
