"""Which seconds of a recording show the person's neutral."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calibration.steady import Stretch, steady_stretch
from posturecam.core.landmarks import Array, Body, Landmarks, Who, shoulder_width_px
from posturecam.core.scene import face_slant_rad

HEIGHT_PER_DEG = 0.011
"""Share of the eyes' height over the shoulders that is lost per degree of neck flexion, about (rendered heads)."""
MAX_SD_DEG = 2.0
"""A neutral that moves more than this is not steady."""
UPRIGHT_DEG = 6.0
"""A stretch this much lower than the most upright one still counts as upright."""
UPRIGHT_PERCENTILE = 80.0
"""A frame clearly lower than this percentile of the recording's heights is not upright, however still it is:
the longest still stretch may be one spent bent. One clearly higher is a look up (judgement)."""
FACING_DEG = 12.0
"""A stretch in which the head is turned further than this from its usual direction is not facing."""
USUAL = 0.06
"""Somebody upright who is larger or smaller than usual by this share, or whose shoulders are elsewhere by this share of
the upper body's size, has leaned forward or away."""
FACES_SHOWN = 0.3
"""Of a recording in which at least this share of the frames shows a face, the neutral shows one too. In profile there
are fewer, and those are none."""
FLICKER_S = 0.5
"""A face that is missing for a moment was there."""

LOOSENED = (1.0, 2.0, 4.0)
"""A recording in which nobody is ever still gets its neutral from the stillest stretch there is."""
FRONT_WIDTH, FRONT_DEG = 0.8, 30.0
"""Shoulders at least this wide against the eyes' height over them, under a face turned by less, are seen from in front.
"""


def find_neutral_stretch(frames: Sequence[Landmarks]) -> tuple[Stretch, bool] | None:
    """Return the earliest steady, upright stretch in which the head faces its usual way, and whether it is
    really steady; None when nobody is seen for long enough.

    What the recording never shows cannot be found: someone who is bent throughout has a bent neutral.
    """
    if not any(frame.body_px is not None for frame in frames):
        return None
    t_s = np.array([frame.t_s for frame in frames])
    signals = _with_faces(t_s, np.array([_signals(frame) for frame in frames]))
    turn_deg = signals[:, 4]
    usual_deg = np.nanmedian(turn_deg)
    signals[np.abs(turn_deg - usual_deg) > FACING_DEG] = np.nan
    if np.isnan(signals).all():
        return None
    width_px, rise_px, drop_px = signals[:, 0], signals[:, 1], signals[:, 2]
    frontal = np.nanmedian(width_px) > FRONT_WIDTH * np.nanmedian(rise_px) and abs(usual_deg) < FRONT_DEG
    size_px = np.nanmedian(rise_px)
    height = rise_px / width_px if frontal else -drop_px / size_px
    tolerance = float(UPRIGHT_DEG * HEIGHT_PER_DEG * (np.nanmedian(rise_px / width_px) if frontal else 1.0))
    upright = np.nanpercentile(height, UPRIGHT_PERCENTILE)
    signals[np.abs(height - upright) > tolerance] = np.nan
    if np.isnan(signals).all():
        return None
    stature_px = np.hypot(width_px, rise_px)
    usual_px = np.nanmedian(stature_px)
    elsewhere_px = np.linalg.norm(signals[:, 5:] - np.nanmedian(signals[:, 5:], axis=0), axis=1)
    unusual = np.fmax(np.abs(stature_px - usual_px), elsewhere_px) / usual_px
    moving = np.stack([rise_px / size_px, drop_px / size_px, signals[:, 3], signals[:, 4]], axis=1)
    share = MAX_SD_DEG * HEIGHT_PER_DEG
    for looser in LOOSENED:
        stretch = steady_stretch(
            t_s,
            np.where(unusual[:, None] > looser * USUAL, np.nan, moving),
            [looser * sd for sd in (share, share, MAX_SD_DEG, 2 * MAX_SD_DEG)],
            height,
            tolerance,
        )
        if stretch:
            return stretch, looser == LOOSENED[0]
    return None


def _with_faces(t_s: Array, signals: Array) -> Array:
    """Return the signals with those of the face wherever it counts: from a moment before or after where it flickers.

    Where it is missing for longer all are NaN, for it is hidden; in a recording that shows no faces it tells nothing.
    """
    body, face = ~np.isnan(signals[:, 0]), ~np.isnan(signals[:, 3])
    filled = signals.copy()
    if face.sum() < FACES_SHOWN * body.sum():
        filled[body, 3:5] = 0.0
        return filled
    shown = np.flatnonzero(face)
    after = np.minimum(np.searchsorted(t_s[shown], t_s), len(shown) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(t_s[shown[after]] - t_s) < np.abs(t_s[shown[before]] - t_s)
    nearest = shown[np.where(nearer, after, before)]
    filled[:, 3:5] = signals[nearest, 3:5]
    filled[~body | (np.abs(t_s[nearest] - t_s) > FLICKER_S)] = np.nan
    return filled


def _signals(frame: Landmarks) -> Array:
    """Return the shoulders' width, the eyes' height over them, the eyes' place from the picture's top (px), the
    face's slant and turn (deg), and the shoulders' place (x, y, px).

    Where the frame shows no body, or surely another than the person's, all are NaN; where it shows no face, slant and
    turn.
    """
    if frame.body_px is None or frame.who is not Who.SAME:
        return np.full(7, np.nan)
    eyes_px = frame.body_px[[Body.LEFT_EYE, Body.RIGHT_EYE], 1].mean()
    across_px, down_px = frame.body_px[[Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER], :2].mean(axis=0)
    slant_deg, turn_deg = (np.nan, np.nan) if frame.face_px is None else np.degrees(face_slant_rad(frame.face_px))
    width_px = max(1.0, shoulder_width_px(frame.body_px))
    return np.array([width_px, down_px - eyes_px, eyes_px, slant_deg, turn_deg, across_px, down_px])
