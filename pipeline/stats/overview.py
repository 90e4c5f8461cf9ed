"""How much there is: articles, units, sentences, words and types, by language, pair, publisher and month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

DIMENSIONS = ("language", "pair", "publisher", "month")

_ALL = "NULL::VARCHAR"
_UNITS = """
SELECT {name} AS name, count(DISTINCT article_id) AS n_articles, count(*) AS n_units,
    sum(n_target_words) AS n_target_words
FROM stats_units WHERE is_selected GROUP BY 1
"""
# A language has the units that it is the source or the target of, but only the words of targets are its own.
_UNITS_OF_LANGUAGES = """
SELECT name, count(DISTINCT article_id) AS n_articles, count(*) AS n_units, sum(n_words) AS n_target_words
FROM (
    SELECT target_lang AS name, article_id, n_target_words AS n_words FROM stats_units WHERE is_selected
    UNION ALL
    SELECT source_lang, article_id, 0 FROM stats_units WHERE is_selected AND source_lang <> target_lang
) GROUP BY 1
"""
_SENTENCES = """
SELECT {name} AS name, count(*) AS n_sentences, sum(n_words) AS n_source_words
FROM stats_sources AS texts {pairs} WHERE is_selected GROUP BY 1
"""
_TYPES = """
SELECT name, count(*) AS n_types,
    count(*) FILTER (is_source) AS n_source_types, count(*) FILTER (is_target) AS n_target_types
FROM (
    SELECT {name} AS name, lang, word_id, bool_or(side = 'source') AS is_source, bool_or(side = 'target') AS is_target
    FROM stats_numbers JOIN stats_groups AS texts USING (group_id) {pairs} WHERE is_selected GROUP BY ALL
) GROUP BY 1
"""
_JOIN_PAIRS = "JOIN stats_pairs ON texts.pairs & stats_pairs.bit <> 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How much there is of a part of the corpus; a type is a word of a language, however often it is there.

    Attributes:
        n_articles: those that have such units.
        n_units: translation units: source and one target.
        n_sentences: source texts, each once, however many targets it has.
        n_source_words: words of `n_sentences`.
        n_source_types: different ones among these.
        n_target_words: words of the targets of all units.
        n_target_types: different ones among these.
        n_types: different words of sources and targets together.
    """

    n_articles: int = 0
    n_units: int = 0
    n_sentences: int = 0
    n_source_words: int = 0
    n_source_types: int = 0
    n_target_words: int = 0
    n_target_types: int = 0
    n_types: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures of all, and of each language, pair, publisher (None: no publisher) and month, sorted by name."""

    total: Figures
    by: dict[str, dict[str | None, Figures]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        groups = {
            f"by_{dimension}": [{dimension: name, **asdict(figures)} for name, figures in parts.items()]
            for dimension, parts in self.by.items()
        }
        return {"total": asdict(self.total), **groups}


def overview_of(cursor: duckdb.DuckDBPyConnection) -> Overview:
    """Return how much of the selection there is; all tables of the material are needed."""
    total = _figures(cursor, _units("all"), "all")
    by = {dimension: _figures(cursor, _units(dimension), dimension) for dimension in DIMENSIONS}
    return Overview(total=total.get(None, Figures()), by=by)


def _units(dimension: str) -> str:
    return _UNITS_OF_LANGUAGES if dimension == "language" else _UNITS.format(name=_name(dimension))


def _name(dimension: str) -> str:
    return {"all": _ALL, "language": "lang", "pair": "pair"}.get(dimension, dimension)


def _figures(cursor: duckdb.DuckDBPyConnection, units: str, dimension: str) -> dict[str | None, Figures]:
    place = {"name": _name(dimension), "pairs": _JOIN_PAIRS if dimension == "pair" else ""}
    found: dict[str | None, dict[str, int]] = {}
    for sql in (units, _SENTENCES.format(**place), _TYPES.format(**place)):
        for name, values in _rows(cursor, sql):
            found.setdefault(name, {}).update(values)
    ordered = sorted(found.items(), key=lambda item: (item[0] is None, item[0] or ""))
    return {name: Figures(**values) for name, values in ordered}


def _rows(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterable[tuple[str | None, dict[str, int]]]:
    answer = cursor.execute(sql)
    names = [column[0] for column in answer.description or ()]
    for row in answer.fetchall():
        yield row[0], {name: int(value or 0) for name, value in zip(names[1:], row[1:], strict=True)}
