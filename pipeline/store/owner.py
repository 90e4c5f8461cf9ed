"""Whose a corpus is that has its state apart.

An object beside its files names the one state that knows them: two runs with a state each would not see each other's
lock, and each would take the files of the other for what a crash has left.
"""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

from pipeline.errors import OutputError
from pipeline.storage.base import Storage
from pipeline.store.files import FileList
from pipeline.store.layout import DATA_FOLDERS, OWNER_FILE, Location
from pipeline.store.ledger import Ledger


class Ownership:
    """What a corpus and a state say of each other.

    Args:
        location: where the two are; nothing is asked and nothing done where the state is in the corpus itself.
        storage: the corpus.
        connection: the state.
    """

    def __init__(self, location: Location, storage: Storage, connection: sqlite3.Connection) -> None:
        self._location = location
        self._storage = storage
        self._connection = connection

    def check(self) -> None:
        """Look whether the corpus is that of the state, or may become it.

        Raises:
            OutputError: it is not.
            OSError: the corpus cannot be reached.
        """
        if self._location.is_apart and not self._is_marked():
            self._check_files()

    def claim(self) -> None:
        """Mark the corpus as that of the state, where it is not yet.

        Raises:
            OutputError: it belongs to another one.
            OSError: the corpus cannot be reached.
        """
        if not self._location.is_apart or self._is_marked():
            return
        self._check_files()
        if self._own_id() is None:
            self._connection.execute("INSERT INTO owner VALUES (?)", (uuid4().hex,))
        state = str(Path.cwd() / self._location.state_folder)
        mark = {"id": self._own_id(), "host": socket.gethostname(), "state": state}
        self._storage.write({OWNER_FILE: json.dumps(mark, ensure_ascii=False).encode(errors="backslashreplace")})
        # Somebody else may have had the same idea at the same moment.
        self._is_marked()

    def is_lost(self) -> bool:
        """Return whether the mark is gone or another one, so that the corpus is not the one any more that was opened.

        Raises:
            OSError: the corpus cannot be reached.
        """
        return self._location.is_apart and self._mark().get("id") != self._own_id()

    def _is_marked(self) -> bool:
        if not self._storage.exists(OWNER_FILE):
            return False
        mark = self._mark()
        if mark.get("id") == self._own_id():
            return True
        if not {"id", "host", "state"} <= mark.keys():
            raise OutputError(
                f"{self._location}: {OWNER_FILE} in it is damaged; delete it where {self._location.state_folder} is "
                "the state of this corpus, else choose another --out"
            )
        raise OutputError(
            f"{self._location}: belongs to the state in {mark['state']} on {mark['host']}, not to that in "
            f"{self._location.state_folder}; give --state {mark['state']} there, or choose another --out "
            "(docs/storage.md tells what to do where that state is lost)"
        )

    def _mark(self) -> dict[str, Any]:
        try:
            mark = json.loads(self._storage.read(OWNER_FILE))
        except (FileNotFoundError, ValueError):
            return {}
        return mark if isinstance(mark, dict) else {}

    def _own_id(self) -> str | None:
        row = self._connection.execute("SELECT id FROM owner").fetchone()
        return row[0] if row else None

    def _check_files(self) -> None:
        """Look whether what is there without a mark is what the state knows: the mark may have been lost."""
        known = {entry.path for entry in FileList(self._connection) if entry.is_placed}
        manifests = {f"runs/{run.run_id}.json" for run in Ledger(self._connection).runs()}
        there = {path for name in DATA_FOLDERS for path in self._storage.files(name)}
        if lost := sorted(known - there):
            raise OutputError(
                f"{self._location}: is not the corpus of the state in {self._location.state_folder}, or not all of it: "
                f"{len(lost):,} of its files are not there, as {lost[0]}; name --out and --state of the same corpus"
            )
        if not known and (strangers := sorted(there - manifests)):
            raise OutputError(
                f"{self._location}: holds files that the state in {self._location.state_folder} does not know, "
                f"as {strangers[0]}; choose another --out, or name their --state"
            )
