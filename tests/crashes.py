"""Processes that are killed at a chosen point where something reaches the disk."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from pipeline.store.dataset import Dataset

CRASHED = -signal.SIGKILL


class Bomb:
    """Kills its own process before the n-th thing that reaches the disk."""

    def __init__(self, n_events: int) -> None:
        self._left = n_events

    def tick(self, *_: object) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            self.tick()
            return function(*arguments, **options)

        return guarded

    def arm(self, dataset: Dataset, *others: tuple[Any, str]) -> None:
        """Count syncs, renames, new folders, every SQL statement just before it is executed, and other functions."""
        for module, name in ((os, "fsync"), (os, "replace"), (os, "mkdir"), *others):
            setattr(module, name, self.guard(getattr(module, name)))
        dataset.connection.set_trace_callback(self.tick)


def in_child(work: Callable[[], object]) -> int:
    """Do `work` in a forked process and return its exit code, negative where a signal ended it."""
    sys.stdout.flush()
    with warnings.catch_warnings():
        # The child uses no thread of its parent's.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may reach the test framework in the child
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
