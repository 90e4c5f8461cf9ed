"""What a corpus and its state take beside the rows."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.storage.base import Storage
from pipeline.store.layout import STAGING, STAGING_FOLDER, STATE_FILE, STATE_FOLDER, Location

_OF_STATE = (STATE_FILE, f"{STATE_FILE}-wal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Bytes of the state with its write-ahead log, of what is staged, of all else below `.newsmt`; what is free.

    In a storage `staging_bytes` is not known, and `free_bytes` are those of the disk of the state.
    """

    state_bytes: int
    staging_bytes: int | None
    n_staged: int
    other_bytes: int
    free_bytes: int


def measure_space(location: Location, storage: Storage) -> Space:
    """Return what is taken; a run may be writing it meanwhile.

    Raises:
        OSError: the storage cannot be reached.
    """
    if isinstance(location.out, Path):
        return _on_disk(location, location.out)
    return Space(
        state_bytes=state_size(location),
        staging_bytes=None,
        n_staged=len(storage.files(STAGING)),
        other_bytes=0,
        free_bytes=shutil.disk_usage(location.state_folder).free,
    )


def state_size(location: Location) -> int:
    """Return the bytes of the state with its write-ahead log."""
    return sum(map(_size, (location.state_folder / name for name in _OF_STATE)))


def _on_disk(location: Location, folder: Path) -> Space:
    n_bytes: Counter[str] = Counter()
    n_files: Counter[str] = Counter()
    own = folder / STATE_FOLDER
    # Shared memory is what whoever reads the state has just made.
    of_state = {own / name for name in (*_OF_STATE, f"{STATE_FILE}-shm")}
    for where, _, names in os.walk(own):
        for path in (Path(where, name) for name in names):
            if path not in of_state:
                part = STAGING_FOLDER if path.is_relative_to(own / STAGING_FOLDER) else ""
                n_bytes[part] += _size(path)
                n_files[part] += path.exists()
    return Space(
        state_bytes=state_size(location),
        staging_bytes=n_bytes[STAGING_FOLDER],
        n_staged=n_files[STAGING_FOLDER],
        other_bytes=n_bytes[""],
        free_bytes=shutil.disk_usage(folder).free,
    )


def _size(path: Path) -> int:
    # What is gone by now was on its way into the corpus.
    with suppress(FileNotFoundError):
        return path.lstat().st_size
    return 0
