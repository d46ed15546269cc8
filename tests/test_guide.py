"""Guided calibrations on the front clip, as the model saw it, cut to what a person does who is guided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise

import numpy as np
import pytest

from calibration.baseline import Flaw, UnfitError
from calibration.holding import CORNERS, STEPS, Cue, Pose, Waiting
from calibration.separability import Basis
from people import moved
from posturecam import guide as guide_module
from posturecam.calibrate import Poses, Setup, calibrate
from posturecam.core.landmarks import Landmarks
from posturecam.errors import UsageError
from posturecam.guide import KEPT_S, Guide, Sight, lead
from posturecam.vision.frames import Frame, SourceFacts
from test_calibrate import frames, without_body, yawed

SETUP = Setup("desk", "2026-11-22T19:30:00+00:00", camera="C920", field_of_view_deg=70.0)
BRIGHT, DARK = np.full((480, 640, 3), 120, np.uint8), np.full((480, 640, 3), 4, np.uint8)
RATE_HZ = 5.0

Part = tuple[float, float, float]
"""From and to which second of the clip, and for how long its last frame is held."""
UPRIGHT: Part = (0.0, 10.6, 0.0)
DOWN_TO_KEYBOARD: Part = (11.6, 13.6, 4.6)
UP_AGAIN: Part = (13.6, 16.0, 0.0)
DOWN_TO_PHONE: Part = (21.0, 33.0, 0.0)
ALL = (UPRIGHT, DOWN_TO_KEYBOARD, UP_AGAIN, DOWN_TO_PHONE)


def seen(*parts: Part, start_s: float = 0.0) -> Iterator[Landmarks]:
    """The parts of the clip, one after the other."""
    t_s = start_s
    for first_s, last_s, held_s in parts:
        part = [frame for frame in frames("front") if first_s <= frame.t_s < last_s]
        for frame in part + [part[-1]] * round(held_s * RATE_HZ):
            yield replace(frame, t_s=t_s)
            t_s += 1 / RATE_HZ


def led(guide: Guide, landmarks: Iterable[Landmarks], image: np.ndarray = BRIGHT, faces: int = 1) -> list[Cue | None]:
    return [guide.update(Frame(one.t_s, image), one, faces) for one in landmarks]


@cache
def finished() -> Guide:
    """The guide of somebody who did as told."""
    guide = Guide(SETUP)
    assert led(guide, seen(*ALL))[-1] is None
    return guide


def test_somebody_who_does_as_told_gets_a_profile():
    profile = finished().profile()
    assert (profile.name, profile.camera, profile.view) == ("desk", "C920", "front")
    assert profile.keyboard.median_deg == pytest.approx(29, abs=3)
    assert profile.phone.median_deg == pytest.approx(40, abs=3)
    assert profile.basis is Basis.SEPARATED
    assert finished().corner_deg is None


def test_a_guided_profile_is_that_of_the_same_seconds_of_a_recording():
    held = finished().held
    poses = Poses(held[Pose.UPRIGHT], held[Pose.KEYBOARD], held[Pose.PHONE])
    recorded, guided = calibrate(list(seen(*ALL)), poses, SETUP), finished().profile()
    assert np.array_equal(recorded.body_px, guided.body_px)
    assert (recorded.spread, recorded.onset) == (guided.spread, guided.onset)


HINDRANCES: dict[str, tuple[Waiting, Callable[[Landmarks], Landmarks], np.ndarray, int]] = {
    "nobody is there": (Waiting.NOBODY, without_body, BRIGHT, 0),
    "it is too dark": (Waiting.TOO_DARK, without_body, DARK, 0),
    "a second person is there": (Waiting.TWO_PEOPLE, lambda one: one, BRIGHT, 2),
    "the shoulders are below the picture": (
        Waiting.SHOULDERS_OUT,
        partial(moved, right_px=0, down_px=200),
        BRIGHT,
        1,
    ),
    "a shoulder is beside the picture": (
        Waiting.SHOULDERS_OUT,
        partial(moved, right_px=300, down_px=0),
        BRIGHT,
        1,
    ),
    "the head is turned": (Waiting.TURNED, partial(yawed, left_deg=25), BRIGHT, 1),
    "the face is hidden": (Waiting.TURNED, lambda one: replace(one, face_px=None), BRIGHT, 1),
}


@pytest.mark.parametrize(("why", "change", "image", "faces"), HINDRANCES.values(), ids=HINDRANCES)
def test_the_upright_step_says_why_it_waits_and_goes_on_when_it_can(why, change, image, faces):
    guide = Guide(SETUP)
    hindered = [change(one) for one in seen((0.0, 3.0, 0.0))]
    assert {cue.waiting for cue in led(guide, hindered, image, faces)} == {why}
    cues = led(guide, seen(UPRIGHT, start_s=3.0))
    assert cues[-1].step.pose is Pose.KEYBOARD


def test_somebody_who_sits_down_first_is_waited_for():
    guide = Guide(SETUP)
    cues = led(guide, seen((48.0, 50.0, 0.0), UPRIGHT))
    assert cues[0].waiting in (Waiting.TURNED, Waiting.MOVING)
    assert guide.held[Pose.UPRIGHT].start_s > 1.0


def test_the_neutral_is_that_of_the_hold_and_not_of_the_first_second():
    """Somebody reads the first words with a bent neck and then sits upright."""
    guide = Guide(SETUP)
    led(guide, seen((28.0, 30.0, 0.0), (47.6, 51.0, 0.0), UPRIGHT, *ALL[1:]))
    assert guide.profile().phone.median_deg == pytest.approx(40, abs=3)


def nearer(landmarks: Landmarks, times: float = 1.8) -> Landmarks:
    """The same person at a fraction of the distance."""
    centre = np.array([320.0, 240.0, 0.0])
    body, face = ((points - centre) * times + centre for points in (landmarks.body_px, landmarks.face_px))
    return replace(landmarks, body_px=body - [0, 160, 0], face_px=face - [0, 160, 0])


def test_somebody_who_moves_back_after_the_first_seconds_is_measured_anew():
    guide = Guide(SETUP)
    assert led(guide, map(nearer, seen((0.0, 3.0, 0.0))))[-1].waiting is None
    led(guide, seen(UPRIGHT, (0.0, 6.0, 0.0), start_s=3.0))
    assert guide.held[Pose.UPRIGHT].start_s < 9


def test_how_far_the_head_is_down_is_known_once_the_upright_pose_is():
    guide = Guide(SETUP)
    led(guide, seen(UPRIGHT))
    assert guide.number == 1
    assert guide.flexion_deg == pytest.approx(0, abs=2)
    led(guide, seen((12.6, 13.6, 0.0), start_s=20.0))
    assert guide.flexion_deg == pytest.approx(29, abs=4)


def test_steps_can_be_skipped_but_the_first():
    guide = Guide(SETUP)
    assert not guide.skip()
    led(guide, seen(UPRIGHT))
    assert guide.skip()
    assert guide.skip()
    assert not guide.skip()
    assert led(guide, seen((0, 1, 0), start_s=20.0))[-1] is None
    assert (guide.profile().keyboard, guide.profile().basis) == (None, Basis.DEFAULT)


def test_the_upright_pose_can_be_held_again_at_once():
    guide = Guide(SETUP)
    assert not guide.again()
    led(guide, seen(UPRIGHT))
    assert guide.again()
    assert (guide.number, guide.flexion_deg) == (0, None)
    led(guide, seen(UPRIGHT, start_s=20.0))
    assert guide.number == 1
    assert guide.held[Pose.UPRIGHT].start_s > 20


def test_a_pose_of_no_use_is_to_be_held_again_and_it_is_said_why(monkeypatch):
    def refuse(*_):
        raise UnfitError(Flaw.TURNED, "the head is turned")

    guide = Guide(SETUP)
    with monkeypatch.context() as patched:
        patched.setattr(guide_module, "rest", refuse)
        cues = led(guide, seen((0, 10.4, 0)))
    assert guide.number == 0
    assert (cues[-1].step.pose, cues[-1].spoilt) == (Pose.UPRIGHT, Flaw.TURNED)
    cues = led(guide, seen(UPRIGHT, start_s=10.4))
    assert guide.number == 1
    assert cues[-1].spoilt is None


def test_the_corners_say_how_far_down_the_screen_goes():
    """Heads that go from side to side are told from those that do not move."""
    guide = Guide(SETUP, (*STEPS[:1], *CORNERS))
    led(guide, seen(UPRIGHT))
    t_s = 10.6
    for left_deg in (-12.0, 12.0, -12.0, 12.0):
        part = [yawed(one, left_deg) for one in seen((2.0, 7.0, 0.0), start_s=t_s)]
        led(guide, part)
        t_s += 5.0
    assert guide.number == 5
    assert guide.corner_deg == pytest.approx(0, abs=6)


def test_somebody_who_never_sits_still_fills_no_memory():
    guide = Guide(SETUP)
    hindered = [replace(without_body(frames("front")[0]), t_s=k / RATE_HZ) for k in range(3000)]
    led(guide, hindered)
    assert len(guide._frames) <= KEPT_S * RATE_HZ + 1


# Leading


class Source:
    """Frames that carry their landmarks' time; the landmarker knows the rest."""

    facts = SourceFacts("clip.mp4", 640, 480, RATE_HZ, None)

    def __init__(self, landmarks: Iterable[Landmarks]) -> None:
        self.landmarks = {one.t_s: one for one in landmarks}

    def __iter__(self):
        return (Frame(t_s, BRIGHT) for t_s in self.landmarks)

    def detect(self, frame: Frame) -> Landmarks:
        return self.landmarks[frame.t_s]


class Person:
    """Presses keys at certain times, and remembers what was shown."""

    def __init__(self, keys: dict[float, str]) -> None:
        self.keys = dict(keys)
        self.sights: list[Sight] = []

    def show(self, sight: Sight) -> str | None:
        self.sights.append(sight)
        due = [t_s for t_s in self.keys if t_s <= sight.frame.t_s]
        return self.keys.pop(due[0]) if due else None


def follow(guide: Guide, parts: tuple[Part, ...], keys: dict[float, str]) -> list[Sight]:
    source, person = Source(seen(*parts)), Person(keys)
    lead(guide, source, source, lambda _: 1, [Person({}), person])
    return person.sights


def test_keys_skip_and_go_back():
    guide = Guide(SETUP)
    sights = follow(guide, (UPRIGHT, *ALL, (0, 1, 0)), {10.5: "r", 24.0: " ", 24.3: "\n"})
    numbers = [a.number for a, b in pairwise(sights) if a.number != b.number]
    assert [*numbers, sights[-1].number] == [0, 1, 0, 1, 2]
    assert list(guide.held) == [Pose.UPRIGHT]


@pytest.mark.parametrize("key", ["q", "Q", "\x1b"])
def test_a_key_stops_as_ctrl_c_does(key):
    with pytest.raises(KeyboardInterrupt):
        follow(Guide(SETUP), ALL, {3.0: key})


def test_other_keys_do_nothing():
    follow(Guide(SETUP), ALL, {3.0: "x", 12.0: "?"})


def test_a_source_that_ends_too_early_is_an_error():
    with pytest.raises(UsageError, match=r"clip.mp4 is over before every pose was held: no profile was changed"):
        follow(Guide(SETUP), (UPRIGHT,), {})
