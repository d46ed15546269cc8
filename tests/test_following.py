"""The person who was found first is followed, whoever else comes into the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from people import Desk, Pose, seen, shrunk, without_face
from posturecam.core.landmarks import Landmarks, Who
from posturecam.vision.following import Followed, Following, Found, Place, Region, distinct, own_face

HERE, BESIDE, BETWEEN = Desk(head_at=(0.3, 0.42)), Desk(head_at=(0.85, 0.42)), Desk(head_at=(0.6, 0.42))
PERSON, OTHER = seen(desk=HERE), seen(desk=BESIDE)
BENT = without_face(seen(Pose(head_pitch=45), HERE))
RATE_HZ = 5.0


class Looks:
    """What becomes of looks, one after the other, at somebody whom Pose has found among those who are there."""

    def __init__(self) -> None:
        self.following = Following()
        self.t_s = 0.0
        self.searches = 0

    def look(self, body: Landmarks | None, *others: Landmarks, search: Landmarks | None = None) -> Followed:
        """One look: Pose has found `body`; the others' faces are seen too; a search would find `search`."""

        def asked(_: Region) -> Found | None:
            self.searches += 1
            return found(search)

        self.t_s += 1 / RATE_HZ
        faces = [one.face_px for one in (*others, body) if one is not None and one.face_px is not None]
        return self.following.update(self.t_s, found(body), faces, asked)

    def stay(self, for_s: float, body: Landmarks | None, *others: Landmarks, search: Landmarks | None = None):
        """The last of many looks at the same."""
        return [self.look(body, *others, search=search) for _ in range(round(for_s * RATE_HZ))][-1]

    def walk(self, start: Desk, end: Desk, for_s: float) -> list[Who]:
        """Somebody whom Pose has found goes from one place to the other."""
        whoever = []
        for share in np.linspace(0, 1, round(for_s * RATE_HZ)):
            across = (1 - share) * start.head_at[0] + share * end.head_at[0]
            whoever.append(self.look(seen(desk=replace(start, head_at=(across, start.head_at[1])))).who)
        return whoever


@pytest.fixture
def looks() -> Looks:
    """After ten seconds of the person alone."""
    looks = Looks()
    assert looks.stay(10, PERSON).who is Who.SAME
    return looks


def found(landmarks: Landmarks | None) -> Found | None:
    if landmarks is None or landmarks.body_px is None or landmarks.visibility is None:
        return None
    return Found(landmarks.body_px, landmarks.visibility)


def part(pose: Pose, share: float) -> Pose:
    """So much of the way from upright to a pose."""
    back, left, up = pose.shift_m
    return Pose(
        share * pose.head_pitch,
        share * pose.head_yaw,
        trunk_flexion=share * pose.trunk_flexion,
        shift_m=(share * back, share * left, share * up),
    )


def is_of(followed: Followed, landmarks: Landmarks) -> bool:
    return followed.found is not None and followed.found.body_px is landmarks.body_px


def test_a_face_belongs_to_the_body_on_which_it_lies():
    assert own_face([OTHER.face_px, PERSON.face_px], Place.of(PERSON.body_px)) == 1
    assert own_face([OTHER.face_px, PERSON.face_px], Place.of(OTHER.body_px)) == 0


def test_a_face_that_was_found_twice_is_one():
    again = PERSON.face_px + 0.1 * np.ptp(PERSON.face_px[:, 0])
    once = distinct([PERSON.face_px, OTHER.face_px, again])
    assert [one is face for one, face in zip(once, [PERSON.face_px, OTHER.face_px], strict=True)] == [True, True]
    assert distinct([]) == []


def test_a_neighbours_face_is_not_that_of_the_person_who_bends(looks):
    followed = looks.look(BENT, OTHER)
    assert is_of(followed, BENT)
    assert followed.face_px is None
    assert looks.following.own_face([OTHER.face_px]) is None


@pytest.mark.parametrize("degrees", range(-30, 61, 15))
def test_the_persons_own_face_is_known_however_the_head_is_held(degrees):
    for pose in (Pose(head_pitch=degrees), Pose(head_yaw=degrees), Pose(head_roll=degrees)):
        one = seen(pose, HERE, face=True)
        assert own_face([OTHER.face_px, one.face_px], Place.of(one.body_px)) == 1


def test_who_moves_as_people_move_stays_the_same_person(looks):
    for most in (Pose(trunk_flexion=40, head_pitch=60), Pose(head_yaw=60), Pose(shift_m=(-0.3, 0.2, 0))):
        for share in (0.5, 1.0, 0.5, 0.0):
            assert looks.look(seen(part(most, share), HERE)).who is Who.SAME
    assert set(looks.walk(HERE, BESIDE, 2.0)) == {Who.SAME}


@pytest.mark.parametrize("held", [PERSON, BENT], ids=["upright", "bent"])
def test_the_person_is_found_again_when_pose_has_jumped_to_somebody_else(looks, held):
    looks.look(held, OTHER)
    followed = looks.look(OTHER, search=held)
    assert is_of(followed, held)
    assert followed.who is Who.SAME


def test_who_is_left_when_the_person_has_gone_is_somebody_else(looks):
    looks.look(PERSON, OTHER)
    assert looks.stay(60, OTHER).who is Who.OTHER
    assert looks.searches <= 60 / 2 + 1


def test_the_person_who_comes_back_is_found_beside_the_one_who_stayed(looks):
    looks.look(PERSON, OTHER)
    looks.stay(30, OTHER)
    followed = looks.stay(2.2, OTHER, PERSON, search=PERSON)
    assert is_of(followed, PERSON)
    assert followed.who is Who.SAME


def test_somebody_else_does_not_become_the_person_by_passing_the_seat(looks):
    looks.look(PERSON, OTHER)
    looks.look(OTHER)
    far = replace(HERE, head_at=(-0.1, 0.42))
    assert set(looks.walk(BESIDE, far, 3.0)) == {Who.OTHER}


def test_who_stops_in_the_persons_seat_is_taken_for_the_person(looks):
    looks.look(PERSON, OTHER)
    looks.look(OTHER)
    looks.walk(BESIDE, HERE, 2.0)
    assert looks.stay(2, PERSON).who is Who.SAME


def test_a_person_who_was_too_quick_is_the_person_again_when_nobody_else_turns_up(looks):
    assert looks.stay(8, OTHER).who is Who.OTHER
    assert looks.stay(4, OTHER).who is Who.SAME


def test_who_moves_about_alone_is_the_person_after_a_while_unless_somebody_has_the_seat(looks):
    """As somebody whom Pose has marked elsewhere at first, and who nods and sways from then on."""
    restless = [seen(desk=replace(BESIDE, head_at=(across, 0.42))) for across in (0.85, 0.65)]
    new = Looks()
    new.look(PERSON)
    for whose, who in ((new, Who.SAME), (looks, Who.OTHER)):
        followed = [whose.stay(1, restless[k % 2]).who for k in range(14)]
        assert followed[:8] == [Who.OTHER] * 8
        assert followed[-1] is who


def test_of_two_who_come_when_nobody_was_there_neither_is_the_person_until_one_takes_the_seat(looks):
    elsewhere, farther = seen(desk=BETWEEN), seen(desk=replace(BETWEEN, head_at=(1.0, 0.42)))
    looks.stay(10, None)
    assert looks.stay(3, elsewhere, farther).who is Who.UNCLEAR
    looks.walk(BETWEEN, HERE, 1.0)
    assert looks.stay(2, PERSON, farther).who is Who.SAME


@pytest.mark.parametrize(
    "others",
    [(), (shrunk(seen(desk=BESIDE), 0.4, (600, 200)),)],
    ids=["alone", "with somebody far behind"],
)
def test_who_comes_alone_when_nobody_was_there_is_taken_for_the_person(looks, others):
    looks.stay(10, None)
    assert looks.look(seen(desk=BETWEEN), *others).who is Who.SAME


def test_a_chair_that_pose_goes_on_following_is_nobody(looks):
    ghost = replace(without_face(PERSON), visibility=np.full(33, 0.6))
    assert looks.look(ghost).found is None
    assert looks.look(BENT).found is not None


def test_whatever_surrounds_the_person_is_covered_for_a_search(looks):
    regions: list[Region] = []

    def asked(region: Region) -> None:
        regions.append(region)

    looks.following.update(looks.t_s + 0.2, found(OTHER), [OTHER.face_px], asked)
    alone = regions[0].alone(np.full((480, 640, 3), 255, np.uint8))

    def shown(one: Landmarks) -> bool:
        x, y = one.body_px[0, :2].astype(int)
        return bool(alone[y, x].min() == 255)

    assert shown(PERSON)
    assert not shown(OTHER)
