"""RSS and Atom feeds that lie in files: each entry is an article."""

from __future__ import annotations

import calendar
import html
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.dates import parse_date
from pipeline.ingest.encoding import find_binary
from pipeline.ingest.html_encoding import DecodedPage, decode_page
from pipeline.ingest.html_metadata import label, unique
from pipeline.ingest.html_text import Block, blocks_of, drop_excessive_attributes, paragraphs_of, parse_html
from pipeline.ingest.paragraphs import split_at_blank_lines_or_lines
from pipeline.ingest.whole import read_whole, reject
from pipeline.types import Article, Reject

_SNIFFED_BYTES = 8192
_START = rb"(?:\xef\xbb\xbf|\s|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>)*"
# Source: RSS 0.9 to 2.0, RSS 1.0 (RDF), RFC 4287 with its forerunner 0.3.
_FEED = re.compile(
    rb"\A" + _START + rb"<(?:\w+:)?(?:rss[\s>]|RDF\s[^>]*(?:purl\.org/rss|netscape\.com/rdf)"
    rb"|feed\s[^>]*(?:w3\.org/2005/Atom|purl\.org/atom))",
    re.DOTALL | re.IGNORECASE,
)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DECLARED_ENTITY = re.compile(r"<!ENTITY\s+(?:%\s*)?([^\s>]{1,80})", re.IGNORECASE)
_ROOT = re.compile(r"<(?:\w+:)?(?:rss|rdf|feed)[\s>]", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?(?:rss|rdf|feed)\s*>", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!]")
_PARSER_ERRORS = (ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError)


def is_feed(head: bytes) -> bool:
    """Return whether the first element is that of a feed; NULs are the other halves of UTF-16."""
    return bool(_FEED.match(head[:_SNIFFED_BYTES].lstrip(b"\xff\xfe").replace(b"\x00", b"")))


def read_feed(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield an article or a reject for each entry of a feed, in order, named `feed.xml#3`.

    An entry with a title and no text is an article of a headline. A feed that breaks off yields what came whole before,
    and a reject. One that declares entities is not read.

    Raises:
        OSError: the pieces of `content` cannot be read to their end.
    """
    uri = content.source_uri
    data = read_whole(content)
    if isinstance(data, Reject):
        yield data
    elif binary := find_binary(data, is_nul_allowed=True):
        yield reject(Reason.BINARY, binary, data, uri)
    elif (page := decode_page(data, assumed=options.encoding)) is None:
        yield reject(Reason.ENCODING, "no known encoding fits; convert the feed to UTF-8", data, uri)
    elif entity := _DECLARED_ENTITY.search(page.text, 0, _root_start(page.text)):
        detail = f"the document type declares the entity `{entity[1]}`; entities are not resolved: remove them"
        yield reject(Reason.BAD_RECORD, detail, data, uri)
    else:
        yield from _read(page, data, uri)


def _read(page: DecodedPage, data: bytes, uri: str) -> Iterator[Article | Reject]:
    feed = _parse(page.text)
    error = feed.get("bozo_exception")
    entries = feed.get("entries", [])
    is_cut = error is not None and bool(_ROOT.search(page.text)) and not _END.search(page.text)
    n_whole = min(len(entries), len(_ENTRY_END.findall(page.text))) if is_cut else len(entries)
    for number, entry in enumerate(entries[:n_whole], start=1):
        yield _article_of(entry, feed.get("feed", {}), page=page, source_uri=f"{uri}#{number}")
    if is_cut:
        detail = f"the feed breaks off behind {n_whole} entries, {_message(error)}; copy or download it again"
        yield reject(Reason.BAD_RECORD, detail, data, f"{uri}#{n_whole + 1}" if n_whole else uri)
    elif not entries and error is not None:
        yield reject(Reason.BAD_RECORD, f"no feed that can be read: {_message(error)}", data, uri)
    elif not entries:
        yield reject(Reason.EMPTY, "the feed holds no entries", data, uri)


def _parse(text: str) -> Mapping[str, Any]:
    """Parse a feed; it is given as bytes, never as an address, so that nothing is fetched."""
    import feedparser

    data = drop_excessive_attributes(_XML_DECLARATION.sub("", text, count=1)).encode("utf-8", "replace")
    try:
        parsed: Mapping[str, Any] = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except _PARSER_ERRORS as error:
        return {"bozo_exception": error}
    return parsed


def _article_of(entry: Any, feed: Any, *, page: DecodedPage, source_uri: str) -> Article | Reject:
    headline = _line(_get(entry, "title"))
    blocks = _blocks(entry)
    if not headline and not blocks:
        detail = "the entry holds neither title nor text"
        return Reject.from_payload(
            Reason.EMPTY, detail=detail, source_uri=source_uri, payload=repr(dict(entry)).encode()
        )
    published_at, is_published_bad = _moment(entry, "published")
    updated_at, is_updated_bad = _moment(entry, "updated")
    is_date_bad = published_at is None and (is_published_bad or is_updated_bad)
    source = _get(entry, "source") or {}
    return Article(
        source_uri=source_uri,
        paragraphs=paragraphs_of(headline, blocks),
        url=label(_get(entry, "link")),
        publisher=_line(_get(source, "title")) or _line(_get(feed, "title")),
        published_at=published_at or updated_at,
        claimed_language=label(_get(feed, "language")),
        encoding=page.encoding,
        authors=_names(entry, "authors", "name") or _names(feed, "authors", "name"),
        keywords=_names(entry, "tags", "term"),
        updated_at=updated_at,
        licence=_line(_get(entry, "rights")) or _line(_get(feed, "rights")),
        notes=(*page.notes, *((Note.BAD_DATE.value,) if is_date_bad else ())),
    )


def _blocks(entry: Any) -> list[Block]:
    """Return the full text where there is one, else the summary."""
    values = [_get(part, "value") for part in _get(entry, "content") or ()]
    longest = sorted(filter(None, values), key=len, reverse=True)
    return next((found for value in (*longest, _get(entry, "summary")) if value and (found := _read_markup(value))), [])


def _read_markup(value: str) -> list[Block]:
    if not _TAG.search(value):
        return [Block(text) for text in split_at_blank_lines_or_lines(html.unescape(value))]
    tree = parse_html(value)
    return [] if tree is None else blocks_of(tree)


def _line(value: object) -> str | None:
    """Return a text construct as one line without markup."""
    if not isinstance(value, str) or not value.strip():
        return None
    tree = parse_html(value) if _TAG.search(value) else None
    text = html.unescape(value) if tree is None else str(tree.text_content())
    return " ".join(text.split()) or None


def _moment(entry: Any, name: str) -> tuple[datetime | None, bool]:
    """Return a moment of an entry, and whether one is written that cannot be read."""
    written, parsed = _get(entry, name), _get(entry, f"{name}_parsed")
    moment = parse_date(written)
    if moment is None and parsed:
        moment = parse_date(calendar.timegm(parsed))
    return moment, bool(written) and moment is None


def _names(holder: Any, key: str, field: str) -> tuple[str, ...]:
    return unique(name for item in _get(holder, key) or () if (name := _line(_get(item, field))))


def _get(holder: Any, key: str) -> Any:
    """Return what is there under this very key; feedparser's dictionaries take `published` for `updated`."""
    return dict.get(holder, key)


def _root_start(text: str) -> int:
    root = _ROOT.search(text)
    return root.start() if root else len(text)


def _message(error: Any) -> str:
    """Return what is wrong and where; feedparser puts a line with an XML declaration of its own in front."""
    if not hasattr(error, "getLineNumber"):
        return str(error)
    line, column = error.getLineNumber() - 1, error.getColumnNumber() + 1
    return f"line {line}, column {column}: {error.getMessage()}"
