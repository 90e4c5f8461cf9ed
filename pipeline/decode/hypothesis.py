"""What decoding yields, and the memory that keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One translated text; `score` is the mean log-probability per target token (natural logarithm, at most 0)."""

    text: str
    score: float
    is_truncated: bool = False


class Memory(Protocol):
    """Translations by key, kept from shard to shard."""

    def look_up(self, keys: Sequence[bytes]) -> Mapping[bytes, Hypothesis]:
        """Return the entries that exist among `keys`."""

    def add(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Keep `entries`."""


def memory_key(signature: str, text: str) -> bytes:
    """Return the 16-byte key of a source text under all settings that can change its translation."""
    return sha256(f"{signature}\n{text}".encode()).digest()[:16]
