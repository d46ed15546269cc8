from __future__ import annotations

import io
import os
import wave

import numpy as np
import pytest

from alerts import alert
from posturecam.core.manner import Manner
from posturecam.sinks import soft_sound
from posturecam.sinks.soft_sound import SoftSound, SoundError, chime

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the players are written for POSIX")


@pytest.fixture
def player(tmp_path, monkeypatch):
    """`player(script)` makes it the only player there is."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(script):
        path = tmp_path / "paplay"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)

    return make


def test_the_sound_is_short_soft_and_small():
    content = chime()
    assert len(content) < 12_000
    with wave.open(io.BytesIO(content)) as file:
        assert file.getnframes() / file.getframerate() < 0.5
        loud = np.abs(np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int))
    assert 0.2 < loud.max() / 32767 <= 0.25
    assert loud[0] == 0
    assert loud[-1] < 10


def test_an_alert_is_played_and_nothing_is_left_behind(player, tmp_path):
    player(f'/bin/cp "$1" {tmp_path}/heard; echo "$1" > {tmp_path}/name')
    sound = SoftSound()
    sound.tell(alert())
    assert (tmp_path / "heard").read_bytes() == chime()
    sound.close()
    assert not os.path.exists((tmp_path / "name").read_text().strip())


@pytest.mark.parametrize("manner", [Manner.TIP, Manner.NUDGE])
def test_tips_and_nudges_are_silent(player, tmp_path, manner):
    player(f"echo > {tmp_path}/heard")
    SoftSound().tell(alert("stillness", manner))
    assert not (tmp_path / "heard").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no sound server >&2; exit 1", "paplay ended with 1: no sound server"),
        ("exec /bin/sleep 60", "paplay was ended after 0.3 s"),
    ],
    ids=["fails", "hangs"],
)
def test_a_player_that_fails_or_hangs_is_trouble(player, monkeypatch, script, said):
    monkeypatch.setattr(soft_sound, "WITHIN_S", 0.3)
    player(script)
    sound = SoftSound()
    with pytest.raises(SoundError, match=said):
        sound.tell(alert())
    sound.close()


def test_without_a_player_it_says_what_to_install(player):
    with pytest.raises(SoundError, match="install one of pw-play, paplay"):
        SoftSound().tell(alert())
