"""Steering the running monitor from another process of the same user, and that there is only one of it.

The monitor holds a lock in the data folder as long as it lives, and writes there for its owner alone where it
listens: a socket file in a folder that nobody else may enter, or, where there are no such sockets (Windows),
a port of this machine. Requests and answers are one line of JSON each; a request carries the secret that the
announcement holds.
"""

from __future__ import annotations

import hmac
import json
import math
import os
import secrets
import socket
import socketserver
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from posturecam import __version__
from posturecam.closing import Closing
from posturecam.errors import PosturecamError
from posturecam.profiles import data_folder
from posturecam.sinks.private_file import make_private_folder, write_private_text

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PROTOCOL = 1
LOCK = "monitor.lock"
ANNOUNCEMENT = "monitor.json"
NOT_RUNNING = "no monitor is running: start one with posturecam live"
SOCKET_FILES = hasattr(socket, "AF_UNIX")
LONGEST_PATH = 103
"""Bytes of a socket's path, everywhere (macOS has the least room)."""
LONGEST_LINE = 1 << 16
PATIENCE_S = 5.0
"""For the other side to say its line; what hangs longer is left."""
WAITING = 64
"""Clients that may wait to be let in."""
POLL_S = 0.25
"""How soon closing is noticed."""
HURRY_S = 1.0
"""For an answer that is under way when the monitor ends."""


class AlreadyRunningError(PosturecamError):
    """Another monitor of this user runs."""


class NotRunningError(PosturecamError):
    """There is no monitor to steer."""


class Steerable(Protocol):
    """What can be steered; called from other threads than the monitor's own."""

    def pause(self) -> None:
        """Let go of the camera until `resume`."""

    def resume(self) -> None:
        """End a pause and a snooze."""

    def snooze(self, until: float, /) -> None:
        """Say nothing until then, in seconds since 1970 UTC; a time that is over ends a snooze."""

    def stop(self) -> None:
        """End the monitor."""

    def status(self) -> dict[str, Any]:
        """What it is at, as JSON has it: see `posturecam.status`."""


class SteeringServer(Closing):
    """Answers for a monitor, in threads of its own, until it is closed.

    A client that says nothing, or too much, keeps nobody waiting. What a killed monitor left behind is cleared.
    """

    def __init__(self, desk: Steerable, folder: Path | None = None) -> None:
        """Listen for the monitor of this data folder; the user's own without.

        Raises AlreadyRunningError when it has one, in whichever process, and PosturecamError when the folder
        cannot be written.
        """
        folder = folder or data_folder()
        make_private_folder(folder)
        self._desk = desk
        self._secret = secrets.token_hex(16)
        self._turn = threading.Lock()
        with ExitStack() as undoing:
            undoing.callback(os.close, _lock(folder))
            _clear(folder)
            self._server = self._listen(folder, undoing)
            announced = _Announcement(os.getpid(), self._server.server_address, self._secret)
            write_private_text(folder / ANNOUNCEMENT, json.dumps(asdict(announced)))
            undoing.callback((folder / ANNOUNCEMENT).unlink, missing_ok=True)
            self._undoing = undoing.pop_all()
        self._open = True
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), name="steering", daemon=True).start()

    def close(self) -> None:
        """Listen no more, finish the answer under way, and let another monitor start."""
        if not self._open:
            return
        self._open = False
        self._server.shutdown()
        if self._turn.acquire(timeout=HURRY_S):
            self._turn.release()
        self._undoing.close()

    def _listen(self, folder: Path, undoing: ExitStack) -> socketserver.BaseServer:
        """Open the socket; every client gets a thread, and says its one line in time or is left."""
        steering = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = PATIENCE_S

            def handle(self) -> None:
                try:
                    line = self.rfile.readline(LONGEST_LINE)
                    with steering._turn:
                        self.wfile.write(steering._answer(line) + b"\n")
                except OSError:  # gone, or silent for too long
                    return

        server: socketserver.ThreadingUnixStreamServer | socketserver.ThreadingTCPServer
        if SOCKET_FILES:
            path = _socket_path(folder)
            undoing.callback(_remove_socket, path)
            server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
            path.chmod(0o600)
        else:
            server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        undoing.callback(server.server_close)
        server.socket.listen(WAITING)
        server.daemon_threads, server.block_on_close = True, False
        return server

    def _answer(self, line: bytes) -> bytes:
        """What to say to a request; nothing that it holds makes this fail."""
        try:
            request = json.loads(line)
            secret, protocol, command = request["secret"], request["protocol"], request["command"]
            of_this_user = hmac.compare_digest(str(secret).encode(), self._secret.encode())
        except (ValueError, TypeError, KeyError, RecursionError):
            return _error("the request is not understood")
        if not of_this_user:
            return _error("the request does not come from this monitor's user")
        if protocol != PROTOCOL:
            return _error(f"the running monitor is of posturecam {__version__}: stop it and start it again")
        try:
            return json.dumps({"answer": _obey(self._desk, command, request)}, allow_nan=False).encode()
        except PosturecamError as error:
            return _error(str(error))
        except Exception as error:
            return _error(f"the monitor failed at {command}: {error!r}")


def ask(command: str, folder: Path | None = None, **arguments: float) -> dict[str, Any]:
    """Have the running monitor of this data folder do something, and return what it answers.

    The commands: `pause`, `resume`, `snooze` (`until`, seconds since 1970 UTC), `stop`, `status`. Only `status`
    has something to answer. Raises NotRunningError when there is no monitor, and PosturecamError when it does
    not answer, or refuses.
    """
    announced = _announced(folder or data_folder())
    if announced is None:
        raise NotRunningError(NOT_RUNNING)
    request = {"protocol": PROTOCOL, "secret": announced.secret, "command": command, **arguments}
    try:
        said = json.loads(_exchange(announced.address, json.dumps(request, allow_nan=False).encode() + b"\n"))
        error, answer = said.get("error"), said.get("answer")
    except (FileNotFoundError, ConnectionRefusedError):  # it was killed
        raise NotRunningError(NOT_RUNNING) from None
    except (OSError, ValueError, AttributeError):
        error, answer = None, None
    if error is not None:
        raise PosturecamError(str(error))
    if not isinstance(answer, dict):
        raise PosturecamError(
            f"the running monitor (pid {announced.pid}) does not answer: if that lasts, end it and start it again"
        )
    return answer


@dataclass(frozen=True)
class _Announcement:
    """Where a monitor listens."""

    pid: int
    address: Any
    """A socket file's path, or host and port."""
    secret: str


def _announced(folder: Path) -> _Announcement | None:
    try:
        return _Announcement(**json.loads((folder / ANNOUNCEMENT).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _clear(folder: Path) -> None:
    """Remove what a killed monitor left; only who holds the lock may."""
    announced = _announced(folder)
    if announced and isinstance(announced.address, str) and Path(announced.address).is_socket():
        _remove_socket(Path(announced.address))
    (folder / ANNOUNCEMENT).unlink(missing_ok=True)


def _remove_socket(path: Path) -> None:
    """Remove the socket and the folder that was made for it."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def _lock(folder: Path) -> int:
    """Take the folder's lock, and return the open file that holds it; the system frees it with the process."""
    try:
        file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise PosturecamError(f"cannot write {folder / LOCK}: {error.strerror}; see posturecam doctor") from None
    try:
        if sys.platform == "win32":
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(file)
        announced = _announced(folder)
        who = f" (pid {announced.pid})" if announced else ""
        raise AlreadyRunningError(
            f"posturecam is running already{who}: steer that one, or end it with posturecam stop"
        ) from None
    except OSError as error:
        os.close(file)
        raise PosturecamError(
            f"cannot lock {folder / LOCK}: {error.strerror}; name a data folder on a local disk with POSTURECAM_DATA"
        ) from None
    return file


def _socket_path(folder: Path) -> Path:
    """Return a path for the socket, in a new folder of its owner's, wherever that is short enough."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [folder, Path(tempfile.gettempdir())]
    if runtime and _is_own(Path(runtime)):
        places.insert(0, Path(runtime))
    for place in places:
        if len(os.fsencode(place / "posturecam-12345678" / "socket")) <= LONGEST_PATH:
            return Path(tempfile.mkdtemp(prefix="posturecam-", dir=place)) / "socket"
    raise PosturecamError(f"the path {folder} is too long for a socket: name another data folder with POSTURECAM_DATA")


def _is_own(folder: Path) -> bool:
    """Whether it is there and this user's, so that nobody else can exchange what is in it."""
    return folder.is_dir() and folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK)


def _obey(desk: Steerable, command: object, request: dict[str, Any]) -> dict[str, Any]:
    if command == "status":
        return desk.status()
    if command == "snooze":
        until = request.get("until")
        if not isinstance(until, int | float) or not math.isfinite(until):
            raise PosturecamError("snooze needs a time, until, in seconds since 1970 UTC")
        desk.snooze(float(until))
    elif command in ("pause", "resume", "stop"):
        getattr(desk, command)()
    else:
        raise PosturecamError(f"the running monitor does not know the command {command}")
    return {}


def _error(words: str) -> bytes:
    return json.dumps({"error": words}).encode()


def _exchange(address: Any, line: bytes) -> bytes:
    """Say a line to who listens there, and return the line that comes back."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_S)
        connection.connect(address if isinstance(address, str) else tuple(address))
        connection.sendall(line)
        with connection.makefile("rb") as answers:
            return answers.readline(LONGEST_LINE)
