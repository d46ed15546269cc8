"""Noticing that another program wants a camera that is held here. Linux tells that; others do not."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path

from posturecam.closing import Closing
from posturecam.vision.camera import Holder, openings, programs, still_open

_IN_OPEN = 0x20  # <sys/inotify.h>
_EVENT = struct.Struct("iIII")
"""Watch, mask, cookie and the length of a name, which is 0 when a file is watched."""


class Courtesy(Closing):
    """Watches one camera from when it was opened here.

    Any opening of its device counts, whoever does it: most programs try once, fail and give up. Programs of this
    user that had it open before do not count: media servers keep cameras open without using them.
    """

    def __init__(self, device: Path) -> None:
        self._device = device
        self._before = openings(device)
        self._others: set[Holder] = set()
        self._watch = _opening_events(device)

    @property
    def known(self) -> list[str]:
        """The names of this user's programs that had opened it since, and had it open, when last looked."""
        return programs(self._others)

    def others(self) -> bool:
        """Look whether programs of this user have opened it since, and have it open now."""
        self._others = {one for one in self._others if still_open(self._device, one)}
        self._others = self._others or openings(self._device) - self._before
        return bool(self._others)

    def asked(self) -> bool:
        """Whether another program has opened it since this was last asked; costs next to nothing."""
        if self._watch is None:
            return False
        try:
            events = _EVENT.iter_unpack(os.read(self._watch, 64 * _EVENT.size))
        except BlockingIOError:
            return False
        opened = any(mask & _IN_OPEN for _, mask, _, _ in events)
        if opened:
            self.others()
        return opened

    def close(self) -> None:
        """Watch no longer; more than once does no harm."""
        watch, self._watch = self._watch, None
        if watch is not None:
            os.close(watch)


def _opening_events(device: Path) -> int | None:
    """A file to read from when `device` is opened, never waiting; None where there is no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if watch < 0:
        return None
    if libc.inotify_add_watch(watch, os.fsencode(device), _IN_OPEN) < 0:
        os.close(watch)
        return None
    return int(watch)
