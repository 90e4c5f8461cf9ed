"""Fingerprints of stored originals: what later articles may be near-duplicates of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pipeline.near_duplicates import MAX_IN_BUCKET, Fingerprinted
from pipeline.store.state import parts_of

_SHARING = "SELECT number FROM bands WHERE key = ? ORDER BY number LIMIT ?"
_KNOWN = "SELECT DISTINCT key FROM bands WHERE key IN ({})"
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

    def known(self, keys: Iterable[int]) -> set[int]:
        """Return those of `keys` that there are articles with."""
        found: set[int] = set()
        for marks, some in parts_of(list(keys)):
            found.update(key for (key,) in self._connection.execute(_KNOWN.format(marks), some))
        return found

    def record(self, originals: Iterable[Fingerprinted]) -> None:
        """Add originals."""
        (last,) = self._connection.execute("SELECT IFNULL(MAX(number), 0) FROM fingerprints").fetchone()
        numbered = list(enumerate(originals, last + 1))
        self._connection.executemany(
            "INSERT INTO fingerprints (number, article_id, revision, signature) VALUES (?, ?, ?, ?)",
            [(number, one.article_id, one.revision, one.fingerprint.signature) for number, one in numbered],
        )
        # In the order of the table: neighbours in it are on the same page.
        bands = sorted((key, number) for number, one in numbered for key in one.fingerprint.keys)
        self._connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", bands)
