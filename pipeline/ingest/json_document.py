"""JSON documents: one article, a list of them, or an object that holds such a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.json_values import BadJsonError, DamagedError, JsonValues, TooLargeError
from pipeline.ingest.jsonl import read_jsonl
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.records import Bytes, drained, no_records, open_text, read_record
from pipeline.types import Article, Reject

LIST_NAMES = ("articles", "items", "results", "data", "docs", "documents", "news", "records", "entries")
"""Under these names services and exports keep their records."""

_ENVELOPES = ("response", "result", "data", "feed")
_BODY_NAMES = frozenset({"text", "maintext", "body", "paragraphs", "articleBody", "content_text"})

_BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"
"""Byte order marks and blanks; that a text begins with any of these bytes otherwise is no matter here."""

Item = Article | Reject


def read_json_document(content: Content, options: ReadingOptions) -> Iterator[Item]:
    """Yield an article or a reject for each record of a JSON document, in order.

    Lists are read item by item. Where the JSON is broken, or a record is larger than `MAX_ARTICLE_BYTES`, the records
    before stand and one reject names the place. JSON Lines are recognised, whatever the file is called.

    Raises:
        OSError, EOFError, zlib.error: the pieces of `content` cannot be read to their end.
    """
    if is_json_lines(content.head):
        yield from read_jsonl(content.head, content.pieces, source_uri=content.source_uri, options=options)
        return
    text = open_text(content.head, content.pieces, source_uri=content.source_uri, options=options)
    if isinstance(text, Reject):
        yield text
    else:
        yield from _Document(text, content.source_uri, options).read()


def is_json_lines(head: bytes) -> bool:
    """Return whether the first line is a JSON object, and more than blanks follows it; NULs are halves of UTF-16."""
    first, _, rest = head.replace(b"\x00", b"").lstrip(_BEFORE).partition(b"\n")
    if not first.startswith(b"{") or not rest.strip():
        return False
    try:
        json.loads(first.decode("latin-1"))
    except (ValueError, RecursionError):
        return False
    return True


def is_likely_json(head: bytes) -> bool:
    """Return whether `head` begins like a list of objects, or like an object that is written over several lines."""
    start = head.replace(b"\x00", b"").lstrip(_BEFORE)
    if start.startswith(b"["):
        return start[1:].lstrip().startswith(b"{")
    second = start.partition(b"\n")[2].lstrip()
    return start.startswith(b"{") and bool(second) and not second.startswith(b"{")


class _Document:
    """Reads one document; `n` counts its records."""

    def __init__(self, text: Bytes, source_uri: str, options: ReadingOptions) -> None:
        self._values = JsonValues(text.stream, text.codec)
        self._text = text
        self._source_uri = source_uri
        self._options = options
        self._n_records = 0

    def read(self) -> Iterator[Item]:
        try:
            yield from self._documents()
        except BadJsonError as error:
            yield self._reject(Reason.BAD_JSON, f"{error}; what comes after it was not read")
        except DamagedError as error:
            yield self._damaged(error)
        except TooLargeError:
            detail = (
                f"a value of more than {MAX_ARTICLE_BYTES} bytes at {self._values.place()}; "
                "write one article a line, as JSON Lines (.jsonl)"
            )
            yield self._reject(Reason.TOO_LARGE, detail)
        else:
            if not self._n_records:
                yield no_records(self._source_uri)

    def _documents(self) -> Iterator[Item]:
        """Several values without marks between them are as good as a list."""
        while mark := self._values.peek():
            if mark == "[":
                yield from self._list()
            elif mark == "{":
                yield from self._object()
            else:
                yield self._record(self._values.take_value())

    def _list(self) -> Iterator[Item]:
        self._values.take("[")
        if self._values.peek() == "]":
            self._values.take("]")
            return
        mark = ","
        while mark == ",":
            try:
                yield self._record(self._values.take_value())
            except DamagedError as error:
                yield self._damaged(error)
            mark = self._values.take(",]")

    def _object(self) -> Iterator[Item]:
        """Read the lists of records in an object as they come; an object without any is a record itself."""
        found: dict[str, Any] = {}
        has_list = False
        self._values.take("{")
        mark = "}" if self._values.peek() == "}" else ","
        if mark == "}":
            self._values.take("}")
        while mark == ",":
            if self._values.peek() != '"':
                self._values.take('"')
            name = self._values.take_value()
            self._values.take(":")
            if name in LIST_NAMES and self._values.peek() == "[" and _BODY_NAMES.isdisjoint(found):
                has_list = True
                yield from self._list()
            else:
                found[name] = self._values.take_value()
            mark = self._values.take(",}")
        if not has_list:
            yield from self._lone(found)

    def _lone(self, record: dict[str, Any]) -> Iterator[Item]:
        """Read an object that held no list itself; services put it into an envelope."""
        envelope = next((inner for name in _ENVELOPES if isinstance(inner := record.get(name), dict)), {})
        lists = [inner for name in LIST_NAMES if isinstance(inner := envelope.get(name), list)]
        if lists and _BODY_NAMES.isdisjoint(record):
            for item in lists[0]:
                yield self._record(item)
            return
        is_only = not self._n_records and not self._values.peek()
        yield self._record(record, is_only=is_only)

    def _record(self, record: object, *, is_only: bool = False) -> Item:
        self._n_records += 1
        item = read_record(
            record,
            source_uri=self._source_uri if is_only else f"{self._source_uri}#{self._n_records}",
            encoding=self._text.encoding,
            options=self._options,
        )
        return item if isinstance(item, Reject) else self._text.noted(item)

    def _damaged(self, error: DamagedError) -> Reject:
        self._n_records += 1
        return Reject.from_payload(
            Reason.ENCODING,
            detail=f"not {self._text.encoding} in the value at {error.place}; mend the file or convert it to UTF-8",
            source_uri=f"{self._source_uri}#{self._n_records}",
            payload=error.payload,
        )

    def _reject(self, reason: Reason, detail: str) -> Reject:
        uri = f"{self._source_uri}#{self._n_records + 1}" if self._n_records else self._source_uri
        return drained(self._values.drain(), reason, detail=detail, source_uri=uri)
