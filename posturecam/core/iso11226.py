"""How long a bent head may be held: the holding times of ISO 11226, and the share of them until an alert."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT_FROM_DEG = 25.0
"""Up to here ISO 11226:2000 accepts a head inclination without a limit of time."""
LIMIT_TO_DEG = 85.0
"""Beyond here ISO 11226:2000 does not accept it at all."""
FLOOR_S = 15.0
"""No alert comes sooner than this. Judgement: what is shorter cannot be told from a look at the desk."""


def head_holding_time_s(inclination_deg: float) -> float:
    """Longest acceptable holding time of a head inclination, seconds (ISO 11226:2000).

    The standard tabulates 8 min at 25° falling to 1 min at 85°, about a fifth of the maximum endurance;
    `T = 8 - 7 (θ - 25) / 60` minutes gives every value of that table. Outside it the value at the nearer
    end is returned: under 25° the standard itself sets no limit, over 85° it accepts no time at all.
    """
    deg = min(max(inclination_deg, LIMIT_FROM_DEG), LIMIT_TO_DEG)
    return 60.0 * (8.0 - 7.0 * (deg - LIMIT_FROM_DEG) / 60.0)


@dataclass(frozen=True)
class Sensitivity:
    """The share of ISO 11226's holding time after which a held posture is worth an alert."""

    fraction: float
    """Above 0, at most 1."""

    def __post_init__(self) -> None:
        if not 0.0 < self.fraction <= 1.0:
            raise ValueError(f"a sensitivity is a fraction above 0 and at most 1, not {self.fraction}")

    @classmethod
    def parse(cls, text: str) -> Sensitivity:
        """Read `strict`, `standard`, `relaxed`, `iso`, or a fraction such as `1/32` or `0.05`.

        Raises ValueError, naming what is allowed, for anything else.
        """
        if (preset := PRESETS.get(text.strip().lower())) is not None:
            return preset
        numerator, slash, denominator = text.partition("/")
        try:
            return cls(float(numerator) / (float(denominator) if slash else 1.0))
        except (ValueError, ZeroDivisionError):
            raise ValueError(
                f"sensitivity {text!r} is not known: give {', '.join(PRESETS)}, or a fraction of ISO 11226's "
                "holding time above 0 and at most 1, such as 1/32"
            ) from None

    def alert_after_s(self, flexion_deg: float) -> float:
        """Seconds at this neck flexion until an alert; never under 15 s.

        The standard's times are those of the head's inclination. They are read at the neck flexion, which is
        the same as long as the trunk is as in neutral, and less than the inclination when it leans forward.
        """
        return max(FLOOR_S, self.fraction * head_holding_time_s(flexion_deg))

    def __str__(self) -> str:
        names = {sensitivity: name for name, sensitivity in PRESETS.items()}
        return names.get(self, f"{self.fraction:g}")


STANDARD = Sensitivity(1 / 8)
"""60 s at 25° and less, the time from which RULA (McAtamney & Corlett 1993) and REBA (Hignett & McAtamney
2000) call a posture static, and the limit of Miedema et al. 1997 for moderately uncomfortable postures."""

PRESETS = {
    "strict": Sensitivity(1 / 16),
    "standard": STANDARD,
    "relaxed": Sensitivity(1 / 4),
    "iso": Sensitivity(1.0),
}
"""Half and twice the standard by judgement; `iso` waits for the standard's own limit."""
