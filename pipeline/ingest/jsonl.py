"""JSON Lines: one article a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.dates import parse_date
from pipeline.ingest.encoding import Encoding, detect_encoding, find_binary
from pipeline.ingest.paragraphs import split_at_blank_lines_or_lines, unify_line_ends, with_kinds
from pipeline.ingest.payload import MAX_ARTICLE_BYTES, StreamedPayload
from pipeline.ingest.stream import HEAD_BYTES, PIECE_BYTES, buffered, transcoded
from pipeline.text import normalise
from pipeline.types import Article, Reject

_UTF_8_BOM = "\ufeff".encode()


class _RecordError(Exception):
    """A record has no text, or lacks what makes an article, or has it in the wrong type."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def read_jsonl(head: bytes, pieces: Iterator[bytes], *, source_uri: str) -> Iterator[Article | Reject]:
    """Yield an article or a reject for each line that is not blank, in order.

    The encoding is decided once, from `head`; a line that does not keep to it is rejected alone. A file that is
    binary, empty, or in no known encoding is one reject.

    Raises:
        OSError, EOFError, zlib.error: `pieces` cannot be read to their end.
    """
    if binary := find_binary(head, is_nul_allowed=True):
        yield _drained(pieces, Reason.BINARY, binary, source_uri)
        return
    encoding = detect_encoding(head, is_cut=len(head) == HEAD_BYTES)
    if encoding is None:
        detail = "no known encoding fits; convert the file to UTF-8"
        yield _drained(pieces, Reason.ENCODING, detail, source_uri)
        return
    n_records = 0
    for record in _read_lines(pieces, encoding, source_uri):
        n_records += 1
        yield record
    if not n_records:
        yield Reject.from_payload(Reason.EMPTY, detail="the file holds no records", source_uri=source_uri, payload=b"")


def _article_of(record: object, *, source_uri: str, encoding: str) -> Article:
    """Return the article of a decoded JSON value; `paragraphs` goes before `text`, unknown fields are ignored.

    Raises:
        _RecordError: the value is no object, a field has the wrong type, or there is no text.
    """
    if not isinstance(record, dict):
        raise _RecordError(Reason.BAD_RECORD, f"a {_type_name(record)}; expected a JSON object with `title` and `text`")
    title, text, blocks = _string(record, "title"), _string(record, "text"), _strings(record, "paragraphs")
    if title is None and text is None and blocks is None:
        raise _RecordError(Reason.BAD_RECORD, "none of `title`, `text` and `paragraphs` is there")
    if blocks is None:
        blocks = split_at_blank_lines_or_lines(text or "")
    headline = unify_line_ends(title or "").strip()
    if not headline and not blocks:
        raise _RecordError(Reason.EMPTY, "the record holds no text")
    return Article(
        source_uri=source_uri,
        paragraphs=with_kinds(headline or None, blocks),
        url=_label(record, "url"),
        publisher=_label(record, "publisher"),
        published_at=parse_date(record.get("published_at")),
        claimed_language=_label(record, "language"),
        encoding=encoding,
    )


def _read_lines(pieces: Iterator[bytes], encoding: Encoding, source_uri: str) -> Iterator[Article | Reject]:
    # A byte 0x0A is no line end in UTF-16: such a file is turned into UTF-8 before it is cut into lines.
    is_utf_16 = encoding.name == "utf-16"
    stream = buffered(transcoded(pieces, encoding.codec) if is_utf_16 else pieces)
    codec = "utf-8" if is_utf_16 else encoding.codec
    if encoding.n_bom_bytes:
        stream.read(len(_UTF_8_BOM))
    lines = iter(partial(stream.readline, MAX_ARTICLE_BYTES + 1), b"")
    for number, line in enumerate(lines, start=1):
        record_uri = f"{source_uri}#{number}"
        if len(line) > MAX_ARTICLE_BYTES and not line.endswith(b"\n"):
            yield _skip_line(line, stream, record_uri)
        elif record := line.strip():
            yield _parse_line(record, codec=codec, encoding=encoding.name, source_uri=record_uri)


def _parse_line(line: bytes, *, codec: str, encoding: str, source_uri: str) -> Article | Reject:
    try:
        return _article_of(json.loads(line.decode(codec)), source_uri=source_uri, encoding=encoding)
    except UnicodeDecodeError as error:
        reason, detail = Reason.ENCODING, f"not {encoding} at byte {error.start} of the line: {error.reason}"
    except json.JSONDecodeError as error:
        reason = Reason.BAD_JSON
        detail = f"{error.msg} at column {error.colno}; expected one JSON object a line"
    except (ValueError, RecursionError) as error:
        reason, detail = Reason.BAD_JSON, f"{error}; expected one JSON object a line"
    except _RecordError as error:
        reason, detail = error.reason, str(error)
    return Reject.from_payload(reason, detail=detail, source_uri=source_uri, payload=line)


def _skip_line(start: bytes, stream: io.BufferedReader, source_uri: str) -> Reject:
    payload = StreamedPayload()
    piece = start
    while piece:
        payload.add(piece.removesuffix(b"\n"))
        piece = b"" if piece.endswith(b"\n") else stream.readline(PIECE_BYTES)
    detail = f"a line of {payload.n_bytes} bytes; at most {MAX_ARTICLE_BYTES} are read: write one article a line"
    return payload.reject(Reason.TOO_LARGE, detail=detail, source_uri=source_uri)


def _drained(pieces: Iterator[bytes], reason: Reason, detail: str, source_uri: str) -> Reject:
    payload = StreamedPayload()
    for piece in pieces:
        payload.add(piece)
    return payload.reject(reason, detail=detail, source_uri=source_uri)


def _string(record: dict[str, Any], field: str) -> str | None:
    value = record.get(field)
    if value is None or isinstance(value, str):
        return value
    raise _RecordError(Reason.BAD_RECORD, f"`{field}` is a {_type_name(value)}; expected a string")


def _strings(record: dict[str, Any], field: str) -> list[str] | None:
    values = record.get(field)
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _RecordError(Reason.BAD_RECORD, f"`{field}` is no list of strings")
    return [stripped for value in values if (stripped := unify_line_ends(value).strip())]


def _label(record: dict[str, Any], field: str) -> str | None:
    """Return a field that is stored as it is, so it must be text that can be encoded; blank counts as missing."""
    value = _string(record, field)
    return normalise(value).strip() or None if value else None


def _type_name(value: object) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "JSON object"}
    return names.get(type(value), "null")
