"""People who do not exist: shape, skin, hair, clothes and manner, drawn from their number."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from benchmarks.rendering.assets import BODY_VERTICES, Array, Assets, Surface, picture
from benchmarks.rendering.posture import ORDER, TRAGI, Pose, Ruler

PEOPLE = 30
HAIR: dict[str, list[str | None]] = {
    "female": ["ponytail01", "bob01", "long01", "short03", "bob02", "Braid01", "afro01", "curly", "long_alpha7"],
    "male": ["short02", "short04", "short01", None, "afro01", "short03", "short02", "short04", "short01"],
}
"""In the order of the people's numbers; None is bald."""
TOPS = {
    "female": ["female_casualsuit01", "female_elegantsuit01", "male_casualsuit06", "male_casualsuit03"],
    "male": ["male_casualsuit01", "male_casualsuit04", "male_casualsuit05", "male_casualsuit06", "male_casualsuit03"],
}
HAIR_RGB = {
    "black": (0.045, 0.04, 0.04),
    "dark brown": (0.11, 0.075, 0.055),
    "brown": (0.21, 0.135, 0.085),
    "blond": (0.50, 0.37, 0.21),
    "red": (0.30, 0.12, 0.05),
    "grey": (0.42, 0.41, 0.40),
}
EYES = ["brown", "brown", "brownlight", "blue", "green", "grey", "bluegreen"]
DETAILS = {
    "head/head-scale-horiz": 0.5,
    "head/head-scale-vert": 0.4,
    "head/head-scale-depth": 0.4,
    "head/head-fat": 0.4,
    "head/head-back-scale-depth": 0.5,
    "forehead/forehead-scale-vert": 0.5,
    "forehead/forehead-nubian": 0.4,
    "forehead/forehead-temple": 0.5,
    "chin/chin-height": 0.5,
    "chin/chin-prominent": 0.5,
    "chin/chin-width": 0.5,
    "chin/chin-bones": 0.5,
    "nose/nose-scale-vert": 0.5,
    "nose/nose-scale-horiz": 0.5,
    "nose/nose-scale-depth": 0.5,
    "nose/nose-hump": 0.5,
    "nose/nose-width2": 0.5,
    "mouth/mouth-scale-horiz": 0.4,
    "mouth/mouth-lowerlip-height": 0.4,
    "mouth/mouth-upperlip-height": 0.4,
    "?-cheek-volume": 0.5,
    "?-cheek-bones": 0.5,
    "?-eye-scale": 0.4,
    "?-eye-height2": 0.4,
    "?-ear-scale": 0.5,
    "?-ear-wing": 0.4,
    "neck/neck-scale-vert": 0.6,
    "neck/neck-scale-horiz": 0.4,
    "neck/neck-scale-depth": 0.4,
    "torso/measure-shoulder-dist": 0.6,
    "torso/torso-scale-depth": 0.3,
}
"""Pairs of targets that end in -incr and -decr, and the standard deviation of their amount; ? is both sides."""


@dataclass(frozen=True)
class Traits:
    """Who somebody is."""

    number: int
    sex: str
    age_years: float
    origin: dict[str, float]
    """Shares of african, asian, caucasian; they add up to 1."""
    weight: float
    muscle: float
    height: float
    """Each 0..1, 0.5 is average."""
    details: dict[str, float]
    hair: str | None
    hair_colour: str
    beard: bool
    brows: str
    eyes: str
    glasses: bool
    top: str
    top_hue: float
    """By how much the clothes' hue is turned, degrees."""
    skin_gain: tuple[float, float, float]
    neutral: Pose
    """How the person sits when sitting well."""

    @classmethod
    def of(cls, number: int) -> Traits:
        """Draw a person, 1..PEOPLE."""
        rng = np.random.default_rng([number, 7001])
        sex = ("female", "male")[number % 2]
        turn, hair = (number - 1) // 2, HAIR[sex]
        main = ("caucasian", "asian", "african")[(number + number // 6) % 3]
        shares = dict.fromkeys(("african", "asian", "caucasian"), 0.0)
        second = str(rng.choice(list(shares)))
        mixed = rng.uniform(0, 0.45)
        shares[main] += 1 - mixed
        shares[second] += mixed
        age = rng.uniform(20, 65)
        dark = ["black", "dark brown"]
        colours = {"african": ["black"], "asian": ["black", "black", "dark brown"]}.get(main, [*HAIR_RGB][1:5])
        colour = "grey" if age > 55 and rng.random() < 0.6 else str(rng.choice(colours if mixed < 0.3 else dark))
        tone = rng.uniform(0.82, 1.06)
        return cls(
            number=number,
            sex=sex,
            age_years=float(age),
            origin=shares,
            weight=float(rng.uniform(0.3, 0.85)),
            muscle=float(rng.uniform(0.3, 0.75)),
            height=float(rng.uniform(0.35, 0.65)),
            details={name: float(np.clip(rng.normal(0, sd), -1, 1)) for name, sd in DETAILS.items()},
            hair=hair[turn % len(hair)],
            hair_colour=colour,
            beard=sex == "male" and bool(rng.random() < 0.3),
            brows=f"eyebrow{rng.integers(1, 13):03d}",
            eyes=str(rng.choice(EYES if main == "caucasian" else EYES[:3])),
            glasses=number % 3 == 2,
            top=TOPS[sex][turn % len(TOPS[sex])],
            top_hue=float(rng.uniform(0, 360)),
            skin_gain=(tone, tone * rng.uniform(0.95, 1.0), tone * rng.uniform(0.9, 1.0)),
            neutral=Pose(
                neck_flexion=float(rng.normal(0, 3)),
                protrusion=float(rng.uniform(-3, 8)),
                trunk_flexion=float(rng.uniform(-7, 3)),
                rounding=float(rng.uniform(0, 8)),
                arms_forward=float(rng.uniform(10, 35)),
                shoulders_forward_cm=float(rng.uniform(0, 1.5)),
            ),
        )

    def targets(self, assets: Assets) -> dict[str, float]:
        """Return the targets of this shape with their amounts."""
        age = 0.5 + max(0.0, self.age_years - 25) / 130
        ages = {"young": 2 - 2 * age, "old": 2 * age - 1}
        muscles = _between(self.muscle, "minmuscle", "averagemuscle", "maxmuscle")
        weights = _between(self.weight, "minweight", "averageweight", "maxweight")
        heights = _between(self.height, "minheight", "", "maxheight")
        found: dict[str, float] = {}
        for (years, a), (origin, o) in product(ages.items(), self.origin.items()):
            found[f"macrodetails/{origin}-{self.sex}-{years}"] = a * o
        for (years, a), (muscle, m), (weight, w) in product(ages.items(), muscles.items(), weights.items()):
            build = f"{self.sex}-{years}-{muscle}-{weight}"
            found[f"macrodetails/universal-{build}"] = a * m * w
            for height, h in heights.items():
                found[f"macrodetails/height/{build}-{height}"] = a * m * w * h
        for name, amount in self.details.items():
            way = "incr" if amount > 0 else "decr"
            sides = [name]
            if name.startswith("?"):
                folder = {"cheek": "cheek", "eye": "eyes", "ear": "ears"}[name.split("-")[1]]
                sides = [f"{folder}/{side}{name[1:]}" for side in "lr"]
            found |= {f"{side}-{way}": abs(amount) for side in sides}
        return {name: amount for name, amount in found.items() if assets.has_target(name)}


def _between(value: float, low: str, middle: str, high: str) -> dict[str, float]:
    return {low: max(0.0, 1 - 2 * value), middle: 1 - abs(2 * value - 1), high: max(0.0, 2 * value - 1)}


@dataclass(frozen=True)
class Part:
    """A surface with what it looks like."""

    surface: Surface
    texture: Array
    """RGBA, 0..1."""
    shine: float = 0.1
    """The strength of the highlight."""
    gloss: float = 20.0
    """The highlight's exponent."""
    softness: float = 0.0
    """How far light wraps around, reddened: skin 1, hair 0.5."""


class Person:
    """A shaped mesh, dressed, with its ruler."""

    def __init__(self, assets: Assets, traits: Traits) -> None:
        self.traits = traits
        base = assets.shaped(traits.targets(assets))
        self.places = assets.joint_places(base)
        self.ruler = Ruler(base, assets.weights, self.places, traits.neutral)
        self.parts = list(self._dressed(assets, base))

    def _dressed(self, assets: Assets, base: Array) -> list[Part]:
        me = self.traits
        parts, hidden = [], np.zeros(len(base), bool)
        top = assets.proxy("clothes", me.top)
        hidden |= top.hides
        cloth = _hue_turned(picture(top.texture), me.top_hue)
        parts.append(Part(top.on(base, assets.weights), cloth, shine=0.03, gloss=8))
        hair = np.array(HAIR_RGB[me.hair_colour])
        worn = [("hair", me.hair, hair)] if me.hair else []
        worn += [("hair", "Full_beard", hair * 0.8)] if me.beard else []
        worn += [("eyebrows", me.brows, hair * 0.6), ("eyelashes", "eyelashes02", hair * 0.3)]
        for kind, name, colour in worn:
            proxy = assets.proxy(kind, name)
            surface = proxy.on(base, assets.weights)
            if kind == "hair" and name != "Full_beard":
                surface = _off_the_eyes(surface, self.places)
            parts.append(Part(surface, _dyed(picture(proxy.texture), colour), shine=0.12, gloss=25, softness=0.5))
        eyes = assets.proxy("eyes", "HighPolyEyes")
        iris = picture(eyes.texture.with_name(f"{me.eyes}_eye.png"))
        parts.append(Part(eyes.on(base, assets.weights), iris, shine=0.9, gloss=90))
        if me.glasses:
            frame = np.array([[[0.05, 0.045, 0.05, 1.0]]], np.float32)
            parts.append(Part(glasses(base, self.places, me.number), frame, shine=0.5, gloss=40))
        decade = "young" if me.age_years < 36 else "middleage" if me.age_years < 52 else "old"
        origin = max(me.origin, key=lambda name: me.origin[name])
        skin = picture(assets.skin_texture(f"{decade}_{origin}_{me.sex}"))
        if origin == "african":  # these pictures are too red
            skin[:, :, :3] = 0.75 * skin[:, :, :3] + 0.25 * skin[:, :, :3].mean(axis=2, keepdims=True)
        skin[:, :, :3] *= me.skin_gain
        parts.append(Part(assets.skin(base, hidden), skin, shine=0.14, gloss=14, softness=1.0))
        return parts


def _off_the_eyes(hair: Surface, places: dict[str, Array]) -> Surface:
    """Cut hair that falls over the eyes: few people work like that."""
    middle = (places["eye.L"] + places["eye.R"]) / 2
    at = hair.points[hair.triangles].mean(axis=1) - middle
    falls = (at[:, 1] < 0.0) & (np.abs(at[:, 0]) < 0.055) & (at[:, 2] < 0.022)
    return Surface(hair.points, hair.weights, hair.triangles[~falls], hair.corner_uv[~falls])


def _dyed(texture: Array, colour: Array) -> Array:
    """Give a texture's strands a colour of hair, keeping their pattern."""
    light = texture[:, :, :3].mean(axis=2)
    there = texture[:, :, 3] > 0.5
    middle = max(0.02, float(light[there].mean())) if there.any() else 1.0
    dyed = texture.copy()
    pattern = np.clip(0.45 + 0.55 * light / middle, 0.3, 2.2)
    dyed[:, :, :3] = np.clip(pattern[:, :, None] * colour**0.68, 0, 1)
    return dyed


def _hue_turned(texture: Array, degrees: float) -> Array:
    hsv = cv2.cvtColor(np.ascontiguousarray(texture[:, :, :3]), cv2.COLOR_RGB2HSV)
    hsv[:, :, 0] = (hsv[:, :, 0] + degrees) % 360
    return np.dstack([cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.ones(texture.shape[:2], np.float32)])


def glasses(base: Array, places: dict[str, Array], seed: int) -> Surface:
    """Make a frame of wire: two rims before the eyes, a bridge, and temples over the ears."""
    rng = np.random.default_rng([seed, 7002])
    wide, high, thick = rng.uniform(0.024, 0.028), rng.uniform(0.016, 0.021), rng.uniform(0.0009, 0.0017)
    corner = rng.uniform(2.0, 3.5)
    skin = base[:BODY_VERTICES]
    wires, outer, inner = [], [], []
    for side, sign in (("L", 1.0), ("R", -1.0)):
        eye = places[f"eye.{side}"] + [0.004 * sign, 0, -0.003]
        near = (np.abs(skin[:, 0] - eye[0]) < wide / 2) & (np.abs(skin[:, 2] - eye[2]) < high) & (skin[:, 1] < 0)
        front = skin[near, 1].min() - 0.004
        a = np.linspace(0, 2 * np.pi, 33)
        x = wide * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** (2 / corner)
        z = high * np.sign(np.sin(a)) * np.abs(np.sin(a)) ** (2 / corner)
        wires.append(np.stack([eye[0] + sign * x, front + 3.0 * x**2 * (x > 0), eye[2] + z], axis=1))
        outer.append(np.array([eye[0] + sign * wide, front + 3.0 * wide**2, eye[2] + 0.006]))
        inner.append(np.array([eye[0] - sign * wide, front, eye[2] + 0.004]))
    middle = (inner[0] + inner[1]) / 2 + [0, -0.004, 0.003]
    wires.append(np.array([inner[0], (inner[0] + middle) / 2 + [0, 0, 0.001], middle, inner[1]]))
    for end, tragus in zip(outer, TRAGI, strict=True):
        ear = base[tragus] + [0.004 * np.sign(end[0]), 0.006, 0.022]
        hinge, hook = np.array([0.004 * np.sign(end[0]), 0.008, 0.0]), np.array([0.0, 0.03, -0.02])
        wires.append(np.array([end, end + hinge, ear, ear + hook]))
    points: list[Array] = []
    triangles = []
    for wire in wires:
        along = np.gradient(wire, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        sideways = np.cross(along, [0.0, 1.0, 0.3])
        sideways /= np.linalg.norm(sideways, axis=1, keepdims=True)
        across = np.cross(along, sideways)
        first, n = sum(len(ring) for ring in points), 6
        b = np.arange(n) * 2 * np.pi / n
        ring = np.cos(b)[None, :, None] * sideways[:, None] + np.sin(b)[None, :, None] * across[:, None]
        points.append((wire[:, None] + thick * ring).reshape(-1, 3))
        for i, j in product(range(len(wire) - 1), range(n)):
            p, q = first + i * n + j, first + i * n + (j + 1) % n
            triangles += [[p, q, q + n], [p, q + n, p + n]]
    every = np.concatenate(points)
    weights = np.zeros((len(every), len(ORDER)))
    weights[:, ORDER.index("head")] = 1.0
    return Surface(every, weights, np.array(triangles), np.full((len(triangles), 3, 2), 0.5))
