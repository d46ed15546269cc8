"""The command that lists the patterns. Heavy imports stay inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from posturecam.core.manner import Manner
    from posturecam.core.patterns.pattern import Kind, Values


def patterns(
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON on stdout.")] = False,
) -> None:
    """List the patterns that are watched for: what each is, why, and how your settings have it."""
    from posturecam.core.patterns.table import KINDS, manners, tuning
    from posturecam.settings import load

    choices = load().choices_in_force
    chosen, values = manners(choices), tuning(choices)
    if json:
        from posturecam.sinks.summary import json_text

        print(json_text([_as_dict(kind, chosen[kind.name], values[kind.name]) for kind in KINDS]), end="")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(soft_wrap=False)
    for kind in KINDS:
        heading, *lines = _page(kind, chosen[kind.name], values[kind.name])
        console.print(Text(heading, "bold"))
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 4)))
    console.print("Choose with --pattern NAME=on|off, --set NAME.KEY=NUMBER, or: posturecam settings init")


def _as_dict(kind: Kind, manner: Manner, values: Values) -> dict[str, Any]:
    return {
        "name": kind.name,
        "what": kind.what,
        "why": kind.why,
        "manner": manner.value,
        "default_manner": kind.manner.value,
        "parameters": [
            {
                "key": parameter.key,
                "value": values[parameter.key],
                "default": parameter.default,
                "least": parameter.least,
                "most": parameter.most,
                "what": parameter.what,
                "source": parameter.source,
            }
            for parameter in kind.parameters
        ],
    }


def _page(kind: Kind, manner: Manner, values: Values) -> list[str]:
    """The heading, and what stands under it."""
    changed = "" if manner is kind.manner else f", by default {kind.manner.value}"
    lines = [f"{kind.name}: {manner.value}{changed}", kind.what, f"Why: {kind.why}"]
    for parameter in kind.parameters:
        value = values[parameter.key]
        changed = "" if value == parameter.default else f", by default {parameter.default:g}"
        lines.append(
            f"{parameter.key} = {value:g} ({parameter.least:g} to {parameter.most:g}{changed}): "
            f"{parameter.what}. Source: {parameter.source}."
        )
    return lines
