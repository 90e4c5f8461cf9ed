"""From articles as they are read to shards of work: identity, what the ledger knows, what is left to do."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from pipeline.arrivals import Arrival, Origin, chunks, size_of
from pipeline.boilerplate import marked
from pipeline.config import ShardSettings
from pipeline.langid import UNDETERMINED
from pipeline.marking import Marker
from pipeline.store.ledger import KnownRevision, Ledger, reject_key
from pipeline.types import IdentifiedArticle, LanguagePair, Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An article with something left to do; `known` is what the ledger holds of this revision, None for a new one.

    `has_waited` tells that it comes from the state and not from an input of the run; then its boilerplate is marked
    already. Otherwise, `frequent` are the keys of what is boilerplate in it, and `sightings` those of its paragraphs
    that are to be counted (see `pipeline.boilerplate`). With an `origin` the article is hollow.
    """

    article: IdentifiedArticle
    n_chars: int
    ingested_at: datetime
    known: KnownRevision | None = None
    has_waited: bool = False
    frequent: tuple[int, ...] = ()
    sightings: tuple[int, ...] = ()
    origin: Origin | None = None

    def marked(self) -> Work:
        """Return the work with the boilerplate of its article marked."""
        return self if self.has_waited else replace(self, article=marked(self.article, self.frequent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is left to do for a known revision, and the pairs in which it waits for a model."""

    is_done: bool
    waiting: tuple[LanguagePair, ...] = ()


@dataclass(slots=True, kw_only=True)
class Shard:
    """What is processed and committed together; `n_read` inputs led to it, `n_known` of them were known already.

    `waiting` counts the known articles among them that still wait for a model, by pair.
    """

    work: list[Work] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    n_read: int = 0
    n_known: int = 0
    n_chars: int = 0
    waiting: Counter[str] = field(default_factory=Counter)

    @property
    def has_contents(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.work or self.rejects)


_DONE = Review(is_done=True)


class _Remembered(NamedTuple):
    """What is kept in mind of an article until its shard is committed."""

    article_id: str
    entry: KnownRevision
    sightings: tuple[int, ...]


class Intake:
    """Groups inputs into shards, leaving out what is done.

    Articles are counted into a shard after the known ones are left out, so a run that was cut off goes on with the
    same shards as an undisturbed one.

    Args:
        ledger: what earlier shards did.
        review: tells what is left to do for a known revision.
        now: when new articles count as ingested.
        limits: when a shard is full.
        max_articles: so many articles with something left to do are yielded at most; `is_limited` tells afterwards that
            there were more.
        sightings: in how many articles of earlier shards paragraphs have stood, by key.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        review: Callable[[KnownRevision], Review],
        now: datetime,
        limits: ShardSettings,
        max_articles: int | None = None,
        sightings: Callable[[Sequence[int]], Mapping[int, int]] = lambda _: {},
    ) -> None:
        self._ledger = ledger
        self._review = review
        self._now = now
        self._limits = limits
        self._n_left = max_articles
        self._marker = Marker(sightings)
        self.is_limited = False
        self._pending: dict[str, list[KnownRevision]] = defaultdict(list)
        self._remembered: deque[list[_Remembered]] = deque([[]])
        self._n_committed = 0

    def shards(self, inputs: Iterable[Arrival | Reject]) -> Iterator[Shard]:
        """Yield shards in the order of the inputs; the last one may hold counts only.

        As many of them as one likes may be under way; `committed` is to hear when they no longer are.
        """
        shard = Shard()
        for chunk in chunks(inputs, max_chars=self._limits.max_chars):
            self._forget_committed()
            for item in self._examine(chunk):
                if isinstance(item, Work) and self._n_left is not None:
                    if self._n_left == 0:
                        self.is_limited = True
                        yield shard
                        return
                    self._n_left -= 1
                self._add(shard, item)
                if self._is_full(shard):
                    self._remembered.append([])
                    yield shard
                    shard = Shard()
        yield shard

    def committed(self) -> None:
        """Hear that the earliest shard under way is part of the ledger now."""
        self._n_committed += 1

    def _add(self, shard: Shard, item: Work | Reject | Review) -> None:
        shard.n_read += 1
        if isinstance(item, Review):
            shard.n_known += 1
            shard.waiting.update(map(str, item.waiting))
        elif isinstance(item, Reject):
            shard.rejects.append(item)
            shard.n_chars += size_of(item)
        else:
            shard.work.append(item)
            shard.n_chars += item.n_chars

    def _is_full(self, shard: Shard) -> bool:
        n_items = len(shard.work) + len(shard.rejects)
        return n_items >= self._limits.max_articles or shard.n_chars >= self._limits.max_chars

    def _examine(self, chunk: Sequence[Arrival | Reject]) -> Iterator[Work | Reject | Review]:
        """Yield for each input what is left to do."""
        arrivals = [item for item in chunk if isinstance(item, Arrival)]
        known_rejects = self._ledger.known_rejects([reject_key(item) for item in chunk if isinstance(item, Reject)])
        known = self._ledger.known_revisions(list({item.article.article_id: None for item in arrivals}))
        self._marker.look_up(item.keys for item in arrivals)
        for item in chunk:
            if isinstance(item, Reject):
                yield _DONE if reject_key(item) in known_rejects else item
            else:
                yield self._work(item, known.get(item.article.article_id, []))

    def _work(self, arrival: Arrival, known: Sequence[KnownRevision]) -> Work | Review:
        article = arrival.article
        pending = self._pending.get(article.article_id, ())
        if any(revision.content_sha256 == article.content_sha256 for revision in pending):
            return _DONE
        for revision in known:
            if revision.content_sha256 == article.content_sha256:
                return self._known_work(arrival, revision)
        last = max((revision.revision for revision in (*known, *pending)), default=0)
        is_first = last == 0
        work = Work(
            article=replace(article, revision=last + 1) if last else article,
            n_chars=arrival.n_chars,
            ingested_at=self._now,
            frequent=self._marker.frequent(arrival.keys, is_first=is_first),
            # Each article is counted once, whatever it is changed to.
            sightings=tuple({key: None for key in arrival.keys if key is not None}) if is_first else (),
            origin=arrival.origin,
        )
        return self._remember(work)

    def _known_work(self, arrival: Arrival, known: KnownRevision) -> Work | Review:
        review = self._review(known)
        if review.is_done:
            return review
        work = Work(
            article=replace(arrival.article, revision=known.revision),
            n_chars=arrival.n_chars,
            ingested_at=known.ingested_at,
            known=known,
            has_waited=arrival.has_waited,
            frequent=() if arrival.has_waited else self._marker.frequent(arrival.keys, is_first=False),
            origin=arrival.origin,
        )
        return self._remember(work)

    def _forget_committed(self) -> None:
        """Leave to the ledger what is committed; not in the midst of a chunk, which was looked up before that."""
        for _ in range(self._n_committed):
            for article_id, entry, sightings in self._remembered.popleft():
                self._pending[article_id].remove(entry)
                if not self._pending[article_id]:
                    del self._pending[article_id]
                self._marker.forget(sightings)
        self._n_committed = 0

    def _remember(self, work: Work) -> Work:
        """Keep `work` in mind until its shard is committed: the same article may come again before."""
        entry = KnownRevision(
            revision=work.article.revision,
            content_sha256=work.article.content_sha256,
            source_lang=UNDETERMINED,
            signature="",
            ingested_at=work.ingested_at,
            is_stored=False,
        )
        self._pending[work.article.article_id].append(entry)
        self._marker.count(work.sightings)
        self._remembered[-1].append(_Remembered(work.article.article_id, entry, work.sightings))
        return work
