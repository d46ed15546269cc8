"""Measure a recorded video and print what was held, as `posturecam replay` finds it.

python examples/measure_a_video.py samples/front.mp4
"""

import sys

from posturecam import Sensitivity, Settings, measure_video


def main(video: str) -> None:
    """Print the mean neck flexion and every episode of the video."""
    session = measure_video(video, settings=Settings(Sensitivity.parse("1/32")))
    totals = session.totals
    print(f"{session.duration_s:.0f} s, mean neck flexion {totals.mean_flexion_deg:.1f}°")
    for episode in session.episodes:
        due = "no alert" if episode.alert_s is None else f"alert due at {episode.alert_s:.1f} s"
        print(f"{episode.pattern} from {episode.onset_s:.1f} to {episode.end_s:.1f} s, {due}")


if __name__ == "__main__":
    main(sys.argv[1])
