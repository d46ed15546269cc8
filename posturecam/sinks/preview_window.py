"""A window that shows what the camera sees."""

from __future__ import annotations

import subprocess
import sys

from numpy import uint8
from numpy.typing import NDArray

from posturecam.closing import Closing
from posturecam.vision.libraries import loading, native_stderr_silenced

with loading("OpenCV"):
    import cv2

TITLE = "posturecam"
TRY_S = 20.0
"""Opening a window takes a second; on a screen that does not answer, for ever."""
WHY_NOT = "no window can be opened here: going on without the preview"

Image = NDArray[uint8]


def can_open_window() -> bool:
    """Whether this machine has a screen for windows. Takes about half a second.

    Another process tries it, because without a screen OpenCV's window library ends the process that asks.
    """
    trial = f"import cv2; cv2.namedWindow({TITLE!r}); cv2.waitKey(1); cv2.destroyAllWindows()"
    try:
        run = subprocess.run([sys.executable, "-c", trial], capture_output=True, timeout=TRY_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


class PreviewWindow(Closing):
    """A window for pictures; a context manager that closes it. When the person closes it, it stays closed."""

    def __init__(self) -> None:
        """Open it; only where `can_open_window`."""
        with native_stderr_silenced():
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        self._open = True
        self._sized = False

    @property
    def open(self) -> bool:
        """Whether it is still there."""
        return self._open

    def show(self, image: Image) -> str | None:
        """Show the picture (height, width, 3; blue, green, red); return the key pressed in the window."""
        if not self._open:
            return None
        if not self._sized:
            cv2.resizeWindow(TITLE, image.shape[1], image.shape[0])
            self._sized = True
        cv2.imshow(TITLE, image)
        code = cv2.waitKey(1)
        if cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
            self.close()
            return None
        return chr(code & 0xFF) if code >= 0 else None

    def close(self) -> None:
        """Close it; more than once does no harm."""
        if self._open:
            self._open = False
            with native_stderr_silenced():
                cv2.destroyAllWindows()
