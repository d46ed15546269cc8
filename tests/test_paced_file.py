from __future__ import annotations

import time

import pytest

from posturecam.errors import UnreadableError
from posturecam.vision.paced_file import PacedFile
from posturecam.vision.video_file import VideoFile

H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30")


@pytest.fixture
def clip(make_video):
    return make_video("steady.mp4", *H264)


def test_whoever_keeps_up_gets_the_frames_of_the_file(clip):
    with VideoFile(clip, rate_hz=3) as file:
        expected = [frame.t_s for frame in file]
    with PacedFile(clip, rate_hz=3, speed=3) as paced:
        assert [frame.t_s for frame in paced] == expected


def test_no_frame_comes_before_its_time(clip):
    with PacedFile(clip, speed=8) as paced:
        start_s = time.monotonic()
        early_s = [frame.t_s / 8 - (time.monotonic() - start_s) for frame in paced]
    assert len(early_s) > 20
    assert max(early_s) < 0.02


def test_frames_are_left_out_for_whoever_is_slow(clip):
    ages_s = []
    with PacedFile(clip, rate_hz=None, speed=4) as paced:
        start_s = time.monotonic()
        for frame in paced:
            ages_s.append(4 * (time.monotonic() - start_s) - frame.t_s)
            time.sleep(0.2)
    assert 4 <= len(ages_s) <= 9, "180 frames in 1.5 s, and 0.2 s for each"
    assert sorted(ages_s)[len(ages_s) // 2] < 0.5, "stream seconds"


def test_it_ends_at_once_when_closed(clip):
    with PacedFile(clip, speed=0.01) as paced:
        start_s = time.monotonic()
        assert next(iter(paced)).t_s == 0
    assert time.monotonic() - start_s < 2


def test_it_is_no_camera(clip):
    with PacedFile(clip) as paced:
        assert paced.facts.camera is None
        assert paced.facts.duration_s == pytest.approx(6.0, abs=0.1)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableError, match="there is no such file"):
        PacedFile(tmp_path / "none.mp4")


def test_time_does_not_stand_still(clip):
    with pytest.raises(ValueError, match="a speed is positive"):
        PacedFile(clip, speed=0)
