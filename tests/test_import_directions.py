from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = sorted((ROOT / "posturecam").rglob("*.py"))
CALIBRATION = sorted((ROOT / "calibration").rglob("*.py"))

COMMAND_LINE = [f"posturecam.{path.stem}" for path in (ROOT / "posturecam").glob("cli*.py")]

OPENS_OR_TELLS_TIME = {
    *("asyncio", "datetime", "io", "multiprocessing", "os", "pathlib", "shutil", "signal", "socket"),
    *("sqlite3", "subprocess", "tempfile", "threading", "time", "urllib"),
}
"""Of the standard library: what has no business in a pure core."""


def module_name(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, is_package: bool = False) -> set[str]:
    """Every module that is imported, in functions too; `from a import b` counts as both a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")
                package = package[: len(package) - node.level + is_package]
                base = ".".join([*package, *filter(None, [node.module])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def imports_of(path: Path) -> set[str]:
    return imports(path.read_text(encoding="utf-8"), module_name(path), path.name == "__init__.py")


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def in_package(*packages: str) -> list[Path]:
    return [path for path in [*PRODUCT, *CALIBRATION] if within(module_name(path), *packages)]


def outside(*packages: str) -> list[Path]:
    return [path for path in [*PRODUCT, *CALIBRATION] if not within(module_name(path), *packages)]


def strays(paths: list[Path], *forbidden: str, known: tuple[str, ...] = ()) -> list[str]:
    """What in `paths` imports something forbidden that is not `known`, as "importer → imported"."""
    return [
        f"{module_name(path)} → {name}"
        for path in paths
        for name in sorted(imports_of(path))
        if within(name, *forbidden) and not within(name, *known)
    ]


def test_the_core_imports_numpy_and_the_standard_library_only():
    allowed = ("numpy", "posturecam.core", *(sys.stdlib_module_names - OPENS_OR_TELLS_TIME))
    foreign = [
        f"{module_name(path)} → {name}"
        for path in in_package("posturecam.core")
        for name in sorted(imports_of(path))
        if not within(name, *allowed)
    ]
    assert foreign == []


def test_calibration_is_a_leaf():
    assert strays(CALIBRATION, "posturecam", "cv2", "mediapipe") == []


def test_only_vision_imports_mediapipe():
    assert strays(outside("posturecam.vision"), "mediapipe") == []


def test_only_vision_opens_cameras_and_video_files():
    openers = [
        module_name(path)
        for path in outside("posturecam.vision")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "VideoCapture"
    ]
    assert openers == []
    assert strays(outside("posturecam.vision"), "cv2.VideoCapture") == []


def test_vision_knows_the_core_and_nothing_behind_it():
    known = ("posturecam.core.landmarks", "posturecam.closing", "posturecam.errors", "posturecam.vision")
    assert strays(in_package("posturecam.vision"), "posturecam", "calibration", known=known) == []


def test_sinks_know_pictures_but_not_where_they_come_from():
    known = ("posturecam.vision.frames", "posturecam.vision.libraries")
    assert strays(in_package("posturecam.sinks"), "posturecam.vision", known=known) == []


def test_nothing_imports_the_command_line_but_the_way_in():
    ways_in = ("posturecam.__main__", "posturecam.cli")
    assert strays(outside(*ways_in), *COMMAND_LINE) == []


def test_only_the_command_line_imports_typer():
    assert strays(outside(*COMMAND_LINE), "typer") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b as c", {"a.b"}),
        ("from a.b import c", {"a.b", "a.b.c"}),
        ("def f():\n    import a", {"a"}),
        ("if TYPE_CHECKING:\n    from a import b", {"a", "a.b"}),
        ("from . import x", {"p.q", "p.q.x"}),
        ("from ..r import x", {"p.r", "p.r.x"}),
        ("from __future__ import annotations", {"__future__", "__future__.annotations"}),
    ],
)
def test_every_kind_of_import_is_seen(source, expected):
    assert imports(source, "p.q.module") == expected


def test_relative_imports_in_a_package_start_at_the_package():
    assert imports("from .x import y", "p.q", is_package=True) == {"p.q.x", "p.q.x.y"}
