"""One word: of which language it is, and how often it is there, by month and publisher."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.corpus.sql import literal
from pipeline.errors import UsageError
from pipeline.stats.words import words_sql
from pipeline.text import normalise

if TYPE_CHECKING:
    import duckdb

_DIGITS = 2
# A language with so many times the occurrences of the next one is the one that is meant: in the others, the word is
# a name or was left untranslated.
_CLEARLY = 10

_LANGUAGES = """
SELECT lang, sum(n)::BIGINT AS n FROM stats_counts JOIN stats_groups USING (group_id)
WHERE is_selected AND word = {word} GROUP BY lang ORDER BY n DESC, lang
"""
_FREQUENCY = """
SELECT {name} AS name, coalesce(sum(n) FILTER (word = {word}), 0)::BIGINT,
    coalesce(sum(n) FILTER (word = {word} AND side = 'source'), 0)::BIGINT, sum(n)::BIGINT
FROM stats_counts JOIN stats_groups USING (group_id)
WHERE is_selected AND lang = {lang} GROUP BY 1 ORDER BY 1 NULLS LAST
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """How often a word is in a part of the corpus: in source sentences (each once), in targets, in a million words."""

    n: int
    n_source: int
    n_target: int
    per_million: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        return {**asdict(self), "per_million": round(self.per_million, _DIGITS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFrequency:
    """How often a word is there, in all, by month and by publisher (None: no publisher), those without it included."""

    total: Frequency
    by_month: dict[str | None, Frequency]
    by_publisher: dict[str | None, Frequency]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            **self.total.to_json(),
            "by_month": [{"month": name, **one.to_json()} for name, one in self.by_month.items()],
            "by_publisher": [{"publisher": name, **one.to_json()} for name, one in self.by_publisher.items()],
        }


def read_word(cursor: duckdb.DuckDBPyConnection, text: str) -> str:
    """Return the word that somebody wrote, as words are counted.

    Raises:
        UsageError: it is none, or several.
    """
    words: list[str] = cursor.execute(f"SELECT {words_sql(literal(normalise(text)))}").fetchall()[0][0]
    if len(words) != 1:
        found = f"is {len(words)} words: {', '.join(words)}" if words else "has neither letters nor digits"
        raise UsageError(f"--word {text!r}: {found}; name one word (`newsmt search` finds phrases)")
    return words[0]


def languages_of(cursor: duckdb.DuckDBPyConnection, word: str) -> dict[str, int]:
    """Return how often a word is in each language that has it, the most frequent first."""
    return dict(cursor.execute(_LANGUAGES.format(word=literal(word))).fetchall())


def choose_language(word: str, languages: dict[str, int]) -> str | None:
    """Return the language that is meant, None where no language has the word.

    Raises:
        UsageError: several have it, and none of them by far.
    """
    first, *others = languages.items() if languages else [(None, 0)]
    if others and first[1] < _CLEARLY * others[0][1]:
        there = ", ".join(f"{lang} ({n:,})" for lang, n in languages.items())
        raise UsageError(f"--word {word}: a word of several languages: {there}; name one with --lang")
    return first[0]


def frequency_of(cursor: duckdb.DuckDBPyConnection, word: str, language: str) -> WordFrequency:
    """Return how often a word is in the texts of a language."""
    total, by_month, by_publisher = (
        _frequencies(cursor, name, word, language) for name in ("NULL::VARCHAR", "month", "publisher")
    )
    nothing = Frequency(n=0, n_source=0, n_target=0, per_million=0.0)
    return WordFrequency(total=total.get(None, nothing), by_month=by_month, by_publisher=by_publisher)


def _frequencies(cursor: duckdb.DuckDBPyConnection, name: str, word: str, language: str) -> dict[str | None, Frequency]:
    sql = _FREQUENCY.format(name=name, word=literal(word), lang=literal(language))
    return {
        name: Frequency(n=n, n_source=n_source, n_target=n - n_source, per_million=1e6 * n / size)
        for name, n, n_source, size in cursor.execute(sql).fetchall()
    }
