from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from posturecam.core.landmarks import Body, Landmarks
from posturecam.vision.frames import Frame
from posturecam.vision.landmarker import MediaPipeLandmarker
from posturecam.vision.libraries import native_stderr_silenced
from posturecam.vision.video_file import VideoFile

SAMPLES = Path(__file__).parents[1] / "samples"
BLACK = np.zeros((240, 320, 3), np.uint8)


@pytest.fixture
def landmarker():
    with MediaPipeLandmarker() as landmarker:
        yield landmarker


def same(one: Landmarks, other: Landmarks) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("body_px", "visibility", "face_px")
    )


def test_a_face_and_shoulders_are_found_where_they_are(landmarker, portrait):
    seen = landmarker.detect(Frame(2.5, portrait))

    assert (seen.t_s, seen.width_px, seen.height_px) == (2.5, 512, 600)
    assert seen.body_px.shape == (33, 3)
    assert seen.face_px.shape == (468, 3)
    # By eye, in the picture: her left side is on its right.
    for point, where in {
        Body.NOSE: (270, 225),
        Body.LEFT_EYE: (302, 187),
        Body.RIGHT_EYE: (224, 190),
        Body.LEFT_SHOULDER: (430, 390),
        Body.RIGHT_SHOULDER: (85, 390),
    }.items():
        assert seen.body_px[point, :2] == pytest.approx(where, abs=40), point.name
        assert seen.visibility[point] > 0.9
    assert seen.crown_px == pytest.approx(40, abs=30)
    nose_tip = 1
    assert seen.face_px[nose_tip, :2] == pytest.approx((270, 235), abs=20)


@pytest.mark.parametrize("scale", [(2, 2), (1, 2)])
def test_pixels_are_those_of_the_given_picture(portrait, scale):
    across, down = scale
    margin = cv2.copyMakeBorder(portrait, 0, 600 * (down - across), 0, 0, cv2.BORDER_CONSTANT)
    picture = cv2.resize(margin, None, fx=across, fy=across)
    with MediaPipeLandmarker() as one, MediaPipeLandmarker() as other:
        plain, changed = one.detect(Frame(0, portrait)), other.detect(Frame(0, picture))
    shift_px = np.abs(changed.face_px / across - plain.face_px)
    assert np.median(shift_px) < 6


@pytest.mark.parametrize(("brightness", "noise"), [(1.0, 15), (1.0, 25), (0.4, 12), (0.6, 25)])
def test_somebody_is_found_in_a_dim_room_in_spite_of_its_noise(landmarker, portrait, brightness, noise):
    rng = np.random.default_rng(0)
    places = {Body.NOSE: (270, 225), Body.LEFT_SHOULDER: (430, 390), Body.RIGHT_SHOULDER: (85, 390)}
    for k in range(3):
        dim = portrait * brightness + rng.normal(0, noise, portrait.shape)
        seen = landmarker.detect(Frame(k / 5, np.clip(dim, 0, 255).astype(np.uint8)))
        assert seen.body_px is not None
        for point, where in places.items():
            assert seen.body_px[point, :2] == pytest.approx(where, abs=40), point.name
        assert seen.face_px is not None


def test_a_face_that_facemesh_finds_in_a_profile_is_none(monkeypatch, landmarker, portrait):
    with VideoFile(SAMPLES / "side.mp4") as video:
        profile = next(iter(video))
    body_px = landmarker.detect(profile).body_px
    head_px = body_px[[Body.NOSE, Body.LEFT_EYE, Body.RIGHT_EYE], :2].mean(axis=0)
    with MediaPipeLandmarker() as other:
        face_px = other.detect(Frame(0, portrait)).face_px
    face_px[:, :2] = (face_px[:, :2] - face_px[:, :2].mean(axis=0)) * 0.3 + head_px
    monkeypatch.setattr(landmarker, "_faces", lambda *_: [face_px])
    seen = landmarker.detect(Frame(0.2, profile.image))
    assert seen.face_px is None
    assert seen.head_turn is not None


@pytest.mark.parametrize("scale", [0.33, 0.25, 0.17])
def test_a_face_far_from_the_camera_is_found(landmarker, portrait, scale):
    """Of a tenth of the picture's width and less, which FaceMesh does not find in the whole."""
    small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    room = np.full((480, 640, 3), 128, np.uint8)
    room[480 - height :, 250 : 250 + width] = small
    assert landmarker._faces(room[:, :, ::-1].copy()) == []
    nose_px = 250 + scale * 270, 480 - height + scale * 235
    for seen in (landmarker.detect(Frame(0.0, room)), landmarker.detect(Frame(0.2, room))):
        assert seen.face_px[1, :2] == pytest.approx(nose_px, abs=20 * scale)
    assert landmarker.detect_face(Frame(0.4, room))[1, :2] == pytest.approx(nose_px, abs=20 * scale)


def test_nobodys_face_is_marked_twice_in_a_picture(monkeypatch, landmarker, portrait):
    both = np.full((600, 1100, 3), 128, np.uint8)
    both[:, :512], both[:, 560:1072] = portrait, portrait[:, ::-1]
    landmarker.detect(Frame(0.0, both))
    marked = []
    faces = landmarker._faces
    monkeypatch.setattr(landmarker, "_faces", lambda *given: marked.append(faces(*given)) or marked[-1])
    found = landmarker._all_faces(both[:, :, ::-1].copy(), landmarker._near)
    assert [len(some) for some in marked] == [1, 1]
    assert sorted(face_px[1, 0] for face_px in found) == pytest.approx([270, 1072 - 270], abs=25)


def test_a_still_face_is_marked_alike_from_the_first_look_on(landmarker, portrait):
    rng = np.random.default_rng(0)
    grainy = [np.clip(portrait + rng.normal(0, 2, portrait.shape), 0, 255).astype(np.uint8) for _ in range(4)]
    first, second, third = (landmarker.detect(Frame(k / 5, grainy[k])).face_px for k in range(3))
    alone = landmarker.detect_face(Frame(0.6, grainy[3]))
    for again in (second, third, alone):
        assert np.abs(again - first)[:, :2].mean() < 0.005 * np.ptp(first[:, 0])


def test_the_face_of_somebody_who_has_moved_over_is_found_where_it_is_now(landmarker, portrait):
    wide = np.full((600, 1100, 3), 128, np.uint8)
    for k, left in enumerate((0, 560, 60)):
        picture = wide.copy()
        picture[:, left : left + 512] = portrait
        seen = landmarker.detect(Frame(10.0 * k, picture))
        assert seen.face_px[1, :2] == pytest.approx((left + 270, 235), abs=25)


def test_nobody_is_found_in_a_black_picture(landmarker):
    seen = landmarker.detect(Frame(0, BLACK))
    assert seen.empty
    assert seen.visibility is None


def test_the_person_is_found_again_after_nobody_was_there(landmarker, portrait):
    found = [not landmarker.detect(Frame(t, image)).empty for t, image in enumerate([portrait, BLACK, BLACK, portrait])]
    assert found == [True, False, False, True]


@pytest.mark.parametrize("one_core", [False, True])
def test_the_same_frames_give_the_same_landmarks(portrait, one_core):
    frames = [Frame(k / 5, np.roll(portrait, 4 * k, axis=1)) for k in range(4)]
    with MediaPipeLandmarker() as one:
        first = [one.detect(frame) for frame in frames]
    with MediaPipeLandmarker(one_core) as other:
        again = [other.detect(frame) for frame in frames]
    assert all(map(same, first, again))


def test_the_time_between_frames_changes_nothing(portrait):
    pictures = [np.roll(portrait, 4 * k, axis=1) for k in range(3)]
    with MediaPipeLandmarker() as one, MediaPipeLandmarker() as other:
        quick = [one.detect(Frame(k / 30, picture)) for k, picture in enumerate(pictures)]
        slow = [other.detect(Frame(k * 10, picture)) for k, picture in enumerate(pictures)]
    assert all(map(same, quick, slow))


def test_closing_twice_does_no_harm():
    landmarker = MediaPipeLandmarker()
    landmarker.close()
    landmarker.close()


def test_mediapipe_does_not_chatter():
    program = (
        "import cv2\n"
        "import numpy as np\n"
        "from matplotlib import cbook\n"
        "from posturecam.vision.frames import Frame\n"
        "from posturecam.vision.landmarker import MediaPipeLandmarker\n"
        "portrait = cv2.imread(str(cbook.get_sample_data('grace_hopper.jpg', asfileobj=False)))\n"
        "with MediaPipeLandmarker() as landmarker:\n"
        "    for t, image in enumerate([np.zeros_like(portrait), portrait, portrait[:, :400].copy()]):\n"
        "        print(landmarker.detect(Frame(t, image)).empty)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stderr == ""
    assert run.stdout.split() == ["True", "False", "False"]


def test_stderr_is_silent_below_python_only_meanwhile(capfd):
    os.write(2, b"before ")
    with native_stderr_silenced():
        os.write(2, b"meanwhile ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_errors_pass_through_the_silence_and_end_it(capfd):
    with pytest.raises(RuntimeError, match="real"), native_stderr_silenced():
        raise RuntimeError("real")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_without_a_stderr_there_is_nothing_to_silence():
    program = (
        "import os\n"
        "from posturecam.vision.libraries import native_stderr_silenced\n"
        "os.close(2)\n"
        "with native_stderr_silenced():\n"
        "    print('done')\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "done\n"
