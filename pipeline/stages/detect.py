"""The stage that finds out the language of each article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.errors import Flag, Note, Reason
from pipeline.langid import MIN_SCORE, UNDETERMINED, langid_signature, vote_language
from pipeline.langid.claims import is_mismatch
from pipeline.stages.base import StageResult
from pipeline.text import has_letters
from pipeline.types import DetectedArticle, IdentifiedArticle, Reject

_DOUBTS: dict[Flag | None, str] = {Flag.LATIN_LETTERS: "Russian or Armenian in Latin letters, which no model reads"}


@dataclass(frozen=True, slots=True)
class Detect:
    """Gives each article the language that most of its letters are in.

    One that claims to be in another language gets a note. Rejected are articles without letters and those of no
    language that is likely enough. Whether a model exists for the language is not this stage's business.
    """

    @property
    def signature(self) -> str:
        """Every setting that can change the output."""
        return f"detect|{langid_signature()}"

    def process(self, batch: Sequence[IdentifiedArticle], /) -> StageResult[DetectedArticle]:
        """Return each article with its language and the share of evidence for it, 0 to 1."""
        rows = [_detect(article) for article in batch]
        return StageResult(
            accepted=tuple(row for row in rows if isinstance(row, DetectedArticle)),
            rejected=tuple(row for row in rows if isinstance(row, Reject)),
        )


def _detect(article: IdentifiedArticle) -> DetectedArticle | Reject:
    if not has_letters(article.text):
        return Reject.from_article(Reason.NO_LETTERS, article, detail="the text has no letters")
    found = vote_language(article.text[span.start : span.end] for span in article.paragraphs)
    if found.language == UNDETERMINED:
        detail = _DOUBTS.get(found.note, f"no language has a share of {MIN_SCORE} or more in the evidence")
        return Reject.from_article(Reason.UNKNOWN_LANGUAGE, article, detail=detail)
    return DetectedArticle(article=_noted(article, found.language), language=found.language, score=found.score)


def _noted(article: IdentifiedArticle, language: str) -> IdentifiedArticle:
    """Return the article with the note on its language that is due, which under other rules may have been another."""
    mismatch = Note.LANGUAGE_MISMATCH.value
    is_due = is_mismatch(article.claimed_language, language)
    if is_due == (mismatch in article.notes):
        return article
    kept = tuple(note for note in article.notes if note != mismatch)
    return replace(article, notes=(*kept, mismatch) if is_due else kept)
