"""Which articles a report shows, in which order, and on which page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection

if TYPE_CHECKING:
    import duckdb

# A translation is what one run made of a revision for one target language. What is chosen of it counts.
_TRANSLATIONS = """
CREATE OR REPLACE TABLE report_translations AS
SELECT article_id, revision, target_lang, run_id, min(pair) AS pair, min(date) AS date,
    max(published_at) AS published_at, count(*) AS n_units, avg(quality) AS quality
FROM ({units}) GROUP BY article_id, revision, target_lang, run_id
"""
_ENTRIES = """
CREATE OR REPLACE TABLE report_entries AS
WITH translated AS (
    SELECT article_id, revision, min(date) AS date, max(published_at) AS published_at, true AS is_translated
    FROM report_translations GROUP BY article_id, revision),
bare AS (
    SELECT article_id, revision, min(date) AS date, max(published_at) AS published_at, false AS is_translated
    FROM ({articles}) AS article
    WHERE NOT EXISTS (FROM bitext WHERE bitext.article_id = article.article_id AND bitext.revision = article.revision)
    GROUP BY article_id, revision)
SELECT *, row_number() OVER (ORDER BY date DESC, published_at DESC NULLS LAST, article_id, revision DESC) - 1 AS place
FROM (FROM translated UNION ALL {bare})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A run of articles that stand on one page; `number` counts from 1."""

    number: int
    n_articles: int
    first_date: str
    last_date: str


def select_articles(corpus: Corpus, selection: Selection) -> None:
    """Make the tables `report_translations` and `report_entries`: what is shown, the latest articles first.

    Articles without a translation are shown too, unless something is asked of the units.
    """
    units = corpus.sql(
        "bitext",
        selection,
        "article_id, revision, target_lang, run_id, pair, date, published_at, quality",
    )
    articles = _bare_articles(corpus, selection)
    bare = "FROM bare" if is_of_articles(selection) else "FROM bare WHERE false"

    def make(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(_TRANSLATIONS.format(units=units))
        cursor.execute(_ENTRIES.format(articles=articles, bare=bare))

    corpus.reading(make)


def is_of_articles(selection: Selection) -> bool:
    """Return whether nothing is asked but what an article without a translation has as well."""
    return not (selection.pairs or is_of_units(selection))


def is_of_units(selection: Selection) -> bool:
    """Return whether some units of a translation may be wanted, and others not."""
    return bool(selection.flags or selection.without_flags or selection.min_quality is not None)


def of_units(selection: Selection) -> Selection:
    """Return what is asked of single units only."""
    return replace(selection, pairs=(), dates=None, publishers=(), all_revisions=True)


def pages_of(corpus: Corpus, n_articles: int) -> list[Page]:
    """Return the pages of the articles, `n_articles` on each; there is one at least."""
    rows = corpus.query(
        f"SELECT place // {n_articles} AS page, count(*), max(date), min(date) FROM report_entries"
        " GROUP BY page ORDER BY page"
    )
    pages = [
        Page(number=int(page) + 1, n_articles=int(count), first_date=first or "", last_date=last or "")
        for page, count, first, last in rows
    ]
    return pages or [Page(number=1, n_articles=0, first_date="", last_date="")]


def _bare_articles(corpus: Corpus, selection: Selection) -> str:
    """Return the query of the articles that dates and publishers allow."""
    rows = corpus.sql(
        "articles",
        Selection(all_revisions=selection.all_revisions),
        "article_id, revision, date, published_at",
    )
    wanted = Selection(dates=selection.dates, publishers=selection.publishers)
    return f"FROM ({rows}) WHERE {' AND '.join(wanted.conditions()) or 'true'}"
