"""Follow a video frame by frame, and react to what comes about.

python examples/follow_a_video.py samples/front.mp4
"""

import sys

from posturecam import EventKind, follow, open_video


def main(video: str) -> None:
    """Print each change of state, and each event at the time when it was decided."""
    state = None
    with open_video(video, rate_hz=5) as source:
        for moment in follow(source, neutral=(0, 4)):
            if moment.state is not state:
                state = moment.state
                flexion = moment.posture.neck_flexion
                angle = f"{flexion.deg:.0f}°" if flexion.deg is not None else flexion.absence.value
                print(f"{moment.t_s:6.1f} s  {state.value} ({angle})")
            for event in moment.events:
                if event.kind in (EventKind.STATIC, EventKind.END):
                    print(f"{event.t_s:6.1f} s  {event.episode.pattern}: {event.kind.value}")


if __name__ == "__main__":
    main(sys.argv[1])
