"""Finding hits in a corpus: a page of them, or all, one after the other."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.corpus.corpus import Corpus
from pipeline.search.articles import about_articles
from pipeline.search.hits import ROWS_AT_ONCE, UNIT_COLUMNS, Hit, Spot, Unit, make_hit, read_units, spots_of, units_of
from pipeline.search.ordering import CORPUS_ORDER, KEYS, SQL_KEYS
from pipeline.search.query import Query
from pipeline.search.totals import Totals, count_hits

if TYPE_CHECKING:
    import duckdb

_HITS_AT_ONCE = 512
_FILES_AT_ONCE = 32
"""A page is looked for in so many files before all are opened, which takes a while where there are thousands."""

_FEW_UNITS = 5_000
"""So many units with hits are read to the end: quicker than to count them with a query of its own."""


@dataclass(slots=True)
class Seen:
    """What was met on the way to the hits that are shown; `is_all` once there was nothing more."""

    n_rows: int = 0
    n_hits: int = 0
    n_units: int = 0
    articles: set[str] = field(default_factory=set)
    is_all: bool = False

    def spots(self, units: Iterable[Unit], query: Query) -> Iterator[Spot]:
        """Yield the hits of units, and count them."""
        for unit in units:
            self.n_rows += 1
            n_before = self.n_hits
            for spot in spots_of(unit, query):
                self.n_hits += 1
                yield spot
            if self.n_hits > n_before:
                self.n_units += 1
                self.articles.add(unit.article_id)
        self.is_all = True


class Finding:
    """The hits of a query. Where there is a limit or they are sorted, those that are shown are held in memory."""

    def __init__(self, corpus: Corpus, query: Query) -> None:
        self.corpus = corpus
        self.query = query
        self.n_shown = 0
        self._seen = Seen()

    def hits(self) -> Iterator[Hit]:
        """Yield the hits that are shown, in their order; once."""
        spots = self._spots()
        while found := list(islice(spots, _HITS_AT_ONCE)):
            self.n_shown += len(found)
            about = about_articles(self.corpus, [spot.unit for spot in found])
            for spot in found:
                title, publisher = about.get(spot.unit.article_id, (None, None))
                yield make_hit(spot, self.query.context, title=title, publisher=publisher)

    def totals(self) -> Totals:
        """Return how many hits there are, shown or not. Where `hits` came to their end it is known, else counted."""
        seen = self._seen
        if seen.is_all:
            return Totals(n_hits=seen.n_hits, n_units=seen.n_units, n_articles=len(seen.articles))
        return count_hits(self.corpus, self.query)

    def _spots(self) -> Iterator[Spot]:
        query = self.query
        if query.order in KEYS:
            return iter(self.corpus.reading(self._sorted))
        if query.order != "corpus":
            return iter(self.corpus.reading(self._chosen))
        if query.last is None:
            return islice(self._seen.spots(self._units(), query), query.offset, None)
        return iter(self._first_ones(query.last) or self.corpus.reading(self._chosen))

    def _folders(self) -> Iterator[list[Path]]:
        """Yield the folders that may hold such units, some at once: their units stand in the order of the corpus."""
        folders, n_files = list[Path](), 0
        for folder, files in groupby(self.corpus.unit_files(self.query.selection), key=_folder):
            folders.append(folder)
            n_files += len(list(files))
            if n_files >= _FILES_AT_ONCE:
                yield folders
                folders, n_files = [], 0
        if folders:
            yield folders

    def _units(self) -> Iterator[Unit]:
        for folders in self._folders():
            yield from units_of(self._table(folders).to_batches(ROWS_AT_ONCE))

    def _table(self, folders: Sequence[Path]) -> Any:
        """Return the units of some folders as a table of Arrow."""
        return self.corpus.reading(lambda cursor: cursor.sql(self._folders_sql(folders)).to_arrow_table())

    def _folders_sql(self, folders: Sequence[Path]) -> str:
        paths = [path for path in self.corpus.files("bitext") if _folder(path) in folders]
        sql = self.corpus.files_sql("bitext", paths, self.query.matching(), UNIT_COLUMNS)
        return f"{sql} ORDER BY {CORPUS_ORDER}"

    def _first_ones(self, n: int) -> list[Spot]:
        """Return the hits that are shown where the first folders have enough of them, else none."""
        folders = next(self._folders(), [])
        units = units_of(self._table(folders).to_batches(ROWS_AT_ONCE)) if folders else iter(())
        found = list(islice(Seen().spots(units, self.query), n))
        return found[self.query.offset :] if len(found) == n else []

    def _chosen(self, cursor: duckdb.DuckDBPyConnection) -> list[Spot]:
        """Return the hits that are shown; begun anew, nothing is left of what was counted before."""
        query = self.query
        seen = self._seen = Seen()
        n_units = None if query.last is None else max(query.last, _FEW_UNITS)
        spots = seen.spots(read_units(cursor, self._sql(n_units)), query)
        chosen = list(islice(spots, query.offset, query.last))
        for _ in spots:
            pass
        seen.is_all = n_units is None or seen.n_rows < n_units
        return chosen

    def _sorted(self, cursor: duckdb.DuckDBPyConnection) -> list[Spot]:
        self._seen = Seen()
        sql = self.corpus.sql("bitext", self.query.matching(), UNIT_COLUMNS)
        spots = self._seen.spots(read_units(cursor, sql), self.query)
        return _sorted(spots, KEYS[self.query.order], self.query)[self.query.offset :]

    def _sql(self, n_units: int | None) -> str:
        """Return the query of the first `n_units` units in the order that is wanted; None is all of them."""
        query = self.query
        sql = self.corpus.sql("bitext", query.matching(), UNIT_COLUMNS)
        if name := SQL_KEYS.get(query.order):
            sql += f" ORDER BY {name} {'DESC' if query.is_reversed else 'ASC'} NULLS LAST, {CORPUS_ORDER}"
        else:
            sql += f" ORDER BY {CORPUS_ORDER}"
        return sql if n_units is None else f"{sql} LIMIT {n_units}"


def _folder(path: Path) -> Path:
    return path.parent


def _sorted(spots: Iterator[Spot], key: Callable[[Spot], Any], query: Query) -> list[Spot]:
    if query.last is None:
        return sorted(spots, key=key, reverse=query.is_reversed)
    choose = heapq.nlargest if query.is_reversed else heapq.nsmallest
    return choose(query.last, spots, key=key)
