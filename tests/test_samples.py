"""The sample clips, as the model saw them, against their own truth.

The traces beside `traces/record.py` hold the landmarks, so these tests are exact and need no model.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from posturecam.core.event import Episode
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.pipeline import Settings
from posturecam.core.posture import View
from posturecam.core.session import NeutralSource, Session
from posturecam.core.state import State
from posturecam.replay import Watched, conclude
from posturecam.vision.frames import SourceFacts
from traces.record import load

SAMPLES = Path(__file__).parents[1] / "samples"
TRACES = Path(__file__).parent / "traces"
CLIPS = ("front", "side")
every_clip = pytest.mark.parametrize("name", CLIPS)

TEXT_NECK_S = {"front": (22.0, 48.4), "side": (22.2, 48.6)}
"""When the true neck flexion is over 20°."""
GLANCE_S = (12.4, 15.0)

TRUTH = {
    "head_pitch": lambda row: row["head_pitch"],
    "trunk_flexion": lambda row: row["trunk_flexion"],
    "neck_flexion": lambda row: float(row["head_pitch"]) - float(row["trunk_flexion"]),
    "head_forward": lambda row: row["neck_inclination"],
    "head_yaw": lambda row: row["head_yaw"],
    "head_roll": lambda row: row["head_roll"],
}
"""What the columns of the truth say of each angle."""


@dataclass(frozen=True)
class Clip:
    """What was measured in a clip, and the truth at the same times, relative to the same neutral."""

    session: Session
    t_s: np.ndarray
    label: np.ndarray
    measured: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]

    @property
    def text_neck(self) -> Episode:
        """The one text-neck episode."""
        (episode,) = (one for one in self.session.episodes if one.pattern == "text_neck")
        return episode

    def error(self, angle: str, during: str | None = None) -> np.ndarray:
        """Measured minus true, degrees, where it was measured."""
        error = self.measured[angle] - self.truth[angle]
        if during is not None:
            error = error[self.label == during]
        return error[~np.isnan(error)]


@cache
def clip(name: str, fraction: float = 1 / 32) -> Clip:
    frames = load(TRACES / f"{name}.npz")
    facts = SourceFacts(f"{name}.mp4", 640, 480, 5.0, frames[-1].t_s + 0.2)
    session = conclude(Watched(facts, tuple(frames), ()), 5.0, Settings(Sensitivity(fraction)))
    rows = truth_rows(name)
    truth = {angle: np.array([float(true(row)) for row in rows]) for angle, true in TRUTH.items()}
    t_s = np.array([float(row["t_s"]) for row in rows])
    neutral = (t_s >= session.neutral.start_s) & (t_s <= session.neutral.end_s)
    return Clip(
        session,
        t_s,
        np.array([row["label"] for row in rows]),
        {angle: np.array([degrees(sample, angle) for sample in session.samples]) for angle in truth},
        {angle: values - np.median(values[neutral]) for angle, values in truth.items()},
    )


@cache
def truth_rows(name: str) -> list[dict[str, str]]:
    with (SAMPLES / f"{name}_truth.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def degrees(sample, angle: str) -> float:
    deg = getattr(sample.posture, angle).deg
    return np.nan if deg is None else deg


# What ships


def test_the_samples_are_small():
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 3_000_000


def test_the_traces_are_small():
    for path in TRACES.glob("*.npz"):
        assert path.stat().st_size < 400_000, path.name


@every_clip
def test_the_truth_has_a_row_for_every_frame(name):
    samples = clip(name).session.samples
    assert [sample.t_s for sample in samples] == pytest.approx([float(row["t_s"]) for row in truth_rows(name)])


@every_clip
def test_every_column_of_the_truth_is_explained(name):
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for column in truth_rows(name)[0]:
        assert f"`{column}`" in readme, column


@every_clip
def test_every_file_is_mentioned(name):
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert f"`{name}.mp4`" in readme
    assert f"`{name}_truth.csv`" in readme


def test_the_front_clip_loses_the_face_when_it_matters():
    """Else it would not test that the measurement goes on without."""
    start_s, end_s = TEXT_NECK_S["front"]
    bent = [one for one in load(TRACES / "front.npz") if start_s + 1 < one.t_s < end_s - 1]
    assert np.mean([one.face_px is None for one in bent]) > 0.5


# The measurement


@pytest.mark.parametrize(
    ("name", "angle", "mean_deg", "p95_deg"),
    [
        ("front", "neck_flexion", 1.25, 4.4),
        ("front", "head_pitch", 1.2, 3.1),
        ("front", "trunk_flexion", 0.8, 2.0),
        ("front", "head_forward", 0.8, 1.8),
        ("front", "head_yaw", 2.2, 5.5),
        ("front", "head_roll", 1.0, 4.5),
        ("side", "neck_flexion", 0.9, 2.5),
        ("side", "head_pitch", 1.45, 3.4),
        ("side", "trunk_flexion", 0.8, 2.0),
        ("side", "head_forward", 0.85, 2.6),
    ],
)
def test_angles_agree_with_the_truth(name, angle, mean_deg, p95_deg):
    """As well as was reached, with a margin of about a third."""
    error = np.abs(clip(name).error(angle))
    assert error.mean() < mean_deg
    assert np.percentile(error, 95) < p95_deg


@every_clip
@pytest.mark.parametrize("label", ["neutral", "glance_down", "text_neck"])
def test_there_is_no_large_bias_in_any_posture(name, label):
    assert abs(np.median(clip(name).error("neck_flexion", label))) < 3


@every_clip
def test_nearly_every_frame_is_measured_head_down_or_not(name):
    flexion = clip(name).measured["neck_flexion"]
    assert np.mean(~np.isnan(flexion)) > 0.95
    assert np.mean(~np.isnan(flexion[clip(name).label == "text_neck"])) > 0.95


def test_the_head_that_is_tilted_as_with_a_phone_is_not_bent_down():
    tilted = clip("front").label == "phone_cradle"
    held = tilted & (np.abs(clip("front").truth["head_roll"]) > 20)
    assert np.median(clip("front").measured["head_roll"][held]) > 20
    assert np.percentile(clip("front").measured["neck_flexion"][held], 95) < 15


def test_slouching_is_not_text_neck():
    slouching = clip("side").label == "slouch"
    assert np.median(clip("side").measured["neck_flexion"][slouching]) < 15


@every_clip
def test_where_confidence_is_high_the_angle_is_near_the_truth(name):
    confidence = np.array([sample.posture.confidence for sample in clip(name).session.samples])
    sure = confidence > 0.9
    near = np.abs(clip(name).measured["neck_flexion"] - clip(name).truth["neck_flexion"]) < 6
    assert sure.mean() > 0.5
    assert near[sure].mean() > 0.9


@pytest.mark.parametrize(("name", "view"), [("front", View.FRONT), ("side", View.SIDE)])
def test_the_view_is_known(name, view):
    views = [sample.posture.view for sample in clip(name).session.samples]
    assert views.count(view) > 0.95 * len(views)


# The conclusions


@every_clip
def test_the_neutral_is_found_while_the_person_is_upright(name):
    neutral = clip(name).session.neutral
    assert neutral.source is NeutralSource.FOUND
    held = (clip(name).t_s >= neutral.start_s) & (clip(name).t_s <= neutral.end_s)
    assert set(clip(name).label[held]) == {"neutral"}
    assert clip(name).session.notes == ()


@every_clip
def test_the_text_neck_is_found_with_its_alert_and_nothing_else(name):
    episode = clip(name).text_neck
    onset_s, end_s = TEXT_NECK_S[name]
    assert episode.onset_s == pytest.approx(onset_s, abs=1)
    assert episode.alert_s == pytest.approx(onset_s + 15, abs=1.5)
    assert episode.end_s == pytest.approx(end_s, abs=1.5)
    assert episode.told == "yes"
    true_deg = clip(name).truth["neck_flexion"][clip(name).label == "text_neck"]
    assert episode.mean_deg == pytest.approx(true_deg.mean(), abs=5)


@every_clip
def test_at_the_standard_sensitivity_it_is_too_short_for_an_alert(name):
    assert clip(name, 1 / 8).text_neck.alert_s is None


@every_clip
def test_the_glance_is_seen_and_forgiven(name):
    start_s, end_s = GLANCE_S
    inside = (clip(name).t_s > start_s) & (clip(name).t_s < end_s)
    assert clip(name).measured["neck_flexion"][inside].max() > 20
    assert clip(name).text_neck.onset_s > end_s


@every_clip
def test_states_follow_the_truth_away_from_the_thresholds(name):
    true_deg = clip(name).truth["neck_flexion"]
    states = np.array([sample.state.value for sample in clip(name).session.samples])
    moving = np.abs(np.gradient(true_deg)) > 1
    bent, upright = (true_deg > 36) & ~moving, (true_deg < 8) & ~moving
    assert np.mean(states[bent] == State.SEVERE.value) > 0.95
    assert np.mean(states[upright] == State.NEUTRAL.value) > 0.95


@every_clip
def test_samples_are_smooth(name):
    """No sample jumps by more than a head can move in a fifth of a second."""
    flexion = clip(name).measured["neck_flexion"]
    assert max(abs(b - a) for a, b in pairwise(flexion[~np.isnan(flexion)])) < 35
