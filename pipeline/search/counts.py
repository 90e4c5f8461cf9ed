"""How many hits there are by pair, publisher, month and form."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.search.hits import Spot
from pipeline.search.query import TEXTS, Query
from pipeline.search.totals import Totals, near_spots, near_sql, number_sql

KINDS = ("pair", "publisher", "month")
_MAX_FORMS = 10_000
_BY_KIND = """
WITH by_article AS (
    SELECT article_id, pair, substr(date, 1, 7) AS month, count(*) AS n_units,
    sum(n) FILTER (NOT is_near) AS n_hits, count(*) FILTER (is_near) AS n_near FROM ({units}) GROUP BY ALL)
SELECT grouping(pair, publisher, month), coalesce(pair, publisher, month),
    coalesce(sum(n_hits), 0), coalesce(sum(n_units), 0), count(DISTINCT article_id), coalesce(sum(n_near), 0)
FROM by_article LEFT JOIN latest_articles USING (article_id)
GROUP BY GROUPING SETS ((pair), (publisher), (month), ())
"""
# Bit by bit, which columns are not grouped by.
_KIND_OF = {0b011: "pair", 0b101: "publisher", 0b110: "month", 0b111: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The hits of a pair, publisher or month; `n_all_units` are the chosen units there, with or without a hit."""

    name: str | None
    n_hits: int
    n_units: int
    n_articles: int
    n_all_units: int

    @property
    def rate(self) -> float:
        """Hits in a thousand units."""
        return 1000 * self.n_hits / self.n_all_units if self.n_all_units else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "name": self.name,
            "n_hits": self.n_hits,
            "n_units": self.n_units,
            "n_articles": self.n_articles,
            "hits_per_1000_units": round(self.rate, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The hits by kind of group: pairs and publishers with most hits first, months as they follow each other.

    `forms` is what was found, most frequent first, in small letters unless capitals count; of very many the first ones.
    """

    totals: Totals
    groups: dict[str, tuple[Group, ...]]
    forms: tuple[tuple[str, int], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        groups = {f"{kind}s": [group.to_json() for group in self.groups[kind]] for kind in KINDS}
        return self.totals.to_json() | groups | {"forms": [{"form": form, "n_hits": n} for form, n in self.forms]}


def count_by_kind(corpus: Corpus, query: Query) -> Counts:
    """Return how many hits there are by pair, publisher, month and form; in bounded memory but for the forms."""
    columns = "article_id, pair, date"
    found = f"{columns}, {number_sql(query)} AS n, {near_sql(query)} AS is_near"
    rows = corpus.query(_BY_KIND.format(units=corpus.sql("bitext", query.matching(), found)))
    known = f"{columns}, 1 AS n, false AS is_near"
    everything = corpus.query(_BY_KIND.format(units=corpus.sql("bitext", query.selection, known)))
    has_near = any(row[-1] for row in rows)
    more, more_forms = _near(corpus, query) if has_near else (Counter(), Counter())
    n_all = {(_KIND_OF[kind], name): int(n) for kind, name, n, *_ in everything}
    groups = [
        (
            _KIND_OF[kind],
            Group(
                name=name,
                n_hits=int(n_hits) + more[_KIND_OF[kind], name],
                n_units=int(n_units),
                n_articles=n_articles,
                n_all_units=n_all.get((_KIND_OF[kind], name), 0),
            ),
        )
        for kind, name, n_hits, n_units, n_articles, _ in rows
    ]
    [total] = [group for kind, group in groups if not kind]
    return Counts(
        totals=Totals(n_hits=total.n_hits, n_units=total.n_units, n_articles=total.n_articles),
        groups={kind: _ordered(kind, [group for of, group in groups if of == kind]) for kind in KINDS},
        forms=_forms(corpus, query, more_forms, has_near=has_near),
    )


def _ordered(kind: str, groups: list[Group]) -> tuple[Group, ...]:
    if kind == "month":
        return tuple(sorted(groups, key=lambda group: group.name or ""))
    return tuple(sorted(groups, key=lambda group: (-group.n_hits, group.name or "")))


def _near(corpus: Corpus, query: Query) -> tuple[Counter[tuple[str, str | None]], Counter[str]]:
    """Return the hits that the database cannot count, by kind and name, and by form."""
    publishers = dict(corpus.query("SELECT article_id, publisher FROM latest_articles"))
    groups: Counter[tuple[str, str | None]] = Counter()
    forms: Counter[str] = Counter()
    for spot in near_spots(corpus, query):
        unit = spot.unit
        groups.update(
            [
                ("", None),
                ("pair", unit.pair),
                ("publisher", publishers.get(unit.article_id)),
                ("month", unit.date[: len("2020-11")]),
            ]
        )
        forms[_form(spot, query)] += 1
    return groups, forms


def _form(spot: Spot, query: Query) -> str:
    form = " ".join(spot.unit.text(spot.side)[spot.start : spot.end].split())
    return form if query.pattern.has_case else form.lower()


def _forms(corpus: Corpus, query: Query, more: Counter[str], *, has_near: bool) -> tuple[tuple[str, int], ...]:
    found = corpus.sql("bitext", query.matching(), f"unnest({_hits_sql(query)}) AS form, {near_sql(query)} AS is_near")
    form = r"regexp_replace(form, '[\s\p{Z}]+', ' ', 'g')"
    sql = (
        f"SELECT {form if query.pattern.has_case else f'lower({form})'} AS form, count(*) AS n FROM ({found})"
        " WHERE NOT is_near GROUP BY 1 ORDER BY n DESC, form"
    )
    counted = Counter(dict(corpus.query(sql if has_near else f"{sql} LIMIT {_MAX_FORMS}"))) + more
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_MAX_FORMS])


def _hits_sql(query: Query) -> str:
    lists = (
        f"CASE WHEN {query.condition(side)} THEN {query.pattern.extracted(TEXTS[side])} ELSE [] END"
        for side in query.sides
    )
    return f"list_concat({', '.join(lists)}, [])"
