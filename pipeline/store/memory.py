"""Translation memory: every hypothesis ever decoded under the same settings, by key; and what a stopped run decoded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from pipeline.checks.registry import VERSION as CHECKS_VERSION
from pipeline.decode.hypothesis import Hypothesis
from pipeline.store.state import parts_of, path_of, state_errors, today

_DAYS_BETWEEN_NOTES = 30
"""That an entry was used is written down only so often: a look-up should not cost a write each time."""


class StoredMemory:
    """The memory of an output folder; new entries wait until the shard is committed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fresh: dict[bytes, Hypothesis] = {}
        self._used: set[bytes] = set()
        self._today = today()

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
        for marks, some in parts_of(keys):
            query = f"SELECT key, text, score, is_truncated, used_on, sound_by FROM memory WHERE key IN ({marks})"  # noqa: S608 - marks
            for key, text, score, is_truncated, used_on, sound_by in self._connection.execute(query, some):
                found[key] = Hypothesis(text, score, bool(is_truncated), sound_by == CHECKS_VERSION)
                if used_on < self._today - _DAYS_BETWEEN_NOTES:
                    self._used.add(key)
        return found

    def take_used(self) -> frozenset[bytes]:
        """Return the entries that were used and should be noted so, for another one to `note_used`."""
        used = frozenset(self._used)
        self._used.clear()
        return used

    def note_used(self, keys: Iterable[bytes]) -> None:
        """Keep in mind for `flush` that entries were used."""
        self._used.update(keys)

    def add(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Keep `entries` for `flush`."""
        self._fresh.update(entries)

    def discard(self) -> None:
        """Forget what was added: it is committed, or of a shard that failed."""
        self._fresh.clear()
        self._used.clear()

    def flush(self) -> None:
        """Write the fresh entries; the caller holds the transaction, and calls `discard` once it is committed."""
        rows = [
            (*row, self._today, CHECKS_VERSION if self._fresh[row[0]].is_sound else 0) for row in _rows(self._fresh)
        ]
        self._connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?, ?)", rows)
        used = [(self._today, key) for key in sorted(self._used)]
        self._connection.executemany("UPDATE memory SET used_on = ? WHERE key = ?", used)

    def forget_unused_since(self, day: int) -> int:
        """Delete entries that were not used since a day (see `state.today`), and return how many those were.

        Use is noted to the month.
        """
        return self._connection.execute("DELETE FROM memory WHERE used_on < ?", (day,)).rowcount

    def count(self) -> int:
        """Return the number of committed entries."""
        return int(self._connection.execute("SELECT COUNT(*) FROM memory").fetchone()[0])


class UnfinishedDecoding:
    """Hypotheses of shards that were begun, and not committed because the run was to stop.

    They are no part of the memory: the run that goes on takes them as decoded by itself.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def load(self) -> dict[bytes, Hypothesis]:
        """Return all, by key; they are of two shards at most for each stop since a run came to its end."""
        rows = self._connection.execute("SELECT key, text, score, is_truncated FROM unfinished")
        return {key: Hypothesis(text, score, bool(is_truncated)) for key, text, score, is_truncated in rows}

    def keep(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Add entries; the caller holds the transaction."""
        self._connection.executemany("INSERT OR REPLACE INTO unfinished VALUES (?, ?, ?, ?)", _rows(entries))

    def clear(self) -> None:
        """Forget all: a run came to its end."""
        self._connection.execute("DELETE FROM unfinished")


def _rows(entries: Mapping[bytes, Hypothesis]) -> list[tuple[bytes, str, float, int]]:
    return [(key, h.text, h.score, int(h.is_truncated)) for key, h in sorted(entries.items())]
