"""The command."""

from __future__ import annotations

import argparse
import fnmatch
import multiprocessing
import os
from pathlib import Path

import benchmarks.rendering
from benchmarks.rendering.film import film_one
from benchmarks.rendering.person import PEOPLE
from benchmarks.rendering.script import VIEWS, Clip


def main() -> None:
    """Film what was asked for."""
    parser = argparse.ArgumentParser(
        description=benchmarks.rendering.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("assets", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", default=f"1-{PEOPLE}", help="numbers, such as 1-12 or 3 (default: %(default)s)")
    parser.add_argument("--only", default="*", help="names of clips, such as '*_low_*'")
    parser.add_argument("--jobs", type=int, default=1, help="clips at a time")
    arguments = parser.parse_args()
    first, _, last = arguments.people.partition("-")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in ("LP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # llvmpipe's and NumPy's: one core a job
        os.environ.setdefault(name, "1")
    jobs = [
        (number, kind, arguments.assets, arguments.out)
        for number in range(int(first), int(last or first) + 1)
        for kind in (*VIEWS, "work")
        if fnmatch.fnmatch(Clip.of(number, kind).name, arguments.only)
    ]
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        for line in pool.imap(film_one, jobs, chunksize=1):
            print(line, flush=True)


if __name__ == "__main__":
    main()
