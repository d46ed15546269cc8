from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from posturecam.errors import Exit, UnreadableError
from posturecam.vision.video_file import VideoFile

H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30")
CONTAINERS = {
    "mp4": ("steady.mp4", *H264),
    "mp4, variable rate": (
        # 25 pictures, a pause of 2 s, then every third picture, unevenly spaced
        *("variable.mp4", *H264, "-vf", "select='lt(n,25)+gt(n,85)*not(mod(n,3))+gt(n,85)*not(mod(n,7))'"),
        *("-fps_mode", "vfr"),
    ),
    "mp4, sound beginning first": (
        *("with_sound.mp4", "-f", "lavfi", "-i", "sine=duration=6", "-vf", "setpts=PTS+0.5/TB", *H264),
    ),
    "mkv": ("steady.mkv", *H264),
    "mkv, starting late": ("late.mkv", *H264, "-output_ts_offset", "10"),
    "webm": ("steady.webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
    "webm, no duration": ("live.webm", "-c:v", "libvpx", "-live", "1", "-deadline", "realtime"),
    "avi": ("steady.avi", "-c:v", "mpeg4", "-q:v", "3"),
    "mov, HEVC": (
        *("steady.mov", "-c:v", "libx265", "-x265-params", "log-level=none", "-preset", "ultrafast"),
        *("-tag:v", "hvc1", "-pix_fmt", "yuv420p"),
    ),
    "ts": ("steady.ts", *H264),
}


@pytest.fixture(params=CONTAINERS.values(), ids=CONTAINERS.keys())
def video(request, make_video):
    return make_video(*request.param)


def pts_s(path):
    """The timestamps that ffprobe reads from the container, from the first on."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-of", "json"]
    command += ["-show_entries", "frame=best_effort_timestamp_time", str(path)]
    frames = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["frames"]
    times_s = np.array([float(frame["best_effort_timestamp_time"]) for frame in frames])
    return times_s - times_s[0]


def times_of(path, rate_hz=None):
    with VideoFile(path, rate_hz) as video:
        return np.array([frame.t_s for frame in video])


def told_by_brightness_s(frame):
    return frame.image.mean() * 219 / 255 / 30


def test_times_are_the_containers(video):
    assert times_of(video) == pytest.approx(pts_s(video), abs=0.001)


def test_each_picture_comes_with_its_own_time(video):
    with VideoFile(video, rate_hz=5) as frames:
        lag_s = [told_by_brightness_s(frame) - frame.t_s for frame in frames]
    assert lag_s == pytest.approx([np.median(lag_s)] * len(lag_s), abs=0.1)


def test_pictures_have_the_size_that_the_facts_state(video):
    with VideoFile(video, rate_hz=2) as frames:
        assert (frames.facts.width_px, frames.facts.height_px) == (160, 120)
        for frame in frames:
            assert frame.image.shape == (120, 160, 3)
            assert frame.image.dtype == np.uint8


def test_a_whole_file_gives_no_notes(video):
    with VideoFile(video) as frames:
        list(frames)
        assert frames.notes == ()
        assert frames.cut_at_s is None


def test_the_same_file_gives_the_same_frames(video):
    with VideoFile(video) as one, VideoFile(video) as other:
        for frame, again in zip(one, other, strict=True):
            assert frame.t_s == again.t_s
            assert np.array_equal(frame.image, again.image)


def test_a_closed_file_gives_no_frames_and_closes_again(video):
    frames = VideoFile(video)
    frames.close()
    frames.close()
    assert list(frames) == []
    assert frames.notes == ()


def test_leaving_early_is_not_a_cut(make_video):
    with VideoFile(make_video(*CONTAINERS["mp4"])) as frames:
        next(iter(frames))
    assert frames.cut_at_s is None


def test_the_facts_are_the_containers(make_video):
    path = make_video(*CONTAINERS["mp4"])
    with VideoFile(path) as frames:
        assert frames.facts.name == str(path)
        assert frames.facts.frame_rate_hz == pytest.approx(30)
        assert frames.facts.duration_s == pytest.approx(6)


def test_a_file_that_states_no_duration_has_none(make_video):
    with VideoFile(make_video(*CONTAINERS["webm, no duration"])) as frames:
        assert frames.facts.duration_s is None


@pytest.mark.parametrize("rate_hz", [1, 5, 12.5])
def test_frames_come_at_the_chosen_rate(make_video, rate_hz):
    assert len(times_of(make_video(*CONTAINERS["mp4"]), rate_hz)) == pytest.approx(6 * rate_hz, abs=1)


def test_a_slow_source_gives_all_frames(make_video):
    path = make_video("slow.mp4", *H264, source="testsrc=size=160x120:rate=4:duration=6")
    assert times_of(path, 5) == pytest.approx(np.arange(24) / 4)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pictures_are_upright_as_the_rotation_metadata_says(make_video, tmp_path, degrees):
    corner = "color=gray:size=160x120:duration=1,drawbox=w=40:h=20:color=white:t=fill"
    stored = make_video("corner.mp4", *H264, source=corner)
    turned = tmp_path / "turned.mp4"
    remux = ["ffmpeg", "-v", "error", "-i", stored, "-c", "copy", turned]
    if subprocess.run([*remux[:3], "-display_rotation", str(degrees), *remux[3:]], capture_output=True).returncode:
        # before FFmpeg 6
        subprocess.run([*remux[:-1], "-metadata:s:v", f"rotate={degrees}", "-y", turned], check=True)
    as_ffmpeg = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        turned,
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "bgr24",
        "-",
    ]
    pixels = np.frombuffer(subprocess.run(as_ffmpeg, capture_output=True, check=True).stdout, np.uint8)

    with VideoFile(turned) as frames:
        frame = next(iter(frames))
        size = (frames.facts.width_px, frames.facts.height_px)

    assert size == ((160, 120) if degrees == 180 else (120, 160))
    assert frame.image.astype(int) == pytest.approx(pixels.reshape(frame.image.shape).astype(int), abs=8)
    assert not np.array_equal(frame.image[:20, :20] > 200, np.full((20, 20, 3), True))


CUT = {
    "mp4": ("fast.mp4", *H264, "-movflags", "+faststart"),
    "mkv": CONTAINERS["mkv"],
    "webm": CONTAINERS["webm"],
    "avi": CONTAINERS["avi"],
}


@pytest.mark.parametrize("container", CUT)
def test_of_a_cut_file_what_is_readable_comes_out_and_the_cut_is_told(make_video, tmp_path, container):
    whole = make_video(*CUT[container])
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    with VideoFile(cut) as frames:
        times_s = [frame.t_s for frame in frames]
    assert times_s == pytest.approx(times_of(whole, 5)[: len(times_s)])
    assert 0.5 < times_s[-1] < 5
    assert frames.cut_at_s == pytest.approx(times_s[-1], abs=0.2)
    assert frames.notes == (f"the pictures end at {frames.cut_at_s:.1f} s of 6.0 s: the file may be cut short",)


@pytest.mark.parametrize("container", CUT)
def test_damage_in_the_middle_is_passed_over(make_video, tmp_path, container):
    whole = make_video(*CUT[container])
    damaged = tmp_path / whole.name
    content = bytearray(whole.read_bytes())
    span = slice(len(content) // 2, len(content) * 6 // 10)
    content[span] = np.random.default_rng(1).bytes(span.stop - span.start)
    damaged.write_bytes(content)
    times_s = times_of(damaged)
    assert (np.diff(times_s) > 0).all()
    assert times_s[-1] == pytest.approx(6, abs=1)


def test_damage_is_told(make_video, tmp_path):
    whole = make_video(*CUT["mp4"])
    damaged = tmp_path / whole.name
    content = bytearray(whole.read_bytes())
    content[len(content) // 2 : len(content) * 6 // 10] = bytes(len(content) * 6 // 10 - len(content) // 2)
    damaged.write_bytes(content)
    with VideoFile(damaged) as frames:
        list(frames)
        assert "damaged at" in frames.notes[0]


def test_without_timestamps_the_frame_rate_gives_the_times(make_video):
    raw = make_video("raw.h264", *H264)
    with VideoFile(raw, rate_hz=None) as frames:
        times_s = [frame.t_s for frame in frames]
    assert times_s == pytest.approx(np.arange(180) / frames.facts.frame_rate_hz)


def test_times_go_on_where_the_containers_start_over(make_video, tmp_path):
    part = make_video(*CONTAINERS["ts"]).read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(part + part)
    assert times_of(joined) == pytest.approx(np.arange(360) / 30, abs=0.001)


def test_a_name_may_look_like_a_protocol(make_video, tmp_path, monkeypatch):
    (tmp_path / "12:30.mp4").write_bytes(make_video(*CONTAINERS["mp4"]).read_bytes())
    monkeypatch.chdir(tmp_path)
    assert len(times_of("12:30.mp4", 5)) == 30


def written(content):
    return lambda path, _: path.write_bytes(content)


def sound_only(path, make_video):
    sound = make_video(f"sound{path.suffix}", source="sine=duration=1")
    path.write_bytes(sound.read_bytes())


def cut_before_its_index(path, make_video):
    whole = make_video(*CONTAINERS["mp4"]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_before_its_pictures(path, make_video):
    whole = make_video(*CUT["mp4"]).read_bytes()
    path.write_bytes(whole[: whole.index(b"mdat") + 8])


UNREADABLE = {
    "missing": ("lost.mp4", lambda path, _: None, "there is no such file"),
    "folder": ("folder", lambda path, _: path.mkdir(), "this is a folder"),
    "pipe": ("pipe.mp4", lambda path, _: os.mkfifo(path), "not a file"),
    "empty": ("empty.mp4", written(b""), "the file is empty"),
    "text": ("notes.mp4", written("Größe, Länge\n".encode()), "text file"),
    "noise": ("noise.mp4", written(np.random.default_rng(1).bytes(5000)), "not a video"),
    "sound in mp4": ("sound.m4a", sound_only, "sound but no pictures"),
    "sound in wav": ("sound.wav", sound_only, "sound only"),
    "cut before its index": ("half.mp4", cut_before_its_index, "its index is missing"),
    "cut before its pictures": ("head.mp4", cut_before_its_pictures, "not one picture"),
}


@pytest.mark.parametrize(("name", "make", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_file_is_explained_in_one_line(tmp_path, make_video, name, make, reason):
    path = tmp_path / name
    if make is UNREADABLE["pipe"][1] and not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    make(path, make_video)
    with pytest.raises(UnreadableError, match=reason) as caught:
        VideoFile(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == Exit.UNREADABLE


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are POSIX's")
def test_a_file_that_may_not_be_read_is_explained(tmp_path):
    path = tmp_path / "secret.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(UnreadableError, match="permissions"):
            VideoFile(path)
    finally:
        os.seteuid(was)


def test_opencv_and_ffmpeg_do_not_chatter(make_video, tmp_path):
    whole = make_video(*CUT["mp4"]).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    (tmp_path / "text.mp4").write_text("no video")
    program = (
        "import sys\n"
        "from posturecam.errors import UnreadableError\n"
        "from posturecam.vision.video_file import VideoFile\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        print(len(list(VideoFile(path))))\n"
        "    except UnreadableError:\n"
        "        print('unreadable')\n"
    )
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OPENCV_")}
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "cut.mp4", tmp_path / "text.mp4"],
        capture_output=True,
        text=True,
        env=quiet,
    )
    assert run.stderr == ""
    assert run.stdout.splitlines()[1] == "unreadable"
