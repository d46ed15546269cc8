"""Who does the work on many recordings: this process, several processes, or a cluster of machines."""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from ctypes import c_byte
from functools import partial
from multiprocessing.queues import SimpleQueue
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from posturecam.errors import PosturecamError, UsageError

W = TypeVar("W")
R = TypeVar("R")

Advance = Callable[[float, "float | None"], None]
"""Is told how far one piece of work is, and how far it has to go if that is known; raises to stop the work."""
Tell = Callable[[W, float, "float | None"], None]
"""The same of one piece among many; is called from whatever thread."""
Outcome = Generator[tuple[W, R | PosturecamError], None, None]

News = tuple[int, float, "float | None"]
"""What goes from a working process to this one: the index of a work, and how far it is."""

TELL_EVERY_S = 0.2
MOST_PROCESSES = 61 if sys.platform == "win32" else 1024
"""Windows waits for no more at a time."""
DIED = "the process that worked on it died, twice: the memory is too small, or the file brings down the decoder"
CLUSTER_ANSWERS_S = 15.0
"""A scheduler that does not answer for so long, or has no worker, is taken for gone."""


class UnexpectedError(PosturecamError):
    """Nobody thought of this. Where it happened in this process, the cause is what was raised."""


class Engine(Protocol):
    """Does the same thing to each of many pieces of work, somewhere.

    What comes of it does not depend on the engine. Whatever goes wrong with one piece comes back as its
    outcome, and the others go on.
    """

    def run(self, do: Callable[[W, Advance], R], works: Sequence[W], tell: Tell[W]) -> Outcome[W, R]:
        """Do all of them, and yield each with what came of it as soon as it is done, in any order.

        `do` is a function of a module, and works and results can be pickled. Closing the generator stops the
        work; what was yielded before is complete.
        """
        ...


class Serial:
    """One after the other, in this process."""

    def run(self, do: Callable[[W, Advance], R], works: Sequence[W], tell: Tell[W]) -> Outcome[W, R]:
        """See Engine."""
        for work in works:
            yield work, _outcome(do, work, _seldom(partial(tell, work)))


class Processes:
    """Several at a time, each in a process of this machine that is started anew (MediaPipe survives no fork).

    When a process dies, killed by the system or by a recording that brings down the decoder, the pieces that
    were under way are tried again, each alone, for it is not known whose process it was. One whose process dies
    twice while nothing else is under way has failed.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = min(jobs, MOST_PROCESSES)

    def run(self, do: Callable[[W, Advance], R], works: Sequence[W], tell: Tell[W]) -> Outcome[W, R]:
        """See Engine."""
        waiting, suspects, died = deque(range(len(works))), deque[int](), set[int]()
        while waiting or suspects:
            next_ones = waiting or deque([suspects.popleft()])
            under_way = yield from self._until_one_dies(do, works, next_ones, min(self.jobs, len(next_ones)), tell)
            suspects += under_way
            if len(under_way) == 1:
                if died.issuperset(under_way):
                    yield works[suspects.pop()], PosturecamError(DIED)
                died.update(under_way)

    def _until_one_dies(
        self, do: Callable[[W, Advance], R], works: Sequence[W], waiting: deque[int], jobs: int, tell: Tell[W]
    ) -> Generator[tuple[W, R | PosturecamError], None, list[int]]:
        """Do what is `waiting`, taking it away, until nothing is left or a process died.

        Returns what was under way then.
        """
        under_way: dict[Future[R | PosturecamError], int] = {}
        with _pool(jobs, lambda index, *way: tell(works[index], *way)) as pool:
            try:
                while waiting or under_way:
                    # One more than there are processes, so that none has to wait for this one.
                    while waiting and len(under_way) <= jobs:
                        with _ctrl_c_waits():
                            future = pool.submit(_in_process, do, works[waiting[0]], waiting[0])
                        under_way[future] = waiting.popleft()
                    for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                        outcome = done.result()
                        yield works[under_way.pop(done)], outcome
            except BrokenProcessPool:
                pass
        return list(under_way.values())


@contextmanager
def _pool(jobs: int, tell: Callable[[int, float, float | None], None]) -> Generator[ProcessPoolExecutor, None, None]:
    """Processes whose news are told; at the end of the block they stop at their next frame."""
    context = multiprocessing.get_context("spawn")
    news, stop = context.SimpleQueue(), context.RawValue("b", 0)
    over = threading.Event()

    def pass_on() -> None:
        going_on = True
        while going_on:
            going_on = not over.wait(TELL_EVERY_S / 4)
            while not news.empty():
                tell(*news.get())

    teller = threading.Thread(target=pass_on, daemon=True)
    teller.start()
    pool = ProcessPoolExecutor(jobs, context, _enter_process, (news, stop))
    try:
        yield pool
    finally:
        # Nothing here takes a lock that a process may have held when it was killed.
        stop.value = 1
        pool.shutdown(cancel_futures=True)
        over.set()
        teller.join()
        news.close()


@contextmanager
def _ctrl_c_waits() -> Generator[None, None, None]:
    """Ctrl-C comes when the block is over, and never to the processes that are started in it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Desk:
    """What a working process knows of the one that started it."""

    news: SimpleQueue[News]
    stop: c_byte
    """Becomes 1 when no more work is wanted."""


def _enter_process(news: SimpleQueue[News], stop: c_byte) -> None:
    """Leave Ctrl-C to the process that started this one, and end with it however it ends."""
    _Desk.news, _Desk.stop = news, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _in_process(do: Callable[[W, Advance], R], work: W, index: int) -> R | PosturecamError:
    seldom = _seldom(lambda done, total: _Desk.news.put((index, done, total)))

    def advance(done: float, total: float | None) -> None:
        if _Desk.stop.value:
            raise PosturecamError("stopped")
        seldom(done, total)

    return _outcome(do, work, advance)


class Cluster:
    """On the workers of a Dask scheduler. Work whose worker is lost goes to another one."""

    def __init__(self, address: str) -> None:
        """Raises UsageError when the package `distributed` is not installed."""
        self.address = address
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise UsageError("--dask needs the package distributed: pip install 'posturecam[cluster]'") from None

    def run(self, do: Callable[[W, Advance], R], works: Sequence[W], tell: Tell[W]) -> Outcome[W, R]:
        """See Engine; work that is under way on a worker cannot be stopped, and is finished there for nothing.

        Raises PosturecamError when there is no such scheduler, or it has no workers.
        """
        from distributed import as_completed

        topic = f"posturecam-{uuid4().hex}"
        with _client(self.address) as client:
            client.subscribe_topic(topic, partial(_pass_on, works, tell))
            futures = {
                client.submit(_on_worker, do, work, index, topic, pure=False): work for index, work in enumerate(works)
            }
            for future in as_completed(futures, loop=client.loop):
                if future.cancelled():
                    raise PosturecamError(f"the Dask scheduler at {self.address} is gone: start it, and add --resume")
                error = future.exception()
                yield futures.pop(future), future.result() if error is None else _as_failure(error)


def _pass_on(works: Sequence[W], tell: Tell[W], event: tuple[float, News]) -> None:
    """`event` is when, and what."""
    index, done, total = event[1]
    tell(works[index], done, total)


@contextmanager
def _client(address: str) -> Generator[Any, None, None]:
    """The way to a scheduler that answers and has workers."""
    from distributed import Client
    from distributed.comm import get_address_host_port

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        # Before there is a client, because one that finds nobody takes half a minute to close.
        socket.create_connection(get_address_host_port(address), CLUSTER_ANSWERS_S).close()
        client = Client(address, timeout=CLUSTER_ANSWERS_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PosturecamError(f"no Dask scheduler answers at {address} ({error}): start one: dask scheduler") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=CLUSTER_ANSWERS_S)
        except TimeoutError:
            raise PosturecamError(
                f"the Dask scheduler at {address} has no workers: start some: dask worker {address} --nthreads 1"
            ) from None
        yield client


def _on_worker(do: Callable[[W, Advance], R], work: W, index: int, topic: str) -> R | PosturecamError:
    from distributed import get_worker

    worker = get_worker()
    return _outcome(do, work, _seldom(lambda *news: worker.log_event(topic, (index, *news))))


def _outcome(do: Callable[[W, Advance], R], work: W, advance: Advance) -> R | PosturecamError:
    """What came of one piece of work, or the reason why nothing did."""
    try:
        advance(0.0, None)
        return do(work, advance)
    except Exception as error:
        return _as_failure(error)


def _as_failure(error: BaseException) -> PosturecamError:
    if isinstance(error, PosturecamError):
        return error
    failure = UnexpectedError(": ".join(filter(None, [type(error).__name__, " ".join(str(error).split())])))
    failure.__cause__ = error
    return failure


def _seldom(advance: Advance) -> Advance:
    """The same, called no more often than somebody can see; the first time always."""
    last_s = -math.inf

    def maybe(done: float, total: float | None) -> None:
        nonlocal last_s
        now_s = time.monotonic()
        if now_s - last_s >= TELL_EVERY_S:
            last_s = now_s
            advance(done, total)

    return maybe


def cores() -> int:
    """How many processes this one may keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def engine(jobs: int, scheduler: str | None = None) -> Engine:
    """The engine for so many jobs at a time, or for a scheduler's address."""
    if scheduler is not None:
        return Cluster(scheduler)
    return Serial() if jobs == 1 else Processes(jobs)
