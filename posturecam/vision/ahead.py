"""Frames made ready in a thread of their own while earlier ones are still looked at."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

from posturecam.closing import Closing
from posturecam.vision.frames import Frame, FrameSource

FRAMES_AHEAD = 4
"""As many wait at most: pictures are large, and looking at one takes longer than getting it."""


class Ahead(Closing):
    """All frames of a source in their order, none lost; the source works while its frames are looked at.

    The thread starts with the iteration. What the source raises is raised in the caller, after the frames that
    came before it. Close this before the source.
    """

    def __init__(self, source: FrameSource, prepare: Callable[[Frame], Frame] = lambda frame: frame) -> None:
        """The thread gives each frame to `prepare`, too."""
        self._source, self._prepare = source, prepare
        self._ready: queue.Queue[Frame | None] = queue.Queue(FRAMES_AHEAD)
        self._error: BaseException | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="posturecam decoding", daemon=True)

    def __iter__(self) -> Iterator[Frame]:
        self._thread.start()
        while (frame := self._ready.get()) is not None:
            yield frame
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End the thread and wait until it has ended; more than once does no harm."""
        self._closed.set()
        while self._thread.is_alive():
            # A thread that waits for room gets it.
            while not self._ready.empty():
                self._ready.get_nowait()
            self._thread.join(0.01)

    def _run(self) -> None:
        try:
            for frame in self._source:
                if self._closed.is_set():
                    return
                self._ready.put(self._prepare(frame))
        except BaseException as error:
            self._error = error
        finally:
            self._ready.put(None)
