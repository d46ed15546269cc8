"""Files that only their owner can read, and that are either whole or not there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posturecam.errors import PosturecamError


def make_private_folder(path: Path) -> None:
    """Make the folder and the missing ones above it, for the owner alone; leave existing ones as they are.

    Raises PosturecamError when that is not possible.
    """
    with writing(path):
        missing = [p for p in (path, *path.parents) if not p.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder")


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """A new file beside `path`, for the owner alone, that takes its place when the block succeeds.

    When the block fails the new file is removed and what was at `path` stays. The name of the new
    file ends as `path` does. Raises PosturecamError when the file cannot be written.
    """
    with writing(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    part = Path(name)
    try:
        yield part
        with writing(path):
            part.chmod(0o600)  # a writer may have made the file anew
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_private_text(path: Path, text: str) -> None:
    """Write the whole text as UTF-8, or leave what was there; line ends are written as they are given.

    Raises PosturecamError when the file cannot be written.
    """
    with private_file(path) as part, writing(path):
        part.write_text(text, encoding="utf-8", newline="")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the system says against it becomes a line for the user."""
    try:
        yield
    except OSError as error:
        raise PosturecamError(f"cannot write {path}: {error.strerror}; choose another folder") from error
