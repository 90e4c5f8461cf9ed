"""The command line, called in this process."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from pipeline.cli.app import app


def newsmt(*arguments: str | Path, stdin: str | None = None) -> Result:
    """Run a command and return what it wrote; an error of the pipeline is raised as it is."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
