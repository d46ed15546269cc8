"""Long sitting: a break is due, by time spent at the desk."""

from __future__ import annotations

from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.desk_time import DeskTime
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning

AFTER = Parameter(
    "after_min",
    50.0,
    10.0,
    240.0,
    "minutes at the desk after which it comes, and comes again",
    "breaks after 50 to 60 min are advised (HSE 1992, L26)",
)
BREAK = Parameter(
    "break_min",
    5.0,
    1.0,
    60.0,
    "minutes away that are a break",
    "5 to 10 min after 50 to 60 are better than 15 after 120 (HSE 1992, L26)",
)


def make(tuning: Tuning, sensitivity: Sensitivity) -> DeskTime:
    """Return a watcher with these values; it knows no sensitivity."""
    values = tuning[KIND.name]
    return DeskTime(KIND.name, 60.0 * values[AFTER.key], 60.0 * values[BREAK.key])


KIND = Kind(
    name="long_sitting",
    what="For 50 minutes somebody was at the desk, and not once away from it for 5.",
    why="Pauses from the desk helped people with complaints of neck and arms to recover (van den Heuvel et al. "
    "2003), and active breaks halved new neck pain in a trial (hazard ratio 0.45; Waongenngarm et al. 2021).",
    said="You have been at the desk for a long while: time for a break, some minutes away from it.",
    said_again="Still no break: stand up, and leave the desk for some minutes.",
    manner=Manner.NUDGE,
    parameters=(AFTER, BREAK),
    make=make,
    of_posture=False,
)
