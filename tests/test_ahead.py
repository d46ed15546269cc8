from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from posturecam.core.landmarks import Landmarks
from posturecam.replay import watch
from posturecam.vision.ahead import FRAMES_AHEAD, Ahead
from posturecam.vision.frames import Frame, SourceFacts


class Source:
    """Frames that come with pauses, and an error in the end if there is one."""

    facts = SourceFacts("source", 4, 3, 30.0, None)
    notes = ()

    def __init__(self, count: int = 20, error: Exception | None = None, pause_s: float = 0.0) -> None:
        self._count, self._error, self._pause_s = count, error, pause_s
        self.given = 0

    def __iter__(self):
        for k in range(self._count):
            time.sleep(self._pause_s * (k % 2))
            self.given += 1
            yield Frame(k / 5, np.full((3, 4, 3), k, np.uint8))
        if self._error:
            raise self._error


class Reader:
    """Sees in a picture what is in it, in its own time."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self._pause_s = pause_s

    def detect(self, frame: Frame) -> Landmarks:
        time.sleep(self._pause_s)
        return Landmarks(frame.t_s, 4, 3, np.full((33, 3), frame.image[0, 0, 0]), None, None)


def decoding() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "posturecam decoding"]


@pytest.mark.parametrize(("source_s", "reader_s"), [(0, 0), (0.004, 0), (0, 0.002)], ids=["even", "slow", "busy"])
def test_whoever_is_slower_every_frame_comes_in_its_order(source_s, reader_s):
    watched = watch(Source(pause_s=source_s), Reader(reader_s))
    assert [(one.t_s, one.body_px[0, 0]) for one in watched.landmarks] == [(k / 5, k) for k in range(20)]
    assert decoding() == []


def test_with_one_core_every_frame_comes_without_a_thread():
    class Alone(Reader):
        def detect(self, frame: Frame) -> Landmarks:
            assert decoding() == []
            return super().detect(frame)

    watched = watch(Source(), Alone(), one_core=True)
    assert [(one.t_s, one.body_px[0, 0]) for one in watched.landmarks] == [(k / 5, k) for k in range(20)]


def test_what_the_source_raises_comes_after_the_frames_before_it():
    with Ahead(Source(3, OSError("torn"))) as ahead:
        frames = iter(ahead)
        assert [next(frames).t_s for _ in range(3)] == [0, 0.2, 0.4]
        with pytest.raises(OSError, match="torn"):
            next(frames)
    assert decoding() == []


def test_what_the_reader_raises_ends_the_thread():
    class Broken(Reader):
        def detect(self, frame: Frame) -> Landmarks:
            raise RuntimeError("broken")

    source = Source(1000)
    with pytest.raises(RuntimeError, match="broken"):
        watch(source, Broken())
    assert decoding() == []
    assert source.given <= 2 * FRAMES_AHEAD + 2


def test_pictures_do_not_pile_up():
    source = Source(1000)
    with Ahead(source) as frames:
        next(iter(frames))
        time.sleep(0.05)
        assert source.given <= FRAMES_AHEAD + 2


def test_it_may_be_closed_before_it_was_used():
    ahead = Ahead(Source())
    ahead.close()
    ahead.close()


def test_frames_are_prepared_in_the_thread():
    def prepare(frame: Frame) -> Frame:
        assert threading.current_thread().name == "posturecam decoding"
        return Frame(frame.t_s + 1, frame.image)

    with Ahead(Source(3), prepare) as frames:
        assert [frame.t_s for frame in frames] == [1, 1.2, 1.4]
