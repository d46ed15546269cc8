"""The words and colours in which a person is told about posture."""

from __future__ import annotations

from datetime import datetime

from posturecam.core.alert_policy import Told
from posturecam.core.answer import Answer
from posturecam.core.event import EndReason
from posturecam.core.posture import Absence
from posturecam.core.session import NeutralOrigin, NeutralSource
from posturecam.core.state import State

RGB: dict[State, tuple[int, int, int]] = {
    State.NEUTRAL: (0, 158, 115),
    State.AMBER: (230, 159, 0),
    State.RED: (213, 94, 0),
    State.SEVERE: (204, 121, 167),
    State.UNKNOWN: (150, 150, 150),
    State.AWAY: (128, 128, 128),
}
"""Colours that people with any colour vision can tell apart (Okabe & Ito, 2008); never the only sign."""

STATE_WORDS: dict[State, str] = {
    State.NEUTRAL: "neutral",
    State.AMBER: "amber",
    State.RED: "red",
    State.SEVERE: "severe",
    State.UNKNOWN: "not measured",
    State.AWAY: "away",
}

ABSENCE_WORDS: dict[Absence, str] = {
    Absence.NOBODY: "nobody in the picture",
    Absence.TURNED_AWAY: "turned away",
    Absence.UNSURE: "landmarks unsure",
    Absence.OUT_OF_FRAME: "partly outside the picture",
    Absence.VIEW: "not visible from this side",
    Absence.STALE: "the camera or the seat has moved: calibrate again",
    Absence.OTHER_PERSON: "somebody else",
    Absence.TWO_PEOPLE: "two people in the picture",
}

END_WORDS: dict[EndReason, str] = {
    EndReason.RECOVERED: "recovered",
    EndReason.AWAY: "person left",
    EndReason.NOT_MEASURED: "not measured",
    EndReason.STREAM_END: "recording ended",
}

UNTOLD_WORDS: dict[Told, str] = {
    Told.COOLDOWN: "too soon",
    Told.BACKOFF: "ignored before",
    Told.CAP: "enough this hour",
    Told.SNOOZED: "snoozed",
    Told.COVERED: "another goes first",
    Told.LOGGED: "written down only",
}
"""Why an alert that was due was kept back."""

ANSWER_WORDS: dict[Answer | None, str] = {
    Answer.LET_GO: "let go",
    Answer.LEFT: "left",
    Answer.IGNORED: "went on for a minute or more",
    Answer.SNOOZED: "snoozed",
    Answer.UNSEEN: "out of sight",
    Answer.CUT_OFF: "session over",
    None: "still held",
}
"""How an alert that was told was answered."""


def title(pattern: str) -> str:
    """The name of a pattern as words."""
    return pattern.replace("_", " ")


def clock(t_s: float) -> str:
    """Seconds as m:ss, or h:mm:ss from an hour on; to the nearest second."""
    minutes, seconds = divmod(round(t_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def fine_clock(t_s: float) -> str:
    """The same to the tenth of a second."""
    tenths = round(10 * t_s)
    return f"{clock(tenths // 10)}.{tenths % 10}"


def moment_words(at: float, now: float) -> str:
    """A time as short as is clear at another one; both in seconds since 1970 UTC."""
    then = datetime.fromtimestamp(at)
    return f"{then:%H:%M}" if then.date() == datetime.fromtimestamp(now).date() else f"{then:%a %d %b %H:%M}"


def count(n: int, noun: str) -> str:
    """The number with its noun, in the plural unless there is one."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def listing(words: list[str]) -> str:
    """Words joined with commas and a last "and"."""
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + "".join(words[-1:])


def neutral_words(neutral: NeutralOrigin) -> str:
    """Where the neutral comes from."""
    if neutral.source is NeutralSource.PROFILE:
        return f"from the profile {neutral.profile}"
    how = "found automatically" if neutral.source is NeutralSource.FOUND else "as given"
    return f"{neutral.start_s:.1f} to {neutral.end_s:.1f} s of this recording, {how}"
