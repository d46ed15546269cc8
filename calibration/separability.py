"""From which neck flexion on it is the phone: the onset that tells a person's phone from their keyboard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from calibration.baseline import Level

DEFAULT_ONSET_DEG = 20.0
"""Discomfort rises much above it (Chen et al. 2023), and RULA (McAtamney & Corlett 1993) counts it."""
LOWEST_ONSET_DEG = 15.0
"""Up to here the neck's extensors have little to do (Namwongsa et al. 2019): nothing to alert to."""
HIGHEST_ONSET_DEG = 40.0
"""Beyond it a line of sight may not be held (EN 1005-4:2005+A1:2008): always something to alert to."""
AVOIDED_DEG = 30.0
"""To be avoided (Tapanya et al. 2021); an onset above it is said to be high."""
STEP_DEG = 0.5
"""Onsets are multiples of it."""

OCCASION_SD_DEG = 3.0
"""How differently a person takes up the same pose another time: seconds of one holding do not show it.

People find their natural head posture again within 2° (Moorrees & Kean 1958), and the measurement itself
varies by as much; from one person to another, phone postures differ by 6-8° (standard deviations).
"""
OVERLAP_ERROR = 0.2
"""When even the best onset errs more often than this, the two poses are not told apart (judgement)."""
AS_GOOD_ERROR = 0.002
"""Onsets whose error is within this of the best one's are as good (judgement)."""
UNSEEN_ERROR = 0.05
"""With only one of the two poses known, the onset may err on it this often (judgement)."""


class Basis(str, Enum):
    """How an onset came about."""

    SEPARATED = "separated"
    """It tells phone from keyboard best."""
    HELD = "held"
    """The best one lies outside the bounds; it is the best within them."""
    OVERLAP = "overlap"
    """Phone and keyboard cannot be told apart: the default."""
    PHONE_ONLY = "phone_only"
    """The default, or as much less as the phone posture needs; the keyboard is not known."""
    KEYBOARD_ONLY = "keyboard_only"
    """The default, or as much more as the keyboard glance needs; the phone is not known."""
    DEFAULT = "default"
    """Neither is known."""
    BY_HAND = "by_hand"
    """The person chose it."""


@dataclass(frozen=True)
class Onset:
    """An onset of text neck and how often it would err. Degrees of neck flexion over neutral."""

    onset_deg: float
    basis: Basis
    keyboard_deg: float | None = None
    """The keyboard glance; None when it is not known."""
    phone_deg: float | None = None
    """The phone posture; None when it is not known."""
    glance_error: float | None = None
    """Share of keyboard glances that reach the onset, 0..1, to expect."""
    phone_error: float | None = None
    """Share of phone postures that stay below it, 0..1, to expect."""


def personal_onset(neutral: Level, keyboard: Level | None = None, phone: Level | None = None) -> Onset:
    """Return the onset for a person whose neck flexion rested at these levels in the three poses.

    Each pose is taken as normally distributed, its spread widened by OCCASION_SD_DEG. The best onset makes
    the two errors smallest together; of those as good, it is the one nearest to the default. None is looked
    for outside LOWEST_ONSET_DEG and HIGHEST_ONSET_DEG.
    """

    def at(onset_deg: float, basis: Basis) -> Onset:
        return onset_at(onset_deg, basis, neutral, keyboard, phone)

    if keyboard and phone:
        onsets = [at(deg, Basis.SEPARATED) for deg in _steps(0.0, 90.0)]
        least = min(map(_mean_error, onsets))
        if phone.median_deg <= keyboard.median_deg or least > OVERLAP_ERROR:
            return at(DEFAULT_ONSET_DEG, Basis.OVERLAP)
        within = [one for one in onsets if LOWEST_ONSET_DEG <= one.onset_deg <= HIGHEST_ONSET_DEG]
        least_within = min(map(_mean_error, within))
        as_good = [one for one in within if _mean_error(one) <= least_within + AS_GOOD_ERROR]
        best = min(as_good, key=lambda one: abs(one.onset_deg - DEFAULT_ONSET_DEG))
        return best if least_within <= least + AS_GOOD_ERROR else at(best.onset_deg, Basis.HELD)
    if phone:
        lower = [at(deg, Basis.PHONE_ONLY) for deg in _steps(LOWEST_ONSET_DEG, DEFAULT_ONSET_DEG)]
        return next((one for one in reversed(lower) if _mean_error(one) <= UNSEEN_ERROR), lower[0])
    if keyboard:
        higher = [at(deg, Basis.KEYBOARD_ONLY) for deg in _steps(DEFAULT_ONSET_DEG, HIGHEST_ONSET_DEG)]
        return next((one for one in higher if _mean_error(one) <= UNSEEN_ERROR), higher[-1])
    return at(DEFAULT_ONSET_DEG, Basis.DEFAULT)


def onset_at(
    onset_deg: float, basis: Basis, neutral: Level, keyboard: Level | None = None, phone: Level | None = None
) -> Onset:
    """Return what a given onset means for a person with these levels."""
    keyboard_deg = keyboard.median_deg - neutral.median_deg if keyboard else None
    phone_deg = phone.median_deg - neutral.median_deg if phone else None
    return Onset(
        onset_deg,
        basis,
        keyboard_deg,
        phone_deg,
        _share_beyond(onset_deg - keyboard_deg, keyboard) if keyboard and keyboard_deg is not None else None,
        _share_beyond(phone_deg - onset_deg, phone) if phone and phone_deg is not None else None,
    )


def explain(onset: Onset) -> str:
    """Return in plain words what the onset is, why, and how often it will err."""
    known = [("your phone posture", onset.phone_deg), ("your keyboard glance", onset.keyboard_deg)]
    poses = [(pose, deg) for pose, deg in known if deg is not None]
    shown = [f"{pose} {_below(deg, brief=k > 0)}" for k, (pose, deg) in enumerate(poses)]
    start = f"alerts start at {onset.onset_deg:g}°{_why(onset)}."
    sentences = [_capital("; ".join([", ".join(shown), start] if shown else [start]))]
    errors = [
        f"{_times(share)} {what}"
        for share, what in (
            (onset.glance_error, "glances would look like phone use"),
            (onset.phone_error, "phone postures would be missed"),
        )
        if share is not None
    ]
    if errors:
        sentences.append(_capital(", and ".join(errors)) + ".")
    if onset.onset_deg > AVOIDED_DEG:
        sentences.append(
            f"That is late, for {AVOIDED_DEG:g}° held is to be avoided: raise what you look down at, "
            "or set a lower onset."
        )
    return " ".join(sentences)


_WHY = {
    Basis.SEPARATED: "",
    Basis.OVERLAP: ", the default, because the two are too much alike to be told apart",
    Basis.PHONE_ONLY: "; no keyboard glance was shown that it could be told from",
    Basis.KEYBOARD_ONLY: "; no phone posture was shown that it could be told from",
    Basis.DEFAULT: ", the default, because neither a keyboard glance nor a phone posture was shown",
    Basis.BY_HAND: ", as set by hand",
}


def _why(onset: Onset) -> str:
    if onset.basis is Basis.HELD:
        if onset.onset_deg < DEFAULT_ONSET_DEG:
            return ", no earlier, because up to there the neck has little to do"
        return ", no later, because beyond it no posture may be held for long"
    if onset.basis is Basis.OVERLAP and (onset.phone_deg or 0.0) <= (onset.keyboard_deg or 0.0):
        return ", the default, because the phone posture is no lower than the keyboard glance"
    return _WHY[onset.basis]


def _below(deg: float, brief: bool) -> str:
    if brief and deg >= 0:
        return f"{deg:.0f}°"
    return f"{'' if brief else 'is '}{abs(deg):.0f}° {'below' if deg >= 0 else 'above'} neutral"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _times(share: float) -> str:
    """Return a share in words: "1 in 12", or "9 in 10" when it is more than half."""
    if share < 0.001:
        return "fewer than 1 in 1000"
    if share <= 0.5:
        return f"1 in {round(float(f'{1 / share:.2g}'))}"
    return f"{min(9, round(10 * share))} in 10"


def _mean_error(onset: Onset) -> float:
    errors = [share for share in (onset.glance_error, onset.phone_error) if share is not None]
    return sum(errors) / len(errors)


def _share_beyond(distance_deg: float, level: Level) -> float:
    """Return the share of occasions on which a pose lies further than this, one way, from its level."""
    sd_deg = math.hypot(level.sd_deg, OCCASION_SD_DEG)
    return math.erfc(distance_deg / sd_deg / math.sqrt(2)) / 2


def _steps(low_deg: float, high_deg: float) -> list[float]:
    return [low_deg + STEP_DEG * k for k in range(round((high_deg - low_deg) / STEP_DEG) + 1)]
