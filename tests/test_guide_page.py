from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from calibration.baseline import Flaw
from calibration.holding import CORNERS, STEPS, Cue, Pose, Waiting
from posturecam.core.landmarks import Landmarks
from posturecam.guide import Sight
from posturecam.sinks.guide_page import (
    FLAW_WORDS,
    POSE_WORDS,
    WAITING_WORDS,
    GuidePage,
    GuideWindow,
    corner_words,
    waiting_words,
)
from posturecam.vision.frames import Frame
from test_calibrate import frames

UPRIGHT, KEYBOARD, PHONE = STEPS
IMAGE = np.full((480, 640, 3), 90, np.uint8)


def sight(cue: Cue, number: int = 0, flexion_deg: float | None = None, landmarks: Landmarks | None = None):
    return Sight(Frame(1.0, IMAGE), landmarks or frames("front")[0], cue, number, STEPS, flexion_deg)


def shown(*sights: Sight, terminal: bool, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict", write_through=True)
    console = Console(file=file, force_terminal=terminal, width=100, color_system=None)
    with GuidePage(console) as page:
        for one in sights:
            assert page.show(one) is None
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("kind", "words"), [(Pose, POSE_WORDS), (Waiting, WAITING_WORDS), (Flaw, FLAW_WORDS)], ids=lambda x: ""
)
def test_there_are_words_for_everything(kind, words):
    assert set(words) == set(kind)
    assert {step.pose for step in (*STEPS, *CORNERS)} == set(Pose)


def test_what_spoilt_a_pose_and_why_it_waits_are_both_said():
    cue = Cue(UPRIGHT, Waiting.MOVING, 0.0)
    assert waiting_words(cue) == "waiting: hold still"
    assert waiting_words(replace(cue, spoilt=Flaw.NOT_STEADY)) == (
        "the pose was not held still: once more (waiting: hold still)"
    )
    assert waiting_words(Cue(UPRIGHT, None, 3.2)) == "hold it: 5 s"


def test_in_a_pipe_a_line_comes_when_something_changes_and_only_then():
    told = shown(
        sight(Cue(UPRIGHT, Waiting.NOBODY, 0.0)),
        sight(Cue(UPRIGHT, Waiting.NOBODY, 0.0)),
        sight(Cue(UPRIGHT, None, 0.0)),
        sight(Cue(UPRIGHT, None, 4.0)),
        sight(Cue(KEYBOARD, Waiting.NOT_YET_MOVED, 0.0), number=1),
        terminal=False,
    )
    assert told.splitlines() == [
        "Step 1 of 3: Sit upright and look at the middle of the screen, for 8 s.",
        "  waiting: nobody is in the picture",
        "  hold it",
        "Step 2 of 3: Look at the keyboard, as when you type, for 3 s.",
        "  waiting: take up the pose",
    ]


def test_a_bell_rings_for_those_who_look_down():
    told = shown(
        sight(Cue(KEYBOARD, None, 2.9), number=1),
        sight(Cue(PHONE, Waiting.NOT_YET_MOVED, 0.0), number=2),
        sight(Cue(PHONE, None, 5.0), number=2, flexion_deg=33.3),
        terminal=True,
    )
    assert told.count("\a") == 3, "into the second step, the third, and the end"
    assert "Your eyes" not in told
    assert "a bell rings when it is done" in told
    assert "The camera sees your head 33° down." in told


def test_terminals_that_know_ascii_only_get_no_more():
    told = shown(sight(Cue(PHONE, None, 1.0), number=2, flexion_deg=-5.0), terminal=True, encoding="ascii")
    assert "5 deg up" in told


@pytest.mark.parametrize(
    ("corner_deg", "words"),
    [
        (9.2, "as far as 9° down, which is before the onset"),
        (0.4, "as far as upright, which is before"),
        (22.0, "as far as 22° down, which is beyond the onset: raise the screen"),
    ],
)
def test_it_is_said_what_the_corners_mean(corner_deg, words):
    assert words in corner_words(corner_deg, 20.0)


def test_the_window_shows_a_mirror_image_with_a_bar():
    class Window:
        def show(self, image: np.ndarray) -> str | None:
            self.image = image
            return "q"

    first = frames("front")[0]
    # To the left of the picture, which is the right of its mirror image.
    person = replace(first, face_px=None, body_px=first.body_px - [150, 0, 0])
    window = Window()
    assert GuideWindow(window).show(sight(Cue(UPRIGHT, None, 4.0), landmarks=person)) == "q"
    drawn = (window.image != IMAGE).any(axis=2)
    trunk = drawn[320:380]
    assert trunk[:, 340:].sum() > 3 * trunk[:, :300].sum()
    bar = window.image[480 - 24]
    half_done = np.flatnonzero((bar == bar[20]).all(axis=1))
    assert half_done.max() == pytest.approx(320, abs=6)
    assert (IMAGE == 90).all(), "what the camera saw stays as it was"
