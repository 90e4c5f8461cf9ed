"""Which Parquet files a corpus has now, and which of them cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.corpus.sql import parquet_source
from pipeline.corpus.tables import files_table
from pipeline.errors import OutputError
from pipeline.store.layout import has_state

if TYPE_CHECKING:
    import duckdb

KEY = {"bitext": ("article_id", "revision", "target_lang", "run_id"), "articles": ("article_id", "revision", "run_id")}


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file that was left out, and why."""

    path: Path
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: cannot be read ({self.detail}); `newsmt check` lists all damage, `--repair` mends it"


def check_corpus(folder: Path) -> None:
    """Look whether `folder` is the output of newsmt, or a copy of its data.

    Raises:
        OutputError: it is not, or its name cannot be passed on to the database.
    """
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError as error:
        raise OutputError(f"{str(folder)!r}: its name is not UTF-8, no file in it can be read; rename it") from error
    if not (folder / "bitext").is_dir() and not (folder / "articles").is_dir() and not has_state(folder):
        raise OutputError(f"{folder}: no output of newsmt here; run `newsmt run` first, or name its output folder")


def data_files(folder: Path, table: str) -> list[Path]:
    """Return the files of `bitext` or `articles`, by partition, then in the order they were written."""
    pattern = {"bitext": "pair=*/date=*/*.parquet", "articles": "date=*/*.parquet"}[table]
    return sorted((folder / table).glob(pattern))


def partition_of(path: Path) -> tuple[str, date | None]:
    """Return pair and day of a file of `bitext`; a folder whose name is no date has none."""
    with suppress(ValueError):
        return path.parts[-3].removeprefix("pair="), date.fromisoformat(path.parts[-2].removeprefix("date="))
    return path.parts[-3].removeprefix("pair="), None


def find_damage(connection: duckdb.DuckDBPyConnection, table: str, paths: Iterable[Path]) -> Iterator[DamagedFile]:
    """Yield the files of a table that cannot be read, reading all of each."""
    import duckdb

    for path in paths:
        try:
            names = columns_of(connection, [path])
            if missing := [name for name in KEY[table] if name not in names]:
                yield DamagedFile(path, f"not a file of newsmt, it has no column {missing[0]}")
                continue
            keys = " || ".join(KEY[table])
            figures = f"max(hash(file)), count(*) FILTER ({keys} IS NULL)"
            [(_, n_nameless)] = connection.execute(
                f"SELECT {figures} FROM ({files_table(table, [path], names)}) AS file"
            ).fetchall()
            if n_nameless:
                yield DamagedFile(
                    path, f"not a file of newsmt, {n_nameless:,} rows lack one of {', '.join(KEY[table])}"
                )
        except duckdb.Error as error:
            # One that went away, as when the corpus is compacted, is not damaged.
            if path.exists():
                yield DamagedFile(path, first_line(error))


def columns_of(connection: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> set[str]:
    """Return the names of the columns that one file of these has at least, with those of folders' names."""
    return {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {parquet_source(paths)}").fetchall()}


def first_line(error: Exception) -> str:
    """Return what an error of the database says, without its hints."""
    return (str(error).splitlines() or [type(error).__name__])[0]
