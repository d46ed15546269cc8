"""The live monitor in a window: a mirror image of what the camera sees, with what is measured on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.sinks.guide_page import POSE_WORDS, waiting_words
from posturecam.sinks.live_view import KEY_WORDS, mode_words
from posturecam.sinks.overlay import Image, draw_guide, draw_live, draw_words
from posturecam.sinks.preview_window import PreviewWindow
from posturecam.status import Mode

if TYPE_CHECKING:
    from posturecam.monitor import Moment


class LiveWindow:
    """Shows every picture while it is open."""

    def __init__(self, window: PreviewWindow) -> None:
        self._window = window
        self._image: Image | None = None
        """The last picture as it came, shown dimly while there is none."""

    def show(self, moment: Moment) -> str | None:
        """Show it; return the key that was pressed in the window."""
        if not self._window.open:
            return None
        if moment.frame:
            self._image = moment.frame.image
        picture = self._picture(moment)
        return None if picture is None else self._window.show(picture)

    def _picture(self, moment: Moment) -> Image | None:
        status = moment.status
        if moment.frame and moment.landmarks and moment.cue:
            cue = moment.cue
            task, advice = POSE_WORDS[cue.step.pose], waiting_words(cue)
            return draw_guide(moment.frame.image, moment.landmarks, task, advice, cue.progress, cue.waiting is None)
        if moment.frame and moment.landmarks and moment.sample and status.onset_deg is not None:
            return draw_live(
                moment.frame.image,
                moment.landmarks,
                moment.sample,
                FlexionThresholds(status.onset_deg),
                moment.limits_px,
                status.setup or ("" if status.mode is Mode.WATCHING else mode_words(status)),
                KEY_WORDS,
            )
        if self._image is None:
            return None
        return draw_words(self._image, status.trouble or mode_words(status), KEY_WORDS)
