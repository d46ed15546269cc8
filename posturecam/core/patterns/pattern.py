"""What every pattern is: something that watches postures, and a kind that describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from posturecam.core.event import Event
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.posture import Posture

Values = Mapping[str, float]
"""A value for each of a kind's parameters, by its key."""
Tuning = Mapping[str, Values]
"""The values of every kind, by its name: a pattern may ask whether another one is there instead of it."""


class Pattern(Protocol):
    """Watches one stream of postures."""

    @property
    def under_way(self) -> bool:
        """As of the last posture it is beyond its onset, or was and has not been let go for long."""

    @property
    def obstacle(self) -> str | None:
        """Why nothing of it could be seen in this stream, in a few words; None when something could."""

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order; ValueError when time runs backwards."""

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""


@dataclass(frozen=True)
class Parameter:
    """A number that the user can choose."""

    key: str
    """With its unit as a suffix."""
    default: float
    least: float
    most: float
    what: str
    source: str
    """Where the default comes from."""

    def check(self, value: float) -> None:
        """Raise ValueError, naming the range, for a value outside it."""
        if not self.least <= value <= self.most:
            raise ValueError(f"must lie between {self.least:g} and {self.most:g}")


@dataclass(frozen=True)
class Kind:
    """A pattern described: what is needed to list, tune, make and voice it."""

    name: str
    """As it is written in episodes and settings."""
    what: str
    """What tells it apart, in one sentence."""
    why: str
    """Why it is watched, with the source."""
    said: str
    """What the user hears when it is due."""
    said_again: str
    """What the user hears when it has gone on after that."""
    manner: Manner
    """How loudly it speaks unless the user chooses otherwise."""
    parameters: tuple[Parameter, ...]
    make: Callable[[Tuning, Sensitivity], Pattern]
    as_measured: bool = False
    """It watches postures before they are smoothed."""
    of_posture: bool = True
    """It is about how the person sits: it keeps others quiet that are less specific, and is kept quiet."""

    @property
    def title(self) -> str:
        """The name as words."""
        return self.name.replace("_", " ")

    def parameter(self, key: str) -> Parameter:
        """The parameter of this key; ValueError, naming those that there are, when there is none."""
        for parameter in self.parameters:
            if parameter.key == key:
                return parameter
        keys = ", ".join(parameter.key for parameter in self.parameters)
        raise ValueError(f"{self.name} has no {key}: it has {keys}")

    def values(self, chosen: Values | None = None) -> dict[str, float]:
        """The defaults with the chosen values in their place; ValueError for what cannot be chosen."""
        values = {parameter.key: parameter.default for parameter in self.parameters}
        for key, value in (chosen or {}).items():
            try:
                self.parameter(key).check(value)
            except ValueError as error:
                raise ValueError(f"{self.name}.{key} = {value:g}: {error}") from None
            values[key] = value
        return values
