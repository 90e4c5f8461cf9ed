"""NewsML-G2 of the IPTC: one item, or a message that holds several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.agency import (
    authors_of,
    blocks_of_html,
    first_moment,
    text_of,
    web_address,
)
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.html_metadata import label, unique
from pipeline.ingest.html_text import Block, blocks_of, paragraphs_of
from pipeline.ingest.nitf import nitf_authors, nitf_paragraphs
from pipeline.ingest.paragraphs import split_at_blank_lines_or_lines
from pipeline.ingest.safe_xml import Document, root_tag
from pipeline.ingest.whole import read_xml, reject
from pipeline.types import Article, Paragraph, Reject

_NAMESPACE = "{http://iptc.org/std/nar/2006-10-01/}"
_ROOTS = frozenset(f"{_NAMESPACE}{name}" for name in ("newsItem", "newsMessage", "packageItem"))


def is_newsml(head: bytes) -> bool:
    """Return whether the root element is one of NewsML-G2."""
    return root_tag(head) in _ROOTS


def read_newsml(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield an article or a reject for each news item, in order; packages, which only refer to items, are no items."""
    read = read_xml(content, options)
    if isinstance(read, Reject):
        yield read
        return
    document, data = read
    items = list(document.root.iter("newsItem"))
    if not items:
        detail = "no news item: packages and concepts only refer to text"
        yield reject(Reason.EMPTY, detail, data, content.source_uri)
    for number, item in enumerate(items, start=1):
        uri = content.source_uri if item is document.root else f"{content.source_uri}#{number}"
        yield _read_item(item, source_uri=uri, document=document)


def _read_item(item: Any, *, source_uri: str, document: Document) -> Article | Reject:
    headline = _headline(item)
    published = first_moment(_texts(item, "itemMeta/firstCreated", "contentMeta/contentCreated", _VERSION))
    paragraphs = _paragraphs(item, headline)
    if not paragraphs:
        return reject(Reason.EMPTY, _why_empty(item), _serialised(item), source_uri)
    return Article(
        source_uri=source_uri,
        paragraphs=paragraphs,
        url=web_address(item.get("guid")),
        publisher=_name_of(item.find("itemMeta/provider")),
        published_at=published.value,
        claimed_language=_language(item),
        encoding=document.encoding,
        authors=_authors(item),
        section=_name_of(item.find("itemMeta/service")),
        keywords=unique(_keywords(item)),
        updated_at=first_moment(_texts(item, "contentMeta/contentModified", _VERSION)).value,
        licence=next(_texts(item, "rightsInfo/usageTerms", "rightsInfo/copyrightNotice"), None)
        or _name_of(item.find("rightsInfo/copyrightHolder")),
        notes=(*document.notes, *published.notes),
    )


_VERSION = "itemMeta/versionCreated"


def _headline(item: Any) -> str | None:
    return next(_texts(item, "contentMeta/headline", "itemMeta/title"), None)


def _paragraphs(item: Any, headline: str | None) -> tuple[Paragraph, ...]:
    """Return what the first rendition with text holds: others hold the same in other forms."""
    for holder in item.iterfind("contentSet/*"):
        if holder.tag == "inlineXML":
            nitf = holder.find("nitf")
            found = nitf_paragraphs(nitf, headline) if nitf is not None else paragraphs_of(headline, _blocks(holder))
        elif holder.tag == "inlineData":
            found = paragraphs_of(headline, _data_blocks(holder))
        else:
            continue
        if any(paragraph.kind != "headline" for paragraph in found):
            return found
    return ()


def _blocks(holder: Any) -> list[Block]:
    body = holder.find(".//body")
    return blocks_of(holder if body is None else body)


def _data_blocks(holder: Any) -> list[Block]:
    text = "".join(holder.itertext())
    kind = holder.get("contenttype", "text/plain")
    if "html" in kind:
        return blocks_of_html(text)
    return [Block(block) for block in split_at_blank_lines_or_lines(text)] if kind.startswith("text/") else []


def _why_empty(item: Any) -> str:
    remote = item.find("contentSet/remoteContent")
    if remote is None:
        return "the news item holds no text"
    kind = label(remote.get("contenttype")) or "something"
    return f"the news item refers to {kind} elsewhere ({label(remote.get('href')) or 'no address'}) and holds no text"


def _authors(item: Any) -> tuple[str, ...]:
    names = [name for creator in item.iterfind("contentMeta/creator") if (name := _name_of(creator))]
    if not names:
        names = [name for byline in _texts(item, "contentMeta/by") for name in authors_of(byline)]
    nitf = item.find("contentSet/inlineXML/nitf")
    return unique(names) or (nitf_authors(nitf) if nitf is not None else ())


def _keywords(item: Any) -> Iterator[str]:
    yield from _texts(item, "contentMeta/keyword")
    yield from (name for subject in item.iterfind("contentMeta/subject") if (name := text_of(subject.find("name"))))


def _language(item: Any) -> str | None:
    tags = (element.get("tag") for element in item.iterfind("contentMeta/language"))
    langs = (element.get("lang") for path in _LANGUAGE_PATHS for element in item.iterfind(path))
    return next((found for tag in (*tags, *langs) if (found := label(tag))), label(item.get("lang")))


_LANGUAGE_PATHS = ("contentSet/inlineXML", "contentSet/inlineXML/*", "contentSet/inlineData", "contentMeta/headline")


def _name_of(party: Any | None) -> str | None:
    """Return the name of a party or concept, or its code without the prefix of the scheme."""
    if party is None:
        return None
    code = party.get("qcode") or ""
    return text_of(party.find("name")) or label(party.get("literal")) or label(code.rpartition(":")[2])


def _texts(item: Any, *paths: str) -> Iterator[str]:
    return (text for path in paths for element in item.iterfind(path) if (text := text_of(element)))


def _serialised(item: Any) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(item, encoding="utf-8", with_tail=False))
