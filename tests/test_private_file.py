from __future__ import annotations

import os

import pytest

from posturecam.errors import PosturecamError
from posturecam.sinks.private_file import make_private_folder, private_file, write_private_text

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs permission bits")


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.fixture(autouse=True)
def _careless_umask():
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_a_file_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("older")
    path.chmod(0o644)
    write_private_text(path, "newer\n")
    assert (path.read_text(), mode(path)) == ("newer\n", 0o600)


def test_a_file_that_its_writer_makes_anew_is_for_its_owner_alone(tmp_path):
    with private_file(tmp_path / "a.mp4") as part:
        part.unlink()
        part.write_text("anew")
    assert mode(tmp_path / "a.mp4") == 0o600


def test_every_folder_that_is_made_is_for_its_owner_alone(tmp_path):
    make_private_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_a_folder_that_exists_keeps_its_mode(tmp_path):
    (tmp_path / "a").mkdir(mode=0o755)
    make_private_folder(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o755


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path):
    def fail():
        with private_file(path) as part:
            part.write_text("half")
            raise ZeroDivisionError

    path = tmp_path / "a.mp4"
    path.write_text("older")
    with pytest.raises(ZeroDivisionError):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_text() == "older"


def test_the_file_in_the_making_ends_as_the_file_itself(tmp_path):
    with private_file(tmp_path / "a.mp4") as part:
        assert part.suffix == ".mp4"
        assert mode(part) == 0o600


def test_trouble_of_others_is_not_taken_for_trouble_with_the_file(tmp_path):
    with pytest.raises(BrokenPipeError), private_file(tmp_path / "a.txt"):
        raise BrokenPipeError


def test_a_missing_folder_is_one_line_for_the_user(tmp_path):
    with pytest.raises(PosturecamError, match=r"cannot write .*a\.txt: No such file or directory; choose"):
        write_private_text(tmp_path / "missing" / "a.txt", "")


@pytest.mark.parametrize("below", [".", "sub"], ids=["a file", "under a file"])
def test_a_file_where_a_folder_should_be_is_one_line_for_the_user(tmp_path, below):
    (tmp_path / "out").write_text("")
    with pytest.raises(PosturecamError, match=r"cannot write .*; choose another folder"):
        make_private_folder(tmp_path / "out" / below)
