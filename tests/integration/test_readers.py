"""The files as the usual Parquet readers see them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

from tests.factories import PUBLISHED, make_contents, make_reject, make_story
from tests.folders import write_run

EXPECTED = {
    ("en-hy", "2020-11-13"): 4,
    ("en-ru", "2020-11-12"): 4,
    # Two revisions of one article, the second with a sentence of its own.
    ("en-ru", "2020-11-13"): 9,
    ("hy-en", "2020-11-13"): 4,
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "out"
    first = make_contents(
        make_story("a", targets=("ru", "hy")), make_story("b", published_at=PUBLISHED - timedelta(days=1))
    )
    second = make_contents(make_story("c", language="hy", targets=("en",)), rejects=[make_reject(payload=b"\x00\xff")])
    write_run(folder, first, second)
    write_run(folder, make_contents(make_story("a", revision=2, extra=("42 : 3",))))
    return folder


def _with_pyarrow(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ds.dataset(out / "bitext", partitioning="hive").to_table().to_pylist()
    return rows


def _with_duckdb(out: Path) -> list[dict[str, Any]]:
    query = f"SELECT * FROM read_parquet('{out}/bitext/**/*.parquet', hive_partitioning = true)"  # noqa: S608
    with duckdb.connect() as connection:
        return connection.sql(query).to_arrow_table().to_pylist()  # type: ignore[no-any-return]


def _with_polars(out: Path) -> list[dict[str, Any]]:
    return pl.scan_parquet(out / "bitext", hive_partitioning=True).collect().to_dicts()


def _with_pandas(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pd.read_parquet(out / "bitext").to_dict("records")
    return rows


READERS = [_with_pyarrow, _with_duckdb, _with_polars, _with_pandas]


def _day(value: object) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


@pytest.mark.parametrize("reader", READERS, ids=["pyarrow", "duckdb", "polars", "pandas"])
def test_reader_sees_all_units_with_their_partition_columns(out: Path, reader: Any) -> None:
    rows = reader(out)
    counts = dict.fromkeys(EXPECTED, 0)
    for row in rows:
        counts[row["pair"], _day(row["date"])] += 1
    # The second revision of `a` has all four sentences once more, and one of its own.
    assert counts == EXPECTED | {("en-ru", "2020-11-13"): 9}


@pytest.mark.parametrize("reader", READERS, ids=["pyarrow", "duckdb", "polars", "pandas"])
def test_reader_gets_the_values_that_were_written(out: Path, reader: Any) -> None:
    story = make_story("c", language="hy", targets=("en",))
    rows = sorted((row for row in reader(out) if row["pair"] == "hy-en"), key=lambda row: row["segment"])
    for row, unit in zip(rows, story.translated[0].units, strict=True):
        assert (row["source_text"], row["target_text"]) == (unit.source_text, unit.target_text)
        assert (row["source_start"], row["source_end"]) == (unit.source_start, unit.source_end)
        assert list(row["models"]) == list(unit.models)
        assert list(row["flags"]) == []
        assert pd.Timestamp(row["published_at"]).tz_convert("UTC") == pd.Timestamp(PUBLISHED)
        assert row["pivot_lang"] is None or row["pivot_lang"] != row["pivot_lang"]
        assert row["from_memory"] is False


@pytest.mark.parametrize("table", ["articles", "rejects"])
def test_other_tables_are_read_alike(out: Path, table: str) -> None:
    n_rows = {"articles": 4, "rejects": 1}[table]
    assert len(pd.read_parquet(out / table)) == n_rows
    assert pl.read_parquet(out / table / "**" / "*.parquet").height == n_rows
    assert ds.dataset(out / table, partitioning="hive").count_rows() == n_rows
    with duckdb.connect() as connection:
        query = f"SELECT COUNT(*) FROM '{out}/{table}/**/*.parquet'"  # noqa: S608
        assert connection.execute(query).fetchone() == (n_rows,)


def test_spans_hold_in_sql(out: Path) -> None:
    query = f"""
        SELECT COUNT(*), COUNT(*) FILTER (
            substring(text, source_start + 1, source_end - source_start) = source_text
        ) FROM '{out}/bitext/**/*.parquet' JOIN '{out}/articles/**/*.parquet' USING (article_id, revision)
    """  # noqa: S608
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchone() == (21, 21)
