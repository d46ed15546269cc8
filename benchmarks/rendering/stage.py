"""Takes pictures: camera, light, and OpenGL on whatever the machine has, a software renderer included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import moderngl
import numpy as np

from benchmarks.rendering.assets import Array
from benchmarks.rendering.person import Part
from benchmarks.rendering.room import Room

SHADOW_PX = 1024
SKY_PX = 256
SKY_DIRECTIONS = 40
REACH_M = 0.5
"""The shadow map covers a ball of this radius about the neck."""

SURFACE_VERTEX = """
#version 330
uniform mat4 view; uniform mat4 light_view;
in vec3 at; in vec3 normal; in vec2 uv; in float open;
out vec3 n; out vec2 t; out vec3 where; out vec3 in_light; out float ao;
void main() {
    n = normal; t = uv; where = at; ao = open;
    in_light = (light_view * vec4(at + 0.004 * normal, 1)).xyz * 0.5 + 0.5;
    gl_Position = view * vec4(at, 1);
}
"""
SURFACE_FRAGMENT = """
#version 330
uniform sampler2D skin; uniform sampler2DShadow shadow;
uniform vec3 eye; uniform vec3 key; uniform vec3 key_rgb; uniform vec3 fill; uniform vec3 fill_rgb;
uniform vec3 sky_rgb; uniform vec3 ground_rgb; uniform float exposure;
uniform float shine; uniform float gloss; uniform float softness;
in vec3 n; in vec2 t; in vec3 where; in vec3 in_light; in float ao;
out vec4 colour;
void main() {
    vec4 texel = texture(skin, t);
    if (texel.a < 0.06) discard;
    vec3 own = pow(texel.rgb, vec3(2.2));
    vec3 to_eye = normalize(eye - where);
    vec3 up = normalize(n);
    if (dot(up, to_eye) < 0.0 && softness < 0.9) up = -up;
    float lit = 0.0;
    for (int i = 0; i < 4; i++)
        lit += 0.25 * texture(shadow, in_light + vec3(vec2(i % 2, i / 2) * 0.003 - 0.0015, -0.0015));
    vec3 red = softness * vec3(0.30, 0.08, 0.04) + softness * 0.1;
    float slope = dot(up, key);
    vec3 direct = max(vec3(0), (slope + red) / (1.0 + red)) * lit;
    vec3 around = mix(ground_rgb, sky_rgb, up.z * 0.5 + 0.5) * ao;
    float side = max(0.0, dot(up, fill)) * (0.4 + 0.6 * ao);
    float highlight = shine * pow(max(0.0, dot(up, normalize(to_eye + key))), gloss) * lit * step(0.0, slope);
    float rim = 0.25 * shine * pow(1.0 - max(0.0, dot(up, to_eye)), 4.0) * ao;
    vec3 seen = own * (around + key_rgb * direct + fill_rgb * side) + highlight * key_rgb + rim * sky_rgb;
    seen = 1.0 - exp(-exposure * seen);
    colour = vec4(pow(seen, vec3(1 / 2.2)), texel.a < 0.5 ? texel.a * 1.4 : 1.0);
}
"""
DEPTH_VERTEX = """
#version 330
uniform mat4 view; in vec3 at; in vec2 uv; out vec2 t;
void main() { t = uv; gl_Position = view * vec4(at, 1); }
"""
DEPTH_FRAGMENT = """
#version 330
uniform sampler2D skin; in vec2 t;
void main() { if (texture(skin, t).a < 0.4) discard; }
"""
ROOM_VERTEX = """
#version 330
uniform mat4 view; in vec3 at; in vec3 normal; in vec3 rgb; in vec2 manner;
out vec3 where; out vec3 n; out vec3 own; out vec2 m;
void main() { where = at; n = normal; own = rgb; m = manner; gl_Position = view * vec4(at, 1); }
"""
ROOM_FRAGMENT = """
#version 330
uniform vec3 low; uniform vec3 high; uniform vec3 key; uniform vec3 key_rgb; uniform vec3 sky_rgb;
uniform vec3 ground_rgb; uniform float exposure; uniform vec3 lamp;
in vec3 where; in vec3 n; in vec3 own; in vec2 m; out vec4 colour;
float hash(vec3 p) { return fract(sin(dot(p, vec3(12.9898, 78.233, 37.719))) * 43758.5453); }
float noise(vec3 p) {
    vec3 i = floor(p), f = fract(p); f = f * f * (3.0 - 2.0 * f);
    float s = 0.0;
    for (int c = 0; c < 8; c++) {
        vec3 o = vec3(c & 1, (c >> 1) & 1, c >> 2);
        vec3 w = mix(1.0 - f, f, o);
        s += w.x * w.y * w.z * hash(i + o);
    }
    return s;
}
void main() {
    float streak = noise(where * vec3(60, 60, 4)) * 0.6 + noise(where * vec3(9, 9, 3)) * 0.4;
    float spots = noise(where * 2.5) * 0.6 + noise(where * 14.0) * 0.4;
    vec3 base = own * (0.9 + 0.2 * spots) * (1.0 + m.y * (streak - 0.5));
    vec3 d = min(where - low, high - where);
    float corner = (1.0 - 0.3 * exp(-d.x * 5.0)) * (1.0 - 0.3 * exp(-d.y * 5.0)) * (1.0 - 0.25 * exp(-d.z * 4.0));
    vec3 to_lamp = lamp - where;
    float near = 1.2 / (1.0 + dot(to_lamp, to_lamp));
    vec3 light = (mix(ground_rgb, sky_rgb, n.z * 0.5 + 0.5) * 0.8 + key_rgb * 0.35 * max(0.0, dot(n, key))
                  + near * key_rgb * (0.4 + 0.6 * max(0.0, dot(n, normalize(to_lamp))))) * corner;
    vec3 seen = 1.0 - exp(-exposure * (1.35 * base * light + m.x * own));
    colour = vec4(pow(seen, vec3(1 / 2.2)), 1.0);
}
"""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera before a sitter."""

    azimuth_deg: float
    """Where it stands: 0 before the person, + to the person's right."""
    height_rel_eye_m: float
    distance_m: float
    """Horizontally from the middle of the eyes."""
    hfov_deg: float
    roll_deg: float
    aim_m: tuple[float, float, float]
    """The point in the middle of the picture, from the middle of the eyes."""
    size: tuple[int, int]

    def to_world(self, eyes: Array) -> Array:
        """Return the camera's pose (4, 4): columns right, up, backward, place; `eyes` is their middle in neutral."""
        azimuth, roll = np.radians([self.azimuth_deg, self.roll_deg])
        away = self.distance_m * np.array([-np.sin(azimuth), -np.cos(azimuth), 0])
        place = eyes + away + [0, 0, self.height_rel_eye_m]
        back = place - (eyes + self.aim_m)
        back /= np.linalg.norm(back)
        right = np.cross([0, 0, 1], back)
        right /= np.linalg.norm(right)
        up = np.cross(back, right)
        pose = np.eye(4)
        pose[:3, 0] = np.cos(roll) * right + np.sin(roll) * up
        pose[:3, 1] = np.cos(roll) * up - np.sin(roll) * right
        pose[:3, 2], pose[:3, 3] = back, place
        return pose

    def projection(self) -> Array:
        """Return OpenGL's projection (4, 4)."""
        width, height = self.size
        f = 1 / np.tan(np.radians(self.hfov_deg) / 2)
        near, far = 0.05, 20.0
        a, b = (far + near) / (near - far), 2 * far * near / (near - far)
        return np.array([[f, 0, 0, 0], [0, f * width / height, 0, 0], [0, 0, a, b], [0, 0, -1, 0]])

    def pixels(self, points: Array, eyes: Array) -> Array:
        """Return where points (n, 3) are seen, in pixels, y down."""
        view = self.projection() @ np.linalg.inv(self.to_world(eyes))
        clip = np.column_stack([points, np.ones(len(points))]) @ view.T
        return np.asarray((clip[:, :2] / clip[:, 3:] * [0.5, -0.5] + 0.5) * self.size)


@dataclass(frozen=True)
class Light:
    """A key light, a weaker one, and what comes from above and below; colours are linear."""

    key: Array
    """Toward the light, a unit vector; so is `fill`."""
    key_rgb: Array
    fill: Array
    fill_rgb: Array
    sky_rgb: Array
    ground_rgb: Array
    exposure: float

    @classmethod
    def of(cls, rng: np.random.Generator, azimuth_deg: float) -> Light:
        """Draw a light for a camera at an azimuth: from its side of the room, more often than not from above."""

        def toward(azimuth: float, height: float) -> Array:
            a, h = np.radians([azimuth, height])
            return np.array([-np.sin(a) * np.cos(h), -np.cos(a) * np.cos(h), np.sin(h)])

        warmth = rng.uniform(-1, 1)
        tint = np.array([1 + 0.12 * warmth, 1.0, 1 - 0.18 * warmth])
        side = rng.choice([-1, 1])
        key = rng.uniform(0.5, 1.1)
        sky = rng.uniform(0.45, 0.8)
        return cls(
            toward(azimuth_deg * 0.6 + side * rng.uniform(5, 65), rng.uniform(15, 60)),
            key * tint,
            toward(azimuth_deg * 0.6 - side * rng.uniform(20, 80), rng.uniform(-5, 30)),
            rng.uniform(0.1, 0.35) * np.array([1.0, 1.0, 1.05]),
            sky * (0.5 + 0.5 * tint[::-1]),
            sky * rng.uniform(0.45, 0.75) * np.array([1.0, 0.95, 0.9]),
            rng.uniform(1.1, 1.7),
        )


def _through(direction: Array, centre: Array, reach: float) -> Array:
    """Return the view (4, 4) of a ball by parallel light from a direction."""
    right = np.cross([0.0, 0.01, 1.0], direction)
    right /= np.linalg.norm(right)
    rows = np.stack([right, np.cross(direction, right), -direction]) / reach
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rows, -rows @ centre
    return view


class Stage:
    """A person's parts on the graphics card; one for each clip."""

    def __init__(self, parts: list[Part], camera: Camera, light: Light, eyes: Array) -> None:
        without_screen: Any = {"standalone": True, "backend": "egl"}
        self._gl = gl = moderngl.create_context(**without_screen)
        self._camera, self._light = camera, light
        pose = camera.to_world(eyes)
        self._view, self._eye = camera.projection() @ np.linalg.inv(pose), pose[:3, 3]
        self._surface = gl.program(SURFACE_VERTEX, SURFACE_FRAGMENT)
        self._depth = gl.program(DEPTH_VERTEX, DEPTH_FRAGMENT)
        self._drawn = gl.framebuffer(
            [gl.renderbuffer(camera.size, 4, samples=4)], gl.depth_renderbuffer(camera.size, samples=4)
        )
        self._resolved = gl.framebuffer([gl.renderbuffer(camera.size, 4)])
        self._shadow = gl.depth_texture((SHADOW_PX, SHADOW_PX))
        self._shadow.compare_func = "<="
        self._shadow_frame = gl.framebuffer(depth_attachment=self._shadow)
        self._load(parts)

    def _load(self, parts: list[Part]) -> None:
        gl = self._gl
        sources, uvs, ranges, first, points = [], [], [], 0, 0
        for part in parts:
            surface = part.surface
            corners = surface.triangles.reshape(-1)
            keys = np.column_stack([corners, np.round(surface.corner_uv.reshape(-1, 2) * 8192)]).astype(np.int64)
            kept, inverse = np.unique(keys, axis=0, return_inverse=True)
            sources.append(kept[:, 0] + points)
            uvs.append(kept[:, 1:] / 8192.0)
            ranges.append((inverse.reshape(-1) + first).astype("i4"))
            first += len(kept)
            points += len(surface.points)
        self.points = np.concatenate([part.surface.points for part in parts]).astype(np.float32)
        self.weights = np.concatenate([part.surface.weights for part in parts]).astype(np.float32)
        self.normals = np.concatenate([_normals(part) for part in parts]).astype(np.float32)
        self._sources = np.concatenate(sources)
        self._moving = gl.buffer(reserve=24 * first, dynamic=True)
        self._uv = gl.buffer(np.concatenate(uvs).astype("f4").tobytes())
        self._open = gl.buffer(np.ones(first, "f4").tobytes())
        self._placed = self.points
        self._draws = []
        for part, indices in zip(parts, ranges, strict=True):
            image = np.ascontiguousarray((np.clip(part.texture[::-1], 0, 1) * 255).astype("u1"))
            texture = gl.texture((image.shape[1], image.shape[0]), 4, image.tobytes())
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            index = gl.buffer(indices.tobytes())
            near = [(self._moving, "3f 3f", "at", "normal"), (self._uv, "2f", "uv"), (self._open, "1f", "open")]
            far = [(self._moving, "3f 12x", "at"), (self._uv, "2f", "uv")]
            drawn, cast = gl.vertex_array(self._surface, near, index), gl.vertex_array(self._depth, far, index)
            self._draws.append((part, texture, drawn, cast))

    def place(self, points: Array, normals: Array) -> None:
        """Move the parts' points, which are those of `points` moved, and turn their normals."""
        self._placed = points
        self._moving.write(np.hstack([points, normals])[self._sources].astype("f4").tobytes())

    def _cast(self, frame: moderngl.Framebuffer, view: Array) -> None:
        frame.use()
        frame.clear(depth=1.0)
        self._gl.enable_only(moderngl.DEPTH_TEST)
        _set(self._depth, view=view)
        for _, texture, _, vertices in self._draws:
            texture.use(0)
            vertices.render()

    def learn_openness(self, neck: Array) -> None:
        """Find how much of the sky each point sees as placed now, from depth pictures out of many directions."""
        depth = self._gl.depth_texture((SKY_PX, SKY_PX))
        frame = self._gl.framebuffer(depth_attachment=depth)
        normals = np.frombuffer(self._moving.read(), "f4").reshape(-1, 6)[:, 3:]
        points = self._placed[self._sources]
        seen, whole = np.zeros(len(points)), np.full(len(points), 1e-6)
        for i in range(SKY_DIRECTIONS):
            z = 1 - 1.5 * (i + 0.5) / SKY_DIRECTIONS
            a = i * np.pi * (3 - 5**0.5)
            direction = np.array([np.cos(a) * np.sqrt(1 - z * z), np.sin(a) * np.sqrt(1 - z * z), z])
            view = _through(direction, neck, REACH_M)
            self._cast(frame, view)
            nearest = np.frombuffer(depth.read(), "f4").reshape(SKY_PX, SKY_PX)
            at = (points @ view[:3, :3].T + view[:3, 3]) * 0.5 + 0.5
            inside = ((at > 0) & (at < 1)).all(axis=1)
            column, row = (np.clip(at[:, :2], 0, 0.999) * SKY_PX).astype(int).T
            free = ~inside | (at[:, 2] <= nearest[row, column] + 0.012)
            facing = np.clip(normals @ direction, 0, 1) * (1.0 if z > 0 else 0.5)
            seen += facing * free
            whole += facing
        share = np.where(whole > 0.5, seen / whole, 1.0)
        self._open.write((0.15 + 0.85 * share).astype("f4").tobytes())

    def shoot(self, neck: Array) -> Array:
        """Take the picture of the parts alone: RGBA (height, width, 4), 0..1, the colour weighted by alpha."""
        light_view = _through(self._light.key, neck, REACH_M)
        self._cast(self._shadow_frame, light_view)
        gl, program = self._gl, self._surface
        self._drawn.use()
        self._drawn.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        gl.enable_only(moderngl.DEPTH_TEST)
        alpha_to_coverage, alpha_to_one = 0x809E, 0x809F
        gl.enable_direct(alpha_to_coverage)
        gl.enable_direct(alpha_to_one)
        self._illuminate(program)
        light = self._light
        _set(program, light_view=light_view, eye=self._eye, fill=light.fill, fill_rgb=light.fill_rgb, skin=0, shadow=1)
        self._shadow.use(1)
        for part, texture, vertices, _ in self._draws:
            texture.use(0)
            _set(program, shine=part.shine, gloss=part.gloss, softness=part.softness)
            vertices.render()
        gl.disable_direct(alpha_to_coverage)
        gl.disable_direct(alpha_to_one)
        return self._read()

    def background(self, room: Room) -> Array:
        """Take the picture of the empty room: RGB (height, width, 3), 0..1."""
        gl = self._gl
        program = gl.program(ROOM_VERTEX, ROOM_FRAGMENT)
        buffer = gl.buffer(room.vertices().tobytes())
        vertices = gl.vertex_array(program, [(buffer, "3f 3f 3f 2f", "at", "normal", "rgb", "manner")])
        self._drawn.use()
        self._drawn.clear(0.3, 0.3, 0.3, 1.0, depth=1.0)
        gl.enable_only(moderngl.DEPTH_TEST)
        self._illuminate(program)
        _set(program, low=room.low, high=room.high, lamp=[0.3, 0.2, room.high[2] - 0.2])
        vertices.render()
        return self._read()[:, :, :3]

    def _illuminate(self, program: moderngl.Program) -> None:
        light = self._light
        _set(program, view=self._view, key=light.key, key_rgb=light.key_rgb, sky_rgb=light.sky_rgb)
        _set(program, ground_rgb=light.ground_rgb, exposure=light.exposure)

    def _read(self) -> Array:
        self._gl.copy_framebuffer(self._resolved, self._drawn)
        width, height = self._camera.size
        pixels = np.frombuffer(self._resolved.read(components=4), "u1").reshape(height, width, 4)
        return np.asarray(pixels[::-1].astype(np.float32) / 255)

    def close(self) -> None:
        """Free the context."""
        self._gl.release()


def _set(program: moderngl.Program, **uniforms: Any) -> None:
    """Give numbers, vectors and matrices to a program."""
    for name, value in uniforms.items():
        program[name] = value if np.isscalar(value) else tuple(np.asarray(value).T.reshape(-1).tolist())


def _normals(part: Part) -> Array:
    surface = part.surface
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(surface.points)
    for i in range(3):
        np.add.at(normals, surface.triangles[:, i], across)
    return np.asarray(normals / np.maximum(1e-12, np.linalg.norm(normals, axis=1, keepdims=True)))


class Sensor:
    """What a webcam makes of a clean picture."""

    def __init__(self, rng: np.random.Generator, size: tuple[int, int]) -> None:
        self._rng = rng
        self._blur_px = rng.uniform(0.35, 0.8) * size[0] / 640
        self._gain = np.array([rng.uniform(0.94, 1.06), 1.0, rng.uniform(0.94, 1.06)], np.float32)
        self._contrast, self._lift = rng.uniform(0.9, 1.1), rng.uniform(-0.02, 0.03)
        width, height = size
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        self._vignette = (1 - rng.uniform(0, 0.12) * (x * x + y * y))[:, :, None].astype(np.float32)
        noise = rng.normal(0, rng.uniform(0.006, 0.016), (height + 64, width + 64, 3)).astype(np.float32)
        self._noise = cv2.GaussianBlur(noise, (0, 0), 0.6) * 1.6

    def expose(self, picture: Array) -> Array:
        """Return the frame, RGB 0..255, of a clean picture, RGB 0..1."""
        height, width = picture.shape[:2]
        soft = cv2.GaussianBlur(np.ascontiguousarray(picture), (0, 0), self._blur_px)
        dy, dx = self._rng.integers(0, 64, 2)
        grain = self._noise[dy : dy + height, dx : dx + width]
        seen = (soft * self._gain * self._vignette - 0.5) * self._contrast + 0.5 + self._lift + grain
        return np.asarray((np.clip(seen, 0, 1) * 255).astype("u1"))
