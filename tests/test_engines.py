from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from labours import Labour, square
from posturecam import engines
from posturecam.engines import Cluster, Engine, Processes, Serial, UnexpectedError
from posturecam.errors import PosturecamError, UnreadableError, UsageError

TESTS = Path(__file__).parent
kills = pytest.mark.skipif(sys.platform == "win32", reason="kills a process")


def outcomes(engine: Engine, labours: list[Labour], tell=lambda *_: None) -> dict[int, object]:
    return {labour.number: outcome for labour, outcome in engine.run(square, labours, tell)}


each_engine = pytest.mark.parametrize("engine", [Serial(), Processes(2)], ids=["serial", "processes"])


@each_engine
def test_what_goes_wrong_comes_back_and_the_others_go_on(engine):
    labours = [Labour(1), Labour(2, "unreadable"), Labour(3, "unforeseen"), Labour(4)]
    told = []
    came = outcomes(engine, labours, lambda *news: told.append(news))
    assert (came[1], came[4]) == (1, 16)
    assert isinstance(came[2], UnreadableError)
    assert str(came[2]) == "nothing to be seen"
    assert isinstance(came[3], UnexpectedError)
    assert str(came[3]) == "ZeroDivisionError: by naught"
    assert {labour for labour, *_ in told} == set(labours)


def test_an_unforeseen_failure_keeps_its_cause_for_a_bug_report():
    failure = outcomes(Serial(), [Labour(1, "unforeseen")])[1]
    assert isinstance(failure.__cause__, ZeroDivisionError)


@kills
def test_a_process_that_dies_takes_nothing_with_it(tmp_path):
    (marks := tmp_path / "once").mkdir()
    (more_marks := tmp_path / "always").mkdir()
    labours = [Labour(1, "dies 1", marks), Labour(2), Labour(3, "dies 9", more_marks), Labour(4)]
    came = outcomes(Processes(2), labours)
    assert (came[1], came[2], came[4]) == (1, 4, 16)
    assert str(came[3]) == engines.DIED


@kills
def test_who_was_under_way_when_another_died_is_not_blamed_for_that(tmp_path):
    labours = [Labour(1, "is felled, then dies 1", tmp_path), Labour(2, "fells another", tmp_path), Labour(3)]
    assert outcomes(Processes(2), labours) == {1: 1, 2: 4, 3: 9}


def test_stopping_ends_what_is_under_way_and_keeps_what_is_done():
    with closing(
        Processes(2).run(square, [Labour(1), Labour(2, "endless"), Labour(3, "endless")], lambda *_: None)
    ) as run:
        assert next(run) == (Labour(1), 1)
    assert not [process for process in multiprocessing.active_children() if process.is_alive()]


@kills
def test_processes_end_with_the_one_that_started_them(tmp_path):
    program = (
        "from labours import *; from posturecam.engines import Processes\n"
        "if __name__ == '__main__':\n"
        "    print(flush=True)\n"
        "    labours = [Labour(1, 'endless'), Labour(2, 'endless')]\n"
        "    list(Processes(2).run(square, labours, lambda *_: print(flush=True)))\n"
    )
    (tmp_path / "program.py").write_text(program)
    run = subprocess.Popen(
        [sys.executable, str(tmp_path / "program.py")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    for _ in range(3):
        run.stdout.readline()
    run.kill()
    run.communicate(timeout=20)  # the pipe ends when the last process that holds it is gone


# A cluster on this machine


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers, on loopback, that are gone afterwards."""
    pytest.importorskip("distributed", reason="needs posturecam[cluster]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    bare = ("--host", "127.0.0.1", "--no-dashboard")
    worker = ("worker", address, *bare, "--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--death-timeout", "20")
    commands = [("scheduler", "--port", str(port), *bare), worker, worker]
    with ExitStack() as stack:
        for command in commands:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "distributed.cli.dask_" + command[0], *command[1:]],
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": str(TESTS)},
                )
            )
            stack.callback(process.kill)
        for _ in range(200):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield address


@kills
def test_a_cluster_does_the_same_though_a_worker_is_killed_in_the_middle(cluster, tmp_path):
    labours = [Labour(1), Labour(2, "dies 1", tmp_path), Labour(3, "unreadable"), Labour(4, "unforeseen"), Labour(5)]
    came = outcomes(Cluster(cluster), labours)
    assert (came[1], came[2], came[5]) == (1, 4, 25)
    assert (str(came[3]), str(came[4])) == ("nothing to be seen", "ZeroDivisionError: by naught")
    assert len(list(tmp_path.iterdir())) == 2


def test_where_no_scheduler_answers_it_says_how_to_start_one():
    pytest.importorskip("distributed", reason="needs posturecam[cluster]")
    with pytest.raises(PosturecamError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        outcomes(Cluster("tcp://127.0.0.1:9"), [Labour(1)])


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'posturecam\[cluster\]'"):
        Cluster("tcp://127.0.0.1:9")
