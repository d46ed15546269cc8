"""What happens in a clip: camera, light, and how the posture goes over time; all drawn from the clip's name."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.rendering.assets import Array
from benchmarks.rendering.person import Person
from benchmarks.rendering.posture import Pose
from benchmarks.rendering.stage import Camera

FPS = 5
VIEWS = ("eye", "low", "threequarter", "side")
MARGIN = 0.02
"""How much of the picture's width and height is kept free beside the shoulders and over the head."""
STEPS_DEG = (-10, 10, 20, 30, 40, 50, 60)

Change = dict[str, float]
"""Fields of `Pose` and their differences from the neutral."""


@dataclass
class Script:
    """Postures one after the other, each held until the next; a label changes in the middle of the movement."""

    knots: list[tuple[float, float, Change]] = field(default_factory=list)
    """Start and end of each movement, seconds, and what it leads to."""
    labels: list[tuple[float, str]] = field(default_factory=lambda: [(0.0, "neutral")])
    duration_s: float = 0.0

    def hold(self, seconds: float) -> None:
        """Stay for a while."""
        self.duration_s += seconds

    def go(self, label: str, change: Change, move_s: float, hold_s: float) -> None:
        """Move to a posture and stay."""
        start = self.duration_s
        self.knots.append((start, start + move_s, change))
        self.labels.append((start + move_s / 2, label))
        self.duration_s += move_s + hold_s

    def change_at(self, t_s: float) -> Change:
        """Return the difference from neutral at a time; movements start and end gently."""
        now: Change = {}
        for start, end, target in self.knots:
            if t_s <= start:
                break
            x = min(1.0, (t_s - start) / (end - start))
            share = x * x * x * (10 - 15 * x + 6 * x * x)
            now = {k: now.get(k, 0.0) * (1 - share) + target.get(k, 0.0) * share for k in {*now, *target}}
        return now

    def label_at(self, t_s: float) -> str:
        """Return the label in force."""
        return [label for since, label in self.labels if since <= t_s][-1]


def rng_of(name: str, purpose: str) -> np.random.Generator:
    """Return the dice of a clip for a purpose."""
    return np.random.default_rng([zlib.crc32(name.encode()), zlib.crc32(purpose.encode())])


def steps(rng: np.random.Generator) -> Script:
    """Neutral, then neck flexions in any order, each held for 3 s, with 2 s of neutral between."""
    script = Script()
    script.hold(9.0)
    lean = rng.uniform(0, 10) if rng.random() < 0.5 else 0.0
    forward_cm = rng.uniform(0, 3)
    for flexion in rng.permutation(STEPS_DEG):
        share = max(0.0, flexion / 60)
        change = _down(float(flexion), rng) | {
            "trunk_flexion": lean * share,
            "shoulders_forward_cm": forward_cm * share,
        }
        script.go("glance_down" if flexion > 0 else "look_up", change, rng.uniform(0.5, 1.0), 3.0)
        script.go("neutral", {}, rng.uniform(0.5, 1.0), 2.0)
    return script


def _down(flexion: float, rng: np.random.Generator) -> Change:
    gaze = float(np.clip(0.35 * flexion, -8, 18) * rng.uniform(0.6, 1.1))
    return {"neck_flexion": flexion, "gaze_down": gaze}


def work(rng: np.random.Generator) -> Script:
    """100 s at a desk: glances, text neck, a look up, a look aside, a slouch, a lean-in."""

    def glance() -> None:
        script.go("glance_down", _down(rng.uniform(25, 35), rng), rng.uniform(0.5, 0.8), 2.0)
        script.go("neutral", {}, rng.uniform(0.5, 0.8), rng.uniform(1.5, 3.0))

    script = Script()
    script.hold(9.0)
    glance()
    lean = rng.uniform(0, 8)
    text_neck = _down(rng.uniform(24, 50), rng) | {"trunk_flexion": lean, "shoulders_forward_cm": rng.uniform(0, 3)}
    script.go("text_neck", text_neck, rng.uniform(0.8, 1.5), rng.uniform(30, 34))
    script.go("neutral", {}, 1.0, rng.uniform(2, 3))
    glance()
    script.go("look_up", _down(rng.uniform(-16, -9), rng), 0.8, 2.0)
    script.go("neutral", {}, 0.8, 2.0)
    side = rng.choice([-1, 1])
    script.go("head_turn", {"head_yaw": 35.0 * side, "gaze_left": 5.0 * side}, 0.8, 3.5)
    script.go("neutral", {}, 0.8, 2.0)
    slouch = {"trunk_flexion": 11.0, "rounding": 10.0, "protrusion": rng.uniform(6, 12), "shoulders_forward_cm": 2.5}
    script.go("slouch", slouch | {"neck_flexion": rng.uniform(-18, -12)}, 1.8, 13.2)
    script.go("neutral", {}, 1.2, 2.5)
    lean_in = {"trunk_flexion": rng.uniform(12, 16), "protrusion": 5.0}
    script.go("lean_in", lean_in | {"neck_flexion": -lean_in["trunk_flexion"]}, 1.2, 8.8)
    script.go("neutral", {}, 1.0, 0.5)
    script.hold(max(0.0, 100.0 - script.duration_s))
    return script


@dataclass(frozen=True)
class Sway:
    """Small slow movements that nobody is free of: sums of a few sines."""

    sizes: dict[str, float]
    waves: dict[str, Array]
    """Frequency (Hz) and phase (rad) of each sine."""

    @classmethod
    def of(cls, rng: np.random.Generator) -> Sway:
        """Draw it: 0.5 to 1.5 degrees of the head, half a centimetre of the trunk."""
        head = {"neck_flexion": rng.uniform(0.5, 1.2), "head_yaw": rng.uniform(0.6, 1.5), "head_roll": 0.6}
        rest = {"trunk_flexion": 0.5, "protrusion": 0.4, "gaze_down": 1.0, "gaze_left": 2.0}
        sizes = head | rest
        waves = {name: np.stack([rng.uniform(0.04, 0.7, 6), rng.uniform(0, 2 * np.pi, 6)]) for name in sizes}
        return cls(sizes, waves)

    def change_at(self, t_s: float) -> Change:
        """Return the difference that it makes at a time."""
        return {
            name: self.sizes[name] * float(np.sin(2 * np.pi * hz * t_s + phase).sum()) / np.sqrt(3)
            for name, (hz, phase) in self.waves.items()
        }


@dataclass(frozen=True)
class Clip:
    """One clip before it is filmed."""

    name: str
    person: int
    view: str
    script: Script
    upper_share: float
    sway: Sway
    blinks_s: Array

    @classmethod
    def of(cls, person: int, kind: str) -> Clip:
        """Draw a clip of a person; the kind is a view, or `work`."""
        name = f"n{person:02d}_{kind}" + ("" if kind == "work" else "_steps")
        rng = rng_of(name, "script")
        view = str(rng.choice(VIEWS, p=[0.4, 0.3, 0.2, 0.1])) if kind == "work" else kind
        script = work(rng) if kind == "work" else steps(rng)
        blinks = np.cumsum(rng.uniform(2, 7, 60))
        return cls(name, person, view, script, float(rng.uniform(0.2, 0.6)), Sway.of(rng), blinks)

    @property
    def times_s(self) -> Array:
        """When the frames are taken."""
        return np.arange(0, self.script.duration_s, 1 / FPS)

    def pose_at(self, t_s: float, neutral: Pose) -> Pose:
        """Return the pose at a time of someone with a neutral."""
        total = {"upper_share": self.upper_share - neutral.upper_share}
        for change in (self.script.change_at(t_s), self.sway.change_at(t_s)):
            for name, value in change.items():
                total[name] = total.get(name, 0.0) + value
        if (np.abs(self.blinks_s - t_s) < 0.1).any():
            total["lids"] = 0.8
        return replace(neutral, **{name: getattr(neutral, name) + value for name, value in total.items()})

    def camera(self, person: Person) -> Camera:
        """Draw a camera for the view that has the shoulders in the picture."""
        rng = rng_of(self.name, "camera")
        points = person.ruler.points(person.traits.neutral)
        eyes = points["eyes"].mean(axis=0)
        shown = np.concatenate([points["acromia"], points["skull"]])
        size = (1280, 720) if rng.random() < 0.15 else (640, 480)
        for _ in range(200):
            camera = _camera(self.view, size, rng)
            at = camera.pixels(shown, eyes) / size
            wide = self.view == "side" or ((at[:, 0] > MARGIN) & (at[:, 0] < 1 - MARGIN)).all()
            if wide and (at[:, 1] > MARGIN).all() and (at[:2, 1] < 0.93).all():
                break
        return camera


def _camera(view: str, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    side = rng.choice([-1.0, 1.0])
    azimuth, height = rng.uniform(-8, 8), rng.uniform(-0.08, 0.12)
    distance, hfov = rng.uniform(0.5, 0.9), rng.uniform(55, 80)
    ahead = 0.0
    if view == "low":
        height = rng.uniform(-0.30, -0.15)
    elif view == "threequarter":
        azimuth, height = side * rng.uniform(25, 60), rng.uniform(-0.20, 0.12)
    elif view == "side":
        azimuth, height = side * rng.uniform(85, 95), rng.uniform(-0.15, 0.12)
        distance, ahead = rng.uniform(0.7, 1.0), rng.uniform(-0.04, 0.06)
    aim = (0.0, ahead, rng.uniform(-0.16, -0.04))
    return Camera(azimuth, height, distance, hfov, rng.uniform(-2, 2), aim, size)
