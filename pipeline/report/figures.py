"""The figures of a report's overview, counted over the chosen units."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection

QUALITY_STEP = 0.05
LENGTH_STEP = 20
MAX_LENGTH = 400
"""Lengths are counted in steps of so many characters; all beyond the last one are counted together."""

# All figures in one reading: each row is of one of the sets, told by `GROUPING`. `least` passes over what is null.
_COUNTS = """
WITH units AS (
    SELECT date, pair, flags, quality,
        CASE WHEN quality IS NOT NULL
            THEN CAST(least(floor(quality / {quality_step} + 1e-9), {last_quality}) AS INTEGER) END AS quality_bin,
        CAST(least(coalesce(length(source_text), 0) // {length_step}, {last_length}) AS INTEGER) AS source_bin,
        CAST(least(coalesce(length(target_text), 0) // {length_step}, {last_length}) AS INTEGER) AS target_bin,
        length(source_text) AS n_chars
    FROM ({units}))
SELECT GROUPING(date, quality_bin, flags, source_bin, target_bin) AS kind,
    pair, date, quality_bin, flags, source_bin, target_bin,
    count(*) AS n_units, count(quality) AS n_qualities, sum(quality) AS quality, sum(n_chars) AS n_chars
FROM units
GROUP BY GROUPING SETS ((pair, date), (pair, quality_bin), (pair, flags), (source_bin), (target_bin))
ORDER BY kind, pair, date, quality_bin, source_bin, target_bin
"""
_BY_DATE, _BY_QUALITY, _BY_FLAGS, _BY_SOURCE, _BY_TARGET = 0b01111, 0b10111, 0b11011, 0b11101, 0b11110
_ARTICLES = "SELECT count(*), count(*) FILTER (NOT is_translated), min(date), max(date) FROM report_entries"
_ARTICLES_BY_PAIR = "SELECT pair, count(DISTINCT (article_id, revision)) FROM report_translations GROUP BY pair"

_Key = TypeVar("_Key", date, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """The units of a pair; `quality` is the mean of those that have one, None where none has."""

    pair: str
    n_articles: int
    n_units: int
    n_flagged: int
    n_chars: int
    quality: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a report counts.

    `by_day` and `by_quality` count units by pair, then by day or by step of quality from 0; `flags` counts them by
    flag, the most frequent first; `lengths` by step of characters, of the source and of the target. Folders whose name
    is no date are left out of `by_day`. `n_chars` are those of the sources; one that was translated twice counts twice.
    """

    n_articles: int
    n_untranslated: int
    first_date: str
    last_date: str
    n_units: int
    n_flagged: int
    n_chars: int
    quality: float | None
    pairs: Sequence[PairFigures]
    by_day: Mapping[str, Mapping[date, int]]
    by_quality: Mapping[str, Mapping[int, int]]
    flags: Mapping[str, int]
    lengths: tuple[Mapping[int, int], Mapping[int, int]]


class _Row(NamedTuple):
    kind: int
    pair: str | None
    date: str | None
    quality_bin: int | None
    flags: list[str] | None
    source_bin: int | None
    target_bin: int | None
    n_units: int
    n_qualities: int
    quality: float | None
    n_chars: int | None


def count_figures(corpus: Corpus, selection: Selection) -> Figures:
    """Return the figures of what `select_articles` chose; the same selection must be given."""
    rows: dict[int, list[_Row]] = defaultdict(list)
    for values in corpus.query(_counts_sql(corpus, selection)):
        rows[values[0]].append(_Row(*values))
    [(n_articles, n_untranslated, first_date, last_date)] = corpus.query(_ARTICLES)
    days = rows[_BY_DATE]
    return Figures(
        n_articles=n_articles,
        n_untranslated=n_untranslated,
        first_date=first_date or "",
        last_date=last_date or "",
        n_units=sum(row.n_units for row in days),
        n_flagged=sum(row.n_units for row in rows[_BY_FLAGS] if row.flags),
        n_chars=sum(row.n_chars or 0 for row in days),
        quality=_mean_quality(days),
        pairs=_pairs(days, rows[_BY_FLAGS], dict(corpus.query(_ARTICLES_BY_PAIR))),
        by_day=_by_pair((row.pair, _day(row.date), row.n_units) for row in days),
        by_quality=_by_pair((row.pair, row.quality_bin, row.n_units) for row in rows[_BY_QUALITY]),
        flags=_flags(rows[_BY_FLAGS]),
        lengths=(
            {row.source_bin: row.n_units for row in rows[_BY_SOURCE] if row.source_bin is not None},
            {row.target_bin: row.n_units for row in rows[_BY_TARGET] if row.target_bin is not None},
        ),
    )


def _counts_sql(corpus: Corpus, selection: Selection) -> str:
    return _COUNTS.format(
        units=corpus.sql("bitext", selection, "date, pair, flags, quality, source_text, target_text"),
        quality_step=QUALITY_STEP,
        last_quality=round(1 / QUALITY_STEP) - 1,
        length_step=LENGTH_STEP,
        last_length=MAX_LENGTH // LENGTH_STEP,
    )


def _pairs(days: Iterable[_Row], flags: Iterable[_Row], n_articles: Mapping[str, int]) -> list[PairFigures]:
    by_pair: dict[str, list[_Row]] = defaultdict(list)
    for row in days:
        by_pair[row.pair or ""].append(row)
    n_flagged = Counter[str | None]()
    for row in flags:
        n_flagged[row.pair] += row.n_units if row.flags else 0
    return [
        PairFigures(
            pair=pair,
            n_articles=n_articles.get(pair, 0),
            n_units=sum(row.n_units for row in rows),
            n_flagged=n_flagged[pair],
            n_chars=sum(row.n_chars or 0 for row in rows),
            quality=_mean_quality(rows),
        )
        for pair, rows in by_pair.items()
    ]


def _mean_quality(rows: Sequence[_Row]) -> float | None:
    count = sum(row.n_qualities for row in rows)
    return sum(row.quality or 0 for row in rows) / count if count else None


def _by_pair(counts: Iterable[tuple[str | None, _Key | None, int]]) -> dict[str, dict[_Key, int]]:
    found: dict[str, dict[_Key, int]] = {}
    for pair, key, n_units in counts:
        if key is not None:
            found.setdefault(pair or "", {})[key] = n_units
    return found


def _day(text: str | None) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text or "")
    return None


def _flags(rows: Iterable[_Row]) -> dict[str, int]:
    found = Counter[str]()
    for row in rows:
        for flag in row.flags or ():
            found[flag] += row.n_units
    return dict(found.most_common())
