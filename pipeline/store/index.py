"""What the files of an output folder hold, gathered while they are checked one by one."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from pipeline.store.rows import partition_date

_TABLES = """
CREATE TABLE article (
    article_id TEXT, revision INTEGER, path TEXT, content_sha256 TEXT, source_lang TEXT, ingested_on TEXT,
    PRIMARY KEY (article_id, revision, path)
) WITHOUT ROWID;
CREATE TABLE translation (
    article_id TEXT, revision INTEGER, target_lang TEXT, run_id TEXT,
    PRIMARY KEY (article_id, revision, target_lang, run_id)
) WITHOUT ROWID;
CREATE TABLE unit (unit_id TEXT, run_id TEXT, PRIMARY KEY (unit_id, run_id)) WITHOUT ROWID;
"""


class CorpusIndex:
    """Ids of articles, translations and units; on disk where they do not fit into SQLite's cache."""

    def __init__(self) -> None:
        # The empty name is SQLite's for a database that goes away with its connection.
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(f"PRAGMA journal_mode = OFF; {_TABLES} BEGIN;")

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def add_article(self, row: dict[str, Any], path: str) -> bool:
        """Enter a row of `articles`; return whether it is the first of its revision in its file."""
        ingested_at: datetime = row["ingested_at"]
        return self._insert(
            "article",
            row["article_id"],
            row["revision"],
            path,
            row["content_sha256"],
            row["source_lang"],
            partition_date(None, ingested_at),
        )

    def add_translation(self, article_id: str, revision: int, target: str, run_id: str) -> bool:
        """Enter a translation; return whether it is the first of its run."""
        return self._insert("translation", article_id, revision, target, run_id)

    def add_unit(self, unit_id: str, run_id: str) -> bool:
        """Enter a unit; return whether it is the first of its run with this id."""
        return self._insert("unit", unit_id, run_id)

    def articles(self, article_id: str, revision: int) -> list[tuple[str, str, str, str]]:
        """Return path, content SHA-256, source language and UTC date of ingestion of each row of a revision."""
        return self._connection.execute(
            "SELECT path, content_sha256, source_lang, ingested_on FROM article WHERE article_id = ? AND revision = ?",
            (article_id, revision),
        ).fetchall()

    def has_translation(self, article_id: str, revision: int, target: str, run_id: str) -> bool:
        """Return whether a translation was entered."""
        query = "SELECT 1 FROM translation WHERE article_id = ? AND revision = ? AND target_lang = ? AND run_id = ?"
        return self._connection.execute(query, (article_id, revision, target, run_id)).fetchone() is not None

    def _insert(self, table: str, *values: str | int) -> bool:
        marks = ",".join("?" * len(values))
        # The names are constants of this class; the values are bound.
        query = f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608
        return self._connection.execute(query, values).rowcount == 1
