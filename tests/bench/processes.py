"""Running what is measured in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from typing import Any

ROOT = Path(__file__).parents[2]
LAUNCHER = Path(__file__).with_name("launch.py")
NEWSMT = Path(sys.executable).with_name("newsmt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that ended well: wall-clock seconds, the peak of its resident memory in MB (2^20), its stdout."""

    seconds: float
    peak_mb: float
    stdout: str


def newsmt(*arguments: str | Path) -> Process:
    """Run a command of newsmt as users do."""
    return run([NEWSMT, *arguments])


def contestant(name: str, **arguments: Any) -> dict[str, Any]:
    """Run a contestant and return what it tells, with its peak of memory."""
    done = run([sys.executable, "-m", "tests.bench.contestants", name, json.dumps(arguments)])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer | {"peak_mb": done.peak_mb}


def run(command: list[str | Path], *, exit_codes: tuple[int, ...] = (0, 3)) -> Process:
    """Run a command.

    Raises:
        RuntimeError: it ended otherwise than expected.
    """
    with NamedTemporaryFile("r", encoding="utf-8") as result:
        launcher = [sys.executable, "-S", "-E", str(LAUNCHER), result.name]
        done = subprocess.run(
            [*launcher, *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            encoding="utf-8",
            check=True,
        )
        found = json.load(result)
    if found["code"] not in exit_codes:
        raise RuntimeError(f"{command}: exit code {found['code']}")
    return Process(seconds=found["seconds"], peak_mb=found["peak_mb"], stdout=done.stdout)


def interleaved(
    contestants: Mapping[str, Callable[[int], float]], *, n_rounds: int, say: Callable[[str], None]
) -> dict[str, list[float]]:
    """Return the seconds of each contestant: all take their turn in each round, which has a number from 0."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(n_rounds):
        for name, measure in contestants.items():
            seconds[name].append(measure(number))
        told = ", ".join(f"{name} {took[-1]:.2f} s" for name, took in seconds.items())
        say(f"  round {number + 1} of {n_rounds}: {told}")
    return seconds


def ratio(one: list[float], other: list[float]) -> float:
    """Return the median of the ratios of rounds: what slows a machine down for a while slows both."""
    return median(a / b for a, b in zip(one, other, strict=True))
