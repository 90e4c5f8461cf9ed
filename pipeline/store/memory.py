"""Translation memory: every hypothesis ever decoded under the same settings, by key."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from pipeline.decode.hypothesis import Hypothesis
from pipeline.store.state import path_of, state_errors

_KEYS_PER_QUERY = 500


class StoredMemory:
    """The memory of an output folder; new entries wait until the shard is committed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fresh: dict[bytes, Hypothesis] = {}

    def look_up(self, keys: Sequence[bytes]) -> dict[bytes, Hypothesis]:
        """Return the committed entries that exist among `keys`.

        Raises:
            StateError: the state is damaged. The runner must see it as such: any other exception it takes for the
                fault of an article.
        """
        with state_errors(path_of(self._connection)):
            return self._look_up(keys)

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, Hypothesis]:
        found: dict[bytes, Hypothesis] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, text, score, is_truncated FROM memory WHERE key IN ({marks})"  # noqa: S608 - marks only
            for key, text, score, is_truncated in self._connection.execute(query, some):
                found[key] = Hypothesis(text=text, score=score, is_truncated=bool(is_truncated))
        return found

    def add(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Keep `entries` for `flush`."""
        self._fresh.update(entries)

    def discard(self) -> None:
        """Forget what was added: it is committed, or of a shard that failed."""
        self._fresh.clear()

    def flush(self) -> None:
        """Write the fresh entries; the caller holds the transaction, and calls `discard` once it is committed."""
        rows = [(key, h.text, h.score, int(h.is_truncated)) for key, h in sorted(self._fresh.items())]
        self._connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?)", rows)

    def count(self) -> int:
        """Return the number of committed entries."""
        return int(self._connection.execute("SELECT COUNT(*) FROM memory").fetchone()[0])
