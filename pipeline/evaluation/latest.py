"""Which run's units count: readers take the latest one of an article, revision and target language."""

from __future__ import annotations

import sqlite3

_TABLE = """
CREATE TABLE latest (
    article_id TEXT, revision INTEGER, target_lang TEXT, run_id TEXT, PRIMARY KEY (article_id, revision, target_lang)
) WITHOUT ROWID;
"""
_ENTER = """
INSERT INTO latest VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET run_id = excluded.run_id WHERE excluded.run_id > run_id
"""
_COUNTS = "SELECT 1 FROM latest WHERE article_id = ? AND revision = ? AND target_lang = ? AND run_id = ?"


class LatestRuns:
    """The latest run by article, revision and target language; on disk where they do not fit into SQLite's cache.

    It reads the rows themselves, because a corpus may have been copied without its ledger.
    """

    def __init__(self) -> None:
        # The empty name is SQLite's for a database that goes away with its connection.
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(f"PRAGMA journal_mode = OFF; {_TABLE} BEGIN;")

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def enter(self, article_id: str, revision: int, target: str, run_id: str) -> None:
        """Enter a translation of an article."""
        self._connection.execute(_ENTER, (article_id, revision, target, run_id))

    def counts(self, article_id: str, revision: int, target: str, run_id: str) -> bool:
        """Return whether a translation is the latest one of those that were entered."""
        return self._connection.execute(_COUNTS, (article_id, revision, target, run_id)).fetchone() is not None
