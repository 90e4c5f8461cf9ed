"""Boilerplate: paragraphs that are not of an article but of the page it stood on, as in "Read more: …".

Known by its words (`boilerplate.toml`), or by having stood in several other articles of the publisher.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from hashlib import sha256

from pipeline.packaged import read_toml
from pipeline.text import has_letters
from pipeline.types import IdentifiedArticle, ParagraphSpan

VERSION = 1
"""Counts up with each change that moves an answer."""

MAX_CHARS = 200
"""Longer paragraphs are text, however often they are printed."""

MIN_CHARS = 16
"""Shorter ones, as the "No." of an interview, are in many articles and of each of them."""

MAX_COUNTED = 200
"""Of so many paragraphs of an article it is kept in mind that they were there."""

MIN_ARTICLES = 5
"""In so many earlier articles of the publisher a paragraph has stood that is boilerplate."""

_KEY_BYTES = 8
_HOST = re.compile(r"\A(?:[^:/?#]+:)?//(?:www\.)?([^/?#]+)")
_BEFORE_WORDS = re.compile(r"^[\W_]+")


def boilerplate_signature(*, is_skipping: bool) -> str:
    """Return every setting that can change a translation unit."""
    return f"boilerplate:{VERSION}:{MIN_ARTICLES}{':skip' if is_skipping else ''}"


def is_worded_as_boilerplate(paragraph: str) -> bool:
    """Return whether the whole of a short paragraph is worded as boilerplate is, in any language."""
    return len(paragraph) <= MAX_CHARS and bool(_wordings().fullmatch(_BEFORE_WORDS.sub("", _folded(paragraph))))


Keys = tuple[int | None, ...]
"""Under which keys the paragraphs of an article are counted, None for those that are not."""


def keys_of(article: IdentifiedArticle) -> Keys:
    """Return for each paragraph the key under which its wording is counted, None where it is not.

    It stands for publisher and wording, 64 bits of a hash with a sign. Headlines are not counted: a series has the same
    one each week, and it is its own.
    """
    publisher = _publisher_of(article)
    if not publisher:
        return (None,) * len(article.paragraphs)
    keys = [_key(article.text, span, publisher) for span in article.paragraphs[:MAX_COUNTED]]
    return (*keys, *[None] * (len(article.paragraphs) - len(keys)))


def marked(article: IdentifiedArticle, frequent: Collection[int]) -> IdentifiedArticle:
    """Return the article with its boilerplate marked; `frequent` are keys of what stood in enough other articles."""
    keys = keys_of(article) if frequent else (None,) * len(article.paragraphs)
    paragraphs = tuple(
        replace(span, is_boilerplate=True)
        if (key is not None and key in frequent) or _is_worded(article.text, span)
        else span
        for span, key in zip(article.paragraphs, keys, strict=True)
    )
    return article if paragraphs == article.paragraphs else replace(article, paragraphs=paragraphs)


def _is_worded(text: str, span: ParagraphSpan) -> bool:
    is_short = span.kind != "headline" and span.end - span.start <= MAX_CHARS
    return is_short and is_worded_as_boilerplate(text[span.start : span.end])


def _publisher_of(article: IdentifiedArticle) -> str:
    """Return the name of the publisher, that of the site where there is none, empty where nothing is known."""
    if article.publisher:
        return article.publisher.lower()
    host = _HOST.match(article.url or "")
    return host[1].lower() if host else ""


def _key(text: str, span: ParagraphSpan, publisher: str) -> int | None:
    if span.kind == "headline" or not MIN_CHARS <= span.end - span.start <= MAX_CHARS:
        return None
    wording = _folded(text[span.start : span.end])
    if not has_letters(wording):
        return None
    digest = sha256(f"{publisher}\n{wording}".encode(errors="backslashreplace")).digest()
    return int.from_bytes(digest[:_KEY_BYTES], "big", signed=True)


def _folded(paragraph: str) -> str:
    return " ".join(paragraph.lower().split())


@cache
def _wordings() -> re.Pattern[str]:
    """Return one regular expression of all wordings; they are compared in lower case, each blank for any number."""
    rules = read_toml("pipeline", "boilerplate.toml")["wordings"]
    return re.compile("|".join(f"(?:{pattern})" for rule in rules for pattern in rule["patterns"]))
