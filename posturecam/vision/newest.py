"""Frames from a thread of their own, of which only the newest waits."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator

from posturecam.vision.frames import Frame

LOOK_S = 0.5
"""How often the caller wakes while nothing comes: on Windows, Ctrl-C does not interrupt a longer wait."""


class Newest:
    """Runs through frames in a thread as fast as they come, and hands over the newest one when asked.

    The thread starts with the iteration, or the first `take`. A frame that nobody has taken when the next one
    comes is lost. What the thread raises is raised in the caller, after the frame that came before it.
    """

    def __init__(self, frames: Generator[Frame, None, None], stopped: threading.Event | None = None) -> None:
        """`frames` is used, and closed, by the thread alone; it may heed `stopped`, which `stop` sets."""
        self._frames = frames
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._error: BaseException | None = None
        self._ended = False
        self._stopped = stopped or threading.Event()
        self._thread = threading.Thread(target=self._run, name="posturecam grabbing", daemon=True)

    def __iter__(self) -> Iterator[Frame]:
        try:
            while not self.over:
                if (frame := self.take(LOOK_S)) is not None:
                    yield frame
        finally:
            self.stop()

    @property
    def over(self) -> bool:
        """No more frames come, and none waits."""
        return self._ended and self._frame is None and self._error is None

    @property
    def running(self) -> bool:
        """The thread has begun and not ended."""
        return self._thread.is_alive()

    def take(self, wait_s: float) -> Frame | None:
        """The newest frame, as soon as there is one; None when none comes for `wait_s`, or no more at all."""
        if self._thread.ident is None and not self._stopped.is_set():
            self._thread.start()
        with self._news:
            if self._frame is None and not self._ended:
                self._news.wait(wait_s)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                error, self._error = self._error, None
                raise error
        return frame

    def stop(self, wait_s: float | None = None) -> None:
        """End the thread and wait until it has ended, for no longer than `wait_s`; again does no harm."""
        self._stopped.set()
        if self._thread.ident is None:
            self._ended = True
        else:
            self._thread.join(wait_s)

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
            self._frames.close()
            with self._news:
                self._ended = True
                self._news.notify()
