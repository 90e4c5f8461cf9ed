"""Identity of an article: its final text, the hash of it, and the id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from pipeline.errors import Note, Reason
from pipeline.text import normalise
from pipeline.types import Article, IdentifiedArticle, Kind, ParagraphSpan, Reject

PARAGRAPH_SEPARATOR = "\n\n"
ARTICLE_ID_LENGTH = 16

_BLANK_LINES = re.compile(r"\n\s*\n")
# Source: RFC 3986, appendix B. It takes any text, where `urllib.parse` raises for some, differently in each Python.
_URL = re.compile(r"\A([^:/?#]+:)?(//[^/?#]*)?([^?#]*)(?:\?([^#]*))?")
_DEFAULT_PORTS = {"http:": ":80", "https:": ":443"}
_TRACKING_PARAMETERS = frozenset({"fbclid", "gclid"})


def identify(article: Article) -> IdentifiedArticle | Reject:
    """Return the article with its final text and its id, as revision 1.

    `text[span.start:span.end]` is each paragraph's text, in NFC; one blank line stands between two paragraphs and
    nowhere else. U+FFFD, which stands for what is lost, stays and is noted. An article without text is rejected.
    """
    kept = [(text, paragraph.kind) for paragraph in article.paragraphs if (text := _clean(paragraph.text))]
    if not kept:
        return _reject_empty(article)
    text = PARAGRAPH_SEPARATOR.join(text for text, _ in kept)
    content_sha256 = sha256(text.encode()).hexdigest()
    return IdentifiedArticle(
        article_id=_article_id(article.url) or content_sha256[:ARTICLE_ID_LENGTH],
        revision=1,
        content_sha256=content_sha256,
        text=text,
        paragraphs=_spans(kept),
        source_uri=article.source_uri,
        url=article.url,
        publisher=article.publisher,
        title=next((text for text, kind in kept if kind == "headline"), None),
        published_at=article.published_at,
        claimed_language=article.claimed_language,
        encoding=article.encoding,
        authors=article.authors,
        section=article.section,
        keywords=article.keywords,
        updated_at=article.updated_at,
        licence=article.licence,
        notes=_notes(article, text),
    )


def _notes(article: Article, text: str) -> tuple[str, ...]:
    if "\ufffd" not in text:
        return article.notes
    return tuple(dict.fromkeys((*article.notes, Note.REPLACED_CHARACTERS.value)))


def lone_article(text: str, number: int, *, source_uri: str, kind: Kind = "body") -> IdentifiedArticle:
    """Return an article of one paragraph that is part of no corpus; `number` is its id."""
    return IdentifiedArticle(
        article_id=str(number),
        revision=1,
        content_sha256=sha256(text.encode()).hexdigest(),
        text=text,
        paragraphs=(ParagraphSpan(start=0, end=len(text), kind=kind),),
        source_uri=source_uri,
    )


def canonical_url(url: str) -> str:
    """Return `url` without what does not change the article it names; parameters keep their order.

    Scheme and host in lower case; no fragment, default port, `/` as the only path, or parameters that track readers
    (`utm_*`, `fbclid`, `gclid`); blanks inside are `%20`. Any text is taken, and taking it twice changes nothing.
    """
    scheme, authority, path, query = _URL.findall("%20".join(url.split()))[0]
    scheme = scheme.lower()
    parts = [
        scheme,
        _canonical_authority(authority, scheme),
        "" if len(authority) > len("//") and path == "/" else path,
    ]
    kept = [parameter for parameter in query.split("&") if not _is_tracking(parameter)]
    if any(kept):
        parts.append("?" + "&".join(kept))
    return "".join(parts)


def _clean(text: str) -> str:
    text = normalise(text).strip()
    return _BLANK_LINES.sub("\n", text) if "\n" in text else text


def _spans(kept: Sequence[tuple[str, Kind]]) -> tuple[ParagraphSpan, ...]:
    spans = []
    start = 0
    for text, kind in kept:
        end = start + len(text)
        spans.append(ParagraphSpan(start=start, end=end, kind=kind))
        start = end + len(PARAGRAPH_SEPARATOR)
    return tuple(spans)


def _article_id(url: str | None) -> str | None:
    canonical = canonical_url(url) if url else ""
    return sha256(canonical.encode("utf-8", "replace")).hexdigest()[:ARTICLE_ID_LENGTH] if canonical else None


def _canonical_authority(authority: str, scheme: str) -> str:
    user, at, host = authority.rpartition("@")
    host, default_port = host.lower(), _DEFAULT_PORTS.get(scheme, ":")
    while host.endswith((default_port, ":")):
        host = host.removesuffix(default_port).removesuffix(":")
    return user + at + host


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING_PARAMETERS or name.startswith("utm_")


def _reject_empty(article: Article) -> Reject:
    payload = PARAGRAPH_SEPARATOR.join(paragraph.text for paragraph in article.paragraphs)
    return Reject.from_payload(
        Reason.EMPTY,
        detail="the article holds no text",
        source_uri=article.source_uri,
        payload=payload.encode("utf-8", "replace"),
    )
