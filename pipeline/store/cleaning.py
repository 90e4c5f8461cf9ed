"""Deleting what nobody needs any more from an output folder."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.disk import remove_empty_folders
from pipeline.store.dataset import Dataset
from pipeline.store.space import state_size
from pipeline.store.state import SECONDS_OF_A_DAY, today

_WORTH_A_VACUUM = 0.2
"""The share of free pages from which on the state is written anew: that takes its whole size once more for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """What was deleted; `bytes_freed` are those of files and of the state."""

    n_retired_files: int
    n_memory_entries: int
    bytes_freed: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)


def clean(dataset: Dataset, *, now: datetime, retired_after_s: float, memory_after_s: float | None) -> Cleaning:
    """Delete files that `compact` replaced, and translations that were not used for long.

    What runs left in staging is deleted when the folder is opened for writing.

    Args:
        dataset: the output folder, open for writing.
        now: the time of day, time zone aware.
        retired_after_s: how long replaced files are kept for readers that found them before.
        memory_after_s: after how long without use a translation is forgotten; None: never.

    Raises:
        OSError: a file cannot be deleted.
    """
    before = state_size(dataset.location)
    retired = dataset.files.retired(before=now - timedelta(seconds=retired_after_s))
    freed = _delete(dataset.partitions.retired, retired) if dataset.partitions else 0
    with dataset.transaction():
        dataset.files.forget_retired(retired)
        n_entries = 0
        if memory_after_s is not None:
            n_entries = dataset.memory.forget_unused_since(today() - int(memory_after_s // SECONDS_OF_A_DAY))
    _shrink(dataset.connection)
    return Cleaning(
        n_retired_files=len(retired),
        n_memory_entries=n_entries,
        bytes_freed=freed + max(0, before - state_size(dataset.location)),
    )


def _delete(folder: Path, paths: list[str]) -> int:
    """Delete files below `folder`, and folders that are empty then; return the size of the files in bytes."""
    freed = 0
    for path in map(folder.joinpath, paths):
        if path.exists():
            freed += path.stat().st_size
            path.unlink()
    remove_empty_folders(folder)
    return freed


def _shrink(connection: sqlite3.Connection) -> None:
    n_pages, n_free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    if n_free > n_pages * _WORTH_A_VACUUM:
        connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
