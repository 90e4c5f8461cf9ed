"""Translation as a filter: the stages of a run on texts that stand alone."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config import DecodingSettings, RouteRules
from pipeline.decode.hypothesis import mean_score
from pipeline.decode.memory import RecentMemory
from pipeline.decode.rescue import joined_retries
from pipeline.decode.translator import Translator
from pipeline.editing.editor import Editor
from pipeline.errors import Flag, UsageError
from pipeline.filters.lines import Record
from pipeline.identify import lone_article
from pipeline.models.registry import open_model_set
from pipeline.stages.check import CheckStage
from pipeline.stages.segment import Segmenter
from pipeline.stages.translate import TranslateStage
from pipeline.text import has_letters, normalise
from pipeline.types import (
    DetectedArticle,
    Kind,
    LanguagePair,
    TranslatedArticle,
    TranslationTask,
    TranslationUnit,
    parse_language,
)


def open_translator(
    models: str, settings: DecodingSettings, rules: RouteRules | None = None, *, is_raw: bool = False
) -> Translator:
    """Return a translator over a model set, see `open_model_set`, that remembers what it decoded last.

    Raises:
        ModelError: there is no such set, or it has no packages.
    """
    return Translator(open_model_set(models, rules=rules).usable(), settings, RecentMemory(), is_rescuing=not is_raw)


class TranslateFilter:
    """Adds `translation, score, quality, flags, edits, retry, models` to records with `text, source_lang, target_lang`.

    A text is cut into sentences, which are translated and put together again with the blanks that stood between them.
    `score` is the mean of the sentences' scores, weighted by target length; `quality` the lowest one of any sentence;
    `flags`, `edits`, `retry` and `models` hold those of all. A text without letters, or in the target language
    already, is copied. `kind` may be `headline` or `caption`: such a text is not cut, and may be in Title Case.

    Args:
        translator: decodes the sentences of all records of a batch together.
        editor: edits texts before and after.
        source: the language of records that have neither `source_lang` nor `lang`, the field of `newsmt detect`.
        target: the language into which records without `target_lang` are translated.
    """

    def __init__(
        self,
        translator: Translator,
        editor: Editor | None = None,
        *,
        source: str | None = None,
        target: str | None = None,
    ) -> None:
        editor = editor or Editor()
        self._source = source
        self._target = target
        self._segment = Segmenter()
        self._translate = TranslateStage(translator, editor)
        self._check = CheckStage(editor.finder, editor.glossary)

    def __call__(self, records: Sequence[Record]) -> list[Record | ValueError]:
        """Return each record with its translation, or what is wrong with it; same order."""
        items = [self._prepared(record, number) for number, record in enumerate(records)]
        done = self._translated([item for item in items if isinstance(item, TranslationTask)])
        fields = [done[item.key] if isinstance(item, TranslationTask) else item for item in items]
        return [
            added if isinstance(added, ValueError) else {**record, **added}
            for record, added in zip(records, fields, strict=True)
        ]

    def _prepared(self, record: Record, number: int) -> TranslationTask | Record | ValueError:
        """Return what is to be translated, or the fields of a copy, or what is wrong."""
        text = record.get("text")
        if not isinstance(text, str):
            return ValueError('no "text", or no string there: write {"text": "…"}')
        try:
            source = _language(record, ("source_lang", "lang"), self._source, option="--from")
            target = _language(record, ("target_lang",), self._target, option="--to")
        except (UsageError, ValueError) as error:
            return ValueError(str(error))
        text = normalise(text)
        if source == target or not has_letters(text):
            return _copied(text, [Flag.ALREADY_TARGET.value] if source == target else [])
        kind = record.get("kind")
        pair = LanguagePair(source=source, target=target)
        return self._task(text, pair, number, kind if kind in ("headline", "caption") else "body")

    def _task(self, text: str, pair: LanguagePair, number: int, kind: Kind) -> TranslationTask:
        # The segmenter itself cuts at blank lines.
        article = lone_article(text, number, source_uri=f"-#{number}", kind=kind)
        detected = DetectedArticle(article=article, language=pair.source, score=1.0)
        return TranslationTask(source=self._segment.process([detected]).accepted[0], target=pair.target)

    def _translated(self, tasks: Sequence[TranslationTask]) -> dict[str, Record | ValueError]:
        outcome = self._translate.process(tasks)
        done: dict[str, Record | ValueError] = {reject.key: ValueError(reject.detail) for reject in outcome.rejected}
        for article in self._check.process(outcome.accepted).accepted:
            done[article.key] = _joined(article)
        return done


def _language(record: Record, names: Sequence[str], default: str | None, *, option: str) -> str:
    value = next((record[name] for name in names if record.get(name) is not None), default)
    if value is None:
        raise ValueError(f'no language: the record has no "{names[0]}", and {option} is not given')
    if not isinstance(value, str):
        raise ValueError(f'"{names[0]}" is {type(value).__name__}, not a string')  # noqa: TRY004 # one error for bad records
    return parse_language(value)


def _copied(text: str, flags: list[str]) -> Record:
    return {
        "translation": text,
        "score": None,
        "quality": 1.0,
        "flags": flags,
        "edits": [],
        "retry": None,
        "models": [],
    }


def _joined(article: TranslatedArticle) -> Record:
    units = article.units
    qualities = [unit.quality for unit in units if unit.quality is not None]
    return {
        "translation": _assembled(article.task.source.article.text, units),
        "score": _mean_score(units),
        "quality": min(qualities),
        "flags": list(dict.fromkeys(flag for unit in units for flag in unit.flags)),
        "edits": list(dict.fromkeys(edit for unit in units for edit in unit.edits)),
        "retry": joined_retries(unit.retry for unit in units),
        "models": list(dict.fromkeys(model for unit in units for model in unit.models)),
    }


def _assembled(text: str, units: Sequence[TranslationUnit]) -> str:
    """Return the target texts with what stands around their sources in `text`."""
    parts: list[str] = []
    position = 0
    for unit in units:
        parts += (text[position : unit.source_start], unit.target_text)
        position = unit.source_end
    return "".join(parts) + text[position:]


def _mean_score(units: Sequence[TranslationUnit]) -> float | None:
    scored = [(unit.score, unit.target_text) for unit in units if unit.score is not None]
    return mean_score(scored) if scored else None
