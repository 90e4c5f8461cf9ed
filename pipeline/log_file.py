"""The log file of a run."""

from __future__ import annotations

import logging
import sys
from logging.handlers import WatchedFileHandler
from pathlib import Path

from pipeline.errors import UsageError

log = logging.getLogger(__name__)


class LogFile(WatchedFileHandler):
    """Adds to a file, which is opened anew after logrotate has moved it; trouble with it never ends a run."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, encoding="utf-8", errors="backslashreplace")
        self._is_told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Add a line, if that can be done."""
        try:
            super().emit(record)
        except OSError:
            # What fails when the file is opened anew does not go through `handleError` on its own.
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is that of logging
        """Tell of the first trouble only; what goes on is the run, and the next record tries again."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._is_told:
            self._is_told = True
            log.warning("%s: cannot be written (%s); the run goes on without it", self.baseFilename, error.strerror)


def open_log_file(file: Path) -> LogFile:
    """Open a log file to add to it.

    Raises:
        UsageError: its folder is missing, or the file cannot be written.
    """
    if not file.parent.is_dir():
        raise UsageError(f"{file}: there is no folder {file.parent}; make it, or choose another log file")
    try:
        return LogFile(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}); choose another log file") from error
