from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from posturecam.errors import Exit, UnreadableError
from posturecam.vision.camera import Device, LiveCapture, StreamUrl, devices, find_device, holders, public_url
from posturecam.vision.frames import Frame
from posturecam.vision.source import open_source
from posturecam.vision.trouble import NoPicturesError, Trouble
from test_newest import grabbing


class FakeCapture:
    """A camera of so many pictures, whose grabs take a tenth of a second of the clock that it carries."""

    def __init__(self, pictures: int = 50) -> None:
        self.left = pictures
        self.now_s = 1000.0
        self.decoded = 0
        self.released = False

    def clock(self) -> float:
        return self.now_s

    def grab(self) -> bool:
        self.now_s += 0.1
        self.left -= 1
        time.sleep(0.006)
        return self.left >= 0

    def retrieve(self):
        self.decoded += 1
        return True, np.zeros((480, 640, 3), np.uint8)

    def get(self, property_id: int) -> float:
        return 30.0 if property_id == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        self.released = True


def live(capture: FakeCapture, rate_hz: float | None = None) -> LiveCapture:
    return LiveCapture(
        capture, "C920 (/dev/video0)", "C920", lambda otherwise: (otherwise, "plug it in"), rate_hz, capture.clock
    )


def times_s(source: LiveCapture) -> list[float]:
    seen: list[float] = []
    with pytest.raises(UnreadableError, match=r"C920 .*: no more pictures come; plug it in"):
        seen.extend(frame.t_s for frame in source)
    return seen


def test_a_cameras_times_count_from_its_opening_on_the_clock():
    seen_s = times_s(live(FakeCapture()))
    assert seen_s[-1] == pytest.approx(5.0)
    assert all(t_s == pytest.approx(round(t_s, 1)) for t_s in seen_s)
    assert seen_s == sorted(set(seen_s))


def test_pictures_between_the_analysed_ones_are_grabbed_and_not_decoded():
    capture = FakeCapture(pictures=51)
    seen_s = times_s(live(capture, rate_hz=2))
    assert seen_s == pytest.approx([0.2 + 0.5 * k for k in range(10)])
    assert capture.decoded == 1 + 10


def test_a_camera_says_what_it_is():
    with live(FakeCapture()) as source:
        facts = source.facts
        assert (facts.name, facts.camera) == ("C920 (/dev/video0)", "C920")
        assert (facts.width_px, facts.height_px, facts.frame_rate_hz) == (640, 480, 30.0)
        assert facts.duration_s is None
        assert source.notes == ()


def test_a_camera_is_let_go_of_and_its_thread_ends():
    capture = FakeCapture(pictures=10**9)
    with live(capture) as source:
        next(iter(source))
    assert capture.released
    assert grabbing() == []


def test_a_camera_without_a_picture_is_refused_and_let_go_of():
    capture = FakeCapture(pictures=0)
    with pytest.raises(UnreadableError, match="it opens but gives no picture; plug it in") as caught:
        live(capture)
    assert caught.value.exit_code is Exit.UNREADABLE
    assert capture.released


def test_a_camera_whose_pictures_change_their_size_has_to_be_opened_again():
    class Growing(FakeCapture):
        def retrieve(self):
            _, image = super().retrieve()
            return True, image if self.decoded < 5 else np.zeros((720, 1280, 3), np.uint8)

    with pytest.raises(UnreadableError, match="its pictures were 640 x 480 and are now 1280 x 720; start again"):
        list(live(Growing()))


def test_a_picture_that_comes_too_late_is_a_leftover_of_the_decoder():
    class Drained(FakeCapture):
        def grab(self):
            self.now_s += 5.0 if self.left < 10 else 0.0
            return super().grab()

    assert times_s(live(Drained(pictures=20)))[-1] == pytest.approx(1.1)


# Which camera is meant


@pytest.fixture
def machine(tmp_path):
    """A Linux machine with two cameras, of which the second has a device for data about its pictures."""
    folder, dev = tmp_path / "video4linux", tmp_path / "dev"
    dev.mkdir()
    for number, index, name in ((0, 0, "HD Webcam: HD Webcam"), (2, 0, "HD Pro Webcam C920"), (3, 1, "C920")):
        entry = folder / f"video{number}"
        entry.mkdir(parents=True)
        (entry / "index").write_text(f"{index}\n")
        (entry / "name").write_text(f"{name}\n")
        (dev / f"video{number}").touch()
    (dev / "by-id").symlink_to(dev / "video2")
    return folder, dev


def test_cameras_are_listed_once_by_number(machine):
    assert [(one.number, one.name) for one in devices(*machine)] == [
        (0, "HD Webcam: HD Webcam"),
        (2, "HD Pro Webcam C920"),
    ]


@pytest.mark.parametrize(("which", "number"), [(0, 0), (2, 2), ("c920", 2), ("webcam", 0), ("hd pro webcam c920", 2)])
def test_a_camera_is_found_by_number_and_name(machine, which, number):
    assert find_device(which, *machine).number == number


@pytest.mark.parametrize("device", ["video2", "by-id"])
def test_a_camera_is_found_by_its_device_and_by_links_to_it(machine, device):
    assert find_device(str(machine[1] / device), *machine).name == "HD Pro Webcam C920"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names are known on Linux only")
@pytest.mark.parametrize("which", [1, "BRIO", "/dev/video9"])
def test_a_camera_that_is_not_there_is_refused_with_those_that_are(machine, which):
    with pytest.raises(UnreadableError, match=r"no such camera; there are: 0 HD Webcam.*, 2 HD Pro"):
        find_device(which, *machine)


def test_a_camera_that_comes_back_as_another_device_is_found_by_its_name(machine):
    assert find_device(7, *machine, again="HD Pro Webcam C920").number == 2
    assert find_device("/dev/video9", *machine, again="HD Pro Webcam C920").number == 2
    assert find_device(0, *machine, again="HD Pro Webcam C920").number == 0, "what is meant goes first"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names are known on Linux only")
def test_without_any_camera_it_says_what_else_there_is(tmp_path):
    with pytest.raises(NoPicturesError, match="no camera is found on this machine; connect one, or name a") as caught:
        find_device(0, tmp_path)
    assert caught.value.trouble is Trouble.MISSING


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="seen on Linux only")
def test_the_program_that_holds_a_camera_is_named(tmp_path):
    device = tmp_path / "video0"
    device.touch()
    assert holders(device) == []
    with device.open() as held, subprocess.Popen(["sleep", "20"], stdin=held) as other:
        assert holders(device) == ["sleep"]
        other.terminate()


def test_a_device_is_shown_with_its_name():
    assert str(Device(0, "C920", Path("/dev/video0"))) == "C920 (/dev/video0)"
    assert str(Device(1, "camera 1")) == "camera 1"


# Network cameras


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://me:secret@10.0.0.5:554/live", "rtsp://10.0.0.5:554/live"),
        ("http://cam.local/mjpg?token=secret#x", "http://cam.local/mjpg"),
        ("https://me:s@cret@cam/", "https://cam/"),
    ],
)
def test_what_a_url_keeps_secret_is_not_shown(url, shown):
    assert public_url(url) == shown


def test_a_url_where_nobody_answers_is_refused_in_one_line():
    with pytest.raises(UnreadableError, match=r"^http://127\.0\.0\.1:9/x: no video comes") as caught:
        StreamUrl("http://me:secret@127.0.0.1:9/x")
    assert "secret" not in str(caught.value)


@pytest.fixture
def mjpeg(make_video):
    """The URL of six seconds of pictures, served once in 2 s."""
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg to serve a video")
    clip = make_video("steady.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    command = ["ffmpeg", "-v", "error", "-readrate", "3", "-i", str(clip), "-f", "mpjpeg"]
    with subprocess.Popen([*command, "-flush_packets", "1", "-listen", "1", url]) as server:
        yield url
        server.terminate()


def test_a_network_camera_is_watched_until_it_ends(mjpeg):
    for _ in range(50):
        try:
            source = open_source(mjpeg, rate_hz=10)
            break
        except UnreadableError:  # it does not listen yet
            time.sleep(0.1)
    seen: list[Frame] = []
    with source, pytest.raises(UnreadableError, match="no more pictures come"):
        seen.extend(source)
    assert source.facts.camera == mjpeg
    assert 8 <= len(seen) <= 25
    assert seen[-1].image.shape == (120, 160, 3)
    assert seen[-1].image.mean() > seen[0].image.mean() + 50, "it brightens with time"


# What words mean


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("77", "camera 77: "),
        ("/dev/video77", "/dev/video77: "),
        ("no such webcam", "no such webcam: "),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/: no video comes"),
        ("ftp://me:secret@cam/x", "^ftp://cam/x: an address begins with http, https, rtsp, rtsps"),
        ("nothing.mp4", "nothing.mp4: there is no such file"),
        ("./77", "77: there is no such file"),
        (os.curdir, "this is a folder"),
    ],
)
def test_what_cannot_be_opened_is_refused_as_what_it_was_taken_for(text, words):
    if not sys.platform.startswith("linux") and "cam" in words:
        pytest.skip("cameras are known on Linux only")
    with pytest.raises(UnreadableError, match=words):
        open_source(text)


def test_a_file_is_opened_whatever_it_is_called(make_video, monkeypatch, tmp_path):
    clip = make_video("steady.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30")
    shutil.copy(clip, tmp_path / "recording")
    monkeypatch.chdir(tmp_path)
    with open_source("recording") as source:
        assert source.facts.camera is None
