"""The parts that every report has."""

from __future__ import annotations

from fractions import Fraction

from posturecam.core.iso11226 import LIMIT_FROM_DEG, Sensitivity, head_holding_time_s
from posturecam.core.state import State
from posturecam.core.sums import BIN_DEG
from posturecam.report.facts import Facts, Hold
from posturecam.report.page import Bars, Figure, Line, Plot, Row, Section, Table
from posturecam.sinks.wording import ABSENCE_WORDS, END_WORDS, STATE_WORDS, clock, count, title

MOST_HOLDS = 10
"""So many of the longest holds are listed."""
NONE = "–"

CANNOT_SEE = (
    "What no camera sees was not measured: load on the spine, pain, sleep, drink and food, or any illness.",
    "Every angle is a change from the person's own neutral. A camera does not know its own tilt: absolute "
    "angles, such as a clinical craniovertebral angle, are not claimed.",
)


def figures(facts: Facts) -> tuple[Figure, ...]:
    """The numbers that matter."""
    sums, degrees = facts.sums, facts.thresholds.onset_deg
    longest_s = max((hold.length_s for hold in facts.text_necks), default=0.0)
    share = sums.above_onset_share
    alerts = len(facts.told)
    kept_back = f", {facts.kept_back} more kept back" if facts.kept_back else ""
    return (
        Figure("Watched", clock(sums.observed_s), f"{clock(sums.measured_s)} of it measured"),
        Figure(
            "Neck flexion",
            degree(sums.mean_flexion_deg),
            "on average" if sums.measured_s else "not measured",
        ),
        Figure(
            f"At {degrees:g}° or more",
            clock(sums.above_onset_s),
            "" if share is None else f"{share:.0%} of the measured time",
        ),
        Figure("Longest hold", clock(longest_s) if longest_s else NONE, "of text neck"),
        Figure(
            "Pull of gravity",
            NONE if sums.mean_demand is None else f"{sums.mean_demand:.1f} × neutral",
            f"{sums.demand_minutes:.{1 if sums.demand_minutes < 100 else 0}f} demand-minutes above it",
        ),
        Figure("Alerts", str(alerts), ("told" if facts.live else "would have come") + kept_back),
    )


def degree(deg: float | None) -> str:
    """An angle to the degree, or a dash."""
    return NONE if deg is None else f"{round(deg) + 0}°".replace("-", "−")


def threshold_lines(facts: Facts) -> tuple[Line, ...]:
    """The flexions that matter, as levels."""
    thresholds = facts.thresholds
    return (
        Line(thresholds.amber_deg, f"amber from {thresholds.amber_deg:g}°", "amber"),
        Line(thresholds.onset_deg, f"onset {thresholds.onset_deg:g}°", "red"),
        Line(thresholds.severe_deg, f"severe from {thresholds.severe_deg:g}°", "severe"),
    )


def time_per_state(facts: Facts) -> Section:
    """How long each state lasted."""
    sums, thresholds = facts.sums, facts.thresholds
    since = {
        State.AMBER: thresholds.amber_deg,
        State.RED: thresholds.onset_deg,
        State.SEVERE: thresholds.severe_deg,
    }
    whole_s = max(sums.observed_s + facts.not_observed_s, 1e-3)
    rows = [
        Row(
            (
                STATE_WORDS[state] + (f", from {since[state]:g}°" if state in since else ""),
                clock(spent),
                f"{spent / whole_s:.0%}",
            ),
            spent / whole_s,
            state.value,
        )
        for state in State
        if (spent := sums.state_s.get(state, 0.0)) > 0
    ]
    if facts.not_observed_s >= 1:
        lost_s = facts.not_observed_s
        rows.append(Row(("no pictures", clock(lost_s), f"{lost_s / whole_s:.0%}"), lost_s / whole_s, "gap"))
    return Section(
        "states",
        "Time per state",
        table=Table("Time in each state", ("State", "Time", "Share"), tuple(rows)),
    )


def distribution(facts: Facts) -> Section | None:
    """How long the neck was at which angle; None when nothing was measured."""
    angles_s, whole_s = facts.sums.angles_s, facts.sums.measured_s
    if not angles_s:
        return None
    edges = range(min(angles_s), max(angles_s) + BIN_DEG, BIN_DEG)
    shares = [100 * angles_s.get(edge, 0.0) / whole_s for edge in edges]
    usual = max(edges, key=lambda edge: angles_s.get(edge, 0.0))
    lines = tuple(
        Line((line.at - edges[0]) / BIN_DEG - 0.5, line.label, line.kind)
        for line in threshold_lines(facts)
        if edges[0] < line.at < edges[-1] + BIN_DEG
    )
    return Section(
        "distribution",
        "Distribution of the neck flexion",
        "Share of the measured time at each angle; the broken lines are amber, onset and severe.",
        Plot(
            Bars(
                tuple(f"{edge}°".replace("-", "−") for edge in edges),
                tuple(round(share, 2) for share in shares),
                "%",
                lines,
            ),
            f"Distribution of the neck flexion from {edges[0]}° to {edges[-1] + BIN_DEG}°; most often "
            f"between {usual}° and {usual + BIN_DEG}°, {max(shares):.0f}% of the measured time.",
        ),
        Table(
            "Time at each angle",
            ("Neck flexion", "Time", "Share"),
            tuple(
                Row(
                    (
                        f"{edge}° to {edge + BIN_DEG}°".replace("-", "−"),
                        clock(angles_s.get(edge, 0.0)),
                        f"{share:.1f}%",
                    )
                )
                for edge, share in zip(edges, shares, strict=True)
            ),
        ),
    )


def longest(facts: Facts) -> list[Hold]:
    """The longest holds of text neck, the longest first."""
    return sorted(facts.text_necks, key=lambda hold: -hold.length_s)[:MOST_HOLDS]


def longest_holds(facts: Facts) -> Section | None:
    """The longest holds of text neck against the standard's limit; None when there is none."""
    held = longest(facts)
    if not held:
        return None
    return Section(
        "holds",
        "Longest holds",
        f"The limit is the longest acceptable holding time of that angle (ISO 11226:2000; none up to "
        f"{LIMIT_FROM_DEG:g}°). The bar is the share of it that was used.",
        table=Table(
            "The longest holds of text neck",
            ("From", "Held for", "Mean", "Highest", "Limit"),
            tuple(_hold(hold) for hold in held),
        ),
    )


def _hold(hold: Hold) -> Row:
    mean_deg = hold.episode.mean_deg
    limited = mean_deg is not None and mean_deg > LIMIT_FROM_DEG
    limit_s = head_holding_time_s(mean_deg) if mean_deg is not None and limited else None
    return Row(
        (
            hold.when,
            clock(hold.length_s),
            degree(mean_deg),
            degree(hold.episode.peak_deg),
            NONE if limit_s is None else clock(limit_s),
        ),
        None if limit_s is None else min(1.0, hold.length_s / limit_s),
        "red",
    )


def alerts(facts: Facts) -> Section:
    """The alerts that were due, and what came of them."""
    due = [hold for hold in facts.holds if hold.episode.alert_s is not None]
    intro = ""
    if not due:
        intro = "No alert was due."
    elif not facts.live:
        intro = "Nobody was told while this was recorded: these alerts would have come."
    return Section(
        "alerts",
        "Alerts",
        intro,
        table=Table(
            "Alerts that were due",
            ("Held from", "Pattern", "Due after", "Told", "What came of it"),
            tuple(_alert(hold) for hold in due),
            wordy=(1, 3, 4),
        )
        if due
        else None,
    )


def _alert(hold: Hold) -> Row:
    e = hold.episode
    told = "yes" if hold.told else "no"
    return Row((hold.when, title(e.pattern), clock((e.alert_s or 0.0) - e.onset_s), told, hold.answer))


def episodes(facts: Facts) -> Section | None:
    """Every episode, by onset; None when there is none."""
    if not facts.holds:
        return None
    return Section(
        "episodes",
        "Episodes",
        "Every excursion beyond a pattern's onset that was held for 4 s or longer.",
        table=Table(
            "Episodes by their onset",
            ("From", "Pattern", "Held for", "Highest", "Mean", "Ended by"),
            tuple(
                Row(
                    (
                        hold.when,
                        title(e.pattern),
                        clock(hold.length_s),
                        degree(e.peak_deg),
                        degree(e.mean_deg),
                        END_WORDS[e.end_reason] if e.end_reason else NONE,
                    )
                )
                for hold in facts.holds
                for e in (hold.episode,)
            ),
            wordy=(1, 5),
        ),
    )


def limits(facts: Facts) -> tuple[str, ...]:
    """What was not measured, and why; then what never is."""
    sums = facts.sums
    lost = tuple(
        f"{clock(spent)} of {clock(sums.observed_s)} without a neck flexion: {ABSENCE_WORDS[reason]}."
        for reason, spent in sorted(sums.absence_s.items(), key=lambda item: -item[1])
    )
    if facts.not_observed_s >= 1:
        lost += (f"{clock(facts.not_observed_s)} of which there are no pictures.",)
    return (*lost, *CANNOT_SEE)


def reading(facts: Facts, sensitivity: Sensitivity | None = None) -> Section:
    """What the words and numbers mean."""
    share = f", {Fraction(sensitivity.fraction).limit_denominator(64)}" if sensitivity else ""
    thresholds = facts.thresholds
    meanings = (
        (
            "Neck flexion",
            "how much further the head is bent than the trunk, as a change from neutral (ISO 11226:2000)",
        ),
        (
            f"Amber, from {thresholds.amber_deg:g}°",
            "three quarters of the onset; up to 15° the neck's extensors work little (Namwongsa et al. 2019)",
        ),
        (
            f"Red, from {thresholds.onset_deg:g}°",
            "the onset of text neck; discomfort rises considerably above 20° (Chen et al. 2023)",
        ),
        (
            f"Severe, from {thresholds.severe_deg:g}°",
            "one and a half times the onset; 30° and more are to be avoided (Tapanya et al. 2021)",
        ),
        (
            "Alert",
            f"due when the holding time of ISO 11226:2000 at that angle is used up to its share{share}; "
            "time upright gives it back",
        ),
        (
            "Pull of gravity",
            "moment of the head's weight about C7/T1 as a multiple of neutral's, sin(θ + 12°) / sin 12° of "
            "the head's inclination; agrees with Vasavada et al. 2015 and Barrett et al. 2020",
        ),
        ("Demand-minute", "one minute at twice neutral's pull, or half a minute at three times"),
        ("Break", "5 minutes or more away from the camera (HSE L26)"),
    )
    return Section(
        "reading",
        "How to read this",
        table=Table(
            "Words and where they come from",
            ("Word", "Meaning"),
            tuple(Row(pair) for pair in meanings),
            wordy=(1,),
        ),
    )


def episodes_count(facts: Facts) -> str:
    """How many episodes there are, in words."""
    return count(len(facts.holds), "episode")
