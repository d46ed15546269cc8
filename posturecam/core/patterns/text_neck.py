"""Text neck: the head bent down on the trunk, and held there."""

from __future__ import annotations

from dataclasses import dataclass

from posturecam.core.event import Event
from posturecam.core.iso11226 import STANDARD, Sensitivity, head_holding_time_s
from posturecam.core.manner import Manner
from posturecam.core.patterns.pattern import Kind, Parameter, Tuning
from posturecam.core.patterns.sustained import Phase, SustainedPattern
from posturecam.core.posture import Posture

ONSET_DEG = 20.0
"""Discomfort rises considerably above it (Chen et al. 2023); RULA (McAtamney & Corlett 1993) scores more
from it on."""
ONSET_RANGE_DEG = (5.0, 60.0)
HYSTERESIS_DEG = 5.0
"""Between onset and release; a few times the jitter of a smoothed angle (judgement)."""


@dataclass(frozen=True)
class FlexionThresholds:
    """The neck flexions that matter, degrees over neutral, all from the one at which text neck begins.

    By default: amber from 15°, up to which the neck's extensors work little (Namwongsa et al. 2019); red,
    the onset, from 20° (Chen et al. 2023); severe from 30°, to be avoided (Tapanya et al. 2021).
    """

    onset_deg: float = ONSET_DEG

    def __post_init__(self) -> None:
        low, high = ONSET_RANGE_DEG
        if not low <= self.onset_deg <= high:
            raise ValueError(f"the onset must lie between {low:g} and {high:g} degrees, not {self.onset_deg:g}")

    @property
    def amber_deg(self) -> float:
        """Three quarters of the onset."""
        return 0.75 * self.onset_deg

    @property
    def red_deg(self) -> float:
        """The onset."""
        return self.onset_deg

    @property
    def severe_deg(self) -> float:
        """One and a half times the onset."""
        return 1.5 * self.onset_deg

    @property
    def release_deg(self) -> float:
        """Below it the neck has recovered: 5° under the onset, but no less than half of it."""
        return max(self.onset_deg - HYSTERESIS_DEG, 0.5 * self.onset_deg)


class TextNeck:
    """Watches the neck flexion for text neck.

    The flexion is taken as it is measured, however unsure it is: holding times change little over the
    few degrees of its error, and a doubt that stopped the clock would stop it when the head is far down,
    where the doubt is greatest and the strain too.
    """

    def __init__(self, sensitivity: Sensitivity = STANDARD, onset_deg: float = ONSET_DEG) -> None:
        """Raises ValueError for an onset outside 5..60 degrees."""
        self.thresholds = FlexionThresholds(onset_deg)
        self._seen = False
        self._pattern = SustainedPattern(
            "text_neck",
            onset=self.thresholds.onset_deg,
            release=self.thresholds.release_deg,
            alert_after_s=sensitivity.alert_after_s,
            limit_s=head_holding_time_s if sensitivity.fraction < 1 else None,
        )

    @property
    def name(self) -> str:
        """As it is written in episodes."""
        return self._pattern.name

    @property
    def phase(self) -> Phase:
        """Where it stands, as of the last posture."""
        return self._pattern.phase

    @property
    def under_way(self) -> bool:
        """As of the last posture an excursion beyond the onset has begun and not ended."""
        return self.phase is not Phase.RECOVERED

    @property
    def obstacle(self) -> str | None:
        """Why the neck flexion was never measured so far."""
        return None if self._seen else "not to be seen in these pictures"

    @property
    def exposure(self) -> float:
        """0 recovered, 1 an alert is due, and more beyond; as of the last posture."""
        return self._pattern.exposure

    def update(self, posture: Posture) -> list[Event]:
        """Take one posture and give what came about, in order.

        Raises ValueError, and changes nothing, when time runs backwards.
        """
        self._seen = self._seen or posture.neck_flexion.deg is not None
        return self._pattern.update(posture.t_s, posture.neck_flexion.deg, posture.present)

    def finish(self, t_s: float) -> list[Event]:
        """End the stream at `t_s`, and with it an open episode."""
        return self._pattern.finish(t_s)


def make(tuning: Tuning, sensitivity: Sensitivity) -> TextNeck:
    """Return a watcher with these values."""
    return TextNeck(sensitivity, tuning[KIND.name]["onset_deg"])


KIND = Kind(
    name="text_neck",
    what="The head is bent down on the trunk, as over a telephone, a book or a low screen.",
    why="Gravity pulls on a neck bent by 45° four times as hard as on a neutral one (Vasavada et al. 2015); "
    "ISO 11226:2000 limits how long it may be held.",
    said="Your neck has been bent down for a while: look up, and raise what you look at.",
    said_again="Your neck is still bent down, as long as the standard allows: look up, and move.",
    manner=Manner.ALERT,
    parameters=(
        Parameter(
            "onset_deg",
            ONSET_DEG,
            *ONSET_RANGE_DEG,
            "neck flexion over neutral that counts",
            "discomfort rises considerably above it (Chen et al. 2023); RULA (McAtamney & Corlett 1993) "
            "scores it higher",
        ),
    ),
    make=make,
)
