"""Articles as they come in: what must be known of them to say what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from pipeline.boilerplate import Keys, keys_of
from pipeline.identify import identify
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, IdentifiedArticle, Reject

_CHUNK = 256


class BlockName:
    """What tells a block of articles from others: a number, and a reference to it, which stays in this process."""

    __slots__ = ("number", "ref")

    def __init__(self, number: int) -> None:
        self.number = number
        self.ref: Any = None

    def __reduce__(self) -> tuple[type[BlockName], tuple[int]]:
        return BlockName, (self.number,)


class Origin(NamedTuple):
    """Where an article is whose text is not here: a block of articles, and its place in it."""

    block: BlockName
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An article with its identity, as revision 1.

    `n_chars` is the length of its text, `keys` are those of its paragraphs (see `pipeline.boilerplate.keys_of`).
    `has_waited` tells that it comes from the state and not from an input. Where it has an `origin`, the article here is
    `hollow`.
    """

    article: IdentifiedArticle
    n_chars: int
    keys: Keys
    has_waited: bool = False
    origin: Origin | None = None


class Arrivals(Protocol):
    """What comes in, in order; `read_bytes` tells how much has been read of the inputs, counted as on disk."""

    @property
    def read_bytes(self) -> int:
        """How much has been read."""

    def __iter__(self) -> Iterator[Arrival | Reject]: ...


class LocalArrivals:
    """What is read in this process."""

    def __init__(self, reader: ArticleReader) -> None:
        self._reader = reader

    @property
    def read_bytes(self) -> int:
        """How much has been read, a buffer ahead of the articles yielded."""
        return self._reader.read_bytes

    def __iter__(self) -> Iterator[Arrival | Reject]:
        return arrived(self._reader)


def arrived(items: Iterable[Article | Reject]) -> Iterator[Arrival | Reject]:
    """Yield what was read with its identity; an article without text is a reject."""
    for item in items:
        found = identify(item) if isinstance(item, Article) else item
        yield found if isinstance(found, Reject) else arrival_of(found)


def arrival_of(article: IdentifiedArticle, *, has_waited: bool = False) -> Arrival:
    """Return an article with what must be known of it."""
    return Arrival(article=article, n_chars=len(article.text), keys=keys_of(article), has_waited=has_waited)


def size_of(item: Arrival | Reject) -> int:
    """Return about how much there is to read of an input, in characters or bytes."""
    return len(item.payload) if isinstance(item, Reject) else item.n_chars


def chunks(items: Iterable[Arrival | Reject], *, max_chars: int) -> Iterator[list[Arrival | Reject]]:
    """Yield inputs in lists that are worth a question to the ledger, and that memory can hold."""
    chunk: list[Arrival | Reject] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += size_of(item)
        if len(chunk) >= _CHUNK or size >= max_chars:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def hollow(article: IdentifiedArticle) -> IdentifiedArticle:
    """Return an article without what takes room: its identity, and where it was read."""
    return IdentifiedArticle(
        article_id=article.article_id,
        revision=article.revision,
        content_sha256=article.content_sha256,
        text="",
        paragraphs=(),
        source_uri=article.source_uri,
    )


def restored(article: IdentifiedArticle, whole: IdentifiedArticle) -> IdentifiedArticle:
    """Return what a hollow article was made of, as the revision that it has become."""
    return replace(whole, revision=article.revision)
