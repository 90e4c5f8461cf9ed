"""What packed inputs may hold at most, so that a small file cannot fill the disk or keep a run busy for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.errors import Reason
from pipeline.ingest.stream import PackedError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """What archives and compressed files may hold at most; beyond it they end as one reject that names the limit.

    Whether a format is read whole or streamed, it has a limit of its own, `MAX_ARTICLE_BYTES`.

    Args:
        max_unpacked_bytes: size of one compressed file or one member of an archive, unpacked.
        max_ratio: bytes unpacked for each byte of the input, all members and layers together.
        free_bytes: unpacked bytes of an input before its ratio is looked at.
        max_members: in one archive.
        max_depth: layers of packing: `a.jsonl.gz` in a `.tar.gz` in a `.zip` has four.
    """

    max_unpacked_bytes: int = 32 << 30
    max_ratio: int = 1000
    free_bytes: int = 64 << 20
    max_members: int = 1_000_000
    max_depth: int = 6


DEFAULT_LIMITS = ReadingLimits()


class LimitError(PackedError):
    """One member is beyond a limit; its neighbours may be read."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason=Reason.TOO_LARGE)


class BombError(LimitError):
    """All of an input unpacks to far more than anything honest does; nothing more of it is read."""


@dataclass(slots=True, kw_only=True)
class Meter:
    """Compares what an input unpacked to with what was read of it.

    Args:
        limits: what is allowed.
        read_bytes: tells how much of the input was read, as it lies on disk.
    """

    limits: ReadingLimits
    read_bytes: Callable[[], int]
    _unpacked_bytes: int = 0

    def metered(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield `pieces`, which were unpacked.

        Raises:
            BombError: with them, the input is beyond its ratio.
        """
        for piece in pieces:
            self._add(len(piece))
            yield piece

    def _add(self, n_bytes: int) -> None:
        self._unpacked_bytes += n_bytes
        if self._unpacked_bytes <= self.limits.free_bytes:
            return
        read_bytes = max(1, self.read_bytes())
        if self._unpacked_bytes > self.limits.max_ratio * read_bytes:
            raise BombError(
                f"{read_bytes:,} bytes unpack to {self._unpacked_bytes:,} and more, over {self.limits.max_ratio:,} "
                "times their size, as no articles do; where they are honest, raise `max_ratio`"
            )


def limited(pieces: Iterator[bytes], limits: ReadingLimits) -> Iterator[bytes]:
    """Yield the pieces of one unpacked file.

    Raises:
        LimitError: there are more bytes than `max_unpacked_bytes`; those before have been yielded.
    """
    n_bytes = 0
    for piece in pieces:
        n_bytes += len(piece)
        if n_bytes > limits.max_unpacked_bytes:
            raise LimitError(
                f"more than {limits.max_unpacked_bytes:,} bytes when unpacked; split it, or raise `max_unpacked_bytes`"
            )
        yield piece
