"""summary.json: a session in numbers, for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from posturecam import __version__
from posturecam.core.alert_policy import Told
from posturecam.core.event import Episode
from posturecam.core.session import NeutralOrigin, NeutralSource, Session, Watch
from posturecam.fingerprint import Fingerprint
from posturecam.sinks.private_file import write_private_text

NAME = "summary.json"
SCHEMA_VERSION = 1


def summary(session: Session, made_from: Fingerprint | None = None) -> dict[str, Any]:
    """What summary.json holds. Seconds to the millisecond; None where nothing was measured.

    By the fingerprint a later replay knows what is done already.
    """
    recording, thresholds, totals = session.recording, session.thresholds, session.totals
    return {
        "schema_version": SCHEMA_VERSION,
        "posturecam_version": __version__,
        "recording": {
            "name": recording.name,
            "width_px": recording.width_px,
            "height_px": recording.height_px,
            "duration_s": _rounded(session.duration_s),
            "frame_rate_hz": _rounded(recording.frame_rate_hz),
            "analysis_rate_hz": _rounded(recording.analysis_rate_hz),
        },
        "neutral": _neutral(session.neutral),
        "state_s": {state.value: _rounded(spent) for state, spent in session.state_s.items()},
        "observed_s": _rounded(session.observed_s),
        "not_observed_s": _rounded(session.not_observed_s),
        "not_measured_s": {reason.value: _rounded(spent) for reason, spent in session.absence_s.items()},
        "exposure": {
            "above_onset_s": _rounded(totals.above_onset_s),
            "longest_hold_s": _rounded(totals.longest_hold_s),
            "mean_flexion_deg": _rounded(totals.mean_flexion_deg),
            "measured_share": _rounded(totals.measured_share),
            "mean_demand": _rounded(totals.mean_demand),
            "demand_minutes": _rounded(totals.demand_minutes),
        },
        "counts": {
            "samples": len(session.samples),
            "present": sum(s.posture.present for s in session.samples),
            "measured": sum(s.posture.absence is None for s in session.samples),
            "episodes": len(session.episodes),
            "alerts": len(session.alerts),
            "told": sum(e.told == Told.YES for e in session.episodes),
        },
        "patterns": {watch.pattern: _pattern(session, watch) for watch in session.watches},
        "thresholds": {
            "amber_deg": thresholds.amber_deg,
            "onset_deg": thresholds.onset_deg,
            "release_deg": thresholds.release_deg,
            "severe_deg": thresholds.severe_deg,
            "sensitivity": str(session.sensitivity),
            "iso_fraction": session.sensitivity.fraction,
        },
        "notes": list(session.notes),
        **({"fingerprint": made_from.as_dict()} if made_from else {}),
    }


def as_dict(session: Session, made_from: Fingerprint | None = None) -> dict[str, Any]:
    """The whole answer for a program: the summary and the episodes, which are those of episodes.csv."""
    by_onset = sorted(session.episodes, key=lambda e: e.onset_s)
    return {**summary(session, made_from), "episodes": [_episode(e) for e in by_onset]}


def json_text(answer: Any) -> str:
    """JSON that any reader accepts: ASCII, indented, ends with a newline; ValueError for a NaN."""
    return json.dumps(answer, indent=2, allow_nan=False) + "\n"


def write_summary(folder: Path, session: Session, made_from: Fingerprint | None = None) -> Path:
    """Write summary.json into the folder; PosturecamError when that is not possible."""
    path = folder / NAME
    write_private_text(path, json_text(summary(session, made_from)))
    return path


def _neutral(neutral: NeutralOrigin | None) -> dict[str, Any] | None:
    if neutral is None:
        return None
    if neutral.source is NeutralSource.PROFILE:
        return {"profile": neutral.profile, "source": neutral.source.value}
    return {
        "start_s": _rounded(neutral.start_s),
        "end_s": _rounded(neutral.end_s),
        "source": neutral.source.value,
    }


def _pattern(session: Session, watch: Watch) -> dict[str, Any]:
    tally = session.tally(watch.pattern)
    return {
        "manner": watch.manner.value,
        "episodes": tally.episodes,
        "alerts": tally.alerts,
        "told": tally.told,
        "held_s": _rounded(tally.held_s),
        "not_measurable": watch.obstacle,
    }


def _episode(e: Episode) -> dict[str, Any]:
    return {
        "pattern": e.pattern,
        "onset_s": _rounded(e.onset_s),
        "alert_s": _rounded(e.alert_s),
        "told": e.told,
        "end_s": _rounded(e.end_s),
        "peak_deg": _rounded(e.peak_deg, 2),
        "mean_deg": _rounded(e.mean_deg, 2),
        "end_reason": e.end_reason.value if e.end_reason else None,
    }


def _rounded(value: float | None, decimals: int = 3) -> float | None:
    return None if value is None else round(value, decimals)
