"""Alerts to tell, made up."""

from __future__ import annotations

from posturecam.core.alert import Alert
from posturecam.core.manner import Manner
from posturecam.core.patterns import table
from sessions import episode


def alert(pattern: str = "text_neck", manner: Manner = Manner.ALERT, t_s: float = 70.0) -> Alert:
    """An alert about an episode that began at 10 s."""
    kind = table.kind(pattern)
    held = episode(10.0, t_s, "yes", None, None, pattern)
    return Alert(t_s, pattern, kind.title, kind.said, manner, False, held)
