"""Where profiles are kept on this machine, and what one means for a recording or a camera."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from calibration.profile import Profile
from calibration.profile_store import ProfileError, ProfileStore, TakenError, UnwritableError
from posturecam.core.neutral import Neutral
from posturecam.core.posture import Absence, Posture, View
from posturecam.errors import BadProfileError, PosturecamError, UsageError

DATA_VARIABLE = "POSTURECAM_DATA"
"""The environment variable that names another data folder."""
ASPECT_TOLERANCE = 0.01
"""Pictures whose proportions differ by more are not the same picture at another size."""
ELSE_SHARE = 0.5
"""When more of the pictures show the person from another side, or somebody else, it is another set-up (judgement)."""

VIEW_WORDS = {
    View.FRONT: "from the front",
    View.THREE_QUARTER: "from half the side",
    View.SIDE: "from the side",
}


def data_folder() -> Path:
    """Return the folder of all that posturecam keeps: the platform's own, or the one in POSTURECAM_DATA."""
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("posturecam", appauthor=False))


def profile_store() -> ProfileStore:
    """Return the profiles of this machine's user."""
    return ProfileStore(data_folder() / "profiles")


@contextmanager
def profile_errors() -> Iterator[None]:
    """What is wrong with a profile or its name becomes a line for the user, with its exit code."""
    try:
        yield
    except UnwritableError as error:
        raise PosturecamError(str(error)) from None
    except TakenError as error:
        raise UsageError(str(error)) from None
    except ProfileError as error:
        raise BadProfileError(str(error)) from None
    except ValueError as error:
        raise UsageError(str(error)) from None


def load_profile(name: str) -> Profile:
    """Return the profile of this name; BadProfileError when there is none or it cannot be used."""
    with profile_errors():
        return profile_store().load(name)


def neutral_from(profile: Profile, width_px: int, height_px: int) -> Neutral:
    """Return the profile's neutral in pictures of this size.

    The same proportions are taken for the same picture at another size. Raises BadProfileError when the
    proportions differ.
    """
    scale = width_px / profile.width_px
    if abs(height_px / (scale * profile.height_px) - 1) > ASPECT_TOLERANCE:
        raise BadProfileError(
            f"the profile {profile.name} is for pictures of {profile.width_px} x {profile.height_px}, and "
            f"these have {width_px} x {height_px}: choose another profile, or calibrate with this camera"
        )
    return Neutral(
        width_px,
        height_px,
        scale * profile.body_px,
        profile.visibility,
        None if profile.face_px is None else scale * profile.face_px,
        crown_px=None if profile.crown_px is None else scale * profile.crown_px,
        hairline_px=None if profile.hairline_px is None else scale * profile.hairline_px,
    )


def require_view(profile: Profile, postures: Sequence[Posture], bodies: int) -> None:
    """Raise BadProfileError when most of these postures were seen from another side than the profile's.

    So it does when none is of the profile's person although most of the pictures show a body, `bodies` of them: less
    than half as large as its person, more than twice, or with another face. They were measured with its neutral.
    Postures of nobody say nothing else.
    """
    seen = [posture for posture in postures if posture.present]
    if not seen and bodies > ELSE_SHARE * len(postures):
        raise BadProfileError(
            f"the profile {profile.name} was made {VIEW_WORDS[View(profile.view)]}, and nobody in the recording "
            "has its person's size and face: choose another profile, or calibrate here"
        )
    elsewhere = [posture for posture in seen if posture.absence is Absence.VIEW]
    if len(elsewhere) > ELSE_SHARE * len(seen):
        raise BadProfileError(
            f"the profile {profile.name} was made {VIEW_WORDS[View(profile.view)]}, and the camera sees the "
            "person from another side: choose another profile, or calibrate here"
        )
