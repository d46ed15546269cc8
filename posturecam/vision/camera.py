"""Cameras: on this machine by number, name or device, and on the network by URL."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np

from posturecam.closing import Closing
from posturecam.vision.frames import Frame, Pace, SourceFacts
from posturecam.vision.libraries import loading, native_stderr_silenced
from posturecam.vision.newest import Newest
from posturecam.vision.trouble import NoPicturesError, Trouble
from posturecam.vision.video_file import ANALYSED_HZ

# How many seconds OpenCV waits for a picture of a camera that was unplugged; it reads this once.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")

with loading("OpenCV"):
    import cv2

SIZE_PX = (640, 480)
"""Asked of a camera: the models look at less, and a profile needs pictures of the same proportions."""
STALLED_MS = 5000
"""A network camera that is silent for so long has stopped (judgement)."""
SCHEMES = ("http", "https", "rtsp", "rtsps")
LONGEST_NAME = 200
GONE = "its device is gone; connect the camera again"

V4L = Path("/sys/class/video4linux")
"""Where Linux names its cameras."""


class Capture(Protocol):
    """What is used of OpenCV's VideoCapture, once it is open."""

    def grab(self) -> bool:
        """Wait for the next picture; False when none comes."""

    def retrieve(self) -> tuple[bool, Any]:
        """Decode the picture that was grabbed."""

    def get(self, property_id: int, /) -> float:
        """A property; 0 when it is not known."""

    def release(self) -> None:
        """Let go of the camera."""


Diagnosis = tuple[Trouble, str]
"""What keeps pictures from coming, and what to do about it."""


class LiveCapture(Closing):
    """The pictures of an open capture as they come; times count from its opening, on a monotonic clock.

    Pictures between the analysed ones are grabbed and not decoded. Where the consumer is slow, the newest
    wins. When no more pictures come, NoPicturesError is raised, after the last of them.
    """

    def __init__(
        self,
        capture: Capture,
        name: str,
        camera: str,
        diagnose: Callable[[Trouble], Diagnosis],
        rate_hz: float | None = ANALYSED_HZ,
        clock: Callable[[], float] = time.monotonic,
        device: Path | None = None,
    ) -> None:
        """Take the first picture of `capture`, released with this; NoPicturesError when there is none.

        `name` is how the user knows it, `camera` how a profile does, `device` its file on Linux. When no picture
        comes `diagnose` is asked for the reason, and given the one to tell when it finds no better.
        """
        self._capture = capture
        self._name = name
        self._diagnose = diagnose
        self._clock = clock
        self.device = device
        self.start_s = clock()
        """When its times began to count, on its clock."""
        self._rate_hz = rate_hz
        self._newest = Newest(self.grabbed())
        decoded, image = capture.retrieve() if capture.grab() else (False, None)
        if not decoded or image is None:
            capture.release()
            raise self._no_pictures("it opens but gives no picture", Trouble.BUSY)
        height_px, width_px = image.shape[:2]
        frame_rate_hz = capture.get(cv2.CAP_PROP_FPS) or None
        self.facts = SourceFacts(name, width_px, height_px, frame_rate_hz, None, camera)

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: what goes wrong with a camera stops it."""
        return ()

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._newest)

    def grabbed(self) -> Generator[Frame, None, None]:
        """The frames as they come, in the caller's own thread."""
        pace = Pace(self._rate_hz)
        last_s = -1.0
        while self._grab():
            t_s = self._clock() - self.start_s
            if t_s > last_s and pace.takes(t_s):
                last_s = t_s
                decoded, image = self._capture.retrieve()
                if decoded:
                    frame = Frame(t_s, np.asarray(image, np.uint8))
                    self._require_size(frame)
                    yield frame
        raise self._no_pictures("no more pictures come", Trouble.STALLED)

    def close(self) -> None:
        """Let go of the camera; more than once does no harm."""
        self._newest.stop()
        self._capture.release()

    def silent(self) -> NoPicturesError:
        """What to tell when it is waited for in vain."""
        return self._no_pictures("no more pictures come", Trouble.STALLED)

    def _grab(self) -> bool:
        """Wait for the next picture; False when none comes. One that comes too late is a decoder's leftover."""
        asked_s = self._clock()
        return self._capture.grab() and self._clock() - asked_s < STALLED_MS / 1000

    def _no_pictures(self, what: str, otherwise: Trouble) -> NoPicturesError:
        trouble, remedy = self._diagnose(otherwise)
        return NoPicturesError(trouble, f"{self._name}: {what}; {remedy}", self.device)

    def _require_size(self, frame: Frame) -> None:
        before, now = (self.facts.width_px, self.facts.height_px), (frame.width_px, frame.height_px)
        if now != before:
            raise NoPicturesError(
                Trouble.RESIZED,
                f"{self._name}: its pictures were {before[0]} x {before[1]} and are now {now[0]} x {now[1]}; "
                "start again",
                self.device,
            )


class Camera(LiveCapture):
    """A camera of this machine, by its number, its name or a part of it, or its device.

    Names are known on Linux only. Raises NoPicturesError, with what to do, when there is no such camera or
    it gives no picture.
    """

    def __init__(self, which: int | str, rate_hz: float | None = ANALYSED_HZ, again: str | None = None) -> None:
        """`again` is what it called itself when it was last open: it may come back as another device."""
        device = find_device(which, again=again)
        _require_access(device)

        def diagnose(otherwise: Trouble) -> Diagnosis:
            return _diagnose(device.path, otherwise)

        with native_stderr_silenced():
            capture = cv2.VideoCapture(device.number, cv2.CAP_V4L2 if device.path else cv2.CAP_ANY)
            if not capture.isOpened():
                trouble, remedy = diagnose(Trouble.BUSY)
                raise NoPicturesError(trouble, f"{device}: it cannot be opened; {remedy}", device.path)
            for property_, size_px in zip((cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT), SIZE_PX, strict=True):
                capture.set(property_, size_px)
            super().__init__(capture, str(device), device.name, diagnose, rate_hz, device=device.path)


class StreamUrl(LiveCapture):
    """A network camera: MJPEG or another video over HTTP, or RTSP. What its URL keeps secret is never shown.

    Raises NoPicturesError, with what to do, when nothing answers or it gives no picture.
    """

    def __init__(self, url: str, rate_hz: float | None = ANALYSED_HZ) -> None:
        name = public_url(url)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STALLED_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, STALLED_MS]
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            raise NoPicturesError(
                Trouble.MISSING,
                f"{name}: no video comes from there; see that the camera is on, the address and password are "
                "right, and a browser or VLC on this machine can show it",
            )
        camera = "".join(c for c in name if c.isprintable())[:LONGEST_NAME]
        remedy = "see that it is on and in reach"
        super().__init__(capture, name, camera, lambda _: (Trouble.STALLED, remedy), rate_hz)


@dataclass(frozen=True)
class Device:
    """A camera of this machine."""

    number: int
    name: str
    """What it calls itself, or "camera 0"."""
    path: Path | None = None
    """Its device file, on Linux."""

    def __str__(self) -> str:
        return f"{self.name} ({self.path})" if self.path else self.name


def devices(folder: Path = V4L, dev: Path = Path("/dev")) -> list[Device]:
    """The cameras that this machine names, in the order of their numbers; none but on Linux."""
    found = []
    for entry in folder.glob("video*"):
        # A camera has several devices; those but the first give no pictures.
        if entry.name[5:].isdecimal() and _line(entry / "index") in ("0", ""):
            number = int(entry.name[5:])
            name = "".join(c for c in _line(entry / "name") if c.isprintable())[:LONGEST_NAME]
            found.append(Device(number, name or f"camera {number}", dev / entry.name))
    return sorted(found, key=lambda device: device.number)


def find_device(which: int | str, folder: Path = V4L, dev: Path = Path("/dev"), again: str | None = None) -> Device:
    """Return the camera of this number, name or device file; NoPicturesError, naming those that are there.

    When it has gone, the one that calls itself as the one that is meant `again` is returned in its place.
    """
    known = devices(folder, dev)
    if isinstance(which, int):
        fitting = [device for device in known if device.number == which]
        if not fitting and not sys.platform.startswith("linux"):
            fitting = [Device(which, f"camera {which}")]
    elif Path(which).is_absolute():
        fitting = [device for device in known if device.path and _same_file(device.path, Path(which))]
    else:
        named = [device for device in known if which.casefold() in device.name.casefold()]
        fitting = [device for device in named if device.name.casefold() == which.casefold()] or named
    fitting = fitting or [device for device in known if device.name == again]
    if fitting:
        return fitting[0]
    what = f"camera {which}" if isinstance(which, int) else which
    there = ", ".join(f"{device.number} {device.name}" for device in known)
    raise NoPicturesError(
        Trouble.MISSING,
        f"{what}: there is no such camera; there are: {there}"
        if there
        else f"{what}: no camera is found on this machine; connect one, or name a video file or a URL",
    )


@dataclass(frozen=True)
class Holder:
    """An open file of another program."""

    pid: int
    file: int
    """Its number in that program."""
    program: str


def openings(device: Path, proc: Path = Path("/proc")) -> set[Holder]:
    """Where this user's other programs have the device file open; none but on Linux."""
    found = set()
    path = os.path.realpath(device)
    for process in proc.glob("[0-9]*"):
        try:
            if int(process.name) == os.getpid():
                continue
            with os.scandir(process / "fd") as entries:
                files = [int(entry.name) for entry in entries if _target(entry.path) == path]
            found |= {Holder(int(process.name), file, _line(process / "comm")) for file in files}
        except OSError:  # another user's, or it has just ended
            continue
    return found


def still_open(device: Path, holder: Holder, proc: Path = Path("/proc")) -> bool:
    """Whether it still has the device file open; far cheaper than `openings`."""
    return _target(f"{proc}/{holder.pid}/fd/{holder.file}") == os.path.realpath(device)


def holders(device: Path, proc: Path = Path("/proc")) -> list[str]:
    """The names of this user's other programs that have the device file open; none but on Linux."""
    return programs(openings(device, proc))


def programs(of: Iterable[Holder]) -> list[str]:
    """Their names, each once."""
    return sorted({holder.program for holder in of})


def public_url(url: str) -> str:
    """The URL without user, password, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _require_access(device: Device) -> None:
    if device.path is None:
        return
    if not device.path.exists():
        raise NoPicturesError(Trouble.UNPLUGGED, f"{device}: {GONE}", device.path)
    if not os.access(device.path, os.R_OK | os.W_OK):
        raise NoPicturesError(
            Trouble.DENIED,
            f"{device}: its permissions do not let you use it; "
            "join its group (sudo usermod -aG video $USER) and log in again",
            device.path,
        )


def _diagnose(device: Path | None, otherwise: Trouble) -> Diagnosis:
    """What is wrong with a camera that gives nothing; `device` is its device file if it has one."""
    if device and not device.exists():
        return Trouble.UNPLUGGED, GONE
    if device and (names := holders(device)):
        return Trouble.BUSY, f"{', '.join(names)} is using it: close that first"
    if sys.platform == "darwin":
        return otherwise, (
            "see that it is connected, that no other program uses it, and that your terminal may use it: "
            "System Settings, Privacy & Security, Camera"
        )
    if sys.platform == "win32":
        return otherwise, (
            "see that it is connected, that no other program uses it, and that desktop apps may use it: "
            "Settings, Privacy & security, Camera"
        )
    return otherwise, "see that it is connected and that no other program uses it"


def _same_file(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _target(link: str) -> str | None:
    """What an entry of /proc/…/fd stands for; None when it was closed meanwhile."""
    try:
        return os.readlink(link)
    except OSError:
        return None


def _line(path: Path) -> str:
    """The line of text that a file of the system holds; "" when there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
