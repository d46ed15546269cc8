"""Frames from a thread of their own, of which only the newest waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from posturecam.vision.frames import Frame

LOOK_S = 0.5
"""How often the caller wakes while nothing comes: on Windows, Ctrl-C does not interrupt a longer wait."""


class Newest:
    """Runs through frames in a thread as fast as they come, and hands over the newest one when asked.

    The thread starts with the iteration. A frame that nobody has taken when the next one comes is lost.
    What the thread raises is raised in the caller, after the frame that came before it.
    """

    def __init__(self, frames: Iterator[Frame]) -> None:
        """`frames` is used by the thread alone; it must not block for ever."""
        self._frames = frames
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._over = False
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="posturecam grabbing", daemon=True)

    def __iter__(self) -> Iterator[Frame]:
        self._thread.start()
        try:
            while (frame := self._take()) is not None:
                yield frame
        finally:
            self.stop()

    def wait(self, seconds: float) -> None:
        """For the frames themselves: let time pass, but not after `stop`."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """End the thread and wait until it has ended; more than once does no harm."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _take(self) -> Frame | None:
        with self._news:
            while self._frame is None and not self._over:
                self._news.wait(LOOK_S)
            frame, self._frame = self._frame, None
        if frame is None and self._error is not None:
            raise self._error
        return frame

    def _run(self) -> None:
        try:
            for frame in self._frames:
                if self._stopped.is_set():
                    break
                with self._news:
                    self._frame = frame
                    self._news.notify()
        except BaseException as error:
            self._error = error
        finally:
            with self._news:
                self._over = True
                self._news.notify()
