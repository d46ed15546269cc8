from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from people import FRONT, UPRIGHT, Pose, empty, film, steps
from posturecam.core.landmarks import Body, Landmarks
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.vision.frames import Frame
from posturecam.vision.thrifty_landmarker import BODY_S, FACE_S, MOST_BODY_S, ROOM_S, ThriftyLandmarker

PERIOD_S = 0.2


class Finder:
    """Knows where the person is in every picture, and remembers what it was asked."""

    def __init__(self, seen: list[Landmarks]) -> None:
        self._seen = {one.t_s: one for one in seen}
        self.asked: list[tuple[float, str]] = []
        self.closed = 0

    def detect(self, frame: Frame) -> Landmarks:
        self.asked.append((frame.t_s, "all"))
        return self._seen[frame.t_s]

    def detect_face(self, frame: Frame) -> np.ndarray | None:
        self.asked.append((frame.t_s, "face"))
        return self._seen[frame.t_s].face_px

    def close(self) -> None:
        self.closed += 1


def picture(seen: Landmarks, noise_seed: int, moved_trunk_px: float = 0.0) -> np.ndarray:
    """A head and shoulders full of edges where the landmarks say, before a plain wall, with a camera's noise."""
    image = np.full((480, 640, 3), 120.0)
    rng = np.random.default_rng(5)
    head, trunk = (
        cv2.resize(rng.uniform(40, 220, (12, 12)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        for size in ((120, 150), (400, 200))
    )
    if seen.body_px is not None:
        eyes, shoulders = (
            seen.body_px[list(pair), :2].mean(axis=0)
            for pair in ((Body.LEFT_EYE, Body.RIGHT_EYE), (Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER))
        )
        for texture, middle in ((trunk, np.add(shoulders, (moved_trunk_px, 100))), (head, eyes)):
            height, width = texture.shape
            move = np.float32([[1, 0, middle[0] - width / 2], [0, 1, middle[1] - height / 2]])
            cover = cv2.warpAffine(np.ones_like(texture), move, (640, 480))
            image += (cv2.warpAffine(texture, move, (640, 480)) - cover * image[:, :, 0])[:, :, None]
    image += np.random.default_rng(noise_seed).normal(0, 2, (480, 640, 1))
    return np.clip(image, 0, 255).astype(np.uint8)


def frames_of(seen: list[Landmarks], trunk_px: dict[float, float] | None = None) -> list[Frame]:
    return [Frame(one.t_s, picture(one, k, (trunk_px or {}).get(one.t_s, 0.0))) for k, one in enumerate(seen)]


def looked(seen: list[Landmarks], frames: list[Frame]) -> tuple[list[Landmarks], Finder]:
    finder = Finder(seen)
    with ThriftyLandmarker(finder) as landmarker:
        return [landmarker.detect(frame) for frame in frames], finder


def filmed(*held) -> list[Landmarks]:
    return list(film(steps(*held), sum(seconds for seconds, _ in held), FRONT))


def times_of(finder: Finder, what: str) -> list[float]:
    return [t_s for t_s, asked in finder.asked if asked == what]


def test_who_sits_still_is_looked_at_now_and_then():
    seen = filmed((24, UPRIGHT))
    given, finder = looked(seen, frames_of(seen))
    bodies, faces = times_of(finder, "all"), times_of(finder, "face")
    assert np.diff(bodies) == pytest.approx([BODY_S, 2 * BODY_S, 4 * BODY_S, MOST_BODY_S, MOST_BODY_S])
    assert np.diff(sorted(bodies + faces)) == pytest.approx(FACE_S)
    assert [one.t_s for one in given] == [one.t_s for one in seen]


def test_landmarks_that_are_given_again_are_the_same_but_for_their_time():
    seen = filmed((0.8, UPRIGHT))
    first, *rest = looked(seen, frames_of(seen))[0]
    for one in rest:
        assert one.show_the_same(first)
        assert replace(one, t_s=first.t_s) == first


def test_a_head_that_bends_is_looked_at_in_the_same_frame():
    seen = filmed((0.6, UPRIGHT), (1, Pose(head_pitch=10)))
    given, finder = looked(seen, frames_of(seen))
    bent = next(one for one in seen if one.t_s > 0.5)
    assert (bent.t_s, "face") in finder.asked
    assert np.array_equal(next(one for one in given if one.t_s == bent.t_s).face_px, bent.face_px)


def test_the_heads_body_points_go_with_the_face_and_the_shoulders_stay():
    seen = filmed((0.4, UPRIGHT), (0.4, Pose(head_pitch=5, head_roll=10)))
    given, finder = looked(seen, frames_of(seen))
    assert len(times_of(finder, "all")) == 1
    carried, true, before = given[-1].body_px, seen[-1].body_px, seen[0].body_px
    ears, shoulders = [Body.LEFT_EAR, Body.RIGHT_EAR], [Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER]
    assert np.array_equal(carried[shoulders], before[shoulders])
    off, without = (np.abs(points[ears, :2] - true[ears, :2]).max() for points in (carried, before))
    assert off < without


@pytest.mark.parametrize(("pitch", "known"), [(3, True), (25, False)])
def test_the_top_of_a_head_that_has_moved_on_since_is_not_known(pitch, known):
    seen = [
        replace(one, crown_px=50.0, hairline_px=80.0) for one in filmed((0.8, UPRIGHT), (0.2, Pose(head_pitch=pitch)))
    ]
    given, finder = looked(seen, frames_of(seen))
    by_face = [one for one in given if one.t_s in times_of(finder, "face")]
    assert {(one.crown_px is not None, one.hairline_px is not None) for one in by_face} == {(known, known)}


def test_when_the_face_is_lost_all_is_looked_at():
    seen = filmed((0.6, UPRIGHT), (1, Pose(head_pitch=10)))
    seen = [replace(one, face_px=None) if one.t_s >= 0.6 else one for one in seen]
    given, finder = looked(seen, frames_of(seen))
    lost = next(one for one in seen if one.face_px is None)
    assert [what for t_s, what in finder.asked if t_s == lost.t_s] == ["face", "all"]
    assert given[-1].face_px is None


def test_when_the_trunk_moves_all_is_looked_at():
    seen = filmed((1.4, UPRIGHT))
    moved_s = seen[3].t_s
    _, finder = looked(seen, frames_of(seen, {one.t_s: 8.0 for one in seen[3:]}))
    assert times_of(finder, "all") == [seen[0].t_s, moved_s]


def test_who_leaves_and_comes_back_is_seen_to_do_so_at_once():
    seen = filmed((1, UPRIGHT), (1, None), (1, UPRIGHT))
    given, _ = looked(seen, frames_of(seen))
    assert [one.empty for one in given] == [one.empty for one in seen]


def test_in_an_empty_room_there_is_little_to_do():
    seen = [empty(PERIOD_S * k) for k in range(20)]
    _, finder = looked(seen, frames_of(seen))
    assert np.diff(times_of(finder, "all")) == pytest.approx(ROOM_S)


def test_pictures_of_another_size_are_looked_at():
    seen = filmed((0.4, UPRIGHT))
    finder = Finder(seen)
    landmarker = ThriftyLandmarker(finder)
    image = frames_of(seen)[0].image
    for one, picture_then in zip(seen, (image, image[:240, :320]), strict=False):
        landmarker.detect(Frame(one.t_s, picture_then))
    assert len(times_of(finder, "all")) == 2


def test_the_model_is_closed_with_it():
    finder = Finder([])
    with ThriftyLandmarker(finder):
        pass
    assert finder.closed == 1


def test_what_is_seen_again_is_measured_the_same():
    seen = filmed((2, UPRIGHT), (2, Pose(head_pitch=25)))
    neutral = neutral_of(seen[:8])
    again = [replace(seen[k - k % 5], t_s=one.t_s) for k, one in enumerate(seen)]
    copies = [one if one.body_px is None else replace(one, body_px=one.body_px.copy()) for one in again]
    one, other = Pipeline(neutral, Settings()), Pipeline(neutral, Settings())
    assert [one.update(seen)[0] for seen in again] == [other.update(seen)[0] for seen in copies]


def test_frames_that_were_prepared_are_looked_at_as_others_are():
    seen = filmed((3, UPRIGHT), (3, Pose(head_pitch=30)))
    frames, finder = frames_of(seen), Finder(seen)
    expected, asked = looked(seen, frames)
    with ThriftyLandmarker(finder) as landmarker:
        found = [landmarker.detect(landmarker.prepare(frame)) for frame in frames]
    assert finder.asked == asked.asked
    assert all(np.array_equal(one.face_px, other.face_px) for one, other in zip(found, expected, strict=True))
