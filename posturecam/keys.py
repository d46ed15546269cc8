"""Keys pressed in the terminal, one at a time, without waiting for them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NextKey = Callable[[], str | None]
"""Gives the key that was pressed since the last call, None without one."""


@contextmanager
def pressed_keys() -> Iterator[NextKey]:
    """Around the time in which keys count as soon as they are pressed; Ctrl-C stays what it is.

    Afterwards the terminal is as it was, also after an error, Ctrl-C, or SIGTERM. In a pipe, and in the
    background, no key is ever pressed.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        yield lambda: None
    elif sys.platform == "win32":
        yield _windows_key
    else:
        with _posix_keys() as next_key:
            yield next_key


if sys.platform == "win32":
    import msvcrt

    def _windows_key() -> str | None:
        if not msvcrt.kbhit():
            return None
        key = msvcrt.getwch()
        if key in "\x00\xe0":  # an arrow or another key without a letter: its second half follows
            msvcrt.getwch()
            return None
        return key

else:
    import select
    import termios
    import tty

    @contextmanager
    def _posix_keys() -> Iterator[NextKey]:
        terminal = sys.stdin.fileno()
        if os.tcgetpgrp(terminal) != os.getpgrp():
            # Touching the terminal from the background would stop the program.
            yield lambda: None
            return

        def next_key() -> str | None:
            if not select.select([terminal], [], [], 0)[0]:
                return None
            typed = os.read(terminal, 64).decode(errors="replace")
            # Escape and more is an arrow, or another key without a letter.
            return None if not typed or (typed[0] == "\x1b" and len(typed) > 1) else typed[0]

        before = termios.tcgetattr(terminal)
        with _ending_cleanly():
            try:
                tty.setcbreak(terminal)
                yield next_key
            finally:
                termios.tcsetattr(terminal, termios.TCSAFLUSH, before)

    @contextmanager
    def _ending_cleanly() -> Iterator[None]:
        """Let SIGTERM and SIGHUP end the program as an exception does, so that what is open is closed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def end(number: int, _: FrameType | None) -> None:
            raise SystemExit(128 + number)

        before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
