"""Which rows of a batch count, looked up one by one: where the database joins tables, it loses the order of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import KEY
from pipeline.corpus.selection import Selection
from pipeline.corpus.sql import literals

if TYPE_CHECKING:
    import pyarrow as pa

_BETWEEN = "\x1f"
_SUPERSEDED = {
    "bitext": "SELECT {key} FROM superseded",
    "articles": "SELECT DISTINCT {key} FROM articles ANTI JOIN latest_articles USING (article_id, revision, run_id)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Lets rows through but for those with keys that are `superseded`; only of some articles, where these are given."""

    key: tuple[str, ...]
    superseded: frozenset[str]
    article_ids: frozenset[str] | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a batch must have."""
        if self.superseded:
            return self.key
        return () if self.article_ids is None else ("article_id",)

    def kept(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows that count, in their order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.article_ids is not None:
            batch = batch.filter(_each(batch.column("article_id"), self.article_ids.__contains__))
        if self.superseded:
            parts = (pc.cast(batch.column(name), pa.string()) for name in self.key)
            keys = pc.binary_join_element_wise(*parts, _BETWEEN)
            batch = batch.filter(_each(keys, lambda key: key not in self.superseded))
        return batch


def sieve_of(corpus: Corpus, table: str, selection: Selection) -> Sieve:
    """Return what lets the rows of a table through that a selection asks for, as far as that takes another table."""
    superseded = frozenset[str]()
    if not selection.all_revisions:
        rows = corpus.query(_SUPERSEDED[table].format(key=", ".join(KEY[table])))
        superseded = frozenset(_BETWEEN.join(map(str, row)) for row in rows)
    article_ids = None
    if table == "bitext" and selection.publishers:
        of_publishers = f"SELECT article_id FROM latest_articles WHERE publisher IN ({literals(selection.publishers)})"
        article_ids = frozenset(row[0] for row in corpus.query(of_publishers))
    return Sieve(key=KEY[table], superseded=superseded, article_ids=article_ids)


def _each(values: pa.StringArray, is_wanted: Callable[[str], bool]) -> pa.BooleanArray:
    """Return for each value whether it is wanted; equal ones, as of one article, are looked up once."""
    import pyarrow as pa

    found = values.dictionary_encode()
    return pa.array([is_wanted(value) for value in found.dictionary.to_pylist()], pa.bool_()).take(found.indices)
