"""A courier: takes things elsewhere in a thread of its own, so that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from posturecam.closing import Closing

OVERDUE_S = 15.0
"""A delivery that takes longer is told as trouble (judgement)."""
CLOSE_S = 2.0
"""How long `close` waits for what is under way."""

_Thing = TypeVar("_Thing")


class Courier(Closing, Generic[_Thing]):
    """Delivers one thing after another, in their order. A delivery may take long, and may fail."""

    def __init__(
        self,
        name: str,
        deliver: Callable[[_Thing], None],
        *,
        most: int,
        afterwards: Callable[[], None] = lambda: None,
    ) -> None:
        """Start it; `name` is its thread's. When `most` things wait, a new one takes the oldest one's place.

        `afterwards` is called in its thread after the last delivery.
        """
        self._deliver, self._afterwards = deliver, afterwards
        self._waiting: deque[_Thing] = deque(maxlen=most)
        self._news = threading.Condition()
        self._closed = False
        self._failure: str | None = None
        self._since: float | None = None
        """When the delivery that is under way began, on the monotonic clock."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def send(self, thing: _Thing) -> None:
        """Have it delivered; returns at once. After `close` it is dropped."""
        with self._news:
            if not self._closed:
                self._waiting.append(thing)
                self._news.notify()

    @property
    def trouble(self) -> str | None:
        """Why the last delivery failed, in words; None when it did not, or there was none."""
        since = self._since
        if since is not None and (overdue_s := time.monotonic() - since) > OVERDUE_S:
            return f"no answer for {overdue_s:.0f} s"
        return self._failure

    def finish(self) -> None:
        """Take nothing more; returns at once."""
        with self._news:
            self._closed = True
            self._news.notify()

    def close(self, within_s: float = CLOSE_S) -> None:
        """Deliver what waits, and stop; what takes longer is left behind."""
        self.finish()
        self._thread.join(within_s)

    def _run(self) -> None:
        while (thing := self._next()) is not None:
            self._since = time.monotonic()
            self._failure = _failure(partial(self._deliver, thing))
            self._since = None
        self._failure = _failure(self._afterwards) or self._failure

    def _next(self) -> _Thing | None:
        """The next thing, once there is one; None when there will be none."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._closed)
            return self._waiting.popleft() if self._waiting else None


def _failure(act: Callable[[], None]) -> str | None:
    """What went wrong in doing it, in one line; None when nothing did."""
    try:
        act()
    except (Exception, SystemExit) as error:  # a library that quits must not quit for us
        return " ".join(str(error).split()) or type(error).__name__
    return None
