from __future__ import annotations

from pathlib import Path

import numpy as np
import platformdirs
import pytest

from calibrated import profile
from calibration.profile import VIEWS, Profile
from calibration.profile_store import NewerProfileError, NoProfileError, TakenError, UnwritableError
from posturecam.core.posture import Absence, View, nobody
from posturecam.errors import Exit, PosturecamError
from posturecam.profiles import (
    data_folder,
    load_profile,
    neutral_from,
    profile_errors,
    profile_store,
    require_view,
)
from postures import posture


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_data_lies_in_the_platforms_own_folder(monkeypatch):
    monkeypatch.delenv("POSTURECAM_DATA", raising=False)
    assert data_folder() == Path(platformdirs.user_data_dir("posturecam", appauthor=False))


def test_the_data_folder_can_be_another(data):
    assert data_folder() == data
    assert profile_store().folder == data / "profiles"


def test_a_profile_is_loaded_by_its_name(data):
    profile_store().save(profile("desk"))
    assert load_profile("desk").name == "desk"


def test_a_missing_profile_is_a_bad_one(data):
    with pytest.raises(PosturecamError, match="no profile desk") as caught:
        load_profile("desk")
    assert caught.value.exit_code is Exit.BAD_PROFILE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoProfileError("x"), Exit.BAD_PROFILE),
        (NewerProfileError("x"), Exit.BAD_PROFILE),
        (TakenError("x"), Exit.USAGE),
        (ValueError("x"), Exit.USAGE),
        (UnwritableError("x"), Exit.FAILURE),
    ],
)
def test_what_goes_wrong_with_a_profile_has_its_exit_code(error, code):
    with pytest.raises(PosturecamError, match="x") as caught, profile_errors():
        raise error
    assert caught.value.exit_code is code


def test_a_profiles_views_are_the_measurements():
    assert tuple(view.value for view in View) == VIEWS


def test_the_neutral_is_the_profiles():
    made = profile()
    neutral = neutral_from(made, 640, 480)
    assert (neutral.width_px, neutral.height_px) == (640, 480)
    np.testing.assert_array_equal(neutral.body_px, made.body_px)
    np.testing.assert_array_equal(neutral.face_px, made.face_px)


def test_a_picture_of_the_same_proportions_is_the_same_picture_at_another_size():
    made = profile(crown_px=101.25)
    neutral = neutral_from(made, 1280, 960)
    assert neutral.crown_px == 202.5
    np.testing.assert_allclose(neutral.body_px, 2 * made.body_px)
    np.testing.assert_allclose(neutral.face_px, 2 * made.face_px)
    np.testing.assert_array_equal(neutral.visibility, made.visibility)


@pytest.mark.parametrize(("width_px", "height_px"), [(640, 360), (480, 640), (1920, 1080)])
def test_a_picture_of_other_proportions_is_refused(width_px, height_px):
    with pytest.raises(PosturecamError, match=f"640 x 480, and these have {width_px} x {height_px}") as caught:
        neutral_from(profile(), width_px, height_px)
    assert caught.value.exit_code is Exit.BAD_PROFILE


def seen_from(elsewhere: int, here: int, away: int) -> list:
    return [
        *(posture(0.0, None, reason=Absence.VIEW) for _ in range(elsewhere)),
        *(posture(0.0) for _ in range(here)),
        *(nobody(0.0) for _ in range(away)),
    ]


def require(made: Profile, elsewhere: int, here: int, away: int, bodies: int = 0) -> None:
    require_view(made, seen_from(elsewhere, here, away), bodies)


def test_somebody_who_is_never_the_profiles_person_needs_another_profile():
    with pytest.raises(PosturecamError, match="nobody in the recording has its person's size and face") as caught:
        require(profile(), 0, 0, 10, bodies=8)
    assert caught.value.exit_code is Exit.BAD_PROFILE


@pytest.mark.parametrize(("here", "away", "bodies"), [(1, 10, 8), (0, 10, 1), (0, 10, 5)])
def test_a_body_now_and_then_in_an_empty_room_says_nothing_of_the_profile(here, away, bodies):
    require(profile(), 0, here, away, bodies)


@pytest.mark.parametrize("counts", [(0, 10, 0), (4, 6, 0), (0, 0, 10), (0, 0, 0)])
def test_somebody_who_turns_now_and_then_is_still_seen_from_there(counts):
    require(profile(), *counts)


@pytest.mark.parametrize("counts", [(10, 0, 0), (6, 4, 0), (1, 0, 99)])
def test_somebody_seen_from_another_side_needs_another_profile(counts):
    with pytest.raises(PosturecamError, match="desk was made from the front, and the camera sees") as caught:
        require(profile(), *counts)
    assert caught.value.exit_code is Exit.BAD_PROFILE
