"""The payload of a reject that is too large to be held."""

from __future__ import annotations

from hashlib import sha256

from pipeline.errors import Reason
from pipeline.types import MAX_PAYLOAD_BYTES, Reject

MAX_ARTICLE_BYTES = 16 << 20
"""Size limit of one text file or one line of JSON Lines, after decompression."""


class StreamedPayload:
    """Takes a payload piece by piece; keeps its first `MAX_PAYLOAD_BYTES`, its size and its SHA-256."""

    def __init__(self) -> None:
        self.n_bytes = 0
        self._start = bytearray()
        self._hash = sha256()

    def add(self, piece: bytes) -> None:
        """Append `piece` to the payload."""
        self.n_bytes += len(piece)
        self._hash.update(piece)
        self._start += piece[: MAX_PAYLOAD_BYTES - len(self._start)]

    def reject(self, reason: Reason, *, detail: str, source_uri: str) -> Reject:
        """Return a reject of what was added so far."""
        return Reject(
            reason=reason,
            detail=detail,
            source_uri=source_uri,
            payload=bytes(self._start),
            payload_bytes=self.n_bytes,
            payload_sha256=self._hash.hexdigest(),
        )
