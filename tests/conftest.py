"""What several test files need: videos made on the fly, and a portrait."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import posturecam.vision.libraries  # noqa: F401  quiets OpenCV, which listens only before it is first loaded

BRIGHTENING = "color=black:size=160x120:rate=30:duration=6,geq=lum=16+T*30:cb=128:cr=128"
"""Six seconds whose brightness tells the time: 30 of 219 steps of luma per second."""

MakeVideo = Callable[..., Path]


@pytest.fixture(scope="session")
def make_video(tmp_path_factory: pytest.TempPathFactory) -> MakeVideo:
    """`make_video("name.mp4", *output_options, source=...)` has FFmpeg encode a lavfi source."""
    folder = tmp_path_factory.mktemp("videos")

    def make(name: str, *options: str, source: str = BRIGHTENING) -> Path:
        if not shutil.which("ffmpeg"):
            pytest.skip("needs ffmpeg to make a video")
        path = folder / name
        if not path.exists():
            command = ["ffmpeg", "-y", "-v", "error", "-f", "lavfi", "-i", source, *options, str(path)]
            run = subprocess.run(command, capture_output=True, text=True)
            if "Unknown encoder" in run.stderr:
                pytest.skip(f"this ffmpeg has no such encoder: {run.stderr.splitlines()[0]}")
            assert run.returncode == 0, run.stderr
        return path

    return make


@pytest.fixture(scope="session")
def portrait():
    """Grace Hopper from the front: 512×600, blue-green-red; it comes with matplotlib, public domain."""
    import cv2
    from matplotlib import cbook

    return cv2.imread(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
