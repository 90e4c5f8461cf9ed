"""One writer per folder, by a kernel lock."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from pipeline.errors import LockHeldError, WaitStoppedError

log = logging.getLogger(__name__)

_PATIENCE_S = 0.2
"""`is_locked` holds the lock for a moment when it asks; a run must not fail for that."""
_LOOK_AGAIN_S = 0.05


@contextmanager
def writer_lock(
    path: Path,
    *,
    name: str | None = None,
    what: str = "another run is at work here",
    remedy: str = "try again later",
    wait_s: float = 0.0,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Hold the kernel lock on `path`; it is gone when the process is, however it ends.

    Args:
        path: the file to lock.
        name: what it protects; None for the folder around that of the file.
        what: what is said of the one who holds it.
        remedy: what to do about it.
        wait_s: how long to wait for that one.
        is_stopped: asked meanwhile whether to give up.

    Raises:
        LockHeldError: another process holds it; the message names that process.
        WaitStoppedError: `is_stopped` said so.
    """
    name = name or str(path.parent.parent)
    began = time.monotonic()
    file = _take(path)
    if file is None and wait_s > _PATIENCE_S:
        log.warning("%s: %s (%s); waiting for it", name, what, _holder(path))
    while file is None:
        if is_stopped():
            raise WaitStoppedError(f"{name}: stopped while waiting for the other run ({_holder(path)})")
        if time.monotonic() - began >= max(wait_s, _PATIENCE_S):
            waited = f"; waited {wait_s:g} s for it" if wait_s else ""
            raise LockHeldError(f"{name}: {what} ({_holder(path)}){waited}; {remedy}")
        time.sleep(_LOOK_AGAIN_S)
        file = _take(path)
    with file:
        file.truncate(0)
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        file.flush()
        yield


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock on `path`; nothing is written."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8") as file:
        return not _try_lock(file, fcntl.LOCK_SH)


def _take(path: Path) -> IO[str] | None:
    """Return the file, locked, or None where another process has it."""
    file = path.open("a+", encoding="utf-8")
    try:
        # Who locks a file that was deleted meanwhile holds nothing.
        if _try_lock(file) and _is_at(path, file):
            return file
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def _is_at(path: Path, file: IO[str]) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    return False


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or "an unknown process"
    except OSError:
        return "an unknown process"


def _try_lock(file: IO[str], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
