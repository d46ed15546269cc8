"""A profile: one person's neutral and thresholds at one set-up, and the JSON text that keeps it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.baseline import Level
from calibration.separability import DEFAULT_ONSET_DEG, Basis, Onset, onset_at

Array = NDArray[np.float64]
Document = dict[str, Any]
"""A profile as JSON knows it."""

FORMAT = "posturecam-profile"
SCHEMA_VERSION = 3
METRIC = "neck_flexion_deg"
"""What onset, keyboard and phone are measured in: degrees of neck flexion over neutral (ISO 11226)."""
VIEWS = ("front", "three_quarter", "side")
BODY_SHAPE, VISIBILITY_SHAPE, FACE_SHAPE = (33, 3), (33,), (468, 3)
ONSET_RANGE_DEG = (5.0, 60.0)
FIELD_OF_VIEW_RANGE_DEG = (20.0, 150.0)
LARGEST_PX = 20_000
LONGEST_NAME = 60
"""Bytes of UTF-8."""
RESERVED = {"con", "prn", "aux", "nul"} | {f"{port}{k}" for port in ("com", "lpt") for k in range(10)}
"""Names that Windows keeps for devices."""


class NewerSchemaError(ValueError):
    """The text was written by a newer version, whose entries are not known here."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What a calibration came to. Raises ValueError when a value is out of its range.

    The landmarks are pixels of a picture of this size: x to the right, y down, z away from the camera.
    """

    name: str
    made: str
    """When it was calibrated: ISO 8601 with an offset from UTC."""
    view: str
    """From where the camera sees the person: one of VIEWS."""
    camera: str | None
    """What the camera calls itself; None when it was a recording."""
    width_px: int
    height_px: int
    field_of_view_deg: float
    """Assumed of the camera, along the picture's longer side."""
    body_px: Array
    """(33, 3): where the body's points rested."""
    visibility: Array
    """(33,): 0..1."""
    face_px: Array | None
    """(468, 3): where the face's points rested; None when it was not seen, as from the side."""
    spread: Mapping[str, Level]
    """Where every signal rested in neutral, and how much it strayed."""
    keyboard: Level | None = None
    """The neck flexion at a glance at the keyboard; None when it was not shown."""
    phone: Level | None = None
    """The neck flexion while looking down at a phone; None when it was not shown."""
    onset_deg: float = DEFAULT_ONSET_DEG
    """The neck flexion from which on it is text neck."""
    basis: Basis = Basis.DEFAULT
    """How the onset came about."""
    crown_px: float | None = None
    """How high y the top of the head's silhouette rested; None when it was not seen."""
    hairline_px: float | None = None
    """How high y the hairline rested; None when it was not seen."""

    def __post_init__(self) -> None:
        require_name(self.name)
        _require_time(self.made)
        if self.view not in VIEWS:
            raise ValueError(f"view is {self.view!r}, not one of {', '.join(VIEWS)}")
        if self.camera is not None and not (self.camera.isprintable() and len(self.camera) <= 200):
            raise ValueError("camera is not a printable name of 200 characters at most")
        for key, size_px in (("width_px", self.width_px), ("height_px", self.height_px)):
            _require_within(key, size_px, (1, LARGEST_PX))
        _require_within("field_of_view_deg", self.field_of_view_deg, FIELD_OF_VIEW_RANGE_DEG)
        _require_within("onset_deg", self.onset_deg, ONSET_RANGE_DEG)
        _require_points("body_px", self.body_px, BODY_SHAPE)
        _require_points("visibility", self.visibility, VISIBILITY_SHAPE)
        if self.face_px is not None:
            _require_points("face_px", self.face_px, FACE_SHAPE)
        for key, place_px in (("crown_px", self.crown_px), ("hairline_px", self.hairline_px)):
            if place_px is not None:
                _require_within(key, place_px, (0, self.height_px))
        if METRIC not in self.spread or not all(name.isidentifier() for name in self.spread):
            raise ValueError(f"spread is not a table of signals with {METRIC} among them")

    @property
    def made_at(self) -> datetime:
        """When it was calibrated."""
        return datetime.fromisoformat(self.made)

    @property
    def onset(self) -> Onset:
        """The onset with what it means for this person."""
        return onset_at(self.onset_deg, self.basis, self.spread[METRIC], self.keyboard, self.phone)

    def with_onset(self, onset_deg: float) -> Profile:
        """Return the same with an onset set by hand; ValueError when it is out of range."""
        return replace(self, onset_deg=onset_deg, basis=Basis.BY_HAND)

    def renamed(self, name: str) -> Profile:
        """Return the same under another name; ValueError when that cannot be one."""
        return replace(self, name=name)


def require_name(name: str) -> None:
    """Raise ValueError unless the name can be a profile's, and so a file's on every system.

    It has letters (of any script), digits, spaces, "-" and "_", and begins and ends with a letter or digit.
    """
    well_formed = re.fullmatch(r"[^\W_](?:[\w -]*[^\W_])?", name) and len(name.encode()) <= LONGEST_NAME
    if not well_formed or unicodedata.normalize("NFC", name) != name or name.casefold() in RESERVED:
        raise ValueError(
            f"{name!r} cannot be a profile's name: take up to {LONGEST_NAME} letters and digits, "
            "with spaces, - and _ between them"
        )


def as_document(profile: Profile) -> Document:
    """Return the profile as JSON knows it; pixels to the hundredth, angles to the thousandth."""
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "name": profile.name,
        "made": profile.made,
        "metric": METRIC,
        "view": profile.view,
        "camera": profile.camera,
        "width_px": profile.width_px,
        "height_px": profile.height_px,
        "field_of_view_deg": profile.field_of_view_deg,
        "onset_deg": profile.onset_deg,
        "onset_basis": profile.basis.value,
        "keyboard": _level_entry(profile.keyboard),
        "phone": _level_entry(profile.phone),
        "spread": {name: _level_entry(level) for name, level in profile.spread.items()},
        "body_px": _table(profile.body_px, 2),
        "visibility": _table(profile.visibility, 3),
        "face_px": None if profile.face_px is None else _table(profile.face_px, 2),
        "crown_px": profile.crown_px,
        "hairline_px": profile.hairline_px,
    }


def to_text(profile: Profile) -> str:
    """Return the profile as JSON with one entry a line, so that a person can read and change it."""
    document = as_document(profile)
    lines = (f'  "{key}": {json.dumps(value, allow_nan=False)}' for key, value in document.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def from_text(text: str) -> Profile:
    """Return the profile that the text holds.

    Raises NewerSchemaError when a newer version wrote it, and ValueError, saying what is wrong, when it
    is no profile or was broken.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON ({error})") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("it is no profile of posturecam")
    entries = _Entries(migrated(document))
    profile = Profile(
        name=entries.text("name"),
        made=entries.text("made"),
        view=entries.text("view"),
        camera=entries.optional("camera", entries.text),
        width_px=entries.whole("width_px"),
        height_px=entries.whole("height_px"),
        field_of_view_deg=entries.number("field_of_view_deg"),
        body_px=entries.points("body_px"),
        visibility=entries.points("visibility"),
        face_px=entries.optional("face_px", entries.points),
        spread=entries.levels("spread"),
        keyboard=entries.optional("keyboard", entries.level),
        phone=entries.optional("phone", entries.level),
        onset_deg=entries.number("onset_deg"),
        basis=entries.basis("onset_basis"),
        crown_px=entries.optional("crown_px", entries.number),
        hairline_px=entries.optional("hairline_px", entries.number),
    )
    entries.require("format", FORMAT)
    entries.require("metric", METRIC)
    entries.require("schema_version", SCHEMA_VERSION)
    entries.require_no_more()
    return profile


Migration = Callable[[Document], Document]

MIGRATIONS: Mapping[int, Migration] = {
    1: lambda old: {**old, "crown_px": None},
    2: lambda old: {**old, "hairline_px": None},
}
"""By the version that it begins from: how to make a document one version younger."""


def migrated(
    document: Document, migrations: Mapping[int, Migration] = MIGRATIONS, current: int = SCHEMA_VERSION
) -> Document:
    """Return the document in the current schema; the one given stays as it is.

    Raises NewerSchemaError when it is newer than that, ValueError when nothing leads from its version.
    """
    version = document.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise ValueError("schema_version is not a whole number")
    if version > current:
        raise NewerSchemaError(f"it has schema version {version}, and this posturecam knows {current}")
    for step in range(version, current):
        if step not in migrations:
            raise ValueError(f"it has schema version {version}, which was never in use")
        document = {**migrations[step](document), "schema_version": step + 1}
    return document


class _Entries:
    """Takes a document's entries one by one; ValueError names one that is missing or of another kind."""

    def __init__(self, document: Document) -> None:
        self._left = dict(document)

    def _take(self, key: str) -> Any:
        if key not in self._left:
            raise ValueError(f"{key} is missing")
        return self._left.pop(key)

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str):
            raise ValueError(f"{key} is not a text")
        return value

    def number(self, key: str) -> float:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{key} is not a number")
        try:
            return float(value)
        except OverflowError:
            raise ValueError(f"{key} is not a number that can be") from None

    def whole(self, key: str) -> int:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{key} is not a whole number")
        return value

    def points(self, key: str) -> Array:
        value = self._take(key)
        try:
            points = np.asarray(value)
        except ValueError:
            raise ValueError(f"{key} is not a table of numbers") from None
        if points.dtype.kind not in "if":
            raise ValueError(f"{key} is not a table of numbers")
        return points.astype(np.float64)

    def basis(self, key: str) -> Basis:
        value = self.text(key)
        if value not in {basis.value for basis in Basis}:
            raise ValueError(f"{key} is not one of {', '.join(basis.value for basis in Basis)}")
        return Basis(value)

    def level(self, key: str) -> Level:
        value = self._take(key)
        if not isinstance(value, dict):
            raise ValueError(f"{key} is not a median with a standard deviation")
        inner = _Entries(value)
        try:
            level = Level(inner.number("median_deg"), inner.number("sd_deg"))
            inner.require_no_more()
        except ValueError as error:
            raise ValueError(f"in {key}, {error}") from None
        return level

    def levels(self, key: str) -> dict[str, Level]:
        value = self._take(key)
        if not isinstance(value, dict):
            raise ValueError(f"{key} is not a table of signals")
        inner = _Entries(value)
        try:
            return {name: inner.level(name) for name in value}
        except ValueError as error:
            raise ValueError(f"in {key}, {error}") from None

    def optional(self, key: str, take: Callable[[str], Any]) -> Any:
        if key in self._left and self._left[key] is None:
            return self._left.pop(key)
        return take(key)

    def require(self, key: str, value: object) -> None:
        if self._take(key) != value:
            raise ValueError(f"{key} is not {value}")

    def require_no_more(self) -> None:
        if self._left:
            raise ValueError(f"{', '.join(map(repr, self._left))} is not known")


def _level_entry(level: Level | None) -> dict[str, float] | None:
    if level is None:
        return None
    return {"median_deg": round(level.median_deg, 3), "sd_deg": round(level.sd_deg, 3)}


def _table(points: Array, digits: int) -> Any:
    return np.round(points.astype(np.float64), digits).tolist()


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def _require_time(made: str) -> None:
    try:
        known = datetime.fromisoformat(made).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        raise ValueError(f"made is {made!r}, not a time such as 2026-01-31T09:30:00+00:00")


def _require_within(key: str, value: float, bounds: tuple[float, float]) -> None:
    low, high = bounds
    if not low <= value <= high:
        raise ValueError(f"{key} is not a number from {low:g} to {high:g}")


def _require_points(key: str, points: Array, shape: tuple[int, ...]) -> None:
    if points.shape != shape:
        counts = " x ".join(map(str, shape))
        raise ValueError(f"{key} does not hold {counts} numbers")
    if not (np.isfinite(points).all() and np.abs(points).max() <= 100 * LARGEST_PX):
        raise ValueError(f"{key} holds numbers that cannot be")
