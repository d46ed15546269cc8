from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from calibrated import profile as make_profile
from posturecam import cli, doctor
from posturecam.doctor import CHECKS, Check, Finding, Patient, Verdict, examine, exit_code
from posturecam.errors import PosturecamError
from posturecam.profiles import profile_store
from posturecam.sinks import notification
from posturecam.sinks.doctor_page import show_finding, show_outcome
from posturecam.sinks.notification import Backend
from posturecam.steering import SteeringServer
from posturecam.store import Store
from posturecam.vision import camera
from posturecam.vision.camera import Device
from posturecam.vision.frames import Frame
from test_status import FULL
from test_steering import Desk


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """A machine of its own, with notifications, whose cameras are looked through for a moment only."""
    monkeypatch.setenv("POSTURECAM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("POSTURECAM_CONFIG", str(tmp_path / "settings.toml"))
    monkeypatch.setattr(doctor, "LOOK_S", 0.2)
    monkeypatch.setattr(notification, "backend_in_use", lambda: Backend("a bell"))
    return tmp_path / "data"


def check(name: str) -> Check:
    return next(one for one in CHECKS if one.name == name)


def found(name: str, patient: Patient | None = None) -> Finding:
    return examine(patient or Patient(), check(name))


def grey(level: int, make_video) -> str:
    source = f"color=0x{3 * f'{level:02x}'}:size=160x120:rate=30:duration=3"
    return str(make_video(f"grey_{level}.mp4", source=source))


def test_a_check_that_hangs_is_a_finding_and_the_next_goes_on():
    freed = threading.Event()
    begun = time.monotonic()
    hung = examine(Patient(), Check("camera", lambda _: Finding("", Verdict.FINE, str(freed.wait(9))), within_s=0.1))
    assert time.monotonic() - begun < 5
    assert (hung.verdict, hung.words) == (Verdict.WRONG, "no answer within 0.1 s")
    freed.set()
    assert found("versions").verdict is Verdict.FINE


@pytest.mark.parametrize(
    ("error", "words"),
    [(PosturecamError("it is off; switch it on"), "it is off; switch it on"), (KeyError("x"), "KeyError('x')")],
)
@pytest.mark.parametrize(("needed", "verdict"), [(True, Verdict.WRONG), (False, Verdict.REMARK)])
def test_a_check_that_fails_is_a_finding(error, words, needed, verdict):
    def fail(_: Patient) -> Finding:
        raise error

    finding = examine(Patient(), Check("thing", fail, needed))
    assert (finding.check, finding.verdict) == ("thing", verdict)
    assert words in finding.words


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ({"picture": Verdict.FINE, "model": Verdict.REMARK}, 0),
        ({"picture": Verdict.FINE, "model": Verdict.WRONG}, 1),
        ({"picture": Verdict.WRONG, "model": Verdict.FINE}, 3),
        ({"picture": Verdict.WRONG, "model": Verdict.WRONG}, 3),
    ],
    ids=["could be better", "no model", "no camera", "neither"],
)
def test_the_exit_code_says_whether_live_could_run(verdicts, code):
    assert exit_code([Finding(name, verdict, "") for name, verdict in verdicts.items()]) == code


def test_missing_and_doubled_libraries_are_told(monkeypatch):
    there = {"mediapipe": "0.10.21", "numpy": "1.26.4", "opencv-contrib-python": "4.11"}
    monkeypatch.setattr(doctor, "_version", there.get)
    assert found("versions").verdict is Verdict.FINE
    there["opencv-python"] = "4.9"
    assert "pip uninstall opencv-python," in str(found("versions").remedy)
    del there["mediapipe"]
    finding = found("versions")
    assert (finding.verdict, "mediapipe missing" in finding.words) == (Verdict.WRONG, True)


def test_a_settings_file_that_cannot_be_used_is_told(tmp_path):
    assert "defaults" in found("settings").words
    (tmp_path / "settings.toml").write_text("rate_hz = 2.0\n")
    patient = Patient()
    assert found("settings", patient).verdict is Verdict.FINE
    assert patient.rate_hz == 2
    (tmp_path / "settings.toml").write_text("rate_hz = 'often'\n")
    finding = found("settings")
    assert (finding.verdict, "rate_hz" in finding.words) == (Verdict.WRONG, True)


def test_the_data_folder_is_judged_and_not_made(data, monkeypatch):
    assert "not made yet" in found("data folder").words
    assert not data.exists()
    data.mkdir(mode=0o755)
    assert found("data folder").remedy == f"chmod 700 {data}"
    data.chmod(0o700)
    assert found("data folder").verdict is Verdict.FINE
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 1e18)
    assert "make room" in str(found("data folder").remedy)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert found("data folder").verdict is Verdict.WRONG


def test_the_history_is_judged_and_left_as_it_is(data):
    assert found("history").words == "none yet"
    Store().close()
    assert found("history").words.startswith("0 sessions")
    path = data / "history.sqlite"
    path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)
    before = path.read_bytes()
    finding = found("history")
    assert (finding.verdict, "cannot be read" in finding.words) == (Verdict.REMARK, True)
    assert path.read_bytes() == before


def test_a_running_monitor_is_named_and_its_camera_left_to_it():
    desk = Desk()
    desk.status = FULL.as_dict
    patient = Patient()
    with SteeringServer(desk):
        assert "pid 7, snoozed" in found("monitor", patient).words
    finding = found("picture", patient)
    assert (finding.verdict, finding.words) == (Verdict.FINE, "the running monitor has Desk Cam")
    assert found("monitor").words == "none is running"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lists its cameras")
def test_cameras_are_listed_with_who_holds_them(monkeypatch):
    monkeypatch.setattr(camera, "devices", lambda: [Device(0, "Cam", Path("/dev/video0")), Device(2, "Other", None)])
    monkeypatch.setattr(camera, "holders", lambda path: ["zoom"])
    finding = found("cameras")
    assert finding.words == "0 Cam (/dev/video0), in use by zoom, 2 Other"
    monkeypatch.setattr(camera, "devices", list)
    assert (found("cameras").verdict, found("cameras", Patient("clip.mp4")).verdict) == (Verdict.REMARK, Verdict.FINE)


@pytest.mark.parametrize(
    ("level", "remedy"), [(5, "open the shutter"), (40, "dim"), (128, None), (235, "glaring")], ids=str
)
def test_a_picture_is_judged_by_its_light(make_video, level, remedy):
    patient = Patient(grey(level, make_video))
    finding = found("picture", patient)
    assert "160 x 120, 30 pictures per second" in finding.words
    assert finding.facts["mean_level"] == pytest.approx(level, abs=6)
    assert (finding.remedy is None) == (remedy is None)
    assert (remedy or "") in str(finding.remedy)
    assert 0 < len(patient.frames) <= doctor.ANALYSES


def test_a_slow_picture_is_told(make_video):
    patient = Patient(grey(128, make_video), rate_hz=60)
    assert "slow" in str(found("picture", patient).remedy)


def test_a_source_that_is_not_there_is_told():
    finding = found("picture", Patient("nowhere.mp4"))
    assert (finding.verdict, "nowhere.mp4" in finding.words) == (Verdict.WRONG, True)


def test_the_profile_is_judged_for_this_camera(make_video):
    patient = Patient(grey(128, make_video))
    assert "posturecam calibrate" in str(found("profile", patient).remedy)
    found("picture", patient)
    profile_store().save(make_profile("desk", width_px=320, height_px=240))
    profile_store().use("desk")
    assert found("profile", patient).words == "desk, made 2026-11-22, onset 25°"
    profile_store().save(make_profile("desk", width_px=320, height_px=320))
    finding = found("profile", patient)
    assert (finding.verdict, "calibrate with this camera" in finding.words) == (Verdict.WRONG, True)


def test_the_model_is_timed_and_looks_for_somebody(portrait):
    frames = [Frame(k / 5, np.roll(portrait, k, axis=1)) for k in range(3)]
    finding = found("model", Patient(frames=frames))
    assert (finding.verdict, "somebody is seen" in finding.words) == (Verdict.FINE, True)
    assert 0 < finding.facts["analysis_ms"] < 1000 * finding.facts["load_s"] + 1000
    empty = found("model", Patient(frames=[Frame(0.0, np.zeros((120, 160, 3), np.uint8))] * 2, rate_hz=0.5))
    assert "head and shoulders" in str(empty.remedy)


def test_notifications_that_do_not_work_are_told(monkeypatch):
    assert found("notifications").words == "a bell"
    monkeypatch.setattr(notification, "backend_in_use", lambda: Backend("a bell", "it is cracked: mend it"))
    finding = found("notifications")
    assert (finding.verdict, finding.words) == (Verdict.REMARK, "a bell: it is cracked: mend it")


@pytest.fixture
def posturecam(monkeypatch, capsys):
    """Run the program with these words and quick checks; give its exit code, stdout and stderr."""
    quick = tuple(one for one in CHECKS if one.name not in ("model", "cameras"))
    monkeypatch.setattr(doctor, "CHECKS", quick)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["posturecam", *words])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run


def test_the_command_says_that_live_can_run(posturecam, make_video, data):
    code, out, err = posturecam("doctor", "--source", grey(128, make_video))
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "posturecam live can run"
    assert not data.exists()


def test_the_command_says_what_keeps_live_from_running_as_json_too(posturecam):
    code, out, _ = posturecam("doctor", "--source", "nowhere.mp4")
    assert code == 3
    assert out.splitlines()[-1] == "posturecam live cannot run: see picture"
    code, out, _ = posturecam("doctor", "--source", "nowhere.mp4", "--json")
    told = json.loads(out)
    assert code == told["exit_code"] == 3
    verdicts = {finding["check"]: finding["verdict"] for finding in told["findings"]}
    assert (verdicts["picture"], verdicts["notifications"]) == ("wrong", "fine")


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "✗"), ("ascii", "X")])
def test_a_finding_fits_a_narrow_terminal_and_plain_characters(encoding, sign):
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    finding = Finding("picture", Verdict.WRONG, "a long line about a camera\x1b[31m " * 4, "do this or that " * 4)
    console = Console(file=out, width=40)
    show_finding(finding, console)
    show_outcome([finding], console)
    out.flush()
    lines = out.buffer.getvalue().decode(encoding).splitlines()
    assert lines[0].startswith(f"{sign} ")
    assert max(map(len, lines)) <= 40
    assert not any("\x1b" in line for line in lines)
