"""A soft sound: two notes, played by what the system has for it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from posturecam.core.alert import Alert
from posturecam.errors import PosturecamError

PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
"""Programs that play a file: of PipeWire, PulseAudio, ALSA and macOS."""
WITHIN_S = 10.0
"""A player that takes longer is ended (judgement)."""
RATE_HZ = 16000
NOTES_HZ = (523.25, 659.25)
"""C5 and E5."""
NOTE_S = 0.18
LOUDNESS = 0.25
"""Of the loudest that there is (judgement)."""


class SoundError(PosturecamError):
    """Nothing could be heard."""


class SoftSound:
    """Sounds at alerts; tips and nudges are not heard."""

    name = "sound"

    def __init__(self) -> None:
        self._file: Path | None = None

    def tell(self, alert: Alert) -> None:
        """Play it to its end; SoundError when that is not possible."""
        if alert.quiet:
            return
        if sys.platform == "win32":
            import winsound

            winsound.PlaySound(chime(), winsound.SND_MEMORY)
            return
        player = next((one for one in PLAYERS if shutil.which(one[0])), None)
        if player is None:
            raise SoundError(f"nothing here plays sounds: install one of {', '.join(one[0] for one in PLAYERS)}")
        self._file = self._file or _written(chime())
        try:
            subprocess.run(
                [*player, str(self._file)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=WITHIN_S,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise SoundError(f"{player[0]} was ended after {WITHIN_S:g} s") from None
        except subprocess.CalledProcessError as error:
            words = error.stderr.decode(errors="replace").split("\n")[0].strip()
            raise SoundError(f"{player[0]} ended with {error.returncode}" + (f": {words}" if words else "")) from None

    def close(self) -> None:
        """Delete what was written for the player."""
        if self._file:
            self._file.unlink(missing_ok=True)
            self._file = None


def chime() -> bytes:
    """A WAV file of two soft notes, the second one higher."""
    t_s = np.arange(round(NOTE_S * RATE_HZ)) / RATE_HZ
    swell = np.sin(np.pi * t_s / NOTE_S) ** 2
    notes = np.concatenate([swell * np.sin(2 * np.pi * hz * t_s) for hz in NOTES_HZ])
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes((LOUDNESS * 32767 * notes).astype("<i2").tobytes())
    return file.getvalue()


def _written(content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix="posturecam-", suffix=".wav")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return Path(name)
