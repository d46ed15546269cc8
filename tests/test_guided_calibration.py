"""Guided calibrations from start to end: the program in a terminal, a clip paced as its camera."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from calibrated import profile
from calibration.profile_store import ProfileStore
from calibration.separability import Basis
from test_cli_profiles import posturecam
from test_samples import SAMPLES

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from terminals import Terminal

SPEED = 2.0
PROGRAM = f"""
from posturecam.vision import source
at_its_own_speed = source.PacedFile
source.PacedFile = lambda path, rate_hz, _: at_its_own_speed(path, rate_hz, {SPEED})
from posturecam.cli import main
main()
"""

TRIM = "trim={}:{},setpts=PTS-STARTPTS"
HELD = ",tpad=stop_mode=clone:stop_duration={}"
CUTS = (
    TRIM.format(0, 10.6),  # upright
    TRIM.format(11.6, 13.6) + HELD.format(4.6),  # down to the keyboard
    TRIM.format(13.6, 16),
    TRIM.format(21, 32),  # down to the phone
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The front clip, cut and held as somebody sits who is guided: 31 s."""
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg to cut a clip")
    path = tmp_path_factory.mktemp("guided") / "steps.mp4"
    parts = [f"[0]{cut}[part{k}]" for k, cut in enumerate(CUTS)]
    joined = "".join(f"[part{k}]" for k in range(len(CUTS))) + f"concat=n={len(CUTS)}[all]"
    command = ["ffmpeg", "-y", "-v", "error", "-i", str(SAMPLES / "front.mp4")]
    command += ["-filter_complex", ";".join([*parts, joined]), "-map", "[all]"]
    subprocess.run([*command, "-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


@pytest.fixture
def store(tmp_path):
    return ProfileStore(tmp_path / "data" / "profiles")


def calibrating(clip, store, *words: str, **environment: str) -> Terminal:
    command = ["calibrate", "--source", str(clip), "--name", "desk", "--field-of-view-deg", "70", *words]
    environment["POSTURECAM_DATA"] = str(store.folder.parent)
    return Terminal([sys.executable, "-c", PROGRAM, *command], **environment)


def test_somebody_is_led_through_the_poses_to_a_profile(clip, store):
    with calibrating(clip, store) as terminal:
        terminal.wait_for("Sit upright and look at the middle of the screen")
        terminal.wait_for("waiting: hold still")
        for seconds in (8, 5, 2):
            terminal.wait_for(f"hold it: {seconds} s")
        terminal.wait_for("✓  Sit upright")
        terminal.wait_for("▸  Look at the keyboard, as when you type")
        terminal.wait_for("waiting: take up the pose")
        keyboard = len(terminal.text)
        terminal.wait_for("▸  Look down at a phone, as you usually hold it")
        posed = terminal.text[keyboard:].partition("▸  Look down at a phone")[0]
        seen_deg = map(int, re.findall(r"The camera sees your head (\d+)° down", posed))
        assert 26 <= max(seen_deg) <= 34, "in truth by 30°"
        terminal.wait_for("Kept as the profile desk, which is in use")
        assert terminal.exit_code() == 0
        assert terminal.settings == terminal.settings_before
        assert terminal.raw.count("\a") == 3
        words = " ".join(terminal.text.split())
    kept = store.load("desk")
    assert kept.basis is Basis.SEPARATED
    assert kept.keyboard.median_deg + 2 < kept.onset_deg < kept.phone.median_deg - 2
    assert kept.camera is None, "a file is no camera"
    assert f"alerts start at {kept.onset_deg:g}°" in words
    assert "glances would look like phone use" in words


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("q", 130)], ids=["Ctrl-C", "q"])
def test_stopping_leaves_the_old_profile_byte_for_byte(clip, store, key, code):
    store.save(profile("desk"))
    before = store.path("desk").read_bytes()
    with calibrating(clip, store) as terminal:
        terminal.wait_for("hold it: 6 s")
        terminal.press(key)
        assert terminal.exit_code() == code
        assert terminal.settings == terminal.settings_before
        assert terminal.text.rstrip().endswith("posturecam: stopped; no profile was changed")
        assert "Traceback" not in terminal.text
    assert store.path("desk").read_bytes() == before
    assert sorted(path.name for path in store.folder.iterdir()) == ["desk.json"]


def test_steps_are_skipped_by_a_key_and_without_a_screen_it_goes_on_without_the_preview(clip, store):
    with calibrating(clip, store, "--preview", DISPLAY="", WAYLAND_DISPLAY="") as terminal:
        terminal.wait_for("no window can be opened here: going on without the preview")
        terminal.wait_for("▸  Look at the keyboard")
        terminal.press(" ")
        terminal.wait_for("▸  Look down at a phone")
        terminal.press("\r")
        assert terminal.exit_code() == 0
    assert store.load("desk").basis is Basis.DEFAULT


def test_in_a_pipe_every_change_is_a_line_and_a_clip_that_ends_too_early_is_an_error(clip, store, tmp_path):
    short = tmp_path / "short.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-t", "11", "-c", "copy", short], check=True)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, "calibrate", "--source", str(short)],
        capture_output=True,
        text=True,
        env={**os.environ, "POSTURECAM_DATA": str(store.folder.parent)},
        timeout=60,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.splitlines()[:4] == [
        "Step 1 of 3: Sit upright and look at the middle of the screen, for 8 s.",
        "  waiting: hold still",
        "  hold it",
        "Step 2 of 3: Look at the keyboard, as when you type, for 3 s.",
    ]
    assert run.stderr.endswith("longer recording\n")
    assert "short.mp4 is over before every pose was held: no profile was changed" in run.stderr
    assert not store.folder.exists()


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("--from", "x.mp4", "--neutral", "0-8", "--corners"), 2, "--from takes a recording: choose one"),
        (("--neutral", "0-8"), 2, "name it with --from"),
        (("--from", "x.mp4"), 2, "give --neutral START-END"),
        (("--source", "nothing.mp4"), 3, "nothing.mp4: there is no such file"),
        (("--source", "http://me:secret@127.0.0.1:9/"), 3, "http://127.0.0.1:9/: no video comes from there"),
        (("--name", "../x"), 2, "cannot be a profile's name"),
    ],
)
def test_what_cannot_be_guided_ends_with_one_line_and_its_code(store, monkeypatch, words, code, error):
    monkeypatch.setenv("POSTURECAM_DATA", str(store.folder.parent))
    answer = posturecam("calibrate", *words)
    assert answer.exit_code == code
    assert error in answer.error
    assert "\n" not in answer.error
    assert not store.folder.exists()
