"""When a run is to finish early."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Literal

Stop = Literal["signal", "time-budget", "max-articles"]
"""Why a run ended before its inputs did."""


class StopSign:
    """Says whether a run is to finish early; its time counts from the making of the sign.

    Args:
        is_signalled: asked whether somebody wants the run to stop.
        time_budget_s: how long the run may take, None for as long as it needs.
    """

    def __init__(self, is_signalled: Callable[[], bool] = lambda: False, time_budget_s: float | None = None) -> None:
        self._is_signalled = is_signalled
        self._budget_s = time_budget_s
        self._began = monotonic()

    def reason(self) -> Stop | None:
        """Return why the run is to stop now, None where it is not."""
        if self._is_signalled():
            return "signal"
        is_over = self._budget_s is not None and monotonic() - self._began >= self._budget_s
        return "time-budget" if is_over else None

    def is_up(self) -> bool:
        """Return whether the run is to stop now."""
        return self.reason() is not None
