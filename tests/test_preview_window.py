from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from posturecam.sinks.preview_window import can_open_window

SHOWING = """
import numpy as np
from posturecam.sinks.preview_window import PreviewWindow
with PreviewWindow() as window:
    assert window.show(np.full((120, 160, 3), 200, np.uint8)) is None
    assert window.open
    window.close()
    assert not window.open
    assert window.show(np.zeros((120, 160, 3), np.uint8)) is None
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="screens can be missing on Linux only")
@pytest.mark.parametrize("display", ["", ":4711"], ids=["no screen", "a screen that is not there"])
def test_without_a_screen_no_window_is_tried(monkeypatch, display):
    """OpenCV would end the program."""
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not can_open_window()


@pytest.fixture
def screen(monkeypatch):
    """A screen that nobody looks at."""
    if not shutil.which("Xvfb"):
        pytest.skip("needs Xvfb")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with open(reading) as answer:
            monkeypatch.setenv("DISPLAY", f":{answer.readline().strip()}")
        yield
        server.terminate()


def test_on_a_screen_pictures_are_shown_quietly_and_the_window_is_closed(screen):
    assert can_open_window()
    run = subprocess.run([sys.executable, "-c", SHOWING], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
