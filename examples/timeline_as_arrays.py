"""Load what `posturecam replay` wrote, and count with NumPy.

posturecam replay samples/front.mp4 --out out
python examples/timeline_as_arrays.py out
"""

import sys

import numpy as np

from posturecam import load_timeline


def main(folder: str) -> None:
    """Print quantiles of the neck flexion, and how often it was beyond some angles."""
    timeline = load_timeline(folder)
    measured = ~np.isnan(timeline.neck_flexion_deg)
    low, middle, high = np.percentile(timeline.neck_flexion_deg[measured], [10, 50, 90])
    print(f"{measured.sum()} of {len(timeline)} frames measured")
    print(f"neck flexion: 10% below {low:.1f}°, half below {middle:.1f}°, 90% below {high:.1f}°")
    for degrees in (15, 20, 30):
        share = np.mean(timeline.neck_flexion_deg[measured] >= degrees)
        print(f"{share:.0%} of the measured frames at {degrees}° or more")


if __name__ == "__main__":
    main(sys.argv[1])
