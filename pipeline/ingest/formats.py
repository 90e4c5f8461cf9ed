"""The formats there are: how each is told from the others, and what reads it.

What the first bytes say with certainty comes first, then the suffix of the name, then what the bytes look like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.ingest.columnar import is_arrow_file, is_parquet, read_columnar
from pipeline.ingest.content import Content, Reader, ReadingOptions
from pipeline.ingest.encoding import sniff_is_jsonl
from pipeline.ingest.feeds import is_feed, read_feed
from pipeline.ingest.html import is_html, is_surely_html, read_html
from pipeline.ingest.json_document import is_likely_json, read_json_document
from pipeline.ingest.jsonl import read_jsonl
from pipeline.ingest.mail import is_mail, read_mail
from pipeline.ingest.markdown import read_markdown
from pipeline.ingest.newsml import is_newsml, read_newsml
from pipeline.ingest.nitf import is_nitf, read_nitf
from pipeline.ingest.office import is_docx, is_odt, read_docx, read_odt
from pipeline.ingest.plain import read_plain
from pipeline.ingest.tables import is_likely_table, read_table
from pipeline.ingest.warc import is_wacz, is_warc, read_wacz, read_warc
from pipeline.types import Article, Reject


def _read_json_lines(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    return read_jsonl(content.head, content.pieces, source_uri=content.source_uri, options=options)


def _read_plain(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    return read_plain(content.head, content.pieces, source_uri=content.source_uri, encoding=options.encoding)


def _never(_: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format.

    Args:
        name: what people call it.
        suffixes: of file names, lower case, with their dot.
        read: reads it.
        is_surely: whether the first bytes can be nothing else.
        is_likely: whether they look like it; asked where neither bytes nor name are certain.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Reader
    is_surely: Callable[[bytes], bool] = _never
    is_likely: Callable[[bytes], bool] = _never


FORMATS: tuple[Format, ...] = (
    Format(name="Parquet", suffixes=(".parquet", ".pq"), read=read_columnar, is_surely=is_parquet),
    Format(
        name="Arrow", suffixes=(".arrow", ".feather", ".ipc", ".arrows"), read=read_columnar, is_surely=is_arrow_file
    ),
    Format(name="WARC", suffixes=(".warc", ".wet"), read=read_warc, is_surely=is_warc),
    Format(name="WACZ", suffixes=(".wacz",), read=read_wacz, is_surely=is_wacz),
    Format(name="DOCX", suffixes=(".docx",), read=read_docx, is_surely=is_docx),
    Format(name="ODT", suffixes=(".odt",), read=read_odt, is_surely=is_odt),
    Format(name="NewsML-G2", suffixes=(".newsml",), read=read_newsml, is_surely=is_newsml),
    Format(name="NITF", suffixes=(".nitf",), read=read_nitf, is_surely=is_nitf),
    Format(name="feed", suffixes=(".rss", ".atom", ".xml"), read=read_feed, is_surely=is_feed),
    Format(
        name="HTML", suffixes=(".html", ".htm", ".xhtml"), read=read_html, is_surely=is_surely_html, is_likely=is_html
    ),
    Format(name="e-mail", suffixes=(".eml",), read=read_mail, is_surely=is_mail),
    Format(name="Markdown", suffixes=(".md", ".markdown"), read=read_markdown),
    # Before JSON Lines: an object may stand on many lines.
    Format(name="JSON", suffixes=(".json",), read=read_json_document, is_likely=is_likely_json),
    Format(name="JSON Lines", suffixes=(".jsonl", ".ndjson"), read=_read_json_lines, is_likely=sniff_is_jsonl),
    Format(name="CSV", suffixes=(".csv", ".tsv", ".tab"), read=read_table, is_likely=is_likely_table),
    Format(name="text", suffixes=(".txt",), read=_read_plain),
)
"""In the order in which their bytes are asked; the last one takes what nothing else wants."""


def format_of(content: Content) -> Format:
    """Return the format of a content."""
    found = (
        next((one for one in FORMATS if one.is_surely(content.head)), None)
        or next((one for one in FORMATS if content.suffix in one.suffixes), None)
        or next((one for one in FORMATS if one.is_likely(content.head)), None)
    )
    return found or FORMATS[-1]
