from __future__ import annotations

import importlib
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import posturecam
from calibration.steady import Stretch
from people import UPRIGHT
from posturecam.core.posture import ANGLES
from posturecam.errors import PosturecamError, UsageError
from posturecam.replay import Watched, conclude
from posturecam.sinks.timeline import write_timeline
from posturecam.vision.frames import SourceFacts
from postures import Not
from sessions import session
from test_replay import SOON, TEXT_NECK, Film, filmed
from traces.record import load

ROOT = Path(__file__).parent.parent
FRONT = ROOT / "samples" / "front.mp4"


class Traced:
    """A landmarker that knows the sample clip by heart."""

    def __init__(self) -> None:
        self._known = {one.t_s: one for one in load(ROOT / "tests" / "traces" / "front.npz")}

    def detect(self, frame):
        return self._known[round(frame.t_s, 3)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


# The names


def test_every_name_that_is_promised_is_there():
    for name in posturecam.__all__:
        assert getattr(posturecam, name).__doc__, name
    assert set(posturecam.__all__) <= set(dir(posturecam))
    assert [name for names in posturecam._HOMES.values() for name in names].sort() == posturecam.__all__.sort()


def test_every_name_lives_where_it_is_said_to():
    for home, names in posturecam._HOMES.items():
        for name in names:
            assert getattr(posturecam, name) is getattr(importlib.import_module(home), name)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = posturecam.nonsense


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'cv2', 'mediapipe', 'rich', 'sqlite3', 'jinja2'}"
    asked = f"import sys, posturecam; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert run.stdout == "set()\n", run.stderr


# Measuring


def test_following_gives_what_a_replay_concludes():
    movie = Film(filmed(*TEXT_NECK))
    moments = list(posturecam.follow(movie, (0, 8), settings=SOON, landmarker=movie))
    watched = Watched(movie.facts, tuple(movie.landmarks), ())
    concluded = conclude(watched, 5.0, SOON, Stretch(0, 8))
    assert tuple(moment.sample for moment in moments) == concluded.samples
    ended = [event.episode for moment in moments for event in moment.events if event.kind.value == "end"]
    assert tuple(ended) == concluded.episodes != ()


def test_an_episode_that_is_still_held_is_closed_with_the_last_moment():
    movie = Film(filmed(*TEXT_NECK[:2]))
    *_, last = posturecam.follow(movie, (0, 8), settings=SOON, landmarker=movie)
    assert last.t_s == movie.landmarks[-1].t_s
    assert [(event.kind.value, event.episode.end_reason.value) for event in last.events] == [("end", "stream_end")]


def test_following_does_not_wait_for_the_end():
    movie = Film(filmed(*TEXT_NECK))
    moments = posturecam.follow(movie, (0, 3), landmarker=movie)
    assert next(moments).t_s == 0
    assert not movie._over


@pytest.mark.parametrize("neutral", [(80, 90), (12, 18)], ids=["after the end", "nobody there"])
def test_a_neutral_that_shows_nobody_is_refused(neutral):
    movie = Film(filmed((10, UPRIGHT), (10, None)))
    with pytest.raises(UsageError, match=f"{neutral[0]} to {neutral[1]} s cannot be used as neutral"):
        list(posturecam.follow(movie, neutral, landmarker=movie))


def test_a_source_without_a_frame_is_refused():
    class Empty:
        facts = SourceFacts("none", 640, 480, None, None)

        def __iter__(self):
            return iter(())

    with pytest.raises(PosturecamError):
        list(posturecam.follow(Empty(), (0, 8), landmarker=Traced()))


def test_a_video_is_measured_whole():
    one = posturecam.measure_video(FRONT, neutral=(0, 8), landmarker=Traced())
    assert one.recording.name == str(FRONT)
    assert [episode.pattern for episode in one.episodes if episode.pattern == "text_neck"] == ["text_neck"]


# Timelines


HELD = session([(6, 0.0), (3, Not.MEASURED), (4, Not.THERE), (5, 31.25), (5, Not.SAMPLED), (2, -4.0)])


def test_a_timeline_comes_back_as_arrays(tmp_path):
    timeline = posturecam.load_timeline(write_timeline(tmp_path, HELD.samples))
    assert len(timeline) == len(HELD.samples)
    np.testing.assert_allclose(timeline.t_s, [sample.t_s for sample in HELD.samples], atol=0.001)
    assert timeline.present.tolist() == [sample.posture.present for sample in HELD.samples]
    assert timeline.state.tolist() == [sample.state.value for sample in HELD.samples]
    for name in ("head_pitch", "trunk_flexion", "neck_flexion", "head_forward", "head_yaw", "head_roll"):
        assert name in ANGLES
        told = [getattr(sample.posture, name).deg for sample in HELD.samples]
        expected = [np.nan if deg is None else deg for deg in told]
        np.testing.assert_allclose(getattr(timeline, f"{name}_deg"), expected, atol=0.006)
    assert set(timeline.absence.tolist()) == {"", "unsure", "nobody"}


def test_a_folder_of_results_will_do(tmp_path):
    write_timeline(tmp_path, HELD.samples)
    assert len(posturecam.load_timeline(str(tmp_path))) == len(HELD.samples)


def test_a_timeline_without_a_frame_is_empty(tmp_path):
    assert len(posturecam.load_timeline(write_timeline(tmp_path, ()))) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot read"),
        ("", "is no timeline"),
        ("a,b\n1,2\n", "is no timeline"),
        ("{head}x,1\n", "damaged"),
    ],
    ids=["no file", "empty", "another table", "cut"],
)
def test_what_is_no_timeline_is_refused_in_one_line(tmp_path, content, says):
    path = tmp_path / "timeline.csv"
    if content is not None:
        head = write_timeline(tmp_path, ()).read_text()
        path.write_text(content.replace("{head}", head))
    with pytest.raises(PosturecamError, match=says) as error:
        posturecam.load_timeline(path)
    assert "\n" not in str(error.value)


def test_the_history_is_that_of_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path))
    with posturecam.open_history() as store:
        assert store.sessions() == []
    assert (tmp_path / "history.sqlite").exists()


# The examples


@pytest.mark.parametrize(
    ("example", "says"),
    [
        ("measure_a_video", ["mean neck flexion", "text_neck from 22", "alert due at 37"]),
        ("follow_a_video", ["22.4 s  severe", "text_neck: static", "text_neck: end"]),
        ("timeline_as_arrays", ["of 125 frames measured", "of the measured frames at 20° or more"]),
    ],
)
def test_the_examples_run(example, says, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("posturecam.api.ThriftyLandmarker", Traced)
    given = FRONT
    if example == "timeline_as_arrays":
        rng = np.random.default_rng(1)
        history = [(0.2, float(deg)) for deg in rng.normal(10, 5, 124)]
        given = write_timeline(tmp_path, session(history).samples).parent
    monkeypatch.setattr(sys, "argv", [example, str(given)])
    runpy.run_path(str(ROOT / "examples" / f"{example}.py"), run_name="__main__")
    out = capsys.readouterr().out
    for words in says:
        assert words in out


def test_there_is_a_test_for_every_example():
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == {
        "measure_a_video",
        "follow_a_video",
        "timeline_as_arrays",
    }
