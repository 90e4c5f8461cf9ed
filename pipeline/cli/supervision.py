"""What surrounds a run: its log, its progress bar, its metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from pipeline.cli.failures import exit_code_of
from pipeline.cli.output import is_terminal
from pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pipeline.config import RunConfig
    from pipeline.manifest import Manifest

log = logging.getLogger(__name__)

_OWN_KEYS = {"log.file", "log.format", "metrics"}


def begin_log(settings: RunConfig) -> None:
    """Let the log go where the settings say, and look whether metrics can be written; no work is done before.

    Raises:
        UsageError: a folder is missing, or a file cannot be written, or must not be: it is an input, say.
    """
    show_log_as(settings.log.format)
    _check_files(settings)
    if settings.log.file:
        from pipeline.cli.log import log_to_file

        log_to_file(settings.log.file, as_json=settings.log.format == "json")


def show_log_as(log_format: str | None) -> None:
    """Let errors be told in JSON, where that is asked for, before all settings are known."""
    if log_format == "json":
        from pipeline.cli.log import log_as_json

        log_as_json()


def run_supervised(settings: RunConfig, *, is_stopped: Callable[[], bool]) -> Manifest:
    """Do a run; write its metrics, also where it fails.

    Raises:
        PipelineError: as `pipeline.api.run_config` does.
    """
    began = monotonic()
    try:
        manifest = _run(settings, is_stopped)
    except Exception as error:
        _write_metrics(settings, exit_code_of(error), None, began)
        raise
    _write_metrics(settings, manifest.exit_code, manifest, began)
    return manifest


def _check_files(settings: RunConfig) -> None:
    from pipeline.problems import all_of

    problems = tuple(settings.problems())
    if any(_OWN_KEYS & set(problem.keys) for problem in problems):
        raise UsageError(all_of(problems))
    if settings.metrics:
        from pipeline.metrics import check_metrics_file

        check_metrics_file(settings.metrics)


def _run(settings: RunConfig, is_stopped: Callable[[], bool]) -> Manifest:
    from pipeline import api

    if settings.log.format == "json" or not is_terminal():
        return api.run_config(settings, is_stopped=is_stopped)
    from pipeline.cli.bar import ProgressBar

    with ProgressBar() as bar:
        return api.run_config(settings, progress=bar, is_stopped=is_stopped)


def _write_metrics(settings: RunConfig, exit_code: ExitCode, manifest: Manifest | None, began: float) -> None:
    if settings.metrics is None:
        return
    from pipeline.api import now
    from pipeline.metrics import Ending, write_metrics

    ending = Ending(
        out=settings.out,
        state=settings.state,
        exit_code=int(exit_code),
        ended_at=now(),
        seconds=monotonic() - began,
        manifest=manifest,
    )
    try:
        write_metrics(settings.metrics, ending)
    except OSError as error:
        log.warning("%s: metrics cannot be written (%s)", settings.metrics, error.strerror)
