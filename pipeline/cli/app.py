"""The command `newsmt`: its commands, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pipeline.cli import (
    corpus,
    evaluation,
    export,
    filters,
    inspection,
    installation,
    models,
    report,
    run,
    scheduling,
    search,
    stats,
    status,
    upkeep,
)
from pipeline.cli.failures import exit_code_of, tell
from pipeline.cli.output import accept_any_locale, show_log
from pipeline.cli.streams import detach, give_up_stdout, open_missing_streams
from pipeline.errors import ExitCode, WriteError
from pipeline.version import __version__

app = typer.Typer(
    name="newsmt",
    help="Turn news articles into an aligned parallel corpus in Parquet, offline.",
    epilog="Exit codes: 0 done, 1 failure, 2 wrong usage or configuration, 3 something left over, 75 locked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_COMMANDS = (
    run,
    inspection,
    scheduling,
    status,
    corpus,
    upkeep,
    search,
    stats,
    report,
    export,
    evaluation,
    models,
    filters,
    installation,
)
for module in _COMMANDS:
    module.register(app)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"newsmt {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Turn news articles into an aligned parallel corpus in Parquet, offline."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    # NumPy's library reserves memory for each core at its start; nothing here computes with it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    open_missing_streams()
    accept_any_locale()
    show_log()
    try:
        app()
    except BrokenPipeError:
        # The reader of our output is gone; Python would complain once more when it flushes at exit.
        detach([sys.stdout.fileno()])
        sys.exit(ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - told, with its traceback
        is_lost = give_up_stdout()
        if is_lost and isinstance(error, OSError):
            error = WriteError(f"standard output: cannot be written ({error.strerror}); what was written is not all")
        tell(error)
        sys.exit(exit_code_of(error))
