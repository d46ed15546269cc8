from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calibration.steady import Stretch
from posturecam.archive import (
    Finished,
    Measured,
    Method,
    Place,
    Results,
    find_recordings,
    read_answer,
    replay_all,
    require_writable,
    write,
)
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.table import Choice
from posturecam.core.pipeline import Settings
from posturecam.errors import PosturecamError, UnreadableError, UsageError
from posturecam.fingerprint import Fingerprint, sha256_of_file
from postures import Not
from sessions import episode, session

METHOD = Method(5.0, Settings())
SEEN = session([(30, 0.0), (61, 30.0), (9, Not.THERE)], [episode(30.0, 87.0, "yes", 91.0), episode(12.0, end_s=None)])


class Scripted:
    """Measures nothing: says of every recording what its content says, "well" or why not."""

    def __init__(self) -> None:
        self.measured: list[str] = []
        self.on_one_core: list[bool] = []

    def run(self, do, works, tell) -> Iterator[tuple]:
        for work in works:
            video = work.place.video
            self.measured.append(video.name)
            self.on_one_core.append(work.one_core)
            tell(work, 1.0, 2.0)
            content = video.read_text()
            yield work, measured(video, work.method) if content.startswith("well") else UnreadableError(content)


def measured(video: Path, method: Method = METHOD) -> Measured:
    fingerprint = Fingerprint(video.stat().st_size, sha256_of_file(video), method.sha256, method.files)
    return Measured(replace(SEEN, recording=replace(SEEN.recording, name=str(video))), fingerprint, None)


@pytest.fixture
def study(tmp_path, monkeypatch) -> Path:
    """Two days of recordings with the same names, and what is none."""
    monkeypatch.chdir(tmp_path)
    for name in ("mon/cam.mp4", "tue/cam.mp4", "tue/b.MOV", "tue/notes.txt", "tue/.hidden.mp4", ".trash/cam.mp4"):
        path = tmp_path / "study" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"well {name}")
    return tmp_path / "study"


def found(*words: str, out: str = "out") -> dict[str, str]:
    places = find_recordings(words, Path(out))
    return {place.video.as_posix(): place.folder.as_posix() for place in places}


# Which there are


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["study/mon/cam.mp4"], {"study/mon/cam.mp4": "out"}, id="one file as it is"),
        pytest.param(
            ["study/mon/cam.mp4", "study/tue/b.MOV"],
            {"study/mon/cam.mp4": "out/cam", "study/tue/b.MOV": "out/b"},
            id="several files by their names",
        ),
        pytest.param(
            ["study"],
            {"study/mon/cam.mp4": "out/mon/cam", "study/tue/b.MOV": "out/tue/b", "study/tue/cam.mp4": "out/tue/cam"},
            id="a folder as it lies",
        ),
        pytest.param(
            ["study/mon", "study/tue/cam.mp4", "study/*/cam.mp4"],
            {"study/mon/cam.mp4": "out/mon/cam", "study/tue/cam.mp4": "out/cam"},
            id="each once",
        ),
        pytest.param(
            ["study/mon", "study/tue"],
            {"study/mon/cam.mp4": "out/mon/cam", "study/tue/b.MOV": "out/tue/b", "study/tue/cam.mp4": "out/tue/cam"},
            id="several folders under their names",
        ),
        pytest.param(
            ["study/*/cam.mp4"],
            {"study/mon/cam.mp4": "out/mon/cam", "study/tue/cam.mp4": "out/tue/cam"},
            id="a pattern",
        ),
        pytest.param(["study/mon/*.mp4"], {"study/mon/cam.mp4": "out/cam"}, id="a pattern of one folder"),
        pytest.param(["study/**/b.*"], {"study/tue/b.MOV": "out/tue/b"}, id="a pattern at any depth"),
        pytest.param(["nowhere.mp4"], {"nowhere.mp4": "out"}, id="what is not there is left to the reader"),
    ],
)
def test_recordings_are_found_and_have_a_folder_each(study, words, expected):
    assert found(*words) == expected


def test_recordings_that_differ_in_their_endings_only_have_a_folder_each(study):
    (study / "mon" / "cam.mkv").touch()
    assert sorted(found("study/mon").values()) == ["out/cam.mkv", "out/cam.mp4"]


def test_files_of_one_name_are_not_written_over_each_other(study):
    with pytest.raises(UsageError, match=r"study/mon/cam\.mp4 and study/tue/cam\.mp4 would both"):
        found("study/mon/cam.mp4", "study/tue/cam.mp4")


@pytest.mark.parametrize(
    ("word", "says"),
    [
        pytest.param("empty", "no recording in this folder", id="a folder"),
        pytest.param("*.webm", "no file is called like that", id="a pattern"),
    ],
)
def test_where_there_is_no_recording_it_says_so(study, word, says):
    Path("empty").mkdir()
    with pytest.raises(UnreadableError, match=says):
        found(word)


def test_what_an_earlier_replay_wrote_is_no_recording(study):
    drawn = study / "mon" / "annotated.mp4"
    drawn.write_text("a user's own")
    assert str(drawn.relative_to(study.parent)) in found("study")
    (study / "mon" / "summary.json").touch()
    (study / "out" / "cam").mkdir(parents=True)
    (study / "out" / "cam" / "annotated.mp4").touch()
    (study / "out" / "cam" / "other.mp4").touch()
    assert set(found("study", out="study/out")) == {"study/mon/cam.mp4", "study/tue/cam.mp4", "study/tue/b.MOV"}


@pytest.mark.parametrize("out", [".", "study"])
def test_results_may_lie_beside_the_recordings(study, out):
    assert set(found("study", out=out)) == {"study/mon/cam.mp4", "study/tue/cam.mp4", "study/tue/b.MOV"}


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(study):
    Path("me[1].mp4").touch()
    assert found("me[1].mp4") == {"me[1].mp4": "out"}


# What is done with each


def replayed(engine: Scripted, method: Method = METHOD, *, resume: bool = False) -> dict[str, Finished]:
    out = Path("out")
    results = Results(out, method) if resume else None
    finished = replay_all(find_recordings(["study"], out), method, engine, lambda *_: None, results)
    return {one.place.video.as_posix(): one for one in finished}


def test_results_are_written_and_agree(study, tmp_path):
    write(measured(study / "mon" / "cam.mp4"), tmp_path / "new" / "folder")
    timeline, episodes, summary, report = (
        (tmp_path / "new" / "folder" / name).read_text(encoding="utf-8")
        for name in ("timeline.csv", "episodes.csv", "summary.json", "report.html")
    )
    counts = json.loads(summary)["counts"]
    assert len(list(csv.DictReader(timeline.splitlines()))) == len(SEEN.samples) == counts["samples"]
    assert len(list(csv.DictReader(episodes.splitlines()))) == len(SEEN.episodes) == counts["episodes"]
    assert "<html" in report


def test_what_was_written_reads_as_it_was_answered(study):
    for one in replayed(Scripted()).values():
        assert read_answer(one.place.folder) == one.answer


def test_several_recordings_take_a_core_each_and_one_takes_all(study):
    several, rest = Scripted(), Scripted()
    replayed(several)
    assert several.on_one_core == [True] * 3
    (study / "mon" / "cam.mp4").write_text("well, but otherwise")
    replayed(rest, resume=True)
    assert rest.on_one_core == [False]


def test_one_bad_file_does_not_stop_the_rest(study):
    (study / "mon" / "cam.mp4").write_text("no pictures")
    finished = replayed(Scripted())
    assert str(finished["study/mon/cam.mp4"].error) == "no pictures"
    assert not Path("out/mon").exists()
    assert Path("out/tue/b/summary.json").exists()
    assert Path("out/tue/cam/summary.json").exists()


def test_a_result_that_cannot_be_written_does_not_stop_the_rest(study):
    Path("out/tue").mkdir(parents=True)
    Path("out/tue/b").write_text("mine")
    finished = replayed(Scripted())
    assert "choose another folder" in str(finished["study/tue/b.MOV"].error)
    assert finished["study/tue/cam.mp4"].answer
    assert Path("out/tue/b").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_refused_and_one_that_can_is_not_made(tmp_path):
    require_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(PosturecamError, match="choose another folder"):
        require_writable(tmp_path / "file" / "b")


# What is done already


def again(method: Method = METHOD) -> list[str]:
    """What a resumed replay measures."""
    replayed(engine := Scripted(), method, resume=True)
    return sorted(engine.measured)


def test_what_is_done_is_not_done_again_and_answers_as_before(study):
    before = replayed(Scripted())
    replayed(engine := Scripted(), resume=True)
    assert engine.measured == []
    after = replayed(Scripted(), resume=True)
    assert {name: one.answer for name, one in after.items()} == {name: one.answer for name, one in before.items()}
    assert all(one.session is None for one in after.values())


def test_a_recording_of_other_content_is_done_again(study):
    replayed(Scripted())
    path = study / "tue" / "b.MOV"
    path.write_text(path.read_text().upper().replace("WELL", "well"))
    assert again() == ["b.MOV"]


def test_a_recording_that_was_renamed_or_moved_is_recognised(study):
    replayed(Scripted())
    (study / "tue" / "b.MOV").rename(study / "mon" / "c.MOV")
    finished = replayed(engine := Scripted(), resume=True)
    assert engine.measured == []
    assert finished["study/mon/c.MOV"].place.folder == Path("out/tue/b")


def test_a_copy_of_a_recording_has_results_of_its_own(study):
    replayed(Scripted())
    (study / "mon" / "copy.mp4").write_bytes((study / "mon" / "cam.mp4").read_bytes())
    assert again() == ["copy.mp4"]


@pytest.mark.parametrize(
    "method",
    [
        pytest.param(replace(METHOD, rate_hz=10.0), id="rate"),
        pytest.param(replace(METHOD, settings=Settings(Sensitivity(1 / 32))), id="sensitivity"),
        pytest.param(replace(METHOD, settings=Settings(choices={"shrug": Choice(Manner.OFF)})), id="a pattern"),
        pytest.param(
            replace(METHOD, settings=Settings(choices={"slouch": Choice(values={"trunk_deg": 9})})), id="value"
        ),
        pytest.param(replace(METHOD, neutral=Stretch(0, 8)), id="neutral"),
        pytest.param(replace(METHOD, version="99.0"), id="version"),
        pytest.param(replace(METHOD, explained=True), id="more files"),
        pytest.param(replace(METHOD, every_frame=True), id="every frame"),
    ],
)
def test_what_was_measured_otherwise_is_done_again(study, method):
    replayed(Scripted())
    assert len(again(method)) == 3


def test_fewer_files_are_no_reason_to_do_it_again(study):
    method = replace(METHOD, explained=True)
    for place in find_recordings(["study"], Path("out")):
        write(replace(measured(place.video, method), explained=()), place.folder)
    assert again() == []


@pytest.mark.parametrize("name", ["summary.json", "timeline.csv", "report.html"])
def test_a_result_with_a_file_missing_is_done_again(study, name):
    replayed(Scripted())
    Path("out/tue/cam", name).unlink()
    assert again() == ["cam.mp4"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": 1}', '{"fingerprint": {"files": []}}'])
def test_a_summary_that_cannot_be_read_is_no_result(study, text):
    replayed(Scripted())
    Path("out/tue/cam/summary.json").write_text(text)
    assert again() == ["cam.mp4"]


def test_results_half_written_over_older_ones_are_neither(study, monkeypatch):
    replayed(Scripted())
    monkeypatch.setattr("posturecam.report.recording.write_report", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(measured(study / "tue" / "b.MOV", replace(METHOD, rate_hz=10.0)), Path("out/tue/b"))
    monkeypatch.undo()
    monkeypatch.chdir(study.parent)
    assert again() == ["b.MOV"]


def test_a_place_without_a_file_has_no_results(tmp_path):
    assert Results(tmp_path, METHOD).of(Place(tmp_path / "gone.mp4", tmp_path)) is None
