"""A page: one HTML file that holds all it needs, and asks nobody for anything."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from posturecam import __version__


@dataclass(frozen=True)
class Figure:
    """One number that matters."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """What was found, in plain words, and why it is worth knowing."""

    said: str
    why: str
    """With its source: author and year, or the standard."""


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    cells: tuple[str, ...]
    """The first one heads the row."""
    share: float | None = None
    """Draws a bar of this share of the full width, 0..1; None for none."""
    kind: str = "plain"
    """Which of the style sheet's fillings the bar has."""


@dataclass(frozen=True)
class Table:
    """Facts in rows."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    wordy: tuple[int, ...] = ()
    """Columns that hold words rather than numbers."""

    @property
    def has_bars(self) -> bool:
        """Some row has a bar."""
        return any(row.share is not None for row in self.rows)


@dataclass(frozen=True)
class Line:
    """A level that a plot marks."""

    at: float
    label: str
    kind: str
    """Which of the style sheet's colours it has."""


BAND_WORDS = {
    "episode": "episode of text neck",
    "other": "episode of another pattern",
    "away": "away",
    "unknown": "not measured",
    "gap": "no pictures",
}


@dataclass(frozen=True)
class Band:
    """A stretch of a plot's x axis that means something."""

    start: float
    end: float
    kind: str
    """One of BAND_WORDS."""
    label: str


@dataclass(frozen=True)
class Course:
    """A curve over time."""

    x: tuple[float, ...]
    """Seconds: of the stream, or those of the wall clock as if it were UTC."""
    y: tuple[float | None, ...]
    """Degrees; None where the curve is interrupted."""
    words: tuple[int, ...]
    """What to say about each point, as an index into `vocabulary`."""
    vocabulary: tuple[str, ...]
    label: str
    """What `y` is."""
    wall: bool
    """`x` is that of the wall clock."""
    bands: tuple[Band, ...] = ()
    marks: tuple[float, ...] = ()
    """When alerts were due."""
    lines: tuple[Line, ...] = ()

    @property
    def key(self) -> list[tuple[str, str]]:
        """Kind and meaning of the bands that occur."""
        occurring = {band.kind for band in self.bands}
        return [(kind, words) for kind, words in BAND_WORDS.items() if kind in occurring]


@dataclass(frozen=True)
class Bars:
    """A bar for each of some things in a row."""

    labels: tuple[str, ...]
    y: tuple[float | None, ...]
    unit: str
    lines: tuple[Line, ...] = ()
    """At places between the bars, counted in bars."""


@dataclass(frozen=True)
class Plot:
    """Something drawn, and what it shows in words for those who cannot see it."""

    what: Course | Bars
    summary: str

    @property
    def kind(self) -> str:
        """`course` or `bars`."""
        return "course" if isinstance(self.what, Course) else "bars"

    @property
    def json(self) -> Markup:
        """The facts for the script, safe inside a script element."""
        text = json.dumps(asdict(self.what), separators=(",", ":"), allow_nan=False)
        return Markup(text.replace("<", "\\u003c"))


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading: a plot, a table or both. Beside a plot the table is folded."""

    key: str
    title: str
    intro: str = ""
    plot: Plot | None = None
    table: Table | None = None


@dataclass(frozen=True)
class Page:
    """All that a report says, in its order."""

    title: str
    lead: tuple[str, ...]
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    limits: tuple[str, ...]
    """What was not measured, and why."""


def render(page: Page) -> str:
    """Return the page as HTML."""
    script, style = _script(), _style()
    return _template().render(
        page=page,
        script=Markup(script),
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup(style),
        version=__version__,
    )


@cache
def _script() -> str:
    return _text("uplot/uPlot.iife.min.js") + "\n" + _text("page.js")


@cache
def _style() -> str:
    return _text("uplot/uPlot.min.css") + "\n" + _text("page.css")


def _text(name: str) -> str:
    return resources.files("posturecam.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_text("page.html"))
