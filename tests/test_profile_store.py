from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from calibrated import profile
from calibration.profile import SCHEMA_VERSION, as_document, to_text
from calibration.profile_store import (
    LARGEST_BYTES,
    BrokenProfileError,
    NewerProfileError,
    NoProfileError,
    ProfileError,
    ProfileStore,
    TakenError,
    UnreadableProfileError,
    UnwritableError,
    read_profile,
)

ROOT = Path(__file__).parent.parent
needs_permission_bits = pytest.mark.skipif(os.name == "nt", reason="needs permission bits")
needs_obedience = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read and write everything")


@pytest.fixture
def store(tmp_path):
    return ProfileStore(tmp_path / "data" / "profiles")


def mode(path):
    return path.stat().st_mode & 0o777


def files(store):
    return sorted(path.name for path in store.folder.iterdir())


def test_what_is_saved_is_loaded(store):
    saved = profile("desk")
    path = store.save(saved)
    assert path == store.folder / "desk.json"
    assert as_document(store.load("desk")) == as_document(saved)


def test_saving_replaces_the_profile_of_that_name_and_leaves_nothing_else(store):
    store.save(profile("desk", onset_deg=20.0))
    store.save(profile("desk", onset_deg=30.0))
    assert store.load("desk").onset_deg == 30.0
    assert files(store) == ["desk.json"]


def test_saving_can_refuse_to_replace(store):
    store.save(profile("desk", onset_deg=20.0))
    with pytest.raises(TakenError, match="there is a profile desk already"):
        store.save(profile("desk", onset_deg=30.0), replace=False)
    assert store.load("desk").onset_deg == 20.0


def test_names_that_differ_in_case_are_one_name(store):
    store.save(profile("Desk"))
    with pytest.raises(TakenError, match="Desk"):
        store.save(profile("desk"))


@needs_permission_bits
def test_profiles_are_for_their_owner_alone(store):
    before = os.umask(0)
    try:
        path = store.save(profile())
        store.use("desk")
    finally:
        os.umask(before)
    assert mode(path) == mode(store.folder / "active") == 0o600
    assert mode(store.folder) == mode(store.folder.parent) == 0o700


def test_a_store_without_a_folder_has_no_profiles(store):
    assert store.names() == ()
    assert store.active() is None
    assert store.chosen_for("C920") is None
    with pytest.raises(NoProfileError, match=r"there is no profile desk in .*; calibrate first"):
        store.load("desk")


def test_profiles_are_listed_by_name_and_other_files_are_not(store):
    for name in ("standing", "desk"):
        store.save(profile(name))
    for stray in (".desk.json.x.part", "notes.txt", "..json", "a.b.json"):
        (store.folder / stray).write_text("stray")
    assert store.names() == ("desk", "standing")


def test_a_missing_profile_is_told_with_those_that_are_there(store):
    store.save(profile("desk"))
    with pytest.raises(NoProfileError, match=r"there is no profile lap in .*; there are: desk"):
        store.load("lap")


def test_the_files_name_is_the_profiles(store):
    """Whoever copies a file by hand has a second profile, not a broken one."""
    path = store.save(profile("desk"))
    (store.folder / "standing.json").write_bytes(path.read_bytes())
    assert store.load("standing").name == "standing"


@pytest.mark.parametrize("name", ["../desk", "/tmp/desk", "", ".", "active.json", "a/b"])
def test_no_name_leads_out_of_the_folder(store, name, tmp_path):
    store.save(profile("desk"))
    before = sorted(tmp_path.rglob("*"))
    for act in (
        lambda: store.load(name),
        lambda: store.delete(name),
        lambda: store.use(name),
        lambda: store.rename("desk", name),
        lambda: store.rename(name, "other"),
        lambda: store.export(name, tmp_path / "out.json"),
        lambda: store.take_in(store.path("desk"), name),
    ):
        with pytest.raises(ValueError, match="cannot be a profile's name"):
            act()
    assert sorted(tmp_path.rglob("*")) == before


def newer():
    document = {**as_document(profile()), "schema_version": SCHEMA_VERSION + 1, "entry_of_tomorrow": 1}
    return json.dumps(document).encode()


UNUSABLE = {
    "a newer version's": (newer(), NewerProfileError, "update posturecam"),
    "cut off": (to_text(profile()).encode()[:5000], BrokenProfileError, "it is not JSON"),
    "empty": (b"", BrokenProfileError, "it is not JSON"),
    "zeros, as after a crash": (bytes(4096), BrokenProfileError, "it is not JSON"),
    "foreign JSON": (b'{"name": "desk"}', BrokenProfileError, "it is no profile of posturecam"),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff\xd8", BrokenProfileError, "it is not text"),
    "edited by hand, wrongly": (
        to_text(profile()).replace('"onset_deg": 25.0', '"onset_deg": "25°"').encode(),
        BrokenProfileError,
        "onset_deg is not a number",
    ),
    "huge": (b" " * (LARGEST_BYTES + 1), BrokenProfileError, "too large"),
}


@pytest.mark.parametrize(("content", "error", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_cannot_be_used_is_told_in_one_line_and_never_overwritten(store, content, error, words):
    store.save(profile("good"))
    path = store.path("desk")
    path.write_bytes(content)
    for act in (
        lambda: store.load("desk"),
        lambda: store.save(profile("desk")),
        lambda: store.require_room("desk"),
        lambda: store.use("desk"),
        lambda: store.rename("desk", "other"),
        lambda: store.rename("good", "desk"),
        lambda: store.export("desk", store.folder.parent / "out.json"),
        lambda: store.take_in(path, "other"),
    ):
        with pytest.raises((error, TakenError)) as caught:
            act()
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == content
    with pytest.raises(error) as caught:
        store.load("desk")
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert isinstance(store.loaded("desk"), error)
    assert store.names() == ("desk", "good")
    store.delete("desk")
    assert store.names() == ("good",)


def test_an_editors_byte_order_mark_does_no_harm(store):
    path = store.save(profile())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert store.load("desk").onset_deg == 25.0


def test_a_folder_is_no_profile(store):
    store.path("desk").mkdir(parents=True)
    with pytest.raises(BrokenProfileError, match="is not a file"):
        store.load("desk")


@needs_obedience
def test_a_file_that_may_not_be_read_is_told(store):
    store.save(profile()).chmod(0)
    with pytest.raises(UnreadableProfileError, match=r"cannot read .*desk.json: Permission denied"):
        store.load("desk")


@needs_obedience
def test_a_folder_that_may_not_be_written_is_told_and_the_profile_stays(store):
    store.save(profile())
    store.folder.chmod(0o500)
    try:
        with pytest.raises(UnwritableError, match="what was there is unchanged"):
            store.save(profile(onset_deg=30.0))
    finally:
        store.folder.chmod(0o700)
    assert store.load("desk").onset_deg == 25.0


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UnwritableError, match="cannot write"):
        ProfileStore(tmp_path / "data" / "profiles").save(profile())


def test_a_profile_is_renamed_with_all_that_it_holds(store):
    store.save(profile("desk"))
    store.rename("desk", "Büro 2")
    assert store.names() == ("Büro 2",)
    assert json.loads(store.path("Büro 2").read_text(encoding="utf-8"))["name"] == "Büro 2"


def test_a_renamed_profile_stays_in_use(store):
    store.save(profile("desk"))
    store.use("desk")
    store.rename("desk", "standing")
    assert store.active() == "standing"


def test_renaming_to_a_taken_name_changes_nothing(store):
    store.save(profile("desk", onset_deg=20.0))
    store.save(profile("standing", onset_deg=30.0))
    with pytest.raises(TakenError):
        store.rename("desk", "standing")
    assert (store.load("desk").onset_deg, store.load("standing").onset_deg) == (20.0, 30.0)


def test_renaming_to_its_own_name_changes_nothing(store):
    store.save(profile("desk"))
    store.rename("desk", "desk")
    assert store.names() == ("desk",)


def test_a_deleted_profile_is_gone_with_all_that_is_left_of_it(store):
    store.save(profile("desk"))
    store.save(profile("desk-2"))
    store.use("desk")
    for name in (".desk.json.abcdefgh.part", ".desk-2.json.abcdefgh.part"):
        (store.folder / name).write_text("left by a killed save")
    store.delete("desk")
    assert store.active() is None
    assert files(store) == [".desk-2.json.abcdefgh.part", "desk-2.json"]


def test_what_is_not_there_is_not_deleted(store):
    with pytest.raises(NoProfileError):
        store.delete("desk")


def test_only_a_profile_that_can_be_loaded_comes_into_use(store):
    store.save(profile("desk"))
    store.use("desk")
    with pytest.raises(NoProfileError):
        store.use("standing")
    assert store.active() == "desk"


def test_a_broken_mark_of_the_profile_in_use_is_told(store):
    store.save(profile("desk"))
    (store.folder / "active").write_bytes(b"\xff../desk")
    with pytest.raises(BrokenProfileError, match="active holds no profile's name"):
        store.active()
    store.use("desk")
    assert store.active() == "desk"


def test_a_profile_goes_out_and_comes_in_again(store, tmp_path):
    store.save(profile("desk"))
    target = tmp_path / "desk.posturecam.json"
    store.export("desk", target)
    elsewhere = ProfileStore(tmp_path / "other machine")
    assert elsewhere.take_in(target).name == "desk"
    assert elsewhere.take_in(target, "laptop").name == "laptop"
    assert elsewhere.names() == ("desk", "laptop")
    assert elsewhere.path("desk").read_bytes() == store.path("desk").read_bytes()


@needs_permission_bits
def test_a_profile_that_goes_out_is_for_its_owner_alone(store, tmp_path):
    store.save(profile("desk"))
    store.export("desk", tmp_path / "out.json")
    assert mode(tmp_path / "out.json") == 0o600


def test_no_file_is_overwritten_on_the_way_out(store, tmp_path):
    store.save(profile("desk"))
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(TakenError, match="is there already"):
        store.export("desk", tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_no_profile_is_overwritten_on_the_way_in(store, tmp_path):
    store.save(profile("desk", onset_deg=20.0))
    (tmp_path / "in.json").write_text(to_text(profile("desk", onset_deg=30.0)), encoding="utf-8")
    with pytest.raises(TakenError, match="already"):
        store.take_in(tmp_path / "in.json")
    assert store.load("desk").onset_deg == 20.0


@pytest.mark.parametrize("source", ["missing.json", "."])
def test_what_is_no_file_does_not_come_in(store, tmp_path, source):
    with pytest.raises(ProfileError, match="is not a file"):
        store.take_in(tmp_path / source)


@pytest.fixture
def set_ups(store):
    """A desk with its camera, older and newer; a laptop; one from a recording."""
    store.save(profile("old desk", camera="C920", made="2026-01-01T12:00:00+00:00"))
    store.save(profile("desk", camera="C920", made="2026-03-01T23:30:00-05:00"))
    store.save(profile("standing", camera="C920", made="2026-03-02T01:00:00+00:00"))
    store.save(profile("laptop", camera="FaceTime HD"))
    store.save(profile("recorded", camera=None))
    (store.folder / "broken.json").write_text("broken")
    return store


@pytest.mark.parametrize(
    ("active", "camera", "chosen"),
    [
        pytest.param("old desk", "C920", "old desk", id="the one in use, made with this camera"),
        pytest.param("recorded", "C920", "recorded", id="the one in use, made with no known camera"),
        pytest.param("laptop", None, "laptop", id="the one in use, for a camera that has no name"),
        pytest.param("laptop", "C920", "desk", id="not another camera's, but this camera's latest"),
        pytest.param(None, "C920", "desk", id="none in use: the camera's latest"),
        pytest.param(None, "Other", None, id="none in use, none of this camera"),
        pytest.param(None, None, None, id="none in use, no camera known"),
    ],
)
def test_the_profile_for_a_camera_is(set_ups, active, camera, chosen):
    if active:
        set_ups.use(active)
    found = set_ups.chosen_for(camera)
    assert (found.name if found else None) == chosen


KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from calibrated import profile
from calibration.profile_store import ProfileStore

store = ProfileStore(Path(sys.argv[1]))
rounds = int(sys.argv[2])
store.save(profile("desk", onset_deg=20.0))
store.use("desk")
random.seed(11)
hit = 0
for round in range(rounds):
    child = os.fork()
    if child == 0:
        first, second = profile("desk", onset_deg=20.0), profile("desk", onset_deg=30.0)
        while True:
            store.save(first)
            store.save(second)
            store.use("desk")
    time.sleep(random.uniform(0.002, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert store.load("desk").onset_deg in (20.0, 30.0)
    assert store.active() == "desk"
    assert store.names() == ("desk",)
    hit += any(path.suffix == ".part" for path in store.folder.iterdir())
store.save(profile("desk"))
print(hit, sorted(path.name for path in store.folder.glob(".desk*")))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_in_the_middle_of_a_save_leaves_the_profile_old_or_new_and_whole(tmp_path):
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    run = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path / "profiles"), "60"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    hit, left = run.stdout.split(maxsplit=1)
    assert int(hit) > 0, "no kill came in the middle of a save: nothing was tested"
    assert left.strip() == "[]", "the next save clears up"


def test_a_failure_in_the_middle_of_a_save_leaves_what_was_there(store, monkeypatch):
    store.save(profile(onset_deg=20.0))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnwritableError, match=r"No space left on device; what was there is unchanged"):
        store.save(profile(onset_deg=30.0))
    assert store.load("desk").onset_deg == 20.0
    assert files(store) == ["desk.json"]


def test_a_file_elsewhere_is_read_as_it_is(tmp_path):
    (tmp_path / "any name.txt").write_text(to_text(profile("desk")), encoding="utf-8")
    assert read_profile(tmp_path / "any name.txt").name == "desk"
