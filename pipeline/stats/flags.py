"""How many units have each flag."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_FLAGS = """
SELECT pair, flag, count(*)
FROM (SELECT pair, unnest(list_distinct(flags)) AS flag FROM stats_units WHERE is_selected) GROUP BY ALL
"""
_UNITS = """
SELECT pair, count(*), count(*) FILTER (len(flags) > 0) FROM stats_units WHERE is_selected GROUP BY ALL ORDER BY pair
"""
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCounts:
    """Units of some kind: how many, how many of them have any flag, and each of them, the most frequent first."""

    n_units: int
    n_flagged: int
    counts: dict[str, int]

    def per_thousand(self, flag: str) -> float:
        """Return how many units of a thousand have a flag."""
        return 1000 * self.counts.get(flag, 0) / self.n_units if self.n_units else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        flags = [
            {"flag": flag, "n": n, "per_thousand": round(self.per_thousand(flag), _DIGITS)}
            for flag, n in self.counts.items()
        ]
        return {"n_units": self.n_units, "n_flagged": self.n_flagged, "flags": flags}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags of all units, and by pair."""

    total: FlagCounts
    by_pair: dict[str, FlagCounts]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        pairs = [{"pair": pair, **one.to_json()} for pair, one in self.by_pair.items()]
        return {"total": self.total.to_json(), "by_pair": pairs}


def flags_of(cursor: duckdb.DuckDBPyConnection) -> Flags:
    """Return how many units of the selection have each flag."""
    counts: dict[str, Counter[str]] = {}
    for pair, flag, n in cursor.execute(_FLAGS).fetchall():
        counts.setdefault(pair, Counter())[flag] = n
    by_pair = {
        pair: _counted(n_units, n_flagged, counts.get(pair, Counter()))
        for pair, n_units, n_flagged in cursor.execute(_UNITS).fetchall()
    }
    total = _counted(
        sum(one.n_units for one in by_pair.values()),
        sum(one.n_flagged for one in by_pair.values()),
        sum(counts.values(), Counter()),
    )
    return Flags(total=total, by_pair=by_pair)


def _counted(n_units: int, n_flagged: int, counts: Counter[str]) -> FlagCounts:
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return FlagCounts(n_units=n_units, n_flagged=n_flagged, counts=dict(often))
