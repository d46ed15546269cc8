from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.core.patterns.cue import Latch, cue, magnitude, strongest, weakest

maybe = st.none() | st.floats(-5, 5)


@pytest.mark.parametrize(
    ("value", "onset", "release", "expected"),
    [
        (10, 10, 7, 1),
        (7, 10, 7, 0),
        (13, 10, 7, 2),
        (4, 10, 7, -1),
        (8, 8, 11, 1),
        (11, 8, 11, 0),
        (0, 8, 11, 11 / 3),
    ],
    ids=[
        "at its onset",
        "at its release",
        "beyond",
        "under",
        "little enough",
        "just too much",
        "nothing at all",
    ],
)
def test_a_cue_is_1_at_its_onset_and_0_at_its_release(value, onset, release, expected):
    assert cue(value, onset, release) == pytest.approx(expected)


def test_what_is_missing_gives_no_cue():
    assert cue(None, 10, 7) is None
    assert magnitude(None) is None


@given(st.lists(maybe, min_size=1, max_size=5))
def test_a_posture_is_as_firm_as_its_weakest_cue(cues):
    known = [one for one in cues if one is not None]
    whole = weakest(*cues)
    if known and min(known) < 0:
        assert whole == min(known), "one that is not met decides, whatever is missing"
    elif None in cues:
        assert whole is None, "what the others leave open cannot be told"
    else:
        assert whole == min(known)


@given(st.lists(maybe, min_size=1, max_size=5))
def test_of_two_ways_to_a_posture_the_firmer_counts(cues):
    known = [one for one in cues if one is not None]
    assert strongest(*cues) == max(known, default=None)


def test_a_latch_holds_from_the_onset_until_under_the_release():
    latch = Latch()
    readings = [0.9, 1.0, 0.5, 0.0, -0.1, 0.5, 1.2, None, 0.5]
    assert [latch.update(one) for one in readings] == [
        False,
        True,
        True,
        True,
        False,
        False,
        True,
        False,
        False,
    ]
