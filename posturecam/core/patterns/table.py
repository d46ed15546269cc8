"""The patterns: one row each, the most specific first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from posturecam.core.manner import Manner
from posturecam.core.patterns import (
    forward_head,
    hydration,
    lean_in,
    long_sitting,
    monitor_placement,
    phone_cradle,
    rapid_turn,
    shrug,
    side_tilt,
    slouch,
    stillness,
    text_neck,
)
from posturecam.core.patterns.pattern import Kind, Tuning, Values

KINDS: tuple[Kind, ...] = (
    text_neck.KIND,
    phone_cradle.KIND,
    slouch.KIND,
    forward_head.KIND,
    side_tilt.KIND,
    shrug.KIND,
    lean_in.KIND,
    monitor_placement.KIND,
    stillness.KIND,
    long_sitting.KIND,
    rapid_turn.KIND,
    hydration.KIND,
)

BREAKS = (stillness.KIND.name, long_sitting.KIND.name)
"""Those that ask for movement and for breaks."""


def kind(name: str) -> Kind:
    """The kind of this name; ValueError, naming those that there are, when there is none."""
    for one in KINDS:
        if one.name == name:
            return one
    raise ValueError(f"there is no pattern {name}: there are {', '.join(one.name for one in KINDS)}")


@dataclass(frozen=True)
class Choice:
    """What a user chose about one pattern."""

    manner: Manner | None = None
    """None leaves the kind's own."""
    values: Values = field(default_factory=dict)
    """Only what differs from the defaults."""


Choices = Mapping[str, Choice]
"""By the pattern's name; what is not there stays as it is by default."""


def tuning(choices: Choices) -> Tuning:
    """The values of every kind; ValueError, naming what is allowed, for what cannot be chosen."""
    for name in choices:
        kind(name)
    return {one.name: one.values(choices[one.name].values if one.name in choices else None) for one in KINDS}


def manners(choices: Choices) -> dict[str, Manner]:
    """How loudly each kind speaks."""
    chosen = {name: choice.manner for name, choice in choices.items()}
    return {one.name: chosen.get(one.name) or one.manner for one in KINDS}
