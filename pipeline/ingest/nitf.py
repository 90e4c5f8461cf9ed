"""NITF, the News Industry Text Format of the IPTC, versions 2 and 3: one article a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.agency import authors_of, first_moment, text_of, web_address
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.html_metadata import label, unique
from pipeline.ingest.html_text import Block, blocks_of, paragraphs_of
from pipeline.ingest.safe_xml import Document, root_tag
from pipeline.ingest.whole import read_xml, reject
from pipeline.types import Article, Paragraph, Reject

# What the blocks of HTML are called in NITF. Source: NITF 3.6, "body.content".
_HTML_TAGS = {
    "hl2": "h2",
    "bq": "blockquote",
    "block": "div",
    "media": "figure",
    "media-caption": "figcaption",
    "body.content": "body",
}
_NO_TEXT = ("media-reference", "media-metadata", "media-producer", "media-object", "note", "datasource")


def is_nitf(head: bytes) -> bool:
    """Return whether the root element is `nitf`."""
    return (root_tag(head) or "").rpartition("}")[2] == "nitf"


def read_nitf(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the one article of a file, or its reject."""
    read = read_xml(content, options)
    if isinstance(read, Reject):
        yield read
        return
    document, data = read
    article = _article_of(document, source_uri=content.source_uri)
    yield article if article.paragraphs else reject(Reason.EMPTY, "the article holds no text", data, content.source_uri)


def nitf_paragraphs(root: Any, headline: str | None = None) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a `nitf` element, whose tree is changed.

    Abstract and dateline are left out: they say again, or in other words, what the text says.

    Args:
        root: the element.
        headline: that which what is around the element gives; None: its own.
    """
    headline = headline or text_of(root.find(".//body.head/hedline/hl1")) or text_of(root.find("head/title"))
    subheads = map(text_of, root.iterfind(".//body.head/hedline/hl2"))
    blocks = [Block(text) for text in subheads if text]
    for body in root.iter("body.content"):
        blocks += blocks_of(_like_html(body))
    return paragraphs_of(headline, blocks)


def nitf_authors(root: Any) -> tuple[str, ...]:
    """Return the names in the bylines of a `nitf` element."""
    authors: list[str] = []
    for byline in root.iterfind(".//body.head/byline"):
        persons = [text for person in byline.iter("person") if (text := text_of(person))]
        for title in list(byline.iter("byttl")):
            title.clear()
        authors += persons or authors_of(text_of(byline))
    return unique(authors)


def _article_of(document: Document, *, source_uri: str) -> Article:
    root = document.root
    published = first_moment(_attributes(root, ("date.issue", "norm"), ("date.release", "norm"), _PRINTED))
    return Article(
        source_uri=source_uri,
        paragraphs=nitf_paragraphs(root),
        url=next(filter(None, map(web_address, _attributes(root, *_ADDRESSES))), None),
        publisher=_first(root, ("pubdata", "name")) or text_of(root.find(".//body.head/distributor")),
        published_at=published.value,
        claimed_language=label(root.get("lang")) or _first(root, ("body", "lang"), ("body.content", "lang")),
        encoding=document.encoding,
        authors=nitf_authors(root),
        section=_first(root, ("pubdata", "position.section"), ("tobject.subject", "tobject.subject.type")),
        keywords=unique(found for key in _attributes(root, ("keyword", "key")) if (found := label(key))),
        updated_at=first_moment(reversed(list(_attributes(root, ("revision-history", "norm"))))).value,
        licence=_licence(root),
        notes=(*document.notes, *published.notes),
    )


_PRINTED = ("pubdata", "date.publication")
_ADDRESSES = (("pubdata", "ex-ref"), ("doc-id", "id-string"))


def _attributes(root: Any, *places: tuple[str, str]) -> Iterator[str]:
    for tag, name in places:
        yield from (value for element in root.iter(tag) if (value := element.get(name)))


def _first(root: Any, *places: tuple[str, str]) -> str | None:
    return next((found for value in _attributes(root, *places) if (found := label(value))), None)


def _licence(root: Any) -> str | None:
    holder = _first(root, ("doc.copyright", "holder"))
    year = _first(root, ("doc.copyright", "year"))
    return text_of(root.find(".//body.head/rights")) or (f"© {year} {holder}" if year and holder else holder)


def _like_html(body: Any) -> Any:
    for element in list(body.iter(*_NO_TEXT)):
        # An element takes the text behind it along.
        tail = element.tail
        element.clear()
        element.tail = tail
    for element in body.iter(*_HTML_TAGS):
        element.tag = _HTML_TAGS[element.tag]
    return body
