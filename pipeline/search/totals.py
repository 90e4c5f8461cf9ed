"""How many hits there are in all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.rows import rows_of
from pipeline.search.hits import Spot, Unit, spots_of, units_of
from pipeline.search.query import TEXTS, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The hits of a query: a unit may have several."""

    n_hits: int
    n_units: int
    n_articles: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {"n_hits": self.n_hits, "n_units": self.n_units, "n_articles": self.n_articles}


def count_hits(corpus: Corpus, query: Query) -> Totals:
    """Return how many hits there are in all, in bounded memory."""
    columns = f"article_id, {number_sql(query)} AS n, {near_sql(query)} AS is_near"
    found = corpus.sql("bitext", query.matching(), columns)
    [(n_hits, n_units, n_articles, n_near)] = corpus.query(
        "SELECT coalesce(sum(n) FILTER (NOT is_near), 0), count(*), count(DISTINCT article_id), "
        f"count(*) FILTER (is_near) FROM ({found})"
    )
    n_hits += sum(1 for _ in near_spots(corpus, query)) if n_near else 0
    return Totals(n_hits=int(n_hits), n_units=n_units, n_articles=n_articles)


def number_sql(query: Query) -> str:
    """Return the number of hits of a unit, in SQL; `near_sql` tells where it may be too low."""
    return " + ".join(
        f"CASE WHEN {query.condition(side)} THEN len({query.pattern.extracted(TEXTS[side])}) ELSE 0 END"
        for side in query.sides
    )


def near_sql(query: Query) -> str:
    """Return the condition that hits may touch each other: the database goes on behind a match, and so misses some."""
    return f"({' OR '.join(query.pattern.touches(TEXTS[side]) for side in query.sides)})"


def near_spots(corpus: Corpus, query: Query) -> Iterator[Spot]:
    """Yield the hits of the units that the database cannot count."""
    matching = query.matching()
    near = replace(matching, condition=f"{matching.condition} AND {near_sql(query)}")
    for unit in units_of(rows_of(corpus, "bitext", near, Unit._fields).batches()):
        yield from spots_of(unit, query)
