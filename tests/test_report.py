from __future__ import annotations

import base64
import csv
import hashlib
import math
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from posturecam.core.event import EndReason, Episode
from posturecam.core.patterns import hydration, table
from posturecam.core.session import NeutralOrigin, NeutralSource, Session
from posturecam.report.facts import Hold, facts_of, sittings
from posturecam.report.findings import findings
from posturecam.report.recording import recording_page, write_report
from posturecam.report.thinning import thinned
from posturecam.sinks.timeline import write_timeline
from postures import Not, postures
from reports import Report, read
from sessions import episode, session

MIXED = [
    (30, 0.0),
    (30, 24.0),
    (60, 41.0),
    (9, Not.THERE),
    (20, 3.0),
    (6, Not.MEASURED),
    (20, 17.0),
    (5, Not.SAMPLED),
    (20, -4.0),
]
HELD = session(MIXED, [episode(30.0, 77.0, "yes", 120.0)], duration_s=220.0)


def written(one: Session, folder: Path) -> Report:
    return read(write_report(folder, one).read_text(encoding="utf-8"))


def seconds(clock: str) -> int:
    *hours, minutes, rest = clock.split(":")
    return 3600 * int(hours[0] if hours else 0) + 60 * int(minutes) + int(rest)


# The numbers are those of timeline.csv


class Recount:
    """A timeline.csv, counted anew."""

    def __init__(self, path: Path, duration_s: float) -> None:
        rows = list(csv.DictReader(path.read_text().splitlines()))
        times = [float(row["t_s"]) for row in rows] + [duration_s]
        waits = [later - earlier for earlier, later in pairwise(times)]
        self.held = [(row, wait) for row, wait in zip(rows, waits, strict=True) if wait <= 2]
        self.gap_s = sum(wait for wait in waits if wait > 2)

    def per(self, column: str) -> dict[str, float]:
        spent: dict[str, float] = defaultdict(float)
        for row, wait in self.held:
            spent[row[column]] += wait
        return spent

    def weighted(self, column: str) -> list[tuple[float, float]]:
        return [(float(row[column]), wait) for row, wait in self.held if row[column]]


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return written(HELD, folder), Recount(write_timeline(folder, HELD.samples), 220.0)


def test_the_time_per_state_is_that_of_the_timeline(counted):
    report, recount = counted
    shown = {row[0].split(",")[0]: seconds(row[1]) for row in report.tables["Time in each state"]}
    words = {"unknown": "not measured"}
    expected = {words.get(state, state): spent for state, spent in recount.per("state").items()}
    assert shown == {**{state: round(spent) for state, spent in expected.items()}, "no pictures": 25}


def test_mean_flexion_and_time_above_the_onset_are_those_of_the_timeline(counted):
    report, recount = counted
    angles = recount.weighted("neck_flexion_deg")
    measured_s = sum(wait for _, wait in angles)
    mean_deg = sum(deg * wait for deg, wait in angles) / measured_s
    above_s = sum(wait for deg, wait in angles if deg >= 20)
    assert report.figures["Neck flexion"] == f"{round(mean_deg)}° on average"
    assert report.figures["At 20° or more"].startswith("1:30 ")
    assert round(above_s) == 90
    assert f"{above_s / measured_s:.0%} of the measured time" in report.figures["At 20° or more"]


def test_the_pull_of_gravity_is_that_of_the_timeline(counted):
    report, recount = counted
    pulls = [
        (math.sin(math.radians(deg + 12)) / math.sin(math.radians(12)), wait)
        for deg, wait in recount.weighted("head_pitch_deg")
    ]
    mean = sum(pull * wait for pull, wait in pulls) / sum(wait for _, wait in pulls)
    minutes = sum(max(0.0, pull - 1) * wait for pull, wait in pulls) / 60
    assert report.figures["Pull of gravity"].startswith(f"{mean:.1f} × neutral {minutes:.1f} demand")


def test_the_distribution_is_that_of_the_timeline(counted):
    report, recount = counted
    spent: dict[int, float] = defaultdict(float)
    for deg, wait in recount.weighted("neck_flexion_deg"):
        spent[5 * math.floor(deg / 5)] += wait
    shown = {
        int(row[0].split("°")[0].replace("−", "-")): seconds(row[1]) for row in report.tables["Time at each angle"]
    }
    assert {edge: s for edge, s in shown.items() if s} == {edge: round(s) for edge, s in spent.items()}
    bars = report.plots[1]
    assert sum(bars["y"]) == pytest.approx(100, abs=0.1)


def test_the_curve_goes_through_the_timeline(counted):
    report, recount = counted
    curve = dict(zip(report.plots[0]["x"], report.plots[0]["y"], strict=True))
    for row, _ in recount.held:
        cell = row["neck_flexion_deg"]
        assert curve[float(row["t_s"])] == (round(float(cell), 1) if cell else None)


def test_the_facts_agree_with_the_sessions_own_totals():
    sums, totals = facts_of(HELD).sums, HELD.totals
    assert sums.state_s == {state: spent for state, spent in HELD.state_s.items() if spent > 0}
    assert sums.absence_s == HELD.absence_s
    assert sums.above_onset_s == pytest.approx(totals.above_onset_s)
    assert sums.mean_flexion_deg == pytest.approx(totals.mean_flexion_deg)
    assert sums.mean_demand == pytest.approx(totals.mean_demand)
    assert sums.demand_minutes == pytest.approx(totals.demand_minutes)


# What is shown


def test_the_curve_shows_episodes_alerts_and_what_was_not_measured(counted):
    plot = counted[0].plots[0]
    stretches = {(band["kind"], round(band["start"]), round(band["end"])) for band in plot["bands"]}
    assert stretches == {
        ("episode", 30, 120),
        ("away", 120, 129),
        ("unknown", 149, 155),
        ("gap", 175, 180),
        ("gap", 200, 220),
    }
    assert plot["marks"] == [77.0]
    assert [line["at"] for line in plot["lines"]] == [15, 20, 30]


def test_the_curve_is_interrupted_where_there_are_no_pictures(counted):
    plot = counted[0].plots[0]
    inside = [y for x, y in zip(plot["x"], plot["y"], strict=True) if 175 < x < 180]
    assert inside == [None]


def test_beside_every_plot_is_a_table(counted):
    html = (Path(__file__).parent.parent / "posturecam/report/page.html").read_text()
    assert "section.table.caption }}, as a table" in html
    page = recording_page(HELD)
    assert all(section.table for section in page.sections if section.plot)
    assert all(section.plot.summary for section in page.sections if section.plot)


def test_an_alert_is_told_with_what_came_of_it(counted):
    assert counted[0].tables["Alerts that were due"] == [["0:30", "text neck", "0:47", "yes", "let go 0:43 later"]]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (episode(0.0, 60.0, "yes", 72.0), "let go 0:12 later"),
        (episode(0.0, 60.0, "yes", 72.0, EndReason.AWAY), "left 0:12 later"),
        (episode(0.0, 60.0, "yes", 200.0), "went on for 2:20"),
        (episode(0.0, 60.0, "snoozed", 72.0), "kept back: snoozed"),
        (episode(0.0, 60.0, "yes", None, None), "still held 0:12 later"),
        (episode(0.0, None, None, 72.0), ""),
    ],
    ids=["followed", "left", "ignored", "snoozed", "under way", "no alert"],
)
def test_the_answer_to_an_alert(one, words):
    assert Hold(one, "0:00", (one.end_s or 72.0)).answer == words


def test_the_longest_holds_come_first_with_the_standards_limit():
    short = Episode("text_neck", 5.0, None, None, 12.0, 24.0, 22.0, EndReason.RECOVERED)
    one = session(MIXED, [short, episode(30.0, 77.0, "yes", 120.0)])
    rows = read(write_html(one)).tables["The longest holds of text neck"]
    assert [row[:5] for row in rows] == [
        ["0:30", "1:30", "35°", "40°", "6:50"],
        ["0:05", "0:07", "22°", "24°", "–"],
    ]


def write_html(one: Session) -> str:
    from posturecam.report.page import render

    return render(recording_page(one))


def test_what_was_not_measured_is_said_with_its_reason(counted):
    limits = counted[0].limits
    assert "0:09 of 3:15 without a neck flexion: nobody in the picture." in limits
    assert "0:06 of 3:15 without a neck flexion: landmarks unsure." in limits
    assert "0:25 of which there are no pictures." in limits
    assert any("load on the spine, pain" in limit for limit in limits)


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(session(), id="no samples"),
        pytest.param(session([(5, Not.THERE)]), id="nobody"),
        pytest.param(session([(5, Not.MEASURED)], notes=("nothing was measured",)), id="nothing measured"),
        pytest.param(session([(0.1, 0.0)]), id="one sample"),
        pytest.param(session(neutral=NeutralOrigin(NeutralSource.PROFILE, profile="<me>")), id="profile"),
    ],
)
def test_a_recording_that_shows_little_has_a_report_all_the_same(one, tmp_path):
    report = written(one, tmp_path)
    assert report.findings
    assert "nan" not in report.text.lower().split()


# Findings


def said(*episodes: Episode, history=MIXED) -> str:
    return " ".join(f"{f.said} {f.why}" for f in findings(facts_of(session(history, episodes))))


def test_every_finding_names_its_source():
    every = [
        Episode(kind.name, 10.0 + i, 20.0, "yes", 25.0, 20.0, 15.0, EndReason.RECOVERED)
        for i, kind in enumerate(table.KINDS)
        if kind is not hydration.KIND  # a reminder by time alone
    ]
    bent = session([(700, 45.0)], every)
    found = findings(facts_of(bent))
    assert len(found) >= len(every)
    assert [f.why for f in found if not re.search(r"(19|20)\d\d|L26|judgement", f.why)] == []


def test_findings_neither_praise_nor_diagnose():
    every = [Episode(kind.name, 10.0, 20.0, "yes", 25.0, 20.0, 15.0, EndReason.RECOVERED) for kind in table.KINDS]
    words = (said(*every) + said(history=[(60, 0.0)]) + write_html(HELD).split("<footer>")[0]).lower()
    text = read(words).text + said(*every) + said(history=[(60, 0.0)])
    for forbidden in (
        "great work",
        "well done",
        "excellent",
        "good posture",
        "bad posture",
        "disease",
        "kg",
        "injur",
    ):
        assert not re.search(rf"\b{forbidden}", text), forbidden


def test_a_long_hold_is_held_against_the_standard():
    assert "once, for 1:30 at 35° on average (from 0:30)" in said(episode(30.0, 77.0, "yes", 120.0))
    assert "ISO 11226:2000 accepts a head bent by 35° for 6:50" in said(episode(30.0, 77.0, "yes", 120.0))


def test_nothing_held_is_said_plainly():
    assert "No neck flexion of 20° or more was held" in said(history=[(60, 10.0)])


def test_most_of_the_time_bent_is_a_finding_only_over_a_while():
    assert "Ariëns" in said(history=[(700, 30.0)])
    assert "Ariëns" not in said(history=[(300, 30.0)])


def test_an_hour_without_a_break_is_a_finding():
    hour = [(3000, 0.0), (60, Not.THERE), (600, 0.0)]
    assert "without a break of 5 minutes was 1:01:00" in said(history=[*hour])
    assert "without a break" not in said(history=[(1800, 0.0), (301, Not.THERE), (1800, 0.0)])


def test_sittings_are_joined_over_what_is_shorter_than_a_break():
    assert list(sittings([(0, 100), (399, 500), (800, 900)])) == [(0, 500), (800, 900)]
    assert list(sittings([])) == []


# One file that asks nobody for anything


def test_the_page_refers_to_nothing_outside_itself(counted):
    assert set(counted[0].addresses) == {"data:,", "#findings"}


def test_the_page_lets_no_other_script_run_and_nothing_be_fetched():
    html = write_html(HELD)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    script = html.split("<script>")[-1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_a_file_name_cannot_add_to_the_page():
    html = write_html(session(MIXED, name="a<img src=x.png><b>.mp4"))
    assert read(html).addresses == read(write_html(HELD)).addresses
    assert "&lt;img" in html


def test_a_file_name_in_a_broken_encoding_is_written_all_the_same(tmp_path):
    assert "caf" in written(session(MIXED, name="caf\udce9.mp4"), tmp_path).text


def test_the_page_is_for_its_owner_alone(tmp_path):
    assert write_report(tmp_path, HELD).stat().st_mode & 0o077 == 0


def test_the_same_session_gives_the_same_page():
    assert write_html(HELD) == write_html(HELD)


def test_half_a_day_stays_small():
    values = [(600, float(k % 50)) for k in range(24)]
    html = write_html(session(postures(values, rate_hz=2.0)))
    assert len(html) < 500_000


# Thinning


@given(arrays(float, st.integers(1, 400), elements=st.floats(-90, 90) | st.just(math.nan)))
def test_a_thinned_curve_keeps_its_ends_and_extremes(values):
    kept = thinned(values, 30)
    assert kept == sorted(set(kept))
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert len(kept) <= 32
    if not np.isnan(values).all():
        assert np.nanmax(values[kept]) == np.nanmax(values)
        assert np.nanmin(values[kept]) == np.nanmin(values)
