"""Web archives, WARC and WACZ: the pages, feeds and texts in them are articles, all else is left out."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Literal, cast
from zipfile import BadZipFile, ZipFile

from pipeline.errors import Reason
from pipeline.ingest.compression import compression_of, unpacked
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.feeds import is_feed, read_feed
from pipeline.ingest.html import article_of_html, is_surely_html
from pipeline.ingest.html_metadata import label
from pipeline.ingest.limits import BombError, Meter, limited
from pipeline.ingest.paragraphs import split_at_blank_lines_or_lines, unify_line_ends, with_kinds
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.stream import (
    HEAD_BYTES,
    READ_ERRORS,
    PackedError,
    buffered,
    pieces_of,
    split_head,
    unreadable,
)
from pipeline.ingest.warc_records import MAGIC, Record, read_records
from pipeline.ingest.whole import decode_whole
from pipeline.types import Article, Reject

_PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml"))
_UNTOLD_TYPES = frozenset(("", "application/octet-stream", "application/unknown", "text/plain", "text/xml"))
_FEED_TYPES = re.compile(r"(?:application|text)/(?:\w+\+)?xml")
_FOR_ROBOTS = re.compile(r"/(?:robots|ads|app-ads|humans|security|llms)\.txt$", re.IGNORECASE)
_ARCHIVE_MEMBER = re.compile(r"archive/[^/]+\.warc(?:\.gz)?", re.IGNORECASE)
_HTTP_OK = 200
_ZIP_ERRORS = (BadZipFile, EOFError, zlib.error, struct.error, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """What a record holds: its media type in lower case, without parameters, and the encoding that came with it."""

    payload: bytes
    media_type: str
    encoding: str | None = None
    url: str | None = None


def is_warc(head: bytes) -> bool:
    """Return whether the first bytes are those of a web archive."""
    return head.startswith(MAGIC)


def is_wacz(head: bytes) -> bool:
    """Return whether the first bytes are those of a ZIP file that holds a web archive, as WACZ does."""
    return head.startswith(b"PK\x03\x04") and bool(re.search(rb"archive/[^/\x00]{1,200}\.warc", head))


def read_warc(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the articles of a web archive in order; `crawl.warc.gz#1234` is the record at that byte, unpacked.

    Pages, feeds and texts that were answered with status 200 are read, and texts that were made of pages (WET).
    Damage is one reject, after which reading goes on at the next record; digests are not checked.
    """
    is_empty = True
    for record in read_records(buffered(content.pieces), source_uri=content.source_uri):
        is_empty = False
        if isinstance(record, Reject):
            yield record
        else:
            yield from _read_record(record, source_uri=f"{content.source_uri}#{record.offset}", options=options)
    if is_empty:
        detail = "the archive holds no records"
        yield Reject.from_payload(Reason.EMPTY, detail=detail, source_uri=content.source_uri, payload=b"")


def read_wacz(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the articles of the web archives in a WACZ file, named `crawl.wacz!/archive/a.warc.gz#1234`."""

    def rejected(reason: Reason, detail: str) -> Reject:
        return Reject.from_payload(reason, detail=detail, source_uri=content.source_uri, payload=content.head)

    with content.seekable() as file:
        try:
            archive = ZipFile(file)
        except _ZIP_ERRORS as error:
            yield rejected(Reason.UNREADABLE, f"damaged WACZ: {error}; copy or download the file again")
            return
        meter = Meter(limits=options.limits, read_bytes=partial(_size_of, file))
        names = sorted({name for name in archive.namelist() if _ARCHIVE_MEMBER.fullmatch(name)})
        for name in names:
            yield from _read_member(archive, name, meter, source_uri=f"{content.source_uri}!/{name}", options=options)
    if not names:
        yield rejected(Reason.EMPTY, "the file holds no web archive below `archive/`, as WACZ does")


def _read_member(
    archive: ZipFile, name: str, meter: Meter, *, source_uri: str, options: ReadingOptions
) -> Iterator[Article | Reject]:
    try:
        pieces = _unpacked(_pieces_of(archive, name), meter)
        yield from read_warc(Content(head=b"", pieces=pieces, source_uri=source_uri, name=name), options)
    except BombError:
        raise
    except READ_ERRORS as error:
        yield unreadable(error, source_uri=source_uri)


def _pieces_of(archive: ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as file:
            yield from pieces_of(cast("BinaryIO", file))
    except _ZIP_ERRORS as error:
        raise PackedError(f"damaged or encrypted: {error}; copy or download the file again") from error


def _unpacked(pieces: Iterator[bytes], meter: Meter) -> Iterator[bytes]:
    head, pieces = split_head(limited(meter.metered(pieces), meter.limits))
    compression = compression_of(head)
    return limited(meter.metered(unpacked(pieces, compression)), meter.limits) if compression else pieces


def _size_of(file: BinaryIO) -> int:
    position = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(position)
    return size


def _read_record(record: Record, *, source_uri: str, options: ReadingOptions) -> Iterator[Article | Reject]:
    try:
        document = _document_of(record)
    except (OSError, ValueError, AttributeError) as error:
        detail = f"no WARC record that can be read: {error}"
        yield Reject.from_payload(Reason.BAD_RECORD, detail=detail, source_uri=source_uri, payload=record.data)
        return
    kind = _kind_of(document) if document else None
    if document is None or kind is None:
        return
    if record.oversize is not None or len(document.payload) > MAX_ARTICLE_BYTES:
        yield _too_large(record, document, source_uri)
    elif kind == "page":
        yield article_of_html(
            document.payload,
            source_uri=source_uri,
            url=document.url,
            encoding=document.encoding,
            assumed_encoding=options.encoding,
        )
    elif kind == "feed":
        head = document.payload[:HEAD_BYTES]
        yield from read_feed(Content(head=head, pieces=iter([document.payload]), source_uri=source_uri), options)
    else:
        yield _article_of_text(document, source_uri=source_uri, options=options)


def _kind_of(document: _Document) -> Literal["page", "feed", "text"] | None:
    payload, media_type = document.payload, document.media_type
    if media_type in _PAGE_TYPES or (media_type in _UNTOLD_TYPES and is_surely_html(payload)):
        return "page"
    if (_FEED_TYPES.fullmatch(media_type) or media_type in _UNTOLD_TYPES) and is_feed(payload):
        return "feed"
    is_text = media_type == "text/plain" and not _FOR_ROBOTS.search(document.url or "")
    return "text" if is_text else None


def _article_of_text(document: _Document, *, source_uri: str, options: ReadingOptions) -> Article | Reject:
    """The first line is the headline, as in WET, where each block of a page is a line."""
    decoded = decode_whole(document.payload, source_uri=source_uri, encoding=document.encoding or options.encoding)
    if isinstance(decoded, Reject):
        return decoded
    headline, _, rest = unify_line_ends(decoded.text).strip().partition("\n")
    blocks = split_at_blank_lines_or_lines(rest)
    if not headline:
        detail = "the record holds no text"
        return Reject.from_payload(Reason.EMPTY, detail=detail, source_uri=source_uri, payload=document.payload)
    paragraphs = with_kinds(headline.rstrip(), blocks) if blocks else with_kinds(None, [headline])
    notes = () if document.encoding else decoded.notes
    return Article(
        source_uri=source_uri, paragraphs=paragraphs, url=document.url, encoding=decoded.encoding, notes=notes
    )


def _document_of(record: Record) -> _Document | None:
    """Return what a record holds, None where it is of a kind that is not read.

    Raises:
        OSError, ValueError, AttributeError: the record is damaged.
    """
    if record.kind not in ("response", "resource", "conversion"):
        return None
    if record.kind == "response":
        return _response_of(record)
    warc = _parsed(record)
    media_type, _, parameters = (warc.headers.get("Content-Type") or "text/plain").partition(";")
    encoding = re.search(r"charset=[\"']?([\w.:-]+)", parameters)
    return _Document(
        payload=warc.reader.read(),
        media_type=media_type.strip().lower(),
        encoding=encoding[1] if encoding else None,
        url=_url_of(warc),
    )


def _response_of(record: Record) -> _Document | None:
    try:
        warc, payload = _http_of(record, decode="all")
    except OSError:
        # Crawlers that store what they unpacked often leave the header that says it is packed.
        warc, payload = _http_of(record, decode="none")
    if warc.http_headers is None or warc.http_headers.status_code != _HTTP_OK:
        return None
    media_type = (warc.http_content_type or "").strip().lower()
    return _Document(payload=payload, media_type=media_type, encoding=warc.http_charset, url=_url_of(warc))


def _http_of(record: Record, *, decode: str) -> tuple[Any, bytes]:
    warc = _parsed(record)
    if not warc.is_http:
        return warc, b""
    warc.parse_http(auto_decode=decode)
    return warc, warc.reader.read(MAX_ARTICLE_BYTES + 1)


def _parsed(record: Record) -> Any:
    from fastwarc.warc import WarcRecord

    return WarcRecord.from_bytes(record.data)


def _url_of(warc: Any) -> str | None:
    return label((warc.headers.get("WARC-Target-URI") or "").strip("<>"))


def _too_large(record: Record, document: _Document, source_uri: str) -> Reject:
    detail = f"more than {MAX_ARTICLE_BYTES} bytes in one document; as many are read"
    if record.oversize is not None:
        return record.oversize.reject(Reason.TOO_LARGE, detail=detail, source_uri=source_uri)
    return Reject.from_payload(Reason.TOO_LARGE, detail=detail, source_uri=source_uri, payload=document.payload)
