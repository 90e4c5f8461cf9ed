"""Fingerprints of stored originals: what later articles may be near-duplicates of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pipeline.near_duplicates import MAX_IN_BUCKET, Fingerprinted

_SHARING = "SELECT number FROM bands WHERE key = ? ORDER BY number LIMIT ?"
_SIGNATURE = "SELECT article_id, signature FROM fingerprints WHERE number = ?"


class StoredFingerprints:
    """The fingerprints in the state of an output folder, in the order of storing; the caller holds the transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def in_bucket(self, key: int) -> list[int]:
        """Return the numbers of those with a key, earliest first, `MAX_IN_BUCKET` at most."""
        return [number for (number,) in self._connection.execute(_SHARING, (key, MAX_IN_BUCKET))]

    def original(self, number: int) -> tuple[str, bytes]:
        """Return article id and signature of one."""
        article_id, signature = self._connection.execute(_SIGNATURE, (number,)).fetchone()
        return article_id, signature

    def record(self, originals: Iterable[Fingerprinted]) -> None:
        """Add originals."""
        for article_id, revision, (keys, signature) in originals:
            cursor = self._connection.execute(
                "INSERT INTO fingerprints (article_id, revision, signature) VALUES (?, ?, ?)",
                (article_id, revision, signature),
            )
            rows = [(key, cursor.lastrowid) for key in keys]
            self._connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", rows)
