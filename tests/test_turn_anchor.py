from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from people import COUNTED_FROM_RAD, COUNTED_SINCE_S, OTHER_SIDE, SIDE, Pose, neutral_frames, seen
from posturecam.core.landmarks import HeadTurn
from posturecam.core.measurement import Measurement
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.turn_anchor import FRAMES, TurnAnchor

sides = pytest.mark.parametrize("desk", [SIDE, OTHER_SIDE], ids=["right", "left"])


@sides
def test_a_profile_of_another_day_finds_its_place_in_the_count_of_turns(desk):
    measurement = Measurement(neutral_of(neutral_frames(desk)))
    anchor = TurnAnchor(measurement.scene.azimuth_rad)
    frames = [seen(Pose(head_pitch=2 * np.sin(k)), desk, k / 5, turn=True) for k in range(FRAMES)]
    told = [anchor.update(one.head_turn, measurement.measure(one)) for one in frames]
    assert told[:-1] == [None] * (FRAMES - 1)
    assert told[-1].turn_rad == pytest.approx(COUNTED_FROM_RAD, abs=np.radians(1))
    assert told[-1].since_s == COUNTED_SINCE_S


def test_only_frames_near_neutral_tell_it():
    measurement = Measurement(neutral_of(neutral_frames(SIDE)))
    anchor = TurnAnchor(measurement.scene.azimuth_rad)
    for k in range(2 * FRAMES):
        bent = seen(Pose(head_pitch=30), SIDE, k / 5, turn=True)
        assert anchor.update(bent.head_turn, measurement.measure(bent)) is None


def test_a_count_that_is_left_for_another_and_taken_up_again_goes_on():
    measurement = Measurement(neutral_of(neutral_frames(SIDE)))
    anchor, posture = TurnAnchor(measurement.scene.azimuth_rad), measurement.measure(seen(desk=SIDE))
    told = [anchor.update(HeadTurn(0.1, 0.0), posture) for _ in range(FRAMES - 1)]
    told += [anchor.update(HeadTurn(0.0, 100.0 + k), posture) for k in range(FRAMES)]
    assert told == [None] * len(told)
    assert anchor.update(HeadTurn(0.1, 0.0), posture).since_s == 0.0


@sides
def test_a_pipeline_measures_by_it_as_soon_as_it_is_known(desk):
    """BlazePose's points are made to say nothing of the bend, so that only the turn can tell."""
    pipeline = Pipeline(neutral_of(neutral_frames(desk)), Settings())
    for k in range(FRAMES + 1):
        pipeline.update(seen(Pose(), desk, k / 5, turn=True))
    bent, upright = seen(Pose(head_pitch=40), desk, turn=True), seen(Pose(), desk)
    for k in range(20):
        sample, _ = pipeline.update(replace(upright, t_s=(FRAMES + 1 + k) / 5, head_turn=bent.head_turn))
    assert sample.posture.head_pitch.deg > 25


def test_a_head_that_is_counted_anew_is_measured_by_its_turn_again():
    pipeline = Pipeline(neutral_of(neutral_frames(SIDE, turn=True)), Settings())
    turns = [HeadTurn(1.0, 5.0)] * (FRAMES + 1) + [HeadTurn(1.0 + np.radians(40), 5.0)] * 20
    for k, turn in enumerate(turns):
        sample, _ = pipeline.update(replace(seen(desk=SIDE, t_s=5.0 + k / 5), head_turn=turn))
    assert sample.posture.head_pitch.deg > 25
