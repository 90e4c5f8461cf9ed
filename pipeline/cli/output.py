"""Words for people go to stderr, results for programs to stdout."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import Any

import typer


def say(message: str) -> None:
    """Write a line for people."""
    typer.echo(message, err=True)


def print_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object as one line of stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def is_terminal() -> bool:
    """Return whether people watch stderr."""
    return sys.stderr.isatty()


def accept_any_locale() -> None:
    """Let Armenian pass on a terminal that cannot show it, as escapes, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _LineHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(f"newsmt: {record.levelname.lower()}: {self.format(record)}")


def show_log() -> None:
    """Let warnings of the pipeline appear on stderr, one line each."""
    logger = logging.getLogger("pipeline")
    logger.handlers = [_LineHandler()]
    logger.setLevel(logging.WARNING)
    logger.propagate = False
