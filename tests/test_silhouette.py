from __future__ import annotations

import cv2
import numpy as np
import pytest

from people import UPRIGHT, Desk, seen
from posturecam.core.landmarks import Body
from posturecam.vision.silhouette import crown_px

SIZE = (480, 640)
DESK = Desk(distance_m=0.8)
BODY_PX = seen(UPRIGHT, DESK).body_px
MIDDLE = BODY_PX[[Body.LEFT_EAR, Body.RIGHT_EAR], :2].mean(axis=0)
TOP, RADIUS = MIDDLE[1] - 110, 62


def silhouette(*more: tuple[slice, slice], down: int = 0) -> np.ndarray:
    """A round head above a trunk, so far further down, and boxes."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    mask = (x - MIDDLE[0]) ** 2 + (y - TOP - down - RADIUS) ** 2 < RADIUS**2
    mask |= (abs(x - MIDDLE[0]) < 150) & (y > BODY_PX[Body.LEFT_SHOULDER, 1])
    for box in more:
        mask[box] = True
    return mask.astype(np.float32)


def box(left: float, right: float, top: float, bottom: float) -> tuple[slice, slice]:
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def test_the_top_of_a_round_head_is_found():
    assert TOP < crown_px(silhouette(), BODY_PX) < TOP + 0.1 * RADIUS


@pytest.mark.parametrize("down", [-20, 15])
def test_it_moves_as_the_head_does(down):
    assert crown_px(silhouette(down=down), BODY_PX) - crown_px(silhouette(), BODY_PX) == pytest.approx(down, abs=1)


def test_a_smaller_mask_tells_the_same():
    small = cv2.resize(silhouette(), (320, 240), interpolation=cv2.INTER_AREA)
    assert crown_px(small, BODY_PX, 0.5) == pytest.approx(crown_px(silhouette(), BODY_PX), abs=2)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(box(MIDDLE[0] - 6, MIDDLE[0] + 6, TOP - 30, TOP + 5), id="a tuft"),
        pytest.param(box(0, 60, 0, 480), id="someone beside"),
    ],
)
def test_it_is_the_heads_and_nothing_elses(more):
    assert crown_px(silhouette(more), BODY_PX) == pytest.approx(crown_px(silhouette(), BODY_PX), abs=2)


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(np.zeros(SIZE, np.float32), id="nobody"),
        pytest.param(np.ones(SIZE, np.float32), id="all of the picture"),
        pytest.param(silhouette(box(MIDDLE[0] - 60, MIDDLE[0] + 60, 0, MIDDLE[1])), id="out of the picture at its top"),
    ],
)
def test_where_it_is_not_to_be_seen_there_is_none(mask):
    assert crown_px(mask, BODY_PX) is None


@pytest.mark.parametrize("shift", [(-2000, 0), (2000, 0), (0, -2000)])
def test_a_head_outside_the_picture_has_none(shift):
    assert crown_px(silhouette(), BODY_PX + np.array([*shift, 0])) is None
