from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from posturecam.core.geometry import (
    head_angles_rad,
    head_rotation,
    rotation_between,
    rotation_from_vector,
    rotation_to,
    rotation_vector,
)

FORWARD, LEFT, UP = np.eye(3)
TRIANGLE = np.array([[0.0, 0, 0], [4, 0, 0], [0, 3, 0]])
QUARTER_ABOUT_Z = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
QUARTER_ABOUT_X = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def vectors(longest: float) -> st.SearchStrategy[np.ndarray]:
    """Three numbers that as a vector are no longer than `longest`."""
    return arrays(float, 3, elements=st.floats(-1, 1)).map(lambda v: v * longest / np.sqrt(3))


turns = vectors(3.1).map(rotation_from_vector)
shapes = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).normal(size=(5, 3)))


def rad(*deg: float) -> tuple[float, ...]:
    return tuple(np.radians(deg))


def is_rotation(matrix: np.ndarray) -> bool:
    return np.allclose(matrix @ matrix.T, np.eye(3)) and np.isclose(np.linalg.det(matrix), 1)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param([[0, 0, 0], [4, 0, 0], [0, 3, 0]], np.eye(3), id="the same triangle"),
        pytest.param([[0, 0, 0], [0, 4, 0], [-3, 0, 0]], QUARTER_ABOUT_Z, id="a quarter turn"),
        pytest.param([[7, 7, 7], [7, 11, 7], [4, 7, 7]], QUARTER_ABOUT_Z, id="a quarter turn, elsewhere"),
        pytest.param([[0, 0, 0], [0, 8, 0], [-6, 0, 0]], QUARTER_ABOUT_Z, id="a quarter turn, enlarged"),
        pytest.param([[0, 0, 0], [4, 0, 0], [0, 0, 3]], QUARTER_ABOUT_X, id="tipped about x"),
        pytest.param([[0, 0, 0], [4, 0, 0], [0, -3, 0]], np.diag([1, -1, -1]), id="turned over"),
    ],
)
def test_a_triangle_tells_its_turn(after, expected):
    found = rotation_between(TRIANGLE, np.array(after, float))
    assert found == pytest.approx(np.array(expected, float), abs=1e-12)


@given(shapes, turns, vectors(100.0), st.floats(0.1, 10))
def test_the_turn_of_a_shape_is_found_whatever_its_place_and_size(shape, turn, place, size):
    assert rotation_between(shape, size * shape @ turn.T + place) == pytest.approx(turn, abs=1e-6)


@given(shapes)
def test_a_mirrored_shape_is_still_answered_with_a_rotation(shape):
    assert is_rotation(rotation_between(shape, shape * (-1, 1, 1)))


@given(shapes, shapes)
def test_no_rotation_fits_better_than_the_one_found(before, after):
    before, after = before - before.mean(axis=0), after - after.mean(axis=0)
    found = rotation_between(before, after)

    def misfit(rotation: np.ndarray) -> float:
        return float(((before @ rotation.T - after) ** 2).sum())

    for nudge in 0.05 * np.vstack([np.eye(3), -np.eye(3)]):
        assert misfit(found) <= misfit(rotation_from_vector(nudge) @ found) + 1e-9


@pytest.mark.parametrize(
    ("vector", "moved"),
    [
        pytest.param([0, 0, 0], [FORWARD, LEFT, UP], id="no turn"),
        pytest.param([0, 0, np.pi / 2], [LEFT, -FORWARD, UP], id="a quarter about z"),
        pytest.param([np.pi / 2, 0, 0], [FORWARD, UP, -LEFT], id="a quarter about x"),
        pytest.param([0, np.pi, 0], [-FORWARD, LEFT, -UP], id="half a turn about y"),
        pytest.param(2 * np.pi / 3 / np.sqrt(3) * np.ones(3), [LEFT, UP, FORWARD], id="a third, diagonally"),
    ],
)
def test_a_rotation_vector_turns_right_handedly_about_itself_by_its_length(vector, moved):
    axes = rotation_from_vector(np.array(vector, float)).T
    assert axes == pytest.approx(np.array(moved), abs=1e-12)


@given(vectors(3.1))
def test_a_rotation_vector_survives_the_way_there_and_back(vector):
    assert rotation_vector(rotation_from_vector(vector)) == pytest.approx(vector, abs=1e-6)


@given(vectors(1e-8))
def test_even_the_smallest_turn_survives_it(vector):
    assert rotation_vector(rotation_from_vector(vector)) == pytest.approx(vector, abs=1e-11)


@given(vectors(1.0).filter(lambda v: np.linalg.norm(v) > 0.01))
def test_rotation_to_points_the_z_axis_by_the_shortest_way(vector):
    direction = vector / np.linalg.norm(vector)
    if direction[2] < -0.999:
        return
    rotation = rotation_to(direction)
    assert is_rotation(rotation)
    assert rotation @ UP == pytest.approx(direction, abs=1e-9)
    assert np.linalg.norm(rotation_vector(rotation)) == pytest.approx(np.arccos(direction[2]), abs=1e-6)


@pytest.mark.parametrize(
    ("angles_deg", "nose_points", "crown_points"),
    [
        pytest.param((30, 0, 0), (3**0.5 / 2, 0, -0.5), (0.5, 0, 3**0.5 / 2), id="looking down"),
        pytest.param((0, 90, 0), LEFT, UP, id="turned fully left"),
        pytest.param((0, 0, 30), FORWARD, (0, 0.5, 3**0.5 / 2), id="tilted left"),
        pytest.param((90, 0, 0), -UP, FORWARD, id="straight down"),
        pytest.param((30, 90, 0), (0, 3**0.5 / 2, -0.5), (0, 0.5, 3**0.5 / 2), id="looking down to the left"),
    ],
)
def test_a_head_is_turned_as_its_angles_say(angles_deg, nose_points, crown_points):
    rotation = head_rotation(*rad(*angles_deg))
    assert rotation @ FORWARD == pytest.approx(np.array(nose_points, float), abs=1e-12)
    assert rotation @ UP == pytest.approx(np.array(crown_points, float), abs=1e-12)


@given(st.floats(-89, 89), st.floats(-179, 179), st.floats(-179, 179))
def test_a_heads_angles_survive_the_way_there_and_back(pitch, yaw, roll):
    assert np.degrees(head_angles_rad(head_rotation(*rad(pitch, yaw, roll)))) == pytest.approx(
        [pitch, yaw, roll], abs=1e-6
    )


@given(turns)
def test_a_rotation_is_its_angles(turn):
    angles = head_angles_rad(turn)
    if abs(np.degrees(angles[0])) < 89:
        assert head_rotation(*angles) == pytest.approx(turn, abs=1e-6)


def test_many_pitches_give_one_rotation_each():
    pitches = np.radians([-10.0, 0.0, 40.0])
    rotations = head_rotation(pitches, *rad(20, 5))
    assert rotations.shape == (3, 3, 3)
    for pitch, rotation in zip(pitches, rotations, strict=True):
        assert rotation == pytest.approx(head_rotation(pitch, *rad(20, 5)))
