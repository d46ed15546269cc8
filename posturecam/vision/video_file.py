"""A recorded video as a source of frames."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from posturecam.closing import Closing
from posturecam.errors import UnreadableError
from posturecam.vision.frames import Frame, Pace, SourceFacts
from posturecam.vision.libraries import loading

with loading("OpenCV"):
    import cv2

ANALYSED_HZ = 5.0
"""Frames analysed per second unless told otherwise."""

_NOMINAL_HZ = 30.0
"""Taken for the frame rate of a file that states none."""
_CLOCK_HZ = 1000.0
"""A file that claims this many frames per second or more states the tick of its clock."""
_FAILURES = 300
"""Attempts in a row that may fail before the file counts as over: about 10 s of damaged pictures."""
_END_SLACK_S = 1.0
"""How long before the stated end the pictures may be over without a word."""
_TIMES_SHOWN = 3
_TEXT_BYTES = frozenset(b"\t\n\r\f") | frozenset(range(0x20, 0x7F)) | frozenset(range(0x80, 0x100))


class VideoFile(Closing):
    """The pictures of a video file, upright, at the times that its container states.

    Any file that OpenCV's FFmpeg reads. Times count from the start of the video stream; where the
    container states none, or they do not increase, the time before plus one nominal interval is
    taken. Frames between the analysed ones are decoded but not converted to pixels, and decoding keeps to
    one thread: more would take a fifth more work, and the cores have models to run. Of a file that is cut
    or damaged, everything that can be decoded comes out, and `notes` says so at the end.

    Raises UnreadableError when there is no such file or not a single picture in it.
    """

    def __init__(self, path: str | os.PathLike[str], rate_hz: float | None = ANALYSED_HZ) -> None:
        """Open `path` and decode its first picture; `rate_hz=None` analyses every frame."""
        self.path = Path(path)
        self.cut_at_s: float | None = None
        """Time of the last picture when it is well before the stated end; known at the end."""
        self._damaged_at_s: list[float] = []
        pace = Pace(rate_hz)
        _require_file(self.path)
        # An absolute path, because FFmpeg takes the start of "12:30.mp4" for a protocol.
        self._capture = cv2.VideoCapture(str(self.path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not self._capture.isOpened():
            raise UnreadableError(f"{self.path}: {_why_not_opened(self.path)}")
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        frame_rate_hz = self._capture.get(cv2.CAP_PROP_FPS)
        states_rate = 0 < frame_rate_hz < _CLOCK_HZ
        self._interval_s = 1 / (frame_rate_hz if states_rate else _NOMINAL_HZ)
        self._stated_frames = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)

        self._frames = self._read(pace)
        self._first = next(self._frames, None)
        if self._first is None:
            self.close()
            raise UnreadableError(
                f"{self.path}: not one picture can be decoded: the file is damaged, or of a kind that OpenCV "
                "does not know; if it plays elsewhere, convert it: ffmpeg -i IN -c:v libx264 OUT.mp4"
            )
        states_length = states_rate and self._stated_frames > 0
        self.facts = SourceFacts(
            name=str(self.path),
            width_px=self._first.width_px,
            height_px=self._first.height_px,
            frame_rate_hz=frame_rate_hz if states_rate else None,
            duration_s=self._stated_frames * self._interval_s if states_length else None,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with the file, one line each, complete when the frames are over."""
        notes = []
        if self.cut_at_s is not None:
            notes.append(
                f"the pictures end at {self.cut_at_s:.1f} s of {self.facts.duration_s:.1f} s: the file may be cut short"
            )
        if self._damaged_at_s:
            times = ", ".join(f"{t_s:.1f}" for t_s in self._damaged_at_s[:_TIMES_SHOWN])
            more = ", …" if len(self._damaged_at_s) > _TIMES_SHOWN else ""
            notes.append(f"the file is damaged at {times}{more} s: pictures are missing there")
        return tuple(notes)

    def __iter__(self) -> Iterator[Frame]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._frames

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        self._first = None
        self._frames.close()
        self._capture.release()

    def _read(self, pace: Pace) -> Generator[Frame, None, None]:
        frames = 0
        last_s = 0.0
        while self._grab(last_s):
            t_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if frames == 0:
                t_s = max(t_s, 0.0)  # OpenCV replaces a timestamp of 0 by the decoding time
            elif t_s <= last_s:
                t_s = last_s + self._interval_s
            frames += 1
            last_s = t_s
            if pace.takes(t_s):
                retrieved, image = self._capture.retrieve()
                if retrieved:
                    yield Frame(t_s, np.asarray(image, np.uint8))
        if frames:
            self._judge_end(frames, last_s)

    def _grab(self, last_s: float) -> bool:
        """Go on to the next picture that can be decoded; False when there is none."""
        for failures in range(_FAILURES):
            if self._capture.grab():
                if failures:
                    self._damaged_at_s.append(last_s)
                return True
        return False

    def _judge_end(self, frames: int, last_s: float) -> None:
        if self.facts.duration_s is None or frames >= self._stated_frames:
            return
        # Matroska's duration counts from zero, the times here from where the stream starts.
        start_s = -self._capture.get(cv2.CAP_PROP_DTS_DELAY) * self._interval_s
        if last_s + _END_SLACK_S < self.facts.duration_s - start_s:
            self.cut_at_s = last_s
            self._damaged_at_s = [t_s for t_s in self._damaged_at_s if t_s < last_s - _END_SLACK_S]


def _require_file(path: Path) -> None:
    """Raise UnreadableError unless `path` is a file that can be opened and is not empty."""
    try:
        if path.is_dir():
            raise UnreadableError(f"{path}: this is a folder; name the videos in it")
        if path.exists() and not path.is_file():
            raise UnreadableError(f"{path}: this is not a file; give a recorded video")
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise UnreadableError(f"{path}: there is no such file") from error
    except PermissionError as error:
        raise UnreadableError(f"{path}: its permissions do not let you read it") from error
    except OSError as error:
        raise UnreadableError(f"{path}: it cannot be opened: {error.strerror}") from error
    if empty:
        raise UnreadableError(f"{path}: the file is empty")


def _why_not_opened(path: Path) -> str:
    """What a user can do about a file in which FFmpeg found no video stream."""
    with path.open("rb") as file:
        head = file.read(4096)
        if head[4:8] == b"ftyp":
            index = _mp4_index(file)
            if index is None:
                return "its index is missing: the recording was not finished, or the copy is incomplete"
            if b"vide" not in index:
                return "it has sound but no pictures"
    if set(head) <= _TEXT_BYTES:
        return "this is a text file, not a video"
    return "there are no pictures in it: it is not a video, or sound only"


def _mp4_index(file: BinaryIO) -> bytes | None:
    """The "moov" box of an MP4 or QuickTime file; None when it is not complete (ISO/IEC 14496-12, 4.2)."""
    offset = 0
    while True:
        file.seek(offset)
        header = file.read(16)
        if len(header) < 8:
            return None
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:], "big")
        if size < 8:
            return None
        if header[4:8] == b"moov":
            file.seek(offset)
            index = file.read(size)
            return index if len(index) == size else None
        offset += size
