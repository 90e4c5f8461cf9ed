"""The bytes of an input as an iterator of pieces: read, unpacked and transcoded without ever holding them all."""

from __future__ import annotations

import codecs
import errno
import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from pipeline.errors import Reason, WriteError
from pipeline.types import Reject

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE_BYTES = 1 << 18

HEAD_BYTES = 1 << 16
"""How much of an input is looked at before its format and encoding are decided."""

READ_ERRORS = (OSError, EOFError, zlib.error)
"""What reading raises for a file that cannot be read to its end: permission, input/output, `PackedError`."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class PackedError(OSError):
    """Packed data cannot be unpacked to its end; the message is for people, `reason` for the reject."""

    def __init__(self, detail: str, *, reason: Reason = Reason.UNREADABLE) -> None:
        super().__init__(detail)
        self.reason = reason


class PieceStream(io.RawIOBase):
    """An iterator of pieces as a raw stream; what the iterator raises, reading raises in its place."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` from one piece and return how much was filled, 0 at the end."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        view = memoryview(buffer).cast("B")
        n_bytes = min(len(view), len(self._piece))
        view[:n_bytes] = self._piece[:n_bytes]
        self._piece = self._piece[n_bytes:]
        return n_bytes


def buffered(pieces: Iterator[bytes]) -> io.BufferedReader:
    """Return `pieces` as a stream with a quick `readline`."""
    return io.BufferedReader(PieceStream(pieces), PIECE_BYTES)


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield what `file` holds from here on, as it arrives."""
    read = getattr(file, "read1", file.read)
    while piece := read(PIECE_BYTES):
        yield piece
    if piece is None:
        raise BlockingIOError(errno.EAGAIN, "the input is in non-blocking mode and has no data yet")


def split_head(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first `HEAD_BYTES` bytes, and an iterator over all bytes, these included.

    A read error within the head is raised by the iterator, after the bytes that came before it.
    """
    head = bytearray()
    error: Exception | None = None
    try:
        while len(head) < HEAD_BYTES and (piece := next(pieces, b"")):
            head += piece
    except READ_ERRORS as caught:
        error = caught
    return bytes(head[:HEAD_BYTES]), _continued(bytes(head), pieces, error)


def _continued(head: bytes, pieces: Iterator[bytes], error: Exception | None) -> Iterator[bytes]:
    yield head
    if error is not None:
        raise error
    yield from pieces


def transcoded(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """Yield UTF-8 for the text of `pieces` in UTF-16.

    An unpaired surrogate or half a character at the end comes out as bytes that are no UTF-8 either, so that its
    line, and no other, can be rejected.
    """
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"


def unreadable(error: Exception, *, source_uri: str) -> Reject:
    """Return the reject of an input that could not be read to its end; articles before that point stand.

    Raises:
        WriteError: it is the disk that is full, and no fault of the input.
    """
    if getattr(error, "errno", None) in _NO_ROOM:
        raise WriteError(f"{source_uri}: no room for a temporary file ({error}); make some, or set TMPDIR") from error
    if isinstance(error, PackedError):
        reason, detail = error.reason, str(error)
    else:
        reason, detail = Reason.UNREADABLE, f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return Reject.from_payload(reason, detail=detail, source_uri=source_uri, payload=b"")
