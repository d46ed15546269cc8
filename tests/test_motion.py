from __future__ import annotations

import cv2
import numpy as np
import pytest

from posturecam.vision.motion import Edges, Part
from posturecam.vision.thrifty_landmarker import HEAD_MOVED

HEAD = np.zeros((120, 160), bool)
HEAD[30:75, 60:100] = True
HEAD_PX = 160.0


def picture(seed: int = 3) -> np.ndarray:
    """Something with as many edges as a person at a desk."""
    rng = np.random.default_rng(seed)
    rough = cv2.resize(rng.uniform(60, 180, (24, 32)).astype(np.float32), (640, 480), interpolation=cv2.INTER_CUBIC)
    return np.repeat(rough[:, :, None], 3, axis=2)


def taken(scene: np.ndarray, noise: float = 0.0, seed: int = 0) -> Edges:
    """The scene as a camera takes it, with its noise in each pixel."""
    noisy = scene + np.random.default_rng(seed).normal(0, noise, scene.shape) if noise else scene
    return Edges(np.clip(np.round(noisy), 0, 255).astype(np.uint8))


def shifted(scene: np.ndarray, right_px: float, down_px: float = 0.0) -> np.ndarray:
    move = np.array([[1, 0, right_px], [0, 1, down_px]], np.float32)
    return cv2.warpAffine(scene, move, (640, 480), borderMode=cv2.BORDER_REFLECT)


def moved(before: Edges, now: Edges, mask: np.ndarray = HEAD) -> float:
    return Part(before, mask, HEAD_PX).moved(now)


@pytest.mark.parametrize("noise", [0, 3, 8, 16], ids=lambda noise: f"noise of {noise}")
def test_noise_alone_moves_nothing(noise):
    scene = picture()
    before = taken(scene, noise, seed=99)
    assert all(moved(before, taken(scene, noise, seed)) < HEAD_MOVED for seed in range(4))


@pytest.mark.parametrize("noise", [0, 3, 8])
def test_a_head_that_moves_by_a_few_pixels_has_moved(noise):
    scene = picture()
    before = taken(scene, noise, seed=99)
    for right_px, down_px in [(4, 0), (0, 4), (-3, 3), (0, -8), (40, 0)]:
        assert moved(before, taken(shifted(scene, right_px, down_px), noise)) > HEAD_MOVED


@pytest.mark.parametrize("shift_px", [1.0, 2.0, 3.0])
def test_small_moves_are_told_to_a_third(shift_px):
    scene = picture()
    share = moved(taken(scene), taken(shifted(scene, shift_px)))
    # Root mean square over both directions, of which the picture moved in one.
    assert share * HEAD_PX * np.sqrt(2) == pytest.approx(shift_px, rel=0.33)


def test_what_creeps_has_moved_in_the_end():
    scene = picture()
    before = taken(scene, 3, seed=99)
    shares = [moved(before, taken(shifted(scene, 0.1 * step), 3, seed=step)) for step in (0, 1, 2, 5, 20, 50, 60)]
    assert shares[2] < HEAD_MOVED < min(shares[5:])


@pytest.mark.parametrize(
    "light",
    [
        pytest.param(lambda scene: scene + 25, id="brighter"),
        pytest.param(lambda scene: 0.8 * scene, id="darker exposure"),
        pytest.param(lambda scene: 1.2 * (scene - 120) + 120, id="more contrast"),
        pytest.param(lambda scene: scene + np.linspace(0, 30, 640)[None, :, None], id="a lamp from the side"),
        pytest.param(
            lambda scene: scene * (1 + 0.03 * np.sin(np.arange(480) / 24))[:, None, None], id="bands of a lamp"
        ),
    ],
)
def test_a_change_of_light_moves_nothing(light):
    scene = picture()
    assert moved(taken(scene, 3, seed=1), taken(light(scene), 3, seed=2)) < HEAD_MOVED


def test_only_the_part_itself_counts():
    scene = picture()
    changed = scene.copy()
    changed[320:, :200] = picture(seed=4)[320:, :200]
    elsewhere = np.zeros((120, 160), bool)
    elsewhere[80:, :50] = True
    assert moved(taken(scene), taken(changed)) < HEAD_MOVED < moved(taken(scene), taken(changed), elsewhere)


def test_a_hand_before_the_face_has_moved_it():
    scene = picture()
    hidden = scene.copy()
    hidden[200:260, 280:360] = 150
    assert moved(taken(scene), taken(hidden)) > HEAD_MOVED


@pytest.mark.parametrize("noise", [2, 8])
def test_in_a_plain_picture_nothing_moves(noise):
    plain = np.full((480, 640, 3), 90.0)
    assert moved(taken(plain, noise, seed=1), taken(plain, noise, seed=2)) < HEAD_MOVED


def test_a_part_that_is_out_of_sight_has_moved():
    scene = picture()
    assert moved(taken(scene), taken(scene), np.zeros((120, 160), bool)) == np.inf
