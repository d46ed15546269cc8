"""A live source that does not end by trouble: it says what is wrong, and goes on by itself when that is over."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from posturecam.closing import Closing
from posturecam.vision.camera import LiveCapture, public_url
from posturecam.vision.courtesy import Courtesy
from posturecam.vision.duty import Duty
from posturecam.vision.frames import Frame, Image, LiveSource, SourceFacts
from posturecam.vision.libraries import loading
from posturecam.vision.newest import Newest
from posturecam.vision.reopening import Patience, Reopening
from posturecam.vision.sight import Sight
from posturecam.vision.source import is_file, open_source
from posturecam.vision.trouble import Interruption, NoPicturesError, Trouble
from posturecam.vision.video_file import ANALYSED_HZ

with loading("OpenCV"):
    import cv2

__all__ = ["Interruption", "Patience", "Trouble", "WatchfulSource"]

Opener = Callable[[str | None], LiveSource]
"""Opens the source anew, given what the camera called itself when it was last open."""

SHAPE_TOLERANCE = 0.01
"""Pictures whose proportions differ by less have the same shape."""
LEFT_BEHIND = 3
"""Threads that hang in a driver, at most."""


PATIENCE = Patience()


class WatchfulSource(Closing):
    """Frames of whatever `open_source` opens, for as long as one likes, with an Interruption wherever there are none.

    Something comes every half second or so: while there is no picture, what stands in the way is said again. After
    trouble it is opened again, on Linux as soon as a camera appears or is let go of. Times run on through all of it,
    strictly from frame to frame. All frames have the size of the first: later ones of the same shape are brought to
    it. Black pictures, and such that repeat the one before, are left out.

    A camera is let go of while paused, between the looks of a `duty`, and on Linux, unless it is not `courteous`,
    when another program opens it. A video file is not: it plays on, as the world before a camera would, and no
    picture of it is doubted; when it is over, the iteration ends.

    The iteration raises UnreadableError for what no patience helps, as a file that is not there. It belongs to one
    thread; `pause` and `resume` may be called from others.
    """

    def __init__(
        self,
        text: str,
        rate_hz: float | None = ANALYSED_HZ,
        *,
        duty: Duty | None = None,
        courteous: bool = True,
        speed: float = 1.0,
        patience: Patience = PATIENCE,
        opener: Opener | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is opened before the iteration. `speed` is that of a file; `clock` that of the captures."""
        self._opener = opener or partial(_open, text, rate_hz, speed)
        self._is_file = is_file(text)
        self._name = public_url(text) if "://" in text else f"camera {text}" if text.isdecimal() else text
        self._period_s = 1 / rate_hz if rate_hz else 0.0
        self._duty, self._courteous, self._patience, self._clock = duty, courteous, patience, clock

        self._closed = threading.Event()
        self._pausing = False
        self._wake = threading.Event()

        self._start_s = clock()
        self._t_s = 0.0
        self._frame_s = -1.0
        self._facts: SourceFacts | None = None
        self._notes: tuple[str, ...] = ()
        self._sight = Sight()

        self._look: _Look | None = None
        self._left: list[_Look] = []
        self._left_s = 0.0
        self._courtesy: Courtesy | None = None

        self._trouble: tuple[Trouble, str] | None = None
        """What was wrong last, until a good frame comes."""
        self._reopening = Reopening(patience, clock)

    @property
    def facts(self) -> SourceFacts:
        """What the source says about itself; LookupError before its first frame."""
        if self._facts is None:
            raise LookupError("nothing is known of a source before its first frame")
        return self._facts

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with a file, one line each, complete when it is over."""
        return self._notes

    def pause(self) -> None:
        """Let go of the camera; a file plays on unseen."""
        self._pausing = True
        self._wake.set()

    def resume(self) -> None:
        """Look again, at once."""
        self._pausing = False
        self._wake.set()

    def close(self) -> None:
        """Let go of the camera, in a second even if its driver hangs; more than once does no harm."""
        self._closed.set()
        self._wake.set()
        self._leave(self._patience.closing_s)
        if self._courtesy:
            self._courtesy.close()

    def __iter__(self) -> Iterator[Frame | Interruption]:
        while not self._closed.is_set():
            seen = self._next_of_file() if self._is_file else self._next_of_camera()
            if seen is None:
                break
            if isinstance(seen, Frame):
                self._frame_s = seen.t_s
            self._t_s = max(self._t_s, seen.t_s)
            yield seen

    # A file

    def _next_of_file(self) -> Frame | Interruption | None:
        look = self._look = self._look or _Look(self._opener)
        frame = look.newest.take(self._patience.tick_s)
        if look.source:
            self._facts, self._notes = look.source.facts, look.source.notes
        if frame is None:
            return None if look.newest.over else Interruption(self._t_s, *self._waiting())
        if self._pausing:
            return Interruption(frame.t_s, *self._paused())
        if self._duty and frame.t_s % self._duty.every_s >= self._duty.look_s:
            return Interruption(frame.t_s, *self._resting())
        return frame

    # A camera

    def _next_of_camera(self) -> Frame | Interruption:
        if self._pausing:
            return self._pause()
        if self._trouble and self._trouble[0] is Trouble.PAUSED:
            self._trouble = None
            self._reopening.set(self._clock())
        if self._look is None:
            if not self._may_open():
                self._wake.wait(self._patience.tick_s)
                self._wake.clear()
                return self._interruption()
            self._look = _Look(self._opener, self._facts.camera if self._facts else None, self._clock())
        look = self._look
        try:
            frame = look.newest.take(self._patience.tick_s)
        except NoPicturesError as error:
            self._fail(error.trouble, str(error), error.device)
            return self._interruption()
        return self._silence(look) if frame is None else self._see(look, frame)

    def _pause(self) -> Interruption:
        self._leave()
        self._trouble = self._paused()
        self._wake.wait(self._patience.tick_s)
        self._wake.clear()
        return self._interruption()

    def _see(self, look: _Look, frame: Frame) -> Frame | Interruption:
        """A picture has come."""
        now_s = look.heard_s = self._clock()
        look.fell_silent = False
        source = look.source
        assert isinstance(source, LiveCapture)
        if look.until_s is None:
            self._greet(look, source)
        if self._courtesy and self._courtesy.asked():
            return self._yield_to_others(self._courtesy)
        t_s = frame.t_s + source.start_s - self._start_s
        shows = self._sight.takes(t_s, frame.image)
        image = _fitted(frame.image, self.facts)
        if image is None:
            size = f"{self.facts.width_px} x {self.facts.height_px}"
            self._fail(
                Trouble.RESIZED,
                f"{self._name}: its pictures were {size} and are now {frame.width_px} x {frame.height_px}, "
                "another shape: start again",
            )
        elif self._sight.trouble:
            self._trouble = self._sight.trouble, f"{self._name}: {self._sight.words}"
            if self._sight.trouble is Trouble.FROZEN and now_s - look.begun_s >= self._patience.frozen_s:
                self._fail(*self._trouble)
        elif shows:
            self._trouble = None
            self._reopening.succeed()
        if self._look and self._duty and look.until_s is not None and now_s >= look.until_s:
            self._rest(look, self._duty)
        if not shows or image is None or t_s < self._t_s or t_s <= self._frame_s:
            return self._interruption()
        return Frame(t_s, image)

    def _greet(self, look: _Look, source: LiveCapture) -> None:
        """Its first picture has come."""
        look.until_s = self._clock() + self._duty.look_s if self._duty else math.inf
        self._name = source.facts.name
        first = self._facts or source.facts
        self._facts = replace(source.facts, width_px=first.width_px, height_px=first.height_px)
        if self._courtesy:
            self._courtesy.close()
        self._courtesy = Courtesy(source.device) if self._courteous and source.device else None

    def _silence(self, look: _Look) -> Interruption:
        """No picture has come for a while."""
        patience, silent_s = self._patience, self._clock() - look.heard_s
        source = look.source
        if not isinstance(source, LiveCapture):
            if silent_s >= patience.opening_s:
                self._fail(Trouble.STALLED, f"{self._name}: it does not open; plug it in again, or restart it")
        elif silent_s >= self._period_s + patience.give_up_s or (source.device and not source.device.exists()):
            error = source.silent()
            self._fail(error.trouble, str(error), error.device)
        elif silent_s >= self._period_s + patience.silent_s and not look.fell_silent:
            look.fell_silent = True
            error = source.silent()
            self._trouble = error.trouble, str(error)
        return self._interruption()

    def _yield_to_others(self, courtesy: Courtesy) -> Interruption:
        self._leave()
        self._trouble = self._yielded(courtesy)
        self._reopening.leave_to_others(courtesy)
        return self._interruption()

    def _rest(self, look: _Look, duty: Duty) -> None:
        self._leave()
        self._trouble = self._trouble or self._resting()
        self._reopening.set(look.begun_s + duty.every_s)

    def _fail(self, trouble: Trouble, words: str, device: Path | None = None) -> None:
        """It has to be opened again."""
        self._leave()
        self._trouble = trouble, words
        self._reopening.fail(device if trouble is Trouble.BUSY else None)

    def _leave(self, wait_s: float = 0.0) -> None:
        """Let go of the camera."""
        look, self._look = self._look, None
        if look:
            look.newest.stop(wait_s)
            self._left.append(look)
            self._left_s = self._clock()

    def _may_open(self) -> bool:
        """Whether it is time to open it, and what was open before is let go of."""
        self._left = [look for look in self._left if look.newest.running]
        hangs = self._clock() - self._left_s >= self._patience.hang_s
        if len(self._left) >= LEFT_BEHIND or (self._left and not hangs):
            return False
        due = self._reopening.is_due()
        if self._courtesy and self._trouble and self._trouble[0] is Trouble.YIELDED:
            self._trouble = self._yielded(self._courtesy)
        return due

    # What is said

    def _interruption(self) -> Interruption:
        t_s = max(self._t_s, self._clock() - self._start_s)
        return Interruption(t_s, *(self._trouble or self._waiting()))

    def _waiting(self) -> tuple[Trouble, str]:
        return Trouble.WAITING, f"{self._name}: waiting for a picture"

    def _paused(self) -> tuple[Trouble, str]:
        return Trouble.PAUSED, f"{self._name}: off while paused"

    def _resting(self) -> tuple[Trouble, str]:
        return Trouble.RESTING, f"{self._name}: off until the next look"

    def _yielded(self, courtesy: Courtesy) -> tuple[Trouble, str]:
        who = ", ".join(courtesy.known) or "another program"
        return Trouble.YIELDED, f"{self._name}: {who} wants it; it goes on by itself when that is done"


class _Look:
    """The source, opened and looked through in a thread of its own, once."""

    def __init__(self, opener: Opener, camera: str | None = None, begun_s: float = 0.0) -> None:
        self.source: LiveSource | None = None
        """Once it is open."""
        self.newest = Newest(self._frames(opener, camera))
        self.begun_s = self.heard_s = begun_s
        """When it began, and when its last picture came."""
        self.fell_silent = False
        self.until_s: float | None = None
        """When it is to end; None before its first picture."""

    def _frames(self, opener: Opener, camera: str | None) -> Generator[Frame, None, None]:
        with opener(camera) as source:
            self.source = source
            yield from source.grabbed()


def _open(text: str, rate_hz: float | None, speed: float, again: str | None) -> LiveSource:
    return open_source(text, rate_hz, speed=speed, again=again)


def _fitted(image: Image, facts: SourceFacts) -> Image | None:
    """The picture in the size that the facts state; None when it has another shape."""
    (height_px, width_px), size_px = image.shape[:2], (facts.width_px, facts.height_px)
    if (width_px, height_px) == size_px:
        return image
    if abs(width_px * size_px[1] / (height_px * size_px[0]) - 1) > SHAPE_TOLERANCE:
        return None
    shrinks = width_px > size_px[0]
    return np.asarray(
        cv2.resize(image, size_px, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
    )
