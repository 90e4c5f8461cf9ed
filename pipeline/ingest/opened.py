"""An input that is open: how much of it was read, and its bytes in any order where they lie in a file."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.ingest.content import Content
from pipeline.ingest.stream import PIECE_BYTES, PackedError, pieces_of, split_head

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(slots=True, kw_only=True)
class Tally:
    """How much of an input was read: of a file with a known size no more than that, however often it was read."""

    size_bytes: int | None = None
    read_bytes: int = 0

    def add(self, n_bytes: int) -> None:
        """Count bytes that were read."""
        n_read = self.read_bytes + n_bytes
        self.read_bytes = n_read if self.size_bytes is None else min(n_read, self.size_bytes)


class View(io.RawIOBase):
    """A file read from a position of its own; closing it leaves the file open for other views."""

    def __init__(self, file: BinaryIO, on_read: Callable[[int], None]) -> None:
        super().__init__()
        self._file = file
        self._on_read = on_read
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position and return it."""
        if whence == os.SEEK_END:
            self._position = self._file.seek(offset, whence)
            return self._position
        position = offset + (self._position if whence == os.SEEK_CUR else 0)
        if position < 0:
            raise ValueError(f"negative position {position}")
        self._position = position
        return position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` and return how much was filled, 0 at the end."""
        view = memoryview(buffer).cast("B")
        self._file.seek(self._position)
        data = self._file.read(len(view))
        view[: len(data)] = data
        self._position += len(data)
        self._on_read(len(data))
        return len(data)


@dataclass(slots=True, kw_only=True)
class FileContent(Content):
    """A content that lies in a file, which is read in place where readers ask for any order."""

    file: BinaryIO
    on_read: Callable[[int], None]

    def seekable(self) -> BinaryIO:
        """Return all bytes as a file that can be read in any order; it is valid while the content is read."""
        return io.BufferedReader(View(self.file, self.on_read), PIECE_BYTES)


def file_content(file: BinaryIO, *, source_uri: str, name: str, on_read: Callable[[int], None]) -> FileContent:
    """Return the content of a file that can be read in any order."""
    head, pieces = split_head(pieces_of(io.BufferedReader(View(file, on_read), PIECE_BYTES)))
    return FileContent(head=head, pieces=pieces, source_uri=source_uri, name=name, file=file, on_read=on_read)


@contextmanager
def in_file(content: Content) -> Iterator[FileContent]:
    """Provide a content in a file, a temporary one where it comes as a stream.

    Raises:
        OSError, EOFError, zlib.error: the stream cannot be read to its end, or there is no room for it.
    """
    if isinstance(content, FileContent):
        yield content
        return
    with content.seekable() as file:
        yield file_content(file, source_uri=content.source_uri, name=content.name, on_read=lambda _: None)


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file, and look whether it stays what it is while it is read.

    Growth is no matter: all that is there at the end is read, and half a record is a reject of its own.

    Raises:
        OSError: it cannot be opened.
        PackedError: at the end, where it shrank or was written over.
    """
    with path.open("rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        yield file
        if stat.S_ISREG(before.st_mode):
            _compare(before, os.fstat(file.fileno()))


def _compare(before: os.stat_result, after: os.stat_result) -> None:
    if after.st_size < before.st_size:
        raise replaced(f"the file shrank from {before.st_size:,} to {after.st_size:,} bytes")
    if after.st_size == before.st_size and after.st_mtime_ns != before.st_mtime_ns:
        raise replaced("the file was written over")


def replaced(change: str) -> PackedError:
    """Return what to raise where an input did not stay what it was."""
    return PackedError(f"{change} while it was read; what was read may be of both versions: read it again")
