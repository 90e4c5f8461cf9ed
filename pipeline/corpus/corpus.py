"""A corpus opened for reading: its files as tables of DuckDB, and which of their rows count."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import Self

from pipeline.corpus.files import DamagedFile, check_corpus, columns_of, data_files, find_damage, partition_of
from pipeline.corpus.selection import Selection
from pipeline.corpus.tables import TABLES, empty_table, files_table
from pipeline.errors import StateError, UsageError
from pipeline.store.files import MERGED

if TYPE_CHECKING:
    import duckdb


_SETTINGS = {
    # Nothing is fetched from the network, whatever a query asks for.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# Which run's units count: the latest run of the latest revision, for each target. Seldom is anything superseded, so
# what is not wanted is kept, not what is. Rows of a file that is none of newsmt lack what they are told apart by.
_SUPERSEDED = """
CREATE OR REPLACE TABLE translations AS SELECT DISTINCT article_id, target_lang, revision, run_id FROM bitext;
SELECT error('rows without a key') FROM translations WHERE article_id || target_lang || revision || run_id IS NULL;
CREATE OR REPLACE TABLE superseded AS FROM translations
QUALIFY row_number() OVER (PARTITION BY article_id, target_lang ORDER BY revision DESC, run_id DESC) > 1;
DROP TABLE translations;
"""
_LATEST_ARTICLES = """
CREATE OR REPLACE TABLE latest_articles AS
SELECT article_id, revision, run_id, publisher FROM articles
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY revision DESC, run_id DESC) = 1;
SELECT error('rows without a key') FROM latest_articles WHERE article_id || revision || run_id IS NULL;
"""
_IS_LATEST = {
    "bitext": """NOT EXISTS (
        FROM superseded AS old WHERE old.article_id = bitext.article_id AND old.target_lang = bitext.target_lang
        AND old.revision = bitext.revision AND old.run_id = bitext.run_id)""",
    "articles": """EXISTS (
        FROM latest_articles AS latest WHERE latest.article_id = articles.article_id
        AND latest.revision = articles.revision AND latest.run_id = articles.run_id)""",
}

_TRIALS = 4

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")


class Corpus:
    """An output folder, or a copy of its data, opened for reading; a run may be at work on it meanwhile.

    Tables for `query`: `bitext` and `articles`, all rows with all columns of the current schema and those of folders'
    names (`pair`, `date`); `latest_articles`, a row for each article with `article_id, revision, run_id, publisher`;
    `superseded`. Files that cannot be read are left out and kept in `damaged`.
    """

    def __init__(self, folder: Path) -> None:
        """Look which files there are, and which rows count.

        Raises:
            OutputError: the folder holds no output of newsmt.
            StateError: files go away while they are looked at, again and again.
        """
        import duckdb

        check_corpus(folder)
        self.folder = folder
        self.damaged: list[DamagedFile] = []
        self._is_closed = False
        self.connection = duckdb.connect(":memory:", config=dict(_SETTINGS))
        self.connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._files: dict[str, list[Path]] = {table: [] for table in TABLES}
        self._may_be_uniform = True
        self._is_to_look = False
        self._again(self._look)

    def close(self) -> None:
        """Give back memory and files."""
        self._is_closed = True
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own to the tables.

        Raises:
            StateError: the corpus was closed.
        """
        if self._is_closed:
            raise StateError(f"{self.folder}: was closed; open the corpus again to read more of it")
        return self.connection.cursor()

    def files(self, table: str) -> list[Path]:
        """Return the files of a table that can be read, as far as is known."""
        damaged = {file.path for file in self.damaged}
        return [path for path in self._files[table] if path not in damaged]

    def unit_files(self, selection: Selection) -> list[Path]:
        """Return the files of `bitext` that may hold units which are wanted, by the names of their folders."""
        return [path for path in self.files("bitext") if selection.has_partition(*partition_of(path))]

    def pairs(self) -> list[str]:
        """Return the pairs that there are files of, sorted."""
        return sorted({partition_of(path)[0] for path in self.files("bitext")})

    def check_pairs(self, selection: Selection) -> None:
        """Say which pairs there are where another one is asked for.

        Raises:
            UsageError: there are no units of a pair, but of others.
        """
        there = self.pairs()
        if there and (strangers := [pair for pair in selection.pairs if pair not in there]):
            raise UsageError(f"--pair {strangers[0]}: there are no units of it, only of {', '.join(there)}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query yields; damaged files are left out.

        Raises:
            StateError: files go away while they are read, again and again.
            duckdb.Error: the query itself is wrong.
        """
        return self.reading(lambda cursor: cursor.execute(sql).fetchall())

    def reading(self, read: Callable[[duckdb.DuckDBPyConnection], _Found]) -> _Found:
        """Return what `read` makes of a cursor; it is called anew without the files that turn out to be damaged.

        Raises:
            StateError: files go away while they are read, again and again.
            duckdb.Error: no file is to blame for it.
        """
        return self._again(lambda: read(self.cursor()))

    def sql(self, table: str, selection: Selection, columns: str = "*") -> str:
        """Return the query of the rows of a table that are wanted.

        They come in the order of the files where `all_revisions` are wanted and no publisher; else they have no order.

        Args:
            table: `bitext` or `articles`.
            selection: which rows; of `articles`, nothing but `all_revisions` is heeded.
            columns: what is selected, as SQL.
        """
        return _rows_sql(table, table, selection, columns)

    def files_sql(self, table: str, paths: Sequence[Path], selection: Selection, columns: str = "*") -> str:
        """Return the query of the rows of some files that are wanted, ordered as by `sql`."""
        return _rows_sql(table, f"({self._table_sql(table, paths)}) AS {table}", selection, columns)

    def leave_out(self, file: DamagedFile) -> None:
        """Leave a file out from now on, and say so."""
        self._is_to_look = True
        self.damaged.append(file)
        _log.warning("%s", file)

    def _again(self, read: Callable[[], _Found]) -> _Found:
        import duckdb

        for _ in range(_TRIALS):
            try:
                if self._is_to_look:
                    self._look()
                return read()
            except (duckdb.ParserException, duckdb.CatalogException):  # noqa: PERF203 - a few times at most
                # No file is to blame for a query that cannot be; to look would take its time.
                raise
            except duckdb.Error as error:
                _log.debug("read again: %s", error)
                if self._may_be_uniform:
                    self._may_be_uniform = False
                elif not self._has_lost_files():
                    raise
                self._is_to_look = True
        raise StateError(f"{self.folder}: files went away while they were read, again and again; try again later")

    def _look(self) -> None:
        """Look which files there are now, and which rows count."""
        for table in TABLES:
            self._files[table] = data_files(self.folder, table)
            files = self.files(table)
            sql = self._table_sql(table, files, is_uniform=self._may_be_uniform and self._is_uniform(files))
            self.connection.execute(f"CREATE OR REPLACE VIEW {table} AS {sql}")
        self.connection.execute(_SUPERSEDED)
        self.connection.execute(_LATEST_ARTICLES)
        self._is_to_look = False

    def _has_lost_files(self) -> bool:
        """Return whether there are files that cannot be read, or are not there any more; the former are left out."""
        known = {table: self.files(table) for table in TABLES}
        damaged = [file for table in TABLES for file in find_damage(self.connection, table, known[table])]
        for file in damaged:
            self.leave_out(file)
        return bool(damaged) or any(not path.exists() for table in TABLES for path in known[table])

    def _is_uniform(self, files: Sequence[Path]) -> bool:
        """Return whether files of the first and the last run have the same columns; then all have these, or fewer."""
        # A merged file is named after the run before it.
        ends = {choose(files, key=lambda path: path.name.removeprefix(MERGED)) for choose in (min, max) if files}
        return len({frozenset(columns_of(self.connection, [path])) for path in ends}) <= 1

    def _table_sql(self, table: str, paths: Sequence[Path], *, is_uniform: bool = False) -> str:
        if not paths:
            return empty_table(table)
        # Without `union_by_name` the columns are those of the first file.
        there = columns_of(self.connection.cursor(), paths[:1] if is_uniform else paths)
        return files_table(table, paths, there, is_uniform=is_uniform)


def _rows_sql(table: str, source: str, selection: Selection, columns: str) -> str:
    conditions = list(selection.conditions()) if table == "bitext" else []
    if not selection.all_revisions:
        conditions.append(_IS_LATEST[table])
    return f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions) or 'true'}"
