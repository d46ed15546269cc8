"""The postures that are held: what makes each, told by scripted signals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from posturecam.core.event import EndReason, Event, EventKind
from posturecam.core.iso11226 import PRESETS, STANDARD, Sensitivity
from posturecam.core.patterns import table
from posturecam.core.patterns.forward_head import poke_deg
from posturecam.core.patterns.shrug import collarbones_deg
from posturecam.core.placement import Placement
from posturecam.core.posture import Posture, nobody
from postures import posture

IN_PLACE = Placement(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 60.0)


def sitting(pitch: float = 0.0, trunk: float = 0.0, forward: float = 0.0, tilt: float = 0.0, **place: float | None):
    """A posture at 0 s with these angles and this placement."""
    return replace(
        posture(0.0, pitch - trunk, trunk_flexion=trunk, head_forward=forward, lateral_tilt=tilt, head_roll=tilt),
        placement=replace(IN_PLACE, **place),
    )


UPRIGHT = sitting()
SLOUCH = sitting(8, 14, 17, head_forward_cm=17, head_up_cm=-4, shoulders_forward_cm=13)
SUNKEN = sitting(head_up_cm=-4, left_shoulder_up_cm=-4, right_shoulder_up_cm=-4)
POKED = sitting(1, 1, 5, head_forward_cm=2.4, head_up_cm=-1.1)
LEANING = sitting(12, 12, 13, head_forward_cm=14, head_up_cm=-3, shoulders_forward_cm=11, eye_distance_cm=46)
LEANING_LEVEL = sitting(
    0,
    14,
    9,
    head_forward_cm=15,
    head_up_cm=-3.4,
    shoulders_forward_cm=10,
    left_shoulder_up_cm=-3.2,
    right_shoulder_up_cm=-3.2,
    eye_distance_cm=46,
)
SUNK_CM = {"head_up_cm": -6.5, "left_shoulder_up_cm": -6.5, "right_shoulder_up_cm": -6.5}
TOO_CLOSE = sitting(3, 5, 4, head_forward_cm=6, shoulders_forward_cm=1, eye_distance_cm=38)
SHRUG = sitting(left_shoulder_up_cm=3, right_shoulder_up_cm=2.6)
TILTED = sitting(tilt=15, ear_gap_left=0.94)
CRADLING = sitting(3, 0, 3, 30, left_shoulder_up_cm=2.8, right_shoulder_up_cm=0.6, ear_gap_left=0.74)
HELD = {
    "slouch": SLOUCH,
    "forward_head": POKED,
    "lean_in": LEANING,
    "shrug": SHRUG,
    "side_tilt": TILTED,
    "phone_cradle": CRADLING,
}


def mirrored(one: Posture) -> Posture:
    """The same to the other side."""
    place = one.placement
    return replace(
        one,
        lateral_tilt=replace(one.lateral_tilt, deg=-one.lateral_tilt.deg),
        placement=replace(
            place,
            left_shoulder_up_cm=place.right_shoulder_up_cm,
            right_shoulder_up_cm=place.left_shoulder_up_cm,
            ear_gap_left=place.ear_gap_right,
            ear_gap_right=place.ear_gap_left,
        ),
    )


def stream(*held: tuple[float, Posture | None], rate_hz: float = 5.0) -> Iterable[Posture]:
    """Postures held for so many seconds each; None for nobody there."""
    start_s = 0.0
    for length_s, one in held:
        for k in range(round(length_s * rate_hz)):
            t_s = start_s + k / rate_hz
            yield nobody(t_s) if one is None else replace(one, t_s=t_s)
        start_s += length_s


def events(name: str, *held: tuple[float, Posture | None], sensitivity: Sensitivity = STANDARD, **values: float):
    tuning = {**table.tuning({})}
    tuning[name] = {**tuning[name], **values}
    pattern = table.kind(name).make(tuning, sensitivity)
    got = [event for one in stream(*held) for event in pattern.update(one)]
    return got + pattern.finish(sum(length_s for length_s, _ in held))


def found(one: Posture) -> set[str]:
    """The patterns that open an episode when this posture is held for 10 s."""
    return {name for name in (*HELD, "text_neck") if events(name, (5, UPRIGHT), (10, one))}


def alert_s(got: list[Event]) -> list[float]:
    return [event.t_s for event in got if event.kind is EventKind.ALERT]


@pytest.mark.parametrize(("name", "one"), HELD.items(), ids=HELD)
def test_each_posture_is_found_as_itself_and_as_nothing_else(name, one):
    assert found(one) == {name}
    assert found(mirrored(one)) == {name}


@pytest.mark.parametrize(
    ("one", "names"),
    [
        (UPRIGHT, set()),
        (SUNKEN, {"slouch"}),
        (TOO_CLOSE, {"lean_in"}),
        (LEANING_LEVEL, {"lean_in"}),
        (replace(LEANING_LEVEL, placement=replace(LEANING_LEVEL.placement, **SUNK_CM)), {"slouch"}),
        (replace(TOO_CLOSE, placement=replace(TOO_CLOSE.placement, head_forward_cm=0.0)), set()),
        (sitting(45, 5, 22, shoulders_forward_cm=4, head_forward_cm=None, head_up_cm=None), {"text_neck"}),
        (sitting(35, 5, 20, shoulders_forward_cm=5, head_forward_cm=12, head_up_cm=-5), {"text_neck"}),
        (sitting(tilt=9), set()),
        (sitting(tilt=30, ear_gap_left=0.84, left_shoulder_up_cm=-2), {"side_tilt"}),
        (sitting(tilt=30, ear_gap_left=0.84, right_shoulder_up_cm=-3), {"side_tilt"}),
        (
            sitting(tilt=30, ear_gap_left=None, left_shoulder_up_cm=None, right_shoulder_up_cm=None),
            {"side_tilt"},
        ),
        (sitting(left_shoulder_up_cm=1.8, right_shoulder_up_cm=1.8), set()),
        (sitting(left_shoulder_up_cm=5, right_shoulder_up_cm=5, head_up_cm=5), set()),
        (sitting(left_shoulder_up_cm=5, right_shoulder_up_cm=0.5), {"shrug"}),
        (sitting(20, 3, 10, left_shoulder_up_cm=3, right_shoulder_up_cm=3), set()),
        (
            sitting(
                -10,
                -18,
                -16,
                head_forward_cm=-16,
                head_up_cm=-4,
                left_shoulder_up_cm=-4,
                right_shoulder_up_cm=-4,
            ),
            set(),
        ),
        (sitting(head_forward_cm=5), set()),
        (sitting(3, 3, 3, head_forward_cm=3.5, head_up_cm=-0.5, shoulders_forward_cm=3), set()),
        (
            sitting(head_forward_cm=2.4, head_up_cm=-1.1, left_shoulder_up_cm=-1, right_shoulder_up_cm=-1),
            set(),
        ),
        (sitting(head_up_cm=-1.2), set()),
        (sitting(12, 0, 6, head_forward_cm=2.4, head_up_cm=-1.1), set()),
    ],
    ids=[
        "upright is nothing",
        "head and shoulders sunk together are a slouch",
        "eyes too close to the screen are a lean-in",
        "who leans in with a level head has not slouched",
        "unless head and shoulders sink further than that brings with it",
        "who always sits that close has not leaned in",
        "a neck bent down is neither a slouch nor a lean",
        "nor is it when its face is seen",
        "a tilt of 9 degrees is accepted",
        "who stretches the neck with a lowered shoulder holds no phone",
        "nor does who pulls the other shoulder down",
        "where the shoulders are not seen a tilt is a tilt",
        "shoulders raised a little are nothing",
        "who rises as a whole has not shrugged",
        "one shoulder drawn up high is a shrug",
        "who looks down has not shrugged",
        "who leans back has not slouched",
        "who rolls the chair forward pokes no chin",
        "a small lean is no forward head",
        "who sinks a little is not poking either",
        "a sunken head alone is nothing",
        "a nod is no forward head",
    ],
)
def test_what_is_like_a_posture_and_is_not(one, names):
    assert found(one) == names


@pytest.mark.parametrize(
    ("name", "after_s"),
    [
        ("slouch", 60),
        ("forward_head", 60),
        ("lean_in", 60),
        ("shrug", 60),
        ("side_tilt", 60),
        ("phone_cradle", 20),
    ],
)
def test_it_is_worth_a_word_after_its_own_time(name, after_s):
    (due_s,) = alert_s(events(name, (10, UPRIGHT), (after_s + 10, HELD[name]), (10, UPRIGHT)))
    assert due_s == pytest.approx(10 + after_s, abs=0.5)


@pytest.mark.parametrize(
    ("sensitivity", "after_s"),
    [(PRESETS["strict"], 30), (PRESETS["relaxed"], 120), (PRESETS["iso"], 480), (Sensitivity(1 / 32), 15)],
    ids=["strict", "relaxed", "iso", "a 32nd"],
)
def test_the_sensitivity_shortens_and_lengthens_every_dwell_in_proportion(sensitivity, after_s):
    (due_s,) = alert_s(events("slouch", (after_s + 10, SLOUCH), sensitivity=sensitivity))
    assert due_s == pytest.approx(after_s, abs=0.5)


@pytest.mark.parametrize(("name", "one"), HELD.items(), ids=HELD)
def test_glances_are_never_an_episode(name, one):
    assert events(name, *[(3.4, one), (1.0, UPRIGHT)] * 30) == []


def test_a_shrug_that_is_held_for_four_minutes_is_said_again():
    got = events("shrug", (10, UPRIGHT), (300, SHRUG), (10, UPRIGHT))
    assert [(event.kind.value, round(event.t_s)) for event in got] == [
        ("static", 14),
        ("alert", 70),
        ("reminder", 250),
        ("end", 313),
    ]


def test_a_cradle_that_is_let_go_a_little_does_not_become_a_tilt():
    looser = replace(CRADLING, placement=replace(CRADLING.placement, left_shoulder_up_cm=1.5))
    assert events("side_tilt", (5, UPRIGHT), (10, CRADLING), (20, looser)) == []


def test_a_tilt_before_the_cradle_is_a_tilt_of_its_own():
    (static, end) = events("side_tilt", (5, UPRIGHT), (20, TILTED), (20, CRADLING))
    assert static.episode.onset_s == 5
    assert end.episode.end_s == pytest.approx(25, abs=0.3)


def test_a_slouch_that_deepens_out_of_a_lean_ends_the_lean():
    (*_, end) = events("lean_in", (5, UPRIGHT), (20, LEANING), (20, SLOUCH))
    assert (end.kind, end.episode.end_reason) == (EventKind.END, EndReason.RECOVERED)
    assert end.episode.end_s == pytest.approx(25, abs=0.3)


@pytest.mark.parametrize(
    ("name", "peak_deg"),
    [
        ("slouch", 14),
        ("forward_head", 5),
        ("lean_in", 12),
        ("side_tilt", 15),
        ("phone_cradle", 30),
        ("shrug", 9),
    ],
)
def test_an_episode_writes_down_the_angle_that_tells_it_best(name, peak_deg):
    (end,) = [e for e in events(name, (10, HELD[name]), (5, UPRIGHT)) if e.kind is EventKind.END]
    assert end.episode.peak_deg == pytest.approx(peak_deg, abs=0.5)
    assert end.episode.mean_deg == pytest.approx(peak_deg, abs=0.5)


@pytest.mark.parametrize(
    ("name", "one", "values"),
    [
        ("slouch", SLOUCH, {"trunk_deg": 15}),
        ("slouch", SUNKEN, {"sink_cm": 6}),
        ("forward_head", POKED, {"poke_deg": 8}),
        ("lean_in", LEANING, {"forward_cm": 20}),
        ("lean_in", TOO_CLOSE, {"too_close_cm": 30}),
        ("shrug", SHRUG, {"rise_cm": 4}),
        ("side_tilt", TILTED, {"tilt_deg": 20}),
        ("phone_cradle", CRADLING, {"tilt_deg": 40}),
    ],
)
def test_a_higher_threshold_lets_it_pass(name, one, values):
    assert events(name, (10, one))
    assert events(name, (10, one), **values) == []


def test_with_a_cradle_of_a_higher_threshold_the_tilt_remains():
    tuning = {**table.tuning({}), "phone_cradle": {"tilt_deg": 40.0, "dwell_s": 20.0}}
    pattern = table.kind("side_tilt").make(tuning, STANDARD)
    got = [event for one in stream((10, CRADLING)) for event in pattern.update(one)]
    assert [event.kind for event in got] == [EventKind.STATIC]


@pytest.mark.parametrize("name", HELD)
def test_what_was_never_seen_is_said_to_be_so(name):
    pattern = table.kind(name).make(table.tuning({}), STANDARD)
    blind = posture(0.0, None, trunk_flexion=None, head_forward=None, lateral_tilt=None)
    for one in stream((5, blind), (5, None)):
        pattern.update(one)
    assert pattern.obstacle
    for one in stream((5, HELD[name])):
        pattern.update(replace(one, t_s=one.t_s + 20))
    assert pattern.obstacle is None


def test_who_leaves_ends_it():
    (*_, end) = events("side_tilt", (20, TILTED), (20, None))
    assert (end.episode.end_reason, end.episode.end_s) == (EndReason.AWAY, pytest.approx(20, abs=0.3))


@pytest.mark.parametrize(
    ("forward_cm", "up_cm", "poke"),
    [(0, 0, 0), (12.5 * 0.1, -9.4 * 0.1, 5.7), (64 * 0.1, -6.7 * 0.1, 0), (-2, 0.2, 0)],
    ids=["in place", "the neck turned by 0.1 rad", "the trunk turned by 0.1 rad", "leaned back"],
)
def test_the_way_of_the_head_is_split_between_trunk_and_neck(forward_cm, up_cm, poke):
    place = Placement(head_forward_cm=forward_cm, head_up_cm=up_cm)
    assert poke_deg(place) == pytest.approx(poke, abs=0.3)


def test_without_a_place_of_the_head_there_is_no_poke():
    assert poke_deg(Placement()) is None


def test_collarbones_rise_with_the_shoulders():
    assert collarbones_deg(0) == 0
    assert collarbones_deg(9) == pytest.approx(30)
    assert collarbones_deg(50) == 90
