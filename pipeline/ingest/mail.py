"""E-mail, as newsletters and press services send it: `.eml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import PurePath
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.agency import blocks_of_html, first_moment, web_address
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.html_encoding import DecodedPage, decode_page
from pipeline.ingest.html_metadata import label
from pipeline.ingest.html_text import Block, paragraphs_of
from pipeline.ingest.paragraphs import split_at_blank_lines, unify_line_ends
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.ingest.whole import read_whole, reject
from pipeline.types import Article, Paragraph, Reject

MAX_HEADER_BYTES = 1 << 18

MAX_PARTS = 10_000
"""Lines that may begin a part; real messages have some tens, and each part costs a kilobyte of memory and more."""

MAX_DEPTH = 20
"""Parts within parts; forwarded messages have five or six. Python's parser ends at its stack, after some hundreds."""

_HEADER = re.compile(rb"[A-Za-z0-9-]{1,76}:")
# Every program that sends or carries mail writes some of these; a text may begin with `From:` and `Date:` of its own.
_CARRIER = re.compile(
    rb"^(?:message-id|mime-version|received|return-path|dkim-signature):", re.IGNORECASE | re.MULTILINE
)
_WRITER = re.compile(rb"^(?:from|subject|date):", re.IGNORECASE | re.MULTILINE)
_SIGNATURE = re.compile(r"^-- $.*", re.DOTALL | re.MULTILINE)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_COMMENT = re.compile(r"\s*\([^()]*\)\s*$")
_BROKEN_LINE = re.compile(r"(?<= )\n")
# What is declared where a program does not know: bytes beyond ASCII are looked at.
_UNSAID_CHARSETS = frozenset(("us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "unknown-8bit", ""))
# Attachments that are part of how a message looks or travels.
_NO_ARTICLES = (
    "application/ics",
    "application/pgp",
    "application/pkcs7",
    "application/x-pkcs7",
    "audio/",
    "font/",
    "image/",
    "text/calendar",
    "text/css",
    "text/vcard",
    "text/x-vcard",
    "video/",
)


def is_mail(head: bytes) -> bool:
    """Return whether all lines up to the first blank one are headers, and some are those of mail on its way."""
    if not _HEADER.match(head):
        return False
    start, _, rest = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = start.split(b"\n")
    if not rest and len(head) == HEAD_BYTES:
        lines.pop()
    if not all(line[:1] in {b" ", b"\t"} or _HEADER.match(line) for line in lines):
        return False
    return bool(_CARRIER.search(start)) and len(_WRITER.findall(start)) > 1


def read_mail(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the article of a message, then what its attachments hold, or a reject in the place of each.

    Attached pictures, signatures, cards and calendars are no articles and are passed over.
    """
    data = read_whole(content)
    if isinstance(data, Reject):
        yield data
        return
    message = _parse(data)
    if isinstance(message, str):
        yield reject(Reason.TOO_LARGE, message, data, content.source_uri)
        return
    yield _article_of(message, data, source_uri=content.source_uri, assumed=options.encoding)
    yield from _read_attached(message, content.source_uri, options)


def _parse(data: bytes) -> EmailMessage | str:
    """Return the message, or why it is not taken apart."""
    from email import message_from_bytes
    from email.policy import default

    n_header_bytes = len(data.replace(b"\r\n", b"\n").partition(b"\n\n")[0])
    if n_header_bytes > MAX_HEADER_BYTES:
        return f"headers of {n_header_bytes} bytes; at most {MAX_HEADER_BYTES} are read"
    n_parts = data.count(b"\n--")
    if n_parts > MAX_PARTS:
        return f"up to {n_parts} parts in one message; at most {MAX_PARTS} are read"
    try:
        message = message_from_bytes(data, policy=default)
        return message if _depth(message) <= MAX_DEPTH else f"parts nested deeper than {MAX_DEPTH}"
    except RecursionError:
        return f"parts nested deeper than {MAX_DEPTH}"


def _depth(message: EmailMessage) -> int:
    """Return how many parts stand in each other at most, counted without a stack of calls."""
    depth, level = 0, [message]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [part for one in level if one.is_multipart() for part in one.get_payload()]  # type: ignore[misc]
    return depth


def _article_of(message: EmailMessage, data: bytes, *, source_uri: str, assumed: str | None) -> Article | Reject:
    parts = [part for part in message.iter_attachments() if _is_loose_text(part)]
    article = _body_of(message, parts, source_uri=source_uri, assumed=assumed)
    if article is None:
        return reject(Reason.EMPTY, "the message holds no text", data, source_uri)
    own = next((one.text for one in article.paragraphs if one.kind == "headline"), None)
    published = first_moment([_date_of(message)])
    return replace(
        article,
        paragraphs=paragraphs_of(
            label(_header(message, "subject")) or own,
            [Block(one.text, one.kind == "caption") for one in article.paragraphs],
        ),
        url=web_address((_header(message, "archived-at") or "").strip("<> \t")) or article.url,
        publisher=_sender(message) or article.publisher,
        published_at=published.value or article.published_at,
        claimed_language=label(_header(message, "content-language")) or article.claimed_language,
        notes=tuple(dict.fromkeys((*article.notes, *published.notes))),
    )


def _body_of(message: EmailMessage, loose: list[Any], *, source_uri: str, assumed: str | None) -> Article | None:
    """Return the article of the HTML part, or of the plain one, or of all that the HTML says; None without text."""
    from pipeline.ingest.html import article_of_html

    html, plain = message.get_body(("html",)), message.get_body(("plain",)) or _unparted(message)
    if html and (page := _decoded(html, assumed)):
        # It is decoded here, as mail and page may each declare an encoding, and that of the mail may be unsaid.
        article = article_of_html(page.text.encode(), source_uri=source_uri, encoding="utf-8")
        if isinstance(article, Article):
            # The title of a newsletter's page is a name, and no part of what one reads.
            shown = {block.text for block in blocks_of_html(page.text)}
            paragraphs = tuple(one for one in article.paragraphs if one.kind != "headline" or one.text in shown)
            notes = (*page.notes, *article.notes)
            return replace(article, paragraphs=paragraphs, encoding=page.encoding, notes=notes)
    for part in filter(None, (plain, html)):
        pages = [(one, page) for one in (part, *loose) if (page := _decoded(one, assumed))]
        if paragraphs := tuple(Paragraph(text=block.text) for one, page in pages for block in _blocks_of(one, page)):
            _, first = pages[0]
            return Article(source_uri=source_uri, paragraphs=paragraphs, encoding=first.encoding, notes=first.notes)
    return None


def _unparted(message: EmailMessage) -> EmailMessage | None:
    """Return a message of one part that is text of another kind, or says it had parts and has none."""
    is_text = message.get_content_maintype() in {"text", "multipart"} and message.get_content_subtype() != "html"
    return message if is_text and not message.is_multipart() else None


def _decoded(part: Any, assumed: str | None) -> DecodedPage | None:
    data = part.get_payload(decode=True) or b""
    declared = str(part.get_param("charset", "")).lower()
    if not data.strip():
        return None
    known = None if declared in _UNSAID_CHARSETS else declared
    return decode_page(data, declared=known, assumed=assumed) or decode_page(data, declared=declared)


def _blocks_of(part: Any, page: DecodedPage) -> list[Block]:
    if part.get_content_subtype() == "html":
        return blocks_of_html(page.text)
    text = _SIGNATURE.sub("", unify_line_ends(page.text))
    if part.get_param("format") == "flowed":
        text = _BROKEN_LINE.sub("", text)
    return [Block(block) for block in split_at_blank_lines(text)]


def _is_loose_text(part: Any) -> bool:
    """Return whether a part is text between or behind pictures, and not a file."""
    return part.get_content_type() in {"text/plain", "text/html"} and not part.get_filename()


def _read_attached(message: EmailMessage, source_uri: str, options: ReadingOptions) -> Iterator[Article | Reject]:
    from pipeline.ingest.formats import format_of

    for number, part in enumerate(message.iter_attachments(), start=1):
        if part.get_content_type().startswith(_NO_ARTICLES) or _is_loose_text(part):
            continue
        data = _bytes_of(part)
        name = PurePath(part.get_filename() or f"{number}.eml").name
        inner = Content(head=data[:HEAD_BYTES], pieces=iter((data,)), source_uri=f"{source_uri}!/{name}", name=name)
        yield from format_of(inner).read(inner, options)


def _bytes_of(part: Any) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return bytes(part.get_payload(0))
    return part.get_payload(decode=True) or b""


def _header(message: EmailMessage, name: str) -> str | None:
    """Return a header as people read it: what is encoded is decoded, also where mail programs did it badly."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name), None)
    return None if raw is None else _decoded_words(_FOLD.sub("", raw))


def _decoded_words(raw: str) -> str:
    from email.errors import HeaderParseError
    from email.header import decode_header

    if not raw.isascii():
        page = decode_page(raw.encode("utf-8", "surrogateescape"))
        raw = page.text if page else raw.encode("ascii", "replace").decode()
    try:
        words = decode_header(raw)
    except HeaderParseError:
        return raw
    return "".join(word if isinstance(word, str) else _word(word, charset) for word, charset in words)


def _word(data: bytes, charset: str | None) -> str:
    if charset is None:
        return data.decode("raw-unicode-escape", "replace")
    page = decode_page(data, declared=charset)
    return page.text if page else data.decode("ascii", "replace")


def _sender(message: EmailMessage) -> str | None:
    """Return the name that a message is sent under, or the domain it comes from."""
    from email.utils import parseaddr

    raw = next((str(value) for key, value in message.raw_items() if key.lower() == "from"), "")
    name, address = parseaddr(_FOLD.sub("", raw))
    return label(_decoded_words(name)) or label(address.rpartition("@")[2])


def _date_of(message: EmailMessage) -> str | None:
    written = _header(message, "date")
    return _COMMENT.sub("", written) if written else None
