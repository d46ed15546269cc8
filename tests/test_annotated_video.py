from __future__ import annotations

import os

import cv2
import numpy as np
import pytest

from posturecam.errors import PosturecamError, UsageError
from posturecam.sinks import annotated_video
from posturecam.sinks.annotated_video import AnnotatedVideo


def grey(level: float, width: int = 160, height: int = 120) -> np.ndarray:
    return np.full((height, width, 3), round(level), np.uint8)


def played(path) -> tuple[float, list[float]]:
    """Frame rate, and the mean level of every frame."""
    video = cv2.VideoCapture(str(path))
    rate_hz, levels = video.get(cv2.CAP_PROP_FPS), []
    while (read := video.read())[0]:
        levels.append(float(read[1].mean()))
    video.release()
    return rate_hz, levels


def write(path, rate_hz, frames):
    with AnnotatedVideo(path, rate_hz) as video:
        for image, t_s in frames:
            video.write(image, t_s)
    return played(path)


@pytest.mark.parametrize(
    ("rate_hz", "times_s"),
    [
        (5.0, [i / 5 for i in range(40)]),
        (5.0, [i / 19.83 for i in range(0, 160, 4)]),
        (4.9573, [i / 4.9573 for i in range(40)]),
        (15.0, np.cumsum(np.linspace(0.02, 0.12, 60))),
        (5.0, [0.0, 0.2, 0.4, 5.0, 5.2]),
    ],
    ids=["even", "not quite the rate", "an odd rate", "uneven", "a gap"],
)
def test_a_video_lasts_as_long_as_its_recording(tmp_path, rate_hz, times_s):
    rate, levels = write(tmp_path / "a.mp4", rate_hz, [(grey(50), t_s) for t_s in times_s])
    assert rate == pytest.approx(rate_hz, rel=1e-3)
    assert len(levels) / rate == pytest.approx(times_s[-1] + 1 / rate_hz, abs=1 / rate_hz)


def test_every_picture_is_shown_at_its_own_time(tmp_path):
    levels = {0.0: 20, 0.5: 60, 1.0: 100, 3.0: 140, 3.1: 180}
    _, shown = write(tmp_path / "a.mp4", 10.0, [(grey(level), t_s) for t_s, level in levels.items()])
    for k, level in enumerate(shown):
        due = [levels[t_s] for t_s in levels if t_s <= k / 10 + 1e-9][-1]
        assert level == pytest.approx(due, abs=6), k / 10


def test_of_two_pictures_within_one_interval_the_later_is_shown(tmp_path):
    _, shown = write(tmp_path / "a.mp4", 5.0, [(grey(20), 0.0), (grey(100), 0.2), (grey(200), 0.22)])
    assert shown == pytest.approx([20, 200], abs=6)


def test_the_first_picture_stands_from_the_beginning(tmp_path):
    _, shown = write(tmp_path / "a.mp4", 5.0, [(grey(100), 1.0)])
    assert shown == pytest.approx([100] * 6, abs=6)


def test_pictures_of_another_size_are_scaled_to_the_first(tmp_path):
    _, shown = write(tmp_path / "a.mp4", 5.0, [(grey(100), 0.0), (grey(200, 320, 240), 0.2)])
    assert shown == pytest.approx([100, 200], abs=6)


def test_odd_sizes_are_written(tmp_path):
    _, shown = write(tmp_path / "a.mp4", 5.0, [(grey(100, 161, 121), 0.0)])
    assert len(shown) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs permission bits")
def test_a_video_is_for_its_owner_alone(tmp_path):
    write(tmp_path / "a.mp4", 5.0, [(grey(100), 0.0)])
    assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_no_video(tmp_path):
    def frames():
        yield grey(100), 0.0
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "a.mp4", 5.0, frames())
    assert list(tmp_path.iterdir()) == []


def test_no_pictures_leave_no_video(tmp_path):
    with AnnotatedVideo(tmp_path / "a.mp4", 5.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_without_an_encoder_one_line_says_so_and_nothing_is_left(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(annotated_video, "ENCODERS", ("none",))
    with (
        pytest.raises(PosturecamError, match=r"a\.mp4: .* neither"),
        AnnotatedVideo(tmp_path / "a.mp4", 5.0) as video,
    ):
        video.write(grey(100), 0.0)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_line_for_the_user(tmp_path):
    with (
        pytest.raises(PosturecamError, match="No such file or directory"),
        AnnotatedVideo(tmp_path / "missing" / "a.mp4", 5.0) as video,
    ):
        video.write(grey(100), 0.0)


def test_only_mp4_is_written(tmp_path):
    with pytest.raises(UsageError, match=r"a\.gif"):
        AnnotatedVideo(tmp_path / "a.gif", 5.0)


def test_opencv_does_not_chatter_about_encoders_that_it_lacks(tmp_path, capfd):
    write(tmp_path / "a.mp4", 5.0, [(grey(100), 0.0)])
    assert capfd.readouterr().err == ""
