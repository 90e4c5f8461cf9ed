"""Translation memories that live as long as the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from pipeline.decode.hypothesis import Hypothesis

MAX_ENTRIES = 100_000
"""A few dozen megabytes: a filter may stand in a pipe for weeks."""


class RecentMemory:
    """Keeps the latest translations; the oldest ones go first."""

    def __init__(self, *, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._entries: dict[bytes, Hypothesis] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def look_up(self, keys: Sequence[bytes]) -> dict[bytes, Hypothesis]:
        """Return the entries that exist among `keys`."""
        return {key: self._entries[key] for key in keys if key in self._entries}

    def add(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Keep `entries`, as many as there is room for."""
        self._entries.update(entries)
        n_too_many = max(0, len(self._entries) - self._max_entries)
        for key in list(islice(self._entries, n_too_many)):
            del self._entries[key]
