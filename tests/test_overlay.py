from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posturecam.core.landmarks import BODY_POINTS, FACE_POINTS, Body, Landmarks
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.posture import Absence, nobody
from posturecam.core.state import State
from posturecam.sinks.overlay import BGR, draw
from postures import posture

THRESHOLDS = FlexionThresholds()
SIZES = [(400, 300), (640, 480), (540, 960), (1920, 1080), (64, 48)]


def picture(width: int, height: int, level: int = 120) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def empty(width: int, height: int) -> Landmarks:
    return Landmarks(0.0, width, height, None, None, None)


def person(width: int, height: int, face: bool = True) -> Landmarks:
    """Shoulders and ears in the middle third; the face, if any, a disc between the ears."""
    body = np.full((BODY_POINTS, 3), 0.5)
    for point, x, y in (
        (Body.LEFT_EAR, 0.56, 0.4),
        (Body.RIGHT_EAR, 0.44, 0.4),
        (Body.LEFT_SHOULDER, 0.65, 0.7),
        (Body.RIGHT_SHOULDER, 0.35, 0.7),
    ):
        body[point, :2] = x, y
    turns = np.linspace(0, 2 * np.pi, FACE_POINTS)
    disc = np.stack([0.5 + 0.06 * np.cos(turns), 0.4 + 0.08 * np.sin(turns), 0 * turns], axis=1)
    size = np.array([width, height, width])
    return Landmarks(0.0, width, height, body * size, np.ones(BODY_POINTS), disc * size if face else None)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.any(before != after, axis=2)


def columns_and_rows(mask: np.ndarray) -> tuple[float, float]:
    """Middle of what changed, as shares of width and height."""
    rows, columns = np.nonzero(mask)
    return columns.mean() / mask.shape[1], rows.mean() / mask.shape[0]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("level", [0, 255], ids=["black", "white"])
def test_something_legible_is_drawn_on_any_picture(width, height, level):
    before = picture(width, height, level)
    after = draw(before, person(width, height), posture(12.3, 24.0), State.RED, THRESHOLDS, 0.5)
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert 0.005 < changed(before, after).mean() < (0.25 if width > 64 else 1)
    contrast = np.abs(after[changed(before, after)].astype(int).mean(axis=1) - level)
    assert contrast.max() == 255


def test_the_picture_given_is_left_as_it_is():
    before = picture(640, 480)
    draw(before, person(640, 480), posture(0.0, 24.0), State.RED, THRESHOLDS)
    assert (before == 120).all()


def test_the_skeleton_lies_where_the_person_is():
    bare = draw(picture(640, 480), empty(640, 480), posture(0.0), State.NEUTRAL, THRESHOLDS)
    drawn = draw(picture(640, 480), person(640, 480), posture(0.0), State.NEUTRAL, THRESHOLDS)
    rows, columns = np.nonzero(changed(bare, drawn))
    assert columns.min() / 640 == pytest.approx(0.35, abs=0.02)
    assert columns.max() / 640 == pytest.approx(0.65, abs=0.02)
    assert rows.max() / 480 == pytest.approx(0.7, abs=0.02)


def test_landmarks_of_a_smaller_copy_of_the_frame_fall_on_the_same_places():
    small = draw(picture(1280, 960), person(320, 240), posture(0.0), State.NEUTRAL, THRESHOLDS)
    same = draw(picture(1280, 960), person(1280, 960), posture(0.0), State.NEUTRAL, THRESHOLDS)
    assert (small == same).all()


def test_hidden_points_are_not_drawn():
    hidden = replace(person(640, 480, face=False), visibility=np.full(BODY_POINTS, 0.4))
    drawn = draw(picture(640, 480), hidden, posture(0.0), State.NEUTRAL, THRESHOLDS)
    bare = draw(picture(640, 480), empty(640, 480), posture(0.0), State.NEUTRAL, THRESHOLDS)
    assert (drawn == bare).all()


def test_the_pointer_climbs_the_gauge_as_the_neck_bends():
    heights = []
    blank = draw(picture(640, 480), empty(640, 480), posture(0.0, 80.0), State.SEVERE, THRESHOLDS)
    for deg in (0.0, 20.0, 40.0):
        drawn = draw(picture(640, 480), empty(640, 480), posture(0.0, deg), State.SEVERE, THRESHOLDS)
        heights.append(columns_and_rows(changed(blank, drawn)[80:, 480:])[1])
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("reason", list(Absence))
def test_a_missing_angle_greys_the_gauge_and_says_why(reason):
    absent = nobody(0.0) if reason is Absence.NOBODY else posture(0.0, None, reason=reason)
    drawn = draw(picture(640, 480), empty(640, 480), absent, State.UNKNOWN, THRESHOLDS)
    for state in (State.AMBER, State.RED, State.SEVERE):
        assert not (drawn == BGR[state]).all(axis=2).any()
    other = posture(0.0, None, reason=next(a for a in Absence if a is not reason))
    assert (drawn != draw(picture(640, 480), empty(640, 480), other, State.UNKNOWN, THRESHOLDS)).any()


def test_each_state_looks_different():
    drawn = [draw(picture(640, 480), empty(640, 480), posture(0.0), s, THRESHOLDS).tobytes() for s in State]
    assert len(set(drawn)) == len(State)


def test_a_high_onset_keeps_its_severe_threshold_on_the_gauge():
    drawn = draw(picture(640, 480), empty(640, 480), posture(0.0), State.NEUTRAL, FlexionThresholds(60.0))
    assert (drawn == BGR[State.SEVERE]).all(axis=2).sum() > 100


def test_other_patterns_are_named_while_they_are_under_way():
    def drawn(*names: str) -> np.ndarray:
        blank = picture(640, 480), empty(640, 480), posture(0.0)
        return draw(*blank, State.NEUTRAL, THRESHOLDS, None, names)

    assert (drawn() == drawn("text_neck")).all(), "the gauge shows that one"
    named = changed(drawn(), drawn("lean_in", "side_tilt"))
    across, down = columns_and_rows(named)
    assert across == pytest.approx(0.5, abs=0.05)
    assert down > 0.9
    assert changed(drawn("lean_in"), drawn("shrug")).any()


def test_the_exposure_bar_fills_and_then_says_that_an_alert_is_due():
    def filled(exposure: float | None) -> int:
        drawn = draw(picture(640, 480), empty(640, 480), posture(0.0), State.SEVERE, THRESHOLDS, exposure)
        return int((drawn[380:, :200] == BGR[State.SEVERE]).all(axis=2).sum())

    assert filled(None) == filled(0.0) == 0
    assert 0 < filled(0.3) < filled(0.9) < filled(1.0) == filled(7.0)
