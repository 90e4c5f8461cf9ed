"""JSON Lines: units with all their columns, or articles that `newsmt run` reads again."""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Iterable, Sequence
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from pipeline.corpus.tables import PARTITIONS
from pipeline.export.base import Material, TextFormat
from pipeline.store.schema import COLUMNS

_LINES_AT_ONCE = 1000
# Programs that cut at every line end of Unicode would cut inside of texts.
_LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}


def _write_units(material: Material) -> Generator[bytes, None, None]:
    names = (*COLUMNS["bitext"], *PARTITIONS["bitext"])
    return _lines(names, material.units(*names))


def _write_articles(material: Material) -> Generator[bytes, None, None]:
    # The day they are filed under follows from when they were published or read.
    names = tuple(COLUMNS["articles"])
    return _lines(names, material.articles(*names))


def _lines(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Generator[bytes, None, None]:
    rows = iter(rows)
    while some := list(islice(rows, _LINES_AT_ONCE)):
        yield "".join([f"{_line(dict(zip(names, row, strict=True)))}\n" for row in some]).encode()


def _line(record: dict[str, Any]) -> str:
    text = json.dumps({name: _value(value) for name, value in record.items()}, ensure_ascii=False)
    for end, escape in _LINE_ENDS.items():
        text = text.replace(end, escape)
    return text


def _value(value: Any) -> Any:
    """Return what JSON can hold: it has neither dates nor numbers that are none."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    return None if isinstance(value, float) and not math.isfinite(value) else value


JSONL = TextFormat(
    name="jsonl",
    summary="JSON Lines: one unit a line, all columns",
    suffix=".jsonl",
    write=_write_units,
)
ARTICLES_JSONL = TextFormat(
    name="articles-jsonl",
    summary="JSON Lines: one article a line, which `newsmt run` reads again",
    suffix=".articles.jsonl",
    write=_write_articles,
    of="articles",
)
