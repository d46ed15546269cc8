from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from posturecam.vision.frames import Frame
from posturecam.vision.newest import Newest

PICTURE = np.zeros((2, 2, 3), np.uint8)


def grabbing() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "posturecam grabbing"]


def test_whoever_keeps_up_gets_every_frame():
    taken = threading.Semaphore(1)

    def frames():
        for t_s in range(5):
            taken.acquire()
            yield Frame(t_s, PICTURE)

    seen = []
    for frame in Newest(frames()):
        seen.append(frame.t_s)
        taken.release()
    assert seen == [0, 1, 2, 3, 4]


def test_whoever_is_slow_gets_the_newest_frame_and_the_last_one():
    all_there = threading.Event()

    def frames():
        yield Frame(0.0, PICTURE)
        looked_at_first.wait(5)
        yield from (Frame(float(t_s), PICTURE) for t_s in range(1, 10))
        all_there.set()

    looked_at_first = threading.Event()
    seen = []
    for frame in Newest(frames()):
        seen.append(frame.t_s)
        looked_at_first.set()
        all_there.wait(5)
    assert seen == [0.0, 9.0]


def test_what_goes_wrong_in_the_thread_is_raised_after_the_frames_before_it():
    def frames():
        yield Frame(0.0, PICTURE)
        raise LookupError("the camera is gone")

    seen = []
    with pytest.raises(LookupError, match="the camera is gone"):
        seen.extend(frame.t_s for frame in Newest(frames()))
    assert seen == [0.0]
    assert grabbing() == []


def test_the_thread_ends_when_the_caller_has_seen_enough():
    def frames():
        t_s = 0.0
        while True:
            time.sleep(0.001)
            t_s += 1
            yield Frame(t_s, PICTURE)

    newest = Newest(frames())
    for _ in newest:
        break
    newest.stop()
    assert grabbing() == []


def test_stopping_before_the_first_frame_does_no_harm():
    newest = Newest(frame for frame in ())
    newest.stop()
    newest.stop()
    assert list(newest) == []
