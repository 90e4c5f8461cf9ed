"""Stopping a run by signal."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType

from typing_extensions import Self

from pipeline.cli.output import is_terminal, say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Turns the first SIGINT or SIGTERM into a request to stop; the second one ends the process.

    That is safe at any moment: what is committed stays, and the next run goes on from there.
    """

    def __init__(self) -> None:
        self._is_stopped = False
        self._previous: dict[int, object] = {}

    def is_stopped(self) -> bool:
        """Return whether a signal came."""
        return self._is_stopped

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as the signal module calls it
        self._is_stopped = True
        if is_terminal():
            # The progress bar hides the cursor; whoever leaves at once must not miss it.
            say("\x1b[?25h")
        say(f"newsmt: {signal.Signals(number).name}: finishing the shard at hand; once more to leave at once")
        for other in _SIGNALS:
            signal.signal(other, signal.SIG_DFL)
