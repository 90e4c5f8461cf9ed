"""`bitext` and `articles` as queries of DuckDB over their files: all columns of the current schema, of its types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.corpus.sql import parquet_source
from pipeline.store.schema import COLUMNS

TABLES = ("bitext", "articles")
PARTITIONS = {"bitext": ("pair", "date"), "articles": ("date",)}
"""The columns that folders' names hold, as text."""

_SQL_TYPES = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "list<string>": "VARCHAR[]",
}
_PLACES = {"pair": "/pair=([^/]*)/[^/]*/[^/]*$", "date": "/date=([^/]*)/[^/]*$"}


def empty_table(table: str) -> str:
    """Return the query of a table without rows."""
    nothing = (f"NULL::{_SQL_TYPES[kind]} AS {name}" for name, kind in _columns(table).items())
    return f"SELECT {', '.join(nothing)} WHERE false"


def files_table(table: str, paths: Sequence[Path], there: Iterable[str], *, is_uniform: bool = False) -> str:
    """Return the query of all rows of files: columns that they lack are null, unknown ones left out.

    Args:
        table: which one.
        paths: at least one file.
        there: the columns that `parquet_source` of these files has.
        is_uniform: whether all have the columns of the first one.
    """
    known = {*there, *PARTITIONS[table]}
    # The cast does nothing but to a file that other software wrote: one such must not turn the numbers of all to text.
    listed = [
        f"CAST({name if name in known else 'NULL'} AS {_SQL_TYPES[kind]}) AS {name}"
        for name, kind in COLUMNS[table].items()
    ]
    listed += [_partition(name, paths[0]) for name in PARTITIONS[table]]
    return f"SELECT {', '.join(listed)} FROM {parquet_source(paths, is_uniform=is_uniform)}"


def _columns(table: str) -> dict[str, str]:
    return {**COLUMNS[table], **dict.fromkeys(PARTITIONS[table], "string")}


def _partition(name: str, path: Path) -> str:
    """Return the column of a partition: that of the file's own folder, also where one further up is named alike."""
    if sum(part.startswith(f"{name}=") for part in path.absolute().parts) == 1:
        return name
    return f"regexp_extract(filename, '{_PLACES[name]}', 1) AS {name}"
