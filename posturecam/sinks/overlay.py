"""A frame with what was measured drawn on it: skeleton, angle, gauge, state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from posturecam.core.landmarks import Array, Body, Landmarks
from posturecam.core.patterns.text_neck import FlexionThresholds
from posturecam.core.posture import Posture
from posturecam.core.session import Sample
from posturecam.core.state import State
from posturecam.sinks.wording import ABSENCE_WORDS, RGB, STATE_WORDS, fine_clock, title
from posturecam.vision.libraries import loading

with loading("OpenCV"):
    import cv2

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Blue, green, red: 0..255."""

BGR: dict[State, Colour] = {state: (b, g, r) for state, (r, g, b) in RGB.items()}
WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (150, 150, 150)
GAUGE_DEG = (-15.0, 60.0)
"""Ends of the gauge; the upper gives way when the severe threshold comes near."""
SEEN = 0.5
"""Body points less visible than this are not drawn."""

FACE_LINES = (
    (10, 297, 284, 389, 454, 361, 397, 379, 400, 152, 176, 150, 172, 132, 234, 162, 54, 67, 10),
    (33, 160, 158, 133, 153, 144, 33),
    (263, 387, 385, 362, 380, 373, 263),
    (168, 6, 197, 195, 5, 4),
    (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 61),
)
"""FaceMesh points along the outline of the face, the eyes, the ridge of the nose, and the lips."""
HEAD_LINES = (
    (Body.LEFT_EAR, Body.LEFT_EYE, Body.NOSE, Body.RIGHT_EYE, Body.RIGHT_EAR),
    (Body.MOUTH_LEFT, Body.MOUTH_RIGHT),
)
TRUNK_LINES = (
    (Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER),
    (Body.LEFT_SHOULDER, Body.LEFT_HIP),
    (Body.RIGHT_SHOULDER, Body.RIGHT_HIP),
    (Body.LEFT_HIP, Body.RIGHT_HIP),
)


def draw(
    image: Image,
    landmarks: Landmarks,
    posture: Posture,
    state: State,
    thresholds: FlexionThresholds,
    exposure: float | None = None,
    under_way: Iterable[str] = (),
) -> Image:
    """A copy of the frame (height, width, 3; blue, green, red) with the measurement drawn on it.

    The landmarks may come from a larger or smaller copy of the same frame. The neck flexion is shown with
    the standard deviation of its error; where it is missing, the reason is shown. `exposure` is how much
    of the time until an alert is used up, 1 when it is due; None leaves it out. `under_way` names patterns to
    be shown in words; text neck, which the gauge shows, is left out.
    """
    canvas = _Canvas(image.copy())
    _draw_skeleton(canvas, landmarks, BGR[state])
    _draw_gauge(canvas, posture, thresholds)
    _draw_readout(canvas, posture, state)
    _draw_patterns(canvas, [title(name) for name in under_way if name != "text_neck"])
    if exposure is not None:
        _draw_exposure(canvas, exposure, BGR[state])
    canvas.text(fine_clock(posture.t_s), canvas.margin, canvas.height - canvas.margin, canvas.small)
    return canvas.image


def draw_guide(image: Image, landmarks: Landmarks, task: str, advice: str, progress: float, held: bool) -> Image:
    """A mirror image of the frame with what a person is to do, and a bar for how much of it is done.

    The words stand at the top and the bottom; `held` colours skeleton and bar. `progress` is 0..1.
    """
    canvas = _Canvas(image.copy())
    colour = BGR[State.NEUTRAL if held else State.AMBER]
    _draw_skeleton(canvas, landmarks, colour)
    canvas.image = np.ascontiguousarray(canvas.image[:, ::-1])
    margin, room = canvas.margin, canvas.width - 2 * canvas.margin
    canvas.centred(task, 2 * margin + canvas.small)
    canvas.centred(advice, canvas.height - 4 * margin)
    top, bottom, right = canvas.height - 3 * margin, canvas.height - margin, canvas.width - margin
    canvas.box(margin, top, right, bottom, GREY)
    if (filled := round(room * progress)) > 0:
        canvas.box(margin, top, margin + filled, bottom, colour)
    return canvas.image


def draw_live(
    image: Image,
    landmarks: Landmarks,
    sample: Sample,
    thresholds: FlexionThresholds,
    limits_px: Mapping[State, float],
    words: str,
    keys: str,
) -> Image:
    """A mirror image of the frame with the measurement drawn on it, as `draw` does, for the person themselves.

    `limits_px` are heights in the landmarks' picture, from its top, at which the eyes are when a state
    begins; each is drawn as a line in the state's colour. `words` stand at the top, `keys` at the bottom.
    """
    canvas = _Canvas(image.copy())
    posture, state = sample.posture, sample.state
    _draw_skeleton(canvas, landmarks, BGR[state])
    canvas.image = np.ascontiguousarray(canvas.image[:, ::-1])
    _draw_limits(canvas, {one: y * canvas.height / landmarks.height_px for one, y in limits_px.items()})
    _draw_gauge(canvas, posture, thresholds)
    _draw_readout(canvas, posture, state)
    _draw_exposure(canvas, sample.exposure, BGR[state])
    names = [title(name) for name in sample.under_way if name != "text_neck"]
    canvas.centred(", ".join(filter(None, [words, *names])), 2 * canvas.margin + canvas.small // 2)
    canvas.text(keys, canvas.margin, canvas.height - canvas.margin, canvas.small)
    return canvas.image


def draw_words(image: Image, words: str, keys: str) -> Image:
    """A dim mirror image of a frame that is over, with words on it and, at the bottom, what the keys do."""
    canvas = _Canvas(np.ascontiguousarray(image[:, ::-1] // 3))
    canvas.centred(words, canvas.height // 2)
    canvas.text(keys, canvas.margin, canvas.height - canvas.margin, canvas.small)
    return canvas.image


class _Canvas:
    """A picture to draw on, with sizes that follow its own; everything gets a dark outline."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.height, self.width = image.shape[:2]
        side = min(self.height, self.width)
        self.line = max(1, round(side / 240))
        self.small = max(11, round(side / 30))
        """Height of small letters; like all of these, pixels."""
        self.large = max(30, round(side / 9))
        self.margin = max(8, round(side / 40))

    def path(self, points: Array, colour: Colour, thickness: int) -> None:
        """Join points (n, 2) with lines."""
        corners = np.round(points).astype(np.int32)[:, None]
        for shade, width in ((BLACK, thickness + 2), (colour, thickness)):
            cv2.polylines(self.image, [corners], False, shade, width, cv2.LINE_AA)

    def dot(self, point: Array, colour: Colour, radius: int) -> None:
        """A disc around a point (2,)."""
        centre = (round(float(point[0])), round(float(point[1])))
        cv2.circle(self.image, centre, radius + 1, BLACK, -1, cv2.LINE_AA)
        cv2.circle(self.image, centre, radius, colour, -1, cv2.LINE_AA)

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        """A filled rectangle."""
        cv2.rectangle(self.image, (left - 1, top - 1), (right + 1, bottom + 1), BLACK, -1)
        cv2.rectangle(self.image, (left, top), (right, bottom), colour, -1)

    def text(self, words: str, left: int, base: int, size: int, colour: Colour = WHITE) -> int:
        """ASCII words standing on `base`; returns where they end."""
        font, scale, thickness = _font(size)
        words = words.encode("ascii", "replace").decode("ascii")
        for shade, width in ((BLACK, thickness + 2 + size // 20), (colour, thickness)):
            cv2.putText(self.image, words, (left, base), font, scale, shade, width, cv2.LINE_AA)
        return left + self.text_width(words, size)

    def centred(self, words: str, base: int) -> None:
        """ASCII words in the middle, as large as there is room for up to twice small letters."""
        room, size = self.width - 2 * self.margin, 2 * self.small
        while size > self.small // 2 and self.text_width(words, size) > room:
            size -= 1
        self.text(words, max(self.margin, (self.width - self.text_width(words, size)) // 2), base, size)

    @staticmethod
    def text_width(words: str, size: int) -> int:
        """Width of the words, pixels."""
        font, scale, thickness = _font(size)
        (width, _), _ = cv2.getTextSize(words, font, scale, thickness)
        return int(width)


def _font(size: int) -> tuple[int, float, int]:
    """Font, its scale and stroke for letters of this height."""
    thickness = max(1, round(size / 9))
    font = cv2.FONT_HERSHEY_SIMPLEX
    return font, cv2.getFontScaleFromHeight(font, size, thickness), thickness


def _draw_skeleton(canvas: _Canvas, landmarks: Landmarks, colour: Colour) -> None:
    scale = np.array([canvas.width / landmarks.width_px, canvas.height / landmarks.height_px])
    face = None if landmarks.face_px is None else landmarks.face_px[:, :2] * scale
    if landmarks.body_px is not None and landmarks.visibility is not None:
        body, seen = landmarks.body_px[:, :2] * scale, landmarks.visibility >= SEEN
        for chain in TRUNK_LINES if face is not None else (*TRUNK_LINES, *HEAD_LINES):
            for a, b in pairwise(chain):
                if seen[a] and seen[b]:
                    canvas.path(body[[a, b]], colour, 2 * canvas.line)
        ears = [p for p in (Body.LEFT_EAR, Body.RIGHT_EAR) if seen[p]]
        shoulders = [p for p in (Body.LEFT_SHOULDER, Body.RIGHT_SHOULDER) if seen[p]]
        if ears and shoulders:
            neck = np.stack([body[shoulders].mean(axis=0), body[ears].mean(axis=0)])
            canvas.path(neck, colour, 2 * canvas.line)
        for point in (*ears, *shoulders):
            canvas.dot(body[point], WHITE, 2 * canvas.line)
    if face is not None:
        for line in FACE_LINES:
            canvas.path(face[list(line)], colour, canvas.line)


def _draw_gauge(canvas: _Canvas, posture: Posture, thresholds: FlexionThresholds) -> None:
    """A vertical scale at the right edge: the states' ranges, their thresholds, and the angle on it."""
    top, bottom = round(canvas.height * 0.12), round(canvas.height * 0.88)
    right = canvas.width - canvas.margin - canvas.text_width("00", canvas.small) - canvas.margin // 2
    left = right - max(8, canvas.small // 2)
    deg, sd_deg = posture.neck_flexion.deg, posture.neck_flexion.sd_deg
    least_deg, most_deg = GAUGE_DEG[0], max(GAUGE_DEG[1], thresholds.severe_deg + 15)

    def level(angle_deg: float) -> int:
        return round(float(np.interp(angle_deg, (least_deg, most_deg), (bottom, top))))

    marks = (0.0, thresholds.amber_deg, thresholds.onset_deg, thresholds.severe_deg)
    edges = (least_deg, *marks[1:], most_deg)
    states = (State.NEUTRAL, State.AMBER, State.RED, State.SEVERE)
    for state, (low, high) in zip(states, pairwise(edges), strict=True):
        canvas.box(left, level(high), right, level(low), GREY if deg is None else BGR[state])
    written = canvas.height
    for mark in marks:
        y = level(mark)
        canvas.path(np.array([[left, y], [right + canvas.margin // 3, y]]), WHITE, canvas.line)
        base = min(y + canvas.small // 2, written - canvas.small - 4)
        canvas.text(f"{mark:.0f}", right + canvas.margin // 2, base, canvas.small)
        written = base
    if deg is not None and sd_deg is not None:
        x = left - canvas.small // 2
        canvas.path(np.array([[x, level(deg - sd_deg)], [x, level(deg + sd_deg)]]), WHITE, canvas.line)
        y, base, half = level(deg), left - canvas.small, canvas.small // 2
        pointer = np.array([[left + 1, y], [base, y - half], [base, y + half]], dtype=np.int32)
        cv2.fillPoly(canvas.image, [pointer], WHITE, cv2.LINE_AA)
        cv2.polylines(canvas.image, [pointer], True, BLACK, canvas.line, cv2.LINE_AA)


def _draw_readout(canvas: _Canvas, posture: Posture, state: State) -> None:
    """The state as a word on its colour; under it the angle, or why there is none."""
    margin, small, large = canvas.margin, canvas.small, canvas.large
    word = STATE_WORDS[state]
    height = round(small * 1.9)
    canvas.box(margin, margin, margin + canvas.text_width(word, small) + small, margin + height, BGR[state])
    font, scale, thickness = _font(small)
    at = (margin + small // 2, margin + round(small * 1.45))
    cv2.putText(canvas.image, word, at, font, scale, BLACK, thickness, cv2.LINE_AA)
    top = margin + height + small
    neck = posture.neck_flexion
    if neck.deg is None or neck.sd_deg is None:
        if neck.absence:
            canvas.text(ABSENCE_WORDS[neck.absence], margin, top + small, small)
        return
    end = canvas.text(f"{round(neck.deg)}", margin, top + large, large)
    ring, centre = max(3, large // 8), (end + large // 6, top + large // 8)
    for shade, width in ((BLACK, 2 * canvas.line + 3), (WHITE, max(2, large // 16))):
        cv2.circle(canvas.image, centre, ring, shade, width, cv2.LINE_AA)
    canvas.text(f"+/-{round(neck.sd_deg)}", centre[0] + 2 * ring, top + large, small)
    canvas.text("neck flexion", margin, top + large + round(1.8 * small), small)


def _draw_limits(canvas: _Canvas, limits: Mapping[State, float]) -> None:
    """A line across for each state, at the height at which the eyes are when it begins; the onset's has words."""
    right = canvas.width * 0.8
    for state, y in limits.items():
        canvas.path(np.array([[canvas.margin, y], [right, y]]), BGR[state], canvas.line)
    if State.RED in limits:
        base = round(limits[State.RED]) - canvas.margin
        words = "eyes below: bent"
        canvas.text(words, round(right) - canvas.text_width(words, canvas.small), base, canvas.small, BGR[State.RED])


def _draw_patterns(canvas: _Canvas, titles: list[str]) -> None:
    """The other patterns in words, in a row at the middle of the lower edge."""
    words = ", ".join(titles)
    left = (canvas.width - canvas.text_width(words, canvas.small)) // 2
    canvas.text(words, max(canvas.margin, left), canvas.height - canvas.margin, canvas.small)


def _draw_exposure(canvas: _Canvas, exposure: float, colour: Colour) -> None:
    """A bar over the time of the frame that fills until an alert is due, and says so then."""
    small, left = canvas.small, canvas.margin
    base = canvas.height - canvas.margin - 2 * small
    width = 8 * small
    canvas.box(left, base - small // 2, left + width, base, GREY)
    if (filled := round(width * min(exposure, 1.0))) > 0:
        canvas.box(left, base - small // 2, left + filled, base, colour)
    canvas.text("alert due" if exposure >= 1 else "toward alert", left, base - small, small)
