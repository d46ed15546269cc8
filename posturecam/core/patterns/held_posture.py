"""A posture that is told by cues and matters when it is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from posturecam.core.event import Event
from posturecam.core.iso11226 import FLOOR_S, STANDARD, Sensitivity
from posturecam.core.patterns.cue import ONSET, RELEASE
from posturecam.core.patterns.pattern import Parameter
from posturecam.core.patterns.sustained import Phase, SustainedPattern
from posturecam.core.posture import Posture

STATIC_S = 60.0
DWELL = Parameter(
    "dwell_s",
    STATIC_S,
    FLOOR_S,
    3600.0,
    "held for so long it is worth a word, at the standard sensitivity",
    "from 1 min on RULA (McAtamney & Corlett 1993) and REBA (Hignett & McAtamney 2000) call a posture static",
)


@dataclass(frozen=True)
class Reading:
    """What one sample says of a posture."""

    firmness: float | None
    """Its weakest cue: 1 at the onset, 0 at the release; None when it cannot be told."""
    deg: float | None
    """The angle to write down."""


class HeldPosture:
    """Watches for a posture that is held, by the reading of each sample."""

    def __init__(
        self,
        name: str,
        read: Callable[[Posture], Reading],
        dwell_s: float,
        sensitivity: Sensitivity,
        limit_s: float | None = None,
    ) -> None:
        """`dwell_s` until an alert and `limit_s` until a reminder hold at the standard sensitivity.

        Others shorten or lengthen both in proportion; no alert comes sooner than after 15 s.
        """
        share = sensitivity.fraction / STANDARD.fraction
        self._read = read
        self._seen = False
        self._pattern = SustainedPattern(
            name,
            onset=ONSET,
            release=RELEASE,
            alert_after_s=lambda _: max(FLOOR_S, share * dwell_s),
            limit_s=None if limit_s is None else lambda _: max(2 * FLOOR_S, share * limit_s),
            in_degrees=False,
        )

    @property
    def under_way(self) -> bool:
        """As of the last posture an excursion beyond the onset has begun and not ended."""
        return self._pattern.phase is not Phase.RECOVERED

    @property
    def obstacle(self) -> str | None:
        """Why it could not be told from any posture so far."""
        return None if self._seen else "not to be seen in these pictures"

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order.

        Raises ValueError, and changes nothing, when time runs backwards.
        """
        reading = self._read(posture) if posture.present else Reading(None, None)
        self._seen = self._seen or reading.firmness is not None
        return self._pattern.update(posture.t_s, reading.firmness, posture.present, reading.deg)

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        return self._pattern.finish(t_s)
