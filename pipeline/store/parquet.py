"""Checking and reading single Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store.files import FileEntry
from pipeline.store.schema import NULLABLE, SCHEMA_VERSION, arrow_schema, is_known_version, version_of
from pipeline.store.verification import Problem

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_PIECE_BYTES = 1 << 20
_ROWS_AT_ONCE = 2048


class UnreadableFileError(Exception):
    """A file cannot be opened, is no Parquet, or is broken inside."""


def digest(path: Path) -> tuple[int, str]:
    """Return size in bytes and SHA-256 of a file."""
    found = sha256()
    size_bytes = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            found.update(piece)
            size_bytes += len(piece)
    return size_bytes, found.hexdigest()


def check_bytes(path: Path, entry: FileEntry) -> Iterator[Problem]:
    """Yield a problem where the file is not the one that was committed.

    Raises:
        UnreadableFileError: it cannot be opened.
    """
    try:
        size_bytes, found = digest(path)
    except OSError as error:
        raise UnreadableFileError(error.strerror) from error
    if size_bytes != entry.size_bytes:
        yield _problem("size", entry, f"has {size_bytes:,} bytes, {entry.size_bytes:,} were written")
    elif found != entry.sha256:
        yield _problem("sha256", entry, "was changed after it was written: its SHA-256 is another one")


def check_schema(file: pq.ParquetFile, entry: FileEntry) -> Iterator[Problem]:
    """Yield a problem where columns, schema version or the number of rows are not those that were committed."""
    found = file.schema_arrow
    version = version_of(found.metadata)
    if not is_known_version(version):
        yield _problem("schema", entry, f"has schema version {version}, 1 to {SCHEMA_VERSION} are known")
    expected = arrow_schema(entry.table, version=int(version) if is_known_version(version) else SCHEMA_VERSION)
    if not found.equals(expected):
        odd = sorted({str(field) for field in found} ^ {str(field) for field in expected})
        names = ", ".join(odd) or "their order"
        yield _problem("schema", entry, f"does not have the columns of {entry.table}: {names}")
    n_rows = file.metadata.num_rows
    if n_rows != entry.n_rows:
        yield _problem("rows", entry, f"has {n_rows:,} rows, {entry.n_rows:,} were written")


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a file; the caller closes it.

    Raises:
        UnreadableFileError: it is no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFileError(_first_line(error)) from error


def rows_of(file: pq.ParquetFile, table: str, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of `table`, a bounded number of them in memory at once.

    Raises:
        UnreadableFileError: a part of the file is broken, or a column that must not has an empty value.
    """
    import pyarrow as pa

    try:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=columns):
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                if column.null_count and name not in NULLABLE[table]:
                    raise UnreadableFileError(f"the column {name} has empty values")
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFileError(_first_line(error)) from error


def _problem(kind: str, entry: FileEntry, detail: str) -> Problem:
    return Problem(kind=kind, where=entry.path, detail=detail)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
