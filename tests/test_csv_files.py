from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from posturecam.core.event import EndReason
from posturecam.core.posture import Absence, View, nobody
from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.sinks.episodes import episodes_csv, write_episodes
from posturecam.sinks.timeline import timeline_csv, write_timeline
from postures import angle, posture
from sessions import episode

TURNED = replace(
    posture(0.4, None, head_forward=None, reason=Absence.TURNED_AWAY),
    head_yaw=angle(-71.239),
    head_pitch=angle(2.0),
)
SAMPLES = (
    Sample(posture(0.0, -0.001, trunk_flexion=1.5, head_roll=-3.456), State.NEUTRAL),
    Sample(posture(0.2004, 31.005, head_forward=12.3, view=View.SIDE, sd_deg=6.0), State.SEVERE),
    Sample(TURNED, State.UNKNOWN),
    Sample(nobody(3600.0), State.AWAY),
)
TIMELINE = """\
t_s,present,absence,view,head_pitch_deg,trunk_flexion_deg,neck_flexion_deg,head_forward_deg,head_yaw_deg,\
head_roll_deg,confidence,state
0.000,1,,front,1.50,1.50,0.00,0.00,0.00,-3.46,1.00,neutral
0.200,1,,side,31.00,0.00,31.00,12.30,0.00,0.00,0.68,severe
0.400,1,turned_away,front,2.00,0.00,,,-71.24,0.00,0.00,unknown
3600.000,0,nobody,,,,,,,,0.00,away
"""
EPISODES = (
    episode(120.5, None, None, None, None),
    episode(10.0, 70.25, "yes", 90.0004, EndReason.RECOVERED),
    episode(200.0, 260.0, "cooldown", 300.0, EndReason.STREAM_END, pattern="shrug"),
)
EPISODES_TEXT = """\
pattern,onset_s,alert_s,told,end_s,peak_deg,mean_deg,end_reason
text_neck,10.000,70.250,yes,90.000,40.00,35.00,recovered
text_neck,120.500,,,,40.00,35.00,
shrug,200.000,260.000,cooldown,300.000,40.00,35.00,stream_end
"""


def test_a_timeline_is_written_to_the_letter():
    assert timeline_csv(SAMPLES) == TIMELINE


def test_episodes_are_written_to_the_letter_by_their_onset():
    assert episodes_csv(EPISODES) == EPISODES_TEXT


def test_an_episode_without_an_angle_has_empty_cells():
    still = replace(episode(pattern="stillness"), peak_deg=None, mean_deg=None)
    assert episodes_csv([still]).splitlines()[1] == "stillness,10.000,,,40.000,,,recovered"


def test_a_timeline_reads_back_as_what_was_measured():
    rows = list(csv.DictReader(io.StringIO(timeline_csv(SAMPLES))))
    for row, sample in zip(rows, SAMPLES, strict=True):
        assert float(row["t_s"]) == pytest.approx(sample.t_s, abs=0.0005)
        assert row["present"] == str(int(sample.posture.present))
        deg = sample.posture.neck_flexion.deg
        assert (
            row["neck_flexion_deg"] == ""
            if deg is None
            else float(row["neck_flexion_deg"]) == pytest.approx(deg, abs=0.006)
        )
        assert State(row["state"]) is sample.state


def test_both_files_hold_their_text_byte_for_byte(tmp_path):
    assert write_timeline(tmp_path, SAMPLES).read_bytes() == TIMELINE.encode()
    assert write_episodes(tmp_path, EPISODES).read_bytes() == EPISODES_TEXT.encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["episodes.csv", "timeline.csv"]


def test_without_samples_or_episodes_the_headings_are_there():
    assert timeline_csv(()).count("\n") == episodes_csv(()).count("\n") == 1
