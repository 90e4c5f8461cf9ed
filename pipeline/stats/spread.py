"""How long texts are, how much longer their translations, and how good: distributions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.stats.distribution import Distribution, distribution_of

if TYPE_CHECKING:
    import duckdb

_LENGTH_EDGES = (0, 1, 5, 10, 15, 20, 25, 30, 40, 60, 100)
_RATIO_EDGES = (0, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0, 4.0)
_QUALITY_EDGES = tuple(round(number / 10, 1) for number in range(10))

# Values are rounded so that there are few of them, whatever the size of the corpus.
_LENGTHS = """
SELECT lang, side, n_words, count(*) FROM (
    SELECT lang, 'source' AS side, n_words FROM stats_sources WHERE is_selected
    UNION ALL SELECT target_lang, 'target', n_target_words FROM stats_units WHERE is_selected
) GROUP BY ALL
"""
_RATIOS = """
SELECT pair, round(n_target_words / n_source_words, 4), count(*) FROM stats_units
WHERE is_selected AND n_source_words > 0 AND n_target_words > 0 GROUP BY ALL
"""
_QUALITIES = "SELECT pair, round(quality, 4), count(*) FROM stats_units WHERE is_selected GROUP BY ALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Words of a text, by language and side (`source`, each once, or `target`), and target words per source word."""

    words: dict[tuple[str, str], Distribution]
    ratio: Distribution
    ratio_by_pair: dict[str, Distribution]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        words = [{"language": lang, "side": side, **one.to_json()} for (lang, side), one in self.words.items()]
        pairs = [{"pair": pair, **one.to_json()} for pair, one in self.ratio_by_pair.items()]
        return {"words_per_text": words, "ratio": {"total": self.ratio.to_json(), "by_pair": pairs}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The quality of all units, and by pair; units that were not translated have none."""

    total: Distribution
    by_pair: dict[str, Distribution]
    n_without: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        pairs = [{"pair": pair, **one.to_json()} for pair, one in self.by_pair.items()]
        return {"total": self.total.to_json(), "n_without": self.n_without, "by_pair": pairs}


def lengths_of(cursor: duckdb.DuckDBPyConnection) -> Lengths:
    """Return how long texts are, and how much longer translations; those without a word have no ratio."""
    words: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for language, side, n_words, n in cursor.execute(_LENGTHS).fetchall():
        words[language, side].append((n_words, n))
    total, by_pair = _by_pair(cursor.execute(_RATIOS).fetchall(), _RATIO_EDGES)
    return Lengths(
        words={key: distribution_of(counts, _LENGTH_EDGES) for key, counts in sorted(words.items())},
        ratio=total,
        ratio_by_pair=by_pair,
    )


def quality_of(cursor: duckdb.DuckDBPyConnection) -> Quality:
    """Return how good the units are."""
    rows = cursor.execute(_QUALITIES).fetchall()
    total, by_pair = _by_pair((row for row in rows if row[1] is not None), _QUALITY_EDGES)
    return Quality(total=total, by_pair=by_pair, n_without=sum(n for _, quality, n in rows if quality is None))


def _by_pair(
    rows: Iterable[tuple[str, float, int]], edges: tuple[float, ...]
) -> tuple[Distribution, dict[str, Distribution]]:
    """Return the distribution of all values, and of those of each pair."""
    pairs: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for pair, value, n in rows:
        pairs[pair].append((value, n))
    everything = [count for counts in pairs.values() for count in counts]
    return distribution_of(everything, edges), {
        pair: distribution_of(counts, edges) for pair, counts in sorted(pairs.items())
    }
