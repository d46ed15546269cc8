"""Profiles of people who were never calibrated."""

from __future__ import annotations

from typing import Any

import numpy as np

from calibration.baseline import Level
from calibration.profile import METRIC, Profile
from calibration.separability import Basis


def profile(name: str = "desk", **changes: Any) -> Profile:
    """A profile made from the front; the points are made up, the shapes are not."""
    draw = np.random.default_rng(5)
    facts: dict[str, Any] = {
        "name": name,
        "made": "2026-11-22T19:30:00+01:00",
        "view": "front",
        "camera": None,
        "width_px": 640,
        "height_px": 480,
        "field_of_view_deg": 65.0,
        "body_px": draw.uniform(0, 640, (33, 3)),
        "visibility": draw.uniform(0, 1, 33),
        "face_px": draw.uniform(0, 640, (468, 3)),
        "spread": {METRIC: Level(0.1, 0.8), "head_pitch_deg": Level(-0.2, 0.9)},
        "keyboard": Level(18.0, 1.0),
        "phone": Level(33.0, 1.5),
        "onset_deg": 25.0,
        "basis": Basis.SEPARATED,
    }
    return Profile(**{**facts, **changes})
