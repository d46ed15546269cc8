"""Findings: what stands out in the facts, in plain words, with a reason. They nudge; they never diagnose."""

from __future__ import annotations

from collections.abc import Iterator

from posturecam.core.iso11226 import LIMIT_FROM_DEG, head_holding_time_s
from posturecam.core.patterns import table
from posturecam.report.facts import Facts, Hold
from posturecam.report.page import Finding
from posturecam.sinks.wording import clock, count

LONG_SITTING_S = 50 * 60.0
"""From here on a break is due (HSE L26)."""
MOST_OF_THE_TIME = 0.7
"""Share of the time above the onset that is most of it (Ariëns et al. 2001)."""
LONG_ENOUGH_S = 600.0
"""In less time a share says little (judgement)."""
MUCH_DEMAND = 2.0
"""Mean demand that is worth a word: about that of 15°, up to which the extensors work little (Namwongsa et
al. 2019)."""


def findings(facts: Facts) -> tuple[Finding, ...]:
    """What to tell, the most important first; never empty."""
    return tuple(
        finding
        for part in (_measured, _text_neck, _most_of_the_time, _demand, _sitting, _other_patterns)
        for finding in part(facts)
    )


def _measured(facts: Facts) -> Iterator[Finding]:
    if facts.sums.measured_s <= 0:
        yield Finding(
            "Nothing was measured, so nothing is known about the neck in this time.",
            "A neck flexion needs a neutral to compare with, and a head and shoulders to see.",
        )


def _text_neck(facts: Facts) -> Iterator[Finding]:
    if facts.sums.measured_s <= 0:
        return
    onset = f"{facts.thresholds.onset_deg:g}°"
    if not facts.text_necks:
        yield Finding(
            f"No neck flexion of {onset} or more was held for 4 s or longer.",
            "Held for more than 4 s a posture is static (ISO 11226:2000); what is shorter is a glance.",
        )
        return
    longest = max(facts.text_necks, key=lambda hold: hold.length_s)
    angle = "" if longest.episode.mean_deg is None else f" at {round(longest.episode.mean_deg)}° on average"
    the_longest = "the longest " if len(facts.text_necks) > 1 else ""
    yield Finding(
        f"The neck was bent by {onset} or more and held so {_times(facts.text_necks)}, {the_longest}for "
        f"{clock(longest.length_s)}{angle} (from {longest.when}). Look up now and then, and raise what you "
        "look at.",
        _limit(longest.episode.mean_deg),
    )


def _limit(deg: float | None) -> str:
    if deg is None or deg <= LIMIT_FROM_DEG:
        return (
            "Discomfort rises considerably above 20° (Chen et al. 2023); ISO 11226:2000 limits the time from "
            f"{LIMIT_FROM_DEG:g}° on: {clock(head_holding_time_s(LIMIT_FROM_DEG))} there, and less beyond."
        )
    return (
        f"ISO 11226:2000 accepts a head bent by {round(deg)}° for {clock(head_holding_time_s(deg))}, about a "
        "fifth of what people can endure; alerts come at a share of that."
    )


def _most_of_the_time(facts: Facts) -> Iterator[Finding]:
    share = facts.sums.above_onset_share
    if share is not None and share > MOST_OF_THE_TIME and facts.sums.measured_s >= LONG_ENOUGH_S:
        yield Finding(
            f"The neck was bent by {facts.thresholds.onset_deg:g}° or more for {share:.0%} of the measured "
            "time. What you look at may be too low: raise it, and change your position often.",
            "People who bent the neck by 20° or more for over 70% of their working time tended to "
            "report neck pain more often in the three years after (Ariëns et al. 2001: relative risk 1.6, "
            "not certain).",
        )


def _demand(facts: Facts) -> Iterator[Finding]:
    demand = facts.sums.mean_demand
    if demand is not None and demand >= MUCH_DEMAND:
        yield Finding(
            f"Gravity pulled on the neck {demand:.1f} times as hard as in neutral, on average.",
            "The further the head leans, the longer gravity's lever: 3 to 5 times neutral over a tablet "
            "(Vasavada et al. 2015). This is geometry for an average head, not a load that was measured.",
        )


def _sitting(facts: Facts) -> Iterator[Finding]:
    longest_s = facts.longest_sitting_s
    if longest_s >= LONG_SITTING_S:
        yield Finding(
            f"The longest time in front of the camera without a break of 5 minutes was {clock(longest_s)}. "
            "Stand up and move for a while, about once an hour.",
            "5 to 10 minutes after 50 to 60 are better than 15 after two hours (HSE L26); active breaks "
            "halved new neck pain in a trial (hazard ratio 0.45; Waongenngarm et al. 2021).",
        )


def _other_patterns(facts: Facts) -> Iterator[Finding]:
    kinds = {kind.name: kind for kind in table.KINDS}
    for name in facts.patterns[bool(facts.text_necks) :]:
        holds, kind = facts.of(name), kinds.get(name)
        if kind is None:
            continue
        title = kind.title[0].upper() + kind.title[1:]
        yield Finding(f"{title}: {_how_long(holds)}. {kind.said}", kind.why)


def _times(holds: tuple[Hold, ...]) -> str:
    return "once" if len(holds) == 1 else "twice" if len(holds) == 2 else count(len(holds), "time")


def _how_long(holds: tuple[Hold, ...]) -> str:
    lengths_s = [hold.length_s for hold in holds]
    if max(lengths_s) < 1:
        return _times(holds)
    if len(holds) == 1:
        return f"once, for {clock(lengths_s[0])}"
    return f"{_times(holds)}, {clock(sum(lengths_s))} in all, the longest {clock(max(lengths_s))}"
