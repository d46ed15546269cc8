from __future__ import annotations

import math
from dataclasses import replace

import pytest

from people import FRONT, UPRIGHT, Pose, film, neutral_frames, steps
from posturecam.core.event import EventKind
from posturecam.core.iso11226 import STANDARD
from posturecam.core.neutral import neutral_of
from posturecam.core.patterns import table
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.posture import nobody
from posturecam.core.seating import Resting, Seating
from postures import posture

HERE, AWAY, GAP = "here", "away", "gap"


def watch(*spans: tuple[float, str], **values: float) -> list[str]:
    """What comes about, at which minute, when these minutes follow one another, one posture a second."""
    tuning = {**table.tuning({})}
    tuning["long_sitting"] = {**tuning["long_sitting"], **values}
    pattern = table.kind("long_sitting").make(tuning, STANDARD)
    events, t_s = [], 0.0
    for minutes, what in spans:
        for k in range(round(60 * minutes)):
            if what is not GAP:
                events += pattern.update(posture(t_s + k) if what is HERE else nobody(t_s + k))
        t_s += 60 * minutes
    events += pattern.finish(t_s)
    return [
        f"{event.kind.value} {event.t_s / 60:.1f}"
        + (f" {reason.value}" if (reason := event.episode.end_reason) else "")
        for event in events
        if event.kind is not EventKind.STATIC
    ]


@pytest.mark.parametrize(
    ("spans", "values", "expected"),
    [
        ([(49.9, HERE)], {}, []),
        ([(52, HERE)], {}, ["alert 50.0", "end 52.0 stream_end"]),
        ([(101, HERE)], {}, ["alert 50.0", "reminder 100.0", "end 101.0 stream_end"]),
        ([(40, HERE), (5.1, AWAY), (49, HERE)], {}, []),
        ([(40, HERE), (4.9, AWAY), (12, HERE)], {}, ["alert 54.9", "end 56.9 stream_end"]),
        ([(51, HERE), (6, AWAY)], {}, ["alert 50.0", "end 56.0 away"]),
        ([(40, HERE), (120, GAP), (40, HERE)], {}, []),
        ([(40, HERE), (2, GAP), (11, HERE)], {}, ["alert 52.0", "end 53.0 stream_end"]),
        ([(51, HERE), (30, GAP), (1, HERE)], {}, ["alert 50.0", "end 81.0 away"]),
        (
            [(29, HERE), (11, AWAY), (31, HERE)],
            {"after_min": 30, "break_min": 10},
            ["alert 70.0", "end 71.0 stream_end"],
        ),
    ],
    ids=[
        "not before 50 minutes",
        "a nudge after 50",
        "and again after 50 more",
        "5 minutes away are a break",
        "less is none, and does not count as sitting",
        "a break is an end to it",
        "a laptop that slept had a break",
        "a short gap is none, and does not count as sitting",
        "a break is an end to it without pictures too",
        "both are adjustable",
    ],
)
def test_long_sitting(spans, values, expected):
    assert watch(*spans, **values) == expected


def test_before_anybody_sat_down_nothing_was_spent_sitting():
    seating = Seating(300.0)
    for t_s in range(100):
        seating.update(float(t_s), False)
    assert (seating.seated_s, seating.since_s, seating.present) == (0.0, None, False)


def resting(history):
    one = Resting()
    for t_s, here in history:
        one.update(replace(posture(t_s, here), t_s=t_s) if here is not None else nobody(t_s))
    return one


@pytest.mark.parametrize(
    ("history", "since_s"),
    [
        ([], None),
        ([(float(t), 0.0) for t in range(60)], 0.0),
        ([(float(t), 0.0 if t < 20 else 12.0) for t in range(60)], 20.0),
        ([(float(t), 12.0 if 20 <= t < 23 else 0.0) for t in range(60)], 0.0),
        ([(float(t), None if 20 <= t < 35 else 0.0) for t in range(60)], 35.0),
        ([(float(t), None if 20 <= t < 25 else 0.0) for t in range(60)], 0.0),
        ([(float(t), None if t >= 20 else 0.0) for t in range(60)], None),
    ],
    ids=["nothing known", "all along", "a change", "a glance", "after an absence", "a short one", "gone"],
)
def test_still_since(history, since_s):
    assert resting(history).still_since_s == since_s


@pytest.mark.parametrize("breaks_on", [True, False])
def test_the_pipeline_knows_how_long_somebody_sits_and_sits_still(breaks_on):
    choices = {} if breaks_on else {name: table.Choice(table.Manner.OFF) for name in table.BREAKS}
    pipeline = Pipeline(neutral_of(neutral_frames(FRONT)), Settings(choices=choices))
    assert (pipeline.seated_s, pipeline.still_s) == (None, None)
    seated, still = {}, {}
    for landmarks in film(steps((20, UPRIGHT), (20, Pose(head_pitch=25)), (15, None)), 55, FRONT, 5.0):
        pipeline.update(landmarks)
        seated[landmarks.t_s], still[landmarks.t_s] = pipeline.seated_s, pipeline.still_s
    assert seated[19.0] == pytest.approx(19, abs=0.5)
    assert seated[39.0] == pytest.approx(39, abs=0.5)
    assert still[19.0] == pytest.approx(19, abs=1)
    assert still[39.0] == pytest.approx(19, abs=1.5)
    assert seated[54.0] is still[54.0] is None
    assert {one.pattern for one in pipeline.watches} >= set(table.BREAKS) if breaks_on else True


def test_time_that_is_no_number_is_refused():
    pattern = table.kind("long_sitting").make(table.tuning({}), STANDARD)
    with pytest.raises(ValueError, match="long_sitting: time must not run backwards"):
        pattern.update(posture(math.nan))
