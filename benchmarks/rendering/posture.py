"""How a person sits: joint angles, the mesh that follows them, and the truth measured on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.rendering.assets import JOINTS, Array

C7 = 1496
TRAGI = (12055, 5456)
ACROMIA = (8226, 1547)
"""Vertices of the base mesh, left before right."""
ORDER = list(JOINTS)
LEFT_OR_RIGHT = {"L": 1.0, "R": -1.0}


@dataclass(frozen=True)
class Pose:
    """Degrees and centimetres; all zero is the mesh as it was made, but for arms and legs, which always sit."""

    neck_flexion: float = 0.0
    """Of the head against the chest, + down."""
    upper_share: float = 0.35
    """How much of it happens in the upper neck and under the skull."""
    protrusion: float = 0.0
    """Flexion of the lower neck that the upper one undoes: the head goes forward and does not turn."""
    head_yaw: float = 0.0
    """+ to the person's left."""
    head_roll: float = 0.0
    """+ toward the left shoulder."""
    trunk_flexion: float = 0.0
    """Of the trunk about the hips, + forward."""
    rounding: float = 0.0
    """Of the upper back, shared by three joints."""
    shoulders_forward_cm: float = 0.0
    shoulders_raised_l_cm: float = 0.0
    shoulders_raised_r_cm: float = 0.0
    gaze_down: float = 0.0
    """Of the eyes in the head."""
    gaze_left: float = 0.0
    lids: float = 0.0
    """How far the upper lids are closed, 0..1."""
    arms_forward: float = 25.0
    """Of the upper arms against the vertical, whatever the trunk does: the hands stay on the desk."""


def turn(pitch: float = 0.0, yaw: float = 0.0, roll: float = 0.0) -> Array:
    """Return the rotation by angles in degrees: + down, + to the person's left, + toward the left shoulder."""
    p, y, r = np.radians([pitch, yaw, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(y), -np.sin(y), 0], [np.sin(y), np.cos(y), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(r), 0, np.sin(r)], [0, 1, 0], [-np.sin(r), 0, np.cos(r)]])
    return np.asarray(about_z @ about_x @ about_y)


def angles_deg(rotation: Array) -> tuple[float, float, float]:
    """Return pitch, yaw and roll of a rotation, the inverse of `turn`."""
    forward, left, up = rotation @ [0, -1, 0], rotation @ [1, 0, 0], rotation @ [0, 0, 1]
    pitch = np.arctan2(-forward[2], np.hypot(forward[0], forward[1]))
    yaw = np.arctan2(forward[0], -forward[1])
    roll = np.arctan2(-left[2], up[2])
    return float(np.degrees(pitch)), float(np.degrees(yaw)), float(np.degrees(roll))


def joint_motions(pose: Pose, places: dict[str, Array]) -> Array:
    """Return each joint's rigid motion (joints, 3, 4) from the mesh as it was made."""
    hips = (places["upperleg01.L"] + places["upperleg01.R"]) / 2
    own = _own_turns(pose, places)
    fixed = _turns_against_the_world(pose)
    motions: dict[str, Array] = {}
    for joint, parent in JOINTS.items():
        before = motions[parent] if parent else np.eye(3, 4)
        pivot = hips if joint == "spine05" else places[joint]
        rotation = fixed[joint] if joint in fixed else before[:, :3] @ own.get(joint, np.eye(3))
        motions[joint] = np.column_stack([rotation, before[:, :3] @ pivot + before[:, 3] - rotation @ pivot])
    return np.stack([motions[joint] for joint in ORDER])


def _own_turns(pose: Pose, places: dict[str, Array]) -> dict[str, Array]:
    """Return each joint's rotation against its parent."""
    low = (1 - pose.upper_share) * pose.neck_flexion + pose.protrusion
    high = pose.upper_share * pose.neck_flexion - pose.protrusion
    turns = {
        "spine05": turn(pose.trunk_flexion),
        **dict.fromkeys(("spine03", "spine02", "spine01"), turn(pose.rounding / 3)),
        "neck01": turn(0.55 * low, 0.0, 0.2 * pose.head_roll),
        "neck02": turn(0.45 * low, 0.3 * pose.head_yaw, 0.25 * pose.head_roll),
        "neck03": turn(0.4 * high, 0.3 * pose.head_yaw, 0.25 * pose.head_roll),
        "head": turn(0.6 * high, 0.4 * pose.head_yaw, 0.3 * pose.head_roll),
    }
    for side, sign in LEFT_OR_RIGHT.items():
        reach = np.linalg.norm(places[f"upperarm01.{side}"] - places[f"clavicle.{side}"])
        raised = pose.shoulders_raised_l_cm if side == "L" else pose.shoulders_raised_r_cm
        forward = np.degrees(np.arcsin(pose.shoulders_forward_cm / 100 / reach))
        upward = np.degrees(np.arcsin(raised / 100 / reach))
        turns[f"clavicle.{side}"] = turn(0.0, -sign * forward, -sign * upward)
        turns[f"eye.{side}"] = turn(pose.gaze_down, pose.gaze_left)
        turns[f"orbicularis03.{side}"] = turn(0.5 * pose.gaze_down + pose.lids * (40 - 0.5 * pose.gaze_down))
    return turns


def _turns_against_the_world(pose: Pose) -> dict[str, Array]:
    """Return the rotations of the limbs, which do not follow the trunk."""
    turns = {}
    for side, sign in LEFT_OR_RIGHT.items():
        turns[f"upperarm01.{side}"] = turn(-pose.arms_forward) @ turn(0.0, 0.0, sign * 30)
        inward, palm_down = turn(-48.0, -sign * 10), turn(0.0, -sign * 60)
        turns[f"lowerarm01.{side}"] = inward @ palm_down @ turn(0.0, 0.0, sign * 36)
        turns[f"upperleg01.{side}"] = turn(-86.0)
        turns[f"lowerleg01.{side}"] = turn(-5.0)
    return turns


def moved(points: Array, weights: Array, motions: Array) -> Array:
    """Let points (n, 3) follow the joints' motions by their weights (n, joints): linear blend skinning."""
    blended = (weights @ motions.reshape(len(motions), 12)).reshape(-1, 3, 4)
    return np.asarray((blended[:, :, :3] @ points[:, :, None])[:, :, 0] + blended[:, :, 3])


def rigid_rotation(before: Array, after: Array) -> Array:
    """Return the rotation that takes points nearest to others, both (n, 3)."""
    u, _, vt = np.linalg.svd((before - before.mean(axis=0)).T @ (after - after.mean(axis=0)))
    mirror = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    return np.asarray((u @ mirror @ vt).T)


class Ruler:
    """Measures the truth on a person's mesh, against the person's own neutral."""

    def __init__(self, base: Array, weights: Array, places: dict[str, Array], neutral: Pose) -> None:
        self._base, self._weights, self._places = base, weights, places
        self._skull = np.flatnonzero(weights[: len(base), ORDER.index("head")] > 0.999)
        self._neutral = self._landmarks(neutral)
        self._zero: dict[str, float] = {}
        self._zero = self.measure(neutral)

    def _landmarks(self, pose: Pose) -> dict[str, Array]:
        motions = joint_motions(pose, self._places)
        some: dict[str, Array | list[int]] = {
            "skull": self._skull,
            "c7": [C7],
            "tragi": list(TRAGI),
            "acromia": list(ACROMIA),
        }
        found = {name: moved(self._base[i], self._weights[i], motions) for name, i in some.items()}
        found["hip_mid"] = (self._places["upperleg01.L"] + self._places["upperleg01.R"])[None] / 2
        head = motions[ORDER.index("head")]
        found["eyes"] = np.stack([head[:, :3] @ self._places[f"eye.{s}"] + head[:, 3] for s in "LR"])
        found["thorax"] = motions[ORDER.index("spine01")]
        return found

    def points(self, pose: Pose) -> dict[str, Array]:
        """Return where C7, tragi, acromia, eyes, the hips' middle and the skull are, metres, each (n, 3)."""
        return {name: points for name, points in self._landmarks(pose).items() if name != "thorax"}

    def measure(self, pose: Pose) -> dict[str, float]:
        """Return the truth: degrees, centimetres, signs as in `Pose`; all but two are changes from the neutral."""
        now, then = self._landmarks(pose), self._neutral
        head = rigid_rotation(then["skull"], now["skull"])
        thorax = now["thorax"][:, :3] @ then["thorax"][:, :3].T
        pitch, yaw, roll = angles_deg(head)
        neck_flexion, neck_yaw, neck_roll = angles_deg(thorax.T @ head)
        to_c7 = now["c7"][0] - now["hip_mid"][0]
        to_head = now["tragi"].mean(axis=0) - now["c7"][0]
        truth = {
            "neck_flexion": neck_flexion,
            "head_pitch": pitch,
            "head_yaw": yaw,
            "head_roll": roll,
            "trunk_flexion": float(np.degrees(np.arctan2(-to_c7[1], to_c7[2]))) - self._zero.get("trunk_flexion", 0.0),
            "thorax_pitch": angles_deg(thorax)[0],
            "neck_yaw": neck_yaw,
            "neck_roll": neck_roll,
            "neck_inclination": float(np.degrees(np.arctan2(-to_head[1], to_head[2]))),
            "forward_head_cm": -100 * float(to_head[1]) - self._zero.get("forward_head_cm", 0.0),
        }
        truth["cva"] = 90 - truth["neck_inclination"]
        for i, side in enumerate("lr"):
            height = 100 * float((thorax.T @ (now["acromia"][i] - now["c7"][0]))[2])
            name = f"shoulder_elevation_{side}_cm"
            truth[name] = height - self._zero.get(name, 0.0)
        return truth
