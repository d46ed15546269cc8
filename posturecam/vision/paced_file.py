"""A recorded video as if it were a camera: its frames come when their time has come."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Iterator
from itertools import islice

from posturecam.closing import Closing
from posturecam.vision.frames import Frame
from posturecam.vision.newest import Newest
from posturecam.vision.video_file import ANALYSED_HZ, VideoFile

AHEAD = 5
"""So many frames are decoded at a time, about a second: one after the other, in a processor's warm caches, they take a
sixth less work than each when its time has come."""


class PacedFile(Closing):
    """A video file in real time, `speed` times as fast. Times are the file's own, whatever the speed.

    Time begins to run with the iteration. To whoever keeps up it gives the frames of a `VideoFile` of the
    same rate; to whoever does not, the newest of them.

    Raises UnreadableError when there is no such file or not a single picture in it.
    """

    def __init__(self, path: str | os.PathLike[str], rate_hz: float | None = ANALYSED_HZ, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError("a speed is positive")
        self._speed = speed
        self._file = VideoFile(path, rate_hz)
        self._stopped = threading.Event()
        self._newest = Newest(self.grabbed(), self._stopped)
        self.facts = self._file.facts

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the file, one line each, complete when the frames are over."""
        return self._file.notes

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._newest)

    def grabbed(self) -> Generator[Frame, None, None]:
        """The frames when their time has come, in the caller's own thread."""
        start_s = time.monotonic()
        frames = iter(self._file)
        while ahead := list(islice(frames, AHEAD)):
            for frame in ahead:
                self._stopped.wait(start_s + frame.t_s / self._speed - time.monotonic())
                yield frame

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        self._newest.stop()
        self._file.close()
