"""The command `newsmt`: its commands, and what becomes of errors."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from pipeline.cli import corpus, filters, installation, models, run
from pipeline.cli.output import accept_any_locale, say, show_log
from pipeline.errors import ExitCode, PipelineError
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
for module in (run, corpus, models, filters, installation):
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
    accept_any_locale()
    show_log()
    try:
        app()
    except PipelineError as error:
        say(f"newsmt: error: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output is gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)
    except MemoryError:
        say("newsmt: error: out of memory; try fewer --jobs, or a smaller max_chars under [shard] in the configuration")
        sys.exit(ExitCode.FAILED)
    except PermissionError as error:
        say(f"newsmt: error: {error.filename}: no permission")
        sys.exit(ExitCode.USAGE)
    except Exception:
        logging.getLogger("pipeline").exception("unexpected failure; please report it with these lines")
        sys.exit(ExitCode.FAILED)
