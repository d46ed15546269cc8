from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import termios

from posturecam.keys import pressed_keys
from terminals import Terminal

PROGRAM = """
import time
from posturecam.keys import pressed_keys
with pressed_keys() as next_key:
    print("ready", flush=True)
    while True:
        key = next_key()
        if key:
            print(f"key {key!r}", flush=True)
        if key == "e":
            raise LookupError("on purpose")
        if key == "x":
            break
        time.sleep(0.01)
"""


def keys_in(*words: str):
    return Terminal([sys.executable, "-c", PROGRAM, *words])


def test_keys_count_as_soon_as_they_are_pressed_and_are_not_shown():
    with keys_in() as terminal:
        terminal.wait_for("ready")
        for key, shown in (("a", "key 'a'"), (" ", "key ' '"), ("\n", "key '\\n'")):
            terminal.press(key)
            terminal.wait_for(shown)
        terminal.press("x")
        assert terminal.exit_code() == 0
        assert "ready\nkey 'a'\nkey ' '\n" in terminal.text


def test_arrows_are_not_taken_for_escape():
    with keys_in() as terminal:
        terminal.wait_for("ready")
        terminal.press("\x1b[A")
        time.sleep(0.2)
        terminal.press("x")
        assert terminal.exit_code() == 0
        assert "x1b" not in terminal.text


ENDINGS = {
    "in order": (lambda terminal: terminal.press("x"), 0),
    "an error": (lambda terminal: terminal.press("e"), 1),
    "Ctrl-C": (lambda terminal: terminal.press("\x03"), -signal.SIGINT),
    "SIGTERM": (lambda terminal: terminal.process.terminate(), 128 + signal.SIGTERM),
    "SIGHUP": (lambda terminal: terminal.process.send_signal(signal.SIGHUP), 128 + signal.SIGHUP),
}


@pytest.mark.parametrize(("end", "code"), ENDINGS.values(), ids=ENDINGS)
def test_the_terminal_is_left_as_it_was_however_it_ends(end, code):
    with keys_in() as terminal:
        terminal.wait_for("ready")
        assert not terminal.settings[3] & termios.ICANON
        end(terminal)
        assert terminal.exit_code() == code
        assert terminal.settings == terminal.settings_before


def test_in_a_pipe_no_key_is_ever_pressed():
    run = subprocess.run(
        [sys.executable, "-c", "from posturecam.keys import pressed_keys\nwith pressed_keys() as k: print(k())"],
        input="qqq",
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "None\n"


def test_in_the_background_the_terminal_is_left_alone(monkeypatch):
    """The terminal belongs to another group of processes, as after `posturecam calibrate &`."""
    master, slave = os.openpty()
    try:
        with open(slave, closefd=False) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() + 1)
            before = termios.tcgetattr(slave)
            with pressed_keys() as next_key:
                assert next_key() is None
                assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)
