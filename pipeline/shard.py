"""Processing one shard: its articles through all stages, and what the ledger learns of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from pipeline.agenda import Agenda
from pipeline.config import RunConfig
from pipeline.decode.hypothesis import Hypothesis, ShardMemory
from pipeline.decode.translator import Translator
from pipeline.duplicates import fingerprinted, left_out, marked
from pipeline.editing.editor import Editor
from pipeline.errors import Reason
from pipeline.intake import Work
from pipeline.langid import UNDETERMINED
from pipeline.models.registry import ModelSet
from pipeline.near_duplicates import Duplicate, Fingerprinted
from pipeline.progress import Progress
from pipeline.stages.base import StageResult
from pipeline.stages.check import CheckStage
from pipeline.stages.detect import Detect
from pipeline.stages.segment import Segmenter
from pipeline.stages.translate import TranslateStage, TranslationBatch
from pipeline.store.ledger import KnownRevision
from pipeline.store.rows import ArticleEntry, ShardContents
from pipeline.types import (
    DetectedArticle,
    IdentifiedArticle,
    LanguagePair,
    Reject,
    SegmentedArticle,
    TranslationTask,
)
from pipeline.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadShard:
    """A shard that was read and cut: `works` by the key of their article, and what may be near-duplicates, in order."""

    works: Mapping[str, Work]
    detected: StageResult[DetectedArticle]
    segmented: StageResult[SegmentedArticle]
    new: tuple[Fingerprinted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunShard:
    """A shard whose texts are with the workers."""

    read: ReadShard
    duplicates: Mapping[str, Duplicate]
    left_out: frozenset[str]
    translation: TranslationBatch


class ShardProcessor:
    """The stages of a run; `agenda` knows what they would do anew.

    Args:
        config: the settings of the run, checked.
        models: the packages to translate with.
        memory: translations of earlier shards; None for who decodes nothing.
        editor: edits texts under the same settings.
        progress: hears of the texts decoded.
        unfinished: what a run decoded that was stopped before it could commit it, by key.
        is_stopped: asked between batches whether to decode no more.
    """

    def __init__(
        self,
        config: RunConfig,
        models: ModelSet,
        memory: ShardMemory | None,
        editor: Editor,
        progress: Progress | None = None,
        *,
        unfinished: Mapping[bytes, Hypothesis] | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._is_skipping = config.skip_near_duplicates
        self._memory = memory
        self._translator = Translator(
            models,
            config.decoding,
            memory if config.memory else None,
            progress,
            is_rescuing=not editor.is_raw,
            unfinished=unfinished,
            is_stopped=is_stopped,
        )
        self._detect = Detect()
        self._segment = Segmenter(max_chars=config.max_segment_chars)
        self._editor = editor
        self._translate = TranslateStage(self._translator, editor, is_skipping=config.skip_boilerplate)
        self._check = CheckStage(editor.finder, editor.glossary)
        self.agenda = Agenda(
            config.to,
            reading_signature=f"{self._detect.signature}+{self._segment.signature}",
            failure_settings=f"{__version__}:{config.decoding.signature}:{','.join(models.hashes)}",
            settings_of=self._settings_of,
            is_skipping=config.skip_near_duplicates,
        )
        self.seconds: dict[str, float] = defaultdict(float)
        self.n_tokens = self.n_padding = 0

    def _settings_of(self, pair: LanguagePair) -> tuple[str, ...]:
        """Return every setting that can change how segments of `pair` are translated, none where there is no route."""
        decoding = self._translator.signature(pair)
        stages = (self._translate.signature, self._check.signature, self._editor.signature(pair))
        return (*stages, decoding) if decoding else ()

    def read(self, work: Sequence[Work]) -> ReadShard:
        """Find out the languages of articles, and cut them into segments."""
        works = {item.article.key: item for item in map(Work.marked, work)}
        with self._timed("detect"):
            detected = self._detect.process([item.article for item in works.values()])
        with self._timed("segment"):
            segmented = self._segment.process(detected.accepted)
        with self._timed("compare"):
            new = tuple(
                fingerprinted(source) for source in segmented.accepted if self.agenda.is_new(source, works[source.key])
            )
        return ReadShard(works=works, detected=detected, segmented=segmented, new=new)

    def packages(self, read: ReadShard) -> frozenset[str]:
        """Return the names of the model packages that a shard needs, as in `en_ru`."""
        pairs = {
            LanguagePair(source=segment.language, target=task.target)
            for source in read.segmented.accepted
            for task in self._tasks(source, read.works[source.key].known)
            for segment in source.segments
        }
        routes = filter(None, map(self._translator.route, pairs))
        return frozenset(step.name for route in routes for step in route.steps)

    def begin(self, read: ReadShard, duplicates: Mapping[str, Duplicate]) -> BegunShard:
        """Hand the texts of a shard to the workers; `duplicates` are the near-duplicates in it, by key.

        Raises:
            ModelError: a model is damaged.
        """
        left_out = frozenset(key for key in duplicates if key in read.works and self._is_left_out(read.works[key]))
        kept = [source for source in read.segmented.accepted if source.key not in left_out]
        tasks = [task for source in kept for task in self._tasks(source, read.works[source.key].known)]
        with self._timed("translate"):
            translation = self._translate.begin(tasks)
        return BegunShard(read=read, duplicates=duplicates, left_out=left_out, translation=translation)

    def finish(self, begun: BegunShard) -> ShardContents:
        """Wait for the translations of a shard that was begun, and return all that it adds to corpus and ledger.

        Raises:
            ModelError: a model is damaged.
            DecodingError: an engine failed.
            DecodingStopped: the run is to stop.
        """
        works, detected, segmented = begun.read.works, begun.read.detected, begun.read.segmented
        with self._timed("translate"):
            translated = self._translate.finish(begun.translation)
        self.n_tokens += begun.translation.job.n_tokens
        self.n_padding += begun.translation.job.n_padding
        with self._timed("check"):
            checked = self._check.process(translated.accepted)
        turned_away = [works[reject.key] for reject in (*detected.rejected, *segmented.rejected)]
        outcomes = [self._outcome(works[source.key], source, begun) for source in segmented.accepted]
        contents = ShardContents.merged(
            [
                ShardContents(
                    articles=tuple(self.turned_away_entry(item, self.agenda.reading_signature) for item in turned_away),
                    translated=tuple(
                        (article, self.agenda.work_signature(article.task.pair) or "") for article in checked.accepted
                    ),
                    waiting=(),
                    rejects=(*detected.rejected, *segmented.rejected, *translated.rejected, *checked.rejected),
                ),
                *outcomes,
            ]
        )
        return marked(contents, begun.read.new, begun.duplicates)

    def process_one(self, work: Work, duplicates: Mapping[str, Duplicate]) -> ShardContents:
        """Take one article through all stages.

        Raises:
            ModelError: a model is damaged.
            DecodingError: an engine failed.
        """
        return self.finish(self.begin(self.read([work]), duplicates))

    def forget_decoded(self) -> None:
        """Keep nothing in the memory of a shard that failed."""
        if self._memory:
            self._memory.discard()

    def abandon(self, begun: BegunShard) -> None:
        """Give up a shard that was begun: what it has decoded is of no use to others."""
        self._translate.abandon(begun.translation)

    def stop(self) -> dict[bytes, Hypothesis]:
        """Wait for what is being decoded, and return what was decoded of shards that were begun and not finished.

        Raises:
            DecodingError: an engine failed.
        """
        return self._translator.stop()

    def take_tally(self) -> dict[str, Any]:
        """Return seconds by stage and tokens decoded since the last call."""
        tally = {"seconds": dict(self.seconds), "n_tokens": self.n_tokens, "n_padding_tokens": self.n_padding}
        self.seconds.clear()
        self.n_tokens = self.n_padding = 0
        return tally

    def turned_away_entry(self, work: Work, signature: str, *, language: str = UNDETERMINED) -> ArticleEntry:
        """Return what the ledger keeps of an article that was rejected under `signature`."""
        return ArticleEntry(
            article=work.article,
            language=language,
            score=0.0,
            ingested_at=work.ingested_at,
            signature=signature,
            is_stored=False,
            has_row=False,
        )

    def _is_left_out(self, work: Work) -> bool:
        """Return whether a near-duplicate is left out; one that lost its row still has its translations."""
        is_translated = work.known is not None and any(work.known.work.values())
        return self._is_skipping and not is_translated

    def _tasks(self, source: SegmentedArticle, known: KnownRevision | None) -> Iterator[TranslationTask]:
        for pair in self.agenda.pairs(source.language):
            if self.agenda.is_due(pair, known):
                yield TranslationTask(source=source, target=pair.target)

    def _outcome(self, work: Work, source: SegmentedArticle, begun: BegunShard) -> ShardContents:
        """Return the ledger's part of an article that was read well; without any model it is a reject."""
        if source.key in begun.left_out:
            entry = self.turned_away_entry(work, self.agenda.skipped_signature)
            return left_out(entry, begun.duplicates[source.key])
        pairs = list(self.agenda.pairs(source.language))
        waiting = self.agenda.missing(pairs, work.known)
        is_rejected = self.agenda.is_unreachable(pairs, work.known)
        is_new = work.known is None or not work.known.is_stored
        has_changed = work.known is not None and work.known.source_lang != source.language
        entry = ArticleEntry(
            article=source.article,
            language=source.language,
            score=source.score,
            ingested_at=work.ingested_at,
            signature=self.agenda.reading_signature,
            is_stored=not is_rejected,
            has_row=not is_rejected and (is_new or has_changed),
        )
        return ShardContents(
            articles=(entry,),
            translated=(),
            waiting=tuple((work.article.article_id, work.article.revision, pair.target) for pair in waiting),
            rejects=(_no_model(work.article, waiting),) if is_rejected else (),
        )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[stage] += perf_counter() - start


def _no_model(article: IdentifiedArticle, pairs: Sequence[LanguagePair]) -> Reject:
    names = ", ".join(map(str, pairs))
    return Reject.from_article(Reason.NO_MODEL, article, detail=f"no model for {names}; the article waits for one")
