from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from posturecam.core.camera import FIELD_OF_VIEW_DEG, Camera

RIGHT_ANGLED = Camera(800, 600, field_of_view_deg=90)
"""Half the width is as far away as the picture: a focal length of 400 px."""


def test_half_the_picture_is_half_the_field_of_view():
    assert RIGHT_ANGLED.focal_px == pytest.approx(400)


@pytest.mark.parametrize(
    ("point_m", "seen_px"),
    [
        pytest.param((0, 0, 2), (0, 0), id="straight ahead"),
        pytest.param((2, 0, 2), (400, 0), id="at the right edge"),
        pytest.param((0, 1, 4), (0, 100), id="a metre down at 4 m"),
        pytest.param((-3, -4, 4), (-300, -400), id="up on the left"),
    ],
)
def test_points_are_seen_by_similar_triangles(point_m, seen_px):
    assert RIGHT_ANGLED.project(np.array(point_m, float)) == pytest.approx(seen_px)


def test_the_middle_of_the_picture_is_the_optical_axis():
    assert RIGHT_ANGLED.centred(np.array([400.0, 300.0])) == pytest.approx([0, 0])
    assert RIGHT_ANGLED.ray(np.array([0.0, 0.0])) == pytest.approx([0, 0, 1])


def test_counting_from_the_axis_leaves_depth_and_the_given_points_alone():
    points = np.array([[400.0, 300.0, 7.0], [0.0, 0.0, -7.0]])
    before = points.copy()
    assert RIGHT_ANGLED.centred(points) == pytest.approx(np.array([[0, 0, 7], [-400, -300, -7]]))
    assert np.array_equal(points, before)


@given(arrays(float, (4, 2), elements=st.floats(-2000, 2000)), st.floats(0.1, 10))
def test_what_lies_on_a_points_ray_is_seen_at_that_point(centred_px, depth_m):
    camera = Camera(640, 480)
    assert camera.project(depth_m * camera.ray(centred_px)) == pytest.approx(centred_px, abs=1e-6)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1920, 1080), (100, 100)])
def test_the_field_of_view_spans_the_longer_side_however_the_picture_is_held(size):
    camera = Camera(*size)
    edge = camera.ray(np.array([max(size) / 2, 0.0]))
    assert np.degrees(np.arctan2(edge[0], edge[2])) == pytest.approx(FIELD_OF_VIEW_DEG / 2)


@pytest.mark.parametrize("field_of_view_deg", [0, 19.9, 150.1, -65, float("nan")])
def test_a_field_of_view_that_no_camera_has_is_refused(field_of_view_deg):
    with pytest.raises(ValueError, match="20° and 150°"):
        Camera(640, 480, field_of_view_deg)
