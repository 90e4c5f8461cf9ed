"""Parquet and Arrow (IPC files, also called Feather, and streams): one article a row.

Rows are converted some at a time, and only from the columns that a shape looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeAlias

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.fields import RecordError, why_no_article
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.records import drained, no_records, read_record
from pipeline.ingest.shapes import needed_names
from pipeline.ingest.stream import pieces_of
from pipeline.types import Article, Reject

if TYPE_CHECKING:
    import pyarrow as pa

_PARQUET_MAGIC = b"PAR1"
_ARROW_MAGIC = b"ARROW1"
_FEATHER_1_MAGIC = b"FEA1"
_BATCH_ROWS = 16
"""A record may hold 16 MiB, and in a file all of them may be one string: so many are unpacked at once."""
_BUFFER_BYTES = 1 << 20


class _Damage(NamedTuple):
    """Rows that cannot be read; `n_rows` of them are missing, 0 where nobody knows how many."""

    detail: str
    n_rows: int


_Part: TypeAlias = "pa.RecordBatch | _Damage"


class _Table(NamedTuple):
    """A file that was opened: the names of its columns, those inside of structs, and batches of columns by index."""

    names: list[str]
    skeleton: dict[str, Any]
    parts: Callable[[Sequence[int]], Iterator[_Part]]


class _Unreadable:
    """Stands for a value that Python has none for, such as a date beyond the year 9999."""


def is_parquet(head: bytes) -> bool:
    """Return whether a file begins like Parquet."""
    return head.startswith(_PARQUET_MAGIC)


def is_arrow_file(head: bytes) -> bool:
    """Return whether a file begins like an Arrow IPC file or Feather; streams have no mark of their own."""
    return head.startswith((_ARROW_MAGIC, _FEATHER_1_MAGIC))


def read_columnar(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield an article or a reject for each row, in order; they are named by the number of the row.

    A file that is damaged as a whole is one reject, and so is each row group and each batch that cannot be read to
    its end; the rest goes on.

    Raises:
        OSError, EOFError, zlib.error: the pieces of `content` cannot be read to their end.
    """
    if not content.head:
        yield no_records(content.source_uri)
        return
    with content.seekable() as file:
        try:
            table = _open(file, content.head, options)
        except RecordError as error:
            file.seek(0)
            yield drained(pieces_of(file), error.reason, detail=error.detail, source_uri=content.source_uri)
        else:
            yield from _read_rows(table, content.source_uri, options)


def _read_rows(table: _Table, source_uri: str, options: ReadingOptions) -> Iterator[Article | Reject]:
    needed = needed_names(options.fields)
    indices = [index for index, name in enumerate(table.names) if name in needed]
    n_rows = n_items = 0
    for part in table.parts(indices):
        for rows in (part,) if isinstance(part, _Damage) else _sound(part):
            if isinstance(rows, _Damage):
                n_items += 1
                uri = f"{source_uri}#{n_rows + 1}"
                yield Reject.from_payload(Reason.UNREADABLE, detail=rows.detail, source_uri=uri, payload=b"")
                n_rows += rows.n_rows
                continue
            for record in _records(rows):
                n_items += 1
                n_rows += 1
                yield _read_row(record, f"{source_uri}#{n_rows}", options)
    if not n_items:
        yield no_records(source_uri)


def _read_row(record: dict[str, Any], source_uri: str, options: ReadingOptions) -> Article | Reject:
    for name, value in record.items():
        if isinstance(value, str) and len(value) > MAX_ARTICLE_BYTES:
            detail = f"`{name}` has {len(value)} characters; at most {MAX_ARTICLE_BYTES} are read"
            payload = value.encode("utf-8", "surrogatepass")
            return Reject.from_payload(Reason.TOO_LARGE, detail=detail, source_uri=source_uri, payload=payload)
    return read_record(record, source_uri=source_uri, encoding="utf-8", options=options)


def _open(file: BinaryIO, head: bytes, options: ReadingOptions) -> _Table:
    """Return the table in a file.

    Raises:
        RecordError: there is none, or its columns are no articles.
    """
    import pyarrow as pa

    if head.startswith(_FEATHER_1_MAGIC):
        raise RecordError(Reason.UNREADABLE, "Feather of version 1, which nothing reads any more; write it as Parquet")
    is_file = is_arrow_file(head)
    opener = _open_parquet if is_parquet(head) else _open_arrow_file if is_file else _open_arrow_stream
    try:
        table = opener(pa.PythonFile(file, mode="r"))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RecordError(Reason.UNREADABLE, _describe(error)) from error
    if detail := why_no_article(table.skeleton, options.fields):
        raise RecordError(Reason.BAD_RECORD, detail)
    return table


def _open_parquet(source: pa.NativeFile) -> _Table:
    from pyarrow import parquet

    # Buffered ahead, a row group would be in memory as a whole.
    file = parquet.ParquetFile(source, buffer_size=_BUFFER_BYTES, pre_buffer=False)

    def parts(indices: Sequence[int]) -> Iterator[_Part]:
        all_names = file.schema_arrow.names
        names = list(dict.fromkeys(all_names[index] for index in indices))
        for number in range(file.num_row_groups):
            batches = file.iter_batches(_BATCH_ROWS, row_groups=[number], columns=names, use_threads=False)
            n_rows = file.metadata.row_group(number).num_rows
            yield from _guarded(batches, f"row group {number + 1}", n_rows)

    return _table(file.schema_arrow, parts)


def _open_arrow_file(source: pa.NativeFile) -> _Table:
    from pyarrow import ipc

    file = ipc.open_file(source)

    def parts(indices: Sequence[int]) -> Iterator[_Part]:
        narrow = ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=list(indices)))
        for number in range(narrow.num_record_batches):
            batches = (narrow.get_batch(at) for at in [number])
            yield from _guarded(batches, f"batch {number + 1}", 0)

    return _table(file.schema, parts)


def _open_arrow_stream(source: pa.NativeFile) -> _Table:
    from pyarrow import ipc

    stream = ipc.open_stream(source)

    def parts(indices: Sequence[int]) -> Iterator[_Part]:
        source.seek(0)
        narrow = ipc.open_stream(source, options=ipc.IpcReadOptions(included_fields=list(indices)))
        yield from _guarded(iter(narrow), "the stream", 0)

    return _table(stream.schema, parts)


def _guarded(batches: Iterator[pa.RecordBatch], name: str, n_rows: int) -> Iterator[_Part]:
    """Yield the batches of a part of a file, and what is lost where they cannot be read to their end."""
    import pyarrow as pa

    n_read = 0
    try:
        for batch in batches:
            n_read += batch.num_rows
            yield batch
    except (pa.ArrowException, OSError, ValueError) as error:
        n_lost = max(0, n_rows - n_read)
        lost = f"; its last {n_lost} of {n_rows} rows are lost" if n_rows else ""
        yield _Damage(f"{name}: {_describe(error)}{lost}", n_lost)


def _sound(batch: pa.RecordBatch) -> Iterator[_Part]:
    """Yield a batch in slices of some rows; rows that are damaged, and would harm the process, are found by halving."""
    import pyarrow as pa

    if batch.num_rows > _BATCH_ROWS:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            yield from _sound(batch.slice(start, _BATCH_ROWS))
        return
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        half = batch.num_rows // 2
        if half:
            yield from _sound(batch.slice(0, half))
            yield from _sound(batch.slice(half))
        else:
            yield _Damage(_describe(error), 1)
    else:
        yield batch


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    for row in zip(*map(_values, batch.columns), strict=True):
        yield dict(zip(names, row, strict=True))


def _values(column: pa.Array) -> list[Any]:
    """Return the values of a column as Python has them, moments to the microsecond."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        unit = "us" if column.type.unit == "ns" else column.type.unit
        column = column.cast(pa.timestamp(unit, tz="UTC" if column.type.tz else None), safe=False)
    try:
        return list(column.to_pylist())
    except (pa.ArrowException, ValueError, OverflowError):
        return list(map(_value, column))


def _value(scalar: pa.Scalar) -> Any:
    import pyarrow as pa

    try:
        return scalar.as_py()
    except (pa.ArrowException, ValueError, OverflowError):
        return _Unreadable()


def _table(schema: pa.Schema, parts: Callable[[Sequence[int]], Iterator[_Part]]) -> _Table:
    import pyarrow as pa

    skeleton = {
        field.name: {inner.name: None for inner in field.type} if pa.types.is_struct(field.type) else None
        for field in schema
    }
    return _Table(schema.names, skeleton, parts)


def _describe(error: Exception) -> str:
    """Return the first line of an error: Arrow adds lines of its own source."""
    return f"damaged data: {next(iter(str(error).splitlines()), type(error).__name__)}"
