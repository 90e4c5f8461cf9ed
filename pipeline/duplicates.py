"""The near-duplicates of a shard: found when it is finished, and already when it is begun where they are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.errors import Reason
from pipeline.near_duplicates import Duplicate, Examination, Fingerprinted, Originals, examine, fingerprint_of
from pipeline.store.rows import ArticleEntry, ShardContents
from pipeline.types import Reject, SegmentedArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """New articles of a shard by key, and what is left out of it because of what was found when it was begun."""

    articles: Mapping[str, Fingerprinted]
    left_out: Examination

    @property
    def originals(self) -> Originals:
        """What articles of the next shard may be near-duplicates of, as far as this is known before this one is stored.

        There are none where nothing is left out: nothing needs them.
        """
        return self.left_out.originals


class DuplicateFinder:
    """Compares the articles of shards with the originals that came before.

    Args:
        stored: the originals among stored articles.
        is_skipping: whether near-duplicates are left out.
    """

    def __init__(self, stored: Originals, *, is_skipping: bool) -> None:
        self._stored = stored
        self._is_skipping = is_skipping

    def begin(self, sources: Iterable[SegmentedArticle], *earlier: Originals) -> Comparison:
        """Look at new articles, in order, that come after stored ones and `earlier` ones, which are not stored yet."""
        articles = {source.key: _fingerprinted(source) for source in sources}
        skippable = articles.values() if self._is_skipping else ()
        return Comparison(articles=articles, left_out=examine(skippable, self._stored, *earlier))

    def is_settled(self, begun: Comparison) -> bool:
        """Return whether what is left out is what it must be, now that all before it is stored.

        It is not where an article met a bug, so that its copies are none any more.
        """
        return not self._is_skipping or examine(begun.articles.values(), self._stored) == begun.left_out

    def finish(self, begun: Comparison, *earlier: Originals) -> Mapping[str, Duplicate]:
        """Return the near-duplicates by key; all that comes before them is stored by now, but for `earlier` ones."""
        if self._is_skipping:
            return begun.left_out.duplicates
        return examine(begun.articles.values(), self._stored, *earlier).duplicates


def marked(contents: ShardContents, compared: Comparison, found: Mapping[str, Duplicate]) -> ShardContents:
    """Return contents whose new articles have their fingerprint, and tell what they are near-duplicates of."""
    entries = []
    for entry in contents.articles:
        if entry.has_row and (article := compared.articles.get(entry.article.key)):
            duplicate = found.get(entry.article.key)
            entries.append(replace(entry, fingerprint=article.fingerprint, duplicate=duplicate))
        else:
            entries.append(entry)
    return replace(contents, articles=tuple(entries))


def left_out(entry: ArticleEntry, duplicate: Duplicate) -> ShardContents:
    """Return what remains of a near-duplicate that is left out, given what the ledger keeps of it."""
    detail = f"similarity {duplicate.similarity:.2f} to article {duplicate.article_id}, which came before it"
    reject = Reject.from_article(Reason.NEAR_DUPLICATE, entry.article, detail=detail)
    entries = (replace(entry, duplicate=duplicate),)
    return ShardContents(articles=entries, translated=(), waiting=(), rejects=(reject,))


def _fingerprinted(source: SegmentedArticle) -> Fingerprinted:
    article = source.article
    return Fingerprinted(article.article_id, article.revision, fingerprint_of(article, source.language))
