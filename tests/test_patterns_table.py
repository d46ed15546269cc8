from __future__ import annotations

import re
from pathlib import Path

import pytest

from posturecam.core.iso11226 import STANDARD
from posturecam.core.manner import Manner
from posturecam.core.patterns import table
from posturecam.core.patterns.pattern import Kind
from posturecam.core.patterns.table import KINDS, Choice
from posturecam.core.posture import nobody
from postures import posture

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
PATTERNS = Path(table.__file__).parent


def test_every_pattern_that_was_promised_is_there_once():
    assert [kind.name for kind in KINDS] == [
        "text_neck",
        "phone_cradle",
        "slouch",
        "forward_head",
        "side_tilt",
        "shrug",
        "lean_in",
        "monitor_placement",
        "stillness",
        "long_sitting",
        "rapid_turn",
        "hydration",
    ]


@pytest.mark.parametrize(
    ("manner", "names"),
    [
        (Manner.ALERT, {"text_neck", "phone_cradle", "slouch", "forward_head"}),
        (Manner.TIP, {"side_tilt", "shrug", "lean_in", "monitor_placement"}),
        (Manner.NUDGE, {"stillness", "long_sitting"}),
        (Manner.LOG, {"rapid_turn"}),
        (Manner.OFF, {"hydration"}),
    ],
)
def test_what_is_thinly_supported_is_quiet_by_default(manner, names):
    assert {kind.name for kind in KINDS if kind.manner is manner} == names


@every_kind
def test_every_pattern_has_a_file_of_its_name(kind: Kind):
    assert (PATTERNS / f"{kind.name}.py").exists()


@every_kind
def test_every_pattern_says_what_it_is_why_and_what_it_says(kind: Kind):
    for words in (kind.what, kind.why, kind.said, kind.said_again):
        assert re.fullmatch(r"[A-Z].+\.", words), words
    said = f"{kind.said} {kind.said_again}".lower()
    assert not re.search(r"\b(good|bad|great|poor|pain|disease|diagnos\w*|correct|wrong)\b", said)


@every_kind
def test_every_parameter_has_a_unit_a_range_and_a_source(kind: Kind):
    assert kind.parameters
    for parameter in kind.parameters:
        assert parameter.least < parameter.default < parameter.most
        assert re.search(r"_(deg|deg_s|s|cm|min|shifts)$", parameter.key)
        assert len(parameter.what) > 10
        assert re.search(r"(1|2)\d{3}|judgement|OSHA|NUREG|lean", parameter.source), parameter.source


@every_kind
def test_every_pattern_can_be_made_and_sees_nothing_in_an_empty_or_upright_stream(kind: Kind):
    pattern = kind.make(table.tuning({}), STANDARD)
    got = [e for k in range(100) for e in pattern.update(nobody(k / 5))]
    got += [e for k in range(100, 200) for e in pattern.update(posture(k / 5))]
    assert got + pattern.finish(40.0) == []
    assert not pattern.under_way


@every_kind
@pytest.mark.parametrize("t_s", [9.0, float("nan"), float("inf")])
def test_no_pattern_lets_time_run_backwards_or_be_no_number(kind: Kind, t_s: float):
    pattern = kind.make(table.tuning({}), STANDARD)
    pattern.update(posture(10.0))
    with pytest.raises(ValueError, match=f"{kind.name}: time must not run backwards"):
        pattern.update(posture(t_s))
    pattern.update(posture(10.2))


def test_a_choice_changes_what_it_names_and_nothing_else():
    chosen = table.tuning({"side_tilt": Choice(values={"tilt_deg": 20.0})})
    assert chosen["side_tilt"] == {"tilt_deg": 20.0, "dwell_s": 60.0}
    assert {**chosen, "side_tilt": None} == {**table.tuning({}), "side_tilt": None}
    manners = table.manners({"hydration": Choice(Manner.NUDGE), "shrug": Choice(Manner.OFF)})
    assert (manners["hydration"], manners["shrug"], manners["slouch"]) == (
        Manner.NUDGE,
        Manner.OFF,
        Manner.ALERT,
    )


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"slump": Choice()}, "there is no pattern slump: there are text_neck, "),
        ({"shrug": Choice(values={"deg": 2.0})}, "shrug has no deg: it has rise_cm, dwell_s, guarding_s"),
        ({"shrug": Choice(values={"rise_cm": 0.0})}, "shrug.rise_cm = 0: must lie between 1 and 8"),
    ],
    ids=["a pattern", "a parameter", "a value"],
)
def test_what_cannot_be_chosen_is_said_with_what_can(choices, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        table.tuning(choices)
