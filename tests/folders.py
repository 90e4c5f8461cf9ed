"""Output folders made by hand, and what tests do to them."""

from __future__ import annotations

import ctypes
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pipeline.store.dataset import open_dataset
from pipeline.store.rows import ShardContents
from tests.factories import NOW

COUNTS = {"n_articles": 1, "n_rejected": 0, "n_known": 0, "n_units": 4, "units": {"en-ru": 4}}

_CAP_DAC_OVERRIDE_AND_READ_SEARCH = 0b110
_CAPABILITY_VERSION_3 = 0x20080522


def write_run(folder: Path, *shards: ShardContents, signature: str = "run|1", is_finished: bool = True) -> str:
    """Commit `shards` as one run, and return its id."""
    with open_dataset(folder) as dataset:
        run = dataset.ledger.begin_run(signature, NOW)
        for number, contents in enumerate(shards, len(dataset.ledger.shard_counts(run.run_id))):
            dataset.commit(contents, run_id=run.run_id, shard=number, counts=COUNTS)
        if is_finished:
            manifest = {"run_id": run.run_id, "stopped_by": None, "counts": COUNTS}
            dataset.finish_run(manifest, run_id=run.run_id, now=NOW)
    return run.run_id


def data_bytes(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all Parquet files that readers see, by path."""
    paths = [path for name in ("bitext", "articles", "rejects") for path in (folder / name).rglob("*.parquet")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def change_state(folder: Path, statement: str, values: Sequence[Any] = ()) -> None:
    """Execute one statement on the state of an output folder."""
    with closing(sqlite3.connect(folder / ".newsmt" / "state.sqlite")) as connection, connection:
        connection.execute(statement, values)


def make_version(state: Path, version: int) -> None:
    """Turn a state into one of an earlier version, without what came later."""
    came_with = {
        2: "DROP TABLE waiting;",
        3: "DROP TABLE unfinished; DROP TABLE retired; ALTER TABLE memory DROP COLUMN used_on;",
        4: "ALTER TABLE memory DROP COLUMN sound_by; DROP TABLE sightings; DROP TABLE fingerprints; DROP TABLE bands;",
        5: "DROP TABLE owner; ALTER TABLE files DROP COLUMN attempt;",
    }
    changes = "".join(change for number, change in came_with.items() if number > version)
    with closing(sqlite3.connect(state, isolation_level=None)) as connection:
        connection.executescript(f"BEGIN; {changes} PRAGMA user_version = {version}; COMMIT;")


@contextmanager
def without_override() -> Iterator[None]:
    """Let file permissions hold for this thread even where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    if libc.capget(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    before = data[0]
    data[0] = before & ~_CAP_DAC_OVERRIDE_AND_READ_SEARCH
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    try:
        yield
    finally:
        data[0] = before
        libc.capset(header, data)


def table_rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """Return the rows of `bitext`, `articles` or `rejects` in the order of the files, without the partition columns."""
    import pyarrow.parquet as pq

    paths = sorted((folder / table).rglob("*.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]
