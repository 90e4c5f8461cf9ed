"""What a command and all that it starts take: processor time, and memory in which shared pages count once."""

from __future__ import annotations

import threading
import time

import psutil
from typing_extensions import Self

_SAMPLE_S = 0.5


class Watch(threading.Thread):
    """Looks again and again at all processes below this one."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._is_over = threading.Event()
        self._cpu_s: dict[tuple[int, float], float] = {}
        self._busy_s = 0.0
        self._peak_bytes = 0
        self._seen: list[tuple[float, float]] = []

    def __enter__(self) -> Self:
        self._busy_s = _busy_s()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self.join()
        self._busy_s = _busy_s() - self._busy_s

    @property
    def cpu_s(self) -> float:
        """Seconds that they took together, as far as was seen."""
        return sum(self._cpu_s.values())

    def cpu_s_since(self, moment: float) -> float:
        """Return the seconds that they took after a moment, in seconds since 1970."""
        return self.cpu_s - max((cpu_s for seen, cpu_s in self._seen if seen <= moment), default=0.0)

    @property
    def others_s(self) -> float:
        """Seconds that all else on this machine took, up to the end."""
        return self._busy_s - self.cpu_s

    @property
    def peak_mb(self) -> float:
        """The most memory that they took together."""
        return self._peak_bytes / 2**20

    def run(self) -> None:
        """Look until the end."""
        while not self._is_over.wait(_SAMPLE_S):
            self._peak_bytes = max(self._peak_bytes, sum(map(self._look, psutil.Process().children(recursive=True))))
            self._seen.append((time.time(), self.cpu_s))

    def _look(self, process: psutil.Process) -> int:
        try:
            times = process.cpu_times()
            self._cpu_s[process.pid, process.create_time()] = times.user + times.system
            return int(process.memory_full_info().pss)
        except psutil.Error:
            return 0


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)
