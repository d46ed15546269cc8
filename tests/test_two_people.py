"""Two people in one picture, through the real models: the person of samples/front.mp4, and themselves mirrored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from posturecam.core.landmarks import Body, Landmarks, Who
from posturecam.vision.frames import Frame, Image
from posturecam.vision.landmarker import MediaPipeLandmarker
from posturecam.vision.video_file import VideoFile

UPRIGHT_S, BENT_S = 5.0, 35.0
RATE_HZ = 2.5
HALF = slice(150, 470)
"""The columns of the person, who sits in the middle."""


@pytest.fixture(scope="module")
def pictures() -> dict[str, Image]:
    """The person upright and bent, and the wall beside them, each half a picture."""
    with VideoFile(Path(__file__).parent.parent / "samples" / "front.mp4") as source:
        halves = {}
        for frame in source:
            for name, t_s in (("upright", UPRIGHT_S), ("bent", BENT_S)):
                if abs(frame.t_s - t_s) < 0.01:
                    halves[name] = frame.image[:, HALF].copy()
            if frame.t_s > BENT_S:
                break
    halves["wall"] = np.repeat(halves["upright"][:, :1], 320, axis=1)
    return halves


def film(landmarker: MediaPipeLandmarker, left: Image, right: Image, start_s: float, for_s: float) -> list[Landmarks]:
    """Looks at two halves side by side, the right one mirrored."""
    picture = np.concatenate([left, right[:, ::-1]], axis=1)
    return [landmarker.detect(Frame(start_s + k / RATE_HZ, picture)) for k in range(round(for_s * RATE_HZ))]


def on_the_left(landmarks: Landmarks) -> bool:
    return landmarks.body_px is not None and bool(
        (landmarks.body_px[[Body.NOSE, Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], 0] < 320).all()
    )


def test_the_face_of_a_neighbour_is_not_taken_for_that_of_the_person_who_bends(pictures):
    with MediaPipeLandmarker() as landmarker:
        film(landmarker, pictures["upright"], pictures["wall"], 0.0, 0.8)
        film(landmarker, pictures["bent"], pictures["wall"], 0.8, 0.8)
        beside = film(landmarker, pictures["bent"], pictures["upright"], 1.6, 1.6)

    assert on_the_left(beside[-1])
    assert all(one.face_px is None and one.who is Who.SAME for one in beside if on_the_left(one))


def test_the_person_is_told_from_the_neighbour_who_stays_and_found_again(pictures, capfd):
    with MediaPipeLandmarker() as landmarker:
        film(landmarker, pictures["upright"], pictures["wall"], 0.0, 5.6)
        together = film(landmarker, pictures["upright"], pictures["upright"], 5.6, 0.8)
        gone = film(landmarker, pictures["wall"], pictures["upright"], 6.4, 1.6)
        back = film(landmarker, pictures["upright"], pictures["upright"], 8.0, 2.4)

    assert all(on_the_left(one) and one.who is Who.SAME for one in together)
    assert {one.who for one in gone if one.body_px is not None} == {Who.OTHER}
    assert on_the_left(back[-1])
    assert back[-1].who is Who.SAME
    assert back[-1].face_px is not None
    assert back[-1].face_px[:, 0].max() < 320
    assert capfd.readouterr().err == ""  # MediaPipe remarks on every search that starts anew
