from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import test_cli
from posturecam.archive import Measured
from posturecam.errors import BadProfileError, UnreadableError
from posturecam.fingerprint import Fingerprint, sha256_of_file
from sessions import episode, session
from test_cli import Run, one_line
from test_samples import SAMPLES

posturecam = test_cli.posturecam
SEEN = session([(30, 0.0), (61, 30.0)], [episode(30.0, 87.0, "yes", 91.0)])
FATES = {"unreadable": UnreadableError("no pictures"), "profile": BadProfileError("another view")}


def scripted(work, advance) -> Measured:
    """What would be measured is the file's own text: a fate, or anything else for all well."""
    video = work.place.video
    advance(1.0, 2.0)
    content = video.read_text()
    if content == "stopped":
        raise KeyboardInterrupt
    if content in FATES:
        raise FATES[content]
    made_from = Fingerprint(video.stat().st_size, sha256_of_file(video), work.method.sha256, work.method.files)
    return Measured(replace(SEEN, recording=replace(SEEN.recording, name=str(video))), made_from, None)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """`study(a="well", ...)` makes recordings of these fates in a folder; nothing is really measured."""
    monkeypatch.setattr("posturecam.archive.measure", scripted)

    def make(**fates: str) -> Path:
        folder = tmp_path / "study"
        folder.mkdir(exist_ok=True)
        for name, fate in fates.items():
            (folder / f"{name}.mp4").write_text(fate)
        return folder

    return make


def lines(run: Run) -> list[str]:
    return [line for line in run.stderr.splitlines() if line.startswith("posturecam: ")]


def test_a_table_has_a_line_for_each_recording_and_one_for_all(posturecam, study):
    study(a="well a", b="well b")
    run = posturecam("replay", "study")
    assert run.exit_code == 0
    table = [line.split() for line in run.stdout.splitlines()]
    assert table[0] == ["recording", "length", "measured", "flexion", "bent", "longest", "alerts"]
    assert table[1] == ["study/a.mp4", "1:31", "1:31", "20°", "1:01", "1:01", "1"]
    assert table[3] == ["2", "recordings", "3:02", "3:02", "20°", "2:02", "1:01", "2"]
    assert "In posturecam-out: a folder for each" in run.stdout
    assert (run.out / "a" / "report.html").exists()


def test_in_a_pipe_every_finished_recording_is_a_line(posturecam, study):
    study(a="well", b="unreadable")
    run = posturecam("replay", "study", "--jobs", "1")
    assert run.stderr.splitlines()[:2] == [
        "1 of 2: study/a.mp4: written into posturecam-out/a",
        "2 of 2: study/b.mp4: no pictures",
    ]


@pytest.mark.parametrize(
    ("fates", "code"),
    [
        pytest.param({"a": "well"}, 0, id="all well"),
        pytest.param({"a": "well", "b": "unreadable"}, 3, id="one unreadable"),
        pytest.param({"a": "unreadable", "b": "unreadable"}, 3, id="all unreadable"),
        pytest.param({"a": "well", "b": "profile"}, 4, id="a profile that does not fit"),
        pytest.param({"a": "unreadable", "b": "profile"}, 1, id="one of each"),
    ],
)
def test_the_exit_code_is_the_one_that_all_failures_share(posturecam, study, fates, code):
    study(**fates)
    run = posturecam("replay", "study", "--json")
    assert run.exit_code == code
    wrong = {name: FATES[fate] for name, fate in fates.items() if fate in FATES}
    assert lines(run) == [f"posturecam: study/{name}.mp4: {error}" for name, error in wrong.items()]
    answers = {answer["recording"]["name"]: answer for answer in json.loads(run.stdout)}
    for name, error in wrong.items():
        assert answers[f"study/{name}.mp4"]["error"] == {"exit_code": int(error.exit_code), "words": str(error)}


def test_what_is_done_is_left_out_and_in_the_answer_all_the_same(posturecam, study):
    study(a="well a")
    (before,) = json.loads(posturecam("replay", "study", "--json").stdout)
    study(b="well b")
    done, new = json.loads(posturecam("replay", "study", "--resume", "--json").stdout)
    assert (before["done_before"], done["done_before"], new["done_before"]) == (False, True, False)
    assert {**done, "done_before": False} == before


def test_one_recording_that_is_done_says_where_it_is(posturecam, study):
    study(a="well")
    posturecam("replay", "study/a.mp4")
    run = posturecam("replay", "study/a.mp4", "--resume")
    assert run.stdout == "study/a.mp4: done before, in posturecam-out\n"


def test_stopping_keeps_what_is_done(posturecam, study):
    study(a="well", b="stopped", c="well")
    run = posturecam("replay", "study", "--jobs", "1")
    assert run.exit_code == 130
    assert run.stderr.splitlines()[-1] == "posturecam: stopped; what was finished before is kept"
    assert [path.name for path in run.out.iterdir()] == ["a"]


def test_all_of_them_are_kept_in_the_history_once(posturecam, study, tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    study(a="well a", b="well b")
    posturecam("replay", "study", "--keep")
    posturecam("replay", "study", "--keep", "--resume")
    sessions = json.loads(posturecam("history", "list", "--json").stdout)
    assert len(sessions) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["--jobs", "many"], "give a number of processes, or auto", id="no number of jobs"),
        pytest.param(["--jobs", "1", "--dask", "tcp://127.0.0.1:9"], "with --dask its workers count", id="both"),
        pytest.param(["--annotate", "--dask", "tcp://127.0.0.1:9"], "leave out --dask", id="pictures elsewhere"),
    ],
)
def test_words_about_the_work_that_contradict_are_named(posturecam, study, words, says):
    study(a="well")
    run = posturecam("replay", "study", *words)
    assert run.exit_code == 2
    assert says in one_line(run)


# Real recordings and processes


@pytest.fixture(scope="session")
def clips(tmp_path_factory) -> Path:
    """Three seconds of each sample, and a file that is none."""
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg to cut a video")
    folder = tmp_path_factory.mktemp("clips")
    for sample in (SAMPLES / "front.mp4", SAMPLES / "side.mp4"):
        cut = ["ffmpeg", "-v", "error", "-i", str(sample), "-t", "3", str(folder / sample.name)]
        subprocess.run(cut, check=True)
    (folder / "bad.mp4").write_text("dear diary\n")
    return folder


def test_the_results_are_the_same_to_the_byte_however_many_processes_there_are(posturecam, clips, tmp_path):
    one = posturecam("replay", clips, "--out", "one", "--json", "--explain-angles")
    two = posturecam("replay", clips, "--out", "two", "--json", "--explain-angles", "--jobs", "2")
    assert one.exit_code == two.exit_code == 3
    assert two.stdout.replace("two/", "one/") == one.stdout
    for name in ("front", "side"):
        results = [
            {path.name: path.read_bytes() for path in (tmp_path / out / name).iterdir()} for out in ("one", "two")
        ]
        assert results[0] == results[1]
        assert set(results[0]) == {"timeline.csv", "episodes.csv", "summary.json", "report.html", "signals.csv"}
