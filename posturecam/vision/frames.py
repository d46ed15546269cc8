"""Pictures with their time, where they come from, and which of them are analysed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture and when it was taken."""

    t_s: float
    """Stream time, seconds: the source's own timestamp, strictly increasing within a source."""
    image: Image
    """(height, width, 3), uint8, blue-green-red, upright."""

    @property
    def width_px(self) -> int:
        """Width of the upright picture."""
        return self.image.shape[1]

    @property
    def height_px(self) -> int:
        """Height of the upright picture."""
        return self.image.shape[0]


@dataclass(frozen=True)
class SourceFacts:
    """What a source says about itself; None is not known."""

    name: str
    """The file's path or the camera's name, as the user knows it."""
    width_px: int
    """Of the upright picture."""
    height_px: int
    frame_rate_hz: float | None
    """Mean frames per second in the source, before any are skipped."""
    duration_s: float | None
    """Length of the whole recording; None for a camera and for files that do not tell."""
    camera: str | None = None
    """What tells this camera from others; None for a recording."""


class FrameSource(Protocol):
    """Frames in the order of their time, once through; a context manager that frees the source."""

    @property
    def facts(self) -> SourceFacts:
        """What the source says about itself."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What went wrong but did not stop it, one line each, complete when the frames are over."""

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Free the source; more than once does no harm."""

    def __enter__(self) -> FrameSource: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class LiveSource(FrameSource, Protocol):
    """One whose frames come when their time has come."""

    def grabbed(self) -> Generator[Frame, None, None]:
        """The frames as they come, in the caller's own thread: none is left out because the caller is slow."""

    def __enter__(self) -> LiveSource: ...


class Pace:
    """Chooses the frames to analyse so that their mean rate is `rate_hz`, from timestamps alone.

    The frame nearest to each due time is taken, as far as the interval before it can tell. Due times
    lie 1 / `rate_hz` apart, and start anew when frames stay away for longer. A stream slower than
    `rate_hz` is taken whole; with `rate_hz=None`, every stream is.
    """

    def __init__(self, rate_hz: float | None) -> None:
        if rate_hz is not None and not rate_hz > 0:
            raise ValueError("a rate is positive, or None for every frame")
        self._period_s = 0.0 if rate_hz is None else 1 / rate_hz
        self._due_s: float | None = None
        self._previous_s = 0.0

    def takes(self, t_s: float) -> bool:
        """Whether to analyse the frame at `t_s`, seconds; ask once per frame, in order."""
        if self._due_s is None:
            self._due_s = self._previous_s = t_s
        nearest_s = min(t_s - self._previous_s, self._period_s) / 2
        self._previous_s = t_s
        if t_s < self._due_s - nearest_s:
            return False
        late = t_s - self._due_s >= self._period_s
        self._due_s = (t_s if late else self._due_s) + self._period_s
        return True
