"""What decoding yields, and the memory that keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol


class Hypothesis(NamedTuple):
    """One translated text; `score` is the mean log-probability per target token (natural logarithm, at most 0).

    `is_sound` tells that it was judged by the checks of this version, and needs no second try.
    """

    text: str
    score: float
    is_truncated: bool = False
    is_sound: bool = False


def mean_score(parts: Iterable[tuple[float, str]]) -> float:
    """Return the score of a text of several parts, from the score and the translation of each: long ones weigh more."""
    weighted = [(score, max(1, len(text))) for score, text in parts]
    if len(weighted) == 1:
        return weighted[0][0]
    return sum(score * length for score, length in weighted) / sum(length for _, length in weighted)


class Memory(Protocol):
    """Translations by key, kept from shard to shard."""

    def look_up(self, keys: Sequence[bytes]) -> Mapping[bytes, Hypothesis]:
        """Return the entries that exist among `keys`."""

    def add(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Keep `entries`."""


class ShardMemory(Memory, Protocol):
    """A memory whose new entries wait until their shard is committed."""

    def discard(self) -> None:
        """Forget what was added: it is committed, or of a shard that failed."""


class KeyMaker:
    """Makes the 16-byte keys of source texts under all settings that can change their translations."""

    def __init__(self, signature: str) -> None:
        self._begun = sha256(f"{signature}\n".encode())

    def key(self, text: str) -> bytes:
        """Return the key of a text."""
        digest = self._begun.copy()
        digest.update(text.encode())
        return digest.digest()[:16]
