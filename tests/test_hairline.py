"""The hairline: found in drawn pictures, and what it tells of a head that hides its face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import FRONT, LAPTOP, UPRIGHT, Pose, neutral_frames, seen, without_face
from posturecam.core.body_fit import FaceReading
from posturecam.core.camera import Camera
from posturecam.core.hairline import NeutralHairline
from posturecam.core.landmarks import Body, shoulder_width_px
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import neutral_of
from posturecam.core.scene import scene_of
from posturecam.vision.hairline import FACES_APART, PATIENCE, Hairline

HAIR, SKIN, WALL, SHIRT = (30, 40, 60), (130, 160, 220), (200, 190, 180), (120, 60, 40)
PERSON = seen(UPRIGHT)
BODY_PX, FACE_PX = PERSON.body_px, PERSON.face_px
MIDDLE_PX = float(BODY_PX[Body.NOSE, 0])
CROWN_PX = float(BODY_PX[Body.LEFT_EYE, 1]) - 60
CHIN_PX = float(FACE_PX[:, 1].max())


def picture(hairline_px, hair=HAIR, skin=SKIN, light=1.0):
    """A head with hair down to a line, before a wall, over a shirt."""
    image = np.full((480, 640, 3), WALL, float)
    y, x = np.mgrid[:480, :640]
    head = (abs(x - MIDDLE_PX) < 50) & (y >= CROWN_PX) & (y < CHIN_PX)
    image[head & (y < hairline_px)] = hair
    image[head & (y >= hairline_px)] = skin
    image[y >= CHIN_PX] = SHIRT
    noise = np.random.default_rng(1).normal(0, 4, image.shape)
    return np.clip(light * image + noise, 0, 255).astype(np.uint8)


FOREHEAD_PX = CROWN_PX + 30


def taught(**colours):
    """A hairline whose colours are known from looks at an upright face."""
    hairline = Hairline()
    for _ in range(2 * FACES_APART):
        hairline.update(picture(FOREHEAD_PX, **colours), BODY_PX, FACE_PX, CROWN_PX)
    return hairline


@pytest.mark.parametrize("down_px", [0, 15, 40, 60])
def test_where_hair_ends_is_found_whether_there_is_a_face_or_not(down_px):
    image, hairline = picture(FOREHEAD_PX + down_px), taught()
    for face_px in (None, FACE_PX):
        assert hairline.update(image, BODY_PX, face_px, CROWN_PX) == pytest.approx(FOREHEAD_PX + down_px, abs=4)


def test_a_head_that_shows_nothing_but_hair_has_its_hairline_below():
    assert taught().update(picture(CHIN_PX), BODY_PX, None, CROWN_PX) > CHIN_PX


def test_nothing_is_told_before_a_face_was_seen():
    assert Hairline().update(picture(FOREHEAD_PX), BODY_PX, None, CROWN_PX) is None


def test_nothing_is_told_without_the_top_of_the_head():
    assert taught().update(picture(FOREHEAD_PX), BODY_PX, None, None) is None


def test_nothing_is_told_of_a_bald_head():
    assert taught(hair=SKIN).update(picture(FOREHEAD_PX, hair=SKIN), BODY_PX, None, CROWN_PX) is None


def test_nothing_is_told_of_hair_like_skin():
    alike = tuple(value + 4 for value in SKIN)
    assert taught(hair=alike).update(picture(FOREHEAD_PX, hair=alike), BODY_PX, None, CROWN_PX) is None


def test_a_face_that_is_seen_in_the_hair_does_not_teach_that_hair_is_skin():
    hairline = taught()
    for _ in range((PATIENCE - 1) * FACES_APART):
        hairline.update(picture(CHIN_PX), BODY_PX, FACE_PX, CROWN_PX)
    assert hairline.update(picture(FOREHEAD_PX), BODY_PX, None, CROWN_PX) == pytest.approx(FOREHEAD_PX, abs=4)


def test_the_light_may_change():
    hairline = taught()
    for light in (*np.linspace(1, 0.45, 60), *[0.45] * 20):
        hairline.update(picture(FOREHEAD_PX, light=light), BODY_PX, FACE_PX, CROWN_PX)
    assert hairline.update(picture(FOREHEAD_PX, light=0.45), BODY_PX, None, CROWN_PX) == pytest.approx(
        FOREHEAD_PX, abs=4
    )


def test_other_colours_are_learnt_in_the_end():
    hairline, other = taught(), {"hair": (90, 200, 230), "skin": (40, 60, 110)}
    for _ in range((PATIENCE + 2) * FACES_APART):
        hairline.update(picture(FOREHEAD_PX, **other), BODY_PX, FACE_PX, CROWN_PX)
    assert hairline.update(picture(FOREHEAD_PX, **other), BODY_PX, None, CROWN_PX) == pytest.approx(FOREHEAD_PX, abs=4)


def test_a_head_out_of_the_picture_is_no_error():
    outside = BODY_PX + np.array([900.0, -700.0, 0.0])
    Hairline().update(picture(FOREHEAD_PX), outside, FACE_PX + np.array([900.0, -700.0, 0.0]), 5.0)


LOST = FaceReading(np.radians(52), np.radians(15))
NEUTRAL = neutral_of(neutral_frames(crown=True, hairline=True))
CAMERA = Camera(NEUTRAL.width_px, NEUTRAL.height_px)


def reading(drop_px, expected=LOST, neutral=NEUTRAL):
    line = NeutralHairline(neutral, scene_of(neutral, CAMERA))
    return line.read(neutral.crown_px, neutral.crown_px + drop_px, 1.0, expected)


def test_a_neutral_hairline_over_a_hidden_face_speaks_against_a_bend():
    """As behind a hand or a mask."""
    assert np.degrees(reading(NEUTRAL.hairline_px - NEUTRAL.crown_px).pitch_rad) < 20


@given(st.floats(0, 200), st.floats(0, 60))
def test_the_lower_the_hairline_the_further_the_bend(drop_px, more_px):
    assert reading(drop_px + more_px).pitch_rad >= reading(drop_px).pitch_rad - np.radians(0.5)


@given(st.floats(-50, 400))
def test_a_reading_is_surer_than_what_was_expected_and_never_wild(drop_px):
    told = reading(drop_px)
    assert 0 < told.pitch_sd_rad < 1.2 * LOST.pitch_sd_rad
    assert np.radians(-30) <= told.pitch_rad <= np.radians(90)


def test_a_neutral_without_a_hairline_has_none():
    with pytest.raises(ValueError, match="no hairline"):
        NeutralHairline(replace(NEUTRAL, hairline_px=None), scene_of(NEUTRAL, CAMERA))


def test_a_hairline_below_the_nose_is_no_neutral_one():
    frames = [replace(one, hairline_px=one.body_px[Body.NOSE, 1] + 20) for one in neutral_frames(crown=True)]
    assert neutral_of(frames).hairline_px is None


DESKS = pytest.mark.parametrize("desk", [FRONT, LAPTOP], ids=["front", "laptop"])


def with_and_without(desk, pitch, slipped_sw=0.0):
    """The pitch of a head that hides its face, with its hairline and without; BlazePose's points lie too high."""
    meter = Measurement(neutral_of(neutral_frames(desk, crown=True, hairline=True)))
    hidden = without_face(seen(Pose(head_pitch=pitch), desk, crown=True, hairline=True))
    body_px = hidden.body_px.copy()
    body_px[:11, 1] -= slipped_sw * shoulder_width_px(body_px)
    hidden = replace(hidden, body_px=body_px)
    return (meter.measure(one).head_pitch.deg for one in (hidden, replace(hidden, hairline_px=None)))


@DESKS
def test_a_hidden_face_with_its_hairline_where_it_was_is_hidden_by_something_else(desk):
    with_it, without = with_and_without(desk, 0)
    assert abs(with_it) < 6
    assert abs(with_it) < abs(without)


@DESKS
@pytest.mark.parametrize("pitch", [20, 30, 40, 50, 60])
def test_a_head_that_hides_its_face_is_measured(desk, pitch):
    with_it, _ = with_and_without(desk, pitch)
    assert with_it == pytest.approx(pitch, abs=10)


@DESKS
@pytest.mark.parametrize("pitch", [50, 60])
def test_the_hairline_tells_the_pitch_where_the_eyes_have_slipped_onto_the_hair(desk, pitch):
    with_it, _ = with_and_without(desk, pitch, slipped_sw=0.2)
    assert with_it == pytest.approx(pitch, abs=10)


@pytest.mark.parametrize(("desk", "pitch"), [(FRONT, 40), (FRONT, 50), (LAPTOP, 40), (LAPTOP, 50), (LAPTOP, 60)])
def test_it_tells_it_better_than_slipped_eyes_and_the_top_of_the_head(desk, pitch):
    with_it, without = with_and_without(desk, pitch, slipped_sw=0.2)
    assert abs(with_it - pitch) < abs(without - pitch)
