"""The settings file: what a user chose for good, in TOML. The command line goes before it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap
from typing import Any

from platformdirs import user_config_path

from calibration.profile import Profile
from posturecam.core.camera import FIELD_OF_VIEW_DEG, Camera
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind
from posturecam.core.patterns.table import BREAKS, KINDS, Choice, kind
from posturecam.core.patterns.text_neck import ONSET_DEG
from posturecam.core.pipeline import Settings
from posturecam.errors import PosturecamError, UsageError
from posturecam.sinks.private_file import make_private_folder, write_private_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CONFIG_VARIABLE = "POSTURECAM_CONFIG"
"""Names another settings file in the environment."""
RATE_HZ = 5.0
RATE_RANGE_HZ = (0.5, 60.0)
ON = "on"
"""Besides the manners: watch for it as loudly as it speaks by default, or quietly if that is not at all."""


@dataclass(frozen=True)
class _General:
    """A setting that is not a pattern's."""

    key: str
    default: str | float | bool
    what: str
    check: Callable[[Any], object]
    """Raises ValueError, naming what is allowed."""


def _check_rate(rate_hz: float) -> None:
    least, most = RATE_RANGE_HZ
    if not least <= rate_hz <= most:
        raise ValueError(f"must lie between {least:g} and {most:g}")


GENERAL = (
    _General(
        "sensitivity",
        "standard",
        "When an alert comes: strict, standard, relaxed, iso, or a fraction of ISO 11226's holding time such as 1/32.",
        Sensitivity.parse,
    ),
    _General(
        "field_of_view_deg",
        FIELD_OF_VIEW_DEG,
        "The camera's angle of view along the picture's longer side: 20 to 150 degrees.",
        lambda deg: Camera(1, 1, deg),
    ),
    _General("rate_hz", RATE_HZ, "Frames analysed per second: 0.5 to 60.", _check_rate),
    _General(
        "breaks",
        True,
        f"Nudge to move and to take breaks: true, or false to turn off {' and '.join(BREAKS)} whatever stands below.",
        lambda _: None,
    ),
)


@dataclass(frozen=True)
class UserSettings:
    """What somebody chose; what is None or missing was left as it is."""

    sensitivity: str | None = None
    field_of_view_deg: float | None = None
    rate_hz: float | None = None
    breaks: bool | None = None
    """False turns off the patterns of BREAKS, whatever is chosen about them."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """By the pattern's name."""

    def over(self, below: UserSettings) -> UserSettings:
        """These settings, with those of `below` where nothing was chosen here."""
        general = {one.key: _first(getattr(self, one.key), getattr(below, one.key)) for one in GENERAL}
        choices = {}
        for name in {**below.choices, **self.choices}:
            mine, other = self.choices.get(name, Choice()), below.choices.get(name, Choice())
            choices[name] = Choice(mine.manner or other.manner, {**other.values, **mine.values})
        return UserSettings(**general, choices=choices)

    @property
    def rate(self) -> float:
        """Frames analysed per second."""
        return RATE_HZ if self.rate_hz is None else self.rate_hz

    @property
    def choices_in_force(self) -> Mapping[str, Choice]:
        """About the patterns, without breaks where they are turned off."""
        if self.breaks is not False:
            return self.choices
        off = {name: Choice(Manner.OFF, self.choices.get(name, Choice()).values) for name in BREAKS}
        return {**self.choices, **off}

    def settings(self) -> Settings:
        """As the pipeline takes them."""
        text_neck = self.choices.get("text_neck", Choice())
        return Settings(
            Sensitivity.parse(self.sensitivity or "standard"),
            text_neck.values.get("onset_deg", ONSET_DEG),
            FIELD_OF_VIEW_DEG if self.field_of_view_deg is None else self.field_of_view_deg,
            self.choices_in_force,
        )


def _first(*values: Any) -> Any:
    """The first that is not None."""
    return next((value for value in values if value is not None), None)


def settings_path() -> Path:
    """The settings file: the one that the environment names, or the one in the user's own folder."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else user_config_path("posturecam") / "settings.toml"


def load() -> UserSettings:
    """What the settings file says; nothing where there is no such file.

    Raises UsageError, naming file, key, value and what is allowed, for what it cannot say, and
    PosturecamError when it cannot be read.
    """
    path = settings_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return UserSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise PosturecamError(f"cannot read the settings file {path}: {error}") from None
    try:
        return _user_settings(tomllib.loads(text))
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None


def _user_settings(said: Mapping[str, Any]) -> UserSettings:
    """What a file says; ValueError for what it cannot say."""
    patterns = said.get("patterns", {})
    general = {key: value for key, value in said.items() if key != "patterns"}
    checks = {one.key: one for one in GENERAL}
    for key, value in general.items():
        if key not in checks:
            raise ValueError(f"there is no setting {key}: there are {', '.join(checks)} and tables [patterns.NAME]")
        _check(key, value, type(checks[key].default), checks[key].check)
    if not isinstance(patterns, dict):
        raise ValueError(f"patterns = {patterns!r} is no table: write [patterns.NAME] and settings under it")
    choices = {name: _choice(name, table, f"patterns.{name}") for name, table in patterns.items()}
    return UserSettings(**general, choices=choices)


def _choice(name: str, table: object, where: str) -> Choice:
    """What a table says about a pattern; `where` it stands is for the messages."""
    of_kind = kind(name)
    if not isinstance(table, dict):
        raise ValueError(f"{where} = {table!r} is no table: write [{where}] and settings under it")
    manner = None
    values = {}
    for key, value in table.items():
        if key == "manner":
            manner = _manner(of_kind, value, f"{where}.manner")
        else:
            _check(f"{where}.{key}", value, float, of_kind.parameter(key).check)
            values[key] = float(value)
    return Choice(manner, values)


def _check(where: str, value: object, of_type: type, check: Callable[[Any], object]) -> None:
    """Raise ValueError, naming place, value and what is allowed, for a value that cannot stand there."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if of_type is str and not isinstance(value, str):
        raise ValueError(f"{where} = {value!r}: must be words in quotes")
    if of_type is float and not number:
        raise ValueError(f"{where} = {value!r}: must be a number")
    if of_type is bool and not isinstance(value, bool):
        raise ValueError(f"{where} = {value!r}: must be true or false")
    try:
        check(value)
    except ValueError as error:
        shown = f"{value:g}" if number else value
        raise ValueError(f"{where} = {shown}: {error}") from None


def _manner(of_kind: Kind, word: object, where: str) -> Manner:
    if word == ON:
        return Manner.TIP if of_kind.manner is Manner.OFF else of_kind.manner
    try:
        return Manner(word)
    except ValueError:
        words = ", ".join((ON, *Manner))
        raise ValueError(f"{where} = {word}: is none of {words}") from None


def from_options(
    sensitivity: str | None,
    rate_hz: float | None,
    field_of_view_deg: float | None,
    patterns: list[str],
    values: list[str],
    breaks: bool | None = None,
) -> UserSettings:
    """What the command line chose; `patterns` hold NAME=WORD, `values` NAME.KEY=NUMBER.

    Raises UsageError, naming option, value and what is allowed, for what cannot be chosen.
    """
    general = {
        "sensitivity": sensitivity,
        "rate_hz": rate_hz,
        "field_of_view_deg": field_of_view_deg,
        "breaks": breaks,
    }
    try:
        for one in GENERAL:
            if (value := general[one.key]) is not None:
                _check("--" + one.key.replace("_", "-"), value, type(one.default), one.check)
        choices = {name: _choice(name, table, name) for name, table in _tables(patterns, values).items()}
    except ValueError as error:
        raise UsageError(str(error)) from None
    return UserSettings(sensitivity, field_of_view_deg, rate_hz, breaks, choices)


def _tables(patterns: list[str], values: list[str]) -> dict[str, dict[str, Any]]:
    """The options about patterns as the tables of a settings file; ValueError for what is none."""
    tables: dict[str, dict[str, Any]] = {}
    for text in patterns:
        name, equals, word = text.partition("=")
        if not equals:
            raise ValueError(f"--pattern {text}: write NAME=on or NAME=off")
        tables.setdefault(name, {})["manner"] = word
    for text in values:
        path, equals, number = text.partition("=")
        name, dot, key = path.partition(".")
        if not equals or not dot:
            raise ValueError(f"--set {text}: write NAME.KEY=NUMBER, such as side_tilt.tilt_deg=12")
        try:
            tables.setdefault(name, {})[key] = float(number)
        except ValueError:
            raise ValueError(f"--set {text}: {number!r} is not a number") from None
    return tables


def in_force(options: UserSettings, profile: Profile | None) -> UserSettings:
    """What holds: the options over the profile over the settings file; the defaults are left out."""
    if profile is None:
        return options.over(load())
    onset = [f"text_neck.onset_deg={profile.onset_deg}"]
    of_profile = from_options(None, None, profile.field_of_view_deg, [], onset)
    return options.over(of_profile).over(load())


def init() -> Path:
    """Write a settings file in which every setting stands at its default, as a comment; return its path.

    Raises UsageError when there is one already.
    """
    path = settings_path()
    if path.exists():
        raise UsageError(f"there is a settings file already: edit {path}, or delete it first")
    make_private_folder(path.parent)
    write_private_text(path, template())
    return path


@dataclass(frozen=True)
class Held:
    """One setting, as it holds."""

    key: str
    """With dots between the tables' names."""
    value: str | float | bool
    default: str | float | bool
    chosen: bool
    """Somebody chose it, if only what it is by default."""


def what_holds(user: UserSettings) -> list[Held]:
    """Return every setting, the defaults filled in."""
    held, choices = [], user.choices_in_force
    for one in GENERAL:
        value = getattr(user, one.key)
        held.append(Held(one.key, _first(value, one.default), one.default, value is not None))
    for of_kind in KINDS:
        choice, where = choices.get(of_kind.name, Choice()), f"patterns.{of_kind.name}"
        manner = choice.manner or of_kind.manner
        held.append(Held(f"{where}.manner", manner.value, of_kind.manner.value, choice.manner is not None))
        for parameter in of_kind.parameters:
            value = choice.values.get(parameter.key)
            held.append(
                Held(
                    f"{where}.{parameter.key}",
                    _first(value, parameter.default),
                    parameter.default,
                    value is not None,
                )
            )
    return held


def shown(value: str | float | bool) -> str:
    """A value as a person writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"


def template() -> str:
    """The text of that file."""
    return "\n".join(_template())


def _template() -> Iterator[str]:
    yield from _comment(
        "Settings of posturecam. A line that begins with # is a comment: take the # away from a setting to "
        "change it. The command line goes before this file."
    )
    for one in GENERAL:
        yield ""
        yield from _comment(one.what)
        yield f"#{one.key} = {_toml(one.default)}"
    for of_kind in KINDS:
        yield from ("", "", f"[patterns.{of_kind.name}]")
        yield from _comment(of_kind.what)
        yield from _comment(of_kind.why)
        yield ""
        yield from _comment(f"How loudly it speaks: {', '.join(Manner)}.")
        yield f"#manner = {_toml(of_kind.manner.value)}"
        for parameter in of_kind.parameters:
            yield ""
            yield from _comment(f"{parameter.what}: {parameter.least:g} to {parameter.most:g}.")
            yield from _comment(f"Default: {parameter.source}.")
            yield f"#{parameter.key} = {_toml(parameter.default)}"
    yield ""


def _comment(words: str) -> list[str]:
    return [f"# {line}" for line in wrap(words[0].upper() + words[1:], 100)]


def _toml(value: str | float | bool) -> str:
    return f'"{value}"' if isinstance(value, str) else shown(value)
