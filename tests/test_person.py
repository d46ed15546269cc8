"""What somebody else does is not measured as the person's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from people import FRONT, SIDE, Desk, Pose, film, neutral_frames, seen, shaken, steps
from posturecam.core.event import EventKind
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.landmarks import Landmarks, Who
from posturecam.core.neutral import neutral_of
from posturecam.core.person import OTHER_SHAPE, shape_change, upper_face
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import Absence
from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.neutral_stretch import find_neutral_stretch

BENT = Pose(head_pitch=45)
SOON = Settings(Sensitivity(1 / 32))


class Run:
    """What became of a recording, measured against the person's upright neutral."""

    def __init__(self, frames: Iterable[Landmarks], desk: Desk = FRONT) -> None:
        pipeline = Pipeline(neutral_of(neutral_frames(desk)), SOON)
        self.samples: list[Sample] = []
        self.alerts_s: list[float] = []
        for frame in frames:
            sample, decisions = pipeline.update(frame)
            self.samples.append(sample)
            self.alerts_s += [one.event.t_s for one in decisions if one.event.kind is EventKind.ALERT]

    def between(self, start_s: float, end_s: float) -> list[Sample]:
        """The samples between two times."""
        return [sample for sample in self.samples if start_s < sample.t_s < end_s]

    def absences(self, start_s: float, end_s: float) -> set[Absence | None]:
        """Why the neck was not measured between two times; None where it was."""
        return {sample.posture.absence for sample in self.between(start_s, end_s)}


def followed_as(frames: Iterable[Landmarks], who: Who, start_s: float, end_s: float) -> list[Landmarks]:
    return [replace(frame, who=who) if start_s <= frame.t_s < end_s else frame for frame in frames]


def with_face_of_another(frames: Iterable[Landmarks], start_s: float, end_s: float) -> list[Landmarks]:
    """The same with a face that is wider, and longer above the nose."""
    return [another(frame) if start_s <= frame.t_s < end_s else frame for frame in frames]


def another(frame: Landmarks) -> Landmarks:
    if frame.face_px is None:
        return frame
    middle = frame.face_px.mean(axis=0)
    points = (frame.face_px - middle) * (1.3, 1.0, 1.0)
    points[:, 1] *= np.where(points[:, 1] < 0, 1.1, 0.95)
    return replace(frame, face_px=points + middle)


def test_somebody_else_who_bends_is_not_measured_and_nothing_comes_of_it():
    run = Run(followed_as(film(steps((20, Pose()), (60, BENT), (0, Pose())), 90), Who.OTHER, 20, 80))

    assert run.absences(20, 80) == {Absence.OTHER_PERSON}
    assert {sample.state for sample in run.between(20, 29)} == {State.UNKNOWN}
    assert {sample.state for sample in run.between(31, 80)} == {State.AWAY}
    assert run.absences(80.5, 90) == {None}
    assert run.alerts_s == []
    assert {sample.exposure for sample in run.samples} == {0.0}


def test_while_it_cannot_be_told_who_is_the_person_nobody_is_measured():
    run = Run(followed_as(film(steps((20, BENT)), 20), Who.UNCLEAR, 0, 20))

    assert run.absences(0, 20) == {Absence.TWO_PEOPLE}
    assert {sample.state for sample in run.between(0, 20)} == {State.UNKNOWN}
    assert run.alerts_s == []


def test_a_passer_by_before_the_camera_costs_the_bent_person_only_those_seconds():
    frames = list(film(steps((5, Pose()), (60, BENT)), 60))
    (undisturbed_s,) = Run(frames).alerts_s
    run = Run(followed_as(frames, Who.OTHER, 10, 13))

    assert run.alerts_s == [pytest.approx(undisturbed_s + 3, abs=0.5)]
    exposure = [sample.exposure for sample in run.between(9.9, 13.1)]
    assert exposure[-1] - exposure[0] < exposure[0] / 10


def test_another_face_in_the_chair_is_somebody_else_after_some_seconds():
    frames = film(steps((10, Pose()), (5, None), (25, Pose()), (5, None), (0, Pose())), 60)
    run = Run(with_face_of_another(frames, 15, 40))

    assert run.absences(18, 40) == {Absence.OTHER_PERSON}
    assert run.absences(45, 60) == {None}


def test_a_face_that_changes_while_it_is_followed_is_still_the_persons():
    run = Run(with_face_of_another(film(steps((30, Pose())), 30), 10, 30))
    assert run.absences(0, 30) == {None}


def test_whoever_is_back_after_a_break_is_measured_at_once():
    run = Run(film(steps((10, Pose()), (20, None), (20, BENT), (0, Pose())), 60))
    assert run.absences(30, 60) == {None}


@pytest.mark.parametrize("times", [1.0, 0.6])
def test_the_shape_of_the_same_face_stays_however_it_is_held(times):
    rng = np.random.default_rng(1)
    neutral = seen().face_px
    for pose in (Pose(head_roll=20), Pose(head_pitch=5), Pose(shift_m=(0.1, 0.1, 0.05))):
        looks = [times * shaken(seen(pose), rng, 0.5).face_px for _ in range(10)]
        assert shape_change([upper_face(face_px, neutral)[0] for face_px in looks], neutral) < OTHER_SHAPE / 2
    assert shape_change([upper_face(another(seen()).face_px, neutral)[0]], neutral) > OTHER_SHAPE


def test_somebody_whose_landmarks_tremble_is_still_themselves():
    rng = np.random.default_rng(1)
    far = replace(FRONT, distance_m=1.0)
    run = Run((shaken(frame, rng, 1.0) for frame in film(steps((30, Pose())), 30, far)), far)
    assert run.absences(0, 30) == {None}


def test_no_neutral_is_made_of_somebody_else():
    frames = neutral_frames()
    other = [replace(frame, who=Who.OTHER) for frame in neutral_frames(pose=BENT)]
    assert np.array_equal(neutral_of([*other, *frames, *other]).body_px, neutral_of(frames).body_px)
    with pytest.raises(ValueError, match="nobody is seen"):
        neutral_of(other)


def test_from_the_side_shapes_say_nothing():
    assert Run(film(steps((30, Pose())), 30, SIDE), SIDE).absences(0, 30) == {None}


def test_no_neutral_is_taken_from_somebody_else():
    frames = followed_as(film(steps((8, Pose()), (60, Pose(head_pitch=-5))), 60), Who.OTHER, 8, 61)
    found = find_neutral_stretch(frames)
    assert found is not None
    assert found[0].end_s <= 8
