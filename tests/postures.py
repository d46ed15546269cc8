"""Scripted postures: people who do exactly what a test says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto

from posturecam.core.posture import Absence, Angle, Posture, View, missing, nobody


class Not(Enum):
    """What can take the place of an angle in a history."""

    MEASURED = auto()
    """Somebody is there, and there is no neck flexion."""
    THERE = auto()
    """Nobody is in the picture."""
    SAMPLED = auto()
    """No frames come."""


History = Sequence[tuple[float, float | Not]]
"""What a neck does: for so many seconds, so many degrees of flexion."""


def angle(deg: float | None, sd_deg: float = 2.0, reason: Absence = Absence.UNSURE) -> Angle:
    """An angle, or a missing one for None."""
    return missing(reason) if deg is None else Angle(deg, sd_deg)


def posture(
    t_s: float,
    neck_flexion: float | None = 0.0,
    *,
    trunk_flexion: float | None = 0.0,
    head_forward: float | None = 0.0,
    head_yaw: float | None = 0.0,
    head_roll: float | None = 0.0,
    lateral_tilt: float | None = 0.0,
    shoulder_elevation_left_sw: float | None = 0.0,
    shoulder_elevation_right_sw: float | None = 0.0,
    view: View = View.FRONT,
    sd_deg: float = 2.0,
    reason: Absence = Absence.UNSURE,
) -> Posture:
    """A posture with these angles, None for one that is missing; the head pitch is what makes them add up."""
    head_pitch = None if neck_flexion is None or trunk_flexion is None else neck_flexion + trunk_flexion
    return Posture(
        t_s=t_s,
        present=True,
        view=view,
        head_pitch=angle(head_pitch, sd_deg, reason),
        trunk_flexion=angle(trunk_flexion, sd_deg, reason),
        neck_flexion=angle(neck_flexion, sd_deg, reason),
        head_forward=angle(head_forward, sd_deg, reason),
        head_yaw=angle(head_yaw, sd_deg, reason),
        head_roll=angle(head_roll, sd_deg, reason),
        lateral_tilt=angle(lateral_tilt, sd_deg, reason),
        shoulder_elevation_left_sw=shoulder_elevation_left_sw,
        shoulder_elevation_right_sw=shoulder_elevation_right_sw,
    )


def samples(history: History, rate_hz: float = 5.0, start_s: float = 0.0) -> Iterator[tuple[float, float | Not]]:
    """Time and value of every sample of a history, its last instant included."""
    end_s, k = 0.0, 0
    value: float | Not = Not.SAMPLED
    for duration_s, value in history:
        end_s += duration_s
        while k / rate_hz < end_s - 1e-9:
            if value is not Not.SAMPLED:
                yield start_s + k / rate_hz, value
            k += 1
    if value is not Not.SAMPLED:
        yield start_s + end_s, value


def postures(history: History, rate_hz: float = 5.0, start_s: float = 0.0) -> Iterator[Posture]:
    """The postures of a history."""
    for t_s, value in samples(history, rate_hz, start_s):
        if value is Not.THERE:
            yield nobody(t_s)
        else:
            yield posture(t_s, None if isinstance(value, Not) else value)
