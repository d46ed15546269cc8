from __future__ import annotations

import json
from dataclasses import replace

import pytest

import posturecam
from posturecam.core.manner import Manner
from posturecam.core.session import NeutralOrigin, NeutralSource, Watch
from posturecam.core.state import State
from posturecam.sinks.summary import as_dict, json_text, summary, write_summary
from postures import Not
from sessions import episode, session

HELD = session(
    [(30, 0.0), (61, 30.0), (9, Not.THERE)],
    [episode(30.0, 87.0, "yes", 91.0), episode(5.0, 6.0, "cap", 9.0), episode(12.0, end_s=17.0)],
    notes=("The file ends at 100.0 s of 120.0 s.",),
    duration_s=120.0,
)


def test_a_summary_has_these_keys():
    keys = {
        "schema_version",
        "posturecam_version",
        "recording",
        "neutral",
        "state_s",
        "observed_s",
        "not_observed_s",
        "not_measured_s",
        "exposure",
        "counts",
        "patterns",
        "thresholds",
        "notes",
    }
    assert set(summary(HELD)) == keys
    assert set(as_dict(HELD)) == keys | {"episodes"}


def test_a_summary_says_what_was_watched_and_how():
    answer = summary(HELD)
    assert answer["schema_version"] == 1
    assert answer["posturecam_version"] == posturecam.__version__
    assert answer["recording"] == {
        "name": "desk.mp4",
        "width_px": 640,
        "height_px": 480,
        "duration_s": 120.0,
        "frame_rate_hz": 5.0,
        "analysis_rate_hz": 5.0,
    }
    assert answer["thresholds"] == {
        "amber_deg": 15.0,
        "onset_deg": 20.0,
        "release_deg": 15.0,
        "severe_deg": 30.0,
        "sensitivity": "standard",
        "iso_fraction": 0.125,
    }
    assert answer["notes"] == ["The file ends at 100.0 s of 120.0 s."]


def test_a_summary_says_what_came_of_it():
    answer = summary(HELD)
    assert set(answer["state_s"]) == {state.value for state in State}
    assert answer["state_s"]["severe"] == pytest.approx(61)
    assert answer["not_observed_s"] == pytest.approx(20)
    assert answer["not_measured_s"] == {"nobody": pytest.approx(9)}
    assert answer["exposure"]["longest_hold_s"] == 61
    assert answer["exposure"]["mean_flexion_deg"] == pytest.approx(30 * 61 / 91, abs=0.001)
    assert answer["counts"] == {
        "samples": 501,
        "present": 455,
        "measured": 455,
        "episodes": 3,
        "alerts": 2,
        "told": 1,
    }


def test_a_summary_counts_every_pattern_that_was_watched_for():
    watches = (Watch("slouch", Manner.ALERT), Watch("rapid_turn", Manner.LOG, "too few frames"))
    watched = session([(60, 0.0)], [episode(10.0, 20.0, "yes", 40.0, pattern="slouch")], watches=watches)
    assert summary(watched)["patterns"] == {
        "slouch": {
            "manner": "alert",
            "episodes": 1,
            "alerts": 1,
            "told": 1,
            "held_s": 30.0,
            "not_measurable": None,
        },
        "rapid_turn": {
            "manner": "log",
            "episodes": 0,
            "alerts": 0,
            "told": 0,
            "held_s": 0,
            "not_measurable": "too few frames",
        },
    }


def test_an_episode_without_an_angle_has_none():
    still = replace(episode(pattern="stillness"), peak_deg=None, mean_deg=None)
    (answer,) = as_dict(session([(60, 0.0)], [still]))["episodes"]
    assert (answer["peak_deg"], answer["mean_deg"]) == (None, None)


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (NeutralOrigin(NeutralSource.FOUND, 1.2, 9.2), {"start_s": 1.2, "end_s": 9.2, "source": "found"}),
        (NeutralOrigin(NeutralSource.GIVEN, 0.0, 3.0), {"start_s": 0.0, "end_s": 3.0, "source": "given"}),
        (NeutralOrigin(NeutralSource.PROFILE, profile="me"), {"profile": "me", "source": "profile"}),
    ],
    ids=["found", "given", "profile"],
)
def test_a_summary_says_where_the_neutral_comes_from(origin, told):
    assert summary(session(neutral=origin))["neutral"] == told


def test_the_answer_for_programs_has_the_episodes_by_onset():
    assert as_dict(HELD)["episodes"][-1] == {
        "pattern": "text_neck",
        "onset_s": 30.0,
        "alert_s": 87.0,
        "told": "yes",
        "end_s": 91.0,
        "peak_deg": 40.0,
        "mean_deg": 35.0,
        "end_reason": "recovered",
    }


def test_a_written_summary_reads_back(tmp_path):
    path = write_summary(tmp_path, HELD)
    assert path.name == "summary.json"
    assert json.loads(path.read_text(encoding="utf-8")) == summary(HELD)


def test_a_file_name_in_a_broken_encoding_is_written_all_the_same(tmp_path):
    broken = session(name="caf\udce9.mp4")
    assert json.loads(write_summary(tmp_path, broken).read_text())["recording"]["name"] == "caf\udce9.mp4"


def test_nothing_measured_is_null_and_never_nan():
    answer = json.loads(json_text(as_dict(session([(5, Not.THERE)]))))
    assert answer["exposure"]["mean_flexion_deg"] is None
    with pytest.raises(ValueError, match="Out of range"):
        json_text(float("nan"))
