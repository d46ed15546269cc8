"""Measure what posturecam costs, each figure against its target, and beside the accuracy that it buys.

    python benchmarks/performance.py [--accuracy FOLDER] [--quick] [--repeat N] [--json FILE]

One run on one machine makes all of it: clips of 640x480 at 30 frames per second out of samples/ (ffmpeg in-betweens
them and adds a camera's noise), the loop that runs Pose on every frame, and posturecam's own commands as a user runs
them, with a data folder of their own. Wall times are the best of --repeat; CPU is the process's own, in percent of
one core. Needs ffmpeg, and Linux for the live rows. --accuracy names a folder of clips with truth as
benchmarks/accuracy.py takes it; their error is measured with the same landmarker at the same rate.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import mediapipe
import numpy as np
from accuracy import Clip, compare, everywhere, load, pooled, sums
from rich.console import Console
from rich.table import Table

from posturecam.core.landmarks import Landmarks
from posturecam.core.neutral import neutral_of
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.state import State
from posturecam.vision.frames import Frame
from posturecam.vision.landmarker import MediaPipeLandmarker
from posturecam.vision.libraries import native_stderr_silenced
from posturecam.vision.thrifty_landmarker import ThriftyLandmarker
from posturecam.vision.video_file import VideoFile

SAMPLES = Path(__file__).parents[1] / "samples"
NEUTRAL_S, BENT_S = (1.0, 8.0), (27.0, 46.0)
"""Seconds of samples/front.mp4 in which the person sits upright, and bent."""
CAMERA = "minterpolate=fps=30:mi_mode=blend,noise=alls=4:allf=t"
ENCODED = ("-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p", "-an")
POSTURECAM = (sys.executable, "-m", "posturecam")
LOOK_S = 1 / 5
WARM_S = 5.0
"""The first seconds load what is loaded once, and are not counted as the work of a look."""
SETTLED_S = 3.0
"""After the first state, the live command is given so long before its CPU is counted."""
BENT_STATES = (State.RED, State.SEVERE)
HELD_S = 1.0
"""A change of posture counts when it lasts for so long."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    target: str
    measured: str
    met: bool | None
    """None where there is no target."""
    value: float
    """The measured number, in the unit of the target."""


# Clips


def forth_and_back(seconds: tuple[float, float]) -> str:
    """The filter that plays seconds of a clip forth and back, so that it can be repeated without a jump."""
    start_s, end_s = seconds
    return f"[0:v]trim={start_s}:{end_s},setpts=PTS-STARTPTS,split[a][b];[b]reverse[c];[a][c]concat,{CAMERA}"


def make_clips(folder: Path, length_s: float) -> dict[str, Path]:
    """Make the clips, `length_s` long, and return them by name."""
    filters = {"steady": forth_and_back(NEUTRAL_S), "bent": forth_and_back(BENT_S), "moving": f"[0:v]{CAMERA}"}
    clips = {}
    for name, drawn in filters.items():
        once, clips[name] = folder / f"{name}_once.mp4", folder / f"{name}.mp4"
        ffmpeg("-i", SAMPLES / "front.mp4", "-filter_complex", drawn, *ENCODED, once)
        ffmpeg("-stream_loop", -1, "-i", once, "-t", length_s, "-c", "copy", clips[name])
    return clips


def ffmpeg(*words: object) -> None:
    """Run ffmpeg; SystemExit when it is missing or fails."""
    try:
        subprocess.run(["ffmpeg", "-y", "-v", "error", *map(str, words)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"ffmpeg is needed to make the clips: {error}") from None


# The loop that others run, and what nobody can do without


def every_frame_loop(clip: Path, seconds: float) -> tuple[float, float]:
    """Run Pose on every frame; return wall and CPU seconds per second of video."""
    capture = cv2.VideoCapture(str(clip))
    with native_stderr_silenced(), mediapipe.solutions.pose.Pose(model_complexity=1) as pose:
        pose.process(np.zeros((64, 64, 3), np.uint8))
        frames = 0
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        while frames < 30 * seconds and (read := capture.read())[0]:
            pose.process(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
            frames += 1
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    return 30 * wall_s / frames, 30 * cpu_s / frames


class Clocked:
    """A MediaPipe solution whose calls are counted and timed."""

    def __init__(self, solution: Any) -> None:
        self._solution = solution
        self._thread = threading.get_ident()
        self.calls, self.wall_s = 0, 0.0
        self.own_thread_s = 0.0
        """CPU of the thread that made this, spent here."""

    def process(self, image: Any) -> Any:
        """Look at the picture."""
        wall_s, thread_s = time.perf_counter(), time.thread_time()
        found = self._solution.process(image)
        self.calls += 1
        self.wall_s += time.perf_counter() - wall_s
        if threading.get_ident() == self._thread:
            self.own_thread_s += time.thread_time() - thread_s
        return found

    def close(self) -> None:
        """Free the model."""
        self._solution.close()


@dataclass(frozen=True)
class Anatomy:
    """Where the time of a clip goes, seconds per second of video but for `own_ms`."""

    looks: int
    bodies: float
    """Share of the looks at which Pose ran."""
    faces: float
    """The same of FaceMesh."""
    decode_s: float
    inference_s: float
    """Bare MediaPipe, of the frames that were given to it."""
    gate_ms: float
    """Own work in the landmarker per look: has anything moved, colours, landmarks to pixels, the backdrop."""
    pipeline_ms: float
    """From landmarks to sample and decisions, per look."""

    @property
    def own_ms(self) -> float:
        """All but decoding and MediaPipe, per look."""
        return self.gate_ms + self.pipeline_ms


def anatomy(clip: Path, seconds: float) -> Anatomy:
    """Take a clip's replay apart, one thing after the other in one thread."""
    begun_s = time.perf_counter()
    with VideoFile(clip) as source:
        frames = list(until(source, seconds))
    decode_s = time.perf_counter() - begun_s
    finder = MediaPipeLandmarker()
    pose = finder._pose = Clocked(finder._pose)
    mesh = finder._face_mesh = Clocked(finder._face_mesh)
    warm = sum(frame.t_s < WARM_S for frame in frames)
    with ThriftyLandmarker(finder) as landmarker:
        landmarks = [landmarker.detect(frame) for frame in frames[:warm]]
        thread_s = time.thread_time() - pose.own_thread_s - mesh.own_thread_s
        landmarks += [landmarker.detect(frame) for frame in frames[warm:]]
        thread_s = time.thread_time() - pose.own_thread_s - mesh.own_thread_s - thread_s
    pipeline = pipeline_for(landmarks)
    pipeline_s = time.thread_time()
    for one in landmarks:
        pipeline.update(one)
    pipeline_s = time.thread_time() - pipeline_s
    looks, length_s = len(frames), frames[-1].t_s
    return Anatomy(
        looks,
        pose.calls / looks,
        mesh.calls / looks,
        decode_s / length_s,
        (pose.wall_s + mesh.wall_s) / length_s,
        1000 * thread_s / (looks - warm),
        1000 * pipeline_s / looks,
    )


def until(source: VideoFile, seconds: float) -> Iterator[Frame]:
    """The frames of the first seconds."""
    for frame in source:
        if frame.t_s > seconds:
            break
        yield frame


def pipeline_for(landmarks: Sequence[Landmarks]) -> Pipeline:
    """A pipeline whose neutral are the first seconds."""
    return Pipeline(neutral_of([one for one in landmarks if one.t_s <= NEUTRAL_S[1]]), Settings())


# posturecam as it is run


@dataclass(frozen=True)
class Live:
    """What a run of `posturecam live` came to."""

    cpu: float
    """Percent of one core, once it runs."""
    first_state_s: float
    """From the start of the process."""
    memory_mb: float
    growth_mb: float
    """In the second half of the run."""


def run_live(clip: Path, profile: str, env: dict[str, str]) -> Live:
    """Run `posturecam live` on a paced clip."""
    command = [*POSTURECAM, "live", "--source", str(clip), "--profile", profile, "--json", "--no-notify"]
    begun_s = time.perf_counter()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        if not any(json.loads(line)["event"] == "state" for line in process.stdout):
            raise SystemExit("posturecam live came to no state")
        first_state_s = time.perf_counter() - begun_s
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()
        time.sleep(SETTLED_S)
        counted: list[tuple[float, float, float]] = []
        while reader.is_alive():
            with suppress(OSError, IndexError, ValueError):
                counted.append((time.perf_counter(), cpu_s(process.pid), memory_mb(process.pid)))
            reader.join(1.0)
    # Ending is not running.
    counted = counted[:-2]
    (start_s, start_cpu_s, _), (end_s, end_cpu_s, end_mb) = counted[0], counted[-1]
    return Live(
        100 * (end_cpu_s - start_cpu_s) / (end_s - start_s),
        first_state_s,
        max(mb for _, _, mb in counted),
        end_mb - counted[len(counted) // 2][2],
    )


def cpu_s(pid: int) -> float:
    """CPU time of a process so far, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int | str = "self") -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(env: dict[str, str], *words: object) -> float:
    """Run posturecam; return the seconds that it took. SystemExit when it fails."""
    begun_s = time.perf_counter()
    done = subprocess.run([*POSTURECAM, *map(str, words)], env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"posturecam {' '.join(map(str, words))}: {done.stderr}")
    return time.perf_counter() - begun_s


def run_counted(env: dict[str, str], *words: object) -> tuple[float, float]:
    """Do the same; return the seconds that it took, and those of CPU that it and its children took on all cores."""
    before_s = children_cpu_s()
    wall_s = run(env, *words)
    return wall_s, children_cpu_s() - before_s


def children_cpu_s() -> float:
    """CPU time of all processes that this one has started and that have ended."""
    used = os.times()
    return used.children_user + used.children_system


def best(times: int, measure: Callable[[], float]) -> float:
    """The least of several measurements: other programs only ever make them larger."""
    return min(measure() for _ in range(times))


# From a change of posture to its state


def state_delays_s(clip: Clip) -> list[float]:
    """Stream time from each lasting change of the true posture, past the onset or back, to the state that says so."""
    pipeline, flexion = Pipeline(clip.neutral, Settings()), clip.truth["head_pitch"] - clip.truth["trunk_flexion"]
    thresholds = Settings().thresholds
    t_s = np.array([one.t_s for one in clip.landmarks])
    inside = (t_s >= clip.stretch.start_s) & (t_s <= clip.stretch.end_s)
    flexion = flexion - np.median(flexion[inside])
    bent = np.array([pipeline.update(one)[0].state in BENT_STATES for one in clip.landmarks])
    delays = []
    for is_bent, truly in ((bent, flexion >= thresholds.onset_deg), (~bent, flexion < thresholds.amber_deg)):
        for k in np.flatnonzero(truly[1:] & ~truly[:-1]) + 1:
            lasts = truly[(t_s >= t_s[k]) & (t_s <= t_s[k] + HELD_S)].all()
            says = np.flatnonzero(is_bent & (t_s >= t_s[k]))
            if lasts and not is_bent[k - 1] and len(says):
                delays.append(float(t_s[says[0]] - t_s[k]))
    return delays


def errors_of(clips: Sequence[Clip]) -> dict[str, float]:
    """Mean absolute error of neck flexion by view, degrees."""
    compared = [compare(clip) for clip in clips]
    views = sorted({one.view for one in compared})
    answer = {
        view: sums(pooled([one for one in compared if one.view == view], "neck_flexion", everywhere)[0])["mae"]
        for view in views
    }
    return {**answer, "all": sums(pooled(compared, "neck_flexion", everywhere)[0])["mae"]}


def clips_with_truth(folder: Path, landmarker: Callable[[], Any]) -> list[Clip]:
    """The folder's clips, seen by the landmarker."""
    pairs = [
        (video, truth)
        for video in sorted(folder.glob("*.mp4"))
        for truth in (video.with_suffix(".csv"), video.with_name(f"{video.stem}_truth.csv"))
        if truth.exists()
    ]
    seen = [load(*pair, landmarker) for pair in pairs]
    return [clip for clip in seen if clip]


# Many frames


# The table


def at_most(what: str, limit: float, value: float, unit: str, digits: int = 1) -> Row:
    """A row whose figure is to be small."""
    return Row(what, f"≤ {limit:g}{unit}", f"{value:.{digits}f}{unit}", value <= limit, value)


def at_least(what: str, limit: float, value: float, unit: str) -> Row:
    """A row whose figure is to be large."""
    return Row(what, f"≥ {limit:g}{unit}", f"{value:.1f}{unit}", value >= limit, value)


def for_itself(what: str, value: float, unit: str) -> Row:
    """A row without a target, that tells what another one's can be."""
    return Row(what, "", f"{value:.2f}{unit}", None, value)


def measure(arguments: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything; return rows and figures."""
    live_s, replay_s, loop_s = (30.0, 60.0, 5.0) if arguments.quick else (60.0, 300.0, 20.0)
    homes = ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")
    env = {**os.environ, **{f"XDG_{home}": str(folder / home) for home in homes}}
    (folder / "RUNTIME_DIR").mkdir(mode=0o700)
    say("making clips")
    clips = make_clips(folder, replay_s)
    short = {}
    for name in ("steady", "bent"):
        short[name] = folder / f"{name}_live.mp4"
        ffmpeg("-i", clips[name], "-t", live_s, "-c", "copy", short[name])
    rows: list[Row] = []

    say("the every-frame loop")
    loops = [every_frame_loop(clips["steady"], loop_s) for _ in range(arguments.repeat)]
    loop_wall_s, loop_cpu_s = min(wall for wall, _ in loops), min(cpu for _, cpu in loops)
    parts = {name: anatomy(clip, 60.0) for name, clip in clips.items()}

    say("live")
    run(env, "calibrate", "--from", clips["steady"], "--neutral", "1-12", "--name", "bench")
    lives = {name: [run_live(clip, "bench", env) for _ in range(arguments.repeat)] for name, clip in short.items()}
    cpu = {name: min(one.cpu for one in runs) for name, runs in lives.items()}
    rows += [
        at_most("live, steady: CPU of one core", 4.0, cpu["steady"], " %"),
        at_most("live, steady: share of the every-frame loop", 1 / 15, cpu["steady"] / 100 / loop_cpu_s, "", 3),
        at_most("live, bent: CPU of one core", 10.0, cpu["bent"], " %"),
        at_most("live: launch to the first state", 3.0, min(one.first_state_s for one in lives["steady"]), " s"),
        at_most("live: memory", 350.0, max(one.memory_mb for one in lives["steady"]), " MB", 0),
        at_most("live: its growth in the second half", 1.0, min(one.growth_mb for one in lives["steady"]), " MB"),
    ]

    say("from posture to state")
    seen = clips_with_truth(arguments.accuracy or SAMPLES, ThriftyLandmarker)
    processing_s = (parts["moving"].inference_s * LOOK_S) + parts["moving"].own_ms / 1000
    delays = [delay + processing_s for clip in seen for delay in state_delays_s(clip)]
    rows.append(at_most("change of posture to its state, median", 1.0, float(np.median(delays)), " s", 2))

    say("replay")
    for name in ("steady", "moving"):
        wall_s = best(arguments.repeat, lambda clip=clips[name]: run(env, "replay", clip, "--out", folder / "out"))
        needed_s = (parts[name].decode_s + parts[name].inference_s) * replay_s
        rows += [
            at_least(f"replay, {name}: × real time", 25.0, replay_s / wall_s, " ×"),
            at_least(f"replay, {name}: × the every-frame loop", 15.0, loop_wall_s * replay_s / wall_s, " ×"),
            at_most(f"replay, {name}: over decoding and bare inference", 1.3, wall_s / needed_s, " ×", 2),
            at_most(f"own code per look, {name}", 1.0, parts[name].own_ms, " ms", 2),
        ]
    videos = [folder / "many" / f"{k}.mp4" for k in range(4)]
    videos[0].parent.mkdir()
    for video in videos:
        shutil.copy(clips["moving"], video)  # several names of one file would be one recording
    (alone_s, alone_cpu_s), (both_s, _) = (
        min(run_counted(env, "replay", *videos, "--jobs", n, "--out", folder / "outs") for _ in range(arguments.repeat))
        for n in (1, 2)
    )
    rows += [
        at_least("four recordings: 2 processes against 1", 1.8, alone_s / both_s, " ×"),
        for_itself("four recordings: × real time with 2 processes", len(videos) * replay_s / both_s, " ×"),
        for_itself("four recordings: cores that 1 process keeps busy", alone_cpu_s / alone_s, ""),
    ]

    rows.append(at_most("posturecam --help", 0.3, best(5, lambda: run(env, "--help")), " s", 2))

    errors = {"samples" if arguments.accuracy is None else "all": errors_of(seen)}
    if arguments.accuracy:
        say("accuracy of every frame")
        errors["every look through the models"] = errors_of(clips_with_truth(arguments.accuracy, MediaPipeLandmarker))
    return {
        "machine": machine(),
        "rows": [asdict(row) for row in rows],
        "anatomy": {name: {**asdict(part), "own_ms": part.own_ms} for name, part in parts.items()},
        "loop": {"wall_s": loop_wall_s, "cpu_s": loop_cpu_s},
        "live": {name: [asdict(one) for one in runs] for name, runs in lives.items()},
        "errors_deg": errors,
    }


def machine() -> dict[str, Any]:
    """What it was measured on."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "mediapipe": mediapipe.__version__,
        "opencv": cv2.__version__,
        "load_before": os.getloadavg()[0],
    }


MET = {True: "met", False: "missed", None: ""}


def show(figures: dict[str, Any], console: Console) -> None:
    """Print the tables."""
    about = figures["machine"]
    console.print(", ".join(f"{name} {value}" for name, value in about.items()))
    table = Table("", "target", "measured", "", title="Performance", title_justify="left")
    for row in figures["rows"]:
        table.add_row(row["what"], row["target"], row["measured"], MET[row["met"]])
    console.print(table)
    parts = Table("per second of video", *figures["anatomy"], title="Where the time goes", title_justify="left")
    for key, words, factor, unit in (
        ("decode_s", "decoding", 1000, "ms"),
        ("inference_s", "MediaPipe", 1000, "ms"),
        ("bodies", "looks with Pose", 100, "%"),
        ("faces", "looks with FaceMesh", 100, "%"),
        ("gate_ms", "own, landmarker, per look", 1, "ms"),
        ("pipeline_ms", "own, pipeline, per look", 1, "ms"),
    ):
        parts.add_row(words, *(f"{factor * part[key]:.3g} {unit}" for part in figures["anatomy"].values()))
    console.print(parts)
    for name, errors in figures["errors_deg"].items():
        words = ", ".join(f"{view} {deg:.2f}°" for view, deg in errors.items())
        console.print(f"Mean absolute error of neck flexion, {name}: {words}")


def main() -> None:
    """Measure, print, and write."""
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        # As the command sets it, before NumPy is loaded.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracy", type=Path, metavar="FOLDER", help="also hold the angles against these clips")
    parser.add_argument("--quick", action="store_true", help="short clips: a look at it in two minutes")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the best counts")
    parser.add_argument("--json", type=Path, help="also write all figures here")
    arguments = parser.parse_args()
    talk = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder, talk.status("") as status:
        figures = measure(arguments, Path(folder), status.update)
    show(figures, Console(width=110))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
