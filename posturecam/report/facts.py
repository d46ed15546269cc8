"""What a report is about: the same facts for a recording and for any range of the history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from posturecam.core.alert_policy import IGNORED_AFTER_S, Told
from posturecam.core.answer import Answer, DueAlert, answer_to
from posturecam.core.event import Episode
from posturecam.core.patterns import text_neck
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.session import Session
from posturecam.core.state import State
from posturecam.core.sums import Sums, sums_of
from posturecam.sinks.wording import ANSWER_WORDS, UNTOLD_WORDS, clock

BREAK_S = 300.0
"""Away for at least so long is a break: 5 to 10 minutes after 50 to 60 are advised (HSE L26)."""

Span = tuple[float, float]
"""Start and end, seconds."""


@dataclass(frozen=True)
class Hold:
    """An episode as a report shows it."""

    episode: Episode
    when: str
    """Its onset in words."""
    length_s: float
    at: float = 0.0
    """Its onset, seconds since 1970 UTC; of the history only."""

    heard: DueAlert | None = None
    """What the person heard of it first, as the history knows it; without, what its alert comes to."""

    @property
    def after_s(self) -> float | None:
        """How long it was until the answer, or else to its end, after its alert was due; None without an alert."""
        if self.heard and self.heard.answer_s is not None:
            return self.heard.answer_s
        due_s = self.heard.t_s if self.heard else self.episode.alert_s
        return None if due_s is None else max(0.0, self.episode.onset_s + self.length_s - due_s)

    @property
    def told(self) -> bool:
        """Its alert was due, and the person heard of it or, in a recording, would have."""
        return self.heard is not None or (self.episode.alert_s is not None and self.episode.told in (None, Told.YES))

    @property
    def answered(self) -> Answer | None:
        """How the person answered; None when that is not known, or nothing was told."""
        if not self.told or self.after_s is None or self.episode.alert_s is None:
            return None
        answer = self.heard.answer if self.heard else answer_to(self.episode.alert_s, self.episode)
        return answer or (Answer.IGNORED if self.after_s >= IGNORED_AFTER_S else None)

    @property
    def followed(self) -> bool:
        """The person let go within a minute of being told."""
        return self.answered is Answer.LET_GO

    @property
    def outcome(self) -> str:
        """What kind of thing came after its alert was due, in words; empty without an alert."""
        if self.after_s is None:
            return ""
        return ANSWER_WORDS[self.answered] if self.told else f"kept back: {_untold(self.episode.told or '')}"

    @property
    def answer(self) -> str:
        """The same, and after how long."""
        if self.after_s is None or not self.told:
            return self.outcome
        after = clock(self.after_s)
        return f"went on for {after}" if self.answered is Answer.IGNORED else f"{self.outcome} {after} later"


def _untold(told: str) -> str:
    try:
        return UNTOLD_WORDS[Told(told)]
    except (KeyError, ValueError):
        return told


@dataclass(frozen=True)
class Facts:
    """The sums and the episodes of some watched time."""

    sums: Sums
    holds: tuple[Hold, ...]
    """By onset."""
    sittings: tuple[Span, ...]
    """When somebody was there without a break."""
    not_observed_s: float = 0.0
    thresholds: FlexionThresholds = field(default_factory=FlexionThresholds)
    live: bool = False
    """Somebody was told at the time; in a recording alerts only would have come."""

    @property
    def text_necks(self) -> tuple[Hold, ...]:
        """The holds of text neck."""
        return self.of(text_neck.KIND.name)

    def of(self, pattern: str) -> tuple[Hold, ...]:
        """The holds of one pattern."""
        return tuple(hold for hold in self.holds if hold.episode.pattern == pattern)

    @property
    def patterns(self) -> list[str]:
        """Names of the patterns that occurred, text neck first, then by how long they were held."""
        held_s = {hold.episode.pattern: 0.0 for hold in self.holds}
        for hold in self.holds:
            held_s[hold.episode.pattern] += hold.length_s
        return sorted(held_s, key=lambda name: (name != text_neck.KIND.name, -held_s[name], name))

    @property
    def told(self) -> tuple[Hold, ...]:
        """The holds about which somebody was told, or would have been."""
        return tuple(hold for hold in self.holds if hold.told)

    @property
    def longest_sitting_s(self) -> float:
        """The longest time in which somebody was there without a break."""
        return max((end_s - start_s for start_s, end_s in self.sittings), default=0.0)

    @property
    def kept_back(self) -> int:
        """How many alerts were due and not told."""
        return sum(h.episode.alert_s is not None for h in self.holds) - len(self.told)


def facts_of(session: Session) -> Facts:
    """The facts of a recording."""
    last_s = session.samples[-1].t_s if session.samples else 0.0
    ordered = sorted(session.episodes, key=lambda e: e.onset_s)
    return Facts(
        sums_of(session),
        tuple(Hold(e, clock(e.onset_s), (last_s if e.end_s is None else e.end_s) - e.onset_s) for e in ordered),
        tuple(sittings(present(session))),
        session.not_observed_s,
        session.thresholds,
    )


def present(session: Session) -> Iterator[Span]:
    """Stretches in which somebody was there."""
    held = zip(session.samples, session.held_s, strict=True)
    for here, run in groupby(held, key=lambda pair: pair[0].state is not State.AWAY and pair[1] > 0):
        if here:
            pairs = list(run)
            yield pairs[0][0].t_s, pairs[-1][0].t_s + pairs[-1][1]


def sittings(spans: Iterable[Span]) -> Iterator[Span]:
    """Stretches of presence in their order, joined over whatever is shorter than a break."""
    start_s = end_s = None
    for span in spans:
        if end_s is None or start_s is None:
            start_s, end_s = span
        elif span[0] - end_s < BREAK_S:
            end_s = max(end_s, span[1])
        else:
            yield start_s, end_s
            start_s, end_s = span
    if end_s is not None and start_s is not None:
        yield start_s, end_s
