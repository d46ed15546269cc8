"""Measuring from Python: a source of pictures in, postures and events out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from calibration.profile import Profile
from calibration.steady import Stretch
from posturecam.core.event import Event
from posturecam.core.landmarks import Landmarks
from posturecam.core.neutral import Neutral, neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import Posture
from posturecam.core.session import Sample, Session
from posturecam.core.state import State
from posturecam.errors import UsageError
from posturecam.profiles import neutral_from
from posturecam.replay import conclude, watch
from posturecam.store import Store
from posturecam.vision.frames import FrameSource
from posturecam.vision.landmarker import Landmarker
from posturecam.vision.thrifty_landmarker import ThriftyLandmarker
from posturecam.vision.video_file import ANALYSED_HZ, VideoFile

Seconds = tuple[float, float]
"""Start and end of a stretch of a stream."""


@dataclass(frozen=True)
class Moment:
    """One analysed frame, and what came about with it."""

    sample: Sample
    events: tuple[Event, ...]

    @property
    def t_s(self) -> float:
        """Stream time, seconds."""
        return self.sample.t_s

    @property
    def posture(self) -> Posture:
        """The smoothed posture: every angle in degrees, or the reason why it is missing."""
        return self.sample.posture

    @property
    def state(self) -> State:
        """How far the neck is bent, in one word."""
        return self.sample.state


def open_video(path: str | os.PathLike[str], rate_hz: float | None = ANALYSED_HZ) -> VideoFile:
    """Open a recorded video as a source: a context manager, and an iterable of its frames.

    About `rate_hz` frames per second are given, None gives all. Raises UnreadableError for what is no video.
    """
    return VideoFile(path, rate_hz)


def measure_video(
    path: str | os.PathLike[str],
    *,
    neutral: Seconds | Profile | None = None,
    settings: Settings | None = None,
    rate_hz: float = ANALYSED_HZ,
    landmarker: Landmarker | None = None,
) -> Session:
    """Measure a whole recording, as `posturecam replay` does, and write nothing.

    `neutral` is a stretch of the recording in seconds, a profile, or None to have a stretch found. Raises
    UnreadableError, UsageError or BadProfileError when the recording or the neutral cannot be used.
    """
    with open_video(path, rate_hz) as source, _landmarker(landmarker) as finder:
        watched = watch(source, finder)
    wanted = Stretch(*neutral) if isinstance(neutral, tuple) else neutral
    return conclude(watched, rate_hz, settings or Settings(), wanted)


def follow(
    source: FrameSource,
    neutral: Seconds | Profile,
    *,
    settings: Settings | None = None,
    landmarker: Landmarker | None = None,
) -> Iterator[Moment]:
    """Measure a source frame by frame, and yield every moment in the order of time.

    With a stretch of seconds as neutral, the moments up to its end come when it is over. The last moment has
    what the end of the stream closes, too; so each comes when the next frame is there. Raises UsageError when
    the stretch shows nobody, and BadProfileError when the profile is for other pictures.
    """
    with _landmarker(landmarker) as finder:
        landmarks = (finder.detect(frame) for frame in source)
        if isinstance(neutral, Profile):
            found = neutral_from(neutral, source.facts.width_px, source.facts.height_px)
            yield from _moments(landmarks, Pipeline(found, settings or Settings()))
            return
        early = []
        for one in landmarks:
            early.append(one)
            if one.t_s > neutral[1]:
                break
        pipeline = Pipeline(_neutral(early, neutral), settings or Settings())
        yield from _moments(early, pipeline, landmarks)


def open_history() -> Store:
    """Open the history of this machine's user; StoreError when that is not possible."""
    return Store()


def _moments(first: Iterable[Landmarks], pipeline: Pipeline, then: Iterable[Landmarks] = ()) -> Iterator[Moment]:
    last: Moment | None = None
    for landmarks in (one for part in (first, then) for one in part):
        if last is not None:
            yield last
        sample, decisions = pipeline.update(landmarks)
        last = Moment(sample, tuple(decision.event for decision in decisions))
    if last is not None:
        closing = tuple(decision.event for decision in pipeline.finish(last.t_s))
        yield Moment(last.sample, last.events + closing)


def _neutral(landmarks: list[Landmarks], seconds: Seconds) -> Neutral:
    start_s, end_s = seconds
    try:
        return neutral_of([one for one in landmarks if start_s <= one.t_s <= end_s])
    except ValueError as error:
        raise UsageError(
            f"{start_s:g} to {end_s:g} s cannot be used as neutral: {error}; give seconds in which one "
            "person sits upright"
        ) from None


def _landmarker(given: Landmarker | None) -> nullcontext[Landmarker] | ThriftyLandmarker:
    return ThriftyLandmarker() if given is None else nullcontext(given)
