"""A camera or a seat that moved is told from a person who moves, before anything comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest

from people import FRONT, LAPTOP, SIDE, UPRIGHT, Desk, Pose, film, moved, neutral_frames, shaken, steps
from posturecam.core.alert_policy import Decision
from posturecam.core.camera import Camera
from posturecam.core.event import EventKind
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.landmarks import Backdrop, Landmarks
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import Absence
from posturecam.core.session import Sample
from posturecam.core.setup_change import Setup, before_camera_moved
from posturecam.core.state import State

SOON = Settings(Sensitivity(1 / 32))
BENT = Pose(head_pitch=40)
BACK = Pose(shift_m=(-0.22, 0, 0))
LID_SHUT_MORE = Backdrop(right_px=51, down_px=-38, roll_rad=np.radians(4))
IN_PLACE = Backdrop()
RATE_HZ = 2.5
every_desk = pytest.mark.parametrize("desk", [FRONT, LAPTOP], ids=["front", "laptop"])


class Run:
    """What became of a recording, measured against the person's upright neutral at that desk."""

    def __init__(self, frames: Iterable[Landmarks], desk: Desk = FRONT, backdrop: Backdrop | None = IN_PLACE):
        neutral = replace(neutral_of(neutral_frames(desk)), backdrop=backdrop)
        self.pipeline = Pipeline(neutral, SOON)
        self.samples: list[Sample] = []
        self.setups: list[Setup] = []
        self.decisions: list[Decision] = []
        for frame in frames:
            sample, decisions = self.pipeline.update(frame)
            self.samples.append(sample)
            self.setups.append(self.pipeline.setup)
            self.decisions += decisions

    @property
    def alerts_s(self) -> list[float]:
        """When something was alerted of."""
        return [one.event.t_s for one in self.decisions if one.event.kind is EventKind.ALERT]

    def states(self, start_s: float, end_s: float) -> set[State]:
        """The states between two times."""
        return {sample.state for sample in self.samples if start_s < sample.t_s < end_s}


def recorded(
    *held,
    desk: Desk = FRONT,
    backdrop: Callable[[float], Backdrop | None] = lambda _: IN_PLACE,
    jitter_px: float = 0.5,
) -> list[Landmarks]:
    """Poses held for so many seconds each, with a little jitter, before a backdrop."""
    rng = np.random.default_rng(7)
    frames = film(steps(*held), sum(seconds for seconds, _ in held), desk, RATE_HZ)
    return [replace(one if one.empty else shaken(one, rng, jitter_px), backdrop=backdrop(one.t_s)) for one in frames]


def carried(frames: Iterable[Landmarks], from_s: float, move: Backdrop, until_s: float = np.inf):
    """The same seen by a camera that is moved at a time, and perhaps moved back."""
    return [one if one.t_s < from_s or one.t_s >= until_s else seen_after(one, move) for one in frames]


def seen_after(landmarks: Landmarks, move: Backdrop) -> Landmarks:
    """The same frame as the moved camera sees it."""
    factor, shift = move.similarity
    turn = np.array([[factor.real, factor.imag, 0], [-factor.imag, factor.real, 0], [0, 0, abs(factor)]])
    middle = np.array([landmarks.width_px / 2, landmarks.height_px / 2, 0])
    body, face = (
        None if points is None else (points - middle) @ turn + middle + (shift.real, shift.imag, 0)
        for points in (landmarks.body_px, landmarks.face_px)
    )
    return replace(landmarks, body_px=body, face_px=face, backdrop=move)


def never_stale(setups: Iterable[Setup]) -> bool:
    return not any(setup.stale for setup in setups)


# Persons who move


@every_desk
@pytest.mark.parametrize(
    "held",
    [
        pytest.param([(25, UPRIGHT)], id="sits"),
        pytest.param([(25, BENT), (10, UPRIGHT)], id="bends"),
        pytest.param([(25, Pose(head_pitch=20))], id="nods"),
        pytest.param([(25, Pose(trunk_flexion=18, head_pitch=18))], id="leans in"),
        pytest.param([(25, Pose(trunk_flexion=20))], id="leans in, looking ahead"),
        pytest.param([(25, Pose(trunk_flexion=-18, head_pitch=-14))], id="leans back"),
        pytest.param([(8, Pose(trunk_flexion=-15)), (20, UPRIGHT)], id="stretches, looking ahead"),
        pytest.param([(25, Pose(poke=15))], id="pokes the head"),
        pytest.param([(25, Pose(trunk_flexion=22, head_pitch=8, poke=10))], id="slouches"),
        pytest.param([(25, Pose(shift_m=(0.02, 0, -0.05)))], id="sinks"),
        pytest.param([(20, Pose(shift_m=(0, 0, 0.30))), (20, UPRIGHT)], id="stands up"),
        pytest.param([(25, Pose(head_yaw=40))], id="turns the head"),
        pytest.param([(25, Pose(head_roll=25))], id="tilts the head"),
        pytest.param([(25, Pose(shift_m=(0, 0.08, 0)))], id="moves aside"),
        pytest.param([(30, None), (30, UPRIGHT)], id="leaves and comes back"),
        pytest.param([(5, BACK), (20, UPRIGHT)], id="rolls back and at once forward again"),
        pytest.param([(3, BENT), (3, UPRIGHT)] * 10, id="glances"),
    ],
)
def test_a_person_who_moves_is_not_a_setup_that_moved(held, desk):
    assert never_stale(Run(recorded((10, UPRIGHT), *held, desk=desk), desk).setups)


@pytest.mark.parametrize("pose", [BENT, Pose(trunk_flexion=20, head_pitch=15)], ids=["bends", "leans in"])
def test_nor_is_it_in_profile(pose):
    frames = recorded((10, UPRIGHT), (40, pose), (10, UPRIGHT), desk=SIDE)
    assert never_stale(Run(frames, SIDE).setups)


def test_who_bends_is_still_alerted():
    run = Run(recorded((10, UPRIGHT), (30, BENT)))
    assert run.alerts_s == [pytest.approx(25, abs=1)]


def test_standing_up_is_not_measured_and_never_alerted():
    run = Run(recorded((10, UPRIGHT), (40, Pose(shift_m=(0, 0, 0.25), head_pitch=10)), (10, UPRIGHT)))
    assert never_stale(run.setups)
    assert run.states(12, 49) <= {State.UNKNOWN, State.AWAY}
    assert run.states(52, 60) == {State.NEUTRAL}


# A camera that moved


@every_desk
@pytest.mark.parametrize(
    "move",
    [
        pytest.param(LID_SHUT_MORE, id="shifted and turned"),
        pytest.param(Backdrop(0, -90), id="the lid opened less"),
        pytest.param(Backdrop(0, 60), id="the lid opened more"),
        pytest.param(Backdrop(40, 0), id="turned aside"),
        pytest.param(Backdrop(0, 0, np.radians(-5)), id="rolled"),
        pytest.param(Backdrop(0, 0, 0, 0.8), id="moved away"),
    ],
)
def test_a_camera_that_moved_makes_the_calibration_stale_within_seconds(desk, move):
    run = Run(carried(recorded((40, UPRIGHT), desk=desk), 20, move), desk)
    (change,) = run.pipeline.setup_changes
    assert (change.setup, change.end_s) == (Setup.CAMERA_MOVED, None)
    assert (change.start_s, change.known_s) == pytest.approx((20, 23), abs=0.7)
    assert run.states(20, 40) == {State.UNKNOWN}
    assert run.samples[-1].posture.absence is Absence.STALE
    assert run.alerts_s == []


def test_no_alert_comes_of_it_though_the_person_is_bent_by_then():
    run = Run(carried(recorded((10, UPRIGHT), (50, BENT)), 20, LID_SHUT_MORE))
    assert run.pipeline.setup is Setup.CAMERA_MOVED
    assert run.alerts_s == []


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(carried(recorded((10, UPRIGHT), (40, None), (10, UPRIGHT)), 20, LID_SHUT_MORE), id="nobody there"),
        pytest.param(
            recorded((60, UPRIGHT), backdrop=lambda t_s: IN_PLACE if t_s < 20 else LID_SHUT_MORE),
            id="the person stays in place",
        ),
    ],
)
def test_without_the_persons_testimony_it_takes_longer(frames):
    (change,) = Run(frames).pipeline.setup_changes
    assert change.known_s == pytest.approx(30, abs=0.7)


@pytest.mark.parametrize(
    "backdrop",
    [
        pytest.param(lambda t_s: LID_SHUT_MORE if 20 < t_s < 22 else IN_PLACE, id="a knock"),
        pytest.param(lambda t_s: Backdrop(8 * np.sin(7 * t_s), 6 * np.cos(9 * t_s)), id="a lid that trembles"),
        pytest.param(lambda t_s: None if 20 < t_s < 50 else IN_PLACE, id="covered for a while"),
        pytest.param(lambda _: None, id="a plain wall"),
    ],
)
def test_a_backdrop_that_does_not_stay_elsewhere_means_nothing(backdrop):
    run = Run(recorded((60, UPRIGHT), backdrop=backdrop))
    assert never_stale(run.setups)
    assert run.states(30, 60) == {State.NEUTRAL}


def test_a_camera_that_is_put_back_measures_again():
    run = Run(carried(recorded((80, UPRIGHT)), 20, LID_SHUT_MORE, until_s=40))
    (change,) = run.pipeline.setup_changes
    assert change.end_s == pytest.approx(43, abs=0.7)
    assert run.states(45, 80) == {State.NEUTRAL}


def test_a_neutral_of_later_makes_what_was_before_stale():
    run = Run(carried(recorded((60, UPRIGHT)), 30, LID_SHUT_MORE), backdrop=LID_SHUT_MORE)
    assert run.setups[50] is Setup.CAMERA_MOVED


def test_where_the_neutral_knows_no_backdrop_the_first_one_counts():
    run = Run(carried(recorded((35, UPRIGHT)), 20, LID_SHUT_MORE), backdrop=None)
    assert run.pipeline.setup is Setup.CAMERA_MOVED


def test_the_frames_before_the_camera_moved_are_found():
    frames = carried(recorded((35, UPRIGHT)), 20, LID_SHUT_MORE)
    assert [one.t_s for one in before_camera_moved(frames, Camera(640, 480))] == [k / RATE_HZ for k in range(50)]
    still = recorded((30, UPRIGHT))
    assert before_camera_moved(still, Camera(640, 480)) == still


# A seat that moved


@every_desk
@pytest.mark.parametrize(
    "pose",
    [
        pytest.param(BACK, id="back"),
        pytest.param(Pose(shift_m=(-0.35, 0, 0)), id="far back"),
        pytest.param(Pose(shift_m=(-0.2, 0.1, 0)), id="back and aside"),
        pytest.param(Pose(shift_m=(0.17, 0, 0)), id="nearer"),
        pytest.param(Pose(shift_m=(0, 0, 0.13)), id="up, or the lid was shut further before this session"),
        pytest.param(Pose(shift_m=(0, 0, -0.13)), id="down"),
    ],
)
def test_a_seat_that_moved_makes_the_calibration_stale_before_an_alert(desk, pose):
    run = Run(recorded((20, UPRIGHT), (30, pose), desk=desk), desk)
    (change,) = run.pipeline.setup_changes
    assert (change.setup, change.end_s) == (Setup.SEAT_MOVED, None)
    assert change.start_s == pytest.approx(20, abs=1)
    assert 28 < change.known_s < 33
    assert run.states(34, 50) == {State.UNKNOWN}
    assert run.samples[-1].posture.absence is Absence.STALE
    assert run.alerts_s == []


def test_without_this_a_chair_that_rolled_back_would_be_text_neck():
    """What the doubt is for."""
    run = Run(recorded((20, UPRIGHT), (1, BACK)))
    assert max(sample.posture.neck_flexion.deg for sample in run.samples if sample.posture.absence is None) > 15


def test_the_angles_are_withheld_as_soon_as_there_is_a_doubt():
    run = Run(recorded((20, UPRIGHT), (30, BACK)))
    assert run.states(22, 50) == {State.UNKNOWN}


def test_who_rolls_back_and_bends_is_not_measured_either():
    run = Run(recorded((20, UPRIGHT), (6, BACK), (40, replace(BACK, head_pitch=40))))
    assert run.pipeline.setup is Setup.SEAT_MOVED
    assert run.alerts_s == []


def test_who_rolls_forward_again_is_measured_again():
    run = Run(recorded((20, UPRIGHT), (40, BACK), (30, UPRIGHT)))
    (change,) = run.pipeline.setup_changes
    assert change.end_s == pytest.approx(63, abs=0.7)
    assert run.states(65, 90) == {State.NEUTRAL}


def test_a_place_in_the_picture_alone_says_little():
    """Eight per cent of the picture are where a head goes that moves aside a little."""
    frames = [replace(moved(one, 30, 0), backdrop=IN_PLACE) for one in recorded((60, UPRIGHT))]
    assert never_stale(Run(frames).setups)
