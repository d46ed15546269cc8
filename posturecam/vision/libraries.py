"""Loading OpenCV and MediaPipe: without their chatter, or with one line that says what the machine lacks."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from posturecam.errors import PosturecamError

# OpenCV reads these once, when it is first loaded or used. What the user has set stays.
os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")  # more of them wait for work that is done in 0.05 ms

_LATER = ("matplotlib", "matplotlib.pyplot", "sounddevice")
"""What MediaPipe loads for drawings and for sound: 0.4 s and 30 MB, of which nothing is used here."""
_SYSTEM_LIBRARY = re.compile(r"(lib[\w+.-]+\.so[\d.]*): cannot open shared object file")


class MissingLibraryError(PosturecamError):
    """OpenCV or MediaPipe cannot be loaded on this machine."""


@contextlib.contextmanager
def loading(name: str) -> Iterator[None]:
    """Around the import of the library `name`. What that would load for drawings or sound waits until it is used.

    Raises MissingLibraryError when the import fails: a bare Linux has neither libGL nor GLib, which
    OpenCV needs to start.
    """
    later = {module: _Later(module) for module in _LATER if module not in sys.modules}
    sys.modules.update(later)
    try:
        yield
    except ImportError as error:
        raise MissingLibraryError(_remedy(name, error)) from error
    finally:
        for module in later:
            sys.modules.pop(module, None)


class _Later(ModuleType):
    """Stands in for a module until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            raise AttributeError(f"{self.__name__}.{name} is not loaded yet")
        return getattr(importlib.import_module(self.__name__), name)


def _remedy(name: str, error: ImportError) -> str:
    if system_library := _SYSTEM_LIBRARY.search(str(error)):
        return (
            f"{name} needs the system library {system_library[1]}, which is missing: "
            "install it (on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0)"
        )
    if isinstance(error, ModuleNotFoundError):
        return f"{name} is not installed ({error}): install posturecam again, with Python 3.10 to 3.12"
    reason = " ".join(str(error).split())
    return f"{name} cannot be loaded ({reason}): install posturecam again, in a fresh virtual environment"


@contextlib.contextmanager
def native_stderr_silenced() -> Iterator[None]:
    """Drop what is written to the process's stderr, below Python, meanwhile; exceptions pass.

    MediaPipe's C++ side logs there from its own threads and heeds no setting (0.10.14 to 0.10.21
    ignore TF_CPP_MIN_LOG_LEVEL, GLOG_minloglevel and ABSL_MIN_LOG_LEVEL). The redirection holds for
    the whole process, so keep it short.
    """
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
