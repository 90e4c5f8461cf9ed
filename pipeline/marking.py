"""Marking of boilerplate in articles as they are read, by what stood in those before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from pipeline.boilerplate import keys_of, marked
from pipeline.types import IdentifiedArticle

Keys = tuple[int | None, ...]
"""Under which keys the paragraphs of an article are counted, None for those that are not."""


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

    def look_up(self, articles: Iterable[IdentifiedArticle | None]) -> list[Keys]:
        """Return the keys of the articles that are marked next; there are none for None."""
        keys = [keys_of(article) if article else () for article in articles]
        self._committed = self._counts(sorted({key for some in keys for key in some if key is not None}))
        return keys

    def mark(self, article: IdentifiedArticle, keys: Keys, *, is_first: bool) -> IdentifiedArticle:
        """Return the article with its boilerplate marked.

        Args:
            article: one of those that were looked up.
            keys: its keys.
            is_first: whether it was never counted itself.
        """
        own = 0 if is_first else 1
        n_others = {key: self._committed.get(key, 0) + self._pending[key] - own for key in set(keys) if key is not None}
        return marked(article, keys, n_others)

    def count(self, keys: Iterable[int]) -> None:
        """Count an article that is not committed yet."""
        self._pending.update(keys)

    def forget(self, keys: Iterable[int]) -> None:
        """Leave to the committed counts an article that was counted."""
        for key in keys:
            self._pending[key] -= 1
            if not self._pending[key]:
                del self._pending[key]
