"""Where the log of a run goes, and in which form."""

from __future__ import annotations

import logging
from pathlib import Path

from pipeline.cli.output import StderrHandler, Words
from pipeline.log_file import open_log_file
from pipeline.logs import JsonLine, RunIds, TextLine


def log_as_json() -> None:
    """Write everything from INFO up to stderr, one JSON object a line."""
    _use([_json_on_stderr()])


def log_to_file(file: Path, *, as_json: bool) -> None:
    """Write everything from INFO up to a file as well as to stderr; people on stderr still see warnings only.

    Raises:
        UsageError: the folder of the file is missing, or the file cannot be written.
    """
    handler = open_log_file(file)
    handler.setFormatter(JsonLine() if as_json else TextLine())
    _use([handler, _json_on_stderr() if as_json else _words_on_stderr()])


def _json_on_stderr() -> logging.Handler:
    handler = StderrHandler()
    handler.setFormatter(JsonLine())
    return handler


def _words_on_stderr() -> logging.Handler:
    handler = StderrHandler(logging.WARNING)
    handler.setFormatter(Words())
    return handler


def _use(handlers: list[logging.Handler]) -> None:
    run_ids = RunIds()
    for handler in handlers:
        handler.addFilter(run_ids)
    logger = logging.getLogger("pipeline")
    logger.handlers = handlers
    logger.setLevel(logging.INFO)
    logger.propagate = False
