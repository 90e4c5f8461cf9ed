"""The stage that translates: all segments of a shard as one job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from pipeline.boilerplate import boilerplate_signature
from pipeline.decode.hypothesis import mean_score
from pipeline.decode.job import Translation, TranslationJob
from pipeline.decode.rescue import joined_retries
from pipeline.decode.translator import Translations, Translator
from pipeline.editing.editor import PROTECTED, Editor, Prepared
from pipeline.editing.headlines import WordCases
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

VERSION = 4
_TRUNCATED = (Flag.TRUNCATED.value,)
_WRAPPED = (Flag.WRAPPED.value,)
_BOILERPLATE = (Flag.BOILERPLATE.value,)


class _Outcome(NamedTuple):
    """What a segment became; a copy has neither score nor models."""

    text: str
    score: float | None = None
    pivot: str | None = None
    models: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    retry: str | None = None
    from_memory: bool = False


class _Planned(NamedTuple):
    """How a segment is translated."""

    pair: LanguagePair
    prepared: Prepared


_Plan = list[tuple[Segment, str, _Outcome | _Planned]]
"""The segments of a task with their text: copies are outcomes already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationBatch:
    """Tasks whose texts are with the workers; `job` has them all."""

    plans: tuple[tuple[TranslationTask, _Plan], ...]
    rejected: tuple[Reject, ...]
    job: TranslationJob


class TranslateStage:
    """Turns tasks into translation units.

    A segment without letters, or one that is in the target language already, is copied; so is one in a language that
    no model reads, with the flag `untranslated`. Boilerplate is flagged, and its target is empty where it is skipped.
    An article whose own pair has no route is rejected.

    Args:
        translator: translates texts.
        editor: edits them before and after.
        is_skipping: whether boilerplate is left out of translation.
    """

    def __init__(self, translator: Translator, editor: Editor | None = None, *, is_skipping: bool = False) -> None:
        self._translator = translator
        self._is_skipping = is_skipping
        self._editor = editor or Editor()

    @property
    def signature(self) -> str:
        """Every setting of this stage itself; the rest is in `Translator.signature` and `Editor.signature`."""
        return f"translate|{VERSION}|{boilerplate_signature(is_skipping=self._is_skipping)}"

    def process(self, batch: Sequence[TranslationTask], /) -> StageResult[TranslatedArticle]:
        """Return the units of each task, same order."""
        return self.finish(self.begin(batch))

    def begin(self, batch: Sequence[TranslationTask]) -> TranslationBatch:
        """Hand the texts of all tasks to the workers."""
        routable = [task for task in batch if self._translator.route(task.pair)]
        plans = tuple((task, list(self._plan(task))) for task in routable)
        texts: dict[LanguagePair, dict[str, None]] = defaultdict(dict)
        for _, plan in plans:
            for _, _, planned in plan:
                if isinstance(planned, _Planned):
                    texts[planned.pair].update(dict.fromkeys(planned.prepared.texts))
        rejected = tuple(_no_model(task) for task in batch if not self._translator.route(task.pair))
        return TranslationBatch(plans=plans, rejected=rejected, job=self._translator.begin(texts))

    def finish(self, batch: TranslationBatch) -> StageResult[TranslatedArticle]:
        """Return the units of each task that was begun, same order."""
        translations = self._translator.finish(batch.job)
        accepted = tuple(self._translated(task, plan, translations) for task, plan in batch.plans)
        return StageResult(accepted=accepted, rejected=batch.rejected)

    def abandon(self, batch: TranslationBatch) -> None:
        """Give up what was begun."""
        self._translator.abandon(batch.job)

    def _plan(self, task: TranslationTask) -> Iterator[tuple[Segment, str, _Outcome | _Planned]]:
        article, target = task.source.article.text, task.target
        cases = cache(lambda: WordCases.from_text(article, standard_of(task.source.language)))
        pairs = {task.source.language: task.pair}
        for segment in task.source.segments:
            text = article[segment.start : segment.end]
            language = segment.language
            if language not in pairs:
                pairs[language] = LanguagePair(source=language, target=target)
            if self._is_skipping and _is_boilerplate(task, segment):
                yield segment, text, _Outcome("")
                continue
            yield (
                segment,
                text,
                self._copy(text, pairs[language]) or self._planned(segment, text, pairs[language], cases),
            )

    def _copy(self, text: str, pair: LanguagePair) -> _Outcome | None:
        """Return the outcome of a text that is copied, None for one that is translated."""
        if not has_letters(text):
            return _Outcome(text)
        if standard_of(pair.source) == pair.target:
            return _Outcome(text, flags=(Flag.ALREADY_TARGET.value,))
        if self._translator.route(pair) is None:
            return _Outcome(text, flags=(Flag.UNTRANSLATED.value,))
        return None

    def _planned(
        self, segment: Segment, text: str, pair: LanguagePair, cases: Callable[[], WordCases]
    ) -> _Outcome | _Planned:
        prepared = self._editor.prepare(text, pair.source, segment.kind, cases)
        # Where all of it is protected there is nothing to translate.
        return _Planned(pair, prepared) if prepared.texts else _Outcome(text, edits=(PROTECTED,))

    def _translated(self, task: TranslationTask, plan: _Plan, translations: Translations) -> TranslatedArticle:
        units: list[TranslationUnit] = []
        last_end = last_paragraph = 0
        for segment, text, planned in plan:
            if isinstance(planned, _Planned):
                outcome = self._outcome(segment, text, planned, translations[planned.pair])
            else:
                outcome = planned
            # As `pipeline.text.assemble` puts them together.
            gap = 0 if not units else 1 if segment.paragraph == last_paragraph else 2
            units.append(_unit(task, segment, text, outcome, last_end + gap))
            last_end, last_paragraph = units[-1].target_end, segment.paragraph
        return TranslatedArticle(task=task, units=tuple(units))

    def _outcome(
        self, segment: Segment, text: str, planned: _Planned, translations: Mapping[str, Translation]
    ) -> _Outcome:
        pair, prepared = planned
        route = self._translator.route(pair)
        said = {part: translations[part].text for part in prepared.texts}
        edited = self._editor.finish(prepared, said, source=text, pair=pair, kind=segment.kind)
        parts = [translations[part] for part in edited.parts]
        return _Outcome(
            edited.text,
            mean_score((part.score, part.text) for part in parts),
            route.pivot if route else None,
            route.labels if route else (),
            _TRUNCATED if any(part.is_truncated for part in parts) else (),
            edited.edits,
            joined_retries(part.retry for part in parts),
            all(part.from_memory for part in parts),
        )


def _unit(task: TranslationTask, segment: Segment, text: str, outcome: _Outcome, start: int) -> TranslationUnit:
    article = task.source.article
    return TranslationUnit(
        unit_id=_unit_id(task, segment),
        article_id=article.article_id,
        revision=article.revision,
        segment=segment.number,
        paragraph=segment.paragraph,
        kind=segment.kind,
        source_lang=segment.language,
        target_lang=task.target,
        source_text=text,
        target_text=outcome.text,
        source_start=segment.start,
        source_end=segment.end,
        target_start=start,
        target_end=start + len(outcome.text),
        pivot_lang=outcome.pivot,
        models=outcome.models,
        score=outcome.score,
        measures=(),
        quality=None,
        flags=(
            *_notes(segment),
            *outcome.flags,
            *(_WRAPPED if segment.is_wrapped else ()),
            *(_BOILERPLATE if _is_boilerplate(task, segment) else ()),
        ),
        edits=outcome.edits,
        retry=outcome.retry,
        from_memory=outcome.from_memory,
        published_at=article.published_at,
        url=article.url,
    )


def _is_boilerplate(task: TranslationTask, segment: Segment) -> bool:
    return task.source.article.paragraphs[segment.paragraph].is_boilerplate


def _notes(segment: Segment) -> tuple[str, ...]:
    return (segment.note.value,) if segment.note else ()


def _unit_id(task: TranslationTask, segment: Segment) -> str:
    article = task.source.article
    identity = f"{article.article_id}\n{article.revision}\n{task.target}\n{segment.number}"
    return sha256(identity.encode()).hexdigest()[:16]


def _no_model(task: TranslationTask) -> Reject:
    article = task.source.article
    reject = Reject.from_article(
        Reason.NO_MODEL,
        article,
        detail=f"no model for {task.pair}",
    )
    return reject.for_key(task.key)
