"""What a running monitor says about itself: one record, the same in the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from typing import Any


class Mode(str, Enum):
    """What a monitor is at. Where several hold, the one that comes last here is meant."""

    WATCHING = "watching"
    AWAY = "away"
    """Nobody is there."""
    SNOOZED = "snoozed"
    """It measures, and says nothing."""
    STARTING = "starting"
    """No picture has been seen yet, or no neutral is known yet."""
    NO_CAMERA = "no_camera"
    """It waits for pictures; `trouble` says why there are none."""
    PAUSED = "paused"
    """It neither watches nor holds the camera."""


@dataclass(frozen=True)
class Status:
    """A monitor at one moment. Times are seconds since 1970 UTC; None is not known, or does not hold now."""

    pid: int
    version: str
    """posturecam's."""
    since: float
    """When the monitor started."""
    mode: Mode
    mode_since: float
    snoozed_until: float | None = None
    """Finite; also when `mode` says something weightier."""
    camera: str | None = None
    """As the user knows it."""
    trouble: str | None = None
    """What is wrong with the camera, in words."""
    profile: str | None = None
    """None: the neutral is taken from the session itself."""
    view: str | None = None
    """Of `core.posture.View`."""
    state: str | None = None
    """Of `core.state.State`."""
    state_since: float | None = None
    neck_flexion_deg: float | None = None
    """Change from neutral, positive downwards."""
    amber_deg: float | None = None
    """The personal thresholds; None while there is no neutral."""
    onset_deg: float | None = None
    severe_deg: float | None = None
    exposure: float | None = None
    """Of text neck: 0 rested, 1 alert."""
    setup: str | None = None
    """Why the calibration no longer fits, in words; None when it fits."""
    seated_s: float | None = None
    """Since the last break, seconds."""
    still_s: float | None = None
    """Since the last change of position, seconds."""
    alerts_today: int = 0
    last_alert: float | None = None
    last_alert_title: str | None = None
    sink_troubles: Mapping[str, str] = field(default_factory=dict)
    """What last went wrong at telling, by the sink's name."""
    analysed_hz: float | None = None
    """Pictures analysed per second, of late."""
    analysis_ms: float | None = None
    """Milliseconds per analysed picture, of late."""

    def as_dict(self) -> dict[str, Any]:
        """Everything, by its name, as JSON has it."""
        return {**asdict(self), "mode": self.mode.value, "sink_troubles": dict(self.sink_troubles)}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Status:
        """Read what `as_dict` gave, in this posturecam or another: what is not known here is left out.

        ValueError when it is no status.
        """
        known = {one.name for one in fields(cls)}
        try:
            return cls(**{**{key: value for key, value in told.items() if key in known}, "mode": Mode(told["mode"])})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a monitor's status: {error}") from None
