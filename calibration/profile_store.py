"""The folder that keeps profiles: one private file each, always whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from calibration.profile import NewerSchemaError, Profile, from_text, require_name, to_text

SUFFIX = ".json"
PART = ".part"
ACTIVE = "active"
"""The file that holds the name of the profile in use."""
LARGEST_BYTES = 1_000_000
"""No profile is larger; a file that is, is not read."""


class ProfileError(Exception):
    """A profile cannot be had or kept. One line for the person: which file, what is wrong, what to do."""


class NoProfileError(ProfileError):
    """There is no such profile."""


class UnreadableProfileError(ProfileError):
    """The system does not let the file be read."""


class BrokenProfileError(ProfileError):
    """The file is no profile, or no longer one."""


class NewerProfileError(ProfileError):
    """The file was written by a newer version."""


class TakenError(ProfileError):
    """Something is there already that would be overwritten."""


class UnwritableError(ProfileError):
    """The system does not let the file be written."""


class ProfileStore:
    """Profiles in a folder of their own, for their owner alone. The files' names are the profiles'.

    A profile is replaced as a whole or not at all, whatever becomes of the program or the power meanwhile.
    A file that cannot be read as a profile is never overwritten. A name that cannot be a profile's raises
    ValueError in every method.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first profile is saved."""
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where the profile of this name is kept, whether or not it is there."""
        require_name(name)
        return self.folder / (name + SUFFIX)

    def names(self) -> tuple[str, ...]:
        """The names of all profiles, in the order of the alphabet, without a look into the files."""
        with _reading(self.folder):
            files = sorted(self.folder.glob("*" + SUFFIX)) if _is_there(self.folder) else []
        return tuple(file.stem for file in files if _may_be_a_name(file.stem))

    def load(self, name: str) -> Profile:
        """Return the profile; NoProfileError, or why its file cannot be used."""
        path = self.path(name)
        if not _is_there(path):
            known = ", ".join(self.names())
            raise NoProfileError(
                f"there is no profile {name} in {self.folder}; "
                + (f"there are: {known}" if known else "calibrate first")
            )
        return read_profile(path).renamed(name)

    def loaded(self, name: str) -> Profile | ProfileError:
        """Return the profile, or why it cannot be used."""
        try:
            return self.load(name)
        except ProfileError as error:
            return error

    def require_room(self, name: str, replace: bool = True) -> None:
        """Raise what `save` would raise for a profile of this name."""
        path = self.path(name)
        for taken in self.names():
            # On some systems Desk and desk are one file, so they count as one name everywhere.
            if taken.casefold() == name.casefold() and not (replace and taken == name):
                raise TakenError(f"there is a profile {taken} already; choose another name, or delete it first")
        if _is_there(path):
            read_profile(path)

    def save(self, profile: Profile, replace: bool = True) -> Path:
        """Keep the profile under its name and return its file.

        Raises TakenError when there is one of that name and `replace` is False, and why the file that is
        there cannot be read when it can not: it stays as it is.
        """
        path = self.path(profile.name)
        self.require_room(profile.name, replace)
        _make_private(self.folder)
        _write_whole(path, to_text(profile))
        self._sweep(profile.name)
        return path

    def rename(self, old: str, new: str) -> None:
        """Give a profile another name; it stays the one in use if it was. TakenError when there is one."""
        profile = self.load(old).renamed(new)
        if new == old:
            return
        was_active = self._active_text() == old
        self.save(profile, replace=False)
        if was_active:
            self.use(new)
        self.delete(old)

    def delete(self, name: str) -> None:
        """Remove a profile, whatever its file holds, and all that a save may have left of it."""
        path = self.path(name)
        if not _is_there(path):
            self.load(name)  # which says what there is instead
        was_active = self._active_text() == name
        with _writing(path):
            path.unlink()
            if was_active:
                (self.folder / ACTIVE).unlink()
        self._sweep(name)

    def export(self, name: str, target: Path) -> None:
        """Write a profile to a file elsewhere, for its owner alone; TakenError when something is there."""
        profile = self.load(name)
        if _is_there(target):
            raise TakenError(f"{target} is there already; choose another file")
        _write_whole(target, to_text(profile))

    def take_in(self, source: Path, name: str | None = None) -> Profile:
        """Keep a profile from a file elsewhere, under another name if one is given, and return it."""
        profile = read_profile(source, remedy="name a file that a profile was exported to")
        if name is not None:
            profile = profile.renamed(name)
        self.save(profile, replace=False)
        return profile

    def use(self, name: str) -> None:
        """Make a profile the one in use."""
        self.load(name)
        _write_whole(self.folder / ACTIVE, name + "\n")

    def active(self) -> str | None:
        """The name of the profile in use; None when there is none."""
        name = self._active_text()
        if name is None:
            return None
        if not _may_be_a_name(name):
            raise BrokenProfileError(f"{self.folder / ACTIVE} holds no profile's name; choose a profile anew")
        return name

    def chosen_for(self, camera: str | None) -> Profile | None:
        """Return the profile for a camera: the one in use unless it is another camera's, or else the latest
        that was made with this camera. None when there is none.
        """
        active = self.active()
        if active is not None:
            profile = self.load(active)
            if camera is None or profile.camera in (None, camera):
                return profile
        if camera is None:
            return None
        readable = [one for one in map(self.loaded, self.names()) if isinstance(one, Profile)]
        of_camera = [profile for profile in readable if profile.camera == camera]
        return max(of_camera, key=lambda profile: profile.made_at, default=None)

    def _active_text(self) -> str | None:
        path = self.folder / ACTIVE
        with _reading(path):
            return path.read_text(encoding="utf-8", errors="replace").strip() if _is_there(path) else None

    def _sweep(self, name: str) -> None:
        """Remove what saves of this profile left when they were killed."""
        for part in self.folder.glob(f".{name}{SUFFIX}.*{PART}"):
            with suppress(OSError):
                part.unlink()


def read_profile(path: Path, remedy: str = "mend the file, or delete it and calibrate anew") -> Profile:
    """Return the profile in a file, wherever it lies; a ProfileError says why it cannot be used.

    `remedy` is what to do when the file is no profile.
    """
    with _reading(path):
        if not path.is_file():
            raise BrokenProfileError(f"{path}: it is not a file; {remedy}")
        if path.stat().st_size > LARGEST_BYTES:
            raise BrokenProfileError(f"{path}: it is too large for a profile; {remedy}")
        raw = path.read_bytes()
    try:
        return from_text(raw.decode("utf-8-sig"))
    except NewerSchemaError as error:
        raise NewerProfileError(f"{path}: {error}; update posturecam, or calibrate anew") from None
    except ValueError as error:
        what = "it is not text" if isinstance(error, UnicodeDecodeError) else error
        raise BrokenProfileError(f"{path}: {what}; {remedy}") from None


def _may_be_a_name(text: str) -> bool:
    try:
        require_name(text)
    except ValueError:
        return False
    return True


def _is_there(path: Path) -> bool:
    with _reading(path):
        return path.exists()


def _make_private(folder: Path) -> None:
    with _writing(folder):
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)


def _write_whole(path: Path, text: str) -> None:
    """Write the whole text to the disk, or leave what was there."""
    with _writing(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as part:
                part.write(text)
                part.flush()
                os.fsync(part.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """See to it that the folder's new entry is on the disk too, where a folder can be opened."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise UnreadableProfileError(f"cannot read {path}: {why}; see to its permissions") from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise UnwritableError(f"cannot write {path}: {why}; what was there is unchanged") from error
