"""Adding up translation units, a few numbers however many they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_DIGITS = 4
"""`quality` has as many, so that counting its values keeps the median exact."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over units; `n_articles` is the number of translations of articles, where there are articles."""

    n_units: int = 0
    n_articles: int = 0
    n_copied: int = 0
    n_from_memory: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    _score: float = 0.0
    _qualities: Counter[float] = field(default_factory=Counter)

    def add(
        self, *, score: float | None, quality: float | None, flags: Iterable[str], retry: str | None, from_memory: bool
    ) -> None:
        """Add a unit; without a score it is one that was copied."""
        self.n_units += 1
        if score is None:
            self.n_copied += 1
        else:
            self._score += score
        if quality is not None:
            self._qualities[round(quality, _DIGITS)] += 1
        self.n_from_memory += from_memory
        self.flags.update(flags)
        if retry is not None:
            self.retries[retry] += 1

    @property
    def mean_score(self) -> float | None:
        """The mean of the models' scores, None where nothing was decoded."""
        n_scored = self.n_units - self.n_copied
        return self._score / n_scored if n_scored else None

    @property
    def mean_quality(self) -> float | None:
        """The mean quality, 0 to 1; None where no unit has one."""
        n_known = self._qualities.total()
        return sum(quality * n for quality, n in self._qualities.items()) / n_known if n_known else None

    @property
    def median_quality(self) -> float | None:
        """The quality that half of the units do not exceed (the lower one of two in the middle)."""
        n_left = (self._qualities.total() + 1) // 2
        for quality, n_units in sorted(self._qualities.items()):
            n_left -= n_units
            if n_left <= 0:
                return quality
        return None

    @property
    def flags_per_thousand(self) -> dict[str, float]:
        """Units with each flag among a thousand, the most frequent first."""
        often = sorted(self.flags.items(), key=lambda item: (-item[1], item[0]))
        return {flag: 1000 * n / self.n_units for flag, n in often}

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        return {
            "n_units": self.n_units,
            "n_articles": self.n_articles,
            "n_copied": self.n_copied,
            "n_from_memory": self.n_from_memory,
            "mean_score": _rounded(self.mean_score),
            "mean_quality": _rounded(self.mean_quality),
            "median_quality": self.median_quality,
            "retries": dict(sorted(self.retries.items())),
            "flags_per_thousand": {flag: round(rate, _DIGITS) for flag, rate in self.flags_per_thousand.items()},
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
