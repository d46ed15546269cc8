"""Replaying a recording: from its pixels to a session, and the session to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibration.steady import Stretch
from posturecam.core.landmarks import Landmarks
from posturecam.core.neutral import Neutral, neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import nobody
from posturecam.core.session import NeutralOrigin, NeutralSource, Recording, Sample, Session
from posturecam.core.state import State
from posturecam.errors import UsageError
from posturecam.neutral_stretch import find_neutral_stretch
from posturecam.sinks.annotated_video import AnnotatedVideo
from posturecam.sinks.episodes import write_episodes
from posturecam.sinks.overlay import draw
from posturecam.sinks.private_file import make_private_folder
from posturecam.sinks.summary import write_summary
from posturecam.sinks.timeline import write_timeline
from posturecam.vision.frames import FrameSource, SourceFacts
from posturecam.vision.landmarker import Landmarker

Progress = Callable[[float], None]
"""Is told the stream time that has been reached, seconds."""


@dataclass(frozen=True)
class Watched:
    """All that was seen of a recording, before anything is concluded from it."""

    facts: SourceFacts
    landmarks: tuple[Landmarks, ...]
    notes: tuple[str, ...]


def watch(source: FrameSource, landmarker: Landmarker, progress: Progress = lambda _: None) -> Watched:
    """Find the landmarks in every frame of the source."""
    seen = []
    for frame in source:
        seen.append(_light(landmarker.detect(frame)))
        progress(frame.t_s)
    return Watched(source.facts, tuple(seen), source.notes)


def _light(landmarks: Landmarks) -> Landmarks:
    """Return the same at half the memory: an hour of faces is 100 MB."""
    if landmarks.face_px is None:
        return landmarks
    return replace(landmarks, face_px=landmarks.face_px.astype(np.float32))


def conclude(
    watched: Watched, rate_hz: float, settings: Settings, neutral_stretch: Stretch | None = None
) -> Session:
    """Return the session of what was watched, against the neutral of a stretch of it.

    Without a given stretch the neutral is looked for. Raises UsageError when the given stretch shows nobody,
    or lies outside the recording.
    """
    recording = Recording(
        watched.facts.name,
        watched.facts.width_px,
        watched.facts.height_px,
        watched.facts.duration_s,
        watched.facts.frame_rate_hz,
        rate_hz,
    )
    notes = list(watched.notes)
    neutral: Neutral | None
    if neutral_stretch:
        stretch, source = neutral_stretch, NeutralSource.GIVEN
        neutral = _given_neutral(watched, stretch)
    else:
        source = NeutralSource.FOUND
        stretch, neutral = _found_neutral(watched, notes)
    samples, pipeline = _samples(watched.landmarks, neutral, settings)
    return Session(
        recording,
        NeutralOrigin(source, stretch.start_s, stretch.end_s),
        settings.thresholds,
        settings.sensitivity,
        tuple(samples),
        tuple(pipeline.episodes) if pipeline else (),
        tuple(notes),
    )


def _given_neutral(watched: Watched, stretch: Stretch) -> Neutral:
    frames = _within(watched.landmarks, stretch)
    where = f"--neutral {stretch.start_s:g}-{stretch.end_s:g}"
    if not frames:
        end_s = watched.landmarks[-1].t_s
        raise UsageError(f"{where} lies outside the recording, which ends at {end_s:.1f} s")
    try:
        return neutral_of(frames)
    except ValueError as error:
        raise UsageError(
            f"{where} cannot be used: {error}; give seconds in which one person sits upright"
        ) from None


def _found_neutral(watched: Watched, notes: list[str]) -> tuple[Stretch, Neutral | None]:
    found = find_neutral_stretch(watched.landmarks)
    if not found:
        seen = any(not landmarks.empty for landmarks in watched.landmarks)
        notes.append(
            "nobody is seen for long enough to take a neutral from: nothing was measured"
            if seen
            else "nobody is seen in this recording: nothing was measured"
        )
        return Stretch(0.0, 0.0), None
    stretch, steady = found
    if not steady:
        notes.append(
            "nobody sits still in this recording: its stillest seconds were taken as neutral, "
            "and all angles may be off by a few degrees (choose others with --neutral START-END)"
        )
    return stretch, neutral_of(_within(watched.landmarks, stretch))


def _within(landmarks: Sequence[Landmarks], stretch: Stretch) -> list[Landmarks]:
    return [one for one in landmarks if stretch.start_s <= one.t_s <= stretch.end_s]


def _samples(
    landmarks: Sequence[Landmarks], neutral: Neutral | None, settings: Settings
) -> tuple[list[Sample], Pipeline | None]:
    if neutral is None:
        return [Sample(nobody(one.t_s), State.AWAY, 0.0) for one in landmarks], None
    pipeline = Pipeline(neutral, settings)
    samples = [pipeline.update(one)[0] for one in landmarks]
    pipeline.finish(landmarks[-1].t_s)
    return samples, pipeline


def annotate(
    watched: Watched, session: Session, source: FrameSource, path: Path, progress: Progress = lambda _: None
) -> None:
    """Write a video of the source's frames with what was measured drawn on them.

    `source` gives the frames that were watched, once more.
    """
    seen = zip(watched.landmarks, session.samples, strict=True)
    with AnnotatedVideo(path, session.recording.analysis_rate_hz) as video:
        for frame, (landmarks, sample) in zip(source, seen, strict=False):
            drawn = draw(
                frame.image, landmarks, sample.posture, sample.state, session.thresholds, sample.exposure
            )
            video.write(drawn, frame.t_s)
            progress(frame.t_s)


def write_session(session: Session, folder: Path) -> list[Path]:
    """Write the session's files into `folder`, private to their owner, and return their paths."""
    make_private_folder(folder)
    return [
        write_timeline(folder, session.samples),
        write_episodes(folder, session.episodes),
        write_summary(folder, session),
    ]
