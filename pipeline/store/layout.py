"""What lies where in an output folder, and whether a folder is one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pipeline.disk import is_writable
from pipeline.errors import OutputError

STATE_FOLDER = ".newsmt"
STATE_FILE = "state.sqlite"
LOCK_FILE = "lock"
STAGING_FOLDER = "staging"
COMPACTING_FOLDER = "compacting"
RETIRED_FOLDER = "retired"
DATA_FOLDERS = ("bitext", "articles", "rejects", "runs")


def has_state(folder: Path) -> bool:
    """Return whether a run has been at work on a folder, so that articles may wait in its state."""
    return (folder / STATE_FOLDER / STATE_FILE).exists()


def check_folder(folder: Path) -> None:
    """Look whether `folder` may be an output folder; nothing is written.

    Raises:
        OutputError: it is a file, or holds data that is not of newsmt, or whose state is lost.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file; --out takes a folder")
    strangers = data_folders(folder)
    if strangers and not has_state(folder):
        raise OutputError(
            f"{folder}: holds {', '.join(strangers)} but no {STATE_FOLDER}/{STATE_FILE}; choose another --out, or, "
            f"where these are of newsmt, let `newsmt check --repair {folder}` make the state anew"
        )


def prepare_folder(folder: Path) -> None:
    """Create what a writer needs in an output folder.

    Raises:
        OutputError: it cannot be written, or holds something else.
    """
    state_folder = folder / STATE_FOLDER
    check_folder(folder)
    try:
        (state_folder / STAGING_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror}); choose another --out") from error
    parts = (state_folder, *state_folder.iterdir(), *(folder / name for name in data_folders(folder)))
    # A run that ends just now removes the files of its write-ahead log.
    if locked := [str(path) for path in parts if not is_writable(path) and path.exists()]:
        raise OutputError(f"{folder}: cannot be written (no permission for {locked[0]}); choose another --out")


def identity_of(folder: Path) -> tuple[tuple[int, int] | None, ...]:
    """Return what tells the state and the lock of a folder from others of the same path."""
    return tuple(map(_inode, (folder / STATE_FOLDER / STATE_FILE, folder / STATE_FOLDER / LOCK_FILE)))


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def data_folders(folder: Path) -> list[str]:
    """Return the names of the folders with data that are there."""
    return [name for name in DATA_FOLDERS if (folder / name).exists()]
