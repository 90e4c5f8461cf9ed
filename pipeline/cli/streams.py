"""Standard streams that are not there: closed by whoever started the process, or of a terminal that vanished."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

STANDARD_STREAMS = (0, 1, 2)
_MODES = ("r", "w", "w")


def open_missing_streams() -> None:
    """Let standard streams that are closed lead to the null device.

    Otherwise the next file that is opened takes the number of one of them, and what is said is written into that file:
    into the state, say.
    """
    detach(number for number in STANDARD_STREAMS if not _is_open(number))
    for name, number, mode in zip(("stdin", "stdout", "stderr"), STANDARD_STREAMS, _MODES, strict=True):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - a number


def give_up_stdout() -> bool:
    """Let stdout lead to nowhere if what is left in its buffer cannot be written, as on a full disk; tell whether.

    Else Python fails at exit, with a code and a message of its own.
    """
    try:
        sys.stdout.flush()
    except OSError:
        detach([sys.stdout.fileno()])
        return True
    return False


def detach(streams: Iterable[int]) -> None:
    """Let standard streams lead to the null device."""
    for number in list(streams):
        null = os.open(os.devnull, os.O_RDWR)
        if null != number:
            os.dup2(null, number, inheritable=True)
            os.close(null)


def _is_open(stream: int) -> bool:
    try:
        os.fstat(stream)
    except OSError:
        return False
    return True
