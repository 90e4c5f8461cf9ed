"""Files of schema version 1: they are still checked, read and merged with later ones."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.store.compaction import compact
from pipeline.store.dataset import open_dataset
from pipeline.store.schema import MEASURE_COLUMNS, arrow_schema, signatures_of, version_of
from pipeline.store.verify import verify
from tests.factories import NOW, make_contents, make_story
from tests.folders import change_state, data_bytes, table_rows, write_run

ADDED = {"edits", *MEASURE_COLUMNS}


def make_older(folder: Path, path: str) -> None:
    """Rewrite a file as newsmt wrote it before checks were columns."""
    file = folder / path
    table = path.partition("/")[0]
    old = pq.read_table(file)
    schema = arrow_schema(table, signatures_of(old.schema.metadata), version=1)
    pq.write_table(old.select(schema.names).cast(schema), file, compression="zstd")
    data = file.read_bytes()
    change_state(
        folder,
        "UPDATE files SET size_bytes = ?, sha256 = ? WHERE path = ?",
        (len(data), sha256(data).hexdigest(), path),
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    for number in range(2):
        story = make_story(f"story {number}", language="en", targets=["ru"])
        write_run(folder, make_contents(story), signature=f"run|{number}")
    older = [path for path in data_bytes(folder) if path.endswith("-00000.parquet")]
    for path in older[::2]:
        make_older(folder, path)
    return folder


def test_older_files_have_fewer_columns_and_pass_the_check(out: Path) -> None:
    versions = {}
    for path in data_bytes(out):
        schema = pq.read_schema(out / path)
        versions[path] = version_of(schema.metadata)
        if path.startswith("bitext"):
            assert (set(schema.names) >= ADDED) == (versions[path] == "2")

    assert set(versions.values()) == {"1", "2"}
    assert verify(out).problems == ()


def test_older_files_are_merged_with_later_ones(out: Path) -> None:
    before = {row["unit_id"]: row for row in table_rows(out, "bitext")}
    with open_dataset(out) as dataset:
        compact(dataset, file_bytes=1 << 20, now=NOW + timedelta(days=1))

    after = {row["unit_id"]: row for row in table_rows(out, "bitext")}
    assert after.keys() == before.keys()
    assert all(after[key][name] == value for key, row in before.items() for name, value in row.items())
    assert {row["edits"] is None for row in after.values()} == {True, False}
    assert verify(out).problems == ()


def test_files_of_a_later_version_are_told(out: Path) -> None:
    path = next(path for path in data_bytes(out) if path.startswith("bitext"))
    table = pq.read_table(out / path)
    metadata = {**table.schema.metadata, b"newsmt.schema_version": b"99"}
    pq.write_table(table.replace_schema_metadata(metadata), out / path)
    data = (out / path).read_bytes()
    change_state(
        out, "UPDATE files SET size_bytes = ?, sha256 = ? WHERE path = ?", (len(data), sha256(data).hexdigest(), path)
    )

    details = [problem.detail for problem in verify(out).problems]
    assert any("has schema version 99, 1 to 2 are known" in detail for detail in details)
