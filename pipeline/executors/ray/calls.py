"""Calls to actors that are under way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import ObjectLostError, OutOfMemoryError, RayActorError, RayTaskError


class NotBegunError(Exception):
    """A worker was started again, and knows nothing of the shards it had."""


_RAISED = re.compile(r"[\w.]+(?:Error|Exception|Interrupt)\b")

DEATHS = (RayActorError, OutOfMemoryError, ObjectLostError, NotBegunError)
"""What is raised where a worker died, or the machine with what it had done."""


class Calls:
    """Remembers what is to be done when a call has ended."""

    def __init__(self) -> None:
        self._pending: dict[Any, Callable[[Any], None]] = {}

    def when_done(self, ref: Any, then: Callable[[Any], None]) -> None:
        """Let `then` be called with `ref` when that is there, or failed."""
        self._pending[ref] = then

    def hear(self, *, wait_s: float) -> None:
        """Deal with the calls that have ended; where there are none, wait for one so long."""
        if self._pending:
            n_awaited = 1 if wait_s else len(self._pending)
            ended, _ = ray.wait(list(self._pending), num_returns=n_awaited, timeout=wait_s, fetch_local=False)
            for ref in ended:
                self._pending.pop(ref)(ref)


def error_of(ref: Any) -> Exception | None:
    """Return what a call raised, None where it is well."""
    try:
        ray.get(ref)
    except RayTaskError as error:
        return error.cause if isinstance(error.cause, Exception) else error
    except Exception as error:  # noqa: BLE001 - told by whoever asks for the result
        return error
    return None


def reason_of(error: Exception) -> str:
    """Return what an error says in one line: what was raised, where it tells of the traceback of another process."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    raised = [line for line in lines if _RAISED.match(line)]
    return (raised or lines[:1] or [type(error).__name__])[-1]
