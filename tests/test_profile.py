from __future__ import annotations

import json
import re
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrated import profile
from calibration.baseline import Level
from calibration.profile import (
    METRIC,
    MIGRATIONS,
    ONSET_RANGE_DEG,
    SCHEMA_VERSION,
    NewerSchemaError,
    as_document,
    from_text,
    migrated,
    require_name,
    to_text,
)
from calibration.separability import Basis
from posturecam.core.patterns import text_neck


def changed(**entries):
    return json.dumps({**as_document(profile()), **entries})


def without(key):
    return json.dumps({k: v for k, v in as_document(profile()).items() if k != key})


def test_a_profile_survives_its_text():
    before = profile(camera="Logitech C920 [0]")
    after = from_text(to_text(before))
    assert as_document(after) == as_document(before)
    np.testing.assert_allclose(after.face_px, before.face_px, atol=0.005)
    np.testing.assert_allclose(after.body_px, before.body_px, atol=0.005)


def test_a_profile_from_the_side_has_no_face():
    text = to_text(profile(view="side", face_px=None, keyboard=None, phone=None))
    after = from_text(text)
    assert (after.view, after.face_px, after.keyboard, after.phone) == ("side", None, None, None)


def test_a_profile_keeps_where_the_top_of_the_head_was():
    assert from_text(to_text(profile(crown_px=101.25))).crown_px == 101.25


def test_a_profile_keeps_where_the_hairline_was():
    assert from_text(to_text(profile(hairline_px=140.5))).hairline_px == 140.5


def test_a_profile_of_the_second_version_knows_no_hairline():
    old = {key: value for key, value in as_document(profile()).items() if key != "hairline_px"}
    assert from_text(json.dumps({**old, "schema_version": 2})).hairline_px is None


def test_a_profile_of_the_first_version_knows_no_top_of_the_head():
    old = {key: value for key, value in as_document(profile()).items() if key not in ("crown_px", "hairline_px")}
    assert from_text(json.dumps({**old, "schema_version": 1})).crown_px is None


def test_the_second_text_is_the_first():
    text = to_text(profile())
    assert to_text(from_text(text)) == text


@settings(max_examples=30)
@given(
    camera=st.none() | st.text(max_size=200).filter(str.isprintable),
    onset_deg=st.floats(*ONSET_RANGE_DEG),
    keyboard=st.none() | st.builds(Level, st.floats(-90, 90), st.floats(0, 20)),
    scale=st.floats(0.001, 1000),
)
def test_whatever_a_profile_holds_survives_its_text(camera, onset_deg, keyboard, scale):
    before = profile(camera=camera, onset_deg=onset_deg, keyboard=keyboard, face_px=scale * profile().face_px)
    assert as_document(from_text(to_text(before))) == as_document(before)


def test_single_precision_does_not_blow_up_the_text():
    double, single = profile(), profile(face_px=profile().face_px.astype(np.float32))
    assert len(to_text(single)) < 1.01 * len(to_text(double))


def test_a_person_can_read_and_change_the_text():
    text = to_text(profile())
    assert '\n  "onset_deg": 25.0,\n' in text
    assert max(map(len, text.splitlines()[:15])) < 80
    assert from_text(text.replace('"onset_deg": 25.0', '"onset_deg": 18')).onset_deg == 18


BROKEN = {
    "nothing": ("", "it is not JSON"),
    "half of it": (to_text(profile())[:4000], "it is not JSON"),
    "a list": ("[]", "it is no profile of posturecam"),
    "other JSON": ('{"profiles": {"list": []}}', "it is no profile of posturecam"),
    "other JSON with a version": ('{"schema_version": 1, "format": "x"}', "it is no profile of posturecam"),
    "NaN": (to_text(profile()).replace("25.0", "NaN"), "NaN is not a number"),
    "deep brackets": ("[" * 100_000, "it is not JSON"),
    "no version": (without("schema_version"), "schema_version is not a whole number"),
    "version true": (changed(schema_version=True), "schema_version is not a whole number"),
    "version 0": (changed(schema_version=0), "which was never in use"),
    "an entry missing": (without("face_px"), "face_px is missing"),
    "an entry misspelt": (changed(onset_degrees=20), "'onset_degrees' is not known"),
    "another metric": (changed(metric="cva_deg"), f"metric is not {METRIC}"),
    "an onset in words": (changed(onset_deg="20"), "onset_deg is not a number"),
    "an onset of true": (changed(onset_deg=True), "onset_deg is not a number"),
    "an onset out of range": (changed(onset_deg=90), "onset_deg is not a number from 5 to 60"),
    "an infinite onset": (to_text(profile()).replace("25.0", "1e999"), "onset_deg is not a number from"),
    "an onset beyond all floats": (changed(onset_deg=10**400), "onset_deg is not a number that can be"),
    "another basis": (changed(onset_basis="luck"), "onset_basis is not one of separated"),
    "another view": (changed(view="above"), "view is 'above', not one of front"),
    "no width": (changed(width_px=0), "width_px is not a number from 1"),
    "half a pixel": (changed(width_px=640.5), "width_px is not a whole number"),
    "a width beyond all floats": (changed(width_px=10**400), "width_px is not a number from 1"),
    "points missing": (changed(body_px=[[1, 2, 3]]), "body_px does not hold 33 x 3 numbers"),
    "ragged points": (changed(face_px=[[1, 2, 3], [1]]), "face_px is not a table of numbers"),
    "points in words": (changed(visibility=["1"] * 33), "visibility is not a table of numbers"),
    "points beyond all pictures": (changed(visibility=[1e300] * 33), "visibility holds numbers that"),
    "null points": (changed(body_px=None), "body_px is not a table of numbers"),
    "a level without a spread": (changed(phone={"median_deg": 3}), "in phone, sd_deg is missing"),
    "a level with a negative spread": (changed(phone={"median_deg": 3, "sd_deg": -1}), "in phone, a level"),
    "a level in one number": (changed(phone=33), "phone is not a median with a standard deviation"),
    "no spread": (changed(spread={}), f"spread is not a table of signals with {METRIC}"),
    "a signal with escapes": (
        changed(spread={**as_document(profile())["spread"], "\x1b[2J": {"median_deg": 0, "sd_deg": 0}}),
        "spread is not a table of signals",
    ),
    "a camera with escapes": (changed(camera="\x1b[2J"), "camera is not a printable name"),
    "no time": (changed(made="yesterday"), "made is 'yesterday', not a time"),
    "a time somewhere": (changed(made="2026-11-22T19:30:00"), "not a time such as"),
    "a path for a name": (changed(name="../desk"), "'../desk' cannot be a profile's name"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_text_is_refused_with_what_is_wrong(text, words):
    with pytest.raises(ValueError, match=re.escape(words)) as caught:
        from_text(text)
    assert "\n" not in str(caught.value)


@given(st.text())
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises(ValueError, match="it is"):
        from_text(text)


@given(st.sampled_from(sorted(as_document(profile()))), st.none() | st.booleans() | st.floats() | st.text())
def test_no_single_wrong_entry_does_more_than_be_refused(key, value):
    with suppress(ValueError):
        assert as_document(from_text(changed(**{key: value})))[key] == value


def test_a_newer_version_is_told_from_a_broken_one():
    with pytest.raises(NewerSchemaError, match=f"schema version {SCHEMA_VERSION + 1}"):
        from_text(changed(schema_version=SCHEMA_VERSION + 1, entry_of_tomorrow=1))


def test_an_older_document_is_led_through_every_version():
    steps = {
        7: lambda old: {"onset_deg": old["threshold"]},
        8: lambda old: {**old, "view": "front"},
    }
    old = {"schema_version": 7, "threshold": 20}
    assert migrated(old, steps, 9) == {"schema_version": 9, "onset_deg": 20, "view": "front"}
    assert old == {"schema_version": 7, "threshold": 20}


def test_every_version_that_was_in_use_leads_to_the_present_one():
    assert set(MIGRATIONS) == set(range(1, SCHEMA_VERSION))


GOOD_NAMES = ["desk", "Standing desk", "laptop-2", "Büro", "机", "a", "x" * 60]
BAD_NAMES = [
    *("", " ", ".", "..", "../desk", "a/b", "a\\b", "/etc/passwd", "C:desk", ".hidden", "desk.json"),
    *("desk ", " desk", "-desk", "_desk", "desk\n", "a\x00b", "\x1b[2J", "con", "NUL", "Com1", "x" * 61),
    *("é" * 31, "de\u0301k", "a\u202eb", "\udce9", "*", "a?b"),
]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_name_can_be(name):
    require_name(name)
    assert from_text(to_text(profile(name))).name == name


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_cannot_be(name):
    with pytest.raises(ValueError, match="cannot be a profile's name"):
        require_name(name)


def test_an_onset_by_hand_says_so():
    after = profile().with_onset(18.0)
    assert (after.onset_deg, after.basis) == (18.0, Basis.BY_HAND)
    assert after.onset.keyboard_deg == pytest.approx(17.9)


@pytest.mark.parametrize("onset_deg", [4.9, 60.1, float("nan"), float("inf"), -20])
def test_an_onset_by_hand_is_within_its_range(onset_deg):
    with pytest.raises(ValueError, match="onset_deg is not a number from 5 to 60"):
        profile().with_onset(onset_deg)


def test_every_onset_that_a_profile_holds_can_be_watched_for():
    assert ONSET_RANGE_DEG == text_neck.ONSET_RANGE_DEG
