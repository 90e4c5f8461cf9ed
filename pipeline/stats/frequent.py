"""The most frequent words of each language."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.corpus.sql import literal

if TYPE_CHECKING:
    import duckdb

_DIGITS = 2
_WORDS = """
WITH counted AS (
    SELECT lang, word, sum(n) AS n, coalesce(sum(n) FILTER (side = 'source'), 0) AS n_source
    FROM stats_counts JOIN stats_groups USING (group_id) WHERE is_selected AND {condition} GROUP BY lang, word
)
SELECT lang, word, n, n_source, 1e6 * n / sum(n) OVER (PARTITION BY lang) AS per_million
FROM counted QUALIFY row_number() OVER (PARTITION BY lang ORDER BY n DESC, word) <= {top}
ORDER BY lang, n DESC, word
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequentWord:
    """A word, how often it is in source sentences (each once) and targets, and how often in a million words."""

    word: str
    n: int
    n_source: int
    n_target: int
    per_million: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        return {**asdict(self), "per_million": round(self.per_million, _DIGITS)}


def frequent_words(
    cursor: duckdb.DuckDBPyConnection, *, top: int, language: str | None = None
) -> dict[str, tuple[FrequentWord, ...]]:
    """Return the `top` words of each language, or of one, the most frequent first, then by their letters."""
    found: dict[str, list[FrequentWord]] = {}
    sql = _WORDS.format(condition=language_condition(language), top=top)
    for lang, word, n, n_source, per_million in cursor.execute(sql).fetchall():
        one = FrequentWord(
            word=word, n=int(n), n_source=int(n_source), n_target=int(n - n_source), per_million=per_million
        )
        found.setdefault(lang, []).append(one)
    return {lang: tuple(words) for lang, words in found.items()}


def language_condition(language: str | None) -> str:
    """Return what SQL asks of groups of texts, of one language or all."""
    return "true" if language is None else f"lang = {literal(language)}"
