"""One writer per folder, by a kernel lock."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.errors import LockHeldError

_PATIENCE_S = 0.2


@contextmanager
def writer_lock(path: Path, *, what: str = "another run is at work here") -> Iterator[None]:
    """Hold the kernel lock on `path`; it is gone when the process is, however it ends.

    Args:
        path: the file to lock, in a folder of its own below the one that it protects.
        what: what is said of the one who holds it.

    Raises:
        LockHeldError: another process holds it; the message names that process.
    """
    with path.open("a+", encoding="utf-8") as file:
        if not _try_lock(file) and not _try_lock_again(file):
            file.seek(0)
            holder = file.read().strip() or "an unknown process"
            raise LockHeldError(f"{path.parent.parent}: {what} ({holder}); try again later")
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock on `path`; nothing is written."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8") as file:
        return not _try_lock(file, fcntl.LOCK_SH)


def _try_lock(file: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_lock_again(file: IO[str]) -> bool:
    # `is_locked` holds the lock for a moment when it asks; a run must not fail for that.
    time.sleep(_PATIENCE_S)
    return _try_lock(file)
