from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from posturecam import __version__, cli
from test_samples import SAMPLES, clip

ROOT = Path(__file__).parents[1]
FRONT, SIDE = SAMPLES / "front.mp4", SAMPLES / "side.mp4"
TIMELINE = (
    "t_s,present,absence,view,head_pitch_deg,trunk_flexion_deg,neck_flexion_deg,head_forward_deg,"
    "head_yaw_deg,head_roll_deg,confidence,state"
)
EPISODES = "pattern,onset_s,alert_s,told,end_s,peak_deg,mean_deg,end_reason"
BLACK = "color=black:size=320x240:rate=10:duration=4"
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Run:
    """What a command answered, and where it wrote."""

    exit_code: int
    stdout: str
    stderr: str
    out: Path

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.out / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    @property
    def summary(self) -> dict:
        return json.loads((self.out / "summary.json").read_text(encoding="utf-8"))


def subprocessed(*words: object, out: Path) -> Run:
    command = [sys.executable, "-m", "posturecam", *map(str, words), "--out", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    return Run(run.returncode, run.stdout, run.stderr, out)


@pytest.fixture
def posturecam(monkeypatch, capfd, tmp_path):
    """`posturecam(*words)` runs the program in this process, in an empty folder."""

    def run(*words: object) -> Run:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["posturecam", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as leaving:
            code = leaving.code or 0
        return Run(code, *capfd.readouterr(), tmp_path / "posturecam-out")

    return run


@pytest.fixture(scope="session")
def front(tmp_path_factory) -> Run:
    return subprocessed("replay", FRONT, "--sensitivity", "1/32", out=tmp_path_factory.mktemp("front"))


@pytest.fixture(scope="session")
def side(tmp_path_factory) -> Run:
    """With the models in every frame, as the trace was recorded."""
    words = ("replay", SIDE, "--sensitivity", "1/32", "--every-frame", "--json")
    return subprocessed(*words, out=tmp_path_factory.mktemp("side"))


FILES = {"timeline.csv", "episodes.csv", "summary.json", "report.html"}


@pytest.fixture
def black(make_video) -> Path:
    return make_video("black.mp4", *H264, source=BLACK)


# The sample clips through the real model


@pytest.mark.parametrize("name", ["front", "side"])
def test_a_clip_is_replayed_into_its_files(request, name):
    run = request.getfixturevalue(name)
    assert run.exit_code == 0
    assert {path.name for path in run.out.iterdir()} == FILES
    assert (run.out / "timeline.csv").read_text(encoding="utf-8").splitlines()[0] == TIMELINE
    assert (run.out / "episodes.csv").read_text(encoding="utf-8").splitlines()[0] == EPISODES
    assert run.summary["schema_version"] == 1
    assert run.summary["posturecam_version"] == __version__


@pytest.mark.parametrize("name", ["front", "side"])
def test_a_clips_text_neck_is_the_one_of_its_trace(request, name):
    rows = request.getfixturevalue(name).rows("episodes.csv")
    (row,) = (row for row in rows if row["pattern"] == "text_neck")
    episode = clip(name).text_neck
    assert row["told"] == "yes"
    assert row["end_reason"] == "recovered"
    for column in ("onset_s", "alert_s", "end_s"):
        assert float(row[column]) == pytest.approx(getattr(episode, column), abs=0.41), column
    assert float(row["mean_deg"]) == pytest.approx(episode.mean_deg, abs=1.5)


@pytest.mark.parametrize("name", ["front", "side"])
def test_a_clips_timeline_is_the_one_of_its_trace(request, name):
    rows = request.getfixturevalue(name).rows("timeline.csv")
    samples = clip(name).session.samples
    assert len(rows) == len(samples)
    apart = [
        abs(float(row["neck_flexion_deg"]) - sample.posture.neck_flexion.deg)
        for row, sample in zip(rows, samples, strict=True)
        if row["neck_flexion_deg"] and sample.posture.neck_flexion.deg is not None
    ]
    assert len(apart) > 0.95 * len(rows)
    assert sum(apart) / len(apart) < 1
    same = [row["state"] == sample.state.value for row, sample in zip(rows, samples, strict=True)]
    assert sum(same) > 0.95 * len(rows)


def test_a_person_reads_what_happened(front):
    assert "0:37" in front.stdout, "when the alert would have come"
    assert "0.0 to 8.0 s of this recording" in front.stdout
    assert "text neck" in front.stdout
    assert str(front.out) in front.stdout
    assert front.stderr == ""


def test_a_program_reads_json_and_nothing_else(side):
    answer = json.loads(side.stdout)
    assert {**side.summary, "episodes": answer["episodes"]} == answer
    assert answer["counts"]["episodes"] == len(answer["episodes"]) > 0
    assert side.stderr == ""


# Nobody


def test_a_video_of_nobody_is_all_away_and_says_so(posturecam, black):
    run = posturecam("replay", black)
    assert run.exit_code == 0
    assert {row["state"] for row in run.rows("timeline.csv")} == {"away"}
    assert {row["absence"] for row in run.rows("timeline.csv")} == {"nobody"}
    assert run.rows("episodes.csv") == []
    assert any("nobody" in note for note in run.summary["notes"])
    assert "nobody is seen in this recording" in " ".join(run.stdout.split())


def test_an_annotated_video_is_written_when_asked(posturecam, black):
    run = posturecam("replay", black, "--annotate")
    assert run.exit_code == 0
    assert (run.out / "annotated.mp4").stat().st_size > 0
    assert run.stdout.rstrip().endswith("timeline.csv, episodes.csv, report.html, annotated.mp4, summary.json")


def test_no_picture_is_written_unasked(posturecam, black):
    run = posturecam("replay", black, "--json")
    assert {path.suffix for path in run.out.iterdir()} == {".csv", ".json", ".html"}


def test_several_videos_have_a_folder_each_and_one_list_of_answers(posturecam, black, make_video):
    other = make_video("other.mkv", *H264, source=BLACK)
    run = posturecam("replay", black, other, "--json")
    assert run.exit_code == 0
    assert {path.name for path in run.out.iterdir()} == {"black", "other"}
    assert [answer["recording"]["name"] for answer in json.loads(run.stdout)] == [str(black), str(other)]
    for folder in run.out.iterdir():
        assert {path.name for path in folder.iterdir()} == FILES


def test_only_what_was_written_is_named(posturecam, black, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    run = posturecam("replay", black, "--out", ".")
    assert "timeline.csv" in run.stdout
    assert "holiday.jpg" not in run.stdout


# What goes wrong


def one_line(run: Run) -> str:
    """The one line that a failed command says, on stderr."""
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith("posturecam: ")
    return line


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(lambda path: None, "no such file", id="missing"),
        pytest.param(lambda path: path.mkdir(), "folder", id="a folder"),
        pytest.param(lambda path: path.write_text("dear diary\n"), "text file", id="a text file"),
        pytest.param(lambda path: path.write_bytes(b""), "empty", id="an empty file"),
        pytest.param(lambda path: path.write_bytes(bytes(range(256)) * 40), "no pictures", id="noise"),
    ],
)
def test_what_is_no_video_is_unreadable_in_one_line(posturecam, tmp_path, make, says):
    make(tmp_path / "me.mp4")
    run = posturecam("replay", "me.mp4")
    assert run.exit_code == 3
    assert says in one_line(run)
    assert "me.mp4" in run.stderr
    assert not run.out.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["--neutral", "90-80"], "two rising numbers", id="a neutral that ends before it starts"),
        pytest.param(["--neutral", "upright"], "two rising numbers", id="a neutral in words"),
        pytest.param(["--sensitivity", "high"], "strict, standard, relaxed, iso", id="a sensitivity unknown"),
        pytest.param(["--sensitivity", "1/0"], "strict, standard, relaxed, iso", id="a sensitivity over zero"),
        pytest.param(["--sensitivity", "nan"], "strict, standard, relaxed, iso", id="no number"),
        pytest.param(["--onset-deg", "3"], "between 5 and 60", id="an onset too low"),
        pytest.param(["--onset-deg", "nan"], "between 5 and 60", id="an onset that is no number"),
        pytest.param(["--rate-hz", "0"], "between 0.5 and 60", id="no frames"),
        pytest.param(["--rate-hz", "nan"], "between 0.5 and 60", id="a rate that is no number"),
        pytest.param(["--field-of-view-deg", "500"], "20° and 150°", id="a field of view beyond all"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(posturecam, words, says):
    run = posturecam("replay", FRONT, *words)
    assert run.exit_code == 2
    assert says in one_line(run)
    assert not run.out.exists()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["replay", FRONT, "--sensitvity", "strict"], id="an unknown option"),
        pytest.param(["repaly", FRONT], id="an unknown command"),
        pytest.param(["replay"], id="no video"),
        pytest.param(["replay", FRONT, "--rate-hz", "many"], id="no number"),
    ],
)
def test_words_that_are_not_understood_are_a_usage_error(posturecam, words):
    run = posturecam(*words)
    assert run.exit_code == 2
    assert run.stdout == ""
    assert "Traceback" not in run.stderr


def test_a_neutral_beyond_the_end_is_a_usage_error(posturecam, black):
    run = posturecam("replay", black, "--neutral", "80-90")
    assert run.exit_code == 2
    assert "--neutral 80-90 lies outside the recording, which ends at" in one_line(run)


def test_two_videos_of_one_name_are_not_written_over_each_other(posturecam, black, tmp_path):
    run = posturecam("replay", black, tmp_path / "other" / black.name)
    assert run.exit_code == 2
    assert "black" in one_line(run)


def test_where_nothing_can_be_written_it_says_so_before_the_work(posturecam, black, tmp_path, monkeypatch):
    (tmp_path / "results").write_text("mine")
    monkeypatch.setattr("posturecam.replay.watch", lambda *_: pytest.fail("it went to work"))
    run = posturecam("replay", black, "--out", "results")
    assert run.exit_code == 1
    assert "choose another folder" in one_line(run)
    assert (tmp_path / "results").read_text() == "mine"


def test_stopping_it_is_answered_in_one_line(posturecam, black, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("posturecam.replay.watch", stopped)
    run = posturecam("replay", black)
    assert run.exit_code == 130
    assert "stopped" in one_line(run)


def test_a_machine_without_opencvs_system_libraries_is_told_which_to_install(tmp_path, monkeypatch):
    missing = "libGL.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "cv2.py").write_text(f"raise ImportError({missing!r})\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = subprocessed("replay", FRONT, out=tmp_path / "out")
    assert run.exit_code == 1
    assert "apt-get install libgl1" in one_line(run)


# Help


def commands() -> dict[str, object]:
    """Every command by its full name, "posturecam replay"."""

    def below(name: str, command) -> dict[str, object]:
        inner = getattr(command, "commands", {})
        found = {} if inner else {name: command}
        for word, child in inner.items():
            found |= below(f"{name} {word}", child)
        return found

    return below("posturecam", typer.main.get_command(cli.app))


every_command = pytest.mark.parametrize("name", commands())


@every_command
def test_every_command_and_every_option_has_help(name):
    command = commands()[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"


@every_command
def test_every_command_is_in_the_readme(name):
    assert re.search(rf"\b{name}\b", (ROOT / "README.md").read_text(encoding="utf-8"))


@every_command
def test_help_is_shown(posturecam, name):
    run = posturecam(*name.split()[1:], "--help")
    assert run.exit_code == 0
    assert f"{name} [OPTIONS]" in run.stdout


def test_without_words_the_help_is_shown(posturecam):
    run = posturecam()
    assert "posturecam [OPTIONS] COMMAND" in run.stdout + run.stderr


def test_the_version_is_shown(posturecam):
    assert posturecam("--version").stdout == f"posturecam {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["replay", "--help"], ["replay"]])
def test_help_comes_at_once_without_the_heavy_libraries(words):
    program = (
        "import sys\n"
        "from posturecam.cli import main\n"
        f"sys.argv = ['posturecam', *{words}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    heavy = {'cv2', 'mediapipe', 'numpy'} & set(sys.modules)\n"
        "    sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
