"""A dataset for the library `datasets` and the Hub: Parquet files for each pair, and a card that describes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.export.base import FolderFormat, Material
from pipeline.export.dataset_card import DATA_COLUMNS, Part, dataset_card
from pipeline.export.documents import languages_of, safe_name
from pipeline.store.schema import arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_PER_FILE = 200_000
_ROWS_PER_GROUP = 20_000
# Long sentences make smaller groups: one is in memory at a time.
_BYTES_PER_GROUP = 64_000_000


def _write(material: Material, folder: Path) -> None:
    columns = ("pair", "source_text", "target_text", *DATA_COLUMNS.values())
    batches = material.batches(*columns, with_target=True)
    by_pair = groupby(batches, key=lambda batch: batch.column("pair")[0].as_py())
    parts = [_write_pair(folder, pair, of_pair) for pair, of_pair in by_pair]
    (folder / "README.md").write_text(dataset_card(material, parts), encoding="utf-8", newline="\n")


def _write_pair(folder: Path, pair: str, batches: Iterable[pa.RecordBatch]) -> Part:
    where = folder / "data" / safe_name(pair)
    where.mkdir(parents=True)
    n_rows = size_bytes = 0
    paths: list[Path] = []
    for tables in _files_of(_groups_of(batches), _ROWS_PER_FILE):
        paths.append(where / f"train-{len(paths):05}.parquet")
        rows, size = _write_file(paths[-1], (_row_group(table, pair) for table in tables))
        n_rows, size_bytes = n_rows + rows, size_bytes + size
    for number, path in enumerate(paths):
        path.replace(where / f"train-{number:05}-of-{len(paths):05}.parquet")
    stored_bytes = sum(path.stat().st_size for path in where.iterdir())
    return Part(pair=pair, n_rows=n_rows, size_bytes=size_bytes, stored_bytes=stored_bytes)


def _write_file(path: Path, tables: Iterator[pa.Table]) -> tuple[int, int]:
    """Write a file of one table at least and return its number of rows and their size in memory."""
    import pyarrow.parquet as pq

    first = next(tables)
    n_rows, size_bytes = 0, 0
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        table: pa.Table | None = first
        while table is not None:
            writer.write_table(table)
            n_rows, size_bytes = n_rows + table.num_rows, size_bytes + table.nbytes
            table = next(tables, None)
    return n_rows, size_bytes


def _groups_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield batches as tables of about the same size: files of the corpus may hold a few rows each."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    n_rows = size_bytes = 0
    for batch in batches:
        held.append(batch)
        n_rows, size_bytes = n_rows + batch.num_rows, size_bytes + batch.nbytes
        if n_rows >= _ROWS_PER_GROUP or size_bytes >= _BYTES_PER_GROUP:
            yield pa.Table.from_batches(held)
            held, n_rows, size_bytes = [], 0, 0
    if held:
        yield pa.Table.from_batches(held)


def _files_of(tables: Iterator[pa.Table], n_rows: int) -> Iterator[Iterator[pa.Table]]:
    """Yield the tables of each file, `n_rows` or somewhat more; each has to be read before the next one."""

    def of_file(table: pa.Table | None) -> Iterator[pa.Table]:
        room = n_rows
        while table is not None:
            yield table
            room -= table.num_rows
            table = next(tables, None) if room > 0 else None

    while (first := next(tables, None)) is not None:
        yield of_file(first)


def _row_group(table: pa.Table, pair: str) -> pa.Table:
    """Return rows as they are written: both texts under the codes of their languages, sorted as `datasets` has them."""
    import pyarrow as pa

    texts = dict(zip(languages_of(pair), (table.column("source_text"), table.column("target_text")), strict=True))
    names = sorted(texts)
    translation = pa.StructArray.from_arrays([texts[name].combine_chunks() for name in names], names=names)
    columns = {name: table.column(original) for name, original in DATA_COLUMNS.items()}
    return pa.table({"translation": translation, **columns}).cast(_schema(names))


def _schema(languages: Sequence[str]) -> pa.Schema:
    import pyarrow as pa

    types = {field.name: field.type for field in arrow_schema("bitext")} | {"date": pa.string()}
    translation = pa.struct([(language, pa.string()) for language in languages])
    others = [(name, types[original]) for name, original in DATA_COLUMNS.items()]
    return pa.schema([("translation", translation), *others])


HUGGING_FACE = FolderFormat(
    name="hf",
    summary="a dataset for Hugging Face, with a card; `load_dataset(FOLDER, PAIR)` opens it",
    write=_write,
)
