from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from calibration.steady import Stretch
from people import FRONT, SIDE, UPRIGHT, Desk, Pose, empty, film, shaken, shrunk, steps
from posturecam.core.event import Episode
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.landmarks import Landmarks
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.session import NeutralSource, Session
from posturecam.core.state import State
from posturecam.errors import UsageError
from posturecam.replay import Watched, annotate, conclude, watch
from posturecam.vision.frames import Frame, SourceFacts

SOON = Settings(Sensitivity(1 / 32))
BENT = Pose(head_pitch=40)
TEXT_NECK = (12, UPRIGHT), (30, BENT), (10, UPRIGHT)
REAL = Path(__file__).parents[2] / "shared" / "data" / "real"


class Film:
    """A source of black pictures, and a landmarker that sees in them what the film tells."""

    def __init__(self, landmarks: list[Landmarks], notes: tuple[str, ...] = ()) -> None:
        self.landmarks = landmarks
        self.facts = SourceFacts("film.mp4", 640, 480, 5.0, landmarks[-1].t_s + 0.2)
        self._notes = notes
        self._over = False

    def __iter__(self):
        for one in self.landmarks:
            yield Frame(one.t_s, np.zeros((480, 640, 3), np.uint8))
        self._over = True

    @property
    def notes(self) -> tuple[str, ...]:
        return self._notes if self._over else ()

    def detect(self, frame: Frame) -> Landmarks:
        return next(one for one in self.landmarks if one.t_s == frame.t_s)


def filmed(*held, desk: Desk = FRONT) -> list[Landmarks]:
    """Poses held for so many seconds each, with a little jitter."""
    rng = np.random.default_rng(5)
    frames = film(steps(*held), sum(seconds for seconds, _ in held), desk)
    return [one if one.empty else shaken(one, rng, 0.3) for one in frames]


def watched(*held, desk: Desk = FRONT, notes: tuple[str, ...] = ()) -> Watched:
    movie = Film(filmed(*held, desk=desk), notes)
    return watch(movie, movie)


def concluded(*held, neutral: Stretch | None = None, settings: Settings = SOON, desk: Desk = FRONT) -> Session:
    return conclude(watched(*held, desk=desk), 5.0, settings, neutral)


def text_necks(session: Session) -> list[Episode]:
    return [episode for episode in session.episodes if episode.pattern == "text_neck"]


# Watching


def test_every_frame_is_watched_in_its_order():
    frames = filmed((3, UPRIGHT), (2, None))
    movie, reached = Film(frames), []
    seen = watch(movie, movie, reached.append)
    assert [one.t_s for one in seen.landmarks] == [one.t_s for one in frames] == reached
    assert [one.empty for one in seen.landmarks] == [one.empty for one in frames]
    assert seen.facts == movie.facts


def test_what_the_source_says_at_its_end_becomes_a_note():
    seen = watched((10, UPRIGHT), notes=("the file may be cut short",))
    assert "the file may be cut short" in conclude(seen, 5.0, SOON).notes


# Concluding


@pytest.mark.parametrize("desk", [FRONT, SIDE], ids=["front", "side"])
def test_the_neutral_is_found_and_the_rest_is_measured_against_it(desk):
    session = concluded(*TEXT_NECK, desk=desk)
    assert session.neutral.source is NeutralSource.FOUND
    assert session.neutral.end_s <= 12.5
    assert session.notes == ()
    (episode,) = text_necks(session)
    assert (episode.onset_s, episode.alert_s, episode.end_s) == pytest.approx((12, 27, 42), abs=1)


def test_there_is_one_sample_for_each_frame():
    session = concluded(*TEXT_NECK)
    assert [sample.t_s for sample in session.samples] == [one.t_s for one in filmed(*TEXT_NECK)]


def test_the_facts_of_the_recording_are_kept():
    recording = concluded((10, UPRIGHT)).recording
    assert (recording.name, recording.width_px, recording.height_px) == ("film.mp4", 640, 480)
    assert (recording.frame_rate_hz, recording.analysis_rate_hz) == (5.0, 5.0)


def test_a_given_neutral_is_taken():
    session = concluded(*TEXT_NECK, neutral=Stretch(1, 4))
    assert session.neutral.source is NeutralSource.GIVEN
    assert (session.neutral.start_s, session.neutral.end_s) == (1, 4)


def test_against_a_bent_neutral_upright_is_extension():
    session = concluded(*TEXT_NECK, neutral=Stretch(15, 40))
    assert text_necks(session) == []
    assert session.samples[5].posture.neck_flexion.deg < -20


def test_naming_the_stretch_that_is_found_changes_nothing():
    found = concluded(*TEXT_NECK)
    named = concluded(*TEXT_NECK, neutral=Stretch(found.neutral.start_s, found.neutral.end_s))
    assert (named.samples, named.episodes) == (found.samples, found.episodes)


@pytest.mark.parametrize(
    ("held", "neutral", "says"),
    [
        pytest.param([(10, UPRIGHT)], Stretch(80, 90), ["80-90", "ends at 10.0 s"], id="after the end"),
        pytest.param([(10, UPRIGHT), (10, None)], Stretch(12, 18), ["12-18", "nobody"], id="nobody there"),
    ],
)
def test_a_given_neutral_that_shows_nobody_is_the_users_mistake(held, neutral, says):
    with pytest.raises(UsageError) as error:
        concluded(*held, neutral=neutral)
    assert all(words in str(error.value) for words in says)
    assert "\n" not in str(error.value)


def test_a_recording_of_nobody_is_all_away_and_says_so():
    session = concluded((20, None))
    assert {sample.state for sample in session.samples} == {State.AWAY}
    assert not any(sample.posture.present for sample in session.samples)
    assert session.episodes == ()
    (note,) = session.notes
    assert "nobody is seen" in note


def test_someone_who_is_seen_too_briefly_was_there_all_the_same():
    session = concluded((10, None), (0.4, UPRIGHT), (10, None))
    there = [sample for sample in session.samples if 10 <= sample.t_s < 10.3]
    assert all(sample.posture.present for sample in there)
    assert {sample.state for sample in there} == {State.UNKNOWN}
    assert {sample.state for sample in session.samples if sample.t_s < 10} == {State.AWAY}
    (note,) = session.notes
    assert "nothing was measured" in note


def test_someone_who_never_sits_still_is_measured_with_a_note():
    movie = Film(list(film(lambda t_s: Pose(head_pitch=12 * np.sin(4 * t_s), head_yaw=9 * np.sin(2 * t_s)), 20)))
    session = conclude(watch(movie, movie), 5.0, SOON)
    (note,) = session.notes
    assert "--neutral START-END" in note
    assert sum(sample.posture.neck_flexion.deg is not None for sample in session.samples) > 90


def test_a_passer_by_far_behind_is_nobody():
    frames = filmed((12, UPRIGHT), (10, None))
    visit = [replace(shrunk(one, 0.15, (500, 200)), t_s=22.2 + one.t_s) for one in filmed((10, UPRIGHT))]
    movie = Film([*frames, *visit])
    session = conclude(watch(movie, movie), 5.0, SOON)
    assert {sample.state for sample in session.samples if sample.t_s > 12.5} == {State.AWAY}


def test_replayed_or_live_the_same_frames_give_the_same_samples_and_episodes():
    seen = watched(*TEXT_NECK)
    session = conclude(seen, 5.0, SOON, Stretch(0, 8))
    live = Pipeline(neutral_of([one for one in seen.landmarks if one.t_s <= 8]), SOON)
    samples = [live.update(one)[0] for one in seen.landmarks]
    live.finish(seen.landmarks[-1].t_s)
    assert tuple(samples) == session.samples
    assert tuple(live.episodes) == session.episodes


# Writing


def test_the_annotated_video_shows_every_frame(tmp_path):
    import cv2

    movie = Film(filmed((3, UPRIGHT), (1, None)))
    seen, reached = watch(movie, movie), []
    annotate(seen, conclude(seen, 5.0, SOON), movie, tmp_path / "annotated.mp4", reached.append)
    assert reached == [one.t_s for one in seen.landmarks]
    video = cv2.VideoCapture(str(tmp_path / "annotated.mp4"))
    pictures = []
    while video.isOpened() and (read := video.read())[0]:
        pictures.append(read[1])
    video.release()
    assert len(pictures) == pytest.approx(len(seen.landmarks), abs=1)
    assert all(picture.max() > 100 for picture in pictures), "something is drawn on black"


# Real people, through the real model


@cache
def real(name: str) -> Session:
    if not (path := REAL / name).exists():
        pytest.skip("the real recordings are not here")
    from posturecam.vision.landmarker import MediaPipeLandmarker
    from posturecam.vision.video_file import VideoFile

    with VideoFile(path) as source, MediaPipeLandmarker() as landmarker:
        return conclude(watch(source, landmarker), 5.0, SOON)


def excursions(session: Session, over_deg: float) -> list[tuple[float, float]]:
    """First and last time of each run of samples over so many degrees, gaps of half a second forgiven."""
    times = [s.t_s for s in session.samples if (s.posture.neck_flexion.deg or 0.0) > over_deg]
    runs: list[list[float]] = []
    for t_s in times:
        if not runs or t_s - runs[-1][-1] > 0.5:
            runs.append([])
        runs[-1].append(t_s)
    return [(run[0], run[-1]) for run in runs]


def test_three_real_glances_are_excursions_and_no_alert():
    session = real("driver_glances_front.mp4")
    seen = excursions(session, 20)
    for start_s, end_s in [(3.2, 4.1), (6.6, 8.4), (11.7, 14.9)]:
        assert any(a < end_s and b > start_s for a, b in seen), f"{start_s}-{end_s} in {seen}"
    for start_s, end_s in [(0.0, 2.8), (4.6, 6.2), (15.4, 16.0)]:
        assert not any(a < end_s and b > start_s for a, b in seen), f"{start_s}-{end_s} not in {seen}"
    assert session.alerts == ()


@pytest.mark.parametrize("name", ["desk_webcam_talk.mp4", "driver_still_blinks.mp4", "driver_turns_head.mp4"])
def test_real_people_who_do_not_look_down_are_left_alone(name):
    session = real(name)
    assert session.alerts == ()
    assert State.SEVERE not in {sample.state for sample in session.samples}
    assert State.AWAY not in {sample.state for sample in session.samples}


def test_a_real_person_who_leaves_is_away_from_then_on():
    states = groupby(real("person_leaves.mov").samples, key=lambda sample: sample.state is State.AWAY)
    (here, before), (gone, after) = ((away, list(samples)) for away, samples in states)
    assert (here, gone) == (False, True)
    assert after[0].t_s == pytest.approx(2.4, abs=0.4)
    assert before[0].t_s == 0


def test_nobody_is_seen_in_an_empty_room():
    movie = Film([empty(k / 5) for k in range(20)])
    assert conclude(watch(movie, movie), 5.0, SOON).totals.measured_share == 0
