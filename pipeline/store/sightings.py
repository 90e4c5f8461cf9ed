"""In how many articles of its publisher a paragraph has stood: what boilerplate is known by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from pipeline.store.ledger import started_at_of
from pipeline.store.state import SECONDS_OF_A_DAY, parts_of

KEPT_DAYS = 90
"""A paragraph that has not been seen for so long is forgotten: most stand in one article and never again."""


class Sightings:
    """Counts by key (see `pipeline.boilerplate.keys_of`); the caller holds the transactions.

    Days are those of runs, told by their id, so that a run that goes on counts and forgets as an undisturbed one.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def counts(self, keys: Sequence[int], *, run_id: str) -> dict[int, int]:
        """Return the number of articles for those of `keys` that a run still remembers."""
        found: dict[int, int] = {}
        oldest = _oldest_day(run_id)
        for marks, some in parts_of(keys):
            query = f"SELECT key, n_articles FROM sightings WHERE key IN ({marks}) AND seen_on >= ?"  # noqa: S608 - marks
            found.update(self._connection.execute(query, (*some, oldest)).fetchall())
        return found

    def record(self, keys: Iterable[int], *, run_id: str) -> None:
        """Count one more article for each of `keys`."""
        day = _day(run_id)
        self._connection.executemany(
            "INSERT INTO sightings VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET "
            "n_articles = n_articles + 1, seen_on = excluded.seen_on",
            [(key, day) for key in sorted(keys)],
        )

    def forget_old(self, *, run_id: str) -> None:
        """Delete what the run does not remember; it must not have recorded anything yet."""
        self._connection.execute("DELETE FROM sightings WHERE seen_on < ?", (_oldest_day(run_id),))


def _day(run_id: str) -> int:
    return int(started_at_of(run_id).timestamp()) // SECONDS_OF_A_DAY


def _oldest_day(run_id: str) -> int:
    return _day(run_id) - KEPT_DAYS
