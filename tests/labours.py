"""Work for engines: functions that other processes can import."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from posturecam.engines import Advance
from posturecam.errors import UnreadableError


@dataclass(frozen=True)
class Labour:
    """A number to be squared, and what happens on the way."""

    number: int
    fate: str = "well"
    marks: Path | None = None
    """A folder in which a process that dies leaves a mark."""


def square(labour: Labour, advance: Advance) -> int:
    advance(1, 2)
    if labour.fate == "unreadable":
        raise UnreadableError("nothing to be seen")
    if labour.fate == "unforeseen":
        raise ZeroDivisionError("by naught")
    if labour.fate == "endless":
        while True:
            time.sleep(0.01)
            advance(1, 2)
    if labour.fate == "fells another":
        assert labour.marks
        while not (marks := len(list(labour.marks.iterdir()))):
            time.sleep(0.01)
        if marks == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    if labour.fate == "is felled, then dies 1":
        assert labour.marks
        before = len(list(labour.marks.iterdir()))
        (labour.marks / str(before)).touch()
        while before == 0:
            time.sleep(0.01)
        if before == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    if labour.fate.startswith("dies"):
        assert labour.marks
        before = len(list(labour.marks.iterdir()))
        (labour.marks / str(before)).touch()
        if before < int(labour.fate.removeprefix("dies ")):
            os.kill(os.getpid(), signal.SIGKILL)
    return labour.number**2
