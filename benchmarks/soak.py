"""Watch live for hours on a looped clip: memory, threads and open files stay level, and no alert is missed.

    python benchmarks/soak.py [CLIP] [--hours N] [--speed N] [--json FILE]

`posturecam live` runs as a user runs it, in a process and a data folder of its own, on the clip played again and
again as one long file. `--speed` makes time run faster; every frame of the hours is looked at all the same. The
alerts that became due are held against those of `posturecam replay` on the clip once, times the rounds. Linux only;
needs ffmpeg.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from posturecam.vision.video_file import ANALYSED_HZ, VideoFile

SAMPLE = Path(__file__).parents[1] / "samples" / "front.mp4"
POSTURECAM = (sys.executable, "-m", "posturecam")
EVERY_S = 5.0
"""Between two measurements."""
WARM_SHARE = 0.1
"""Of the run, in which memory may still grow: models, caches."""


@dataclass(frozen=True)
class Measured:
    """The process at one moment."""

    at_s: float
    memory_mb: float
    threads: int
    files: int
    cpu_s: float


@dataclass(frozen=True)
class Soaked:
    """What came of it."""

    hours: float
    rounds: int
    looks: int
    looks_expected: int
    alerts: int
    alerts_expected: int
    memory_mb: tuple[float, float]
    """After warming up, and at the end."""
    growth_mb_per_h: float
    """Of stream time."""
    threads: tuple[int, int]
    files: tuple[int, int]
    """Least and most after warming up."""
    cpu_percent: float
    """Of one core, while time ran so many times as fast."""
    exit_code: int


def measured(pid: int, begun_s: float) -> Measured:
    """What the system says of the process."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Measured(
        time.monotonic() - begun_s,
        int(status["VmRSS"].split()[0]) / 1024,
        int(status["Threads"]),
        len(os.listdir(f"/proc/{pid}/fd")),
        (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK"),
    )


def looped(clip: Path, hours: float, folder: Path) -> tuple[Path, int, float]:
    """The clip played again and again for so long, how many times that is, and how many seconds in all."""
    with VideoFile(clip) as video:
        length_s = video.facts.duration_s
    if length_s is None:
        raise SystemExit(f"{clip} does not state its length")
    rounds = max(1, round(hours * 3600 / length_s))
    path = folder / "looped.mp4"
    command = ["ffmpeg", "-v", "error", "-stream_loop", str(rounds - 1), "-i", str(clip), "-c", "copy", str(path)]
    subprocess.run(command, check=True)
    return path, rounds, rounds * length_s


def calibrated(clip: Path, environment: dict[str, str]) -> None:
    """A profile of the clip's person, so that every round is measured against the same neutral."""
    command = [*POSTURECAM, "calibrate", "--from", str(clip), "--neutral", "1-8", "--name", "soak", "--json"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def alerts_once(clip: Path, folder: Path, environment: dict[str, str]) -> int:
    """How many alerts become due when the clip is replayed."""
    command = [*POSTURECAM, "replay", str(clip), "--profile", "soak", "--sensitivity", "1/32", "--out", str(folder)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows = (folder / "episodes.csv").read_text().splitlines()[1:]
    return sum(bool(row.split(",")[2]) for row in rows)


def soak(clip: Path, hours: float, speed: float) -> Soaked:
    """Run it to the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "POSTURECAM_DATA": str(folder / "data")}
        calibrated(clip, environment)
        expected = alerts_once(clip, folder / "once", environment)
        film, rounds, length_s = looped(clip, hours, folder)
        command = [*POSTURECAM, "live", "--source", str(film), "--profile", "soak", "--sensitivity", "1/32"]
        command += ["--speed", str(speed), "--no-notify", "--json"]
        begun_s, series = time.monotonic(), []
        with (folder / "events").open("w") as events:
            process = subprocess.Popen(command, env=environment, stdout=events)
            while process.poll() is None:
                try:
                    series.append(measured(process.pid, begun_s))
                except OSError:
                    break
                time.sleep(EVERY_S)
        lines = [json.loads(line) for line in (folder / "events").read_text().splitlines()]
        due = [one for one in lines if one["event"] == "episode" and one["change"] == "alert"]
        export = [*POSTURECAM, "history", "export", "--format", "csv", "--out", str(folder / "history")]
        subprocess.run(export, check=True, env=environment, stdout=subprocess.DEVNULL)
        samples = next((folder / "history").glob("*samples*")).read_text().count("\n") - 1
    warm = series[int(WARM_SHARE * len(series)) : -1]  # the last one may be of a process that closes
    half = len(warm) // 2
    early, late = (sum(one.memory_mb for one in part) / len(part) for part in (warm[:half], warm[half:]))
    span_h = (warm[-1].at_s - warm[0].at_s) / 2 * speed / 3600
    return Soaked(
        hours,
        rounds,
        samples,
        round(length_s * ANALYSED_HZ),
        len(due),
        expected * rounds,
        (round(warm[0].memory_mb, 1), round(warm[-1].memory_mb, 1)),
        round((late - early) / span_h, 2),
        (min(one.threads for one in warm), max(one.threads for one in warm)),
        (min(one.files for one in warm), max(one.files for one in warm)),
        round(100 * (warm[-1].cpu_s - warm[0].cpu_s) / (warm[-1].at_s - warm[0].at_s), 1),
        process.wait(),
    )


def main() -> None:
    """Read the words, soak, print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("clip", type=Path, nargs="?", default=SAMPLE)
    words.add_argument("--hours", type=float, default=2.0)
    words.add_argument("--speed", type=float, default=6.0)
    words.add_argument("--json", type=Path)
    given = words.parse_args()
    came = soak(given.clip, given.hours, given.speed)
    for key, value in asdict(came).items():
        print(f"{key:18} {value}")
    if given.json:
        given.json.write_text(json.dumps(asdict(came), indent=2) + "\n")


if __name__ == "__main__":
    main()
