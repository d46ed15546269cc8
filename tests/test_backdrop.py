"""Where the picture around the person lies, told from pictures made for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import Desk, empty, seen
from posturecam.core.landmarks import Backdrop, Landmarks
from posturecam.vision.backdrop import BackdropTracker
from posturecam.vision.frames import Frame, Image

cv2 = pytest.importorskip("cv2")

WIDTH, HEIGHT = 640, 480
NOBODY = empty()
SITTING = seen()

moves = st.builds(Backdrop, st.floats(-200, 200), st.floats(-200, 200), st.floats(-1, 1), st.floats(0.5, 2))


def room(seed: int = 3, things: int = 40) -> Image:
    """A wall with so many things on it."""
    rng = np.random.default_rng(seed)
    wall = np.full((HEIGHT, WIDTH, 3), 170, np.uint8)
    for _ in range(things):
        x, y = rng.integers(0, WIDTH), rng.integers(0, HEIGHT)
        wide, high = rng.integers(15, 70, 2)
        cv2.rectangle(wall, (x, y), (x + wide, y + high), rng.integers(0, 255, 3).tolist(), -1)
    return wall


def moved(image: Image, move: Backdrop) -> Image:
    """The same room as a camera shows it that has moved."""
    factor, shift = move.similarity
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    middle = np.array([WIDTH / 2, HEIGHT / 2]) - 0.5
    offset = middle + np.array([shift.real, shift.imag]) - turn @ middle
    return cv2.warpAffine(image, np.column_stack([turn, offset]), (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def person(image: Image, right_px: float = 0.0) -> Image:
    """The same with somebody in front."""
    drawn = image.copy()
    cv2.ellipse(drawn, (320 + round(right_px), 480), (190, 200), 0, 0, 360, (180, 60, 60), -1)
    cv2.circle(drawn, (320 + round(right_px), 210), 80, (120, 150, 200), -1)
    return drawn


def noisy(image: Image, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, 3, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def tracked(images: list[Image], people: Landmarks = NOBODY, rate_hz: float = 5.0) -> list[Backdrop | None]:
    tracker = BackdropTracker()
    return [tracker.update(Frame(k / rate_hz, image), people) for k, image in enumerate(images)]


def values(backdrop: Backdrop) -> tuple[float, ...]:
    return backdrop.right_px, backdrop.down_px, backdrop.roll_rad, backdrop.scale


@given(moves, moves)
def test_moves_add_up(first, second):
    both = second.after(first)
    assert values(both.since(first)) == pytest.approx(values(second), abs=1e-6)
    assert values(first.since(first)) == pytest.approx(values(Backdrop()), abs=1e-6)


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(Backdrop(51, 38, np.radians(4)), id="a lid"),
        pytest.param(Backdrop(0, -70), id="up"),
        pytest.param(Backdrop(0, 0, np.radians(-8)), id="rolled"),
        pytest.param(Backdrop(0, 0, 0, 0.8), id="smaller"),
        pytest.param(Backdrop(30, 0, 0, 1.15), id="larger and aside"),
    ],
)
@pytest.mark.parametrize("people", [NOBODY, SITTING], ids=["nobody", "somebody"])
def test_a_move_is_seen_as_it_is(move, people):
    here, there = room(), moved(room(), move)
    if not people.empty:
        here, there = person(here), person(there, 40)
    last = tracked([noisy(here, 1), noisy(there, 2), noisy(there, 3)], people)[-1]
    assert (last.right_px, last.down_px) == pytest.approx((move.right_px, move.down_px), abs=2)
    assert np.degrees(last.roll_rad) == pytest.approx(np.degrees(move.roll_rad), abs=0.5)
    assert last.scale == pytest.approx(move.scale, abs=0.01)


def test_a_still_room_does_not_move_at_all():
    assert set(tracked([noisy(room(), k) for k in range(20)])) == {Backdrop()}


def test_who_moves_before_it_does_not_move_it():
    images = [noisy(person(room(), 60 * np.sin(k)), k) for k in range(20)]
    assert set(tracked(images, SITTING)) <= {Backdrop(), None}


def test_who_crosses_the_room_does_not_move_it():
    images = [person(room(), 40 * k - 500) for k in range(26)]
    assert set(tracked(images, NOBODY)) <= {Backdrop(), None}


@pytest.mark.parametrize("light", [0.6, 1.3])
def test_light_does_not_move_it(light):
    dimmed = np.clip(room() * light, 0, 255).astype(np.uint8)
    assert set(tracked([room(), dimmed])) <= {Backdrop(), None}


@pytest.mark.parametrize("image", [room(things=0), np.zeros((HEIGHT, WIDTH, 3), np.uint8)], ids=["wall", "dark"])
def test_where_nothing_is_to_be_seen_nothing_is_told(image):
    assert set(tracked([noisy(image, k) for k in range(10)])) == {None}


def test_another_room_is_not_a_move():
    seen_there = tracked([room(1)] * 5 + [room(2)] * 10)
    assert set(seen_there[5:]) == {None}


def test_when_the_camera_is_put_back_it_is_where_it_was():
    away = moved(room(), Backdrop(60, 0))
    back = tracked([room(), away, away, away, away, away, away, room()])[-1]
    assert back == Backdrop()


def test_a_picture_of_another_size_starts_anew():
    small = cv2.resize(room(), (320, 240))
    assert tracked([room(), small])[-1] == Backdrop()


def test_the_frames_size_sets_the_unit():
    large = [cv2.resize(one, (1280, 960)) for one in (room(), moved(room(), Backdrop(40, 20)))]
    last = tracked(large, empty(desk=Desk(width_px=1280, height_px=960)))[-1]
    assert (last.right_px, last.down_px) == pytest.approx((80, 40), abs=4)


def test_hair_that_stands_high_over_the_head_is_not_the_room():
    """A plain wall, and locks that come nearer and down with the head that they are on."""
    locks = np.random.default_rng(0).integers(0, 160, (16, 24, 3)).astype(np.uint8)
    images, people = [], []
    for k in range(20):
        scale, down_px = (1.0, 0) if k < 5 else (1.2, 20)
        image = person(np.full((HEIGHT, WIDTH, 3), 170, np.uint8))
        wide, high = round(240 * scale), round(150 * scale)
        left, bottom = 320 - wide // 2, 170 + down_px
        top = max(0, bottom - high)
        hair = cv2.resize(locks, (wide, high), interpolation=cv2.INTER_NEAREST)[high - (bottom - top) :]
        image[top:bottom, left : left + wide] = hair
        images.append(image)
        people.append(replace(SITTING, crown_px=float(top)))
    tracker = BackdropTracker()
    for k, (image, one) in enumerate(zip(images, people, strict=True)):
        assert tracker.update(Frame(k / 2, image), one) in (None, Backdrop())
