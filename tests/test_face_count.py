from __future__ import annotations

import cv2
import numpy as np
import pytest

from posturecam.vision.face_count import FaceCount
from posturecam.vision.frames import Frame


@pytest.fixture(scope="module")
def faces():
    with FaceCount() as faces:
        yield faces


def beside(portrait: np.ndarray, share: float) -> np.ndarray:
    """The portrait on a wall, with itself beside it so many times as large."""
    wall = np.full((600, 1024, 3), 140, np.uint8)
    wall[:, :512] = portrait
    other = cv2.resize(portrait, None, fx=share, fy=share)
    wall[600 - other.shape[0] :, 512 : 512 + other.shape[1]] = other
    return wall


@pytest.mark.parametrize(("share", "count"), [(1.0, 2), (0.7, 2), (0.3, 1)])
def test_a_second_person_counts_when_about_as_near(faces, portrait, share, count):
    assert faces.count(Frame(0.0, beside(portrait, share))) == count


def test_one_person_is_one_and_nobody_is_none(faces, portrait):
    assert faces.count(Frame(0.0, portrait)) == 1
    assert faces.count(Frame(0.0, np.full((480, 640, 3), 140, np.uint8))) == 0


def test_closing_twice_does_no_harm():
    with FaceCount() as faces:
        faces.close()
