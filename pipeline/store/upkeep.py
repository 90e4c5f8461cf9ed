"""Upkeep of an output folder that nobody has opened yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.store.cleaning import Cleaning, clean
from pipeline.store.compaction import Compaction, compact, plan_merges
from pipeline.store.dataset import open_dataset
from pipeline.store.files import FileList
from pipeline.store.layout import locate
from pipeline.store.preparation import check_has_state
from pipeline.store.state import open_state_to_read, state_errors


def compact_folder(
    folder: Path,
    *,
    state: Path | None = None,
    file_bytes: int,
    now: datetime,
    has_readers: bool,
    wait_s: float,
    is_stopped: Callable[[], bool],
) -> Compaction:
    """Merge the small files of an output folder; see `compaction.compact`.

    `state` is the folder of its state, where that is not in it.

    Raises:
        OutputError: the folder holds no output of newsmt.
        LockHeldError: a run is at work on it.
        WaitStoppedError: `is_stopped` said so, while waiting for it.
    """
    _check_is_output(folder, state)
    with open_dataset(folder, state=state, wait_s=wait_s, is_stopped=is_stopped) as dataset:
        return compact(dataset, file_bytes=file_bytes, now=now, has_readers=has_readers, is_stopped=is_stopped)


def forecast_compaction(folder: Path, *, state: Path | None = None, file_bytes: int) -> Compaction:
    """Return what `compact_folder` would do; the sizes afterwards are not known before.

    Raises:
        OutputError: the folder holds no output of newsmt.
    """
    location = locate(folder, state)
    check_has_state(location)
    with closing(open_state_to_read(location.state_file)) as connection, state_errors(location.state_file):
        merges = plan_merges(list(FileList(connection)), file_bytes=file_bytes)
    n_bytes = sum(file.size_bytes for merge in merges for file in merge.files)
    return Compaction(
        n_partitions=len({merge.folder for merge in merges}),
        n_files_before=sum(len(merge.files) for merge in merges),
        n_files_after=len(merges),
        bytes_before=n_bytes,
        bytes_after=n_bytes,
    )


def clean_folder(
    folder: Path,
    *,
    state: Path | None = None,
    now: datetime,
    retired_after_s: float,
    memory_after_s: float | None,
    wait_s: float,
) -> Cleaning:
    """Delete what nobody needs any more; see `cleaning.clean`.

    `state` is the folder of the state, where that is not in the output folder.

    Raises:
        OutputError: the folder holds no output of newsmt.
        LockHeldError: a run is at work on it.
    """
    _check_is_output(folder, state)
    with open_dataset(folder, state=state, wait_s=wait_s) as dataset:
        return clean(dataset, now=now, retired_after_s=retired_after_s, memory_after_s=memory_after_s)


def _check_is_output(folder: Path, state: Path | None) -> None:
    location = locate(folder, state)
    check_has_state(location)
    if not location.has_state:
        raise OutputError(f"{folder}: no output of newsmt here; run `newsmt run` first")
