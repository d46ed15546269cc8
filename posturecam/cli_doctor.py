"""The command that looks for what is wrong. Heavy imports stay inside it."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    source: Annotated[
        str | None,
        typer.Option(help="The camera to try: its number, name or device, a URL, or a video file.", show_default="0"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON on stdout.")] = False,
) -> None:
    """Check whether posturecam live can run here, and say what to do about each thing that is wrong.

    Exit code 0 when it can, 3 when no camera is readable, 1 when something else is wrong.
    """
    from rich.console import Console

    from posturecam.doctor import CHECKS, Patient, examine, exit_code
    from posturecam.sinks.doctor_page import show_finding, show_outcome

    console = Console(stderr=json)
    patient, findings = Patient(source), []
    for check in CHECKS:
        with console.status(f"Checking {check.name}"):
            findings.append(examine(patient, check))
        if not json:
            show_finding(findings[-1], console)
    code = exit_code(findings)
    if json:
        from posturecam.sinks.summary import json_text

        answer = {"exit_code": int(code), "findings": [finding.as_dict() for finding in findings]}
        print(json_text(answer), end="")
    else:
        show_outcome(findings, console)
    if code:
        raise typer.Exit(int(code))
