"""The report of a range of days from the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from statistics import median
from typing import Any

import numpy as np

from posturecam.core.patterns import text_neck
from posturecam.core.state import State
from posturecam.core.sums import Sums
from posturecam.report import sections
from posturecam.report.days import History, day_words, local_seconds, total_of, when_words
from posturecam.report.facts import Facts
from posturecam.report.findings import findings
from posturecam.report.page import Band, Bars, Course, Finding, Page, Plot, Row, Section, Table
from posturecam.report.thinning import thinned
from posturecam.sinks.wording import STATE_WORDS, clock, count, title

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENOUGH_S = 300.0
"""Of measured time, for a share to be worth showing (judgement)."""
MOST_ALERTS = 30
"""So many of the latest alerts are listed."""
MOST_BANDS = 3000
"""So many of the longest absences and episodes are drawn."""
WORDS = tuple(STATE_WORDS.values())
_STATES = tuple(STATE_WORDS)


def history_page(now: History, before: History) -> Page:
    """Return the page about some days, with as many before them to compare with."""
    facts = now.facts
    parts = (
        _trend(now, before) if now.days.count > 1 else None,
        _course(now),
        _hours(now),
        _weekdays(now) if now.days.count >= 7 else None,
        sections.time_per_state(facts),
        sections.distribution(facts),
        sections.longest_holds(facts),
        _patterns(facts),
        _answers(facts),
        _alerts(facts),
        sections.reading(facts),
    )
    return Page(
        f"Posture, {now.days}",
        (
            f"{count(len(now.sessions), 'session')} on {count(len(now.by_day), 'day')}, "
            f"{count(now.breaks, 'break')} of 5 minutes or more.",
            "Every angle is a change from the neutral of its session.",
        ),
        sections.figures(facts),
        (*findings(facts), *_own_past(now, before)),
        tuple(part for part in parts if part is not None),
        sections.limits(facts),
    )


def as_dict(now: History, before: History) -> dict[str, Any]:
    """The same for a program."""
    facts = now.facts
    return {
        "from": str(now.days.first),
        "to": str(now.days.last),
        "sessions": len(now.sessions),
        "breaks": now.breaks,
        "longest_sitting_s": round(facts.longest_sitting_s, 1),
        **_sums(facts.sums),
        "state_s": {state.value: round(facts.sums.state_s.get(state, 0.0), 1) for state in State},
        "angles_s": {str(edge): round(spent, 1) for edge, spent in sorted(facts.sums.angles_s.items())},
        "episodes": {name: len(facts.of(name)) for name in facts.patterns},
        "alerts": {
            "told": len(facts.told),
            "kept_back": facts.kept_back,
            "answers": _answer_counts(facts),
        },
        "longest_holds": [
            {
                "pattern": hold.episode.pattern,
                "from": datetime.fromtimestamp(hold.at).astimezone().isoformat(timespec="seconds"),
                "length_s": round(hold.length_s, 1),
                "mean_deg": hold.episode.mean_deg,
                "peak_deg": hold.episode.peak_deg,
            }
            for hold in sections.longest(facts)
        ],
        "by_day": {str(day): _sums(sums) for day, sums in now.by_day.items()},
        "by_hour": {str(hour): _sums(sums) for hour, sums in sorted(now.by_hour.items())},
        "by_weekday": {WEEKDAYS[day].lower(): _sums(sums) for day, sums in sorted(now.by_weekday.items())},
        "before": {
            "from": str(before.days.first),
            "to": str(before.days.last),
            **_sums(before.facts.sums),
        },
        "findings": [{"said": one.said, "why": one.why} for one in (*findings(facts), *_own_past(now, before))],
    }


def _sums(sums: Sums) -> dict[str, float | None]:
    return {
        "observed_s": round(sums.observed_s, 1),
        "measured_s": round(sums.measured_s, 1),
        "mean_flexion_deg": _rounded(sums.mean_flexion_deg),
        "above_onset_s": round(sums.above_onset_s, 1),
        "above_onset_share": _rounded(sums.above_onset_share),
        "mean_demand": _rounded(sums.mean_demand),
        "demand_minutes": round(sums.demand_minutes, 1),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


# Parts


def _own_past(now: History, before: History) -> Iterator[Finding]:
    sums, past = now.facts.sums, before.facts.sums
    share, past_share = _share(sums), _share(past)
    if share is None or past_share is None:
        return
    degrees = now.facts.thresholds.onset_deg
    days = "day" if now.days.count == 1 else f"{now.days.count} days"
    yield Finding(
        f"{degrees:g}° or more for {share:.0f}% of the measured time, {past_share:.0f}% in the {days} "
        f"before. Mean neck flexion {sections.degree(sums.mean_flexion_deg)}, before "
        f"{sections.degree(past.mean_flexion_deg)}.",
        "Your own past is the fair comparison: groups of healthy people measured in different ways differ by "
        "more than people with and without pain do (Lau et al. 2009; Carrasco-Uribarren et al. 2023).",
    )


def _trend(now: History, before: History) -> Section | None:
    if not now.by_day:
        return None
    days = list(now.days)
    sums = [now.by_day.get(day, Sums()) for day in days]
    told = Counter(datetime.fromtimestamp(hold.at).date() for hold in now.facts.told)
    past = _share(before.facts.sums)
    degrees = now.facts.thresholds.onset_deg
    compared = "" if past is None else f" In the {now.days.count} days before it was {past:.0f}%."
    return Section(
        "trend",
        "Day by day",
        f"Share of the measured time at {degrees:g}° or more on each day.{compared}",
        _share_plot([f"{day:%a} {day.day}" for day in days], sums, "each day"),
        Table(
            "Each day",
            ("Day", "Watched", "Measured", "Mean", f"{degrees:g}° or more", "Alerts told"),
            tuple(
                Row(
                    (
                        day_words(day),
                        clock(one.observed_s),
                        clock(one.measured_s),
                        sections.degree(one.mean_flexion_deg),
                        _percent(one),
                        str(told[day]),
                    )
                )
                for day, one in zip(days, sums, strict=True)
                if one.observed_s > 0
            ),
        ),
    )


def _hours(now: History) -> Section | None:
    if not now.by_hour:
        return None
    hours = range(min(now.by_hour), max(now.by_hour) + 1)
    return _profile("hours", "By the hour of the day", [f"{hour}:00" for hour in hours], "Hour", now.by_hour, hours)


def _weekdays(now: History) -> Section | None:
    if not now.by_weekday:
        return None
    labels = [name[:3] for name in WEEKDAYS]
    return _profile("weekdays", "By the day of the week", labels, "Day", now.by_weekday, range(7))


def _profile(
    key: str, heading: str, labels: list[str], column: str, parts: dict[int, Sums], order: Iterable[int]
) -> Section:
    sums = [parts.get(one, Sums()) for one in order]
    return Section(
        key,
        heading,
        "Share of the measured time beyond the onset; nothing where less than five minutes were measured.",
        _share_plot(labels, sums, heading.lower()),
        Table(
            heading,
            (column, "Measured", "Mean", "Beyond the onset"),
            tuple(
                Row((label, clock(one.measured_s), sections.degree(one.mean_flexion_deg), _percent(one)))
                for label, one in zip(labels, sums, strict=True)
                if one.observed_s > 0
            ),
        ),
    )


def _share_plot(labels: list[str], sums: list[Sums], what: str) -> Plot:
    shares = [_share(one) for one in sums]
    known = [(share, label) for share, label in zip(shares, labels, strict=True) if share is not None]
    if known:
        (least, at_least), (most, at_most) = min(known), max(known)
        summary = f"from {least:.0f}% ({at_least}) to {most:.0f}% ({at_most})"
    else:
        summary = "too little was measured"
    heights = tuple(None if share is None else round(share, 1) for share in shares)
    return Plot(Bars(tuple(labels), heights, "%"), f"Share of the measured time beyond the onset, {what}: {summary}.")


def _share(sums: Sums) -> float | None:
    """Percent of the measured time beyond the onset; None when too little was measured."""
    share = sums.above_onset_share
    return None if share is None or sums.measured_s < ENOUGH_S else 100 * share


def _percent(sums: Sums) -> str:
    share = _share(sums)
    return sections.NONE if share is None else f"{share:.0f}%"


def _course(now: History) -> Section | None:
    if not now.minutes:
        return None
    facts = now.facts
    points: list[tuple[float, float | None, int]] = []
    last = None
    for start, minutes in groupby(now.minutes, key=lambda minute: minute.start):
        sums = total_of(minute.sums for minute in minutes)
        at = local_seconds(start)
        if last is not None and at - last > 60:
            points.append((last + 60, None, _STATES.index(State.AWAY)))
        mean_deg = sums.mean_flexion_deg
        most = max(sums.state_s, key=sums.state_s.__getitem__, default=State.AWAY)
        points.append((at, None if mean_deg is None else round(mean_deg, 1), _STATES.index(most)))
        last = at
    kept = thinned(np.array([np.nan if deg is None else deg for _, deg, _ in points]))
    x, y, said = zip(*(points[i] for i in kept), strict=True)
    course = Course(
        x,
        y,
        said,
        WORDS,
        "neck flexion, mean of each minute",
        wall=True,
        bands=tuple(sorted(_bands(now), key=lambda band: band.start - band.end)[:MOST_BANDS]),
        marks=tuple(
            local_seconds(one.session.facts.started + one.episode.alert_s)
            for one in now.episodes
            if one.episode.alert_s is not None
        ),
        lines=sections.threshold_lines(facts),
    )
    mean = sections.degree(facts.sums.mean_flexion_deg)
    return Section(
        "course",
        "Neck flexion over time",
        plot=Plot(
            course,
            f"Mean neck flexion of each minute, {now.days}: over all {mean}, "
            f"{sections.episodes_count(facts)}. The table below has it by the hour.",
        ),
        table=Table(
            "Neck flexion hour by hour",
            ("From", "Measured", "Mean", "Highest"),
            tuple(_hour_rows(now)),
        ),
    )


def _hour_rows(now: History) -> Iterator[Row]:
    for hour, run in groupby(now.minutes, key=lambda minute: minute.start // 3600):
        minutes = list(run)
        sums = total_of(minute.sums for minute in minutes)
        highest_deg = max((m.highest_deg for m in minutes if m.highest_deg is not None), default=None)
        yield Row(
            (
                when_words(3600 * hour),
                clock(sums.measured_s),
                sections.degree(sums.mean_flexion_deg),
                sections.degree(highest_deg),
            )
        )


def _bands(now: History) -> Iterator[Band]:
    for absence in now.absences:
        kind = "away" if absence.kind == "away" else "gap"
        yield Band(round(local_seconds(absence.start)), round(local_seconds(absence.end)), kind, "")
    for one, hold in zip(now.episodes, now.facts.holds, strict=True):
        kind = "episode" if one.episode.pattern == text_neck.KIND.name else "other"
        start = local_seconds(one.onset)
        label = f"{title(one.episode.pattern)} from {hold.when} for {clock(hold.length_s)}"
        yield Band(round(start), round(start + hold.length_s), kind, label)


def _patterns(facts: Facts) -> Section | None:
    if not facts.holds:
        return None
    return Section(
        "patterns",
        "Patterns",
        table=Table(
            "What was held, and for how long",
            ("Pattern", "Times", "In all", "Longest", "Alerts told"),
            tuple(
                Row(
                    (
                        title(name),
                        str(len(holds)),
                        clock(sum(hold.length_s for hold in holds)),
                        clock(max(hold.length_s for hold in holds)),
                        str(sum(hold.told for hold in holds)),
                    )
                )
                for name in facts.patterns
                for holds in (facts.of(name),)
            ),
        ),
    )


def _answer_counts(facts: Facts) -> dict[str, int]:
    return dict(Counter(hold.outcome for hold in facts.holds if hold.outcome).most_common())


def _answers(facts: Facts) -> Section | None:
    counts = _answer_counts(facts)
    if not counts:
        return None
    total = sum(counts.values())
    after_s = [hold.after_s for hold in facts.told if hold.followed and hold.after_s is not None]
    return Section(
        "answers",
        "What came of the alerts",
        f"Of {count(len(facts.told), 'alert')} told, {len(after_s)} were followed within a minute"
        + (f", half of them within {clock(median(after_s))}." if after_s else "."),
        table=Table(
            "Alerts by what came of them",
            ("What came of it", "Alerts", "Share"),
            tuple(Row((words, str(n), f"{n / total:.0%}"), n / total) for words, n in counts.items()),
        ),
    )


def _alerts(facts: Facts) -> Section:
    section = sections.alerts(facts)
    if section.table is None or len(section.table.rows) <= MOST_ALERTS:
        return section
    table = Table(
        f"The last {MOST_ALERTS} of {len(section.table.rows)} alerts that were due",
        section.table.headings,
        section.table.rows[-MOST_ALERTS:],
        section.table.wordy,
    )
    return Section(section.key, section.title, section.intro, table=table)
