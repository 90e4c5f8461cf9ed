"""What becomes of errors: an exit code, and a line that says what went wrong."""

from __future__ import annotations

import logging

from pipeline.errors import ExitCode, PipelineError
from pipeline.logs import event

log = logging.getLogger(__name__)


def exit_code_of(error: Exception) -> ExitCode:
    """Return the exit code that a command ends with for `error`."""
    from pipeline.memory_limits import is_out_of_memory

    if is_out_of_memory(error):
        return ExitCode.FAILED
    if isinstance(error, PipelineError):
        return error.exit_code
    return ExitCode.USAGE if isinstance(error, PermissionError) else ExitCode.FAILED


def tell(error: Exception) -> None:
    """Log an error: what is expected to happen with its message, the rest with a traceback."""
    from pipeline.memory_limits import advice, is_out_of_memory

    extra = event("error", exit_code=int(exit_code_of(error)))
    if is_out_of_memory(error):
        log.error("%s", advice(), extra=extra)
    elif isinstance(error, PipelineError):
        log.error("%s", error, extra=extra)
    elif isinstance(error, PermissionError):
        log.error("%s: no permission", error.filename, extra=extra)
    else:
        log.error("unexpected failure; please report it with these lines", exc_info=error, extra=extra)
