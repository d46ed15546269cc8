"""How loudly a pattern speaks."""

from __future__ import annotations

from enum import Enum


class Manner(str, Enum):
    """What becomes of a pattern's verdict. Detection is the same in all of them but `OFF`."""

    ALERT = "alert"
    """Said at once, with a sound where the user allows one."""
    TIP = "tip"
    """Said quietly, and never so that an alert has to wait for it."""
    NUDGE = "nudge"
    """As a tip: an invitation to move, whatever the posture."""
    LOG = "log"
    """Written down and not said."""
    OFF = "off"
    """Not watched."""

    @property
    def speaks(self) -> bool:
        """Whether the user may hear of it."""
        return self not in (Manner.LOG, Manner.OFF)
