"""Lines through a model as a run would have them, each as one segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from pipeline.config import DecodingSettings
from pipeline.decode.translator import Translator
from pipeline.editing.editor import Editor
from pipeline.evaluation.lines import ParallelLines
from pipeline.evaluation.routes import model_set_of
from pipeline.evaluation.scores import MetricScore, ScoreSettings, score_lines
from pipeline.evaluation.tally import Tally
from pipeline.identify import lone_article
from pipeline.models.routes import Route
from pipeline.stages.check import CheckStage
from pipeline.stages.translate import TranslateStage
from pipeline.text import normalise
from pipeline.types import (
    LanguagePair,
    Segment,
    SegmentedArticle,
    TranslatedArticle,
    TranslationTask,
)

LINES_AT_ONCE = 4096
"""Lines that are translated together; the standard test sets are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvaluation:
    """What became of a test set in one model, or in two over a pivot.

    `hypotheses` has one text for each line, same order, empty for a blank one. `n_tokens` are source tokens that were
    decoded, those of both steps and of second tries; `words_per_s` counts words of the source.
    """

    labels: tuple[str, ...]
    hypotheses: tuple[str, ...]
    tally: Tally
    scores: tuple[MetricScore, ...]
    n_words: int
    n_tokens: int
    seconds: float

    @property
    def name(self) -> str:
        """The labels of the packages, as in `hy_en@1.0#0123456789ab+en_ru@1.9#ba9876543210`."""
        return "+".join(self.labels)

    @property
    def words_per_s(self) -> float:
        """The speed of translating, apart from loading the model."""
        return self.n_words / self.seconds

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, without the hypotheses."""
        return {
            "models": list(self.labels),
            "scores": [score.to_json() for score in self.scores],
            "n_lines": len(self.hypotheses),
            "n_words": self.n_words,
            "n_tokens": self.n_tokens,
            "words_per_s": round(self.words_per_s, 1),
            **{name: value for name, value in self.tally.to_json().items() if name != "n_articles"},
        }


def evaluate_route(
    route: Route,
    pair: LanguagePair,
    lines: ParallelLines,
    *,
    decoding: DecodingSettings,
    scoring: ScoreSettings,
    editor: Editor,
) -> ModelEvaluation:
    """Return what becomes of `lines` on one route; without references there are no scores.

    A line is one segment, and an article of its own: it is not cut, and nothing is compared from line to line.

    Raises:
        ModelError: a model is damaged.
        DecodingError: the engine failed.
    """
    hypotheses = [""] * len(lines.source)
    # No memory: each model is to decode all lines.
    models = model_set_of(route, name=str(pair))
    translating = _Translating(Translator(models, decoding, None, is_rescuing=not editor.is_raw), editor)
    tasks = [_task(number, line, pair) for number, line in enumerate(lines.source) if line.strip()]
    translating.warm_up(tasks[:1])
    tally = Tally()
    for article in translating.translated(tasks):
        (unit,) = article.units
        hypotheses[int(unit.article_id)] = unit.target_text
        tally.add(
            score=unit.score,
            quality=unit.quality,
            flags=unit.flags,
            retry=unit.retry,
            from_memory=unit.from_memory,
        )
    return ModelEvaluation(
        labels=route.labels,
        hypotheses=tuple(hypotheses),
        tally=tally,
        scores=() if lines.reference is None else score_lines(hypotheses, lines.reference, scoring),
        n_words=sum(len(line.split()) for line in lines.source),
        n_tokens=translating.n_tokens,
        seconds=translating.seconds,
    )


class _Translating:
    """The stages of a run, and how long translating took."""

    def __init__(self, translator: Translator, editor: Editor) -> None:
        self._translate = TranslateStage(translator, editor)
        self._check = CheckStage(editor.finder, editor.glossary)
        self.n_tokens = 0
        self.seconds = 0.0

    def warm_up(self, tasks: Sequence[TranslationTask]) -> None:
        """Translate something that does not count, so that the models are loaded."""
        self._translate.process(tasks)

    def translated(self, tasks: Sequence[TranslationTask]) -> Iterator[TranslatedArticle]:
        """Yield the checked translations, same order."""
        for start in range(0, len(tasks), LINES_AT_ONCE):
            began = perf_counter()
            batch = self._translate.begin(tasks[start : start + LINES_AT_ONCE])
            found = self._translate.finish(batch)
            self.seconds += perf_counter() - began
            self.n_tokens += batch.job.n_tokens
            yield from self._check.process(found.accepted).accepted


def _task(number: int, line: str, pair: LanguagePair) -> TranslationTask:
    text = normalise(line).strip()
    article = lone_article(text, number, source_uri=f"-#{number + 1}")
    segment = Segment(number=0, paragraph=0, kind="body", start=0, end=len(text), language=pair.source)
    source = SegmentedArticle(article=article, language=pair.source, score=1.0, segments=(segment,))
    return TranslationTask(source=source, target=pair.target)
