"""Fingerprints of stored originals: what later articles may be near-duplicates of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from pipeline.near_duplicates import MAX_IN_BUCKET, Fingerprint, Fingerprinted

_SHARING = "SELECT number FROM bands WHERE key = ? ORDER BY number LIMIT ?"
_SIGNATURE = "SELECT article_id, signature FROM fingerprints WHERE number = ?"


class StoredFingerprints:
    """The fingerprints in the state of an output folder, in the order of storing; the caller holds the transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def sharing(self, fingerprint: Fingerprint) -> Iterator[tuple[str, bytes]]:
        """Yield article id and signature of those that share a key, earliest first, `MAX_IN_BUCKET` of each at most."""
        execute = self._connection.execute
        numbers = {number for key in fingerprint.keys for (number,) in execute(_SHARING, (key, MAX_IN_BUCKET))}
        for number in sorted(numbers):
            yield from execute(_SIGNATURE, (number,))

    def record(self, originals: Iterable[Fingerprinted]) -> None:
        """Add originals."""
        for article_id, revision, (keys, signature) in originals:
            cursor = self._connection.execute(
                "INSERT INTO fingerprints (article_id, revision, signature) VALUES (?, ?, ?)",
                (article_id, revision, signature),
            )
            rows = [(key, cursor.lastrowid) for key in keys]
            self._connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", rows)
