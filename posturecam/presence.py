"""Whether anybody can be at the desk: not while the screen is locked, and not while the machine sleeps."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from posturecam.closing import Closing

if TYPE_CHECKING:
    from dbus_fast import BusType, Message
    from dbus_fast.aio import MessageBus

SLEPT_FROM_S = 10.0
"""What runs late by less did not sleep (judgement)."""
ANSWER_S = 5.0
"""A service of the system that takes longer to answer is not there."""
CLOSING_S = 1.0

LOGIND = "org.freedesktop.login1"
SESSION = "org.freedesktop.login1.Session"
OWN_SESSION = "/org/freedesktop/login1/session/auto"
"""The session that this program belongs to or, of a service, the one that its user looks at."""
LOGIND_SIGNALS = (
    f"type='signal',sender='{LOGIND}',interface='org.freedesktop.DBus.Properties',arg0='{SESSION}'",
    f"type='signal',sender='{LOGIND}',interface='{LOGIND}.Manager',member='PrepareForSleep'",
)
SCREEN_SAVERS = tuple(f"org.{desktop}.ScreenSaver" for desktop in ("freedesktop", "gnome", "cinnamon", "mate", "xfce"))
SCREEN_SAVER_SIGNALS = ("type='signal',member='ActiveChanged'",)


class SuspendWatch:
    """Tells from two clocks that the machine, or this program, has slept."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def update(self, monotonic_s: float, wall_s: float) -> float | None:
        """Seconds slept since the last update; None when it did not sleep.

        `monotonic_s` may stand still meanwhile, `wall_s` runs on. A wall clock that was set forward cannot be told
        from sleep, where the system has no clock that is never set. Ask every few seconds: longer without being
        asked the program cannot have been awake.
        """
        last, self._last = self._last, (monotonic_s, wall_s)
        if last is None:
            return None
        ran_s, passed_s = monotonic_s - last[0], wall_s - last[1]
        slept_s = max(ran_s, passed_s) if ran_s >= SLEPT_FROM_S else passed_s - ran_s
        return slept_s if slept_s >= SLEPT_FROM_S else None


def clocks() -> tuple[float, float]:
    """The two clocks that a `SuspendWatch` compares, seconds."""
    since_boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic(), time.time() if since_boot is None else time.clock_gettime(since_boot)


class Presence(Closing):
    """Follows whether the screen is locked or the machine falls asleep, in a thread of its own.

    Known on Linux, by what logind and the desktop's screen saver say over D-Bus, where they and the library
    dbus-fast are there. Elsewhere nothing is known, and nobody is taken to be locked out.
    """

    def __init__(self) -> None:
        self._says: dict[str, bool] = {}
        """Whether somebody is locked out, by who says so."""
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="posturecam presence", daemon=True)
        if sys.platform.startswith("linux"):
            self._thread.start()

    @property
    def locked_out(self) -> bool | None:
        """Nobody can be at work here now; None is not known."""
        says = tuple(self._says.values())
        return any(says) if says else None

    def at_desk(self) -> bool:
        """Somebody may be at work here now, as far as is known."""
        return not self.locked_out

    def close(self) -> None:
        """Follow it no longer; more than once does no harm."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join(CLOSING_S)
        elif not self._loop.is_closed():
            self._loop.close()

    def _run(self) -> None:
        try:
            from dbus_fast import BusType
        except ImportError:
            return
        self._loop.run_until_complete(self._follow_all(BusType.SYSTEM, BusType.SESSION))
        self._loop.close()

    async def _follow_all(self, system: BusType, session: BusType) -> None:
        await asyncio.gather(
            self._follow(system, LOGIND_SIGNALS, self._ask_logind, self._hear_logind),
            self._follow(session, SCREEN_SAVER_SIGNALS, self._ask_screen_savers, self._hear_screen_saver),
        )

    async def _follow(
        self,
        kind: BusType,
        signals: Iterable[str],
        ask: Callable[[MessageBus], Coroutine[Any, Any, None]],
        hear: Callable[[MessageBus, Message], None],
    ) -> None:
        """Ask whoever knows on one bus, and hear what they say until this is closed."""
        from dbus_fast.aio import MessageBus

        try:
            bus = MessageBus(bus_type=kind)
            await asyncio.wait_for(bus.connect(), ANSWER_S)
        except Exception:  # whatever is wrong with the bus, nothing is known then
            return
        bus.add_message_handler(partial(hear, bus))
        for signal in signals:
            await _call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.AddMatch", signal)
        await ask(bus)
        untyped: Any = bus
        closing, gone = map(asyncio.ensure_future, (self._closing.wait(), untyped.wait_for_disconnect()))
        await asyncio.wait([closing, gone], return_when=asyncio.FIRST_COMPLETED)
        self._says.clear()  # nobody tells when it changes any more
        closing.cancel()
        bus.disconnect()
        await asyncio.wait([gone])
        gone.exception()

    async def _ask_logind(self, bus: MessageBus) -> None:
        hint = await _call(bus, LOGIND, OWN_SESSION, "org.freedesktop.DBus.Properties.Get", SESSION, "LockedHint")
        if hint is not None:
            self._says["session"] = bool(hint.value)

    def _hear_logind(self, bus: MessageBus, message: Message) -> None:
        if message.member == "PrepareForSleep":
            self._says["sleep"] = bool(message.body[0])
        elif message.member == "PropertiesChanged":
            # Whichever session it was; ours is asked again.
            self._loop.create_task(self._ask_logind(bus))

    async def _ask_screen_savers(self, bus: MessageBus) -> None:
        for name in SCREEN_SAVERS:
            active = await _call(bus, name, "/" + name.replace(".", "/"), f"{name}.GetActive")
            if active is not None:
                self._says[name] = bool(active)

    def _hear_screen_saver(self, bus: MessageBus, message: Message) -> None:
        if message.member == "ActiveChanged" and message.interface in SCREEN_SAVERS:
            self._says[message.interface] = bool(message.body[0])


async def _call(bus: MessageBus, service: str, path: str, method: str, *words: str) -> Any:
    """What a service answers; None when it does not, or is not there. It is not started for that."""
    from dbus_fast import Message, MessageFlag, MessageType

    interface, _, member = method.rpartition(".")
    message = Message(
        destination=service,
        path=path,
        interface=interface,
        member=member,
        signature="s" * len(words),
        body=list(words),
        flags=MessageFlag.NO_AUTOSTART,
    )
    try:
        reply = await asyncio.wait_for(bus.call(message), ANSWER_S)
    except Exception:  # as above
        return None
    return reply.body[0] if reply and reply.message_type is MessageType.METHOD_RETURN and reply.body else None
