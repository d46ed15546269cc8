from __future__ import annotations

import json
import os
import shlex
import sys
import time

import pytest

from alerts import alert
from posturecam.core.manner import Manner
from posturecam.errors import UsageError
from posturecam.sinks.on_alert import CommandError, OnAlert

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are written for POSIX")


def python(code: str, *words: str) -> str:
    return shlex.join([sys.executable, "-S", "-c", code, *words])


def test_a_command_gets_the_alert_as_one_line_of_json(tmp_path):
    got = tmp_path / "with a space; and more"
    code = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    OnAlert(python(code, str(got))).tell(alert("slouch", Manner.TIP))
    (line,) = got.read_text().splitlines()
    told = json.loads(line)
    assert (told["event"], told["t_s"], told["pattern"], told["onset_s"]) == ("alert", 70.0, "slouch", 10.0)
    assert (told["title"], told["manner"], told["reminder"]) == ("slouch", "tip", False)
    assert told["words"].endswith(".")


def test_no_shell_reads_the_command(tmp_path):
    made = tmp_path / "made"
    OnAlert(f"true ; touch {made}").tell(alert())
    OnAlert(f"true $(touch {made})").tell(alert())
    assert not made.exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-program --at-all", "cannot run no-such-program: No such file or directory"),
        ("/", "cannot run /: Permission denied"),
        ("false", "false ended with 1"),
        (python("import sys; print('out of paper', file=sys.stderr); sys.exit(3)"), "ended with 3: out of paper"),
    ],
    ids=["missing", "no program", "fails", "says why"],
)
def test_a_command_that_fails_says_so_in_one_line(command, said):
    with pytest.raises(CommandError) as error:
        OnAlert(command).tell(alert())
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_command_that_does_not_read_is_no_failure():
    OnAlert("true").tell(alert())


def test_a_command_that_hangs_is_ended_with_what_it_started(tmp_path):
    beat = tmp_path / "beat"
    beat.touch()
    child = f"import os, time\nwhile True: os.utime({str(beat)!r}); time.sleep(0.01)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {child!r}])"
    with pytest.raises(CommandError, match=r"was ended after 0\.5 s"):
        OnAlert(python(code), within_s=0.5).tell(alert())
    ended = beat.stat().st_mtime_ns
    time.sleep(0.1)
    assert beat.stat().st_mtime_ns == ended


@pytest.mark.parametrize(
    ("command", "said"), [("", "give a command"), ("  ", "give a command"), ("say 'hello", "No closing quotation")]
)
def test_what_is_no_command_is_refused_at_once(command, said):
    with pytest.raises(UsageError, match=said):
        OnAlert(command)
