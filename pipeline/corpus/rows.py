"""Rows of a corpus for people's own programs: as an iterator, Arrow, pandas or a relation of DuckDB."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import find_damage, first_line
from pipeline.corpus.selection import Selection
from pipeline.corpus.sieve import sieve_of
from pipeline.corpus.tables import PARTITIONS
from pipeline.errors import StateError, UsageError
from pipeline.store.schema import COLUMNS

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

_ROWS_AT_ONCE = 4096
# Small files are read together: to open each one alone takes longer than to read it.
_BYTES_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """The chosen rows of `bitext` or `articles`; nothing is read before it is asked for.

    The columns are those of the schema, then `pair` (of `bitext`) and `date`, the day they are filed under, as text.
    """

    corpus: Corpus
    table: str
    selection: Selection
    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[Any]:
        """Yield a named tuple for each row, with its columns as attributes; memory is bounded."""
        row = namedtuple(self.table, self.columns)  # type: ignore[misc]  # noqa: PYI024 - columns are known at run time
        for batch in self.batches():
            yield from map(row._make, zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def __len__(self) -> int:
        """Return their number; it is counted each time."""
        return int(self.corpus.query(f"SELECT count(*) FROM ({self._sql()})")[0][0])

    def batches(self, n_rows: int = _ROWS_AT_ONCE) -> Iterator[pa.RecordBatch]:
        """Yield the rows as batches of Arrow, each of one pair and `n_rows` at most, in the order of the corpus.

        Memory is bounded; a batch may be empty. Files are read one after the other, small ones a few at once. One that
        turns out to be damaged is named and left, after what could be read of it; `corpus.damaged` has it.
        """
        sieve = sieve_of(self.corpus, self.table, self.selection)
        for batch in self._with(sieve.columns).unsifted(n_rows):
            yield sieve.kept(batch).select(list(self.columns))

    def unsifted(self, n_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the same as `batches`, with superseded rows, and whoever published them."""
        for paths in _portions(self._files()):
            yield from self._batches_of(paths, n_rows)

    def arrow(self) -> pa.Table:
        """Return all rows as one table of Arrow, in the order of the corpus."""
        return self.corpus.reading(self._table)

    def pandas(self) -> pd.DataFrame:
        """Return all rows as a frame of pandas, which has to be installed, in the order of the corpus."""
        return self.arrow().to_pandas()

    def relation(self) -> duckdb.DuckDBPyRelation:
        """Return the rows as a relation of DuckDB, to be queried on; it lives as long as the corpus is open.

        They have no order there.
        """
        return self.corpus.reading(lambda cursor: cursor.sql(self._sql()))

    def _sql(self) -> str:
        return self.corpus.sql(self.table, self.selection, ", ".join(self.columns))

    def _with(self, columns: tuple[str, ...]) -> Rows:
        """Return the same rows with other columns as well."""
        return replace(self, columns=tuple(dict.fromkeys((*self.columns, *columns))))

    def _table(self, cursor: duckdb.DuckDBPyConnection) -> pa.Table:
        import pyarrow as pa

        sieve = sieve_of(self.corpus, self.table, self.selection)
        # Without what the sieve does, the query has no join and keeps the order.
        selection = replace(self.selection, publishers=(), all_revisions=True)
        columns = self._with(sieve.columns).columns
        table = cursor.sql(self.corpus.sql(self.table, selection, ", ".join(columns))).to_arrow_table()
        kept = [sieve.kept(batch) for batch in table.to_batches()]
        return pa.Table.from_batches(kept, table.schema).select(list(self.columns))

    def _files(self) -> list[Path]:
        return self.corpus.unit_files(self.selection) if self.table == "bitext" else self.corpus.files(self.table)

    def _batches_of(self, paths: Sequence[Path], n_rows: int) -> Iterator[pa.RecordBatch]:
        import duckdb
        import pyarrow as pa

        if len(paths) > 1:
            try:
                batches = self._relation_of(paths).to_arrow_table().combine_chunks().to_batches(n_rows)
            except (duckdb.Error, pa.ArrowException, OSError):
                # Each one alone tells which is to blame.
                pass
            else:
                yield from batches
                return
        for path in paths:
            yield from self._batches_of_file(path, n_rows)

    def _batches_of_file(self, path: Path, n_rows: int) -> Iterator[pa.RecordBatch]:
        import duckdb
        import pyarrow as pa

        try:
            yield from self._relation_of([path]).to_arrow_reader(n_rows)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if not path.exists():
                raise StateError(
                    f"{path}: went away while the corpus was read, as when it is compacted; try again"
                ) from error
            damage = list(find_damage(self.corpus.connection, self.table, [path]))
            if not damage:
                raise StateError(f"{path}: cannot be read ({first_line(error)})") from error
            self.corpus.leave_out(damage[0])

    def _relation_of(self, paths: Sequence[Path]) -> duckdb.DuckDBPyRelation:
        # The files are those of the pairs and days, and the sieve does what would take another table.
        selection = replace(self.selection, pairs=(), dates=None, publishers=(), all_revisions=True)
        sql = self.corpus.files_sql(self.table, paths, selection, ", ".join(self.columns))
        return self.corpus.cursor().sql(sql)


def _portions(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield files in portions of one pair and of `_BYTES_AT_ONCE` at most; a larger file is alone."""
    for _, of_pair in groupby(paths, key=lambda path: path.parent.parent):
        portion, n_bytes = list[Path](), 0
        for path in of_pair:
            size = _size_of(path)
            if portion and n_bytes + size > _BYTES_AT_ONCE:
                yield portion
                portion, n_bytes = [], 0
            portion.append(path)
            n_bytes += size
        yield portion


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        # What is wrong with it is told when it is read, alone.
        return _BYTES_AT_ONCE


def rows_of(
    corpus: Corpus, table: str, selection: Selection | None = None, columns: str | Sequence[str] | None = None
) -> Rows:
    """Return the rows of a table that are wanted.

    Raises:
        UsageError: there is no such column, one is named twice or none at all, or the selection cannot be.
    """
    known = (*COLUMNS[table], *PARTITIONS[table])
    wanted = known if columns is None else (columns,) if isinstance(columns, str) else tuple(columns)
    if strangers := [name for name in wanted if name not in known]:
        raise UsageError(f"{strangers[0]}: no column of {table}; there are {', '.join(known)}")
    if not wanted or len(set(wanted)) < len(wanted):
        raise UsageError(f"columns {', '.join(wanted) or '[]'}: name at least one, and each once")
    return Rows(corpus, table, (selection or Selection()).checked(), wanted)
