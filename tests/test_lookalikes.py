"""What people do at a desk that is like a pattern: what each must and must not raise.

Scripted people are filmed, and go the whole way from landmarks to what is told. At the end, real ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from people import FRONT, LAPTOP, SIDE, UPRIGHT, Desk, Pose, film, neutral_frames, shaken, steps
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.neutral import neutral_of
from posturecam.core.patterns.table import Choice
from posturecam.core.pipeline import Pipeline, Settings
from test_replay import real
from traces.record import load

At = Callable[[float], Pose | None]
FAR = Desk(distance_m=0.9)
CLOSE = Desk(distance_m=0.5, field_of_view_deg=78)
HIGH = Desk(tilt=-12)


def repeated(every_s: float, length_s: float, pose: Pose) -> At:
    """The pose for so long, over and over."""
    return lambda t_s: pose if t_s % every_s > every_s - length_s else UPRIGHT


def once(length_s: float, pose: Pose) -> At:
    """The pose for so long, between upright sitting."""
    return steps((20, UPRIGHT), (length_s, pose), (20, UPRIGHT))


def laughing(t_s: float) -> Pose:
    """Eight seconds of it, every minute: head back, shoulders and trunk shaking."""
    if t_s % 60 < 52:
        return UPRIGHT
    shake = math.sin(2 * math.pi * 3.7 * t_s)
    rise_m = 0.02 + 0.015 * shake
    return Pose(head_pitch=-10 + 4 * shake, trunk_flexion=3 * shake, shrug_left_m=rise_m, shrug_right_m=rise_m)


@dataclass(frozen=True)
class Act:
    """Something that people do, and what may come of it."""

    at: At
    minutes: float
    held: set[str] = field(default_factory=set)
    """Patterns with an episode."""
    due: set[str] = field(default_factory=set)
    """Of these, the ones with an alert."""


READING = Pose(head_pitch=32, trunk_flexion=5)
STRETCH_LEFT = Pose(head_roll=33, shrug_left_m=-0.01, shrug_right_m=-0.03)
STRETCH_RIGHT = Pose(head_roll=-33, shrug_left_m=-0.03, shrug_right_m=-0.01)
TEXT_NECK = {"text_neck"}
ACTS = {
    "sitting upright": Act(lambda _: UPRIGHT, 3),
    "nodding while listening": Act(repeated(3, 0.8, Pose(head_pitch=14)), 2),
    "glancing at the keyboard": Act(repeated(6, 2, Pose(head_pitch=27)), 3),
    "reading a paper on the desk for half a minute": Act(once(30, READING), 1.2, TEXT_NECK),
    "reading a paper on the desk for three minutes": Act(once(180, READING), 3.7, TEXT_NECK, TEXT_NECK),
    "drinking": Act(repeated(60, 5, Pose(head_pitch=-20, shrug_right_m=0.03)), 2),
    "laughing": Act(laughing, 2),
    "stretching the neck to both sides": Act(
        steps((20, UPRIGHT), (25, STRETCH_LEFT), (5, UPRIGHT), (25, STRETCH_RIGHT), (30, UPRIGHT)),
        1.7,
        {"side_tilt"},
    ),
    "standing up and coming back": Act(
        steps(
            (20, UPRIGHT),
            (1.5, Pose(trunk_flexion=30, head_pitch=20)),
            (3, Pose(shift_m=(0.1, 0, 0.35))),
            (60, None),
            (1.5, Pose(trunk_flexion=30, head_pitch=20)),
            (30, UPRIGHT),
        ),
        1.9,
    ),
    "turning to a colleague for two minutes": Act(once(120, Pose(head_yaw=55)), 2.6),
    "looking at a second screen for two minutes": Act(once(120, Pose(head_yaw=25)), 2.6),
    "resting the chin on a hand for two minutes": Act(
        once(120, Pose(head_pitch=4, head_roll=6, shrug_left_m=0.012)), 2.6
    ),
    "leaning back for two minutes": Act(once(120, Pose(head_pitch=-8, trunk_flexion=-16)), 2.6),
    "rolling the chair forward by 5 cm": Act(once(120, Pose(shift_m=(0.05, 0, 0))), 2.6),
    "leaning in for a moment": Act(repeated(30, 3, Pose(head_pitch=12, trunk_flexion=13)), 3),
}

POSTURES = {
    "text_neck": Pose(head_pitch=40, trunk_flexion=5),
    "phone_cradle": Pose(head_pitch=4, head_yaw=-7, head_roll=26, shrug_left_m=0.045),
    "slouch": Pose(head_pitch=7, trunk_flexion=14, poke=8),
    "forward_head": Pose(poke=10),
    "side_tilt": Pose(head_roll=-15),
    "shrug": Pose(shrug_left_m=0.035, shrug_right_m=0.035),
    "lean_in": Pose(head_pitch=14, trunk_flexion=14),
}


def watched(at: At, minutes: float, desk: Desk, settings: Settings | None = None) -> Pipeline:
    """What comes of a film, with a pixel of noise on every landmark."""
    rng = np.random.default_rng(7)
    upright = neutral_frames(desk, turn=desk is SIDE)
    pipeline = Pipeline(neutral_of([shaken(one, rng, 1.0) for one in upright]), settings or Settings())
    for landmarks in film(at, 60 * minutes, desk, rate_hz=2.0):
        pipeline.update(shaken(landmarks, rng, 1.0))
    pipeline.finish(60 * minutes)
    return pipeline


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_what_people_do_at_a_desk_raises_this_and_nothing_else(act: Act):
    episodes = watched(act.at, act.minutes, LAPTOP).episodes
    assert {one.pattern for one in episodes} == act.held
    assert {one.pattern for one in episodes if one.alert_s is not None} == act.due


@pytest.mark.parametrize("desk", [FRONT, LAPTOP, FAR, CLOSE, HIGH], ids=["front", "laptop", "far", "close", "high"])
@pytest.mark.parametrize(("name", "pose"), POSTURES.items(), ids=POSTURES)
def test_a_posture_is_found_from_every_desk_as_itself_and_as_nothing_else(name: str, pose: Pose, desk: Desk):
    (episode,) = watched(steps((10, UPRIGHT), (20, pose), (5, UPRIGHT)), 0.6, desk).episodes
    assert episode.pattern == name
    assert (episode.onset_s, episode.end_s) == (pytest.approx(10, abs=1.5), pytest.approx(30, abs=1.5))


@pytest.mark.parametrize("name", ["text_neck", "slouch", "forward_head", "lean_in"])
def test_from_the_side_the_postures_of_the_side_are_found(name: str):
    found = watched(steps((10, UPRIGHT), (20, POSTURES[name]), (10, UPRIGHT)), 0.7, SIDE)
    assert [one.pattern for one in found.episodes] == [name]
    unseen = {watch.pattern for watch in found.watches if watch.obstacle}
    assert {"side_tilt", "phone_cradle"} <= unseen


def test_a_phone_cradled_for_half_a_minute_is_said_and_its_tilt_is_not():
    found = watched(steps((10, UPRIGHT), (40, POSTURES["phone_cradle"]), (10, UPRIGHT)), 1, FRONT)
    (cradle,) = found.episodes
    assert (cradle.pattern, cradle.told) == ("phone_cradle", "yes")


def test_what_is_off_is_not_watched_for():
    off = Settings(choices={"side_tilt": Choice(Manner.OFF)})
    found = watched(steps((10, UPRIGHT), (20, POSTURES["side_tilt"])), 0.5, FRONT, off)
    assert found.episodes == []
    assert "side_tilt" not in {watch.pattern for watch in found.watches}


# Through the real model


LABELS_S = {
    "forward_head": (20.8, 46.8),
    "side_tilt": (57.8, 83.8),
    "shrug": (94.8, 120.8),
    "lean_in": (148.8, 174.8),
    "phone_cradle": (185.8, 211.8),
    "slouch": (222.8, 248.8),
}
"""What a rendered woman does, and when, in the 263 s of `traces/patterns.npz`: one frame a second of a film whose
truth is known, and which is not among the samples."""


@cache
def patterns_film() -> Pipeline:
    frames = load(Path(__file__).parent / "traces" / "patterns.npz")
    pipeline = Pipeline(neutral_of([one for one in frames if one.t_s <= 8]), Settings(Sensitivity(1 / 32)))
    for landmarks in frames:
        pipeline.update(landmarks)
    pipeline.finish(frames[-1].t_s)
    return pipeline


@pytest.mark.parametrize("name", LABELS_S)
def test_a_rendered_posture_is_found_where_it_is_and_nowhere_else(name: str):
    start_s, end_s = LABELS_S[name]
    (episode,) = (one for one in patterns_film().episodes if one.pattern == name)
    assert (episode.onset_s, episode.end_s) == (
        pytest.approx(start_s, abs=1.5),
        pytest.approx(end_s, abs=1.5),
    )
    assert episode.alert_s is not None


def test_a_rendered_film_shows_nothing_else():
    assert {one.pattern for one in patterns_film().episodes} == set(LABELS_S)


def test_a_real_lean_in_of_three_seconds_is_seen_and_no_episode():
    session = real("desk_webcam_talk.mp4")
    seen_s = [s.t_s for s in session.samples if "lean_in" in s.under_way]
    assert seen_s, "seen while it lasts"
    assert 31.5 <= min(seen_s) <= max(seen_s) <= 36
    assert session.alerts == ()


def test_a_real_tilt_of_the_head_is_measured_and_no_episode():
    session = real("standing_head_tilt.mkv")
    late = [s.posture.head_roll.deg for s in session.samples if s.t_s > 2 and s.posture.head_roll.deg is not None]
    assert max(map(abs, late)) > 3
    assert session.episodes == ()


@pytest.mark.parametrize("name", ["driver_still_blinks.mp4", "rotated_phone_video.mp4", "standing_gesture.mkv"])
def test_a_real_head_that_keeps_still_raises_nothing(name: str):
    assert real(name).episodes == ()
