"""Stopping a run by signal, and going on without a terminal."""

from __future__ import annotations

import logging
import os
import signal
from types import FrameType, TracebackType

from typing_extensions import Self

from pipeline.cli.streams import STANDARD_STREAMS, detach
from pipeline.logs import event

log = logging.getLogger(__name__)

_STOPPING = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Turns the first SIGINT or SIGTERM into a request to stop; the second one ends the process.

    That is safe at any moment: what is committed stays, and the next run goes on from there. On SIGHUP the terminal is
    gone: the run goes on without it. What the process was started to ignore, as by `nohup`, it ignores.
    """

    def __init__(self) -> None:
        self._is_stopped = False
        self._previous: dict[int, object] = {}
        self._terminals: tuple[int, ...] = ()

    def is_stopped(self) -> bool:
        """Return whether a signal came."""
        return self._is_stopped

    def __enter__(self) -> Self:
        self._terminals = tuple(filter(os.isatty, STANDARD_STREAMS))
        handlers = dict.fromkeys(_STOPPING, self._stop) | {signal.SIGHUP: self._hang_up}
        heard = {number: handler for number, handler in handlers.items() if signal.getsignal(number) != signal.SIG_IGN}
        self._previous = {number: signal.signal(number, handler) for number, handler in heard.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as the signal module calls it
        self._is_stopped = True
        name = signal.Signals(number).name
        words = "%s: finishing the batches at hand; once more to leave at once"
        log.warning(words, name, extra=event("stopping", signal=name))
        for other in self._previous.keys() & set(_STOPPING):
            signal.signal(other, signal.SIG_DFL)

    def _hang_up(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as the signal module calls it
        detach(self._terminals)
