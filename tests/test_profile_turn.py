from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from people import FRONT, OTHER_SIDE, SIDE, UPRIGHT, Desk, Pose, seen
from posturecam.core.landmarks import Body, HeadTurn, in_profile, side_on
from posturecam.vision.frames import Frame
from posturecam.vision.profile_turn import ProfileTurn

HEAD = [Body.NOSE, Body.LEFT_EYE, Body.RIGHT_EYE, Body.LEFT_EAR, Body.RIGHT_EAR, Body.MOUTH_LEFT, Body.MOUTH_RIGHT]


def noise(seed: int, size: tuple[int, int] = (480, 640), grain: float = 3.0) -> np.ndarray:
    """A picture of blotches."""
    grey = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, size), (0, 0), grain)
    return np.clip(128 + 50 * grey / grey.std(), 0, 255).astype(np.uint8)


ROOM = noise(0)


def picture(pitch: float, desk: Desk = SIDE, person: int = 1, light: float = 1.0) -> np.ndarray:
    """A blotchy head before a blotchy room, turned within the picture about where the landmarks have it."""
    body = seen(Pose(head_pitch=pitch), desk).body_px
    middle = body[HEAD, :2].mean(axis=0)
    clockwise = pitch * np.sign(desk.azimuth)
    turn = cv2.getRotationMatrix2D((60.0, 60.0), -clockwise, 1.0)
    turn[:, 2] += middle - 60.0
    head = cv2.warpAffine(noise(person, (120, 120)), turn, (640, 480))
    inside = cv2.warpAffine(cv2.circle(np.zeros((120, 120), np.uint8), (60, 60), 55, 255, -1), turn, (640, 480))
    grey = np.where(inside > 127, np.clip(head * light, 0, 255).astype(np.uint8), ROOM)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)


def turned(image: np.ndarray, pitch: float) -> np.ndarray:
    """The picture turned about the middle of the head of somebody upright."""
    x, y = seen(UPRIGHT, SIDE).body_px[HEAD, :2].mean(axis=0).tolist()
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((x, y), -pitch, 1.0), (640, 480))


class Watched:
    """Shown one picture a second."""

    def __init__(self) -> None:
        self.turn, self.t_s = ProfileTurn(), 0.0

    def see(
        self,
        image: np.ndarray,
        pitch: float = 0.0,
        desk: Desk = SIDE,
        person: np.ndarray | None = None,
        astray_px: float = 0.0,
    ):
        """The turn in a picture in which BlazePose finds a head bent by `pitch`, so far beside the true one."""
        self.t_s += 1.0
        body_px = seen(Pose(head_pitch=pitch), desk).body_px
        body_px[HEAD, 0] += astray_px
        return self.turn.update(Frame(self.t_s, image), body_px, person)


def turns_deg(pitches: list[float], desk: Desk = SIDE) -> list[float]:
    watched = Watched()
    turns = [watched.see(picture(p, desk), p, desk) for p in pitches]
    assert all(turn.since_s == 1.0 for turn in turns)
    return [degrees(turn) for turn in turns]


def degrees(turn: HeadTurn) -> float:
    return float(np.degrees(turn.turn_rad))


def test_a_head_that_bends_down_turns_by_all_of_it():
    pitches = [0, 5, 15, 30, 45, 60, 20, 0, -15, 0]
    assert turns_deg(pitches) == pytest.approx(pitches, abs=1.5)


def test_one_that_faces_the_other_way_turns_the_other_way():
    assert turns_deg([0, 20, 45], OTHER_SIDE) == pytest.approx([0, -20, -45], abs=1.5)


def test_it_is_counted_from_where_the_head_was_seen_first():
    assert turns_deg([25, 0, 45]) == pytest.approx([0, -25, 20], abs=1.5)


def test_errors_do_not_add_up():
    nods = [float(p) for p in 25 * np.sin(np.arange(60) / 4)]
    assert turns_deg([0, *nods, 0])[-1] == pytest.approx(0, abs=1)


def test_a_lamp_that_is_turned_on_is_no_turn():
    watched = Watched()
    watched.see(picture(0))
    assert degrees(watched.see(picture(0, light=1.6))) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("pitch", [-40, -20, 30, 55])
def test_a_head_is_found_although_the_landmarks_hardly_turn(pitch):
    """As under hair that hides the face. The picture of the head turns where they are."""
    watched = Watched()
    watched.see(picture(0))
    assert degrees(watched.see(turned(picture(0), pitch))) == pytest.approx(pitch, abs=1.5)


@pytest.mark.parametrize("astray_px", [-60, 60])
@pytest.mark.parametrize(("before", "now"), [(30, 30), (20, 45), (-5, -15)], ids=["held", "bending", "rising"])
def test_a_head_is_found_where_it_was_or_was_going_although_the_landmarks_leave_it(before, now, astray_px):
    watched = Watched()
    for pitch in (0, before):
        watched.see(picture(pitch), pitch)
    for _ in range(2):
        turn = watched.see(picture(now), 0.0, astray_px=astray_px)
        assert turn.since_s == 1.0
        assert degrees(turn) == pytest.approx(now, abs=1.5)


def test_another_head_is_counted_anew_and_the_first_is_known_again():
    watched = Watched()
    watched.see(picture(0))
    turns = [watched.see(picture(p, person=7), p) for p in (30, 50)]
    assert [turn.since_s for turn in turns] == [2.0, 2.0]
    assert [degrees(turn) for turn in turns] == pytest.approx([0, 20], abs=1.5)
    again = watched.see(picture(30), 30)
    assert again.since_s == 1.0
    assert degrees(again) == pytest.approx(30, abs=1.5)


def test_a_head_that_was_marked_elsewhere_at_first_is_followed_from_where_it_is():
    watched, beside = Watched(), np.roll(picture(0), 200, axis=1)
    watched.see(beside)
    turns = [watched.see(picture(p), p) for p in (0, 30, 55, 10)]
    assert {turn.since_s for turn in turns} == {2.0}
    assert [degrees(turn) for turn in turns] == pytest.approx([0, 30, 55, 10], abs=1.5)


def test_a_plain_picture_tells_nothing():
    watched = Watched()
    plain = np.full((480, 640, 3), 120, np.uint8)
    assert [watched.see(plain) for _ in range(3)] == [None] * 3


def test_what_is_not_the_person_is_not_followed():
    nowhere = np.zeros((480, 640), np.float32)
    assert Watched().see(picture(0), person=nowhere) is None


def test_the_mask_of_a_smaller_picture_covers_the_same():
    body = seen(UPRIGHT, SIDE).body_px
    head_px = np.round(body[HEAD, :2].mean(axis=0) / 2).astype(int)
    person = cv2.circle(np.zeros((240, 320), np.float32), head_px.tolist(), 30, 1.0, -1)
    watched = Watched()
    watched.see(picture(0), person=person)
    assert degrees(watched.see(picture(0), person=person)) == pytest.approx(0, abs=0.5)
    assert Watched().see(picture(0), person=person[::-1, ::-1]) is None


@pytest.mark.parametrize("pitch", [-20, 0, 30, 60])
def test_a_body_is_side_on_in_profile_and_from_nowhere_else(pitch):
    pose = Pose(head_pitch=pitch)
    assert side_on(seen(pose, SIDE).body_px)
    assert side_on(seen(pose, OTHER_SIDE).body_px)
    for azimuth in (0, 30, 60):
        assert not side_on(seen(pose, replace(FRONT, azimuth=azimuth)).body_px)


def test_a_head_that_looks_into_the_camera_over_the_shoulder_is_not_side_on():
    assert not side_on(seen(Pose(head_yaw=-80), SIDE).body_px)


@pytest.mark.parametrize("pitch", [-20, 0, 30, 60])
def test_a_head_from_the_side_is_in_profile_and_one_from_the_front_is_not(pitch):
    pose = Pose(head_pitch=pitch)
    assert in_profile(seen(pose, SIDE).body_px)
    assert in_profile(seen(pose, OTHER_SIDE).body_px)
    assert not in_profile(seen(pose, FRONT).body_px)


def test_from_the_front_nothing_is_told():
    assert Watched().see(picture(0, FRONT), desk=FRONT) is None
