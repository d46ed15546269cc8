"""Which live source a user's words mean."""

from __future__ import annotations

from pathlib import Path

from posturecam.errors import UnreadableError
from posturecam.vision.camera import SCHEMES, Camera, StreamUrl, public_url
from posturecam.vision.frames import FrameSource
from posturecam.vision.paced_file import PacedFile
from posturecam.vision.video_file import ANALYSED_HZ

FIRST_CAMERA = "0"


def open_source(text: str, rate_hz: float | None = ANALYSED_HZ) -> FrameSource:
    """Open what the text names: a camera's number, device or name, a URL, or a video file in real time.

    A file whose name is a number is named with its folder, as ./0. Raises UnreadableError, with what to do,
    when it cannot be opened.
    """
    if text.isascii() and text.isdecimal():
        return Camera(int(text), rate_hz)
    scheme, separator, _ = text.partition("://")
    if separator:
        if scheme.lower() in SCHEMES:
            return StreamUrl(text, rate_hz)
        raise UnreadableError(f"{public_url(text)}: an address begins with {', '.join(SCHEMES)}")
    if text.startswith("/dev/"):
        return Camera(text, rate_hz)
    path = Path(text)
    if path.exists() or path.suffix or path.name != text:
        return PacedFile(path, rate_hz)
    return Camera(text, rate_hz)
