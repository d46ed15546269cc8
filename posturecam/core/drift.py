"""Following slow drift: over hours a person sinks a little, a lid sags, and neutral is no longer zero."""

from __future__ import annotations

from dataclasses import replace

from posturecam.core.posture import Angle, Posture

LIMIT_DEG = 5.0
"""Never more than this in all, so that a posture that matters is not learned."""
RATE_DEG_PER_MIN = 0.5
WITHIN_DEG = 8.0
"""Only while head, trunk and neck are this close to the calibrated neutral."""
LONGEST_WAIT_S = 1.0
"""A frame stands for no longer than this: what happened in a gap is not known."""


class DriftFollower:
    """Takes out of head pitch, trunk flexion and their difference what lasts for many minutes.

    It pulls the readings towards zero at a fixed slow rate, and so finds the posture that lies in the middle
    of the time spent near neutral (its median), whatever glances lie around it. A bounded, slow recentring,
    held during a posture that is watched for, cannot learn that posture; the bounds are judgement.
    """

    def __init__(self) -> None:
        self._drift_deg = 0.0, 0.0
        self._last_s: float | None = None

    @property
    def drift_deg(self) -> tuple[float, float]:
        """What is taken out of head pitch and of trunk flexion."""
        return self._drift_deg

    def update(self, posture: Posture, at_ease: bool) -> Posture:
        """Return the posture without the drift; `at_ease` allows to follow it: nothing is watched or told of."""
        waited_s = 0.0 if self._last_s is None else min(posture.t_s - self._last_s, LONGEST_WAIT_S)
        self._last_s = posture.t_s
        pitch, trunk, neck = (angle.deg for angle in (posture.head_pitch, posture.trunk_flexion, posture.neck_flexion))
        if at_ease and pitch is not None and trunk is not None and neck is not None:
            self._follow(pitch, trunk, waited_s)
        pitch_drift, trunk_drift = self._drift_deg
        return replace(
            posture,
            head_pitch=_less(posture.head_pitch, pitch_drift),
            trunk_flexion=_less(posture.trunk_flexion, trunk_drift),
            neck_flexion=_less(posture.neck_flexion, pitch_drift - trunk_drift),
        )

    def _follow(self, pitch_deg: float, trunk_deg: float, waited_s: float) -> None:
        if _largest(pitch_deg, trunk_deg) > WITHIN_DEG:
            return
        pitch_drift, trunk_drift = self._drift_deg
        pitch_rest, trunk_rest = pitch_deg - pitch_drift, trunk_deg - trunk_drift
        share = min(1.0, RATE_DEG_PER_MIN / 60 * waited_s / max(_largest(pitch_rest, trunk_rest), 1e-9))
        pitch_drift, trunk_drift = pitch_drift + pitch_rest * share, trunk_drift + trunk_rest * share
        beyond = max(1.0, _largest(pitch_drift, trunk_drift) / LIMIT_DEG)
        self._drift_deg = pitch_drift / beyond, trunk_drift / beyond


def _largest(pitch_deg: float, trunk_deg: float) -> float:
    """Return the largest of head pitch, trunk flexion and the neck flexion between them, without its sign."""
    return max(abs(pitch_deg), abs(trunk_deg), abs(pitch_deg - trunk_deg))


def _less(angle: Angle, drift_deg: float) -> Angle:
    return angle if angle.deg is None else Angle(angle.deg - drift_deg, angle.sd_deg)
