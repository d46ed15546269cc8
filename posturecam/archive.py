"""Many recordings: which there are, what of them is done already, and what is done with each."""

from __future__ import annotations

import csv
import errno
import json
import os
from collections import Counter
from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from calibration.profile import Profile, as_document
from calibration.steady import Stretch
from posturecam import __version__
from posturecam.core.measurement import Signals
from posturecam.core.pipeline import Settings
from posturecam.core.posture import Posture
from posturecam.core.session import Session
from posturecam.engines import Advance, Engine, Serial, Tell
from posturecam.errors import PosturecamError, UnreadableError, UsageError
from posturecam.fingerprint import Fingerprint, sha256_of, sha256_of_file
from posturecam.profiles import neutral_from
from posturecam.report import recording
from posturecam.sinks import episodes, signals, summary, timeline
from posturecam.sinks.private_file import make_private_folder, writing

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mjpeg", ".mkv"}
    | {".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".webm", ".wmv"}
)
"""What counts as a recording in a folder; a file that is named itself may be called anything."""
ANNOTATED = "annotated.mp4"


@dataclass(frozen=True)
class Place:
    """A recording, and where its results go."""

    video: Path
    folder: Path

    @property
    def size_bytes(self) -> int:
        """Of the recording; 0 when it cannot be told."""
        try:
            return self.video.stat().st_size
        except OSError:
            return 0


@dataclass(frozen=True)
class Method:
    """How recordings are to be measured, and what is to be written about each."""

    rate_hz: float
    settings: Settings
    neutral: Stretch | Profile | None = None
    annotated: bool = False
    explained: bool = False
    every_frame: bool = False
    """The models look at every analysed frame, whether anything has moved or not."""
    version: str = __version__
    """Posturecam's, where it was asked for."""

    @cached_property
    def sha256(self) -> str:
        """Changes with all that changes the measurement: settings, neutral, and version."""
        neutral = as_document(self.neutral) if isinstance(self.neutral, Profile) else str(self.neutral)
        return sha256_of([self.version, self.rate_hz, self.every_frame, asdict(self.settings), neutral])

    @property
    def files(self) -> tuple[str, ...]:
        """Names of what is written about a recording, before summary.json."""
        extras = (ANNOTATED,) * self.annotated + (signals.NAME,) * self.explained
        return (timeline.NAME, episodes.NAME, recording.NAME, *extras)


@dataclass(frozen=True)
class Work:
    """One recording to be measured in this way."""

    place: Place
    method: Method
    one_core: bool = False
    """Leave the other cores to other recordings, which use them better than threads that wait for each other."""


@dataclass(frozen=True)
class Measured:
    """What came of it, ready to be written."""

    session: Session
    fingerprint: Fingerprint
    explained: tuple[tuple[Posture, Signals | None], ...] | None
    """For signals.csv; None when it is not wanted."""


@dataclass(frozen=True)
class Finished:
    """A recording that was dealt with: measured and written, done before, or not to be measured."""

    place: Place
    answer: dict[str, Any] | None = None
    """Summary and episodes, as a program reads them."""
    session: Session | None = None
    """When it was measured now."""
    error: PosturecamError | None = None
    """Why it could not be."""


# Which there are


def find_recordings(words: Sequence[str], out: Path) -> list[Place]:
    """The recordings that files, folders and patterns such as `study/**/*.mp4` name, each once.

    The results of one file alone go into `out` itself, those of several into folders of it that are named like
    them. What lies in a folder, however deep, goes into the same folders of `out`, below the folder's own name
    when several words name folders or patterns. Left out are hidden files, `out` itself, and what was drawn by
    an earlier replay. Raises UnreadableError when a folder or a pattern holds no recording, and UsageError when
    the results of two would go into one folder.
    """
    if is_one_file(words):
        return [Place(Path(words[0]), out)]
    several = sum(_is_collection(word) for word in words) > 1
    places: dict[Path, Place] = {}
    for word in words:
        for place in _places(word, out, several):
            places.setdefault(place.video.resolve(), place)
    return list(_apart(list(places.values())))


def is_one_file(words: Sequence[str]) -> bool:
    """Whether one file is named, and no folder or pattern."""
    return len(words) == 1 and not _is_collection(words[0])


def _is_collection(word: str) -> bool:
    return Path(word).is_dir() or _is_pattern(word)


def _is_pattern(word: str) -> bool:
    return has_magic(word) and not Path(word).exists()


def _places(word: str, out: Path, several: bool) -> Iterator[Place]:
    if not _is_collection(word):
        yield Place(Path(word), out)
        return
    if _is_pattern(word):
        base = _fixed_part(word)
        videos = sorted(Path(path) for path in glob(word, recursive=True) if Path(path).is_file())
        videos = [video for video in videos if not _is_ours(video, base, out)]
        if not videos:
            raise UnreadableError(f"{word}: no file is called like that")
    else:
        base = Path(word)
        videos = list(_videos_in(base, out))
        if not videos:
            raise UnreadableError(f"{word}: there is no recording in this folder")
    for video in videos:
        yield Place(video, out / (base.resolve().name if several else "") / video.relative_to(base).parent)


def _fixed_part(pattern: str) -> Path:
    """The folder before the first part with a wildcard."""
    fixed = []
    for part in Path(pattern).parts:
        if has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _videos_in(folder: Path, out: Path) -> Iterator[Path]:
    for inside, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            video = Path(inside, name)
            if video.suffix.lower() in VIDEO_SUFFIXES and not name.startswith(".") and not _is_ours(video, folder, out):
                yield video


def _is_ours(video: Path, base: Path, out: Path) -> bool:
    """Whether an earlier replay wrote it: a drawn video, or anything in `out` when that lies inside `base`."""
    if video.name == ANNOTATED and (video.parent / summary.NAME).exists():
        return True
    results = out.resolve()
    return base.resolve() in results.parents and results in video.resolve().parents


def _apart(places: list[Place]) -> Iterator[Place]:
    """Each with a folder of its own, named like the file, with its ending where that is needed."""
    short = Counter(place.folder / place.video.stem for place in places)
    taken: dict[Path, Path] = {}
    for place in places:
        alone = short[place.folder / place.video.stem] == 1
        folder = place.folder / (place.video.stem if alone else place.video.name)
        if folder in taken:
            raise UsageError(
                f"{taken[folder]} and {place.video} would both be written into {folder}: name the folder above "
                "them instead, or give each its own --out"
            )
        taken[folder] = place.video
        yield replace(place, folder=folder)


# What is done already


class Results:
    """The finished results somewhere below a folder that were made by one method."""

    def __init__(self, out: Path, method: Method) -> None:
        self._folders: dict[tuple[int, str], list[Path]] = {}
        for path in sorted(out.rglob(summary.NAME)):
            made_from = _fingerprint(path)
            if made_from and made_from.method_sha256 == method.sha256 and _is_whole(path.parent, made_from, method):
                key = made_from.recording_bytes, made_from.recording_sha256
                self._folders.setdefault(key, []).append(path.parent)
        self._sizes = {size for size, _ in self._folders}

    def of(self, place: Place, owned: Container[Path] = ()) -> Path | None:
        """The folder in which this very recording's results lie, whatever it was called; None without any.

        A folder that is `owned` by a recording that is there today does not count for a copy of it. A recording
        that cannot be read has no results.
        """
        size = place.size_bytes
        if size not in self._sizes:
            return None
        try:
            folders = self._folders.get((size, sha256_of_file(place.video)), [])
        except OSError:
            return None
        if place.folder in folders:
            return place.folder
        return next((folder for folder in folders if folder not in owned), None)


def _fingerprint(path: Path) -> Fingerprint | None:
    try:
        return Fingerprint.parse(json.loads(path.read_text(encoding="utf-8")).get("fingerprint"))
    except (OSError, ValueError, AttributeError):
        return None


def _is_whole(folder: Path, made_from: Fingerprint, method: Method) -> bool:
    return {*method.files} <= {*made_from.files} and all((folder / name).is_file() for name in made_from.files)


def read_answer(folder: Path) -> dict[str, Any]:
    """The answer for a program, as it was when the results were written: the summary and the episodes."""
    answer: dict[str, Any] = json.loads((folder / summary.NAME).read_text(encoding="utf-8"))
    with (folder / episodes.NAME).open(encoding="utf-8", newline="") as file:
        return {**answer, "episodes": [_episode(row) for row in csv.DictReader(file)]}


def _episode(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: (float(cell) if name.endswith(("_s", "_deg")) else cell) if cell else None for name, cell in row.items()
    }


# What is done with each


def replay_all(
    places: Sequence[Place], method: Method, engine: Engine, tell: Tell[Path], results: Results | None = None
) -> Generator[Finished, None, None]:
    """Replay the recordings, and yield each when its results are written, in any order.

    Those that have results already are yielded first. One that cannot be replayed or written is yielded with
    the reason, and the others go on. Close the iterator to stop; what was yielded is kept.
    """
    waiting = []
    owned = {place.folder for place in places}
    for place in places:
        if folder := results.of(place, owned) if results else None:
            yield Finished(replace(place, folder=folder), read_answer(folder))
        else:
            waiting.append(place)
    works = [Work(place, method, one_core=len(waiting) > 1) for place in waiting]
    if not isinstance(engine, Serial):
        works.sort(key=lambda work: -work.place.size_bytes)  # a long one that began last would end alone
    with closing(engine.run(measure, works, lambda work, *way: tell(work.place.video, *way))) as outcomes:
        for work, outcome in outcomes:
            yield _finished(work.place, outcome)


def _finished(place: Place, outcome: Measured | PosturecamError) -> Finished:
    if isinstance(outcome, PosturecamError):
        return Finished(place, error=outcome)
    try:
        write(outcome, place.folder)
    except PosturecamError as error:
        return Finished(place, error=error)
    return Finished(place, summary.as_dict(outcome.session, outcome.fingerprint), outcome.session)


def measure(work: Work, advance: Advance) -> Measured:
    """Measure a recording; where an annotated video is wanted, it is the one thing that is written here.

    Raises UnreadableError, UsageError or BadProfileError when recording or neutral cannot be used.
    """
    from posturecam import replay
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.thrifty_landmarker import ThriftyLandmarker
    from posturecam.vision.video_file import VideoFile

    video, method = work.place.video, work.method
    if method.version != __version__:
        raise PosturecamError(f"a worker has posturecam {__version__}: install {method.version} there, as it is here")
    with ExitStack() as stack:
        source = stack.enter_context(VideoFile(video, method.rate_hz))
        finder = MediaPipeLandmarker(work.one_core)
        landmarker = finder if method.every_frame else ThriftyLandmarker(finder)
        stack.push(landmarker)
        length_s = source.facts.duration_s
        way_s = length_s and length_s * (1 + method.annotated)
        if isinstance(method.neutral, Profile):
            neutral_from(method.neutral, source.facts.width_px, source.facts.height_px)
        watched = replay.watch(source, landmarker, lambda t_s: advance(t_s, way_s), work.one_core)
    session = replay.conclude(watched, method.rate_hz, method.settings, method.neutral)
    if method.annotated:
        path = _begin(work.place.folder) / ANNOTATED
        with VideoFile(video, method.rate_hz) as source:
            replay.annotate(watched, session, source, path, lambda t_s: advance((length_s or 0.0) + t_s, way_s))
    return Measured(
        session,
        Fingerprint(video.stat().st_size, sha256_of_file(video), method.sha256, method.files),
        tuple(replay.explain(watched, method.settings, method.neutral)) if method.explained else None,
    )


def write(measured: Measured, folder: Path) -> None:
    """Write the results; the summary comes last, and only with it they count as done."""
    session = measured.session
    _begin(folder)
    timeline.write_timeline(folder, session.samples)
    episodes.write_episodes(folder, session.episodes)
    recording.write_report(folder, session)
    if measured.explained is not None:
        signals.write_signals(folder, measured.explained)
    summary.write_summary(folder, session, measured.fingerprint)


def _begin(folder: Path) -> Path:
    """Make the folder; what an earlier replay left there is no longer whole."""
    make_private_folder(folder)
    with writing(folder):
        (folder / summary.NAME).unlink(missing_ok=True)
    return folder


def require_writable(folder: Path) -> None:
    """Raise PosturecamError when the folder cannot be made or written into; nothing is made yet."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    with writing(folder):
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{there} is a file, not a folder")
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "its permissions do not let you")
