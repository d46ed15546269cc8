"""The front sample with its camera or its chair moved half-way, through the real model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from posturecam.core.iso11226 import Sensitivity
from posturecam.core.pipeline import Settings
from posturecam.core.session import Session
from posturecam.core.state import State
from posturecam.replay import conclude, watch
from posturecam.vision.frames import Frame, Image
from posturecam.vision.landmarker import MediaPipeLandmarker
from posturecam.vision.video_file import VideoFile

cv2 = pytest.importorskip("cv2")

FRONT = Path(__file__).parents[1] / "samples" / "front.mp4"
MOVED_S, END_S, RATE_HZ = 15.4, 42.0, 2.5
"""The person glances down at 12.5 s, is upright again at 15 s, and bent from 22 s on."""


@dataclass
class Edited:
    """A source whose pictures are changed from a time on."""

    source: VideoFile
    change: Callable[[Image], Image]

    def __iter__(self) -> Iterator[Frame]:
        for frame in self.source:
            if frame.t_s > END_S:
                return
            yield frame if frame.t_s < MOVED_S else Frame(frame.t_s, self.change(frame.image))

    @property
    def facts(self):
        return self.source.facts

    @property
    def notes(self):
        return self.source.notes


def seen_otherwise(image: Image, right: float = 0, down: float = 0, roll_deg: float = 0, scale: float = 1) -> Image:
    """The picture shifted by shares of its size, turned and scaled about its middle, its border drawn out."""
    height_px, width_px = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width_px / 2, height_px / 2), roll_deg, scale)
    turn[:, 2] += right * width_px, down * height_px
    return cv2.warpAffine(image, turn, (width_px, height_px), borderMode=cv2.BORDER_REPLICATE)


def lid(image: Image) -> Image:
    return seen_otherwise(image, right=0.08, down=0.08, roll_deg=4)


def whole_picture_smaller(image: Image) -> Image:
    return seen_otherwise(image, scale=0.75)


def chair(image: Image) -> Image:
    """The person a third further away before the same wall: what is not wall is scaled about the middle."""
    wall = empty_room()
    apart = np.abs(image.astype(int) - wall).max(axis=2).astype(np.float32)
    person = cv2.morphologyEx((apart > 14).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15)))
    mask = cv2.GaussianBlur(seen_otherwise(person * 255, scale=0.75), (5, 5), 0)[..., None] / 255
    return (mask * seen_otherwise(image, scale=0.75) + (1 - mask) * wall).astype(np.uint8)


@cache
def empty_room() -> Image:
    """The room with the person painted over."""
    with VideoFile(FRONT, RATE_HZ) as source:
        image = next(iter(source)).image
    person = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(person, (319, 225), (85, 115), 0, 0, 360, 255, -1)
    cv2.rectangle(person, (130, 270), (500, 480), 255, -1)
    small = cv2.inpaint(cv2.resize(image, (160, 120)), cv2.resize(person, (160, 120)), 3, cv2.INPAINT_TELEA)
    return np.where(person[..., None] > 0, cv2.resize(small, image.shape[1::-1]), image)


@cache
def session(change: Callable[[Image], Image]) -> Session:
    with VideoFile(FRONT, RATE_HZ) as source, MediaPipeLandmarker() as landmarker:
        return conclude(watch(Edited(source, change), landmarker), RATE_HZ, Settings(Sensitivity(1 / 32)))


def text_neck_alerts_s(of: Session) -> list[float]:
    return [one.alert_s for one in of.episodes if one.pattern == "text_neck" and one.alert_s is not None]


@pytest.mark.parametrize(
    ("change", "what", "within_s"),
    [(lid, "camera", 5), (whole_picture_smaller, "camera", 5), (chair, "seat", 12)],
)
def test_what_moved_is_told_and_nothing_comes_of_it(change, what, within_s):
    told = session(change)
    (note,) = told.notes
    assert note.startswith(f"the {what} moved at 0:1")
    assert "stale" in note
    assert text_neck_alerts_s(told) == []
    late = [one for one in told.samples if one.t_s > MOVED_S + within_s]
    assert {one.state for one in late} <= {State.UNKNOWN}
    assert {one.posture.absence.value for one in late if one.posture.present} == {"stale"}


def test_the_person_who_bends_before_a_still_camera_is_alerted():
    told = session(lambda image: image)
    assert told.notes == ()
    assert text_neck_alerts_s(told) == [pytest.approx(37, abs=1.5)]
