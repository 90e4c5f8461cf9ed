"""What an output folder takes on the disk, beside the corpus itself."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.layout import STAGING_FOLDER, STATE_FILE, STATE_FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Bytes of the state with its write-ahead log, of what is staged, of all else below `.newsmt`; what is free."""

    state_bytes: int
    staging_bytes: int
    n_staged: int
    other_bytes: int
    free_bytes: int


def measure_space(folder: Path) -> Space:
    """Return what `folder` takes; a run may be writing it meanwhile."""
    n_bytes: Counter[str] = Counter()
    n_files: Counter[str] = Counter()
    own = folder / STATE_FOLDER
    for where, _, names in os.walk(own):
        for path in (Path(where, name) for name in names):
            part = _part(path.relative_to(own))
            if path.name.endswith("-shm"):
                # Shared memory, which whoever reads the state has just made.
                continue
            # What is gone by now was on its way into the corpus.
            with suppress(FileNotFoundError):
                n_bytes[part] += path.lstat().st_size
                n_files[part] += 1
    return Space(
        state_bytes=n_bytes[STATE_FILE],
        staging_bytes=n_bytes[STAGING_FOLDER],
        n_staged=n_files[STAGING_FOLDER],
        other_bytes=n_bytes[""],
        free_bytes=shutil.disk_usage(folder).free,
    )


def _part(path: Path) -> str:
    """Return `path` as one of the parts that are told of; the write-ahead log is part of the state."""
    first = path.parts[0]
    return first if first in (STAGING_FOLDER, STATE_FILE) else STATE_FILE if first == f"{STATE_FILE}-wal" else ""
