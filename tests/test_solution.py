from __future__ import annotations

import cv2
import mediapipe
import numpy as np
import pytest

from posturecam.vision.libraries import native_stderr_silenced
from posturecam.vision.solution import Solution, landmarks, many_landmarks, mask


def numbers(message, *names: str) -> np.ndarray:
    return np.array([[getattr(point, name) for name in names] for point in message.landmark], np.float32)


@pytest.fixture(scope="module")
def picture(portrait) -> np.ndarray:
    return cv2.cvtColor(portrait, cv2.COLOR_BGR2RGB)


def test_a_body_is_what_mediapipe_itself_gives(picture):
    with native_stderr_silenced(), Solution(mediapipe.solutions.pose.Pose(enable_segmentation=True)) as solution:
        found = solution.process(picture)
        solution.reset()
        body, person = landmarks(found["pose_landmarks"]), mask(found["segmentation_mask"])
        expected = solution._solution.process(picture)
    assert np.array_equal(body[:, :4], numbers(expected.pose_landmarks, "x", "y", "z", "visibility"))
    assert np.array_equal(person, expected.segmentation_mask)


def test_faces_are_what_mediapipe_itself_gives(picture):
    two = np.concatenate([picture, picture], axis=1)
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=2)
    with native_stderr_silenced(), Solution(mesh) as solution:
        faces = many_landmarks(solution.process(two)["multi_face_landmarks"])
        solution.reset()
        expected = [numbers(face, "x", "y", "z") for face in mesh.process(two).multi_face_landmarks]
    assert len(faces) == 2
    assert np.array_equal(faces, expected)


def test_where_nobody_is_nothing_is_given():
    with native_stderr_silenced(), Solution(mediapipe.solutions.pose.Pose()) as solution:
        assert "pose_landmarks" not in solution.process(np.zeros((64, 64, 3), np.uint8))
