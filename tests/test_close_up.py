"""The part of a picture in which the person's face is looked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posturecam.vision.close_up import CloseUp, shows, without
from posturecam.vision.following import Place

PLACE = Place([320.0, 200.0], [320.0, 330.0], 150.0)
REACH_PX = 90
"""Three fifths of the upper body's size."""


def pixels() -> np.ndarray:
    """A picture of 640 x 480 whose pixels say where they are."""
    y, x = np.mgrid[:480, :640]
    return np.stack([x // 4, y // 4, np.zeros_like(x)], axis=2).astype(np.uint8)


def at(x: float, y: float) -> Place:
    return replace(PLACE, head=[x, y])


def test_it_is_a_square_about_the_head():
    part = CloseUp.of(pixels(), PLACE)
    assert part.image.shape == (2 * REACH_PX, 2 * REACH_PX, 3)
    assert part.image[REACH_PX, REACH_PX].tolist() == [320 // 4, 200 // 4, 0]


@pytest.mark.parametrize(("x", "y", "size"), [(20, 30, (120, 110)), (630, 470, (100, 100)), (320, -20, (70, 180))])
def test_at_the_edge_it_is_what_the_picture_has_of_it(x, y, size):
    assert CloseUp.of(pixels(), at(x, y)).image.shape[:2] == size


@pytest.mark.parametrize("head", [(-200, 200), (320, 900), (-89, -89)])
def test_a_head_outside_the_picture_or_not_known_is_looked_for_in_all_of_it(head):
    for place in (at(*head), None):
        part = CloseUp.of(pixels(), place)
        assert part.image.shape == (480, 640, 3)
        assert (part.left, part.top) == (0, 0)


@pytest.mark.parametrize("head", [(320, 200), (20, 30), (600, 450)])
def test_what_is_found_in_it_lies_where_the_picture_has_it(head):
    part = CloseUp.of(pixels(), at(*head))
    mesh_px = np.array([[10.0, 20.0, 3.0], [0.0, 0.0, -3.0]], np.float32)
    inside = part.in_picture(mesh_px)
    assert inside.dtype == np.float32
    assert inside[:, 2].tolist() == [3, -3]
    for (x, y, _), (left, down, _) in zip(inside.astype(int), mesh_px.astype(int), strict=True):
        assert pixels()[y, x].tolist() == part.image[down, left].tolist()


def test_it_may_be_written_to_without_harm_to_the_picture():
    picture = pixels()
    CloseUp.of(picture, PLACE).image[:] = 0
    assert (picture == pixels()).all()


def test_faces_are_covered_from_edge_to_edge_in_a_picture_of_its_own():
    picture = pixels()
    face_px = np.array([[40.5, 50.0, 1.0], [60.0, 90.2, 1.0], [50.0, 70.0, 1.0]])
    at_the_edge_px = np.array([[-9.0, 400.0, 0.0], [9.0, 500.0, 0.0]])
    covered = without(picture, [face_px, at_the_edge_px])
    same = (covered == pixels()).all(axis=2)
    hidden = np.zeros((480, 640), bool)
    hidden[50:91, 40:61] = hidden[400:, :10] = True
    assert (same == ~hidden).all()
    assert (picture == pixels()).all()


def test_a_face_outside_the_picture_covers_nothing():
    for left, top in ((-90, 10), (700, 10), (10, -90), (10, 500)):
        assert (without(pixels(), [np.array([[left, top, 0.0], [left + 50, top + 50, 0.0]])]) == pixels()).all()


def test_it_shows_a_head_until_that_has_left_its_middle_or_changed_its_size():
    assert shows(PLACE, PLACE)
    assert shows(PLACE, at(345, 205))
    assert not shows(PLACE, at(352, 200))
    assert not shows(PLACE, at(320, 165))
    assert shows(PLACE, replace(PLACE, size=170.0))
    assert not shows(PLACE, replace(PLACE, size=185.0))
    assert not shows(PLACE, replace(PLACE, size=120.0))
