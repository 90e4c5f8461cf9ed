"""Formats that are read whole: their bytes in one piece, and the text of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.encoding import assumed_encoding, decode, detect_encoding, find_binary
from pipeline.ingest.payload import MAX_ARTICLE_BYTES, StreamedPayload
from pipeline.ingest.safe_xml import Document, XmlError, parse_xml
from pipeline.types import Reject


class Text(NamedTuple):
    """The text of a file, the name of the encoding it was in, its bytes, and doubts about the encoding."""

    text: str
    encoding: str
    data: bytes
    notes: tuple[str, ...] = ()


def read_whole(content: Content) -> bytes | Reject:
    """Return all bytes of a content, or the reject of one above `MAX_ARTICLE_BYTES`."""
    return gather(content.pieces, source_uri=content.source_uri)


def read_text(content: Content, options: ReadingOptions) -> Text | Reject:
    """Return the text of a content, or its reject."""
    data = read_whole(content)
    if isinstance(data, Reject):
        return data
    return decode_whole(data, source_uri=content.source_uri, encoding=options.encoding)


def read_xml(content: Content, options: ReadingOptions) -> tuple[Document, bytes] | Reject:
    """Return a content as it was parsed, and its bytes; or its reject."""
    data = read_whole(content)
    if isinstance(data, Reject):
        return data
    try:
        return parse_xml(data, encoding=options.encoding), data
    except XmlError as error:
        return reject(Reason.BAD_RECORD, str(error), data, content.source_uri)


def gather(pieces: Iterator[bytes], *, source_uri: str) -> bytes | Reject:
    """Return `pieces` as one, or the reject where they are more than `MAX_ARTICLE_BYTES`.

    Raises:
        OSError, EOFError, zlib.error: `pieces` cannot be read to their end.
    """
    payload = StreamedPayload()
    data = bytearray()
    for piece in pieces:
        payload.add(piece)
        if payload.n_bytes <= MAX_ARTICLE_BYTES:
            data += piece
        else:
            data.clear()
    if payload.n_bytes <= MAX_ARTICLE_BYTES:
        return bytes(data)
    detail = f"{payload.n_bytes} bytes in one file; at most {MAX_ARTICLE_BYTES} are read: split it into articles"
    return payload.reject(Reason.TOO_LARGE, detail=detail, source_uri=source_uri)


def decode_whole(data: bytes, *, source_uri: str, encoding: str | None = None) -> Text | Reject:
    """Return the text of a file's bytes, or the reject of binary data and of an encoding that is damaged or unknown.

    Args:
        data: all of the file.
        source_uri: names the file.
        encoding: Python's codec for text that nothing is found out about; None: there is none.
    """
    if binary := find_binary(data, is_nul_allowed=False):
        return reject(Reason.BINARY, binary, data, source_uri)
    found = detect_encoding(data) or (assumed_encoding(encoding) if encoding else None)
    if found is None:
        return reject(Reason.ENCODING, "no known encoding fits; convert the file to UTF-8", data, source_uri)
    try:
        return Text(decode(data, found), found.name, data, found.notes)
    except UnicodeDecodeError as error:
        detail = f"not {found.name} at byte {error.start}: {error.reason}; mend the file or convert it to UTF-8"
        return reject(Reason.ENCODING, detail, data, source_uri)


def reject(reason: Reason, detail: str, data: bytes, source_uri: str) -> Reject:
    """Return the reject of a file that was read whole."""
    return Reject.from_payload(reason, detail=detail, source_uri=source_uri, payload=data)
