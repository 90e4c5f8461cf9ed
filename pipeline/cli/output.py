"""Words for people go to stderr, results for programs to stdout."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import typer

from pipeline.cli.streams import detach


def say(message: str) -> None:
    """Write a line for people, if there is still somebody to read it: no command ends for want of that."""
    try:
        typer.echo(message, err=True)
    except OSError:
        give_up_stderr()
    except (ValueError, RuntimeError):
        # The stream was closed; or a signal came in the middle of a line, and this is its handler.
        pass


def give_up_stderr() -> None:
    """Let stderr, whose reader is gone, lead to nowhere: else Python fails at exit with what is left in its buffer."""
    with suppress(OSError, ValueError):
        detach([sys.stderr.fileno()])


def print_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object as one line of stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def is_terminal() -> bool:
    """Return whether people watch stderr."""
    return not sys.stderr.closed and sys.stderr.isatty()


def accept_any_locale() -> None:
    """Let Armenian pass on a terminal that cannot show it, as escapes, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Words(logging.Formatter):
    """Makes what people read of a record: the level, and the message as it stands."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        return f"newsmt: {record.levelname.lower()}: {super().format(record)}"


class StderrHandler(logging.Handler):
    """Writes to whatever stderr is at the moment; the progress bar stands in for it while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        say(self.format(record))


def show_log() -> None:
    """Let warnings of the pipeline appear on stderr."""
    logger = logging.getLogger("pipeline")
    handler = StderrHandler()
    handler.setFormatter(Words())
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING)
    logger.propagate = False
