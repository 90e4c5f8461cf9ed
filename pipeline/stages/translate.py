"""The stage that translates: all segments of a shard as one job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pipeline.decode.translator import Request, Translation, Translator
from pipeline.errors import Flag, Reason
from pipeline.stages.base import StageResult
from pipeline.text import has_letters
from pipeline.types import (
    LanguagePair,
    Reject,
    Segment,
    TranslatedArticle,
    TranslationTask,
    TranslationUnit,
    standard_of,
)

VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a segment became; a copy has neither score nor models."""

    text: str
    score: float | None = None
    pivot: str | None = None
    models: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    from_memory: bool = False


class TranslateStage:
    """Turns tasks into translation units.

    A segment without letters, or one that is in the target language already, is copied; so is one in a language that
    no model reads, with the flag `untranslated`. An article whose own pair has no route is rejected.
    """

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    @property
    def signature(self) -> str:
        """Every setting of this stage itself; the models' part is `Translator.signature`."""
        return f"translate|{VERSION}"

    def process(self, batch: Sequence[TranslationTask], /) -> StageResult[TranslatedArticle]:
        """Return the units of each task, same order."""
        routable = [task for task in batch if self._translator.route(task.pair)]
        requests = {request: None for task in routable for request in self._requests(task)}
        translations = self._translator.translate(requests)
        return StageResult(
            accepted=tuple(self._translated(task, translations) for task in routable),
            rejected=tuple(_no_model(task) for task in batch if not self._translator.route(task.pair)),
        )

    def _requests(self, task: TranslationTask) -> Iterator[Request]:
        for segment in task.source.segments:
            if self._copy(task, segment) is None:
                yield _request(task, segment)

    def _copy(self, task: TranslationTask, segment: Segment) -> _Outcome | None:
        """Return the outcome of a segment that is copied, None for one that is translated."""
        text = task.source.text_of(segment)
        if not has_letters(text):
            return _Outcome(text=text)
        if standard_of(segment.language) == task.target:
            return _Outcome(text=text, flags=(Flag.ALREADY_TARGET.value,))
        if self._translator.route(LanguagePair(source=segment.language, target=task.target)) is None:
            return _Outcome(text=text, flags=(Flag.UNTRANSLATED.value,))
        return None

    def _outcome(
        self, task: TranslationTask, segment: Segment, translations: Mapping[Request, Translation]
    ) -> _Outcome:
        if copy := self._copy(task, segment):
            return copy
        request = _request(task, segment)
        route = self._translator.route(request.pair)
        translation = translations[request]
        flags = [Flag.TRUNCATED.value] * translation.is_truncated + [Flag.WRAPPED.value] * segment.is_wrapped
        return _Outcome(
            text=translation.text,
            score=translation.score,
            pivot=route.pivot if route else None,
            models=route.labels if route else (),
            flags=tuple(flags),
            from_memory=translation.from_memory,
        )

    def _translated(self, task: TranslationTask, translations: Mapping[Request, Translation]) -> TranslatedArticle:
        units: list[TranslationUnit] = []
        for segment in task.source.segments:
            start = _next_start(units, segment)
            units.append(_unit(task, segment, self._outcome(task, segment, translations), start))
        return TranslatedArticle(task=task, units=tuple(units))


def _request(task: TranslationTask, segment: Segment) -> Request:
    pair = LanguagePair(source=segment.language, target=task.target)
    return Request(pair=pair, text=task.source.text_of(segment))


def _next_start(units: Sequence[TranslationUnit], segment: Segment) -> int:
    """Return where the next target text starts in the assembled translation, see `pipeline.text.assemble`."""
    if not units:
        return 0
    return units[-1].target_end + (1 if units[-1].paragraph == segment.paragraph else 2)


def _unit(task: TranslationTask, segment: Segment, outcome: _Outcome, start: int) -> TranslationUnit:
    article = task.source.article
    return TranslationUnit(
        unit_id=_unit_id(task, segment),
        article_id=article.article_id,
        revision=article.revision,
        segment=segment.index,
        paragraph=segment.paragraph,
        kind=segment.kind,
        source_lang=segment.language,
        target_lang=task.target,
        source_text=task.source.text_of(segment),
        target_text=outcome.text,
        source_start=segment.start,
        source_end=segment.end,
        target_start=start,
        target_end=start + len(outcome.text),
        pivot_lang=outcome.pivot,
        models=outcome.models,
        score=outcome.score,
        quality=None,
        flags=(*_notes(segment), *outcome.flags),
        retry=None,
        from_memory=outcome.from_memory,
        published_at=article.published_at,
        url=article.url,
    )


def _notes(segment: Segment) -> tuple[str, ...]:
    return (segment.note.value,) if segment.note else ()


def _unit_id(task: TranslationTask, segment: Segment) -> str:
    article = task.source.article
    identity = f"{article.article_id}\n{article.revision}\n{task.target}\n{segment.index}"
    return sha256(identity.encode()).hexdigest()[:16]


def _no_model(task: TranslationTask) -> Reject:
    article = task.source.article
    reject = Reject.from_article(
        Reason.NO_MODEL,
        article,
        detail=f"no model for {task.pair}",
    )
    return reject.for_key(task.key)
