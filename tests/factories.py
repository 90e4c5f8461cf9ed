"""Rows made by hand, true to all laws of the corpus, without any model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256

from pipeline.errors import Reason
from pipeline.store.rows import ArticleEntry, ShardContents
from pipeline.types import (
    IdentifiedArticle,
    Kind,
    ParagraphSpan,
    Reject,
    Segment,
    SegmentedArticle,
    TranslatedArticle,
    TranslationTask,
    TranslationUnit,
)

NOW = datetime(2020, 11, 14, 6, 0, tzinfo=timezone.utc)
PUBLISHED = datetime(2020, 11, 13, 9, 30, tzinfo=timezone.utc)
RUN_ID = "20201114T060000Z"

NEWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("Parliament adopts the budget",),
        ("Parliament adopted the budget on Friday.", "Forty-two deputies voted in favour."),
        ("The law takes effect in January.",),
    ),
    "ru": (
        ("Парламент принял бюджет",),
        ("В пятницу парламент принял бюджет.", "За проголосовали сорок два депутата."),
        ("Закон вступит в силу в январе.",),
    ),
    "hy": (
        ("Խորհրդարանն ընդունեց բյուջեն",),
        ("Ուրբաթ օրը խորհրդարանն ընդունեց բյուջեն։", "Կողմ քվեարկեց քառասուներկու պատգամավոր։"),
        ("Օրենքն ուժի մեջ կմտնի հունվարին։",),
    ),
}
"""The same short article in three languages: paragraphs of sentences, the headline first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article and what a shard makes of it."""

    entry: ArticleEntry
    translated: tuple[TranslatedArticle, ...]

    @property
    def article(self) -> IdentifiedArticle:
        return self.entry.article


def make_segmented(
    name: str = "budget",
    *,
    language: str = "en",
    revision: int = 1,
    published_at: datetime | None = PUBLISHED,
    extra: Sequence[str] = (),
) -> SegmentedArticle:
    """Return an article cut into sentences; `name` gives it its id, `extra` a last paragraph of its own."""
    paragraphs = [list(sentences) for sentences in NEWS[language]]
    if extra:
        paragraphs.append(list(extra))
    text = ""
    spans: list[ParagraphSpan] = []
    segments: list[Segment] = []
    for number, sentences in enumerate(paragraphs):
        text += "\n\n" if number else ""
        kind: Kind = "body" if number else "headline"
        start = len(text)
        for sentence in sentences:
            text += " " if len(text) > start else ""
            end = len(text) + len(sentence)
            segments.append(
                Segment(number=len(segments), paragraph=number, kind=kind, start=len(text), end=end, language=language)
            )
            text += sentence
        spans.append(ParagraphSpan(start=start, end=len(text), kind=kind))
    article = IdentifiedArticle(
        article_id=sha256(name.encode()).hexdigest()[:16],
        revision=revision,
        content_sha256=sha256(text.encode()).hexdigest(),
        text=text,
        paragraphs=tuple(spans),
        source_uri=f"news/{name}.txt",
        url=f"https://news.example/{name}",
        publisher="Example",
        title=paragraphs[0][0],
        published_at=published_at,
    )
    return SegmentedArticle(article=article, language=language, score=0.99, segments=tuple(segments))


def make_translated(source: SegmentedArticle, target: str = "ru") -> TranslatedArticle:
    """Return a translation of `source`: the same article in `target`; extra sentences are copied."""
    translations = [sentence for sentences in NEWS[target] for sentence in sentences]
    task = TranslationTask(source=source, target=target)
    units: list[TranslationUnit] = []
    for segment in source.segments:
        text = translations[segment.number] if segment.number < len(translations) else source.text_of(segment)
        units.append(make_unit(task, segment, text, units[-1] if units else None))
    return TranslatedArticle(task=task, units=tuple(units))


def make_unit(task: TranslationTask, segment: Segment, text: str, before: TranslationUnit | None) -> TranslationUnit:
    """Return the unit of a segment that follows the unit `before`."""
    article = task.source.article
    start = 0 if before is None else before.target_end + (1 if before.paragraph == segment.paragraph else 2)
    return TranslationUnit(
        unit_id=sha256(f"{task.key} {segment.number}".encode()).hexdigest()[:16],
        article_id=article.article_id,
        revision=article.revision,
        segment=segment.number,
        paragraph=segment.paragraph,
        kind=segment.kind,
        source_lang=segment.language,
        target_lang=task.target,
        source_text=task.source.text_of(segment),
        target_text=text,
        source_start=segment.start,
        source_end=segment.end,
        target_start=start,
        target_end=start + len(text),
        pivot_lang=None if "en" in (segment.language, task.target) else "en",
        models=(f"{segment.language}_{task.target}@1.9#0123456789ab",),
        score=-0.25,
        measures=(),
        quality=0.7788,
        flags=(),
        edits=(),
        retry=None,
        from_memory=False,
        published_at=article.published_at,
        url=article.url,
    )


def make_entry(source: SegmentedArticle, *, is_stored: bool = True, has_row: bool | None = None) -> ArticleEntry:
    """Return what ledger and `articles` keep of `source`."""
    return ArticleEntry(
        article=source.article,
        language=source.language,
        score=source.score,
        ingested_at=NOW,
        signature="reading|1",
        is_stored=is_stored,
        has_row=is_stored if has_row is None else has_row,
    )


def make_story(
    name: str = "budget",
    *,
    language: str = "en",
    targets: Sequence[str] = ("ru",),
    revision: int = 1,
    published_at: datetime | None = PUBLISHED,
    extra: Sequence[str] = (),
) -> Story:
    """Return an article with its translations into `targets`."""
    source = make_segmented(name, language=language, revision=revision, published_at=published_at, extra=extra)
    return Story(entry=make_entry(source), translated=tuple(make_translated(source, target) for target in targets))


def make_contents(
    *stories: Story,
    rejects: Sequence[Reject] = (),
    waiting: Sequence[tuple[str, int, str]] = (),
    signature: str = "work|1",
) -> ShardContents:
    """Return a shard of `stories`."""
    return ShardContents(
        articles=tuple(story.entry for story in stories),
        translated=tuple((translated, signature) for story in stories for translated in story.translated),
        waiting=tuple(waiting),
        rejects=tuple(rejects),
    )


def make_reject(name: str = "empty.txt", *, reason: Reason = Reason.EMPTY, payload: bytes = b" \n") -> Reject:
    """Return an input that was turned away."""
    return Reject.from_payload(reason, detail="the file holds no text", source_uri=name, payload=payload)
