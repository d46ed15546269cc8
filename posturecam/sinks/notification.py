"""Desktop notifications, by whatever shows them on this system."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from posturecam.closing import Closing
from posturecam.core.alert import Alert
from posturecam.errors import PosturecamError

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier, Urgency

WITHIN_S = 5.0
"""How long a notification service may take to answer (judgement)."""
APP = "posturecam"
_SERVICE, _OBJECT = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

_Result = TypeVar("_Result")


class NotificationError(PosturecamError):
    """A notification could not be shown."""


@dataclass(frozen=True)
class Backend:
    """What shows notifications on this system."""

    name: str
    trouble: str | None = None
    """Why it shows none now, and what to do; None when it does."""


def backend_in_use(within_s: float = WITHIN_S) -> Backend:
    """What would show a notification now, and whether it answers; takes no longer than `within_s`."""
    name = _SYSTEMS.get(sys.platform, "none")
    try:
        with _Loop() as loop:
            return Backend(loop.run(_service(), within_s))
    except NotificationError as error:
        return Backend(name, str(error))


class DesktopNotification(Closing):
    """Shows alerts on the desktop, each in place of the one before it."""

    name = "notification"

    def __init__(self, buttons: Mapping[str, Callable[[], object]] | None = None, within_s: float = WITHIN_S) -> None:
        """`buttons` are shown with alerts where they work: their words, and what each does, in another thread.

        They work by D-Bus. Elsewhere the library needs the main thread to hear of them.
        """
        self._buttons = dict(buttons or {}) if sys.platform == "linux" else {}
        self._within_s = within_s
        self._loop = _Loop()
        self._notifier: DesktopNotifier | None = None
        self._shown: str | None = None
        """The identifier of the last one."""

    def tell(self, alert: Alert) -> None:
        """Show it; NotificationError when it is not shown in time."""
        self._loop.run(self._show(alert), self._within_s)

    def close(self) -> None:
        """Let go of the desktop; the last notification stays."""
        if self._notifier:
            with suppress(NotificationError):
                self._loop.run(self._disconnect(self._notifier), self._within_s)
            self._notifier = None
        self._loop.close()

    async def _show(self, alert: Alert) -> None:
        from desktop_notifier import Button, DesktopNotifier

        await _service()
        notifier = self._notifier = self._notifier or DesktopNotifier(APP, app_icon=None)
        if self._shown in await notifier.get_current_notifications():
            with suppress(Exception):  # it went meanwhile
                await notifier.clear(str(self._shown))
        dispatched: list[bool] = []
        with _Remarks() as remarks:
            self._shown = await notifier.send(
                alert.title.capitalize(),
                alert.words,
                _urgency(alert),
                buttons=[Button(words, act) for words, act in self._buttons.items()],
                on_dispatched=lambda: dispatched.append(True),
            )
        if not dispatched:
            self._notifier = None  # its connection may be of no use any more
            await self._disconnect(notifier)
            raise NotificationError(remarks.last or "the notification was not shown")

    @staticmethod
    async def _disconnect(notifier: DesktopNotifier) -> None:
        """The library itself (6.2) never closes its connection to D-Bus."""
        bus = getattr(notifier._backend, "bus", None)
        if bus is not None:
            bus.disconnect()


def _urgency(alert: Alert) -> Urgency:
    from desktop_notifier import Urgency

    return Urgency.Low if alert.quiet else Urgency.Normal


class _Loop(Closing):
    """An event loop in a thread of its own, in which what the user does to a notification arrives too."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="notifications", daemon=True)
        self._thread.start()

    def run(self, act: Coroutine[Any, Any, _Result], within_s: float) -> _Result:
        """Run it there and return what it returns; NotificationError when it fails or takes too long."""
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(act, within_s), self._loop)
        try:
            return future.result(2 * within_s)
        except (asyncio.TimeoutError, TookTooLong):  # the second when something in the loop blocks it
            raise NotificationError(f"no answer within {within_s:g} s") from None
        except NotificationError:
            raise
        except ImportError as error:
            raise NotificationError(f"{error}: pip install desktop-notifier") from error
        except Exception as error:
            raise NotificationError(f"notifications do not work here: {error}") from error

    def close(self) -> None:
        """Stop it."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


class _Remarks(logging.Handler):
    """What the library logs, instead of raising it, while the block runs; nothing of it reaches the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.last: str | None = None
        self._logger = logging.getLogger("desktop_notifier")

    def __enter__(self) -> _Remarks:
        self._logger.addHandler(self)
        self._logger.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.last = str(error or record.getMessage())


_SYSTEMS = {"linux": "D-Bus", "darwin": "macOS Notification Center", "win32": "Windows notifications"}


async def _service() -> str:
    """The name of what shows notifications; NotificationError, saying what to do, when nothing does."""
    return await _dbus_service() if sys.platform == "linux" else _library_service()


def _library_service() -> str:
    from desktop_notifier.main import get_backend_class

    with _Remarks() as remarks:
        backend = get_backend_class()
    if "Dummy" in backend.__name__:
        raise NotificationError(remarks.last or "this system has no notifications that posturecam knows")
    return _SYSTEMS[sys.platform]


async def _dbus_service() -> str:
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    try:
        bus = await MessageBus().connect()
    except Exception as error:
        raise NotificationError(
            f"no session bus ({error}): start posturecam from a desktop session, or without notifications"
        ) from error
    try:
        reply = await bus.call(
            Message(destination=_SERVICE, path=_OBJECT, interface=_SERVICE, member="GetServerInformation")
        )
    finally:
        bus.disconnect()
    if reply is None or reply.message_type is MessageType.ERROR:
        why = reply.body[0] if reply and reply.body else "no answer"
        raise NotificationError(f"no notification service on the session bus ({why}): start one, such as dunst")
    name, _, version, _ = reply.body
    return f"{name} {version} by D-Bus"
