from __future__ import annotations

import pytest

from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.posture import nobody
from posturecam.core.state import State, StateReader
from postures import posture

AWAY = object()


def states(*degs: object, onset_deg: float = 20.0) -> list[str]:
    reader = StateReader(FlexionThresholds(onset_deg))
    stream = (nobody(k / 5) if deg is AWAY else posture(k / 5, deg) for k, deg in enumerate(degs))
    return [reader.update(p).value for p in stream]


@pytest.mark.parametrize(
    ("deg", "state"),
    [
        (-30, "neutral"),
        (0, "neutral"),
        (14.9, "neutral"),
        (15, "amber"),
        (19.9, "amber"),
        (20, "red"),
        (29.9, "red"),
        (30, "severe"),
        (80, "severe"),
        (None, "unknown"),
        (AWAY, "away"),
    ],
)
def test_a_state_begins_at_its_threshold(deg: object, state: str):
    assert states(deg) == [state]


@pytest.mark.parametrize(
    ("degs", "expected"),
    [
        ((20, 19, 18, 17.9), ["red", "red", "red", "amber"]),
        ((30, 28, 27, 18, 17, 13, 12), ["severe", "severe", "red", "red", "amber", "amber", "neutral"]),
        ((19, 20, 19, 20), ["amber", "red", "red", "red"]),
        ((40, 0, 19), ["severe", "neutral", "amber"]),
        ((20, None, 19), ["red", "unknown", "amber"]),
        ((20, AWAY, 19), ["red", "away", "amber"]),
    ],
    ids=[
        "red is left 2 degrees below its threshold",
        "on the way up every state is left 2 degrees late",
        "on a threshold it does not flicker",
        "a state that was skipped on the way down is reached as usual",
        "after an unmeasured sample the thresholds alone decide",
        "after nobody was there the thresholds alone decide",
    ],
)
def test_states_follow_each_other(degs: tuple[object, ...], expected: list[str]):
    assert states(*degs) == expected


def test_thresholds_move_with_the_onset():
    assert states(29, 30, 40, 60, onset_deg=40) == ["neutral", "amber", "red", "severe"]


def test_states_are_written_as_single_words():
    assert [s.value for s in State] == ["neutral", "amber", "red", "severe", "unknown", "away"]
