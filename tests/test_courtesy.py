"""Who else wants a camera: seen on Linux only."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from posturecam.vision.courtesy import Courtesy

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others can be seen on Linux only")


@pytest.fixture
def device(tmp_path) -> Path:
    path = tmp_path / "video0"
    path.touch()
    return path


@contextmanager
def another_program(device: Path) -> Iterator[None]:
    """One that has the device open."""
    with device.open() as file, subprocess.Popen(["sleep", "20"], stdin=file) as program:
        file.close()
        yield
        program.terminate()


def test_a_program_that_opens_the_camera_asks_for_it_until_it_lets_go(device):
    with Courtesy(device) as courtesy:
        assert not courtesy.asked()
        with another_program(device):
            assert courtesy.asked()
            assert courtesy.known == ["sleep"]
            assert not courtesy.asked(), "it asked once"
            assert courtesy.others()
        assert not courtesy.others()


def test_a_program_that_tries_and_gives_up_has_asked_for_it(device):
    with Courtesy(device) as courtesy:
        device.open().close()
        assert courtesy.asked()
        assert courtesy.known == []


def test_programs_that_had_it_open_before_do_not_want_it(device):
    with another_program(device), Courtesy(device) as courtesy:
        assert not courtesy.asked()
        assert not courtesy.others()


def test_a_device_that_goes_away_is_not_asked_for(device):
    with Courtesy(device) as courtesy:
        device.unlink()
        assert not courtesy.asked()


def test_asking_costs_next_to_nothing(device):
    with Courtesy(device) as courtesy:
        start_s = time.process_time()
        for _ in range(1000):
            courtesy.asked()
        assert time.process_time() - start_s < 0.1
