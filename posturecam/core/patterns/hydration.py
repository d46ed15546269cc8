"""Hydration: a reminder to drink, by time spent at the desk."""

from __future__ import annotations

from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.desk_time import DeskTime
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning

EVERY = Parameter(
    "every_min",
    60.0,
    15.0,
    480.0,
    "minutes at the desk after which it comes, and comes again",
    "judgement: no study of desk work says how often",
)
BREAK_S = 120.0
"""Away for so long, a person could have had a drink (judgement)."""


def make(tuning: Tuning, sensitivity: Sensitivity) -> DeskTime:
    """Return a watcher with these values; it knows no sensitivity."""
    return DeskTime(KIND.name, 60.0 * tuning[KIND.name]["every_min"], BREAK_S)


KIND = Kind(
    name="hydration",
    what="An hour was spent at the desk without a break.",
    why="Drinking is easily forgotten at work, and getting up for it is a break; a camera cannot see thirst.",
    said="An hour at the desk: time for a glass of water.",
    said_again="Another hour at the desk: time for a glass of water.",
    manner=Manner.OFF,
    parameters=(EVERY,),
    make=make,
    of_posture=False,
)
