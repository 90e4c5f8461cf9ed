"""The list of committed Parquet files in the state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

MERGED = "merged-"
"""With this begin the `run_id` and the name of a file that `compact` made of others, of any runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A committed file; `path` is relative to the output folder, with `/`.

    `is_placed` is False while the file may still be in staging, under a name that ends in its `attempt`, if it has one.
    """

    path: str
    run_id: str
    shard: int
    n_rows: int
    size_bytes: int
    sha256: str
    is_placed: bool = False
    attempt: str = ""

    @property
    def table(self) -> str:
        """`bitext`, `articles` or `rejects`."""
        return self.path.partition("/")[0]

    @property
    def folder(self) -> str:
        """The partition, relative to the output folder."""
        return self.path.rpartition("/")[0]

    @property
    def is_merged(self) -> bool:
        """Whether it holds rows of several shards, and perhaps runs."""
        return self.run_id.startswith(MERGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a table is."""

    n_files: int = 0
    n_rows: int = 0
    size_bytes: int = 0


class FileList:
    """Questions to, and entries in, the list of files; the caller holds the transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __iter__(self) -> Iterator[FileEntry]:
        """Yield all files in the order of their paths."""
        query = "SELECT path, run_id, shard, n_rows, size_bytes, sha256, is_placed, attempt FROM files ORDER BY path"
        for path, run_id, shard, n_rows, size_bytes, sha256, is_placed, attempt in self._connection.execute(query):
            yield FileEntry(
                path=path,
                run_id=run_id,
                shard=shard,
                n_rows=n_rows,
                size_bytes=size_bytes,
                sha256=sha256,
                is_placed=bool(is_placed),
                attempt=attempt,
            )

    def unplaced(self) -> dict[str, str]:
        """Return the paths of committed files that may still be in staging, each with its attempt."""
        return dict(self._connection.execute("SELECT path, attempt FROM files WHERE NOT is_placed ORDER BY path"))

    def sizes(self) -> dict[str, Size]:
        """Return the size of each table that has files."""
        query = """
            SELECT substr(path, 1, instr(path, '/') - 1), COUNT(*), SUM(n_rows), SUM(size_bytes)
            FROM files GROUP BY 1 ORDER BY 1
        """
        return {
            table: Size(n_files=n_files, n_rows=n_rows, size_bytes=size_bytes)
            for table, n_files, n_rows, size_bytes in self._connection.execute(query)
        }

    def record(self, entries: Iterable[FileEntry]) -> None:
        """Enter files that are about to be placed."""
        self._connection.executemany(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (e.path, e.run_id, e.shard, e.n_rows, e.size_bytes, e.sha256, int(e.is_placed), e.attempt)
                for e in entries
            ],
        )

    def mark_placed(self, paths: Iterable[str]) -> None:
        """Mark files as being in place."""
        self._connection.executemany("UPDATE files SET is_placed = 1 WHERE path = ?", [(path,) for path in paths])

    def forget(self, paths: Iterable[str]) -> None:
        """Take files off the list."""
        self._connection.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in paths])

    def retire(self, paths: Iterable[str], now: datetime) -> None:
        """Take files off the list that others have replaced; they are kept aside for a while."""
        paths = list(paths)
        self.forget(paths)
        self._connection.executemany(
            "INSERT OR REPLACE INTO retired VALUES (?, ?)", [(path, now.isoformat()) for path in paths]
        )

    def retired(self, before: datetime | None = None) -> list[str]:
        """Return the paths of the files that were replaced, all or those of before a time."""
        query = "SELECT path, retired_at FROM retired ORDER BY path"
        found = [(path, datetime.fromisoformat(at)) for path, at in self._connection.execute(query)]
        return [path for path, retired_at in found if before is None or retired_at < before]

    def forget_retired(self, paths: Iterable[str]) -> None:
        """Forget files that were replaced and are gone now."""
        self._connection.executemany("DELETE FROM retired WHERE path = ?", [(path,) for path in paths])
