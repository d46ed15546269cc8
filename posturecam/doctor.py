"""Looking for what keeps the monitor from working here: one check after another, each on its own.

A check that fails or hangs is a finding like any other. Nothing is changed on the machine, and no picture kept.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sqlite3
import stat
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from posturecam import __version__
from posturecam.errors import Exit, PosturecamError
from posturecam.profiles import data_folder, neutral_from, profile_store
from posturecam.settings import load, settings_path
from posturecam.steering import NotRunningError, ask
from posturecam.vision.frames import Frame, SourceFacts

LOOK_S = 1.0
"""How long the camera is looked through."""
ANALYSES = 8
DIM_LEVEL = 50.0
GLARING_LEVEL = 215.0
"""Mean levels of a picture, of 255, beyond which a face has few details left (judgement)."""
LEAST_FREE_BYTES = 200_000_000
"""A year of the history takes less (judgement)."""
LIBRARIES = {"mediapipe": "mediapipe", "opencv": "opencv-contrib-python", "numpy": "numpy"}
OTHER_OPENCVS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")


class Verdict(str, Enum):
    """What a finding means for `posturecam live`."""

    FINE = "fine"
    REMARK = "remark"
    """It could be better, and live goes on without it."""
    WRONG = "wrong"
    """Live does not run."""


@dataclass(frozen=True)
class Finding:
    """What one check has found."""

    check: str
    verdict: Verdict
    words: str
    remedy: str | None = None
    """What to do, where `words` do not say so already."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for a program."""

    def as_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        said = {"check": self.check, "verdict": self.verdict.value, "words": self.words, "remedy": self.remedy}
        return {**said, "facts": dict(self.facts)}


@dataclass
class Patient:
    """What is examined, and what the checks so far have seen of it."""

    source: str | None = None
    """The camera, URL or file to try; None for what live would take by itself."""
    frames: list[Frame] = field(default_factory=list)
    """The last pictures that came."""
    facts: SourceFacts | None = None
    """Of the source that gave them."""
    monitor: Mapping[str, Any] | None = None
    """What the running monitor says of itself."""
    rate_hz: float = 5.0
    """Pictures looked at per second, after the settings."""


@dataclass(frozen=True)
class Check:
    """Something to look at."""

    name: str
    look: Callable[[Patient], Finding]
    needed: bool = True
    """Whether live does not run when this fails."""
    within_s: float = 10.0
    """It hangs when it takes longer."""


def examine(patient: Patient, check: Check) -> Finding:
    """Run a check, for as long as it may take."""
    found: list[Finding] = []
    looking = threading.Thread(target=lambda: found.append(_look(check, patient)), daemon=True)
    looking.start()
    looking.join(check.within_s)
    return found[0] if found else _failed(check, f"no answer within {check.within_s:g} s")


def exit_code(findings: Iterable[Finding]) -> Exit:
    """`DONE` when live could run, `UNREADABLE` when no camera is readable, `FAILURE` otherwise."""
    wrong = {finding.check for finding in findings if finding.verdict is Verdict.WRONG}
    if not wrong:
        return Exit.DONE
    return Exit.UNREADABLE if PICTURE in wrong else Exit.FAILURE


def _look(check: Check, patient: Patient) -> Finding:
    try:
        return check.look(patient)
    except PosturecamError as error:
        return _failed(check, str(error))
    except Exception as error:
        return _failed(check, f"the check itself failed: {error!r}")


def _failed(check: Check, words: str) -> Finding:
    return Finding(check.name, Verdict.WRONG if check.needed else Verdict.REMARK, words)


def _versions(patient: Patient) -> Finding:
    libraries = {name: _version(package) for name, package in LIBRARIES.items()}
    facts = {"posturecam": __version__, "python": platform.python_version(), **libraries, "system": platform.platform()}
    words = ", ".join(f"{name} {number or 'missing'}" for name, number in facts.items() if name != "system")
    missing = [LIBRARIES[name] for name, number in libraries.items() if number is None]
    if missing:
        remedy = "install posturecam again, with Python 3.10 to 3.12"
        return Finding("versions", Verdict.WRONG, words, remedy, facts)
    if twice := [package for package in OTHER_OPENCVS if _version(package)]:
        remedy = (
            f"two OpenCVs break each other: pip uninstall {' '.join(twice)}, "
            "then pip install --force-reinstall opencv-contrib-python"
        )
        return Finding("versions", Verdict.REMARK, f"{words}, {' and '.join(twice)} beside it", remedy, facts)
    return Finding("versions", Verdict.FINE, words, facts=facts)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _settings(patient: Patient) -> Finding:
    path = settings_path()
    patient.rate_hz = load().rate
    facts = {"path": str(path), "exists": path.exists()}
    words = str(path) if path.exists() else f"all at their defaults (no file at {path})"
    return Finding("settings", Verdict.FINE, words, facts=facts)


def _data(patient: Patient) -> Finding:
    folder = data_folder()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    mode = stat.S_IMODE(there.stat().st_mode)
    facts = {"path": str(folder), "exists": there == folder, "free_bytes": free, "mode": f"{mode:04o}"}
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        words = f"{folder} cannot be written"
        remedy = f"make {there} yours, or name another folder with POSTURECAM_DATA"
        return Finding("data folder", Verdict.WRONG, words, remedy, facts)
    words = f"{folder}, {free / 1e9:.1f} GB free" + ("" if there == folder else " (not made yet)")
    if there == folder and mode & 0o077 and sys.platform != "win32":
        words += f", and others on this machine may look into it ({mode:04o})"
        return Finding("data folder", Verdict.REMARK, words, f"chmod 700 {shlex.quote(str(folder))}", facts)
    if free < LEAST_FREE_BYTES:
        return Finding("data folder", Verdict.REMARK, words, "make room: the history may not be kept", facts)
    return Finding("data folder", Verdict.FINE, words, facts=facts)


def _history(patient: Patient) -> Finding:
    from posturecam.store import APPLICATION_ID, MIGRATIONS, NAME

    path = data_folder() / NAME
    if not path.exists():
        return Finding("history", Verdict.FINE, "none yet", facts={"path": str(path), "exists": False})
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        fault = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        number = connection.execute("PRAGMA user_version").fetchone()[0]
        if fault != "ok" or mark != APPLICATION_ID:
            raise sqlite3.DatabaseError(fault if fault != "ok" else "it is another program's")
        if number > len(MIGRATIONS):
            remedy = "update posturecam, or move the file elsewhere to begin a new one"
            return Finding("history", Verdict.REMARK, f"{path} was made by a newer posturecam", remedy)
        sessions = connection.execute("SELECT count(*) FROM sessions").fetchone()[0]
    except sqlite3.DatabaseError as error:
        remedy = "move the file elsewhere: a new one begins by itself"
        return Finding("history", Verdict.REMARK, f"{path} cannot be read: {error}", remedy)
    finally:
        connection.close()
    size = path.stat().st_size
    facts = {"path": str(path), "exists": True, "sessions": sessions, "bytes": size}
    words = f"{sessions} session{'' if sessions == 1 else 's'}, {size / 1e6:.1f} MB, sound"
    return Finding("history", Verdict.FINE, words, facts=facts)


def _monitor(patient: Patient) -> Finding:
    try:
        patient.monitor = ask("status")
    except NotRunningError:
        return Finding("monitor", Verdict.FINE, "none is running", facts={"running": False})
    facts = {"running": True, "pid": patient.monitor.get("pid"), "mode": patient.monitor.get("mode")}
    words = f"running, pid {facts['pid']}, {facts['mode']}: see posturecam status"
    return Finding("monitor", Verdict.FINE, words, facts=facts)


def _cameras(patient: Patient) -> Finding:
    from posturecam.vision.camera import devices, holders

    if not sys.platform.startswith("linux"):
        return Finding("cameras", Verdict.FINE, "this system does not list them: they are numbered from 0 on")
    found = [(device, holders(device.path) if device.path else []) for device in devices()]
    facts = [
        {"number": device.number, "name": device.name, "device": str(device.path), "held_by": held}
        for device, held in found
    ]
    if not found:
        words = "this machine lists none"
        remedy = "connect one, and see that a virtual machine or container is given it"
        verdict = Verdict.REMARK if patient.source is None else Verdict.FINE
        return Finding("cameras", verdict, words, remedy if patient.source is None else None, {"cameras": []})
    words = ", ".join(
        f"{device.number} {device}" + (f", in use by {' and '.join(held)}" if held else "") for device, held in found
    )
    return Finding("cameras", Verdict.FINE, words, facts={"cameras": facts})


def _picture(patient: Patient) -> Finding:
    from posturecam.vision.source import FIRST_CAMERA, open_source

    if patient.source is None and patient.monitor is not None:
        camera, trouble = patient.monitor.get("camera"), patient.monitor.get("trouble")
        verdict = Verdict.REMARK if trouble else Verdict.FINE
        words = f"the running monitor has {camera or 'its camera'}" + (f": {trouble}" if trouble else "")
        return Finding(PICTURE, verdict, words)
    with open_source(FIRST_CAMERA if patient.source is None else patient.source, None) as source:
        patient.facts = source.facts
        times_s: list[float] = []
        begun_s = time.monotonic()
        for frame in source:
            times_s.append(frame.t_s)
            patient.frames = [*patient.frames[1 - ANALYSES :], frame]
            if time.monotonic() - begun_s >= LOOK_S and len(times_s) > 1:
                break
    last = patient.frames[-1]
    level = float(last.image.mean())
    hz = (len(times_s) - 1) / (times_s[-1] - times_s[0]) if len(times_s) > 1 else None
    facts = {"source": source.facts.name, "width_px": last.width_px, "height_px": last.height_px}
    words = f"{source.facts.name}: {last.width_px} x {last.height_px}"
    words += f", {hz:.0f} pictures per second" if hz else ", a single picture"
    words += f", brightness {level:.0f} of 255"
    remedy = _light_remedy(level)
    if hz and hz < 0.9 * patient.rate_hz:
        remedy = remedy or "that is slow; more light, or a cable in place of Wi-Fi, often helps"
    verdict = Verdict.REMARK if remedy else Verdict.FINE
    return Finding(PICTURE, verdict, words, remedy, {**facts, "rate_hz": hz, "mean_level": level})


def _light_remedy(level: float) -> str | None:
    from posturecam.vision.sight import DARK_LEVEL

    if level < DARK_LEVEL:
        return "that is black: open the shutter, free the lens, or put on a light"
    if level < DIM_LEVEL:
        return "that is dim: a light in front of you makes the angles steadier"
    if level > GLARING_LEVEL:
        return "that is glaring: turn the camera away from the window or the lamp"
    return None


def _model(patient: Patient) -> Finding:
    begun_s = time.perf_counter()
    import numpy as np

    from posturecam.vision.landmarker import MediaPipeLandmarker

    frames = list(patient.frames) or [Frame(t / 5, np.full((480, 640, 3), 10 * t, np.uint8)) for t in range(ANALYSES)]
    took_ms = []
    with MediaPipeLandmarker() as landmarker:
        somebody = not landmarker.detect(frames[0]).empty
        load_s = time.perf_counter() - begun_s
        for frame in frames[1:]:
            begun_s = time.perf_counter()
            somebody = not landmarker.detect(frame).empty or somebody
            took_ms.append(1000 * (time.perf_counter() - begun_s))
    analysis_ms = statistics.median(took_ms) if took_ms else None
    facts = {"load_s": load_s, "analysis_ms": analysis_ms, "somebody": somebody if patient.frames else None}
    words = f"ready after {load_s:.1f} s"
    if analysis_ms is not None:
        words += f", {analysis_ms:.0f} ms per analysis"
    if patient.frames:
        words += ", somebody is seen" if somebody else ", nobody is seen"
    else:
        words += " of an empty picture"
    if analysis_ms is not None and analysis_ms * patient.rate_hz > 1000:
        remedy = f"too slow for {patient.rate_hz:g} pictures per second: close other programs, or lower rate_hz"
        return Finding("model", Verdict.REMARK, words, remedy, facts)
    if patient.frames and not somebody:
        return Finding("model", Verdict.REMARK, words, "sit so that the camera sees head and shoulders", facts)
    return Finding("model", Verdict.FINE, words, facts=facts)


def _profile(patient: Patient) -> Finding:
    from posturecam.profiles import profile_errors

    with profile_errors():
        profile = profile_store().chosen_for(patient.facts.camera if patient.facts else None)
    if profile is None:
        words = "none: live takes your neutral anew each time"
        return Finding("profile", Verdict.REMARK, words, "make one with posturecam calibrate", {"name": None})
    if patient.facts:
        neutral_from(profile, patient.facts.width_px, patient.facts.height_px)
    facts = {"name": profile.name, "made": profile.made, "camera": profile.camera, "onset_deg": profile.onset_deg}
    words = f"{profile.name}, made {profile.made_at.astimezone():%Y-%m-%d}, onset {profile.onset_deg:g}°"
    return Finding("profile", Verdict.FINE, words, facts=facts)


def _notifications(patient: Patient) -> Finding:
    from posturecam.sinks.notification import backend_in_use

    backend = backend_in_use()
    facts = {"backend": backend.name, "trouble": backend.trouble}
    if backend.trouble:
        return Finding("notifications", Verdict.REMARK, f"{backend.name}: {backend.trouble}", facts=facts)
    return Finding("notifications", Verdict.FINE, backend.name, facts=facts)


PICTURE = "picture"
CHECKS = (
    Check("versions", _versions),
    Check("settings", _settings),
    Check("data folder", _data),
    Check("history", _history, needed=False),
    Check("monitor", _monitor, needed=False, within_s=15),
    Check("cameras", _cameras, needed=False),
    Check(PICTURE, _picture, within_s=25),
    Check("profile", _profile),
    Check("model", _model, within_s=60),
    Check("notifications", _notifications, needed=False),
)
