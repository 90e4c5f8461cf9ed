"""Web pages: trafilatura finds the article, the page itself gives its structure and what it says of itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.dates import parse_date
from pipeline.ingest.encoding import find_binary
from pipeline.ingest.html_encoding import decode_page
from pipeline.ingest.html_metadata import PageFacts, facts_of, label, unique
from pipeline.ingest.html_text import blocks_of, paragraphs_of, parse_html, restore_structure
from pipeline.ingest.whole import read_whole
from pipeline.types import Article, Reject

MAX_TEXT_CHARS = 1 << 20
"""Pages of more text are read without trafilatura, whose time grows faster than they do."""

MAX_ELEMENTS = 20_000
"""Pages of more elements likewise."""

_START = rb"(?:\xef\xbb\xbf|\s|<\?xml[^>]*>|<!--.*?-->)*"
_SURELY_HTML = re.compile(rb"\A" + _START + rb"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)
_LIKELY_HTML = re.compile(
    rb"\A" + _START + rb"<(?:head|body|title|meta|link|div|p|article|section|main|h[1-6]|table|span|a|br|img)[\s/>]",
    re.IGNORECASE | re.DOTALL,
)
_SNIFFED_BYTES = 4096
_TITLE_SEPARATOR = r"\s+[|\-–—•·:]\s+"
_WORD = re.compile(r"\w+")
# The day of htmldate must not depend on the day of the run.
_DATE_SEARCH = {"original_date": True, "extensive_search": False, "min_date": "1990-01-01", "max_date": "2100-01-01"}


def is_surely_html(head: bytes) -> bool:
    """Return whether the first bytes say that this is a web page."""
    return bool(_SURELY_HTML.match(_sniffed(head)))


def is_html(head: bytes) -> bool:
    """Return whether the first tag is one of HTML."""
    return is_surely_html(head) or bool(_LIKELY_HTML.match(_sniffed(head)))


def read_html(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the one article of a web page, or its reject."""
    data = read_whole(content)
    if isinstance(data, Reject):
        yield data
    else:
        yield article_of_html(data, source_uri=content.source_uri, assumed_encoding=options.encoding)


def article_of_html(
    data: bytes,
    *,
    source_uri: str,
    url: str | None = None,
    encoding: str | None = None,
    assumed_encoding: str | None = None,
) -> Article | Reject:
    """Return the article of a web page.

    Rejects: binary data, an unknown encoding, a page without text.

    Args:
        data: the page.
        source_uri: how the article is named.
        url: where the page was found; an address that it calls canonical goes first.
        encoding: what came with the page, as an HTTP header does, says that it is in.
        assumed_encoding: what a page is in that says nothing.
    """
    reason, detail = Reason.EMPTY, "the page holds no text"
    if binary := find_binary(data, is_nul_allowed=True):
        reason, detail = Reason.BINARY, binary
    elif (decoded := decode_page(data, declared=encoding, assumed=assumed_encoding)) is None:
        reason, detail = Reason.ENCODING, "no known encoding fits; convert the page to UTF-8"
    elif (tree := parse_html(decoded.text)) is not None:
        article = _article_of(tree, url=url, source_uri=source_uri)
        if article is not None:
            return replace(article, encoding=decoded.encoding, notes=(*decoded.notes, *article.notes))
        detail = _why_empty(tree)
    return Reject.from_payload(reason, detail=detail, source_uri=source_uri, payload=data)


def _article_of(tree: Any, *, url: str | None, source_uri: str) -> Article | None:
    facts = facts_of(tree, url=url)
    page = blocks_of(tree)
    found = _extraction_of(tree, url=facts.url)
    headline = _headline(tree, facts, found)
    blocks = (
        restore_structure([block.text for block in blocks_of(found.body)], page, headline=headline) if found else []
    )
    blocks = blocks or [block for block in page if not block.is_aside] or page
    if not blocks:
        return None
    is_silent = facts.published_at is None and not facts.has_bad_date
    published_at = parse_date(found.date) if found and is_silent else facts.published_at
    return Article(
        source_uri=source_uri,
        paragraphs=paragraphs_of(headline, blocks),
        url=facts.url,
        publisher=facts.publisher or (label(found.sitename) if found else None),
        published_at=published_at,
        claimed_language=facts.language,
        authors=facts.authors or unique(_parts(found and found.author, ";")),
        section=facts.section or (next(map(label, found.categories or ()), None) if found else None),
        keywords=facts.keywords or unique(part for tag in (found and found.tags) or () for part in _parts(tag, ",")),
        updated_at=facts.updated_at,
        licence=facts.licence or (label(found.license) if found else None),
        notes=(Note.BAD_DATE.value,) if facts.has_bad_date else (),
    )


def _extraction_of(tree: Any, *, url: str | None) -> Any | None:
    """Return trafilatura's document, None where it finds nothing, fails, or would take too long."""
    if len(tree.text_content()) > MAX_TEXT_CHARS or tree.xpath("count(.//*)") > MAX_ELEMENTS:
        return None
    from lxml.etree import LxmlError

    for cell in tree.iter("td", "th"):
        # A cell may claim to be a hundred cells wide and high, and trafilatura makes them all.
        cell.attrib.pop("colspan", None)
        cell.attrib.pop("rowspan", None)
    try:
        return _trafilatura().bare_extraction(
            tree, url=url, include_comments=False, with_metadata=True, date_extraction_params=_DATE_SEARCH
        )
    except (LxmlError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None


@cache
def _trafilatura() -> ModuleType:
    """Import trafilatura; what it has to say of single pages is no business of the log."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return trafilatura


def _headline(tree: Any, facts: PageFacts, found: Any | None) -> str | None:
    """Return the only first heading where a title agrees with it, else the title without the name of the site."""
    written = (label(found.title) if found else None, facts.title, label(tree.findtext(".//title")))
    titles = [_without_site(title, facts.publisher) for title in written if title]
    headings = [text for heading in tree.iter("h1") if (text := label(heading.text_content()))]
    if (
        len(headings) == 1
        and headings[0] != facts.publisher
        and (not titles or any(_is_alike(headings[0], title) for title in titles))
    ):
        return headings[0]
    return titles[0] if titles else None


def _without_site(title: str, site: str | None) -> str:
    return re.sub(rf"{_TITLE_SEPARATOR}{re.escape(site)}$", "", title, flags=re.IGNORECASE) if site else title


def _is_alike(heading: str, title: str) -> bool:
    """Whether at least half of the words of a heading are in a title, whose longest part is not the site."""
    words = set(_WORD.findall(heading.casefold()))
    longest = max(re.split(_TITLE_SEPARATOR, title.casefold()), key=len)
    return 2 * len(words & set(_WORD.findall(longest))) >= max(1, len(words))


def _parts(text: str | None, separator: str) -> Iterator[str]:
    return (found for part in (text or "").split(separator) if (found := label(part)))


def _why_empty(tree: Any) -> str:
    if tree.find(".//frameset") is not None or tree.find(".//iframe") is not None:
        return "the page holds frames and no text of its own; read the pages in them"
    if tree.find(".//script") is not None:
        return "the page holds scripts and no text; save it as a browser shows it"
    return "the page holds no text"


def _sniffed(head: bytes) -> bytes:
    """The beginning without the other halves of UTF-16."""
    return head[:_SNIFFED_BYTES].lstrip(b"\xff\xfe").replace(b"\x00", b"")
