"""Between the looks of a camera that is open for part of the time: what two looks say of the time between them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple, replace
from typing import Any

from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.placement import Placement
from posturecam.core.posture import ANGLES, Angle, Posture

STEP_S = GAP_S / 2
"""Postures in between lie no further apart than those of a stream without gaps."""


class Bridge:
    """Puts postures where none were seen, as far as the two on either side agree.

    Every departure from neutral is taken to have lasted as far as both show it: of two angles the one nearer to
    neutral, and neutral itself when they lie on different sides. What one of them does not show is missing. So a
    head that was bent at the end of one look and at the beginning of the next counts as bent in between, though it
    may have been up for a while; one that was up in either counts as up. When somebody was there and then nobody,
    or the other way round, nothing is known of the time between.
    """

    def __init__(self, gap_s: float) -> None:
        """Longer gaps than `gap_s` stay gaps; with GAP_S all do."""
        self._gap_s = gap_s
        self._last: Posture | None = None

    def between(self, posture: Posture) -> Iterator[Posture]:
        """The postures between the one before and this one, which is the next, in their order."""
        before, self._last = self._last, posture
        if before is None or before.present is not posture.present:
            return
        wait_s = posture.t_s - before.t_s
        if not GAP_S < wait_s <= self._gap_s:
            return
        shared = _shared(before, posture)
        steps = math.ceil(wait_s / STEP_S)
        for step in range(1, steps):
            yield replace(shared, t_s=before.t_s + step * wait_s / steps)


def _shared(one: Posture, other: Posture) -> Posture:
    angles: dict[str, Any] = {name: _nearer_angle(getattr(one, name), getattr(other, name)) for name in ANGLES}
    places = map(_nearer, astuple(one.placement), astuple(other.placement))
    return replace(
        one,
        **angles,
        view=one.view if one.view is other.view else None,
        shoulder_elevation_left_sw=_nearer(one.shoulder_elevation_left_sw, other.shoulder_elevation_left_sw),
        shoulder_elevation_right_sw=_nearer(one.shoulder_elevation_right_sw, other.shoulder_elevation_right_sw),
        placement=Placement(*places),
    )


def _nearer_angle(one: Angle, other: Angle) -> Angle:
    if one.deg is None or other.deg is None:
        return one if one.deg is None else other
    if one.deg * other.deg < 0:
        return replace(one, deg=0.0)
    return min(one, other, key=lambda angle: abs(angle.deg or 0.0))


def _nearer(one: float | None, other: float | None) -> float | None:
    """The one nearer to 0; 0 when they lie on different sides of it."""
    if one is None or other is None:
        return None
    return 0.0 if one * other < 0 else min(one, other, key=abs)
