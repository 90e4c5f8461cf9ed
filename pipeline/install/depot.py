"""newsmt's own folder of packages: one writer, no half packages, and the lock file that records them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.disk import make_folder, move_synced, sync_folders, sync_tree
from pipeline.errors import LockHeldError, ModelError
from pipeline.lock import writer_lock
from pipeline.models.lockfile import LOCK_FILE, Lock, LockEntry, read_lock

_WORK_FOLDER = ".newsmt"
_HOLDER = "another installation is at work here"


class Depot:
    """A folder of packages that is open for changes; `lock` is the content of its lock file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock: Lock = read_lock(folder / LOCK_FILE)
        self._staging = folder / _WORK_FOLDER / "staging"

    def path_of(self, name: str) -> Path:
        """Return where the package `name` is, or would be."""
        return self.folder / name

    def stage(self, name: str) -> Path:
        """Return a new empty folder for a package in the making."""
        path = self._staging / name
        shutil.rmtree(path, ignore_errors=True)
        make_folder(path)
        return path

    def place(self, staged: Path, name: str, entry: LockEntry) -> Path:
        """Record a staged package and put it into its place by renaming, and return that place.

        The record comes first: a package that is there without one could not be told from a foreign one.
        """
        sync_tree(staged)
        self.record(name, entry)
        path = self.path_of(name)
        if path.exists():
            path.rename(self._staging / f"{name}.old")
        move_synced([(staged, path)])
        return path

    def record(self, name: str, entry: LockEntry) -> None:
        """Write what is known of a package into the lock file."""
        self.lock = self.lock.with_entry(name, entry)
        self.lock.write()

    def remove(self, name: str) -> None:
        """Take a package and its record away; a crash leaves it whole, or without record, but never in part."""
        path = self.path_of(name)
        if path.exists():
            make_folder(self._staging)
            path.rename(self._staging / f"{name}.old")
            sync_folders([self.folder])
        self.lock = self.lock.without([name])
        self.lock.write()

    def clear(self) -> None:
        """Remove what a crash, or a refused package, left."""
        shutil.rmtree(self._staging, ignore_errors=True)


@contextmanager
def open_depot(folder: Path) -> Iterator[Depot]:
    """Open a folder of packages for changes: create it where missing, and remove what a crash left.

    Raises:
        ModelError: it cannot be written, its lock file is damaged, another process changes it, or the disk is full.
    """
    with _write_errors(folder):
        work = folder / _WORK_FOLDER
        make_folder(work)
        with _sole_writer(work / "lock"):
            depot = Depot(folder)
            depot.clear()
            try:
                yield depot
            finally:
                depot.clear()


@contextmanager
def _sole_writer(path: Path) -> Iterator[None]:
    try:
        with writer_lock(path, what=_HOLDER):
            yield
    except LockHeldError as error:
        raise ModelError(str(error)) from error


@contextmanager
def _write_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(f"{folder}: {reason}; make room and install again") from error
        where = error.filename or folder
        raise ModelError(
            f"{os.fspath(where)}: cannot be used ({reason}); mend that, or set NEWSMT_PACKAGES_DIR to another folder"
        ) from error
