"""The near-duplicates of shards: found in the order of the shards, though several are under way at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pipeline.errors import Reason
from pipeline.near_duplicates import Duplicate, Fingerprinted, Originals, OriginalsAhead, duplicate_of, fingerprint_of
from pipeline.store.rows import ArticleEntry, ShardContents
from pipeline.types import Reject, SegmentedArticle


class DuplicateFinder:
    """Compares the new articles of each shard with the originals that came before: stored ones, and those on their way.

    What is found does not depend on how many shards are under way, nor on what becomes of them: where an article met a
    bug, copies of it are none any more, and the shards that counted on it are no longer settled.

    Args:
        stored: the originals among stored articles.
    """

    def __init__(self, stored: Originals) -> None:
        self._ahead = OriginalsAhead(stored)
        self._examined: dict[int, tuple[Sequence[Fingerprinted], Mapping[str, Duplicate]]] = {}
        self._lost: set[str] = set()
        self._doubtful_until = self._last = -1

    def examine(self, shard: int, articles: Sequence[Fingerprinted]) -> Mapping[str, Duplicate]:
        """Return the near-duplicates among the new articles of a shard by key.

        Shards come in their order; one that is examined anew is so when all before it is stored.
        """
        self._last = max(self._last, shard)
        self._ahead.forget(shard)
        self._ahead.look_up(articles)
        found: dict[str, Duplicate] = {}
        for article in articles:
            if duplicate := duplicate_of(article, self._ahead.sharing(article.fingerprint, shard=shard)):
                found[article.key] = duplicate
            elif article.key not in self._lost:
                self._ahead.add(shard, article)
        self._examined[shard] = articles, found
        return found

    def is_settled(self, shard: int, originals: Collection[str]) -> bool:
        """Return whether what was found still holds, now that all before the shard is stored.

        Args:
            shard: the shard.
            originals: the keys of those that it is really going to add.
        """
        if lost := {article.key for article in self._ahead.of(shard)}.difference(originals):
            self._lost |= lost
            self._doubtful_until = self._last
        if shard not in self._examined or shard > self._doubtful_until:
            return True
        articles, found = self._examined[shard]
        return self.examine(shard, articles) == found

    def committed(self, shard: int) -> None:
        """Leave a shard to the store."""
        self._ahead.forget(shard)
        self._examined.pop(shard, None)


def fingerprinted(source: SegmentedArticle) -> Fingerprinted:
    """Return an article with its fingerprint."""
    article = source.article
    return Fingerprinted(article.article_id, article.revision, fingerprint_of(article, source.language))


def marked(contents: ShardContents, new: Sequence[Fingerprinted], duplicates: Mapping[str, Duplicate]) -> ShardContents:
    """Return contents whose `new` articles have their fingerprint, and tell what they are near-duplicates of."""
    fingerprints = {article.key: article.fingerprint for article in new}
    entries = [
        replace(entry, fingerprint=fingerprints[key], duplicate=duplicates.get(key))
        if entry.has_row and (key := entry.article.key) in fingerprints
        else entry
        for entry in contents.articles
    ]
    return replace(contents, articles=tuple(entries))


def left_out(entry: ArticleEntry, duplicate: Duplicate) -> ShardContents:
    """Return what remains of a near-duplicate that is left out, given what the ledger keeps of it."""
    detail = f"similarity {duplicate.similarity:.2f} to article {duplicate.article_id}, which came before it"
    reject = Reject.from_article(Reason.NEAR_DUPLICATE, entry.article, detail=detail)
    entries = (replace(entry, duplicate=duplicate),)
    return ShardContents(articles=entries, translated=(), waiting=(), rejects=(reject,))
