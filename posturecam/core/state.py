"""The state of one sample, in one word."""

from __future__ import annotations

from enum import Enum

from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.posture import Posture

STICKINESS_DEG = 2.0
"""A state is left downwards only so far below its threshold: about three times the jitter (SD) of a
smoothed angle, so that a head at rest on a threshold does not flicker."""


class State(str, Enum):
    """How far the neck is bent, or why that is not known."""

    NEUTRAL = "neutral"
    AMBER = "amber"
    RED = "red"
    SEVERE = "severe"
    UNKNOWN = "unknown"
    """Somebody is there, and the neck flexion was not measured."""
    AWAY = "away"
    """Nobody is there."""


def beginnings_deg(thresholds: FlexionThresholds) -> dict[State, float]:
    """The neck flexion from which on each state holds that is worse than neutral, the mildest first."""
    return {
        State.AMBER: thresholds.amber_deg,
        State.RED: thresholds.red_deg,
        State.SEVERE: thresholds.severe_deg,
    }


class StateReader:
    """Reads the state off each posture of a stream.

    It follows the neck flexion up at the thresholds and down 2° below them. After `UNKNOWN` or `AWAY` the
    thresholds alone decide.
    """

    def __init__(self, thresholds: FlexionThresholds) -> None:
        self._rungs_deg = tuple(beginnings_deg(thresholds).values())
        self._height = 0

    def update(self, posture: Posture) -> State:
        """The state of this posture, the next one in the stream."""
        deg = posture.neck_flexion.deg
        if not posture.present or deg is None:
            self._height = 0
            return State.UNKNOWN if posture.present else State.AWAY
        self._height = sum(
            deg >= (rung_deg - STICKINESS_DEG if height < self._height else rung_deg)
            for height, rung_deg in enumerate(self._rungs_deg)
        )
        return _LADDER[self._height]


_LADDER = (State.NEUTRAL, State.AMBER, State.RED, State.SEVERE)
