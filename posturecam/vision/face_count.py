"""How many people look into the camera."""

from __future__ import annotations

import numpy as np

from posturecam.closing import Closing
from posturecam.vision.frames import Frame
from posturecam.vision.libraries import loading, native_stderr_silenced

with loading("OpenCV"):
    import cv2
with loading("MediaPipe"):
    import mediapipe

WITHIN_5_M = 1
"""MediaPipe's face detector for faces further away than those at arm's length; it sees these too."""
SURE = 0.6
"""Of the detector's own certainty, 0..1 (judgement)."""
NEAR_SHARE = 0.5
"""A face less wide than this share of the widest is too far away to be taken for the person (judgement)."""


class FaceCount(Closing):
    """Counts the faces in single frames, by MediaPipe's face detector; its model lies in the package."""

    def __init__(self) -> None:
        """Load the model and run it once on an empty picture."""
        with native_stderr_silenced():
            self._detector = mediapipe.solutions.face_detection.FaceDetection(
                model_selection=WITHIN_5_M, min_detection_confidence=SURE
            )
            self._detector.process(np.zeros((64, 64, 3), np.uint8))
        self._open = True

    def count(self, frame: Frame) -> int:
        """How many faces are about as near as the nearest, seen from the front or half the side."""
        found = self._detector.process(cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)).detections or []
        widths = [face.location_data.relative_bounding_box.width for face in found]
        return sum(width >= NEAR_SHARE * max(widths) for width in widths)

    def close(self) -> None:
        """Free the model; more than once does no harm."""
        if self._open:
            self._open = False
            self._detector.close()
