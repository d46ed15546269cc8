"""From a picture to landmarks: MediaPipe behind one small interface."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from posturecam.closing import Closing
from posturecam.core.landmarks import Array, HeadTurn, Landmarks, Who, side_on
from posturecam.vision.backdrop import BackdropTracker
from posturecam.vision.close_up import CloseUp, shows, without
from posturecam.vision.following import FACES, Followed, Following, Found, Place, Region, distinct
from posturecam.vision.frames import Frame, Image
from posturecam.vision.hairline import Hairline
from posturecam.vision.libraries import loading, native_stderr_silenced
from posturecam.vision.profile_turn import ProfileTurn
from posturecam.vision.silhouette import crown_px
from posturecam.vision.softening import less_noisy, small_and_soft
from posturecam.vision.solution import Packets, Solution, landmarks, many_landmarks, mask

with loading("OpenCV"):
    import cv2
with loading("MediaPipe"):
    import mediapipe

# MediaPipe calls a protobuf function that protobuf says it will drop; nothing the user can do.
warnings.filterwarnings("ignore", r"SymbolDatabase\.GetPrototype", UserWarning)


POSE, PERSON, MESHES = "pose_landmarks", "segmentation_mask", "multi_face_landmarks"
"""What MediaPipe calls what it finds."""


class Landmarker(Protocol):
    """Finds the landmarks of one person; a context manager that frees the model.

    It may follow the person from frame to frame, so use a new one for each recording.
    """

    def detect(self, frame: Frame) -> Landmarks:
        """The landmarks in `frame`; `Landmarks.empty` when nobody is found."""

    def close(self) -> None:
        """Free the model; more than once does no harm."""

    def __enter__(self) -> Landmarker: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class MediaPipeLandmarker(Closing):
    """MediaPipe Pose (BlazePose "full") and FaceMesh, whose models lie inside the installed package.

    Pose follows its person from frame to frame and searches the whole picture again when it loses
    them, so a frame's landmarks depend a little on the frames before it; they do not depend on when
    the frames arrive. FaceMesh looks for the person's face close up, where the head was last, and for all
    faces in the whole picture. It looks anew in every frame: following a face, at a few frames a second, it
    clings to a wrong mesh for seconds after the head has come up again. The same frames in the same order
    through a new landmarker give the same landmarks, to the last bit on the same machine.

    MediaPipe's own smoothing is off: it takes every frame for 33 ms after the one before
    (`SolutionBase.process`), whatever the true interval. Angles are smoothed later, in true time.
    """

    def __init__(self, one_core: bool = False) -> None:
        """Load the models and run them once on an empty picture, which takes about half a second.

        Face and body are looked for at once, unless there is but `one_core` for it.
        """
        solutions = mediapipe.solutions
        self._beside = None if one_core else ThreadPoolExecutor(1, "posturecam face")
        """Looks for faces while Pose looks for a body: MediaPipe lets go of Python's lock meanwhile."""
        with native_stderr_silenced():
            self._pose = Solution(
                solutions.pose.Pose(
                    model_complexity=1, smooth_landmarks=False, enable_segmentation=True, smooth_segmentation=False
                )
            )
            self._face_mesh = Solution(
                solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=FACES, refine_landmarks=False)
            )
            self._find(np.zeros((64, 64, 3), np.uint8), None)
        self._following = Following()
        self._near: Place | None = None
        """Where the face is to be looked for; None where the head is not known, or seen from the side."""
        self._backdrop = BackdropTracker()
        self._profile_turn = ProfileTurn()
        self._hairline = Hairline()
        self._met_somebody = False
        self._open = True

    def detect(self, frame: Frame) -> Landmarks:
        """The landmarks in `frame`, in its pixels; `Landmarks.empty` when nobody is found."""
        image_rgb = _rgb(frame.image)
        # MediaPipe's last remark comes with the first body that it finds.
        with contextlib.nullcontext() if self._met_somebody else native_stderr_silenced():
            pose, faces_px = self._find(image_rgb, self._near)
        body = _found(pose, frame)
        near = _near(body)
        if near and not (self._near and shows(self._near, near)):
            faces_px = distinct([*self._faces_near(image_rgb, near), *faces_px])
        self._met_somebody = self._met_somebody or bool(body)
        seen = self._following.update(frame.t_s, body, faces_px, lambda region: self._search(image_rgb, frame, region))
        if seen.found and side_on(seen.found.body_px):
            # What FaceMesh finds in a profile, at some in a quarter of the looks, is no face turned to the camera.
            seen = replace(seen, face_px=None)
        self._near = _near(seen.found)
        found = Landmarks(
            t_s=frame.t_s,
            width_px=frame.width_px,
            height_px=frame.height_px,
            body_px=seen.found.body_px if seen.found else None,
            visibility=seen.found.visibility if seen.found else None,
            face_px=seen.face_px,
            crown_px=seen.found.crown_px if seen.found else None,
            who=seen.who,
            hairline_px=self._hairline_px(frame, seen),
            head_turn=self._head_turn(frame, seen),
        )
        return replace(found, backdrop=self._backdrop.update(frame, found))

    def detect_face(self, frame: Frame) -> Array | None:
        """The face in `frame` alone, as in `Landmarks.face_px`; the body's own tracking does not notice."""
        part = CloseUp.of(frame.image, self._near)
        return self._following.own_face([part.in_picture(face_px) for face_px in self._faces(_rgb(part.image))])

    def close(self) -> None:
        """Free the models; more than once does no harm."""
        if self._open:
            self._open = False
            if self._beside:
                self._beside.shutdown()
            self._pose.close()
            self._face_mesh.close()

    def _find(self, image_rgb: Image, near: Place | None) -> tuple[Packets, list[Array]]:
        """Return what Pose found, and the faces (468, 3), pixels of the picture, the one near there close up."""
        if self._beside is None:
            return self._bodies(image_rgb), self._all_faces(image_rgb, near)
        faces_px = self._beside.submit(self._all_faces, image_rgb, near)
        return self._bodies(image_rgb), faces_px.result()

    def _all_faces(self, image_rgb: Image, near: Place | None) -> list[Array]:
        close = self._faces_near(image_rgb, near) if near else []
        return distinct([*close, *self._faces(image_rgb, close)])

    def _faces_near(self, image_rgb: Image, place: Place) -> list[Array]:
        part = CloseUp.of(image_rgb, place)
        return [part.in_picture(face_px) for face_px in self._faces(part.image)]

    def _faces(self, image_rgb: Image, known: Sequence[Array] = ()) -> list[Array]:
        """Return (468, 3) pixels of each face but those known, at half the memory: an hour of faces is 100 MB."""
        found = self._face_mesh.process(_final(without(less_noisy(image_rgb), known)))
        faces = many_landmarks(found[MESHES]) if MESHES in found else []
        return [_pixels(face, image_rgb).astype(np.float32) for face in faces]

    def _bodies(self, image_rgb: Image) -> Packets:
        return self._pose.process(_final(small_and_soft(image_rgb)))

    def _hairline_px(self, frame: Frame, seen: Followed) -> float | None:
        if seen.found is None or seen.who is not Who.SAME:
            return None
        return self._hairline.update(frame.image, seen.found.body_px, seen.face_px, seen.found.crown_px)

    def _head_turn(self, frame: Frame, seen: Followed) -> HeadTurn | None:
        if seen.found is None or seen.face_px is not None or seen.who is not Who.SAME:
            return None
        return self._profile_turn.update(frame, seen.found.body_px, seen.found.person)

    def _search(self, image_rgb: Image, frame: Frame, region: Region) -> Found | None:
        """Let Pose start anew with what lies in a region of the frame."""
        with native_stderr_silenced():
            self._pose.reset()
            return _found(self._bodies(region.alone(image_rgb)), frame)


def _near(body: Found | None) -> Place | None:
    """Return where to look for the face of a body; None where it is seen from the side."""
    return None if body is None or side_on(body.body_px) else body.place


def _rgb(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _final(image: Image) -> Image:
    """The same picture, which nobody writes to any more: MediaPipe takes it without a copy."""
    image.flags.writeable = False
    return image


def _found(pose: Packets, frame: Frame) -> Found | None:
    if POSE not in pose:
        return None
    body = landmarks(pose[POSE])
    body_px, person = _pixels(body, frame.image), mask(pose[PERSON])
    reduction = person.shape[1] / frame.width_px
    return Found(body_px, body[:, 3].astype(float), crown_px(person, body_px, reduction), person)


def _pixels(normalised: NDArray[np.float32], image: Image) -> Array:
    """(n, 3) pixels. MediaPipe divides x and z by the picture's width, y by its height."""
    height_px, width_px = image.shape[:2]
    return normalised[:, :3] * np.array([width_px, height_px, width_px], np.float64)
