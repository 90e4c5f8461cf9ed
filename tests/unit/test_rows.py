from __future__ import annotations

from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.errors import Reason
from pipeline.store.rows import ShardContents, Table, partition_date, rejects_tables, tables_of
from pipeline.store.schema import (
    COLUMNS,
    MEASURE_COLUMNS,
    NULLABLE,
    SCHEMA_VERSION,
    SIGNATURES,
    arrow_schema,
    signatures_of,
)
from tests.factories import NOW, PUBLISHED, RUN_ID, Story, make_contents, make_entry, make_reject, make_story


def _tables(contents: ShardContents) -> dict[str, Table]:
    return {
        table.path: table
        for table in (
            *tables_of(contents, run_id=RUN_ID, shard=3),
            *rejects_tables(contents.rejects, run_id=RUN_ID, shard=3),
        )
    }


def _rows(table: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(BytesIO(table.to_parquet()), partitioning=None).to_pylist()
    return rows


def test_each_pair_and_date_has_its_file_in_a_fixed_order() -> None:
    day_before = PUBLISHED - timedelta(days=1)
    contents = make_contents(
        make_story("a", targets=("ru", "hy")),
        make_story("b", language="ru", targets=("en",)),
        make_story("c", published_at=day_before),
        make_story("d"),
        rejects=[make_reject()],
    )
    assert {path: table.n_rows for path, table in _tables(contents).items()} == {
        f"bitext/pair=en-hy/date=2020-11-13/{RUN_ID}-00003.parquet": 4,
        f"bitext/pair=en-ru/date=2020-11-12/{RUN_ID}-00003.parquet": 4,
        f"bitext/pair=en-ru/date=2020-11-13/{RUN_ID}-00003.parquet": 8,
        f"bitext/pair=ru-en/date=2020-11-13/{RUN_ID}-00003.parquet": 4,
        f"articles/date=2020-11-12/{RUN_ID}-00003.parquet": 1,
        f"articles/date=2020-11-13/{RUN_ID}-00003.parquet": 3,
        f"rejects/{RUN_ID}-00003.parquet": 1,
    }
    assert list(_tables(contents)) == list(_tables(contents))


@pytest.mark.parametrize(
    ("published_at", "date"),
    [
        (PUBLISHED, "2020-11-13"),
        (None, "2020-11-14"),
        (datetime(2020, 11, 13, 1, 0, tzinfo=timezone(timedelta(hours=4))), "2020-11-12"),
        (datetime(987, 1, 2, tzinfo=timezone.utc), "0987-01-02"),
    ],
    ids=["published", "unknown, so ingested", "after midnight in Yerevan", "year of three digits"],
)
def test_partition_is_the_utc_date(published_at: datetime | None, date: str) -> None:
    assert partition_date(published_at, NOW) == date
    assert f"articles/date={date}" in next(
        iter(_tables(make_contents(make_story(published_at=published_at, targets=()))))
    )


def test_no_file_is_empty() -> None:
    story = make_story()
    without_units = Story(entry=make_entry(story.translated[0].task.source, has_row=False), translated=())
    assert _tables(make_contents(without_units)) == {}


def test_translation_without_units_has_no_file() -> None:
    from dataclasses import replace

    story = make_story()
    hollow = replace(story, translated=(replace(story.translated[0], units=()),))
    assert [table.name for table in _tables(make_contents(hollow)).values()] == ["articles"]


def test_article_that_has_its_row_gets_units_only() -> None:
    story = make_story()
    redone = Story(entry=make_entry(story.translated[0].task.source, has_row=False), translated=story.translated)
    assert [table.name for table in _tables(make_contents(redone)).values()] == ["bitext"]


@pytest.mark.parametrize("name", list(COLUMNS))
def test_file_has_the_declared_columns_and_the_schema_version(name: str) -> None:
    contents = make_contents(make_story(), rejects=[make_reject()])
    table = next(table for table in _tables(contents).values() if table.name == name)
    schema = pq.read_schema(BytesIO(table.to_parquet()))
    assert schema.equals(arrow_schema(name))
    assert schema.names == list(COLUMNS[name])
    assert {key: value for key, value in schema.metadata.items() if key != SIGNATURES} == {
        b"newsmt.schema_version": str(SCHEMA_VERSION).encode(),
        b"newsmt.table": name.encode(),
    }
    made_under = {"bitext": "work|1", "articles": "reading|1", "rejects": None}[name]
    assert signatures_of(schema.metadata).get(RUN_ID) == made_under
    assert NULLABLE[name] < set(schema.names)


def test_equal_rows_give_equal_bytes() -> None:
    one, other = (make_contents(make_story(targets=("ru", "hy")), rejects=[make_reject()]) for _ in range(2))
    assert [t.to_parquet() for t in _tables(one).values()] == [t.to_parquet() for t in _tables(other).values()]


def test_units_come_back_as_they_were() -> None:
    story = make_story(language="hy", targets=("ru",))
    table = next(table for table in _tables(make_contents(story)).values() if table.name == "bitext")
    for row, unit in zip(_rows(table), story.translated[0].units, strict=True):
        assert row.pop("run_id") == RUN_ID
        assert [row.pop(name) for name in ("models", "flags", "edits")] == [
            [*unit.models],
            [*unit.flags],
            [*unit.edits],
        ]
        assert [row.pop(name) for name in MEASURE_COLUMNS] == [*(unit.measures or [None] * len(MEASURE_COLUMNS))]
        assert row == {name: getattr(unit, name) for name in row}
        assert story.article.text[row["source_start"] : row["source_end"]] == row["source_text"]


def test_article_comes_back_as_it_was() -> None:
    story = make_story(language="ru", targets=("en",))
    table = next(table for table in _tables(make_contents(story)).values() if table.name == "articles")
    assert _rows(table) == [
        {
            "article_id": story.article.article_id,
            "revision": 1,
            "content_sha256": story.article.content_sha256,
            "source_uri": "news/budget.txt",
            "url": "https://news.example/budget",
            "publisher": "Example",
            "title": "Парламент принял бюджет",
            "published_at": PUBLISHED,
            "ingested_at": NOW,
            "source_lang": "ru",
            "lang_score": 0.99,
            "text": story.article.text,
            "run_id": RUN_ID,
            "authors": [],
            "section": None,
            "keywords": [],
            "updated_at": None,
            "licence": None,
            "claimed_language": None,
            "encoding": "utf-8",
            "notes": [],
            "duplicate_of": None,
            "similarity": None,
        }
    ]


def test_reject_keeps_reason_and_payload() -> None:
    reject = make_reject("photo.txt", reason=Reason.BINARY, payload=b"\x89PNG\x00\xff")
    table = next(iter(_tables(make_contents(rejects=[reject])).values()))
    row = _rows(table)[0]
    assert (row["reason"], row["payload"], row["payload_bytes"]) == ("binary", b"\x89PNG\x00\xff", 6)
    assert row["payload_sha256"] == reject.payload_sha256


def test_merged_contents_keep_their_order() -> None:
    one = make_contents(make_story("a"), rejects=[make_reject("1")], waiting=[("a", 1, "hy")])
    other = make_contents(make_story("b"), rejects=[make_reject("2")], waiting=[("b", 1, "hy")])
    merged = ShardContents.merged([one, other])
    assert merged.articles == (*one.articles, *other.articles)
    assert merged.translated == (*one.translated, *other.translated)
    assert merged.waiting == (("a", 1, "hy"), ("b", 1, "hy"))
    assert [reject.source_uri for reject in merged.rejects] == ["1", "2"]
