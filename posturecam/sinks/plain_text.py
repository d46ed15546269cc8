"""Text for any terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

IN_ASCII = {"°": " deg", "×": "x", "−": "-", "–": "-", "±": "+/-"}


def plain_text(text: str, console: Console, style: str = "") -> Text:
    """The text in characters that the terminal can show, without any that would steer it."""
    if console.options.ascii_only:
        text = "".join(IN_ASCII.get(c, c) for c in text).encode("ascii", "replace").decode()
    return Text("".join(c if c.isprintable() or c == "\n" else "?" for c in text), style)
