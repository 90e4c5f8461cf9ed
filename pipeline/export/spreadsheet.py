"""CSV for spreadsheets: what Excel and LibreOffice open with a double click, and never take for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator
from typing import Any

from pipeline.export.base import Material, TextFormat
from pipeline.export.xml_text import without_impossible

COLUMNS = (
    *("source_text", "target_text", "quality", "flags", "kind", "source_lang", "target_lang"),
    *("date", "url", "article_id", "segment", "unit_id"),
)
"""In the order of the file: what is read first, first."""

_BYTE_ORDER_MARK = "\ufeff"
# What may begin a formula, also behind blanks, and in the full-width forms that some input methods write.
# Source: OWASP, "CSV Injection".
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_DECIMALS = 4


def _write(material: Material) -> Generator[bytes, None, None]:
    yield (_BYTE_ORDER_MARK + _rows([COLUMNS])).encode()
    for batch in material.batches(*COLUMNS):
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        text, n_replaced = without_impossible(_rows([[_cell(value) for value in row] for row in rows]))
        material.tally.n_replaced += n_replaced
        yield text.encode()


def _cell(value: Any) -> Any:
    """Return a value as a cell: texts that could be formulas behind an apostrophe, lists with blanks between."""
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return round(value, _DECIMALS) if isinstance(value, float) else value


def _rows(rows: Any) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


CSV = TextFormat(
    name="csv",
    summary="a table for Excel and LibreOffice: UTF-8 with a mark, texts that look like formulas made harmless",
    suffix=".csv",
    write=_write,
)
