from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from calibrated import profile
from calibration.profile import SCHEMA_VERSION, to_text
from calibration.profile_store import ProfileStore
from posturecam import cli_profiles
from posturecam.errors import PosturecamError
from test_calibrate import frames
from test_samples import SAMPLES

app = typer.Typer()
app.add_typer(cli_profiles.profiles, name="profiles")
app.command()(cli_profiles.calibrate)


@dataclass(frozen=True)
class Answer:
    """What a command answered; `error` is the line that the program would end with."""

    exit_code: int
    stdout: str
    error: str

    @property
    def words(self) -> str:
        """All that was printed, however it was broken into lines."""
        return " ".join(self.stdout.split())


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "100")
    return ProfileStore(tmp_path / "data" / "profiles")


def posturecam(*words: object) -> Answer:
    run = CliRunner().invoke(app, list(map(str, words)))
    if isinstance(run.exception, PosturecamError):
        return Answer(int(run.exception.exit_code), run.stdout, str(run.exception))
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return Answer(run.exit_code, run.stdout, "")


@pytest.fixture
def recorded(monkeypatch, store):
    """`calibrate` sees the front clip as the model saw it, whatever the video."""

    def watched(video, end_s):
        return [frame for frame in frames("front") if frame.t_s <= end_s]

    monkeypatch.setattr(cli_profiles, "_watched", watched)


CALIBRATE = ("calibrate", "--from", "front.mp4", "--neutral", "0-10")


# Calibrating


def test_a_clip_is_calibrated_through_the_real_model(store):
    answer = posturecam("calibrate", "--from", SAMPLES / "front.mp4", "--neutral", "0-4", "--name", "clip")
    assert answer.exit_code == 0
    assert store.load("clip").view == "front"


def test_calibrating_keeps_a_profile_and_says_what_it_means(store, recorded):
    answer = posturecam(*CALIBRATE, "--keyboard", "12-14", "--down", "25-45", "--name", "desk")
    assert answer.exit_code == 0
    kept = store.load("desk")
    assert kept.keyboard.median_deg < kept.onset_deg < kept.phone.median_deg
    assert f"alerts start at {kept.onset_deg:g}°" in answer.words
    assert "glances would look like phone use" in answer.words
    assert str(store.path("desk")) in answer.stdout


def test_the_first_profile_comes_into_use_and_others_do_not_push_it_out(store, recorded):
    posturecam(*CALIBRATE, "--name", "desk")
    answer = posturecam(*CALIBRATE, "--name", "laptop")
    assert store.names() == ("desk", "laptop")
    assert store.active() == "desk"
    assert "in use" not in answer.stdout


def test_calibrating_again_replaces_the_profile(store, recorded):
    store.save(profile("default", onset_deg=44.0))
    assert posturecam(*CALIBRATE).exit_code == 0
    assert store.load("default").onset_deg == 20.0


def test_a_calibration_can_be_read_by_a_program(store, recorded):
    answer = json.loads(posturecam(*CALIBRATE, "--json").stdout)
    assert (answer["name"], answer["onset_deg"], answer["in_use"]) == ("default", 20.0, True)
    assert "body_px" not in answer


REFUSED = {
    "a neutral that moves": (("--neutral", "8-16"), 2, "--neutral 8-16 cannot be used: the pose is not held"),
    "seconds that run backwards": (("--neutral", "10-0"), 2, "--neutral 10-0: give two rising numbers"),
    "a glance in words": (("--neutral", "0-10", "--keyboard", "soon"), 2, "--keyboard soon: give two rising"),
    "a name that leads elsewhere": (
        ("--neutral", "0-10", "--name", "../x"),
        2,
        "'../x' cannot be a profile's",
    ),
    "a fisheye": (("--neutral", "0-10", "--field-of-view-deg", "180"), 2, "a field of view of 180.0°"),
}


@pytest.mark.parametrize(("options", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_a_calibration_that_fails_leaves_the_old_profile(store, recorded, options, code, words):
    store.save(profile("default"))
    before = store.path("default").read_bytes()
    answer = posturecam("calibrate", "--from", "front.mp4", *options)
    assert answer.exit_code == code
    assert words in answer.error
    assert store.path("default").read_bytes() == before


def test_a_newer_profile_is_not_replaced_and_nothing_is_watched_for_it(store, monkeypatch):
    def watched(video, end_s):
        raise AssertionError("watched in vain")

    monkeypatch.setattr(cli_profiles, "_watched", watched)
    store.save(profile("default"))
    text = store.path("default").read_text()
    newer = text.replace(f'"schema_version": {SCHEMA_VERSION}', f'"schema_version": {SCHEMA_VERSION + 1}')
    assert newer != text
    store.path("default").write_text(newer)
    answer = posturecam(*CALIBRATE)
    assert (answer.exit_code, store.path("default").read_text()) == (4, newer)
    assert "update posturecam" in answer.error


# Looking after profiles


def test_without_profiles_the_list_says_how_to_make_one(store):
    answer = posturecam("profiles", "list")
    assert answer.exit_code == 0
    assert "There is no profile" in answer.stdout
    assert "posturecam calibrate" in answer.stdout


def test_the_list_shows_every_profile_and_what_is_wrong_with_broken_ones(store):
    store.save(profile("desk", camera="C920", onset_deg=24.5))
    store.save(profile("Büro", view="side", face_px=None))
    store.use("desk")
    store.path("broken").write_text("{}")
    answer = posturecam("profiles", "list")
    assert answer.exit_code == 0
    desk = next(line for line in answer.stdout.splitlines() if " desk " in line)
    assert desk.startswith("*")
    for cell in ("C920", "from the front", "640 x 480", "24.5°"):
        assert cell in desk
    assert "from the side" in answer.stdout
    assert "broken.json: it is no profile of posturecam" in answer.words


def test_the_list_can_be_read_by_a_program(store):
    store.save(profile("desk"))
    store.use("desk")
    store.path("broken").write_text("{}")
    broken, desk = json.loads(posturecam("profiles", "list", "--json").stdout)
    assert broken["name"] == "broken"
    assert "it is no profile" in broken["error"]
    assert (desk["name"], desk["in_use"], desk["onset_deg"]) == ("desk", True, 25.0)


def test_a_mark_that_names_a_missing_profile_is_shown(store):
    store.save(profile("desk"))
    store.save(profile("lap"))
    store.use("lap")
    store.path("lap").unlink()
    assert "* in use: lap (missing)" in posturecam("profiles", "list").stdout


def test_a_broken_mark_does_not_hide_the_profiles(store):
    store.save(profile("desk"))
    (store.folder / "active").write_text("../..")
    answer = posturecam("profiles", "list")
    assert answer.exit_code == 0
    assert "desk" in answer.stdout


def test_a_profile_is_shown_with_what_its_onset_means(store):
    store.save(profile("desk"))
    answer = posturecam("profiles", "show", "desk")
    assert "Your phone posture is 33° below neutral" in answer.words
    assert "head pitch" in answer.stdout
    assert json.loads(posturecam("profiles", "show", "desk", "--json").stdout)["phone"]["median_deg"] == 33.0


def test_terminals_without_degrees_get_words(store, monkeypatch):
    from rich.console import Console

    from posturecam.sinks.profile_page import show_profile

    path = store.folder.parent / "page.txt"
    path.parent.mkdir()
    with path.open("w", encoding="ascii") as file:
        show_profile(profile("Büro", camera="Caméra"), True, Console(file=file))
    page = path.read_text(encoding="ascii")
    assert "B?ro, in use" in page
    assert "33 deg below neutral" in page


def test_a_profile_is_used_renamed_and_deleted(store):
    store.save(profile("desk"))
    assert posturecam("profiles", "use", "desk").exit_code == 0
    assert posturecam("profiles", "rename", "desk", "standing").exit_code == 0
    assert (store.names(), store.active()) == (("standing",), "standing")
    answer = posturecam("profiles", "delete", "standing")
    assert "None is in use now" in answer.stdout
    assert (store.names(), store.active()) == ((), None)


def test_a_profile_goes_out_and_comes_in(store, tmp_path):
    store.save(profile("desk"))
    assert posturecam("profiles", "export", "desk", tmp_path / "out.json").exit_code == 0
    answer = posturecam("profiles", "import", tmp_path / "out.json", "--name", "other desk")
    assert "posturecam profiles use 'other desk'" in answer.stdout
    assert store.names() == ("desk", "other desk")


def test_onsets_are_set_by_hand(store):
    store.save(profile("desk"))
    answer = posturecam("profiles", "set", "desk", "onset_deg=18")
    assert store.load("desk").onset_deg == 18.0
    assert "alerts start at 18°, as set by hand. 1 in 2 glances" in answer.words


UNSETTABLE = {
    "out of range": ("onset_deg=3", "onset_deg is not a number from 5 to 60"),
    "no number": ("onset_deg=low", "give a number of degrees"),
    "not a number": ("onset_deg=nan", "onset_deg is not a number from 5 to 60"),
    "no value": ("onset_deg", "give a number of degrees"),
    "unknown": ("view=side", "what can be set is onset_deg"),
}


@pytest.mark.parametrize(("assignment", "words"), UNSETTABLE.values(), ids=UNSETTABLE)
def test_what_cannot_be_set_is_refused_and_nothing_changes(store, assignment, words):
    store.save(profile("desk"))
    answer = posturecam("profiles", "set", "desk", "onset_deg=18", assignment)
    assert answer.exit_code == 2
    assert words in answer.error
    assert store.load("desk").onset_deg == 25.0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "lap"), 4),
        (("use", "lap"), 4),
        (("delete", "lap"), 4),
        (("rename", "lap", "desk"), 4),
        (("rename", "desk", "taken"), 2),
        (("rename", "desk", "../x"), 2),
        (("export", "lap", "x.json"), 4),
        (("export", "desk", "."), 2),
        (("export", "desk", "no/such/folder/x.json"), 1),
        (("import", "nowhere.json"), 4),
        (("import", str(SAMPLES / "README.md")), 4),
        (("set", "lap", "onset_deg=18"), 4),
        (("show", "broken"), 4),
        (("set", "broken", "onset_deg=18"), 4),
    ],
)
def test_what_goes_wrong_ends_with_one_line_and_its_code(store, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    store.save(profile("desk"))
    store.save(profile("taken"))
    store.path("broken").write_text("{}")
    before = {path: path.read_bytes() for path in store.folder.iterdir()}
    answer = posturecam("profiles", *words)
    assert answer.exit_code == code
    assert answer.error
    assert "\n" not in answer.error
    assert {path: path.read_bytes() for path in store.folder.iterdir()} == before


def test_a_file_of_the_user_that_is_no_profile_is_not_to_be_deleted(store, tmp_path):
    picture = Path(shutil.copy(SAMPLES / "README.md", tmp_path / "thesis.md"))
    answer = posturecam("profiles", "import", picture)
    assert "delete" not in answer.error
    assert picture.exists()


def test_what_export_writes_can_be_read_again(store, tmp_path):
    store.save(profile("desk"))
    posturecam("profiles", "export", "desk", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == to_text(profile("desk"))
