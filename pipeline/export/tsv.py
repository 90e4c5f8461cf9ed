"""Tab-separated values: one unit a line, nothing quoted, nothing escaped."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from pipeline.export.base import Material, TextFormat
from pipeline.export.columns import concatenated, decimals, joined, listed, on_one_line

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    *("unit_id", "article_id", "date", "kind", "source_lang", "target_lang", "source_text", "target_text"),
    *("quality", "score", "flags", "models", "url"),
)
"""In the order of the file."""

_AS_TEXT = {"quality": decimals, "score": decimals, "flags": listed, "models": listed}


def _write(material: Material) -> Generator[bytes, None, None]:
    yield ("\t".join(COLUMNS) + "\n").encode()
    for batch in material.batches(*COLUMNS):
        yield joined(_lines(batch))


def _lines(batch: pa.RecordBatch) -> pa.StringArray:
    parts: list[pa.StringArray | str] = []
    for name in COLUMNS:
        column = _AS_TEXT[name](batch.column(name)) if name in _AS_TEXT else batch.column(name)
        parts += [on_one_line(column), "\t"]
    return concatenated(*parts[:-1], "\n")


TSV = TextFormat(
    name="tsv",
    summary="tab-separated values with a header; tabs and line breaks inside of texts become blanks",
    suffix=".tsv",
    write=_write,
)
