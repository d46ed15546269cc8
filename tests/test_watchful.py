from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

from posturecam.errors import UnreadableError
from posturecam.vision import reopening
from posturecam.vision.camera import LiveCapture
from posturecam.vision.courtesy import Courtesy
from posturecam.vision.duty import Duty
from posturecam.vision.frames import Frame
from posturecam.vision.trouble import Interruption, NoPicturesError, Trouble
from posturecam.vision.video_file import VideoFile
from posturecam.vision.watchful import Patience, WatchfulSource
from test_newest import grabbing

SPEED = 25
"""Times as fast does the clock run here."""
QUICK = Patience(tick_s=0.02, silent_s=25.0, give_up_s=50.0, closing_s=5.0)
"""It forgives a machine that is busy with other things for a second."""
SIZE = (48, 64)
BLACK = np.full((*SIZE, 3), 2, np.uint8)


def clock() -> float:
    return SPEED * time.monotonic()


def noise(shape: tuple[int, int] = SIZE) -> Iterator[np.ndarray]:
    """A camera's pictures: each differs a little from the one before."""
    random = np.random.default_rng(7)
    for _ in count():
        yield random.integers(90, 110, (*shape, 3), np.uint8)


class FakeCapture:
    """A camera that shows these pictures, 10 a second by the clock, and then no more, or hangs."""

    def __init__(self, pictures: Iterable[np.ndarray], hang: threading.Event | None = None) -> None:
        self._pictures = iter(pictures)
        self._hang = hang
        self._image: np.ndarray | None = None
        self.released = False

    def grab(self) -> bool:
        time.sleep(0.1 / SPEED)
        self._image = next(self._pictures, None)
        if self._image is None and self._hang:
            self._hang.wait(5)
        return self._image is not None

    def retrieve(self):
        return True, self._image

    def get(self, property_id: int) -> float:
        return 0.0

    def release(self) -> None:
        self.released = True


class Cupboard:
    """Opens what it is given, one after the other: captures, errors, and for ever the last one."""

    def __init__(self, *contents: FakeCapture | Exception, device: Path | None = None) -> None:
        self.contents = list(contents)
        self.device = device
        self.opened_s: list[float] = []
        self.asked_for: list[str | None] = []

    def __call__(self, again: str | None) -> LiveCapture:
        self.opened_s.append(clock())
        self.asked_for.append(again)
        one = self.contents.pop(0) if len(self.contents) > 1 else self.contents[0]
        if isinstance(one, Exception):
            raise one
        return LiveCapture(one, "C920", "C920", self._diagnose, 5, clock, self.device)

    def _diagnose(self, otherwise: Trouble) -> tuple[Trouble, str]:
        gone = self.device and not self.device.exists()
        return (Trouble.UNPLUGGED if gone else otherwise), "plug it in"


def camera(cupboard: Cupboard, patience: Patience = QUICK, **options) -> WatchfulSource:
    return WatchfulSource("0", 5, opener=cupboard, clock=clock, patience=patience, **options)


def until(source: Iterable[Frame | Interruption], wanted: Callable[[Frame | Interruption], bool], at_most: int = 500):
    """What comes up to and with the first that is wanted."""
    seen = []
    for one in islice(source, at_most):
        seen.append(one)
        if wanted(one):
            return seen
    raise AssertionError(f"never came, but {[troubles(seen)]}")


def is_frame(one: Frame | Interruption) -> bool:
    return isinstance(one, Frame)


def is_in(trouble: Trouble) -> Callable[[Frame | Interruption], bool]:
    return lambda one: isinstance(one, Interruption) and one.trouble is trouble


def troubles(seen: Iterable[Frame | Interruption]) -> list[str]:
    """What came, without what repeats what came before it."""
    words = [one.trouble.value if isinstance(one, Interruption) else "frame" for one in seen]
    return [word for word, before in zip(words, [None, *words], strict=False) if word != before]


def refusal(trouble: Trouble, device: Path | None = None) -> NoPicturesError:
    return NoPicturesError(trouble, f"C920: {trouble.value}", device)


# Trouble and recovery


def test_pictures_come_as_frames_at_the_looks_rate():
    with camera(Cupboard(FakeCapture(noise()))) as source:
        seen = [one for one in islice(source, 20) if is_frame(one)]
    assert len(seen) > 10
    intervals_s = np.diff([frame.t_s for frame in seen])
    assert 0.15 < np.median(intervals_s) < 2
    assert source.facts.camera == "C920"
    assert (source.facts.width_px, source.facts.height_px) == (64, 48)


@pytest.mark.parametrize("trouble", [Trouble.MISSING, Trouble.BUSY, Trouble.DENIED, Trouble.UNPLUGGED])
def test_what_does_not_open_is_told_and_tried_again(trouble):
    cupboard = Cupboard(refusal(trouble), refusal(trouble), FakeCapture(noise()))
    with camera(cupboard) as source:
        seen = until(source, is_frame)
    assert troubles(seen) in ([trouble.value, "frame"], ["waiting", trouble.value, "frame"])
    assert all(one.words == f"C920: {trouble.value}" for one in seen if is_in(trouble)(one))


def test_times_run_on_through_trouble_without_ever_going_back():
    short = [FakeCapture(islice(noise(), 12)) for _ in range(3)]
    with camera(Cupboard(*short, FakeCapture(noise()))) as source:
        began_s = clock()
        seen = until(source, is_frame)
        for _ in short:
            seen += until(source, is_in(Trouble.STALLED))
            seen += until(source, is_frame)
        lasted_s = clock() - began_s
    times_s = [one.t_s for one in seen]
    assert times_s == sorted(times_s)
    frames_s = [one.t_s for one in seen if is_frame(one)]
    assert min(np.diff(frames_s)) > 0
    assert times_s[-1] == pytest.approx(lasted_s, abs=10)
    assert all(capture.released for capture in short)


def test_a_camera_is_looked_for_by_its_name_when_it_has_to_be_opened_again():
    cupboard = Cupboard(FakeCapture(islice(noise(), 5)), FakeCapture(noise()))
    with camera(cupboard) as source:
        until(source, is_in(Trouble.STALLED))
        until(source, is_frame)
    assert cupboard.asked_for == [None, "C920"]


def test_a_camera_that_falls_silent_is_told_of_before_it_is_given_up():
    hang = threading.Event()
    cupboard = Cupboard(FakeCapture(islice(noise(), 8), hang), FakeCapture(noise()))
    with camera(cupboard, replace(QUICK, silent_s=5.0, give_up_s=20.0)) as source:
        frames = until(source, is_in(Trouble.STALLED))
        assert len(cupboard.opened_s) == 1
        assert frames[-1].t_s - max(one.t_s for one in frames if is_frame(one)) >= 5
        assert frames[-1].words == "C920: no more pictures come; plug it in"
        seen = until(source, is_frame)
    assert troubles(seen) == ["stalled", "frame"]
    hang.set()


def test_a_device_that_is_gone_is_noticed_while_the_driver_hangs(tmp_path):
    device, hang = tmp_path / "video0", threading.Event()
    device.touch()
    cupboard = Cupboard(FakeCapture(islice(noise(), 8), hang), refusal(Trouble.MISSING), device=device)
    with camera(cupboard, replace(QUICK, silent_s=1e6, give_up_s=1e6)) as source:
        until(source, is_frame)
        device.unlink()
        until(source, is_in(Trouble.UNPLUGGED))
        hang.set()
        until(source, is_in(Trouble.MISSING))


def test_a_driver_that_hangs_does_not_keep_the_program_from_ending():
    hang = threading.Event()
    source = WatchfulSource(
        "0", 5, opener=Cupboard(FakeCapture(islice(noise(), 5), hang)), patience=Patience(tick_s=0.02, closing_s=0.1)
    )
    until(source, is_frame)
    start_s = time.monotonic()
    source.close()
    assert time.monotonic() - start_s < 2
    hang.set()


def test_a_camera_that_appears_is_opened_at_once(monkeypatch):
    there = set()
    monkeypatch.setattr(reopening, "_devices", lambda: frozenset(there))
    cupboard = Cupboard(*[refusal(Trouble.MISSING)] * 5, FakeCapture(noise()))
    with camera(cupboard) as source:
        until(source, lambda one: len(cupboard.opened_s) == 5)
        there.add("video0")
        plugged_s = clock()
        until(source, is_frame)
    assert cupboard.opened_s[-1] - plugged_s < 10, "and not only after the 15 s that are next"


def test_what_patience_does_not_help_is_raised(tmp_path):
    with WatchfulSource(str(tmp_path / "nothing.mp4")) as source, pytest.raises(UnreadableError, match="no such file"):
        next(iter(source))
    with WatchfulSource("ftp://cam/") as source, pytest.raises(UnreadableError, match="an address begins with"):
        list(source)


def test_nothing_is_known_of_a_source_before_its_first_frame():
    with pytest.raises(LookupError):
        _ = camera(Cupboard(refusal(Trouble.MISSING))).facts


# What the pictures show


def test_a_shutter_is_told_of_and_gives_no_frames():
    def shuttered():
        yield from islice(noise(), 20)
        yield from [BLACK] * 60
        yield from noise()

    with camera(Cupboard(FakeCapture(shuttered()))) as source:
        seen = until(source, is_in(Trouble.BLACK))
        seen += until(source, is_frame)
    assert troubles(one for one in seen if not is_in(Trouble.WAITING)(one)) == ["frame", "black", "frame"]
    assert "shutter" in next(one for one in seen if is_in(Trouble.BLACK)(one)).words
    assert min(frame.image.mean() for frame in seen if is_frame(frame)) > 50


def test_a_frozen_camera_is_told_of_and_opened_again():
    still = next(noise())

    def freezing():
        yield from islice(noise(), 20)
        while True:
            yield still

    cupboard = Cupboard(FakeCapture(freezing()), FakeCapture([still] * 30), FakeCapture(noise()))
    with camera(cupboard, replace(QUICK, frozen_s=10)) as source:
        seen = until(source, is_in(Trouble.FROZEN))
        froze_s = max(one.t_s for one in seen if is_frame(one))
        assert 5 <= seen[-1].t_s - froze_s < 20
        seen = until(source, lambda one: is_frame(one) or len(cupboard.opened_s) == 2)
        seen += until(source, lambda one: is_frame(one) and len(cupboard.opened_s) == 3)
    assert troubles(seen)[0] == "frozen"
    assert seen[-1].t_s - froze_s > 8


# One size


def test_a_camera_that_comes_back_larger_is_brought_to_the_first_size():
    cupboard = Cupboard(FakeCapture(islice(noise(), 8)), FakeCapture(noise((96, 128))))
    with camera(cupboard) as source:
        until(source, is_in(Trouble.STALLED))
        frame = until(source, is_frame)[-1]
        assert frame.image.shape == (*SIZE, 3)
        assert (source.facts.width_px, source.facts.height_px) == (64, 48)


def test_a_camera_that_comes_back_in_another_shape_is_told_of_until_it_is_back():
    cupboard = Cupboard(FakeCapture(islice(noise(), 8)), FakeCapture(noise((48, 96))), FakeCapture(noise()))
    with camera(cupboard) as source:
        until(source, is_in(Trouble.STALLED))
        seen = until(source, is_frame)
    told = next(one for one in seen if is_in(Trouble.RESIZED)(one))
    assert "were 64 x 48 and are now 96 x 48, another shape" in told.words
    assert seen[-1].image.shape == (*SIZE, 3)


# Letting go


def test_a_paused_camera_is_let_go_of_and_opened_again():
    first = FakeCapture(noise())
    cupboard = Cupboard(first, FakeCapture(noise()))
    with camera(cupboard) as source:
        until(source, is_frame)
        source.pause()
        seen = list(islice(source, 30))
        assert troubles(seen) == ["paused"]
        assert first.released
        assert grabbing() == []
        source.resume()
        assert troubles(until(source, is_frame)) in (["waiting", "frame"], ["frame"])
    assert len(cupboard.opened_s) == 2


def test_on_duty_the_camera_is_open_for_short_looks_only():
    captures = [FakeCapture(noise()) for _ in range(4)]
    cupboard = Cupboard(*captures)
    with camera(cupboard, duty=Duty(3, 10)) as source:
        seen = until(source, lambda one: is_frame(one) and len(cupboard.opened_s) == 3)
        assert [capture.released for capture in captures] == [True, True, False, False]
    told = troubles(one for one in seen if not is_in(Trouble.WAITING)(one))
    assert told == ["frame", "resting"] * 2 + ["frame"]
    assert np.diff(cupboard.opened_s) == pytest.approx([12, 12], abs=2.1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others can be seen on Linux only")
@pytest.mark.parametrize("stays", [True, False], ids=["and keeps it", "and gives up"])
def test_a_camera_is_let_go_of_when_another_program_opens_it(tmp_path, monkeypatch, stays):
    device = tmp_path / "video0"
    device.touch()
    others = ["zoom"] if stays else []
    monkeypatch.setattr(Courtesy, "others", lambda self: bool(others))
    monkeypatch.setattr(Courtesy, "known", others)
    first = FakeCapture(noise())
    cupboard = Cupboard(first, FakeCapture(noise()), device=device)
    with camera(cupboard) as source:
        assert troubles(until(source, is_frame))[-1] == "frame"
        list(islice(source, 3))
        device.open().close()
        wanted_s = clock()
        told = until(source, is_in(Trouble.YIELDED))[-1]
        assert clock() - wanted_s < 10
        assert told.words.startswith(f"C920: {'zoom' if stays else 'another program'} wants it")
        seen = until(source, lambda one: is_frame(one) or clock() - wanted_s > 20)
        assert first.released
        if stays:
            assert troubles(seen) == ["yielded"], "it waits for as long as the other has it"
            others.clear()
            until(source, is_frame)
        assert clock() - wanted_s > 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others can be seen on Linux only")
def test_without_courtesy_it_keeps_the_camera(tmp_path):
    device = tmp_path / "video0"
    device.touch()
    with camera(Cupboard(FakeCapture(noise()), device=device), courteous=False) as source:
        until(source, is_frame)
        device.open().close()
        assert set(troubles(islice(source, 30))) <= {"frame", "waiting"}


# Real counterparts


def serve(url: str, clip: Path) -> subprocess.Popen[bytes]:
    """A network camera for one viewer, which shows the clip in real time, again and again."""
    show = ["ffmpeg", "-v", "quiet", "-re", "-stream_loop", "-1", "-i", str(clip)]
    return subprocess.Popen([*show, "-f", "mpjpeg", "-flush_packets", "1", "-listen", "1", url])


def test_a_network_camera_that_is_switched_off_and_on_again_is_watched_on(make_video):
    clip = make_video("moving.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", source="testsrc2=s=160x120:d=2:r=30")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    patience = Patience(tick_s=0.1, first_retry_s=0.2, longest_retry_s=0.2)
    with WatchfulSource(url, 10, patience=patience) as source:
        seen = until(source, is_in(Trouble.MISSING))
        for _ in range(2):
            with serve(url, clip) as server:
                seen += until(source, is_frame)
                seen += islice(source, 3)
                server.kill()
                seen += until(source, is_in(Trouble.STALLED))
                seen += until(source, is_in(Trouble.MISSING))
    told = troubles(one for one in seen if not is_in(Trouble.WAITING)(one))
    assert told == ["missing", "frame", "stalled", "missing", "frame", "stalled", "missing"]
    frames_s = [one.t_s for one in seen if is_frame(one)]
    assert len(frames_s) >= 4
    assert min(np.diff(frames_s)) > 0


def test_a_file_is_watched_to_its_end_and_never_doubted(make_video):
    still = make_video("still.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", source="color=black:size=160x120:r=5:d=4")
    with VideoFile(still, 5) as file:
        expected_s = [frame.t_s for frame in file]
    with WatchfulSource(str(still), 5, speed=4) as source:
        seen = list(source)
        frames_s = [one.t_s for one in seen if is_frame(one)]
        assert set(frames_s) <= set(expected_s)
        assert len(frames_s) > 0.7 * len(expected_s), "but for those that a busy machine was too slow for"
        assert frames_s[-1] == expected_s[-1]
        assert source.facts.duration_s == 4
    assert set(troubles(seen)) <= {"frame", "waiting"}


def test_a_file_plays_on_while_nobody_looks(make_video):
    clip = make_video("moving.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", source="testsrc2=s=160x120:d=2:r=30")
    with WatchfulSource(str(clip), 10, duty=Duty(0.5, 1), speed=4) as source:
        seen = [one for one in source if not is_in(Trouble.WAITING)(one)]
    assert troubles(seen) == ["frame", "resting", "frame", "resting"]
    with WatchfulSource(str(clip), 10, speed=2) as source:
        source.pause()
        unseen = until(source, lambda one: is_in(Trouble.PAUSED)(one) and one.t_s > 0.3)
        source.resume()
        rest = [one for one in source if is_frame(one)]
    assert set(troubles(unseen)) <= {"waiting", "paused"}
    assert unseen[-1].t_s < rest[0].t_s
