"""Replaying against a profile instead of the recording's own neutral."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calibrated import profile
from calibration.steady import Stretch
from posturecam.core.pipeline import Settings
from posturecam.core.session import NeutralOrigin, NeutralSource
from posturecam.errors import Exit, PosturecamError
from posturecam.replay import Watched, conclude
from posturecam.vision.frames import SourceFacts
from test_calibrate import frames, made

FACTS = SourceFacts("clip.mp4", 640, 480, 5.0, 67.2)


def watched(name: str) -> Watched:
    return Watched(FACTS, frames(name), ())


def test_a_profile_measures_as_its_own_seconds_do():
    of_profile = conclude(watched("front"), 5.0, Settings(), made("front"))
    of_seconds = conclude(watched("front"), 5.0, Settings(), Stretch(0, 10))
    assert of_profile.neutral == NeutralOrigin(NeutralSource.PROFILE, profile="desk")
    for one, other in zip(of_profile.samples, of_seconds.samples, strict=True):
        assert one.posture.neck_flexion.deg == pytest.approx(other.posture.neck_flexion.deg, abs=1.5)


@pytest.mark.parametrize(("clip", "of"), [("side", "front"), ("front", "side")])
def test_a_profile_from_another_view_is_refused(clip, of):
    with pytest.raises(PosturecamError, match=f"was made from the {of}") as caught:
        conclude(watched(clip), 5.0, Settings(), made(of))
    assert caught.value.exit_code is Exit.BAD_PROFILE


def test_a_profile_for_other_pictures_is_refused():
    wide = replace(watched("front"), facts=replace(FACTS, width_px=854))
    with pytest.raises(PosturecamError, match="640 x 480, and these have 854 x 480") as caught:
        conclude(wide, 5.0, Settings(), profile())
    assert caught.value.exit_code is Exit.BAD_PROFILE
