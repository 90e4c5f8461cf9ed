"""Corpora whose Parquet files hold what no run would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.store.schema import arrow_schema


def change_rows(where: Path, table: str, **values: Any) -> None:
    """Give all rows of `bitext` or `articles`, or of one file of these, the same values in some columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(table)
    for path in [where] if where.is_file() else sorted((where / table).rglob("*.parquet")):
        rows = [{**row, **values} for row in pq.ParquetFile(path).read().to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
