"""What lies where in a corpus, and where its state does."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import needs_state
from pipeline.errors import UsageError
from pipeline.places import Place

STATE_FOLDER = ".newsmt"
STATE_FILE = "state.sqlite"
LOCK_FILE = "lock"
OWNER_FILE = f"{STATE_FOLDER}/owner.json"
STAGING_FOLDER = "staging"
STAGING = f"{STATE_FOLDER}/{STAGING_FOLDER}"
COMPACTING_FOLDER = "compacting"
RETIRED_FOLDER = "retired"
DATA_FOLDERS = ("bitext", "articles", "rejects", "runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a corpus lies, and in which folder of this machine its state and its lock do; make one with `locate`.

    `is_apart`: the state is in a folder that was named for it, not in `.newsmt` of the corpus.
    """

    out: Place
    state_folder: Path
    is_apart: bool

    def __str__(self) -> str:
        return str(self.out)

    @property
    def state_file(self) -> Path:
        """The ledger and the translation memory."""
        return self.state_folder / STATE_FILE

    @property
    def lock_file(self) -> Path:
        """What a writer locks."""
        return self.state_folder / LOCK_FILE

    @property
    def has_state(self) -> bool:
        """Whether a run has been at work, so that articles may wait in the state."""
        return self.state_file.exists()

    def identity(self) -> tuple[tuple[int, int] | None, ...]:
        """Return what tells state, lock and, on a disk, mark of the owner from others of the same paths."""
        files = [self.state_file, self.lock_file]
        if self.is_apart and isinstance(self.out, Path):
            files.append(self.out / OWNER_FILE)
        return tuple(map(_inode, files))


def locate(out: Place, state: Path | None = None) -> Location:
    """Return where a corpus and its state lie.

    Args:
        out: the corpus.
        state: the folder of its state; None for that of a corpus on a disk, `.newsmt` in it.

    Raises:
        UsageError: the corpus is in a storage, and no folder is named for its state.
    """
    if isinstance(out, Path):
        own = out / STATE_FOLDER
        is_apart = state is not None and os.path.realpath(state) != os.path.realpath(own)
        return Location(out=out, state_folder=state if state and is_apart else own, is_apart=is_apart)
    if state is None:
        raise UsageError(needs_state(out))
    return Location(out=out, state_folder=state, is_apart=True)


def has_state(out: Place, state: Path | None = None) -> bool:
    """Return whether a run has been at work on a corpus; False where it cannot be told where its state is."""
    return (state is not None or isinstance(out, Path)) and locate(out, state).has_state


def data_folders(folder: Path) -> list[str]:
    """Return the names of the folders with data that are there."""
    return [name for name in DATA_FOLDERS if (folder / name).exists()]


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None
