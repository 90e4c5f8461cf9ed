"""The records of a web archive as they lie in it: where one begins and how long it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import Reason
from pipeline.ingest.payload import MAX_ARTICLE_BYTES, StreamedPayload
from pipeline.ingest.stream import HEAD_BYTES, PIECE_BYTES
from pipeline.types import Reject

MAGIC = b"WARC/"

_MAX_HEADER_BYTES = 1 << 16
# Source: ISO 28500:2017, the WARC format 1.1, sections 4 and 5.
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_KIND = re.compile(rb"^warc-type:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record.

    Args:
        offset: of its first byte.
        kind: its `WARC-Type` in lower case.
        data: header and block; of a block above `MAX_ARTICLE_BYTES` the beginning.
        oversize: the block that is above it.
    """

    offset: int
    kind: str
    data: bytes
    oversize: StreamedPayload | None = None


def read_records(stream: io.BufferedReader, *, source_uri: str) -> Iterator[Record | Reject]:
    """Yield the records of an archive in order; what is no record is one reject up to the next one that begins."""
    source = _Source(stream)
    line = source.line()
    while line:
        start = source.offset - len(line)
        if not line.strip():
            line = source.line()
            continue
        header = _header(line, source) if line.startswith(MAGIC) else line
        length = _LENGTH.search(header)
        if length is None or not header.startswith(MAGIC):
            damage = StreamedPayload()
            damage.add(header)
            line = _skip_to_record(source, damage)
            detail = f"no WARC record at byte {start}; {damage.n_bytes} bytes are left out, up to the next record"
            yield damage.reject(Reason.BAD_RECORD, detail=detail, source_uri=f"{source_uri}#{start}")
            continue
        yield _record(header, int(length[1]), source, start=start, source_uri=source_uri)
        line = source.line()


class _Source:
    """A stream that counts."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.offset = 0

    def line(self) -> bytes:
        data = self._stream.readline(_MAX_HEADER_BYTES)
        self.offset += len(data)
        return data

    def pieces(self, n_bytes: int) -> Iterator[bytes]:
        """Yield the next bytes, fewer where the stream ends."""
        while n_bytes and (piece := self._stream.read(min(n_bytes, PIECE_BYTES))):
            self.offset += len(piece)
            n_bytes -= len(piece)
            yield piece


def _header(line: bytes, source: _Source) -> bytes:
    """Return the lines up to and with the blank one."""
    header = bytearray(line)
    while line.strip() and len(header) < _MAX_HEADER_BYTES:
        line = source.line()
        header += line
    return bytes(header)


def _skip_to_record(source: _Source, damage: StreamedPayload) -> bytes:
    """Return the line that begins the next record; those before are added to the damage."""
    while (line := source.line()) and not line.startswith(MAGIC):
        damage.add(line)
    return line


def _record(header: bytes, n_bytes: int, source: _Source, *, start: int, source_uri: str) -> Record | Reject:
    payload = StreamedPayload()
    block = bytearray()
    for piece in source.pieces(n_bytes):
        payload.add(piece)
        if n_bytes <= MAX_ARTICLE_BYTES or len(block) < HEAD_BYTES:
            block += piece
    if payload.n_bytes < n_bytes:
        detail = (
            f"the archive breaks off at byte {source.offset}, {n_bytes - payload.n_bytes} bytes before the end of a"
            " record; copy or download it again"
        )
        return payload.reject(Reason.UNREADABLE, detail=detail, source_uri=f"{source_uri}#{start}")
    kind = _KIND.search(header)
    return Record(
        offset=start,
        kind=kind[1].decode("ascii", "replace").lower() if kind else "",
        data=header + bytes(block),
        oversize=payload if n_bytes > MAX_ARTICLE_BYTES else None,
    )
