"""Where head and shoulders are, against where they were at neutral."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """Where one frame shows the person; what it does not show is None.

    Centimetres are those of an average adult. Directions are the person's own at neutral; up is against
    gravity.
    """

    head_forward_cm: float | None = None
    """How far the middle between the tragi has come forward; nodding and turning alone do not move it."""
    head_left_cm: float | None = None
    head_up_cm: float | None = None
    shoulders_forward_cm: float | None = None
    """How far the middle between the shoulder joints has come forward."""
    left_shoulder_up_cm: float | None = None
    right_shoulder_up_cm: float | None = None
    ear_gap_left: float | None = None
    """Height of the left ear over the left shoulder, as a share of neutral's; None from the side."""
    ear_gap_right: float | None = None
    eye_distance_cm: float | None = None
    """From the camera to the eyes, if the camera has the field of view that is assumed (10° of error are a
    fifth) and the person an adult's face; None without a face."""

    @property
    def shoulders_up_cm(self) -> float | None:
        """How far the middle between the shoulder joints has risen."""
        if self.left_shoulder_up_cm is None or self.right_shoulder_up_cm is None:
            return None
        return (self.left_shoulder_up_cm + self.right_shoulder_up_cm) / 2


UNPLACED = Placement()
"""Nothing of it is known."""
