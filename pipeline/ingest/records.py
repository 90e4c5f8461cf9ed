"""What readers of records share: their encoding, and rejects of a record and of a whole file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from pipeline.errors import Reason
from pipeline.ingest.content import ReadingOptions
from pipeline.ingest.encoding import assumed_encoding, detect_encoding, find_binary
from pipeline.ingest.fields import RecordError, article_of
from pipeline.ingest.payload import StreamedPayload
from pipeline.ingest.stream import HEAD_BYTES, buffered, transcoded
from pipeline.types import Article, Reject

_UTF_8_BOM = "\ufeff".encode()


class Bytes(NamedTuple):
    """Text as bytes without a byte order mark, in which a byte 0x0A is a line end and nothing else.

    `codec` is that of the bytes, `encoding` the name of what they were in: UTF-16 has become UTF-8. `notes` are doubts
    about it.
    """

    stream: io.BufferedReader
    codec: str
    encoding: str
    notes: tuple[str, ...] = ()

    def noted(self, article: Article) -> Article:
        """Return an article that was read from these bytes with the doubts about them."""
        if not self.notes:
            return article
        return replace(article, notes=tuple(dict.fromkeys((*self.notes, *article.notes))))


def open_text(head: bytes, pieces: Iterator[bytes], *, source_uri: str, options: ReadingOptions) -> Bytes | Reject:
    """Return the bytes of a text, or the reject of the file where it is binary or in no known encoding.

    The encoding is decided once, from `head`; bytes that do not keep to it are found out when they are decoded.
    """
    if binary := find_binary(head, is_nul_allowed=True):
        return drained(pieces, Reason.BINARY, detail=binary, source_uri=source_uri)
    found = detect_encoding(head, is_cut=len(head) == HEAD_BYTES)
    if found is None and options.encoding is None:
        detail = "no known encoding fits; convert the file to UTF-8"
        return drained(pieces, Reason.ENCODING, detail=detail, source_uri=source_uri)
    encoding = found or assumed_encoding(options.encoding or "")
    # A byte 0x0A is no line end in UTF-16: such a file is turned into UTF-8 before it is cut into lines.
    is_utf_16 = encoding.name == "utf-16"
    stream = buffered(transcoded(pieces, encoding.codec) if is_utf_16 else pieces)
    if encoding.n_bom_bytes:
        stream.read(len(_UTF_8_BOM))
    return Bytes(stream, "utf-8" if is_utf_16 else encoding.codec, encoding.name, encoding.notes)


def read_record(
    record: object, *, source_uri: str, encoding: str, options: ReadingOptions, payload: bytes | None = None
) -> Article | Reject:
    """Return the article of a record, or its reject, with the record as JSON where there is no `payload`."""
    try:
        return article_of(record, source_uri=source_uri, encoding=encoding, fields=options.fields)
    except RecordError as error:
        if payload is None:
            payload = json.dumps(record, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
        return Reject.from_payload(error.reason, detail=error.detail, source_uri=source_uri, payload=payload)


def drained(pieces: Iterator[bytes], reason: Reason, *, detail: str, source_uri: str) -> Reject:
    """Return the reject of a whole file, of which `pieces` are what was not read yet."""
    payload = StreamedPayload()
    for piece in pieces:
        payload.add(piece)
    return payload.reject(reason, detail=detail, source_uri=source_uri)


def no_records(source_uri: str) -> Reject:
    """Return the reject of a file without records."""
    return Reject.from_payload(Reason.EMPTY, detail="the file holds no records", source_uri=source_uri, payload=b"")


def is_encodable(text: str) -> bool:
    """Return whether `text` is free of surrogates, which stand for damaged bytes; encoding beats searching."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
