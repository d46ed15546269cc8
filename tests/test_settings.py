from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from posturecam import cli
from posturecam.core.iso11226 import Sensitivity
from posturecam.core.manner import Manner
from posturecam.core.patterns.table import KINDS, Choice
from posturecam.errors import PosturecamError, UsageError
from posturecam.settings import UserSettings, from_options, init, load, settings_path, template, what_holds


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    """The settings file of this test; it does not exist yet."""
    path = tmp_path / "configuration" / "settings.toml"
    monkeypatch.setenv("POSTURECAM_CONFIG", str(path))
    return path


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def options(patterns=(), values=(), sensitivity=None, rate_hz=None, field_of_view_deg=None) -> UserSettings:
    return from_options(sensitivity, rate_hz, field_of_view_deg, list(patterns), list(values))


def run(*words: str):
    return CliRunner().invoke(cli.app, list(words))


def test_without_a_file_the_defaults_hold(file):
    assert load() == UserSettings()
    settings = load().settings()
    assert (settings.sensitivity, settings.onset_deg, settings.field_of_view_deg) == (
        Sensitivity(1 / 8),
        20,
        65,
    )
    assert load().rate == 5


def test_the_file_is_where_the_environment_says_or_in_the_users_folder(file, monkeypatch):
    assert settings_path() == file
    monkeypatch.delenv("POSTURECAM_CONFIG")
    assert settings_path().parts[-2:] == ("posturecam", "settings.toml")


def test_a_file_says_what_it_changes(file):
    written(
        file,
        'sensitivity = "strict"\nrate_hz = 10\n[patterns.text_neck]\nonset_deg = 25\n'
        '[patterns.slouch]\nmanner = "log"\ntrunk_deg = 12.5\n[patterns.hydration]\nmanner = "on"\n',
    )
    user = load()
    assert (user.sensitivity, user.rate) == ("strict", 10)
    settings = user.settings()
    assert (settings.sensitivity, settings.onset_deg) == (Sensitivity(1 / 16), 25)
    assert user.choices["slouch"] == Choice(Manner.LOG, {"trunk_deg": 12.5})
    assert settings.manners["hydration"] is Manner.TIP
    assert settings.manners["shrug"] is Manner.TIP


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rate_hz = 100", "rate_hz = 100: must lie between 0.5 and 60"),
        ("rate_hz = true", "rate_hz = True: must be a number"),
        ('rate_hz = "5"', "rate_hz = '5': must be a number"),
        ("rate_hz = nan", "rate_hz = nan: must lie between 0.5 and 60"),
        ("field_of_view_deg = 5", "field_of_view_deg = 5: a field of view of 5° is not between 20° and 150°"),
        ("sensitivity = 2", "sensitivity = 2: must be words in quotes"),
        ('sensitivity = "often"', "give strict, standard, relaxed, iso, or a fraction"),
        ("speed = 1", "there is no setting speed: there are sensitivity, field_of_view_deg, rate_hz"),
        ('breaks = "no"', "breaks = 'no': must be true or false"),
        ("breaks = 0", "breaks = 0: must be true or false"),
        ("patterns = 3", "patterns = 3 is no table: write [patterns.NAME]"),
        ("[patterns]\nshrug = 3", "patterns.shrug = 3 is no table: write [patterns.shrug]"),
        ("[patterns.slump]", "there is no pattern slump: there are text_neck, phone_cradle"),
        ("[patterns.shrug]\ndeg = 3", "shrug has no deg: it has rise_cm, dwell_s, guarding_s"),
        ("[patterns.shrug]\nrise_cm = 99", "patterns.shrug.rise_cm = 99: must lie between 1 and 8"),
        ("[patterns.shrug]\nrise_cm = [1]", "patterns.shrug.rise_cm = [1]: must be a number"),
        (
            "[patterns.shrug]\nmanner = 'loud'",
            "patterns.shrug.manner = loud: is none of on, alert, tip, nudge, log, off",
        ),
        (
            "[patterns.text_neck]\nonset_deg = 2",
            "patterns.text_neck.onset_deg = 2: must lie between 5 and 60",
        ),
        ("rate_hz 5", "(at line 1, column 9)"),
    ],
)
def test_what_a_file_cannot_say_is_named_with_its_value_and_what_is_allowed(file, text, said):
    written(file, text + "\n")
    with pytest.raises(UsageError) as error:
        load()
    assert said in str(error.value)
    assert str(error.value).startswith(f"{file}: ")
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_said_to_be_so(file):
    file.parent.mkdir()
    file.mkdir()
    with pytest.raises(PosturecamError, match="cannot read the settings file"):
        load()
    file.rmdir()
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PosturecamError, match="cannot read the settings file"):
        load()


def test_a_new_file_explains_every_setting_and_changes_none(file):
    assert init() == file
    assert not any(one.chosen for one in what_holds(load()))
    text = file.read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"[patterns.{kind.name}]" in text
        for parameter in kind.parameters:
            assert f"#{parameter.key} = {parameter.default:g}" in text
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_its_comment_signs_it_says_the_defaults(file):
    written(file, re.sub(r"(?m)^#(\w+ = )", r"\1", template()))
    held = what_holds(load())
    assert all(one.chosen for one in held)
    assert [one.value for one in held] == [one.default for one in what_holds(UserSettings())]


def test_a_file_that_is_there_is_not_written_over(file):
    written(file, "rate_hz = 10\n")
    with pytest.raises(UsageError, match="there is a settings file already"):
        init()
    assert file.read_text() == "rate_hz = 10\n"


def test_the_command_line_goes_before_the_file_and_the_file_before_the_defaults(file):
    written(
        file,
        'rate_hz = 10\nsensitivity = "iso"\n[patterns.shrug]\nmanner = "log"\nrise_cm = 3\ndwell_s = 90\n',
    )
    chosen = options(["shrug=alert"], ["shrug.rise_cm=4", "text_neck.onset_deg=30"], sensitivity="1/32").over(load())
    assert (chosen.rate, chosen.sensitivity) == (10, "1/32")
    assert chosen.choices["shrug"] == Choice(Manner.ALERT, {"rise_cm": 4, "dwell_s": 90})
    assert chosen.settings().onset_deg == 30


def test_one_switch_turns_off_the_nudges_to_move_and_to_take_breaks(file):
    written(file, 'breaks = false\n[patterns.stillness]\nmanner = "nudge"\nwindow_min = 30\n')
    manners = load().settings().manners
    assert {name for name in manners if manners[name] is Manner.OFF} == {"hydration", "long_sitting", "stillness"}
    held = {one.key: one.value for one in what_holds(load())}
    assert (held["breaks"], held["patterns.stillness.manner"], held["patterns.stillness.window_min"]) == (
        False,
        "off",
        30,
    )
    assert "breaks = false  (by default true)\n" in run("settings", "show").stdout
    on_again = from_options(None, None, None, [], [], breaks=True).over(load())
    assert on_again.settings().manners["long_sitting"] is Manner.NUDGE
    assert load().over(on_again).settings().manners["long_sitting"] is Manner.OFF


@pytest.mark.parametrize(
    ("word", "manner"),
    [("on", Manner.TIP), ("off", Manner.OFF), ("log", Manner.LOG), ("alert", Manner.ALERT)],
)
def test_a_pattern_is_switched_by_a_word(word, manner):
    assert options([f"side_tilt={word}"]).settings().manners["side_tilt"] is manner


@pytest.mark.parametrize(
    ("patterns", "values", "said"),
    [
        (["shrug"], [], "--pattern shrug: write NAME=on or NAME=off"),
        (["slump=on"], [], "there is no pattern slump"),
        (["shrug=yes"], [], "shrug.manner = yes: is none of on, alert"),
        ([], ["shrug=3"], "--set shrug=3: write NAME.KEY=NUMBER"),
        ([], ["shrug.rise_cm"], "--set shrug.rise_cm: write NAME.KEY=NUMBER"),
        ([], ["shrug.rise_cm=much"], "--set shrug.rise_cm=much: 'much' is not a number"),
        ([], ["shrug.rise_cm=0.5"], "shrug.rise_cm = 0.5: must lie between 1 and 8"),
        ([], ["shrug.rise_cm=nan"], "shrug.rise_cm = nan: must lie between 1 and 8"),
        ([], ["shrug.deg=3"], "shrug has no deg"),
    ],
)
def test_what_an_option_cannot_say_is_named(patterns, values, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        options(patterns, values)


def test_settings_are_initialised_shown_and_found(file):
    assert run("settings", "path").stdout.strip() == str(file)
    assert f"no file at {file}" in run("settings", "show").stdout
    assert run("settings", "init").stdout == f"wrote {file}\n"
    written(file, "[patterns.shrug]\nrise_cm = 3\n")
    shown = run("settings", "show").stdout
    assert "patterns.shrug.rise_cm = 3  (by default 2)" in shown
    assert "patterns.shrug.dwell_s = 60\n" in shown
    answer = json.loads(run("settings", "show", "--json").stdout)
    assert answer["patterns.shrug.rise_cm"] == 3
    assert answer["sensitivity"] == "standard"


def test_the_patterns_are_listed_as_they_are_set(file):
    written(file, '[patterns.shrug]\nmanner = "off"\nrise_cm = 3\n')
    page = run("patterns").stdout
    for kind in KINDS:
        assert kind.name in page
    assert "shrug: off, by default tip" in page
    listed = {one["name"]: one for one in json.loads(run("patterns", "--json").stdout)}
    assert list(listed) == [kind.name for kind in KINDS]
    assert listed["shrug"]["manner"] == "off"
    assert listed["shrug"]["default_manner"] == "tip"
    (rise, *_) = listed["shrug"]["parameters"]
    assert (rise["key"], rise["value"], rise["default"], rise["least"], rise["most"]) == (
        "rise_cm",
        3,
        2,
        1,
        8,
    )
    assert set(listed["slouch"]) == {"name", "what", "why", "manner", "default_manner", "parameters"}


@pytest.mark.parametrize("words", [("replay", "no.mp4"), ("patterns",), ("settings", "show")])
def test_a_file_that_makes_no_sense_stops_every_command(file, words):
    written(file, "rate_hz = 0\n")
    outcome = run(*words)
    assert isinstance(outcome.exception, UsageError)
    assert "rate_hz = 0: must lie between 0.5 and 60" in str(outcome.exception)
