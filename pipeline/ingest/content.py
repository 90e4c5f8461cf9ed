"""What a reader of a format is given: bytes, where they come from, and how the user wants them read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO

from pipeline.ingest.limits import DEFAULT_LIMITS, ReadingLimits
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.types import Article, Reject

_IN_MEMORY_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How inputs are read.

    Args:
        encoding: of text where nothing is declared; None: it is found out.
        fields: names of fields in records, by what they hold (`title`, `text`, `url`), for shapes not known by sight.
        limits: what packed inputs may hold at most.
        on_format: hears of each file, or member of an archive, which format it is read as.
    """

    encoding: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    limits: ReadingLimits = DEFAULT_LIMITS
    on_format: Callable[[str, str], None] = lambda _uri, _name: None


DEFAULT_OPTIONS = ReadingOptions()


@dataclass(slots=True, kw_only=True)
class Content:
    """The bytes of one input or of one member of an archive, unpacked.

    `head` is their beginning, `HEAD_BYTES` at most; `pieces` yields all of them once, head included. `name` is a file
    name, whose suffix tells the format where the bytes do not; `source_uri` is how articles and rejects name it.
    """

    head: bytes
    pieces: Iterator[bytes]
    source_uri: str
    name: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether `head` is all there is."""
        return len(self.head) < HEAD_BYTES

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case, with its dot."""
        return PurePath(self.name).suffix.lower()

    def seekable(self) -> BinaryIO:
        """Return all bytes as a file that can be read in any order; large ones are on disk. The caller closes it."""
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
        try:
            for piece in self.pieces:
                file.write(piece)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file  # type: ignore[return-value]  # it has all that is asked of a binary file


Reader = Callable[[Content, ReadingOptions], Iterator[Article | Reject]]
"""Yields what a content holds, in order; read errors of its pieces pass through, bad data is a reject."""
