"""Documents of Word (DOCX) and of LibreOffice (ODT): archives of XML, of which text and properties are read.

With `zipfile` and the safe parser: python-docx and odfdo build models of whole documents for editing them, and neither
limits what an archive unpacks to.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any, NamedTuple

from pipeline.errors import Reason
from pipeline.ingest.agency import first_moment, text_of
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.html_metadata import unique
from pipeline.ingest.html_text import paragraphs_of
from pipeline.ingest.office_text import StyledBlock, document_blocks, text_document_blocks
from pipeline.ingest.paragraphs import is_caption
from pipeline.ingest.payload import StreamedPayload
from pipeline.ingest.safe_xml import XmlError, parse_xml
from pipeline.types import Article, Reject

MAX_DOCUMENT_BYTES = 64 << 20
"""Size limit of a document with its pictures."""

MAX_MEMBER_BYTES = 32 << 20
"""Size limit of one part of a document, unpacked: half a gigabyte as a tree."""

MAX_RATIO = 400
"""Bytes unpacked for each packed one, in parts above `_FREE_BYTES`: 88 in a table of digits, 163 in one of empty cells,
1,030 in a bomb."""

MAX_MEMBERS = 4096
"""Parts of one document, pictures included."""

# Source: the template of python-docx, whose documents carry the moment in which it was made.
_TEMPLATE_MOMENT = datetime(2013, 12, 23, 23, 15, tzinfo=timezone.utc)
_FREE_BYTES = 1 << 20
_IN_MEMORY_BYTES = 16 << 20
_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NAME_START = 30
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_OPEN_XML_NAMES = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"customXml/")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class _DocumentError(Exception):
    """A document cannot be read; the message says why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class _Properties(NamedTuple):
    """What a document says of itself, by the local names of its elements."""

    root: Any | None

    def all(self, *names: str) -> Iterator[str]:
        """Yield the texts of the elements with these names, those of the first name first."""
        if self.root is not None:
            yield from (text for name in names for one in self.root.iter(name) if (text := text_of(one)))

    def first(self, *names: str) -> str | None:
        """Return the first of them."""
        return next(self.all(*names), None)


def is_docx(head: bytes) -> bool:
    """Return whether the first bytes are those of an archive that begins like a document of Word."""
    return head.startswith(_LOCAL_HEADER) and head[_NAME_START:].startswith(_OPEN_XML_NAMES) and b"word/" in head


def is_odt(head: bytes) -> bool:
    """Return whether the first bytes say that this is a text document of OpenDocument."""
    return head.startswith(_LOCAL_HEADER) and head[_NAME_START:].startswith(_OPEN_DOCUMENT)


def read_docx(content: Content, _options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the one article of a document, or its reject."""
    yield _read(content, _article_of_docx)


def read_odt(content: Content, _options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the one article of a document, or its reject."""
    yield _read(content, _article_of_odt)


def _read(content: Content, article_of: Callable[[zipfile.ZipFile, str], Article]) -> Article | Reject:
    payload = StreamedPayload()
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        n_members = 0
        for piece in content.pieces:
            payload.add(piece)
            n_members += piece.count(_ENTRY)
            if payload.n_bytes <= MAX_DOCUMENT_BYTES:
                file.write(piece)
        try:
            _refuse_large(payload.n_bytes, n_members)
            article = _opened(file, content, article_of)
        except _DocumentError as error:
            return payload.reject(error.reason, detail=str(error), source_uri=content.source_uri)
    if article.paragraphs:
        return article
    return payload.reject(Reason.EMPTY, detail="the document holds no text", source_uri=content.source_uri)


def _refuse_large(n_bytes: int, n_members: int) -> None:
    if n_bytes > MAX_DOCUMENT_BYTES:
        raise _DocumentError(Reason.TOO_LARGE, f"{n_bytes} bytes; at most {MAX_DOCUMENT_BYTES} are read")
    if n_members > MAX_MEMBERS:
        raise _DocumentError(Reason.TOO_LARGE, f"{n_members} parts; at most {MAX_MEMBERS} are read")


def _opened(file: Any, content: Content, article_of: Callable[[zipfile.ZipFile, str], Article]) -> Article:
    if content.head.startswith(_OLE):
        detail = "an old or an encrypted office document; save it as DOCX or ODT without a password"
        raise _DocumentError(Reason.BINARY, detail)
    try:
        with zipfile.ZipFile(file) as archive:
            return article_of(archive, content.source_uri)
    except XmlError as error:
        raise _DocumentError(Reason.BAD_RECORD, f"damaged document: {error}") from error
    except _DAMAGED as error:
        raise _DocumentError(Reason.UNREADABLE, f"damaged document: {error}; `unzip -t` tests a file") from error


def _article_of_docx(archive: zipfile.ZipFile, source_uri: str) -> Article:
    relations = _parsed(archive, "_rels/.rels")
    document = _parsed(archive, _target(relations, "/officeDocument", "word/document.xml"))
    if document is None:
        raise _DocumentError(Reason.BAD_RECORD, "no document of Word: a part `word/document.xml` is not there")
    styles = _styles_of_docx(_parsed(archive, "word/styles.xml"))
    properties = _Properties(_parsed(archive, _target(relations, "/core-properties", "docProps/core.xml")))
    return _article(document_blocks(document, styles), properties, source_uri=source_uri)


def _article_of_odt(archive: zipfile.ZipFile, source_uri: str) -> Article:
    manifest = _parsed(archive, "META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("encryption-data"), None) is not None:
        raise _DocumentError(Reason.UNREADABLE, "the document is encrypted; save it without a password")
    document = _parsed(archive, "content.xml")
    if document is None:
        raise _DocumentError(Reason.BAD_RECORD, "no document of OpenDocument: a part `content.xml` is not there")
    properties = _Properties(_parsed(archive, "meta.xml"))
    return _article(text_document_blocks(document), properties, source_uri=source_uri)


def _article(blocks: list[StyledBlock], properties: _Properties, *, source_uri: str) -> Article:
    published = first_moment(properties.all("created", "creation-date"))
    updated = first_moment(properties.all("modified", "date"))
    index = _headline_index(blocks)
    headline = properties.first("title") if index is None else blocks.pop(index)[0].text
    return Article(
        source_uri=source_uri,
        paragraphs=paragraphs_of(headline, [block for block, _ in blocks]) if blocks or index is not None else (),
        published_at=None if published.value == _TEMPLATE_MOMENT else published.value,
        claimed_language=properties.first("language"),
        authors=unique(_parts(properties.all(*_creators(properties)), ";")),
        section=properties.first("category"),
        keywords=unique(_parts(properties.all("keywords", "keyword"), ",;")),
        updated_at=None if updated.value == _TEMPLATE_MOMENT else updated.value,
        notes=published.notes,
    )


def _headline_index(blocks: list[StyledBlock]) -> int | None:
    """Return which block is the headline: the title, a main heading at the start, or a short line at the start."""
    n_short = next((index for index, (block, _) in enumerate(blocks) if not is_caption(block.text)), len(blocks))
    title = next((index for index, (_, style) in enumerate(blocks) if style == "title"), None)
    heading = next((index for index, (_, style) in enumerate(blocks[: n_short + 1]) if style == "heading"), None)
    if title is not None or heading is not None:
        return heading if title is None else title
    return 0 if 0 < n_short < len(blocks) else None


def _creators(properties: _Properties) -> tuple[str, ...]:
    """In OpenDocument, `creator` is who changed the document last."""
    return ("initial-creator",) if properties.first("initial-creator") else ("creator",)


def _parts(texts: Iterator[str], separators: str) -> Iterator[str]:
    for text in texts:
        yield from (part for one in re.split(f"[{separators}]", text) if (part := one.strip()))


def _parsed(archive: zipfile.ZipFile, name: str) -> Any | None:
    """Return the root element of a part, None where it is not there."""
    info = archive.NameToInfo.get(name)
    if info is None:
        return None
    if info.flag_bits & 1:
        raise _DocumentError(Reason.UNREADABLE, "the document is encrypted; save it without a password")
    is_bomb = info.file_size > max(_FREE_BYTES, MAX_RATIO * info.compress_size)
    if is_bomb or info.file_size > MAX_MEMBER_BYTES:
        detail = f"`{name}` unpacks from {info.compress_size} to {info.file_size} bytes, as no article does"
        raise _DocumentError(Reason.TOO_LARGE, detail)
    return parse_xml(archive.read(info), max_bytes=MAX_MEMBER_BYTES).root


def _target(relations: Any | None, kind: str, usual: str) -> str:
    """Return the name of the part that a document relates to; programs call the main one `document2.xml`, too."""
    if relations is None:
        return usual
    targets = (one.get("Target", "") for one in relations.iter("Relationship") if one.get("Type", "").endswith(kind))
    return next((target.lstrip("/") for target in targets if target), usual)


def _styles_of_docx(root: Any | None) -> dict[str, str]:
    """Return the English names of the styles by their ids, which Word translates: in Russian, `1` is `heading 1`."""
    if root is None:
        return {}
    named = ((style.get("styleId", ""), style.find("name")) for style in root.iter("style"))
    return {key: name.get("val", "") for key, name in named if name is not None}
