"""Replacing partitions of a corpus on a disk as a whole, while others read."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pipeline.disk import exchange, make_folder, move_synced, sync_folders
from pipeline.errors import WriteError
from pipeline.store.files import FileEntry, FileList
from pipeline.store.layout import COMPACTING_FOLDER, RETIRED_FOLDER, STATE_FOLDER
from pipeline.store.state import transaction


class Partitions:
    """The partitions of an output folder on a disk.

    Args:
        folder: the output folder.
        connection: its state.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.compacting = folder / STATE_FOLDER / COMPACTING_FOLDER
        self.retired = folder / STATE_FOLDER / RETIRED_FOLDER
        self._files = FileList(connection)
        self._connection = connection

    def replace(
        self, folder: str, *, old: Sequence[FileEntry], new: Sequence[FileEntry], now: datetime, has_readers: bool
    ) -> None:
        """Put `new` files, which are in `compacting` already, into the place of `old` ones, all at once.

        Args:
            folder: their partition, relative to the output folder.
            old: placed files of it.
            new: what holds the same rows.
            now: the time of day.
            has_readers: False: the two may change places in more than one step.

        Raises:
            WriteError: folders cannot be exchanged here, which readers need; nothing has changed.
            OSError: a file cannot be linked or moved; nothing has changed, or `finish` completes it.
        """
        successor = self.compacting / folder
        gone = {file.path for file in old}
        for path in sorted((self.folder / folder).iterdir()):
            if f"{folder}/{path.name}" not in gone:
                (successor / path.name).hardlink_to(path)
        sync_folders([successor])
        if has_readers:
            self._check_exchange(successor)
        with transaction(self._connection):
            self._files.retire(gone, now)
            self._files.record(new)
        self.finish()

    def finish(self) -> None:
        """Let the partition that was compacted change places with its successor, and put the old files aside.

        Does what is left to do, wherever a crash may have cut it off.
        """
        if not self.compacting.exists():
            return
        merged = [path for path in self._files.unplaced() if (self.compacting / path).exists()]
        try:
            for folder in sorted({path.rpartition("/")[0] for path in merged}):
                exchange(self.compacting / folder, self.folder / folder)
        except NotImplementedError:
            move_synced(self._moves(self.folder))
            move_synced([(self.compacting / path, self.folder / path) for path in merged])
        move_synced(self._moves(self.compacting))
        merged = [path for path in self._files.unplaced() if (self.folder / path).exists()]
        with transaction(self._connection):
            self._files.mark_placed(merged)
        shutil.rmtree(self.compacting)

    def _check_exchange(self, successor: Path) -> None:
        """Try whether folders can be exchanged here, before the ledger counts on it."""
        trial = successor.with_name(f"{successor.name}.trial")
        try:
            for name in ("one", "other"):
                make_folder(trial / name)
            exchange(trial / "one", trial / "other")
        except NotImplementedError as error:
            raise WriteError(f"{self.folder}: {error}; try again with --no-readers while nobody reads") from error
        finally:
            shutil.rmtree(trial, ignore_errors=True)

    def _moves(self, source: Path) -> list[tuple[Path, Path]]:
        """Return what is to be moved aside out of `source`: files that others replaced."""
        return [(source / path, self.retired / path) for path in self._files.retired() if (source / path).exists()]
