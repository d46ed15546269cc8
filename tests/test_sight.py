from __future__ import annotations

import numpy as np
import pytest

from posturecam.vision.sight import Sight
from posturecam.vision.trouble import Trouble

RANDOM = np.random.default_rng(3)
SHAPE = (240, 320, 3)


def noisy(level: float | np.ndarray, noise: float = 3.0) -> np.ndarray:
    return np.clip(RANDOM.normal(level, noise, SHAPE), 0, 255).astype(np.uint8)


def lit_from_the_side() -> np.ndarray:
    """Someone before a screen in a dark room: most is black, and a part is not."""
    level = np.full(SHAPE, 4.0)
    level[60:180, 120:220] = 30
    return level


def look(pictures, seconds: float = 10.0, rate_hz: float = 5.0) -> tuple[Sight, list[bool]]:
    sight = Sight()
    taken = [sight.takes(k / rate_hz, pictures(k)) for k in range(round(seconds * rate_hz))]
    return sight, taken


def test_pictures_with_a_sensors_noise_are_taken():
    sight, taken = look(lambda _: noisy(120))
    assert all(taken)
    assert sight.trouble is None


@pytest.mark.parametrize(
    ("level", "noise", "words"),
    [(0, 0, "open its shutter"), (3, 3, "open its shutter"), (15, 10, "it is too dark here")],
    ids=["black", "black with noise", "dark grey with much noise"],
)
def test_a_covered_lens_is_told_and_a_dark_room_is_not_taken_for_it_for_sure(level, noise, words):
    sight, taken = look(lambda _: noisy(level, noise))
    assert not any(taken)
    assert sight.trouble is Trouble.BLACK
    assert words in sight.words


def test_somebody_in_a_dark_room_is_no_shutter():
    sight, taken = look(lambda _: noisy(lit_from_the_side()))
    assert all(taken)
    assert sight.trouble is None


def test_something_flat_and_bright_before_the_lens_is_no_shutter():
    assert all(look(lambda _: noisy(60))[1])


def test_the_black_pictures_that_a_camera_begins_with_are_only_left_out():
    sight, taken = look(lambda k: noisy(0 if k < 5 else 120))
    assert taken == [False] * 5 + [True] * 45
    assert sight.trouble is None


def test_a_picture_that_stands_still_is_told_after_seconds_and_left_out_at_once():
    still = noisy(120)
    sight, taken = look(lambda k: noisy(120) if k < 5 else still, seconds=5)
    assert sight.trouble is None
    assert taken == [True] * 6 + [False] * 19
    sight, _ = look(lambda k: noisy(120) if k < 5 else still, seconds=8)
    assert sight.trouble is Trouble.FROZEN
    assert sight.takes(9.0, noisy(120))
    assert sight.trouble is None


def test_pictures_that_are_repeated_once_are_no_trouble():
    pairs = [noisy(120) for _ in range(25)]
    sight, taken = look(lambda k: pairs[k // 2])
    assert taken == [True, False] * 25
    assert sight.trouble is None


def test_drawing_on_a_picture_does_not_hide_that_the_next_one_is_the_same():
    still = noisy(120)
    sight = Sight()
    drawn = still.copy()
    sight.takes(0.0, drawn)
    drawn[:] = 0
    assert not sight.takes(0.2, still)
