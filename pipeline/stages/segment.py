"""The stage that cuts articles into segments: sentences, headlines, captions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.langid import SegmentLanguage, langid_signature, language_of_segment, script_of
from pipeline.sentences import RULES_VERSION, split_sentences, wrap_span
from pipeline.stages.base import StageResult
from pipeline.text import has_most_letters
from pipeline.types import DetectedArticle, ParagraphSpan, Segment, SegmentedArticle

MAX_CHARS = 400
"""How long a segment may be unless told otherwise: models cut off what is much longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmenter:
    """Cuts every paragraph of an article into segments; it rejects nothing.

    Headlines and captions are one segment each. What is longer than `max_chars` code points is cut on, and its parts
    are marked as wrapped. A segment that is clearly in another language than its article keeps its own.
    """

    max_chars: int = MAX_CHARS

    def __post_init__(self) -> None:
        if self.max_chars < 1:
            raise ValueError(f"max_chars must be 1 or more, not {self.max_chars}")

    @property
    def signature(self) -> str:
        """Every setting that can change the output."""
        return f"segment|rules:{RULES_VERSION}|languages:{langid_signature()}|max:{self.max_chars}"

    def process(self, batch: Sequence[DetectedArticle], /) -> StageResult[SegmentedArticle]:
        """Return one segmented article for each article, same order."""
        return StageResult(accepted=tuple(self._segment(detected) for detected in batch))

    def _segment(self, detected: DetectedArticle) -> SegmentedArticle:
        text, language = detected.article.text, detected.language
        cuts = (
            (number, paragraph, cut)
            for number, paragraph in enumerate(detected.article.paragraphs)
            for cut in cut_paragraph(text, paragraph, language=language, max_chars=self.max_chars)
        )
        segments = tuple(
            _segment(index, number, paragraph, cut, language_of_segment(text[cut.start : cut.end], language))
            for index, (number, paragraph, cut) in enumerate(cuts)
        )
        return SegmentedArticle(article=detected.article, language=language, score=detected.score, segments=segments)


def _segment(number: int, paragraph: int, span: ParagraphSpan, cut: Cut, found: SegmentLanguage) -> Segment:
    return Segment(
        number=number,
        paragraph=paragraph,
        kind=span.kind,
        start=cut.start,
        end=cut.end,
        language=found.language,
        note=found.note,
        is_wrapped=cut.is_wrapped,
    )


class Cut(NamedTuple):
    """A segment before it has a number and a language; offsets are into the whole text."""

    start: int
    end: int
    is_wrapped: bool


def cut_paragraph(text: str, paragraph: ParagraphSpan, *, language: str, max_chars: int) -> Iterator[Cut]:
    """Yield where the segments of one paragraph of `text` stand, in order.

    `language` is that of the whole text; a paragraph in another script is split by the rules of its own.
    """
    own = text[paragraph.start : paragraph.end]
    language = rules_language(own, language)
    for sentence in split_sentences(own, language) if paragraph.kind == "body" else _whole(own):
        parts = wrap_span(own, *sentence, language=language, max_chars=max_chars)
        for start, end in parts:
            yield Cut(paragraph.start + start, paragraph.start + end, len(parts) > 1)


def rules_language(paragraph: str, language: str) -> str:
    """Return the language by whose rules a paragraph is split: its own where it is in another script than the text."""
    if has_most_letters(paragraph, script_of(language)):
        return language
    return language_of_segment(paragraph, language).language


def _whole(text: str) -> list[tuple[int, int]]:
    """Return the one span of a text without the blanks around it, none for blanks alone."""
    start = len(text) - len(text.lstrip())
    return [(start, start + len(text.strip()))] if text.strip() else []
