"""What inputs are taken for, and the first articles as they would be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline.config_inputs import InputSettings
from pipeline.identify import identify
from pipeline.ingest.inputs import FoundInputs
from pipeline.ingest.read import ArticleReader, options_of
from pipeline.langid import vote_language
from pipeline.types import Article, IdentifiedArticle, Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedArticle:
    """An article as it would be read: where from, its metadata, and its paragraphs, each a kind and a text."""

    source_uri: str
    article_id: str
    language: str
    claimed_language: str | None
    encoding: str
    url: str | None
    publisher: str | None
    authors: tuple[str, ...]
    section: str | None
    keywords: tuple[str, ...]
    published_at: str | None
    updated_at: str | None
    licence: str | None
    notes: tuple[str, ...]
    paragraphs: tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)
class InspectedInput:
    """An input: the formats found in it with the number of files of each, its first articles and rejects.

    `is_whole` tells that all of it was read.
    """

    name: str
    formats: dict[str, int] = field(default_factory=dict)
    n_articles: int = 0
    n_rejected: int = 0
    is_whole: bool = True
    articles: list[InspectedArticle] = field(default_factory=list)
    rejects: list[dict[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self)

    def add_format(self, _source_uri: str, name: str) -> None:
        """Count a file that is read as this format."""
        self.formats[name] = self.formats.get(name, 0) + 1


def inspect(found: FoundInputs, settings: InputSettings, *, n_articles: int) -> Iterator[InspectedInput]:
    """Yield what each input is taken for, and its first `n_articles` articles; of the rest nothing is read."""
    for item in found.files:
        inspected = InspectedInput(name=item.name)
        options = replace(options_of(settings), on_format=inspected.add_format)
        for read in ArticleReader([item], options=options):
            if inspected.n_articles == n_articles:
                inspected.is_whole = False
                break
            _add(inspected, identify(read) if isinstance(read, Article) else read)
        yield inspected


def _add(inspected: InspectedInput, item: IdentifiedArticle | Reject) -> None:
    if isinstance(item, Reject):
        inspected.n_rejected += 1
        inspected.rejects.append({"source_uri": item.source_uri, "reason": item.reason.value, "detail": item.detail})
        return
    inspected.n_articles += 1
    inspected.articles.append(_inspected(item))


def _inspected(article: IdentifiedArticle) -> InspectedArticle:
    paragraphs: Sequence[tuple[str, str]] = [
        (span.kind, article.text[span.start : span.end]) for span in article.paragraphs
    ]
    return InspectedArticle(
        source_uri=article.source_uri,
        article_id=article.article_id,
        language=vote_language(text for _, text in paragraphs).language,
        claimed_language=article.claimed_language,
        encoding=article.encoding,
        url=article.url,
        publisher=article.publisher,
        authors=article.authors,
        section=article.section,
        keywords=article.keywords,
        published_at=_iso(article.published_at),
        updated_at=_iso(article.updated_at),
        licence=article.licence,
        notes=article.notes,
        paragraphs=tuple(paragraphs),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
