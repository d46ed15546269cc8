"""Which live source a user's words mean."""

from __future__ import annotations

from pathlib import Path

from posturecam.errors import UnreadableError
from posturecam.vision.camera import SCHEMES, Camera, StreamUrl, public_url
from posturecam.vision.frames import LiveSource
from posturecam.vision.paced_file import PacedFile
from posturecam.vision.video_file import ANALYSED_HZ

FIRST_CAMERA = "0"


def open_source(
    text: str, rate_hz: float | None = ANALYSED_HZ, *, speed: float = 1.0, again: str | None = None
) -> LiveSource:
    """Open what the text names: a camera's number, device or name, a URL, or a video file in real time.

    A file whose name is a number is named with its folder, as ./0; `speed` times as fast it goes. `again` is what
    the camera called itself when it was last open: it may come back as another device. Raises UnreadableError, with
    what to do, when it cannot be opened; NoPicturesError when that may change.
    """
    if is_file(text):
        return PacedFile(text, rate_hz, speed)
    if text.isascii() and text.isdecimal():
        return Camera(int(text), rate_hz, again)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return Camera(text, rate_hz, again)
    if scheme.lower() in SCHEMES:
        return StreamUrl(text, rate_hz)
    raise UnreadableError(f"{public_url(text)}: an address begins with {', '.join(SCHEMES)}")


def is_file(text: str) -> bool:
    """Whether the text is taken for a file's path, whether or not there is such a file."""
    if (text.isascii() and text.isdecimal()) or "://" in text or text.startswith("/dev/"):
        return False
    path = Path(text)
    return path.exists() or bool(path.suffix) or path.name != text
