"""`newsmt doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.output import print_json
from pipeline.errors import ExitCode

_MARKS = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("doctor")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON object.")] = False,
) -> None:
    """Examine this installation: versions, models, a translation in each direction, storage, GPUs.

    Nothing touches the network. Exit code 1 where there is a problem.
    """
    from pipeline.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            typer.echo(f"{_MARKS[finding.level]}{finding.subject:<11}{finding.message}")
            if finding.hint:
                typer.echo(f"{'':<19}-> {finding.hint}")
    has_problem = any(finding.level == "problem" for finding in findings)
    if as_json:
        print_json({"ok": not has_problem, "findings": [finding.to_json() for finding in findings]})
    raise typer.Exit(ExitCode.FAILED if has_problem else ExitCode.DONE)
