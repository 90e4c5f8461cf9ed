"""How an output folder grew, and when a run last did its work."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
"""How far to look back."""

_ADDED_SINCE = """
    SELECT COALESCE(finished_at, started_at), SUM(json_extract(counts, '$.n_articles')),
    SUM(json_extract(counts, '$.n_units'))
    FROM runs JOIN shards USING (run_id) WHERE COALESCE(finished_at, started_at) >= ? GROUP BY run_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What runs added in a time."""

    n_articles: int = 0
    n_units: int = 0

    def __add__(self, other: Growth) -> Growth:
        return Growth(n_articles=self.n_articles + other.n_articles, n_units=self.n_units + other.n_units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A run that no error ended."""

    run_id: str
    finished_at: datetime


def read_growth(connection: sqlite3.Connection, now: datetime) -> dict[str, Growth]:
    """Return for each of `WINDOWS` what was added until `now`; a run counts where it ended, or else where it began."""
    growth = dict.fromkeys(WINDOWS, Growth())
    earliest = now - max(WINDOWS.values())
    for ended_at, n_articles, n_units in connection.execute(_ADDED_SINCE, (_stored(earliest),)):
        run = Growth(n_articles=n_articles or 0, n_units=n_units or 0)
        for name, window in WINDOWS.items():
            if datetime.fromisoformat(ended_at) >= now - window:
                growth[name] += run
    return growth


def last_success(connection: sqlite3.Connection) -> Success | None:
    """Return the last run that is finished, also where it was stopped in time or left something over."""
    query = "SELECT run_id, finished_at FROM runs WHERE finished_at IS NOT NULL ORDER BY run_id DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return Success(run_id=row[0], finished_at=datetime.fromisoformat(row[1])) if row else None


def _stored(time: datetime) -> str:
    return time.astimezone(timezone.utc).isoformat()
