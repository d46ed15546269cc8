"""One of MediaPipe's solutions, read where its graph leaves off.

For every picture MediaPipe's own `process` makes a class, whose objects stay until Python looks for garbage, and an
object for every number: as much work as a tenth of FaceMesh.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posturecam.closing import Closing
from posturecam.vision.frames import Image
from posturecam.vision.libraries import loading

with loading("MediaPipe"):
    import mediapipe
    from mediapipe.python import packet_creator, packet_getter

Packets = Mapping[str, Any]
"""What was found in one picture, by the name of the output."""

FRAME_US = 33333
"""By so much MediaPipe's own `process` lets time go on from picture to picture, too."""


class Solution(Closing):
    """Gives pictures to a solution and takes what it finds, without its `process`."""

    def __init__(self, solution: Any) -> None:
        """`solution` is any of those of `mediapipe.solutions` that take one picture; it is closed with this."""
        self._solution = solution
        self._t_us = 0

    def process(self, image_rgb: Image) -> Packets:
        """Look at a picture. One that cannot be written to is not copied."""
        graph, found = self._solution._graph, self._solution._graph_outputs
        found.clear()
        self._t_us += FRAME_US
        picture = packet_creator.create_image_frame(image_rgb, image_format=mediapipe.ImageFormat.SRGB)
        graph.add_packet_to_input_stream("image", picture.at(self._t_us))
        graph.wait_until_idle()
        return {name: packet for name, packet in found.items() if not packet.is_empty()}

    def reset(self) -> None:
        """Forget the pictures so far."""
        self._solution.reset()

    def close(self) -> None:
        """Free the model; once only."""
        self._solution.close()


def landmarks(packet: Any) -> NDArray[np.float32]:
    """Return the landmarks of a packet (n, fields): x, y, z and, if it has them, visibility and presence."""
    return _numbers(packet_getter._packet_getter._get_serialized_proto(packet))


def many_landmarks(packet: Any) -> list[NDArray[np.float32]]:
    """Return the landmarks of each face, or whatever the packet holds several of."""
    return [_numbers(one) for one in packet_getter._packet_getter._get_serialized_proto_list(packet)]


def mask(packet: Any) -> NDArray[Any]:
    """Return a packet's picture as it is, not to be written to."""
    seen: NDArray[Any] = packet_getter.get_image_frame(packet).numpy_view()
    return seen


def _numbers(written: bytes) -> NDArray[np.float32]:
    """Return the numbers of a message of landmarks, where they lie in it: not to be written to.

    Each landmark is two bytes, of which the second is its length, and then its numbers in their order, each a byte and
    a 32-bit float.
    """
    length = written[1]
    shape, strides = (len(written) // (2 + length), length // 5), (2 + length, 5)
    return np.ndarray(shape, "<f4", written, offset=3, strides=strides)
