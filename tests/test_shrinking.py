from __future__ import annotations

import numpy as np
import pytest

from posturecam.vision.shrinking import shrunk


def ramp(height: int, width: int, channels: int | None = None) -> np.ndarray:
    """A picture that grows brighter to the right."""
    row = np.linspace(0, 250, width)
    picture = np.repeat(row[None, :], height, axis=0).round().astype(np.uint8)
    return picture if channels is None else np.repeat(picture[..., None], channels, axis=2)


@pytest.mark.parametrize("size_px", [(160, 120), (96, 72), (97, 31), (640, 480), (1, 1)])
@pytest.mark.parametrize("channels", [None, 3])
def test_a_picture_has_the_size_that_was_asked_for_and_looks_the_same(size_px, channels):
    small = shrunk(ramp(480, 640, channels), size_px)
    assert small.shape[1::-1] == size_px
    assert small.mean() == pytest.approx(125, abs=2)
    assert (np.diff(small.reshape(*small.shape[:2], -1)[0, :, 0].astype(int)) >= 0).all()


@pytest.mark.parametrize("shape", [(481, 639), (17, 5), (1080, 1919)])
def test_odd_sizes_are_shrunk_too(shape):
    assert shrunk(ramp(*shape), (4, 3)).shape == (3, 4)


def test_noise_is_averaged_away():
    noise = np.random.default_rng(0).integers(0, 256, (480, 640)).astype(np.uint8)
    assert shrunk(noise, (80, 60)).std() < noise.std() / 6
