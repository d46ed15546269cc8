"""The report of one recording."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posturecam.core.landmarks import Array
from posturecam.core.patterns import text_neck
from posturecam.core.session import Sample, Session
from posturecam.core.state import State
from posturecam.report import sections
from posturecam.report.facts import Facts, facts_of
from posturecam.report.findings import findings
from posturecam.report.page import Band, Course, Page, Plot, Row, Section, Table, render
from posturecam.report.thinning import thinned
from posturecam.sinks.private_file import write_private_text
from posturecam.sinks.wording import ABSENCE_WORDS, STATE_WORDS, clock, neutral_words, title

NAME = "report.html"
SLICES = 20
"""Rows of the table beside the curve."""

VOCABULARY = (
    *STATE_WORDS.values(),
    *(f"not measured, {words}" for words in ABSENCE_WORDS.values()),
    "no pictures",
)
_STATES, _ABSENCES = tuple(STATE_WORDS), tuple(ABSENCE_WORDS)


def recording_page(session: Session) -> Page:
    """Return the page about a recording."""
    facts = facts_of(session)
    parts = (
        _course(session, facts),
        sections.time_per_state(facts),
        sections.distribution(facts),
        sections.longest_holds(facts),
        sections.alerts(facts),
        sections.episodes(facts),
        sections.reading(facts, session.sensitivity),
    )
    return Page(
        f"Posture in {Path(session.recording.name).name}",
        _lead(session),
        sections.figures(facts),
        findings(facts),
        tuple(part for part in parts if part is not None),
        (*session.notes, *_obstacles(session), *sections.limits(facts)),
    )


def write_report(folder: Path, session: Session) -> Path:
    """Write report.html into the folder; PosturecamError when that is not possible."""
    path = folder / NAME
    html = render(recording_page(session))
    write_private_text(path, html.encode("utf-8", "replace").decode("utf-8"))
    return path


def _lead(session: Session) -> tuple[str, ...]:
    recording = session.recording
    return (
        f"{clock(session.duration_s)} of {recording.width_px} × {recording.height_px} pictures, "
        f"{len(session.samples)} of them analysed, {recording.analysis_rate_hz:.3g} per second.",
        f"Neutral: {neutral_words(session.neutral)}. Every angle is a change from it."
        if session.neutral
        else "No neutral was found, and without one nothing is measured.",
    )


def _obstacles(session: Session) -> Iterator[str]:
    """Yield why some patterns could not be seen."""
    for watch in session.watches:
        if watch.obstacle:
            name = title(watch.pattern)
            yield f"{name[0].upper()}{name[1:]} was not measured: {watch.obstacle}."


def _course(session: Session, facts: Facts) -> Section | None:
    if not session.samples:
        return None
    t_s = np.array([sample.t_s for sample in session.samples])
    deg = np.array([np.nan if (d := s.posture.neck_flexion.deg) is None else d for s in session.samples])
    highest = "nothing was measured" if np.isnan(deg).all() else f"highest {sections.degree(np.nanmax(deg))}"
    mean = sections.degree(facts.sums.mean_flexion_deg)
    return Section(
        "course",
        "Neck flexion over time",
        "",
        Plot(
            _curve(session, facts, t_s, deg),
            f"Neck flexion over {clock(session.duration_s)}: mean {mean}, {highest}, "
            f"{sections.episodes_count(facts)}. The table below has the same in {SLICES} parts.",
        ),
        Table(
            "Neck flexion by parts of the recording",
            ("From", "Mean", "Highest", "Most of the time"),
            tuple(_slices(session, t_s, deg)),
            wordy=(3,),
        ),
    )


def _curve(session: Session, facts: Facts, t_s: Array, deg: Array) -> Course:
    words = [_word(sample) for sample in session.samples]
    kept = thinned(deg)
    points: list[tuple[float, float | None, int]] = []
    for i in kept:
        points.append((round(float(t_s[i]), 2), None if np.isnan(deg[i]) else round(float(deg[i]), 1), words[i]))
    for start, end, kind in _stretches(session):
        if kind == "gap" and end > start:
            points.append((round((start + end) / 2, 2), None, len(VOCABULARY) - 1))
    x, y, said = zip(*sorted(points, key=lambda point: point[0]), strict=True)
    return Course(
        x,
        y,
        said,
        VOCABULARY,
        "neck flexion",
        wall=False,
        bands=tuple(_bands(session, facts)),
        marks=tuple(round(e.alert_s, 2) for e in session.alerts if e.alert_s is not None),
        lines=sections.threshold_lines(facts),
    )


def _word(sample: Sample) -> int:
    """What is said about a sample, as an index into VOCABULARY."""
    if sample.state is State.UNKNOWN and sample.posture.absence is not None:
        return len(_STATES) + _ABSENCES.index(sample.posture.absence)
    return _STATES.index(sample.state)


def _stretches(session: Session) -> Iterator[tuple[float, float, str]]:
    """Start, end and kind of every stretch in which nothing was measured."""
    times = [*(sample.t_s for sample in session.samples), session.duration_s]
    start = 0
    kinds = (_shade(s.state, held) for s, held in zip(session.samples, session.held_s, strict=True))
    for kind, run in groupby(kinds):
        end = start + len(list(run))
        if kind and times[end] > times[start]:
            yield round(times[start], 2), round(times[end], 2), kind
        start = end


def _bands(session: Session, facts: Facts) -> Iterator[Band]:
    for start, end, kind in _stretches(session):
        yield Band(start, end, kind, "")
    for hold in facts.holds:
        kind = "episode" if hold.episode.pattern == text_neck.KIND.name else "other"
        onset_s = hold.episode.onset_s
        label = f"{title(hold.episode.pattern)} from {hold.when} for {clock(hold.length_s)}"
        yield Band(round(onset_s, 2), round(onset_s + hold.length_s, 2), kind, label)


def _shade(state: State, held_s: float) -> str:
    if held_s <= 0:
        return "gap"
    return {State.AWAY: "away", State.UNKNOWN: "unknown"}.get(state, "")


def _slices(session: Session, t_s: Array, deg: Array) -> Iterator[Row]:
    held_s = np.array(session.held_s)
    for start_s in np.linspace(0, session.duration_s, SLICES, endpoint=False):
        inside = (t_s >= start_s) & (t_s < start_s + session.duration_s / SLICES)
        measured = inside & ~np.isnan(deg)
        weight_s = held_s[measured].sum()
        mean_deg = float((deg[measured] * held_s[measured]).sum() / weight_s) if weight_s > 0 else None
        highest_deg = float(deg[measured].max()) if measured.any() else None
        yield Row(
            (
                clock(float(start_s)),
                sections.degree(mean_deg),
                sections.degree(highest_deg),
                _longest_state(session, np.flatnonzero(inside)),
            )
        )


def _longest_state(session: Session, inside: NDArray[np.intp]) -> str:
    spent: dict[State, float] = {}
    for i in inside:
        state = session.samples[i].state
        spent[state] = spent.get(state, 0.0) + session.held_s[i]
    return STATE_WORDS[max(spent, key=spent.__getitem__)] if spent else "no pictures"
