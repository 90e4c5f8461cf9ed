"""How values are spread: quantiles and a histogram, exact, from how often each value is there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Any

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Those that are told: the least value, 5 %, the quartiles, 95 %, the greatest value."""

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A bar of a histogram: values from `first` on, up to and without `end`; None is open."""

    first: float
    end: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Values of one kind; all of it is empty where there are none.

    A quantile q is the least value that q of all values do not exceed: always a value that is there.
    """

    n: int
    mean: float | None
    quantiles: tuple[float, ...]
    histogram: tuple[Bin, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        return {
            "n": self.n,
            "mean": None if self.mean is None else round(self.mean, _DIGITS),
            "quantiles": {f"{q:g}": round(value, _DIGITS) for q, value in zip(QUANTILES, self.quantiles, strict=False)},
            "histogram": [{"from": one.first, "to": one.end, "n": one.n} for one in self.histogram],
        }


def distribution_of(counts: Iterable[tuple[float, int]], edges: Sequence[float]) -> Distribution:
    """Return how values are spread.

    Args:
        counts: each value, in any order, and how often it is there; a value may come several times.
        edges: where the bars of the histogram begin, rising, the first one below all values; the last bar is open.
    """
    values = sorted(counts)
    running = list(accumulate(n for _, n in values))
    total = running[-1] if running else 0
    if not total:
        return Distribution(n=0, mean=None, quantiles=(), histogram=())
    return Distribution(
        n=total,
        mean=sum(value * n for value, n in values) / total,
        # The first value where enough have been counted.
        quantiles=tuple(values[bisect_left(running, max(1, ceil(q * total)))][0] for q in QUANTILES),
        histogram=_histogram(values, edges),
    )


def _histogram(values: Sequence[tuple[float, int]], edges: Sequence[float]) -> tuple[Bin, ...]:
    bars = [0] * len(edges)
    for value, n in values:
        bars[max(0, bisect_right(edges, value) - 1)] += n
    ends = [*edges[1:], None]
    return tuple(Bin(first=first, end=end, n=n) for first, end, n in zip(edges, ends, bars, strict=True))
