"""JSON Lines: one article a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial

from pipeline.errors import Reason
from pipeline.ingest.content import DEFAULT_OPTIONS, ReadingOptions
from pipeline.ingest.fields import RecordError, article_of
from pipeline.ingest.payload import MAX_ARTICLE_BYTES, StreamedPayload
from pipeline.ingest.records import Bytes, no_records, open_text
from pipeline.ingest.stream import PIECE_BYTES
from pipeline.types import Article, Reject


def read_jsonl(
    head: bytes, pieces: Iterator[bytes], *, source_uri: str, options: ReadingOptions = DEFAULT_OPTIONS
) -> Iterator[Article | Reject]:
    """Yield an article or a reject for each line that is not blank, in order.

    The encoding is decided once, from `head`; a line that does not keep to it is rejected alone. A file that is
    binary, empty, or in no known encoding is one reject.

    Raises:
        OSError, EOFError, zlib.error: `pieces` cannot be read to their end.
    """
    text = open_text(head, pieces, source_uri=source_uri, options=options)
    if isinstance(text, Reject):
        yield text
        return
    n_records = 0
    for record in _read_lines(text, source_uri=source_uri, options=options):
        n_records += 1
        yield record
    if not n_records:
        yield no_records(source_uri)


def _read_lines(text: Bytes, *, source_uri: str, options: ReadingOptions) -> Iterator[Article | Reject]:
    lines = iter(partial(text.stream.readline, MAX_ARTICLE_BYTES + 1), b"")
    for number, line in enumerate(lines, start=1):
        record_uri = f"{source_uri}#{number}"
        if len(line) > MAX_ARTICLE_BYTES and not line.endswith(b"\n"):
            yield _skip_line(line, text.stream, record_uri)
        elif record := line.strip():
            yield _parse_line(record, text, source_uri=record_uri, options=options)


def _parse_line(line: bytes, text: Bytes, *, source_uri: str, options: ReadingOptions) -> Article | Reject:
    try:
        record = json.loads(line.decode(text.codec))
        return text.noted(article_of(record, source_uri=source_uri, encoding=text.encoding, fields=options.fields))
    except UnicodeDecodeError as error:
        reason, detail = Reason.ENCODING, f"not {text.encoding} at byte {error.start} of the line: {error.reason}"
    except json.JSONDecodeError as error:
        reason = Reason.BAD_JSON
        detail = f"{error.msg} at column {error.colno}; expected one JSON object a line"
    except (ValueError, RecursionError) as error:
        reason, detail = Reason.BAD_JSON, f"{error}; expected one JSON object a line"
    except RecordError as error:
        reason, detail = error.reason, error.detail
    return Reject.from_payload(reason, detail=detail, source_uri=source_uri, payload=line)


def _skip_line(start: bytes, stream: io.BufferedReader, source_uri: str) -> Reject:
    payload = StreamedPayload()
    piece = start
    while piece:
        payload.add(piece.removesuffix(b"\n"))
        piece = b"" if piece.endswith(b"\n") else stream.readline(PIECE_BYTES)
    detail = f"a line of {payload.n_bytes} bytes; at most {MAX_ARTICLE_BYTES} are read: write one article a line"
    return payload.reject(Reason.TOO_LARGE, detail=detail, source_uri=source_uri)
