"""The person's own neutral: what the landmarks looked like while sitting upright and facing the screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from statistics import median

import numpy as np

from posturecam.core.landmarks import Array, Backdrop, Body, HeadTurn, Landmarks, Who

SEEN_SHARE = 0.3
"""A neutral face, crown, hairline or turn is kept when at least this share of the neutral frames shows one."""


@dataclass(frozen=True)
class Neutral:
    """Median landmarks over the neutral stretch; every angle is a change from here.

    Axes and units are those of `Landmarks`.
    """

    width_px: int
    height_px: int
    body_px: Array
    """(33, 3)."""
    visibility: Array
    """(33,)."""
    face_px: Array | None
    """(468, 3); None when the face was not seen, as from the side."""
    backdrop: Backdrop | None = None
    """Where the picture around the person lay; None when that is not known, as from another day."""
    crown_px: float | None = None
    """Height y of the top of the head's silhouette; None when it was not seen."""
    hairline_px: float | None = None
    """Height y of the hairline; None when it was not seen."""
    head_turns: tuple[HeadTurn, ...] = ()
    """Those of `Landmarks`, one for each look from which they are counted; none when it was told in none, or in another
    stream."""


def neutral_of(frames: Sequence[Landmarks]) -> Neutral:
    """Return the neutral of some frames: the median of every point over the frames that show it.

    Frames that show somebody else count for nothing. Raises ValueError when no frame shows a body or the frames
    differ in size.
    """
    frames = [frame for frame in frames if frame.who is Who.SAME]
    bodies = [frame.body_px for frame in frames if frame.body_px is not None]
    sureness = [frame.visibility for frame in frames if frame.visibility is not None]
    faces = [frame.face_px for frame in frames if frame.face_px is not None]
    crowns = [frame.crown_px for frame in frames if frame.crown_px is not None]
    hairlines = [frame.hairline_px for frame in frames if _shows_a_hairline(frame)]
    if not bodies:
        raise ValueError("nobody is seen in the neutral stretch")
    enough = max(1, SEEN_SHARE * len(bodies))
    width_px, height_px = frames[0].width_px, frames[0].height_px
    if any((frame.width_px, frame.height_px) != (width_px, height_px) for frame in frames):
        raise ValueError("the frames of the neutral stretch differ in size")
    return Neutral(
        width_px,
        height_px,
        np.median(bodies, axis=0),
        np.median(sureness, axis=0),
        np.median(faces, axis=0) if len(faces) >= enough else None,
        _middle([frame.backdrop for frame in frames if frame.backdrop is not None]),
        float(np.median(crowns)) if len(crowns) >= enough else None,
        float(np.median(np.array(hairlines, float))) if len(hairlines) >= enough else None,
        _head_turns([frame.head_turn for frame in frames if frame.head_turn is not None], enough),
    )


def _head_turns(turns: Sequence[HeadTurn], enough: float) -> tuple[HeadTurn, ...]:
    counts = defaultdict(list)
    for turn in turns:
        counts[turn.since_s].append(turn.turn_rad)
    return tuple(HeadTurn(median(found), since_s) for since_s, found in counts.items() if len(found) >= enough)


def _shows_a_hairline(frame: Landmarks) -> bool:
    """Whether it is seen where one may be: over the nose."""
    return (
        frame.hairline_px is not None
        and frame.body_px is not None
        and frame.hairline_px < float(frame.body_px[Body.NOSE, 1])
    )


def _middle(backdrops: Sequence[Backdrop]) -> Backdrop | None:
    return Backdrop(*np.median([astuple(one) for one in backdrops], axis=0).tolist()) if backdrops else None
