from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from people import (
    FRONT,
    OTHER_SIDE,
    SIDE,
    UPRIGHT,
    Desk,
    Pose,
    bent_out_of_shape,
    enlarged,
    film,
    mirrored,
    neutral_frames,
    seen,
    steps,
)
from posturecam.core.event import EndReason, Episode, EventKind
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import Absence
from posturecam.core.state import State

SOON = Settings(Sensitivity(1 / 32))
"""An alert after 15 s, the shortest there is."""
BENT = Pose(head_pitch=40)
TEXT_NECK = steps((10, UPRIGHT), (30, BENT), (10, UPRIGHT))

every_view = pytest.mark.parametrize("desk", [FRONT, SIDE, OTHER_SIDE], ids=["front", "side", "other side"])


def pipeline(desk: Desk = FRONT, settings: Settings = SOON, change=lambda one: one) -> Pipeline:
    return Pipeline(neutral_of([change(one) for one in neutral_frames(desk)]), settings)


def run(pose_at, end_s, desk=FRONT, settings=SOON, *, rate_hz=5.0, start_s=0.0, change=lambda one: one):
    """All samples of a recording, and what was decided of text neck, and its episodes."""
    pipe = pipeline(desk, settings, change)
    samples, decisions = [], []
    for landmarks in film(pose_at, end_s, desk, rate_hz):
        sample, decided = pipe.update(change(replace(landmarks, t_s=start_s + landmarks.t_s)))
        samples.append(sample)
        decisions += decided
    decisions += pipe.finish(start_s + end_s)
    return (
        samples,
        [one for one in decisions if one.event.episode.pattern == "text_neck"],
        [one for one in pipe.episodes if one.pattern == "text_neck"],
    )


@cache
def text_neck(desk=FRONT):
    """What comes of ten seconds upright, thirty bent, ten upright."""
    return run(TEXT_NECK, 50, desk)


def times(episode: Episode) -> tuple[float, ...]:
    return episode.onset_s, episode.alert_s, episode.end_s


@every_view
def test_who_sits_upright_hears_nothing(desk):
    samples, decisions, episodes = run(lambda _: UPRIGHT, 60, desk)
    assert {sample.state for sample in samples} == {State.NEUTRAL}
    assert (decisions, episodes) == ([], [])


@every_view
def test_a_held_flexion_becomes_static_then_an_alert_then_ends(desk):
    samples, decisions, episodes = text_neck(desk)
    kinds = [decision.event.kind for decision in decisions]
    assert kinds == [EventKind.STATIC, EventKind.ALERT, EventKind.END]
    static, alert, end = (decision.event.t_s for decision in decisions)
    assert (static, alert) == pytest.approx((14, 25), abs=1)
    assert 40 <= end <= 45
    (episode,) = episodes
    assert times(episode) == pytest.approx((10, 25, 40), abs=1)
    assert episode.pattern == "text_neck"
    assert episode.told == "yes"
    assert episode.end_reason is EndReason.RECOVERED
    assert 30 < episode.mean_deg < 50
    held = [sample.state for sample in samples if 12 < sample.t_s < 39]
    assert set(held) == {State.SEVERE}


def test_every_frame_has_its_sample_at_its_own_time():
    samples, _, _ = text_neck()
    assert [sample.t_s for sample in samples] == [k / 5 for k in range(251)]


def test_exposure_fills_while_bent_and_leaks_after():
    samples, _, _ = text_neck()
    at = {sample.t_s: sample.exposure for sample in samples}
    assert at[9.0] == 0
    assert 0 < at[15.0] < at[20.0] < 1 < at[30.0]
    assert at[50.0] < at[40.0]


def test_glances_are_forgiven_however_many():
    glances = lambda t_s: BENT if t_s % 8 > 6 else UPRIGHT  # noqa: E731
    _, decisions, episodes = run(glances, 120)
    assert not [one for one in decisions if one.event.kind is EventKind.ALERT]
    assert not [one for one in episodes if one.alert_s is not None]


def test_leaning_in_to_read_is_no_text_neck():
    _, _, episodes = run(steps((10, UPRIGHT), (40, Pose(trunk_flexion=15, head_pitch=15))), 50)
    assert episodes == []


def test_a_turned_head_is_no_text_neck():
    samples, _, episodes = run(steps((10, UPRIGHT), (40, Pose(head_yaw=60))), 50)
    assert episodes == []
    assert samples[-1].state is State.UNKNOWN
    assert samples[-1].posture.absence is Absence.TURNED_AWAY


def test_who_leaves_while_bent_ends_the_episode():
    samples, _, (episode,) = run(steps((10, UPRIGHT), (10, BENT), (20, None)), 40)
    assert episode.end_reason is EndReason.AWAY
    assert episode.end_s == pytest.approx(20, abs=1)
    assert samples[-1].state is State.AWAY


def test_the_stream_may_end_while_bent():
    _, decisions, (episode,) = run(steps((10, UPRIGHT), (20, BENT)), 30)
    assert decisions[-1].event.kind is EventKind.END
    assert episode.end_reason is EndReason.STREAM_END
    assert episode.end_s == 30


def test_what_was_measured_before_a_gap_does_not_count_after_it():
    """As after suspend: bent before, bent after, and hours between."""
    pipe = pipeline()
    for landmarks in film(lambda _: BENT, 10):
        pipe.update(landmarks)
    for landmarks in film(lambda _: BENT, 4):
        _, decisions = pipe.update(replace(landmarks, t_s=landmarks.t_s + 7200))
        assert not [one for one in decisions if one.event.kind is EventKind.ALERT]


@pytest.mark.parametrize("start_s", [0.1, 100.0, 86400.0])
def test_when_the_stream_began_shifts_the_events_and_changes_nothing_else(start_s):
    _, _, (here,) = text_neck()
    _, _, (there,) = run(TEXT_NECK, 50, start_s=start_s)
    assert times(there) == pytest.approx([t_s + start_s for t_s in times(here)], abs=1e-6)
    assert there.peak_deg == pytest.approx(here.peak_deg)


@pytest.mark.parametrize("rate_hz", [2.0, 15.0])
def test_the_rate_of_frames_hardly_shifts_the_events(rate_hz):
    _, _, (usual,) = text_neck()
    _, _, (other,) = run(TEXT_NECK, 50, rate_hz=rate_hz)
    assert times(other) == pytest.approx(times(usual), abs=0.7)


@every_view
@pytest.mark.parametrize(
    "change",
    [pytest.param(mirrored, id="mirrored"), pytest.param(lambda one: enlarged(one, 2), id="twice the size")],
)
def test_a_changed_picture_has_the_same_events(desk, change):
    _, _, (plain,) = text_neck(desk)
    _, _, (changed,) = run(TEXT_NECK, 50, desk, change=change)
    assert times(changed) == pytest.approx(times(plain))


def test_the_same_frames_give_the_same_answer_to_the_last_bit():
    assert run(TEXT_NECK, 50) == text_neck()


def test_a_higher_onset_lets_more_pass():
    _, _, episodes = run(TEXT_NECK, 50, settings=replace(SOON, onset_deg=55.0))
    assert episodes == []


def test_a_less_sensitive_setting_alerts_later_or_not_at_all():
    _, _, (episode,) = run(TEXT_NECK, 50, settings=Settings(Sensitivity(1 / 8)))
    assert episode.alert_s is None
    assert episode.told is None


@pytest.mark.parametrize("onset_deg", [4.9, 60.1, float("nan")])
def test_an_onset_out_of_range_is_refused(onset_deg):
    settings = Settings(onset_deg=onset_deg)
    with pytest.raises(ValueError, match="onset"):
        settings.thresholds  # noqa: B018
    with pytest.raises(ValueError, match="onset"):
        pipeline(settings=settings)


def test_time_that_runs_backwards_is_refused():
    pipe = pipeline()
    first, second = list(film(lambda _: UPRIGHT, 0.2))
    pipe.update(second)
    with pytest.raises(ValueError, match="backwards"):
        pipe.update(first)


def test_a_picture_that_changes_its_size_is_refused():
    with pytest.raises(ValueError, match="size"):
        pipeline().update(enlarged(neutral_frames()[0], 2))


def test_a_false_face_tells_nothing_of_where_the_head_is():
    pipe = pipeline()
    false = bent_out_of_shape(replace(seen(Pose(head_pitch=45)), face_px=1.5 * seen().face_px), 0.15)
    placement = pipe.update(false)[0].posture.placement
    assert (placement.head_forward_cm, placement.eye_distance_cm) == (None, None)
