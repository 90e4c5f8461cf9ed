"""Files with a sentence a line, as Moses, Marian, OpenNMT and the tools of OPUS read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.export.base import FolderFormat, Material
from pipeline.export.columns import joined, on_one_line
from pipeline.export.documents import languages_of, safe_name

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = ("pair", "source_text", "target_text", "unit_id")


def _write(material: Material, folder: Path) -> None:
    batches = material.batches(*_COLUMNS, with_target=True)
    for pair, of_pair in groupby(batches, key=lambda batch: str(batch.column("pair")[0])):
        _write_pair(material, folder, pair, of_pair)


def _write_pair(material: Material, folder: Path, pair: str, batches: Iterator[pa.RecordBatch]) -> None:
    with ExitStack() as stack:

        def opened(suffix: str) -> BinaryIO:
            return stack.enter_context((folder / f"{safe_name(pair)}.{safe_name(suffix)}").open("wb"))

        files = [opened(suffix) for suffix in (*languages_of(pair), "ids")]
        for batch in batches:
            lines = _lines(batch)
            material.tally.leave_out(pair, batch.num_rows - lines.num_rows)
            for file, column in zip(files, lines.columns, strict=True):
                file.write(joined(column, "\n") + b"\n" if lines.num_rows else b"")


def _lines(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return source, target and id of each unit, as lines; units of which nothing can be seen are left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = _COLUMNS[1:]
    lines = pa.RecordBatch.from_arrays([on_one_line(batch.column(name)) for name in names], list(names))
    return lines.filter(pc.and_(*(pc.not_equal(lines.column(name), "") for name in ("source_text", "target_text"))))


MOSES = FolderFormat(
    name="moses",
    summary="aligned text files, a sentence a line, for Marian, OpenNMT, Moses and the tools of OPUS",
    write=_write,
)
