"""The articles of a page as JSON values: what the list shows of each, and the texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from statistics import fmean
from typing import TYPE_CHECKING, Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.report.selected import of_units

if TYPE_CHECKING:
    import duckdb

_ROWS_AT_ONCE = 4096
_MAX_TITLE = 100
_N_DIGITS = 3

_ARTICLES = """, described AS (
    SELECT articles.* FROM articles SEMI JOIN page USING (article_id, revision)
    QUALIFY row_number() OVER (PARTITION BY articles.article_id, articles.revision ORDER BY run_id DESC) = 1)
SELECT page.article_id, page.revision, page.date, page.published_at, page.is_translated, described.url,
    described.publisher, described.title, described.source_lang, described.authors, described.section,
    CASE WHEN page.is_translated THEN NULL ELSE described.text END AS text
FROM page LEFT JOIN described USING (article_id, revision) ORDER BY place
"""
_UNITS = """, translation AS (
    SELECT article_id, revision, target_lang, run_id, pair AS article_pair FROM report_translations)
SELECT place, article_pair, run_id, segment, paragraph, kind, source_lang, target_lang, source_text, target_text,
    quality, score, flags, edits, retry, from_memory, models, url, coalesce({chosen}, false) AS is_chosen
FROM bitext
JOIN translation USING (article_id, revision, target_lang, run_id)
JOIN page USING (article_id, revision)
WHERE bitext.date BETWEEN (SELECT min(date) FROM page) AND (SELECT max(date) FROM page)
ORDER BY place, article_pair, run_id, segment, source_start
"""
_PAGE = "WITH page AS (FROM report_entries WHERE place >= {first} AND place < {end})"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An article: `summary` is for the list, `texts` for reading."""

    summary: dict[str, Any]
    texts: dict[str, Any]


def read_articles(corpus: Corpus, selection: Selection, *, first: int, n_articles: int) -> list[Described]:
    """Return articles of the report in its order, from place `first` on.

    A translation comes whole; where the selection asks something of units, those that are not chosen say so.
    """
    page = _PAGE.format(first=first, end=first + n_articles)
    chosen = " AND ".join(of_units(selection).conditions()) or "true"

    def read(cursor: duckdb.DuckDBPyConnection) -> list[Described]:
        articles = list(_rows(cursor, page + _ARTICLES))
        units = _rows(cursor, page + _UNITS.format(chosen=chosen))
        by_place = {place: list(rows) for place, rows in groupby(units, key=itemgetter("place"))}
        return [_described(row, by_place.get(place, [])) for place, row in enumerate(articles, first)]

    return corpus.reading(read)


def _rows(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Row]:
    for batch in cursor.sql(sql).to_arrow_reader(_ROWS_AT_ONCE):
        yield from batch.to_pylist()


def _described(article: Row, units: list[Row]) -> Described:
    parted = [list(rows) for _, rows in groupby(units, key=itemgetter("article_pair", "run_id"))]
    translations = [_translation(rows) for rows in parted]
    _drop_repeated_sources(translations)
    texts: dict[str, Any] = {"translations": translations}
    if article["text"]:
        texts["text"] = article["text"]
    return Described(summary=_summary(article, units, [_counted(rows) for rows in parted]), texts=texts)


def _summary(article: Row, units: list[Row], translations: list[dict[str, Any]]) -> dict[str, Any]:
    published = article["published_at"]
    first = (units[0]["source_text"] if units else article["text"]) or ""
    # Where the file of the article is damaged, its units know some of it.
    known = {
        "id": article["article_id"],
        "revision": article["revision"] if article["revision"] != 1 else None,
        "language": article["source_lang"] or (units[0]["article_pair"].partition("-")[0] if units else None),
        "title": article["title"],
        "beginning": None if article["title"] else " ".join(first.split())[:_MAX_TITLE],
        "publisher": article["publisher"],
        "authors": article["authors"],
        "section": article["section"],
        "date": article["date"],
        "time": published.strftime("%H:%M") if published else None,
        "is_dated": bool(published),
        "url": article["url"] or (units[0]["url"] if units else None),
        "translations": translations,
    }
    return _without_nothing(known)


def _counted(units: list[Row]) -> dict[str, Any]:
    """Return what the list shows of a translation; of units that are not chosen nothing counts."""
    chosen = [unit for unit in units if unit["is_chosen"]]
    qualities = [unit["quality"] for unit in chosen if unit["quality"] is not None]
    flags = Counter(flag for unit in chosen for flag in unit["flags"] or ())
    return _without_nothing(
        {
            "pair": units[0]["article_pair"],
            "units": len(chosen),
            "quality": round(fmean(qualities), _N_DIGITS) if qualities else None,
            "flags": dict(sorted(flags.items())),
        }
    )


def _translation(units: list[Row]) -> dict[str, Any]:
    models = sorted({_models(unit) for unit in units})
    return _without_nothing(
        {
            "pair": units[0]["article_pair"],
            "target": units[0]["target_lang"],
            "run": units[0]["run_id"],
            "models": models,
            "sources": [_source(unit) for unit in units],
            "targets": [_target(unit, models) for unit in units],
        }
    )


def _models(unit: Row) -> str:
    return " + ".join(unit["models"] or ())


def _source(unit: Row) -> dict[str, Any]:
    return _without_nothing(
        {
            "segment": unit["segment"],
            "paragraph": unit["paragraph"],
            "kind": None if unit["kind"] == "body" else unit["kind"],
            "language": unit["source_lang"],
            "text": unit["source_text"],
        }
    )


def _target(unit: Row, models: list[str]) -> dict[str, Any]:
    return _without_nothing(
        {
            "text": unit["target_text"],
            "quality": _rounded(unit["quality"]),
            "score": _rounded(unit["score"]),
            "flags": unit["flags"],
            "edits": unit["edits"],
            "retry": unit["retry"],
            "memory": unit["from_memory"],
            # Nearly always there is but one.
            "model": models.index(_models(unit)) or None,
            "other": not unit["is_chosen"],
        }
    )


def _drop_repeated_sources(translations: Iterable[dict[str, Any]]) -> None:
    """Leave out the sources of a translation where they are those of the first one, as they nearly always are."""
    first: Any = None
    for translation in translations:
        if first is None:
            first = translation["sources"]
        elif translation["sources"] == first:
            del translation["sources"]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _N_DIGITS)


def _without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is there; zero is something."""
    return {name: value for name, value in values.items() if value or (value == 0 and value is not False)}
