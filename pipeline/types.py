"""Frozen row types that travel from room to room.

Offsets are code points into `IdentifiedArticle.text`; spans are half open, `text[start:end]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple

from pipeline.errors import Flag, Reason, UsageError

Kind = Literal["headline", "caption", "body"]

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_STANDARD_OF_VARIETY = {"hyw": "hy"}


def parse_language(code: str) -> str:
    """Return `code` as a lower-case language code, `ru` for ` RU `.

    Raises:
        UsageError: `code` is not two or three Latin letters.
    """
    language = code.strip().lower()
    if not _LANGUAGE.fullmatch(language):
        raise UsageError(f"{code!r} is no language code: write two or three letters, as in 'en', 'ru' or 'hy'")
    return language


def is_language(code: str) -> bool:
    """Return whether `code` is written as a language code."""
    return bool(_LANGUAGE.fullmatch(code))


def standard_of(language: str) -> str:
    """Return the language whose models and name serve a variety, `hy` for Western Armenian; others serve themselves."""
    return _STANDARD_OF_VARIETY.get(language, language)


class LanguagePair(NamedTuple):
    """A direction of translation, written `en-ru`."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source}-{self.target}"


def parse_pair(text: str) -> LanguagePair:
    """Return the pair that is written `en-ru`; `en_ru`, as Argos writes it, is the same.

    Raises:
        UsageError: `text` is no pair of two different languages.
    """
    source, separator, target = text.strip().replace("_", "-").partition("-")
    if not separator:
        raise UsageError(f"{text!r} is no pair of languages: write source and target, as in 'en-ru'")
    pair = LanguagePair(source=parse_language(source), target=parse_language(target))
    if pair.source == pair.target:
        raise UsageError(f"{text!r}: source and target are the same language")
    return pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph as it was read, without the blank lines around it."""

    text: str
    kind: Kind = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as ingest read it; the headline, where there is one, is the first paragraph.

    `source_uri` names file and record: `news/a.txt`, `news/day.jsonl.gz#17`, `-#3`, `crawl.zip!/a/b.html`. Moments are
    in UTC. `notes` are doubts about how it was read, values of `pipeline.errors.Note`.
    """

    source_uri: str
    paragraphs: tuple[Paragraph, ...]
    url: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None
    claimed_language: str | None = None
    encoding: str = "utf-8"
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    updated_at: datetime | None = None
    licence: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphSpan:
    """Where a paragraph stands in the text of its article; `is_boilerplate` where it is none of its own."""

    start: int
    end: int
    kind: Kind
    is_boilerplate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedArticle:
    """An article with its identity and its final text: NFC, paragraphs separated by one blank line."""

    article_id: str
    revision: int
    content_sha256: str
    text: str
    paragraphs: tuple[ParagraphSpan, ...]
    source_uri: str
    url: str | None = None
    publisher: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    claimed_language: str | None = None
    encoding: str = "utf-8"
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    updated_at: datetime | None = None
    licence: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The id that the laws of stages speak of: two revisions of an article may meet in one shard."""
        return f"{self.article_id}.{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedArticle:
    """An article whose language is known; `score` is the share of evidence for it, 0 to 1."""

    article: IdentifiedArticle
    language: str
    score: float

    @property
    def key(self) -> str:
        """The id that the laws of stages speak of."""
        return self.article.key


class Segment(NamedTuple):
    """One sentence, headline or caption; `number` counts from 0 over the article, `note` is a doubt on its language."""

    number: int
    paragraph: int
    kind: Kind
    start: int
    end: int
    language: str
    note: Flag | None = None
    is_wrapped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentedArticle:
    """An article cut into segments that cover all its non-space characters, in order."""

    article: IdentifiedArticle
    language: str
    score: float
    segments: tuple[Segment, ...]

    @property
    def key(self) -> str:
        """The id that the laws of stages speak of."""
        return self.article.key

    def text_of(self, segment: Segment) -> str:
        """Return the source text of one of the article's segments."""
        return self.article.text[segment.start : segment.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationTask:
    """One article to be translated into one language other than its own."""

    source: SegmentedArticle
    target: str

    @property
    def key(self) -> str:
        """The id that the laws of stages speak of."""
        return f"{self.source.key}:{self.target}"

    @property
    def pair(self) -> LanguagePair:
        """From the language of the article, whatever single sentences are in."""
        return LanguagePair(source=self.source.language, target=self.target)


class TranslationUnit(NamedTuple):
    """One segment and its translation: a row of `bitext` but for `run_id`.

    `target_start` and `target_end` are code points into the assembled translation of the article, see
    `pipeline.text.assemble`. `score` is the mean log-probability per target token, None where nothing was decoded.
    `measures` are those of the checks, in the order of `pipeline.checks.registry.COLUMNS`; nothing was measured where
    there are none. `edits` names what was done to the texts beside translating.
    """

    unit_id: str
    article_id: str
    revision: int
    segment: int
    paragraph: int
    kind: Kind
    source_lang: str
    target_lang: str
    source_text: str
    target_text: str
    source_start: int
    source_end: int
    target_start: int
    target_end: int
    pivot_lang: str | None
    models: tuple[str, ...]
    score: float | None
    measures: tuple[float | None, ...]
    quality: float | None
    flags: tuple[str, ...]
    edits: tuple[str, ...]
    retry: str | None
    from_memory: bool
    published_at: datetime | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedArticle:
    """All units of one article in one target language, in order."""

    task: TranslationTask
    units: tuple[TranslationUnit, ...]

    @property
    def key(self) -> str:
        """The id that the laws of stages speak of."""
        return self.task.key


MAX_PAYLOAD_BYTES = 1 << 20
"""How much of a rejected input is kept; its size and SHA-256 always speak of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """An input that did not become part of the corpus: what, why, and the payload itself.

    `key` is the id of the stage's input where a stage rejects; ingest, which has no ids yet, leaves it empty.
    """

    reason: Reason
    detail: str
    source_uri: str
    payload: bytes
    payload_bytes: int
    payload_sha256: str
    key: str = ""
    article_id: str | None = None
    url: str | None = None

    @classmethod
    def from_payload(cls, reason: Reason, *, detail: str, source_uri: str, payload: bytes) -> Reject:
        """Return a reject that keeps at most `MAX_PAYLOAD_BYTES` of the payload."""
        return cls(
            reason=reason,
            detail=detail,
            source_uri=source_uri,
            payload=payload[:MAX_PAYLOAD_BYTES],
            payload_bytes=len(payload),
            payload_sha256=sha256(payload).hexdigest(),
        )

    @classmethod
    def from_article(cls, reason: Reason, article: IdentifiedArticle, *, detail: str) -> Reject:
        """Return a reject of an article that was read well; its payload is its text in UTF-8."""
        reject = cls.from_payload(reason, detail=detail, source_uri=article.source_uri, payload=article.text.encode())
        return replace(reject, key=article.key, article_id=article.article_id, url=article.url)

    def for_key(self, key: str) -> Reject:
        """Return the reject under the key of another stage's input."""
        return replace(self, key=key)
