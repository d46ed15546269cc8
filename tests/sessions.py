"""Scripted sessions: recordings of people who do exactly what a test says."""

from __future__ import annotations

from collections.abc import Iterable

from posturecam.core.event import EndReason, Episode
from posturecam.core.iso11226 import STANDARD
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.posture import Posture
from posturecam.core.session import NeutralOrigin, NeutralSource, Recording, Sample, Session, Watch
from posturecam.core.state import StateReader
from postures import History, postures

FOUND = NeutralOrigin(NeutralSource.FOUND, 0.0, 8.0)


def session(
    history: History | Iterable[Posture] = (),
    episodes: Iterable[Episode] = (),
    *,
    rate_hz: float = 5.0,
    name: str = "desk.mp4",
    duration_s: float | None = None,
    neutral: NeutralOrigin = FOUND,
    notes: tuple[str, ...] = (),
    watches: tuple[Watch, ...] = (),
) -> Session:
    """What was concluded about a history (or these postures), recorded and analysed at one rate."""
    items = list(history)
    told = [p for p in items if isinstance(p, Posture)] or list(postures(items, rate_hz))
    state = StateReader(thresholds := FlexionThresholds())
    samples = tuple(Sample(p, state.update(p)) for p in told)
    recording = Recording(name, 640, 480, duration_s, rate_hz, rate_hz)
    return Session(recording, neutral, thresholds, STANDARD, samples, tuple(episodes), notes, watches)


def episode(
    onset_s: float = 10.0,
    alert_s: float | None = None,
    told: str | None = None,
    end_s: float | None = 40.0,
    end_reason: EndReason | None = EndReason.RECOVERED,
    pattern: str = "text_neck",
) -> Episode:
    """An episode of 40 degrees at most and 35 on average."""
    return Episode(pattern, onset_s, alert_s, told, end_s, 40.0, 35.0, end_reason)
