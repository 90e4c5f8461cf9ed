"""Small corpora for reports, written row by row as Parquet, with whatever texts a test wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.store.schema import arrow_schema

RUN_ID = "20201114T060000Z"
Row = dict[str, Any]


def article_id(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:16]


def article(name: str, **values: Any) -> Row:
    """Return a row of `articles`; `name` gives it its id."""
    return {
        "article_id": article_id(name),
        "revision": 1,
        "source_uri": f"news/{name}.txt",
        "url": f"https://news.example/{name}",
        "publisher": "The Harbour",
        "title": f"News of {name}",
        "published_at": datetime(2020, 11, 13, 9, 30, tzinfo=timezone.utc),
        "source_lang": "en",
        "text": f"News of {name}\n\nThe text of {name}.",
        "run_id": RUN_ID,
        **values,
    }


def translation(of: Row, target: str, texts: Sequence[tuple[str, str]], **values: Any) -> list[Row]:
    """Return rows of `bitext`: a headline, then paragraphs of two sentences; `values` are those of every unit."""
    return [
        {
            "unit_id": sha256(f"{of['article_id']} {target} {number}".encode()).hexdigest()[:16],
            "article_id": of["article_id"],
            "revision": of["revision"],
            "segment": number,
            "paragraph": (number + 1) // 2,
            "kind": "body" if number else "headline",
            "source_lang": of["source_lang"],
            "target_lang": target,
            "source_text": source,
            "target_text": text,
            "models": [f"{of['source_lang']}_{target}@1.0#0123456789ab"],
            "score": -0.2,
            "quality": 0.8,
            "flags": [],
            "edits": [],
            "from_memory": False,
            "published_at": of["published_at"],
            "url": of["url"],
            "run_id": of["run_id"],
            **values,
        }
        for number, (source, text) in enumerate(texts)
    ]


def write_corpus(folder: Path, articles: Iterable[Row], units: Iterable[Row], *, name: str = RUN_ID) -> Path:
    """Write rows into the files that they belong to, and return the folder."""
    files: dict[tuple[str, Path], list[Row]] = {}
    days = {}
    languages = {}
    for row in articles:
        day = _day(row)
        days[row["article_id"], row["revision"]] = day
        languages[row["article_id"]] = row["source_lang"]
        files.setdefault(("articles", folder / "articles" / f"date={day}"), []).append(row)
    for row in units:
        day = days.get((row["article_id"], row["revision"]), _day(row))
        pair = f"{languages.get(row['article_id'], row['source_lang'])}-{row['target_lang']}"
        files.setdefault(("bitext", folder / "bitext" / f"pair={pair}" / f"date={day}"), []).append(row)
    (folder / "bitext").mkdir(parents=True, exist_ok=True)
    for (table, where), rows in files.items():
        write_rows(where / f"{name}-00000.parquet", table, rows)
    return folder


def write_rows(path: Path, table: str, rows: Sequence[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=arrow_schema(table)), path)


def _day(row: Row) -> str:
    published: datetime | None = row["published_at"]
    return published.date().isoformat() if published else "2020-11-14"
