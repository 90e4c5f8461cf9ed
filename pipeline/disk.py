"""Writing and renaming so that what is done stays done through a crash or a power cut."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

# Linux: fcntl.h and stdio.h; Python has no name for them.
_AT_WORKING_FOLDER = -100
_RENAME_EXCHANGE = 2


def make_folder(folder: Path) -> None:
    """Create `folder` and what is missing above it; the new entries are on the disk before this returns."""
    if folder.is_dir():
        return
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    sync_folders(path.parent for path in missing)


def write_synced(path: Path, data: bytes) -> None:
    """Write a file whose contents are on the disk before this returns; its folder is left to `sync_folders`."""
    make_folder(path.parent)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, data: bytes, *, writer: str = "") -> None:
    """Put a file into the place of another one, whole: who reads it sees the old content or the new one.

    Args:
        path: the file.
        data: its new content.
        writer: tells processes apart that may write the file at the same time.
    """
    unfinished = path.with_name(f".{path.name}{writer}.new")
    try:
        write_synced(unfinished, data)
        if path.exists():
            shutil.copymode(path, unfinished)
        move_synced([(unfinished, path)])
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


def move_synced(moves: Sequence[tuple[Path, Path]]) -> None:
    """Rename files, from and to; all renames are on the disk before this returns."""
    folders = {target.parent for _, target in moves}
    for folder in folders:
        make_folder(folder)
    for source, target in moves:
        source.replace(target)
    sync_folders(folders)


def exchange(one: Path, other: Path) -> None:
    """Let two folders take each other's place in one step: at any moment there is one of them at each path.

    Raises:
        NotImplementedError: the system or the file system cannot do that.
        OSError: one of them is not there, or may not be moved.
    """
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        raise NotImplementedError("folders cannot be exchanged on this system")
    if function(_AT_WORKING_FOLDER, os.fsencode(one), _AT_WORKING_FOLDER, os.fsencode(other), _RENAME_EXCHANGE):
        number = ctypes.get_errno()
        if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise NotImplementedError("folders cannot be exchanged on this file system")
        raise OSError(number, os.strerror(number), str(one), None, str(other))
    sync_folders([one.parent, other.parent])


def sync_tree(folder: Path) -> None:
    """Wait until all files below `folder`, and their entries, are on the disk."""
    for where, _, names in os.walk(folder):
        for name in names:
            sync_file(Path(where, name))
        sync_folders([Path(where)])


def sync_file(path: Path) -> None:
    """Wait until the contents of a file are on the disk; its folder is left to `sync_folders`."""
    _sync(path, os.O_RDONLY)


def sync_folders(folders: Iterable[Path]) -> None:
    """Wait until the entries of `folders` are on the disk."""
    for folder in sorted(set(folders)):
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def remove_empty_folders(folder: Path) -> None:
    """Remove the folders below `folder` that hold nothing."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def is_writable(path: Path) -> bool:
    """Return whether this process may write to a file or folder; False on a read-only medium."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
