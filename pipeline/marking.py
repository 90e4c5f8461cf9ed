"""Which paragraphs of articles that come in are boilerplate, by what stood in those before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from pipeline.boilerplate import MIN_ARTICLES, Keys


class Marker:
    """Counts in how many articles a paragraph stood: committed ones, and those that are on their way.

    What an article is told depends on the articles before it alone, not on what is committed by then.

    Args:
        counts: in how many articles of committed shards paragraphs stood, by key; those without any may be missing.
    """

    def __init__(self, counts: Callable[[Sequence[int]], Mapping[int, int]]) -> None:
        self._counts = counts
        self._committed: Mapping[int, int] = {}
        self._pending: Counter[int] = Counter()

    def look_up(self, keys: Iterable[Keys]) -> None:
        """Look up the articles that are asked for next."""
        self._committed = self._counts(sorted({key for some in keys for key in some if key is not None}))

    def frequent(self, keys: Keys, *, is_first: bool) -> tuple[int, ...]:
        """Return the keys of an article under which enough other articles were counted.

        Args:
            keys: those of an article that was looked up.
            is_first: whether it was never counted itself.
        """
        least = MIN_ARTICLES if is_first else MIN_ARTICLES + 1
        return tuple(
            key
            for key in dict.fromkeys(keys)
            if key is not None and self._committed.get(key, 0) + self._pending.get(key, 0) >= least
        )

    def count(self, keys: Iterable[int]) -> None:
        """Count an article that is not committed yet."""
        self._pending.update(keys)

    def forget(self, keys: Iterable[int]) -> None:
        """Leave to the committed counts an article that was counted."""
        for key in keys:
            self._pending[key] -= 1
            if not self._pending[key]:
                del self._pending[key]
