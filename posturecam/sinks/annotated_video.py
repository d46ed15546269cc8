"""A video of annotated frames that plays in real time."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from posturecam.errors import PosturecamError, UsageError
from posturecam.sinks.private_file import private_file
from posturecam.vision.libraries import loading

with loading("OpenCV"):
    import cv2

Image = NDArray[np.uint8]
ENCODERS = ("avc1", "mp4v")
"""The first that this OpenCV has is taken: H.264, which its wheels for Linux lack, plays everywhere;
MPEG-4 plays in video players, but not in browsers."""


class AnnotatedVideo:
    """Writes frames with their own times into a video of constant rate.

        with AnnotatedVideo(path, rate_hz=5.0) as video:
            video.write(image, t_s=0.0)

    Each picture stands until the next one, the last for one interval, so that the video plays in real
    time however the frames were spaced; of two frames within one interval the later is shown. The file
    appears when the block succeeds, for the owner alone, and not at all when it fails or nothing was
    written. The first frame sets the video's size, and later ones are scaled to it.
    """

    def __init__(self, path: Path, rate_hz: float) -> None:
        """Raises UsageError for a path that does not end in .mp4."""
        if path.suffix.lower() != ".mp4":
            raise UsageError(f"cannot write a video as {path.name}: give it a name that ends in .mp4")
        self.path = path
        self.rate_hz = rate_hz
        self._resources = ExitStack()
        self._writer: cv2.VideoWriter | None = None
        self._picture: Image | None = None
        self._size = (0, 0)
        self._written = 0

    def __enter__(self) -> AnnotatedVideo:
        return self

    def write(self, image: Image, t_s: float) -> None:
        """Show the frame (height, width, 3; blue, green, red) from this stream time on.

        Raises PosturecamError when no encoder can write the file.
        """
        if self._writer is None:
            self._size = (image.shape[1], image.shape[0])
            part = self._resources.enter_context(private_file(self.path))
            self._writer = self._open(part)
            self._resources.callback(self._writer.release)
            self._picture = image
        self._stand_until(round(t_s * self.rate_hz))
        same_size = (image.shape[1], image.shape[0]) == self._size
        self._picture = image if same_size else cv2.resize(image, self._size).astype(np.uint8)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._stand_until(self._written + 1)
        self._resources.__exit__(kind, error, trace)

    def _stand_until(self, frames: int) -> None:
        """Repeat the picture until the video has this many frames."""
        if self._writer is not None and self._picture is not None:
            for _ in range(self._written, frames):
                self._writer.write(self._picture)
            self._written = max(self._written, frames)

    def _open(self, part: Path) -> cv2.VideoWriter:
        writer = cv2.VideoWriter()
        level = cv2.setLogLevel(0)  # OpenCV reports every encoder that it lacks
        try:
            for code in ENCODERS:
                if writer.open(str(part), cv2.VideoWriter.fourcc(*code), self.rate_hz, self._size):
                    return writer
        finally:
            cv2.setLogLevel(level)
        raise PosturecamError(
            f"cannot write {self.path}: this OpenCV can encode neither H.264 nor MPEG-4; leave the annotated video out"
        )
