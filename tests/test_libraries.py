from __future__ import annotations

import os
import subprocess
import sys

import pytest

from posturecam.errors import Exit
from posturecam.vision.libraries import MissingLibraryError, loading

NO_LIBGL = "libGL.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ImportError(NO_LIBGL), "libGL.so.1.* apt-get install libgl1 libglib2.0-0"),
        (ImportError(NO_LIBGL.replace("libGL.so.1", "libgthread-2.0.so.0")), "libgthread-2.0.so.0.* apt-get"),
        (ModuleNotFoundError("No module named 'cv2'"), "not installed.*Python 3.10 to 3.12"),
        (ImportError("numpy.core.multiarray\nfailed to import"), "numpy.core.multiarray failed to import"),
    ],
    ids=["no libGL", "no GLib", "not installed", "something else"],
)
def test_a_library_that_does_not_load_is_explained_in_one_line(error, advice):
    with pytest.raises(MissingLibraryError, match=advice) as caught, loading("OpenCV"):
        raise error
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == Exit.FAILURE


@pytest.mark.parametrize("module", ["video_file", "landmarker"])
def test_importing_what_needs_opencv_on_a_bare_system_is_explained(tmp_path, module):
    (tmp_path / "cv2.py").write_text(f"raise ImportError({NO_LIBGL!r})")
    program = (
        "from posturecam.errors import PosturecamError\n"
        "try:\n"
        f"    import posturecam.vision.{module}\n"
        "except PosturecamError as error:\n"
        "    print(error)\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert run.stdout.startswith("OpenCV needs the system library libGL.so.1")


@pytest.mark.parametrize("name", ["OPENCV_LOG_LEVEL", "OPENCV_FFMPEG_LOGLEVEL"])
def test_a_log_level_that_the_user_set_stays(name):
    program = f"import os, posturecam.vision.libraries; print(os.environ[{name!r}])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, name: "4"})
    assert run.stdout == "4\n"


def test_what_mediapipe_loads_to_draw_with_is_loaded_when_it_draws():
    program = (
        "import sys, posturecam.vision.landmarker\n"
        "from mediapipe.python.solutions.drawing_utils import plt\n"
        "print('matplotlib' in sys.modules, callable(plt.figure), 'matplotlib' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "False True True\n"
