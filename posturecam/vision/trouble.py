"""What keeps a live source from giving pictures, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from posturecam.errors import UnreadableError


class Trouble(str, Enum):
    """Why there are no pictures for now."""

    WAITING = "waiting"
    """Nothing is wrong so far: the source is being opened, or its next picture is not due."""
    MISSING = "missing"
    """There is no such camera, or nobody answers at its address."""
    BUSY = "busy"
    """It does not open: another program holds it, as far as can be told."""
    DENIED = "denied"
    """Its permissions do not let this user use it."""
    UNPLUGGED = "unplugged"
    """It was there, and is gone."""
    STALLED = "stalled"
    """It was open, and has fallen silent."""
    FROZEN = "frozen"
    """It gives the same picture again and again."""
    BLACK = "black"
    """Its pictures are dark and flat, as behind a shutter."""
    RESIZED = "resized"
    """Its pictures have another shape than those that the session began with."""
    YIELDED = "yielded"
    """It was let go of for another program."""
    RESTING = "resting"
    """It is let go of until the next look is due."""
    PAUSED = "paused"
    """It is let go of while nobody wants to be watched."""


@dataclass(frozen=True)
class Interruption:
    """No picture at this time, and why."""

    t_s: float
    """Stream time, seconds, of the same clock as the frames'."""
    trouble: Trouble
    words: str
    """What happened and what to do, in one line that names the source."""


class NoPicturesError(UnreadableError):
    """A live source gives no pictures now; later it may."""

    def __init__(self, trouble: Trouble, words: str, device: Path | None = None) -> None:
        """`device` is the file of the camera that is in trouble, where it has one."""
        super().__init__(words)
        self.trouble = trouble
        self.device = device
