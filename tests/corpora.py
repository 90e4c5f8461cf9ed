"""Corpora written row by row, for what no run would leave: any flags, qualities and runs, in files of any name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.store.schema import SCHEMA_VERSION, arrow_schema

Row = dict[str, Any]

_UNIT: Row = {
    "revision": 1,
    "segment": 0,
    "paragraph": 0,
    "kind": "body",
    "source_text": "The law takes effect in January.",
    "target_text": "Закон вступит в силу в январе.",
    "source_start": 0,
    "source_end": 32,
    "target_start": 0,
    "target_end": 30,
    "models": ["en_ru@1.9#0123456789ab"],
    "score": -0.1,
    "quality": 0.9,
    "flags": [],
    "edits": [],
    "from_memory": False,
    "published_at": datetime(2020, 11, 13, 9, 30, tzinfo=timezone.utc),
    "run_id": "20201114T060000Z",
}
_ARTICLE: Row = {
    "revision": 1,
    "content_sha256": "0" * 64,
    "source_uri": "news.jsonl#1",
    "publisher": "Example",
    "ingested_at": datetime(2020, 11, 14, 6, 0, tzinfo=timezone.utc),
    "source_lang": "en",
    "lang_score": 1.0,
    "text": "The law takes effect in January.",
    "run_id": "20201114T060000Z",
}


def unit(article_id: str = "a", *, pair: str = "en-ru", **changes: Any) -> Row:
    """Return a row of `bitext`; its id is that of article, revision, target and segment."""
    source, target = pair.split("-")
    row = {"article_id": article_id, "source_lang": source, "target_lang": target, **_UNIT, **changes}
    key = (row["article_id"], row["revision"], row["target_lang"], row["segment"])
    return {"unit_id": ":".join(map(str, key)), **row}


def article(article_id: str = "a", **changes: Any) -> Row:
    """Return a row of `articles`."""
    return {"article_id": article_id, **_ARTICLE, **changes}


def write_units(
    folder: Path,
    rows: Sequence[Row],
    *,
    pair: str = "en-ru",
    day: str = "2020-11-13",
    name: str = "20201114T060000Z-00000",
    version: int = SCHEMA_VERSION,
) -> Path:
    """Write rows as a file of `bitext` and return it."""
    return _write(folder / "bitext" / f"pair={pair}" / f"date={day}" / f"{name}.parquet", rows, version)


def write_articles(
    folder: Path,
    rows: Sequence[Row],
    *,
    day: str = "2020-11-13",
    name: str = "20201114T060000Z-00000",
    version: int = SCHEMA_VERSION,
) -> Path:
    """Write rows as a file of `articles` and return it."""
    return _write(folder / "articles" / f"date={day}" / f"{name}.parquet", rows, version)


def _write(file: Path, rows: Sequence[Row], version: int) -> Path:
    schema = arrow_schema(file.parts[-4] if "pair=" in file.parts[-3] else "articles", version=version)
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file, compression="zstd")
    return file
