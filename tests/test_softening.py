from __future__ import annotations

import cv2
import numpy as np
import pytest

from posturecam.vision.softening import NOISY, SMALL_PX, less_noisy, noise_sd, small_and_soft


def noisy(image: np.ndarray, sd: float, seed: int = 0) -> np.ndarray:
    grain = np.random.default_rng(seed).normal(0, sd, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sd", [0, 2, 6, 12, 25])
def test_noise_is_told_whatever_the_picture_shows(portrait, sd):
    plain = np.full_like(portrait, 128)
    shapes = cv2.GaussianBlur(portrait, (0, 0), 2) // 2 + 64
    for picture in (plain, shapes):
        assert noise_sd(noisy(picture, sd)) == pytest.approx(sd, rel=0.15, abs=0.7)


def test_a_picture_in_good_light_is_left_as_it_is(portrait):
    assert noise_sd(portrait) < NOISY
    assert less_noisy(portrait) is portrait


def test_a_noisy_one_is_blurred_and_keeps_its_size(portrait):
    grainy = noisy(portrait, 20)
    calmed = less_noisy(grainy)
    assert calmed.shape == portrait.shape
    assert noise_sd(calmed) < noise_sd(grainy) / 2


@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (1920, 1080), (200, 300), (1, 5000), (1, 1)])
def test_the_small_picture_keeps_its_shape_and_is_never_larger(size):
    height, width = size
    small = small_and_soft(np.zeros((*size, 3), np.uint8))
    assert max(small.shape[:2]) == min(SMALL_PX, max(size))
    assert small.shape[0] / small.shape[1] == pytest.approx(height / width, abs=1 / min(small.shape[:2]))


def test_what_lies_somewhere_lies_there_in_the_small_picture_too():
    picture = cv2.circle(np.zeros((480, 640, 3), np.uint8), (400, 120), 20, (255, 255, 255), -1)
    small = small_and_soft(picture)[:, :, 0].astype(float)
    y, x = np.mgrid[:240, :320]
    middle = ((x + 0.5) * small).sum() / small.sum(), ((y + 0.5) * small).sum() / small.sum()
    assert np.array(middle) * 2 == pytest.approx((400.5, 120.5), abs=0.2)
