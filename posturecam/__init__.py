"""posturecam: how far the head is bent down, in degrees, and a word when that lasts.

From Python: `measure_video` measures a recording, `follow` one frame after the other, `load_timeline` reads
what `posturecam replay` wrote as arrays, and `open_history` opens what was kept. Importing the package loads
none of it until it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calibration.profile import Profile
    from posturecam.api import Moment, follow, measure_video, open_history, open_video
    from posturecam.core.event import EndReason, Episode, Event, EventKind
    from posturecam.core.iso11226 import Sensitivity
    from posturecam.core.pipeline import Settings
    from posturecam.core.posture import Absence, Angle, Posture, View
    from posturecam.core.session import Sample, Session
    from posturecam.core.state import State
    from posturecam.errors import PosturecamError
    from posturecam.profiles import load_profile
    from posturecam.report.recording import write_report
    from posturecam.store import Store
    from posturecam.timeline import Timeline, load_timeline

__version__ = "0.1.0"

__all__ = [
    "Absence",
    "Angle",
    "EndReason",
    "Episode",
    "Event",
    "EventKind",
    "Moment",
    "Posture",
    "PosturecamError",
    "Profile",
    "Sample",
    "Sensitivity",
    "Session",
    "Settings",
    "State",
    "Store",
    "Timeline",
    "View",
    "follow",
    "load_profile",
    "load_timeline",
    "measure_video",
    "open_history",
    "open_video",
    "write_report",
]

_HOMES = {
    "calibration.profile": ("Profile",),
    "posturecam.api": ("Moment", "follow", "measure_video", "open_history", "open_video"),
    "posturecam.core.event": ("EndReason", "Episode", "Event", "EventKind"),
    "posturecam.core.iso11226": ("Sensitivity",),
    "posturecam.core.pipeline": ("Settings",),
    "posturecam.core.posture": ("Absence", "Angle", "Posture", "View"),
    "posturecam.core.session": ("Sample", "Session"),
    "posturecam.core.state": ("State",),
    "posturecam.errors": ("PosturecamError",),
    "posturecam.profiles": ("load_profile",),
    "posturecam.report.recording": ("write_report",),
    "posturecam.store": ("Store",),
    "posturecam.timeline": ("Timeline", "load_timeline"),
}
"""Where each name lives."""


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'posturecam' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
