"""Hits in the formats that other programs read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.search.hits import FIELDS, Hit
from pipeline.visible import json_safe

TABLE = "table"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".html": "html", ".htm": "html", ".txt": TABLE}


def json_lines(hits: Iterable[Hit]) -> Iterator[str]:
    """Yield one object a line."""
    for hit in hits:
        yield json_safe(json.dumps(hit.to_json(), ensure_ascii=False)) + "\n"


def comma_separated(hits: Iterable[Hit]) -> Iterator[str]:
    """Yield CSV with a header; flags are joined by blanks. No cell of text begins as a formula does."""
    yield _row(FIELDS)
    for hit in hits:
        yield _row(_cell(" ".join(hit.flags) if name == "flags" else getattr(hit, name)) for name in FIELDS)


LINES: Mapping[str, Callable[[Iterable[Hit]], Iterator[str]]] = {"jsonl": json_lines, "csv": comma_separated}
"""The formats that are made of hits alone."""

FORMATS = (TABLE, *LINES, "html")


def format_of(name: str | None, output: Path | None) -> str:
    """Return the format that is wanted: the named one, else that of the file's suffix, else the table.

    Raises:
        UsageError: there is no such format, or the suffix tells none.
    """
    if name is not None:
        if name not in FORMATS:
            raise UsageError(f"--format {name}: there are {', '.join(FORMATS)}")
        return name
    if output is None:
        return TABLE
    if found := _SUFFIXES.get(output.suffix.lower()):
        return found
    raise UsageError(f"--output {output}: the suffix tells no format; add --format, one of {', '.join(FORMATS)}")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _row(cells: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
