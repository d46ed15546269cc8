"""Replaying a recording: from its pixels to a session, and the session to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from calibration.profile import Profile
from calibration.steady import Stretch
from posturecam.core.camera import Camera
from posturecam.core.landmarks import Landmarks
from posturecam.core.measurement import Measurement, Signals
from posturecam.core.neutral import Neutral, neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import Absence, Posture, nobody, withheld
from posturecam.core.session import NeutralOrigin, NeutralSource, Recording, Sample, Session
from posturecam.core.setup_change import Setup, SetupChange, before_camera_moved
from posturecam.core.state import State
from posturecam.errors import UsageError
from posturecam.neutral_stretch import find_neutral_stretch
from posturecam.profiles import neutral_from, require_view
from posturecam.sinks.annotated_video import AnnotatedVideo
from posturecam.sinks.overlay import draw
from posturecam.sinks.wording import fine_clock
from posturecam.vision.ahead import Ahead
from posturecam.vision.frames import FrameSource, SourceFacts
from posturecam.vision.landmarker import Landmarker
from posturecam.vision.thrifty_landmarker import ThriftyLandmarker

Progress = Callable[[float], None]
"""Is told the stream time that has been reached, seconds."""


NEVER_STILL = (
    "nobody sits still in this recording: its stillest seconds were taken as neutral, "
    "and all angles may be off by a few degrees (choose others with --neutral START-END)"
)


@dataclass(frozen=True)
class Watched:
    """All that was seen of a recording, before anything is concluded from it."""

    facts: SourceFacts
    landmarks: tuple[Landmarks, ...]
    notes: tuple[str, ...]


def watch(
    source: FrameSource, landmarker: Landmarker, progress: Progress = lambda _: None, one_core: bool = False
) -> Watched:
    """Find the landmarks in every frame of the source.

    It is read and prepared ahead in another thread, unless there is but `one_core` for it.
    """
    seen = []
    prepare = landmarker.prepare if isinstance(landmarker, ThriftyLandmarker) else lambda frame: frame
    with nullcontext(map(prepare, source)) if one_core else Ahead(source, prepare) as frames:
        for frame in frames:
            seen.append(landmarker.detect(frame))
            progress(frame.t_s)
    return Watched(source.facts, tuple(seen), source.notes)


def conclude(watched: Watched, rate_hz: float, settings: Settings, neutral: Stretch | Profile | None = None) -> Session:
    """Return the session of what was watched, against a profile's neutral or that of a stretch of it.

    Without either the neutral is looked for. Raises BadProfileError when the profile is for other pictures,
    another view or another person, and UsageError when the given stretch shows nobody, or lies outside the recording.
    """
    recording = Recording(
        watched.facts.name,
        watched.facts.width_px,
        watched.facts.height_px,
        watched.facts.duration_s,
        watched.facts.frame_rate_hz,
        rate_hz,
    )
    found, origin, notes = _baseline(watched, neutral)
    samples, pipeline = _samples(watched.landmarks, found, settings)
    if isinstance(neutral, Profile):
        bodies = sum(one.body_px is not None for one in watched.landmarks)
        require_view(neutral, [sample.posture for sample in samples], bodies)
    return Session(
        recording,
        origin,
        settings.thresholds,
        settings.sensitivity,
        tuple(samples),
        tuple(pipeline.episodes) if pipeline else (),
        (*watched.notes, *notes, *(_moved(pipeline.setup_changes) if pipeline else ())),
        pipeline.watches if pipeline else (),
        tuple(pipeline.decisions) if pipeline else (),
    )


def _moved(changes: Sequence[SetupChange]) -> Iterator[str]:
    """What to tell of times at which camera or seat were elsewhere than at neutral, one sentence each."""
    for change in changes:
        what = "camera" if change.setup is Setup.CAMERA_MOVED else "seat"
        until = "the end" if change.end_s is None else fine_clock(change.end_s)
        yield (
            f"the {what} moved at {fine_clock(change.start_s)}: the calibration is stale, and nothing was "
            f"measured from {fine_clock(change.known_s)} to {until} "
            "(measure that part against its own neutral with --neutral START-END)"
        )


def explain(
    watched: Watched, settings: Settings, neutral: Stretch | Profile | None = None
) -> list[tuple[Posture, Signals | None]]:
    """Return each frame's posture before smoothing, and the signals behind it; raises as `conclude` does."""
    found, _, _ = _baseline(watched, neutral)
    if found is None:
        return [(nobody(one.t_s), None) for one in watched.landmarks]
    measurement = Measurement(found, settings.field_of_view_deg)
    return [measurement.explain(one) for one in watched.landmarks]


def _baseline(
    watched: Watched, wanted: Stretch | Profile | None
) -> tuple[Neutral | None, NeutralOrigin | None, list[str]]:
    """Return the neutral, where it comes from, and what the user should know about it."""
    if isinstance(wanted, Profile):
        neutral = neutral_from(wanted, watched.facts.width_px, watched.facts.height_px)
        return neutral, NeutralOrigin(NeutralSource.PROFILE, profile=wanted.name), []
    if wanted:
        origin = NeutralOrigin(NeutralSource.GIVEN, wanted.start_s, wanted.end_s)
        return _given_neutral(watched, wanted), origin, []
    camera = Camera(watched.facts.width_px, watched.facts.height_px)
    found = find_neutral_stretch(before_camera_moved(watched.landmarks, camera))
    found = found or find_neutral_stretch(watched.landmarks)
    if not found:
        seen = any(not landmarks.empty for landmarks in watched.landmarks)
        who = "nobody is seen for long enough to take a neutral from" if seen else "nobody is seen in this recording"
        return None, None, [f"{who}: nothing was measured"]
    stretch, steady = found
    notes = [] if steady else [NEVER_STILL]
    origin = NeutralOrigin(NeutralSource.FOUND, stretch.start_s, stretch.end_s)
    return neutral_of(_within(watched.landmarks, stretch)), origin, notes


def _given_neutral(watched: Watched, stretch: Stretch) -> Neutral:
    frames = _within(watched.landmarks, stretch)
    where = f"--neutral {stretch.start_s:g}-{stretch.end_s:g}"
    if not frames:
        end_s = watched.landmarks[-1].t_s
        raise UsageError(f"{where} lies outside the recording, which ends at {end_s:.1f} s")
    try:
        return neutral_of(frames)
    except ValueError as error:
        raise UsageError(f"{where} cannot be used: {error}; give seconds in which one person sits upright") from None


def _within(landmarks: Sequence[Landmarks], stretch: Stretch) -> list[Landmarks]:
    return [one for one in landmarks if stretch.start_s <= one.t_s <= stretch.end_s]


def _samples(
    landmarks: Sequence[Landmarks], neutral: Neutral | None, settings: Settings
) -> tuple[list[Sample], Pipeline | None]:
    if neutral is None:
        return [_unmeasured(one) for one in landmarks], None
    pipeline = Pipeline(neutral, settings)
    samples = [pipeline.update(one)[0] for one in landmarks]
    pipeline.finish(landmarks[-1].t_s)
    return samples, pipeline


def _unmeasured(landmarks: Landmarks) -> Sample:
    if landmarks.body_px is None:
        return Sample(nobody(landmarks.t_s), State.AWAY)
    somebody = replace(nobody(landmarks.t_s), present=True)
    return Sample(withheld(somebody, Absence.UNSURE), State.UNKNOWN)


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
                frame.image,
                landmarks,
                sample.posture,
                sample.state,
                session.thresholds,
                sample.exposure,
                sample.under_way,
            )
            video.write(drawn, frame.t_s)
            progress(frame.t_s)
