"""Near-duplicates: the same story under another address, with another headline or a changed paragraph.

Articles are compared with originals only, those that are no near-duplicates themselves. So all copies of a story name
the same one, and whether copies are kept in the corpus or left out changes nothing for later ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from operator import eq
from struct import pack
from typing import NamedTuple, Protocol

from pipeline.types import IdentifiedArticle

SIMILARITY = 0.8
"""From here on articles are near-duplicates."""

MAX_IN_BUCKET = 50
"""So many originals are compared for each key, the earliest ones: weather and stock reports all look alike."""

_SCHEME = b"1"
"""To be raised where the same text would get another fingerprint: those of different schemes never meet."""
_WORDS_OF_A_SHINGLE = 5
_MIN_SHINGLES = 20
_MAX_CHARS = 200_000
_N_VALUES = 128
_SEED = 1
_N_BANDS, _BAND_BYTES = 12, 5 * 4
"""Of articles with a similarity of 0.8, 99 of 100 share a band; of those with 0.3, 3 of 100 do."""
_BY_CHANCE = 1 / 256
_WORD = re.compile(r"\w+")


class Fingerprint(NamedTuple):
    """What is compared of an article: similar ones share a key nearly always, and values of the signature."""

    keys: tuple[int, ...]
    signature: bytes


class Fingerprinted(NamedTuple):
    """A revision of an article with its fingerprint."""

    article_id: str
    revision: int
    fingerprint: Fingerprint

    @property
    def key(self) -> str:
        """The id that the laws of stages speak of."""
        return f"{self.article_id}.{self.revision}"


class Duplicate(NamedTuple):
    """Of which article another one is a near-duplicate, and how similar they are, 0 to 1."""

    article_id: str
    similarity: float


class Originals(Protocol):
    """Articles by the keys of their fingerprints, numbered in the order in which they came."""

    def in_bucket(self, key: int) -> Sequence[int]:
        """Return the numbers of those with a key, earliest first, `MAX_IN_BUCKET` at most."""

    def known(self, keys: Iterable[int]) -> Collection[int]:
        """Return those of `keys` that there are articles with."""

    def original(self, number: int) -> tuple[str, bytes]:
        """Return article id and signature of one."""


class OriginalsAhead:
    """Originals of shards that are not stored yet, behind those that are.

    Args:
        stored: what is stored; it is asked anew each time.
    """

    def __init__(self, stored: Originals) -> None:
        self._stored = stored
        self._shards: dict[int, list[Fingerprinted]] = defaultdict(list)
        # Tuples, not lists: there are many buckets, nearly all of one.
        self._buckets: dict[int, tuple[tuple[int, int], ...]] = {}
        self._known: Collection[int] = ()

    def look_up(self, articles: Iterable[Fingerprinted]) -> None:
        """Ask for the keys of the articles that are compared next, all at once: most of them are new."""
        self._known = self._stored.known({key for article in articles for key in article.fingerprint.keys})

    def of(self, shard: int) -> list[Fingerprinted]:
        """Return the originals of a shard."""
        return self._shards.get(shard, [])

    def add(self, shard: int, article: Fingerprinted) -> None:
        """Add an article, behind those of its shard that are there."""
        place = shard, len(self._shards[shard])
        for key in article.fingerprint.keys:
            self._buckets[key] = (*self._buckets.get(key, ()), place)
        self._shards[shard].append(article)

    def forget(self, shard: int) -> None:
        """Forget a shard: it is stored, or is examined anew."""
        for place, article in enumerate(self._shards.pop(shard, ())):
            for key in article.fingerprint.keys:
                others = tuple(other for other in self._buckets.pop(key) if other != (shard, place))
                if others:
                    self._buckets[key] = others

    def sharing(self, fingerprint: Fingerprint, *, shard: int) -> Iterator[tuple[str, bytes]]:
        """Yield article id and signature of those that share a key, earliest first, `MAX_IN_BUCKET` of each at most.

        The article was looked up. Shards behind `shard` do not count. What is stored by now makes no difference.
        """
        stored: set[int] = set()
        ahead: set[tuple[int, int]] = set()
        for key in fingerprint.keys:
            is_known, places = key in self._known, self._buckets.get(key)
            if not (is_known or places):
                continue
            numbers = self._stored.in_bucket(key) if is_known else ()
            stored.update(numbers)
            before = sorted(place for place in places or () if place[0] <= shard)
            ahead.update(before[: MAX_IN_BUCKET - len(numbers)])
        yield from map(self._stored.original, sorted(stored))
        for number, place in sorted(ahead):
            article = self._shards[number][place]
            yield article.article_id, article.fingerprint.signature


def fingerprint_of(article: IdentifiedArticle, language: str) -> Fingerprint:
    """Return the fingerprint of an article in `language`."""
    return fingerprint(article.text, title=article.title, language=language)


def fingerprint(text: str, *, title: str | None, language: str) -> Fingerprint:
    """Return the fingerprint of a text that begins with its title, which does not count.

    An article of few words has no signature, and shares a key with those of the same text, title included. Of very long
    ones the beginning counts.

    Source: Broder, On the resemblance and containment of documents (1997); one byte of each value: Li and König, b-Bit
    Minwise Hashing (2010).
    """
    shingles = _shingles(text.removeprefix(title or "")[:_MAX_CHARS])
    if len(shingles) < _MIN_SHINGLES:
        return Fingerprint(keys=(_key(language, "text", text.encode()),), signature=b"")
    values = pack(f">{_N_VALUES}I", *_min_hashes(shingles))
    bands = (values[n * _BAND_BYTES : (n + 1) * _BAND_BYTES] for n in range(_N_BANDS))
    return Fingerprint(
        keys=(_key(language, "whole", values), *(_key(language, str(n), band) for n, band in enumerate(bands))),
        signature=values[3::4],
    )


def similarity(one: bytes, other: bytes) -> float:
    """Return the estimated Jaccard similarity of two signatures, 0 to 1; 1 where both are of texts without one."""
    if len(one) != len(other):
        return 0.0
    share = sum(map(eq, one, other)) / len(one) if one else 1.0
    return round(max(0.0, (share - _BY_CHANCE) / (1 - _BY_CHANCE)), 4)


def duplicate_of(article: Fingerprinted, before: Iterable[tuple[str, bytes]]) -> Duplicate | None:
    """Return of which article, the first one among those `before` it, this one is a near-duplicate; None for none."""
    for article_id, signature in before:
        # A revision is no duplicate of another one of the same article.
        if article_id != article.article_id:
            estimate = similarity(article.fingerprint.signature, signature)
            if estimate >= SIMILARITY:
                return Duplicate(article_id, estimate)
    return None


def _shingles(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())
    return set(map(" ".join, zip(*(words[n:] for n in range(_WORDS_OF_A_SHINGLE)), strict=False)))


def _min_hashes(shingles: set[str]) -> list[int]:
    from rensa import RMinHash

    # One article at a time: rensa's calls for many start threads, which would take cores from the workers.
    sketch = RMinHash(num_perm=_N_VALUES, seed=_SEED)
    sketch.update(list(shingles))
    values: list[int] = sketch.digest()
    return values


def _key(language: str, part: str, content: bytes) -> int:
    """Return a key that fits an integer of SQLite."""
    name = b"|".join((_SCHEME, language.encode(), part.encode(), content))
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)
