"""What a person reads on the terminal about profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from calibration.profile import Profile, as_document
from calibration.profile_store import ProfileError
from calibration.separability import explain
from posturecam.core.posture import View
from posturecam.profiles import VIEW_WORDS
from posturecam.sinks.plain_text import plain_text

POINTS = ("body_px", "visibility", "face_px", "crown_px", "hairline_px")
"""Entries of a profile that say nothing to a reader."""


def show_profiles(profiles: Mapping[str, Profile | ProfileError], active: str | None, console: Console) -> None:
    """Print one line for each profile, and what is wrong with those that cannot be used."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "profile", "made", "seen", "camera", "picture"):
        table.add_column(heading, overflow="fold")
    table.add_column("onset", justify="right")
    for name, profile in profiles.items():
        if isinstance(profile, Profile):
            cells = (
                "*" if name == active else "",
                name,
                f"{profile.made_at.astimezone():%Y-%m-%d %H:%M}",
                VIEW_WORDS[View(profile.view)],
                profile.camera or "-",
                f"{profile.width_px} x {profile.height_px}",
                f"{profile.onset_deg:g}°",
            )
            table.add_row(*(plain_text(cell, console) for cell in cells))
    if table.row_count:
        console.print(table)
    if active is not None:
        console.print(plain_text(f"* in use: {active}" + " (missing)" * (active not in profiles), console))
    for error in profiles.values():
        if isinstance(error, ProfileError):
            console.print(plain_text(f"Not usable: {error}", console), soft_wrap=True)


def show_profile(profile: Profile, in_use: bool, console: Console) -> None:
    """Print all of a profile that says something to a reader."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column("", style="dim")
    facts.add_column("", overflow="fold")
    for heading, fact in (
        ("profile", profile.name + (", in use" if in_use else "")),
        ("made", f"{profile.made_at.astimezone():%Y-%m-%d %H:%M}"),
        ("seen", VIEW_WORDS[View(profile.view)]),
        ("camera", profile.camera or "not known: made from a recording"),
        ("picture", f"{profile.width_px} x {profile.height_px}, {profile.field_of_view_deg:g}° wide"),
        ("onset", f"{profile.onset_deg:g}° of neck flexion"),
    ):
        facts.add_row(plain_text(heading, console), plain_text(fact, console))
    console.print(facts)
    show_meaning(profile, console)
    spread = Table(box=None, pad_edge=False, header_style="dim")
    spread.add_column("held still in neutral")
    spread.add_column(plain_text("varied by (SD)", console), justify="right")
    for name, level in profile.spread.items():
        words = name.removesuffix("_deg").replace("_", " ")
        spread.add_row(plain_text(words, console), plain_text(f"{level.sd_deg:.1f}°", console))
    console.print(spread)


def show_meaning(profile: Profile, console: Console) -> None:
    """Print in plain words what the profile's onset means for the person."""
    console.print(plain_text(explain(profile.onset), console))


def as_dict(profile: Profile, in_use: bool) -> dict[str, Any]:
    """The same for a program."""
    entries = {key: value for key, value in as_document(profile).items() if key not in POINTS}
    return {**entries, "in_use": in_use, "meaning": explain(profile.onset)}
