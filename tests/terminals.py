"""Programs in a terminal of their own: a pseudo-terminal that a test types into and reads from."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from types import TracebackType

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")
COLUMNS, ROWS = 100, 30


class Terminal:
    """A terminal in which a Python program runs; a context manager that ends both.

    Ctrl-C pressed here interrupts the program as it does in any terminal.
    """

    def __init__(self, command: list[str], **environment: str) -> None:
        """`command` begins with the interpreter and "-c"."""
        python, option, program, *words = command
        # The first terminal that a new session opens becomes its own.
        program = "import os\nos.close(os.open(os.ttyname(0), os.O_RDWR))\n" + program
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.settings_before = termios.tcgetattr(self._slave)
        self.process = subprocess.Popen(
            [python, option, program, *words],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", **environment},
        )
        self.raw = ""
        """All that was sent to the terminal."""

    @property
    def text(self) -> str:
        """All that was ever to be read on it, without colours and movements of the cursor."""
        return CONTROL.sub("", self.raw).replace("\r", "")

    @property
    def settings(self) -> list[object]:
        """How the terminal is set."""
        return termios.tcgetattr(self._slave)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def wait_for(self, words: str, timeout_s: float = 60.0) -> None:
        """Read until the words have come; AssertionError when they do not."""
        end_s = time.monotonic() + timeout_s
        while words not in self.text:
            over = self.process.poll() is not None
            if (not self._read() and over) or time.monotonic() > end_s:
                raise AssertionError(f"{words!r} did not come; this did:\n{self.text}")

    def exit_code(self, timeout_s: float = 60.0) -> int:
        """Read until the program ends, and return its exit code."""
        end_s = time.monotonic() + timeout_s
        while self.process.poll() is None and time.monotonic() < end_s:
            self._read()
        while self._read():
            pass
        return self.process.wait(timeout=1)

    def _read(self) -> bool:
        """Read what there is, waiting a little for it; False when there was nothing."""
        if not select.select([self._master], [], [], 0.1)[0]:
            return False
        self.raw += os.read(self._master, 65536).decode(errors="replace")
        return True

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)
