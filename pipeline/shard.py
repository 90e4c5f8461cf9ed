"""Processing one shard: its articles through all stages, and what the ledger learns of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from time import perf_counter
from typing import Any

from pipeline.config import RunConfig
from pipeline.decode.hypothesis import Hypothesis, Memory
from pipeline.decode.translator import Translator
from pipeline.duplicates import Comparison, DuplicateFinder, left_out, marked
from pipeline.editing.editor import Editor
from pipeline.errors import Reason
from pipeline.intake import Review, Work
from pipeline.langid import UNDETERMINED
from pipeline.models.registry import ModelSet
from pipeline.near_duplicates import Originals
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
    standard_of,
)
from pipeline.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What `process` would do: articles by pair, and how many would be rejected."""

    to_translate: Counter[str]
    waiting: Counter[str]
    n_rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunShard:
    """A shard that was read and cut, its texts with the workers; `works` by the key of their article."""

    works: Mapping[str, Work]
    detected: StageResult[DetectedArticle]
    segmented: StageResult[SegmentedArticle]
    comparison: Comparison
    translation: TranslationBatch


class ShardProcessor:
    """The stages of a run, and the knowledge of what they would do anew.

    `reading_signature` names every setting that can change the language and the segments of an article;
    `failure_signature` is that of an article that met a bug: another version of newsmt, other models or other settings
    try it again; `skipped_signature` is that of a near-duplicate that was left out.

    Args:
        config: the settings of the run, checked.
        models: the packages to translate with.
        memory: translations of earlier shards.
        originals: stored articles that new ones may be near-duplicates of.
        editor: edits texts under the same settings.
        progress: hears of the texts decoded.
        unfinished: what a run decoded that was stopped before it could commit it, by key.
        is_stopped: asked between batches whether to decode no more.
    """

    def __init__(
        self,
        config: RunConfig,
        models: ModelSet,
        memory: Memory,
        originals: Originals,
        editor: Editor,
        progress: Progress | None = None,
        *,
        unfinished: Mapping[bytes, Hypothesis] | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._targets = config.to
        self._is_skipping = config.skip_near_duplicates
        self._duplicates = DuplicateFinder(originals, is_skipping=self._is_skipping)
        used_memory = memory if config.memory else None
        self._translator = Translator(
            models,
            config.decoding,
            used_memory,
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
        self.reading_signature = f"{self._detect.signature}+{self._segment.signature}"
        settings = f"{__version__}:{config.decoding.signature}:{','.join(models.hashes)}"
        self.failure_signature = f"{self.reading_signature}+failed:{settings}"
        self.skipped_signature = f"{self.reading_signature}+near-duplicate"
        self._signatures: dict[LanguagePair, str | None] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self.n_tokens = self.n_padding = 0

    def work_signature(self, pair: LanguagePair) -> str | None:
        """Return a hash of every setting that can change units of `pair`, None where there is no route."""
        if pair not in self._signatures:
            decoding = self._translator.signature(pair)
            stages = (self._translate.signature, self._check.signature, self._editor.signature(pair))
            parts = (self.reading_signature, *stages, decoding)
            self._signatures[pair] = sha256("+".join(map(str, parts)).encode()).hexdigest() if decoding else None
        return self._signatures[pair]

    def review(self, known: KnownRevision) -> Review:
        """Return what is left to do for a revision that an earlier shard dealt with."""
        if known.source_lang == UNDETERMINED:
            is_skipped = self._is_skipping and known.signature == self.skipped_signature
            return Review(is_done=is_skipped or known.signature in (self.reading_signature, self.failure_signature))
        if not known.is_stored and any(known.work.values()):
            # Its row was in a file that was lost.
            return Review(is_done=False)
        waiting = []
        pairs = list(self._pairs(known.source_lang))
        if known.signature != self.reading_signature and not any(map(self.work_signature, pairs)):
            # No work would be done anew; but under the new rules the article may be in another language.
            return Review(is_done=False)
        for pair in pairs:
            stored, current = known.work.get(pair.target, ""), self.work_signature(pair)
            if stored == "" or (current is not None and stored != current):
                return Review(is_done=False)
            if stored is None:
                waiting.append(pair)
        return Review(is_done=True, waiting=tuple(waiting))

    def is_served(self, known: KnownRevision) -> bool:
        """Return whether there is a model now that a revision waited for; one that failed under it waits on."""
        if known.signature == self.failure_signature:
            return False
        if known.source_lang == UNDETERMINED:
            return not self.review(known).is_done
        waits_for = (pair for pair in self._pairs(known.source_lang) if known.work.get(pair.target, "") is None)
        return any(map(self.work_signature, waits_for))

    def process(self, work: Sequence[Work], *earlier: Originals) -> ShardContents:
        """Take articles through the stages, as if the `earlier` originals were stored already.

        Raises:
            ModelError: a model is damaged.
            DecodingError: an engine failed.
        """
        return self.finish(self.begin(work, *earlier), *earlier)

    def begin(self, work: Sequence[Work], *earlier: Originals) -> BegunShard:
        """Take articles through the stages up to translation, and hand their texts to the workers.

        `earlier` are originals that are going to be stored before the shard.

        Raises:
            ModelError: a model is damaged.
        """
        works = {item.article.key: item for item in work}
        with self._timed("detect"):
            detected = self._detect.process([item.article for item in work])
        with self._timed("segment"):
            segmented = self._segment.process(detected.accepted)
        with self._timed("compare"):
            new = [source for source in segmented.accepted if self._is_new(source, works[source.key])]
            comparison = self._duplicates.begin(new, *earlier)
        kept = [source for source in segmented.accepted if not _is_left_out(works[source.key], comparison)]
        tasks = [task for source in kept for task in self._tasks(source, works[source.key].known)]
        with self._timed("translate"):
            translation = self._translate.begin(tasks)
        return BegunShard(
            works=works, detected=detected, segmented=segmented, comparison=comparison, translation=translation
        )

    def is_settled(self, begun: BegunShard) -> bool:
        """Return whether a shard was begun with the right articles left out, now that the one before it is stored."""
        return self._duplicates.is_settled(begun.comparison)

    def finish(self, begun: BegunShard, *earlier: Originals) -> ShardContents:
        """Wait for the translations of a shard that was begun, and return all that it adds to corpus and ledger.

        All that comes before the shard is stored by now, but for the `earlier` originals.

        Raises:
            ModelError: a model is damaged.
            DecodingError: an engine failed.
            DecodingStopped: the run is to stop.
        """
        works, detected, segmented = begun.works, begun.detected, begun.segmented
        with self._timed("translate"):
            translated = self._translate.finish(begun.translation)
        self.n_tokens += begun.translation.job.n_tokens
        self.n_padding += begun.translation.job.n_padding
        with self._timed("check"):
            checked = self._check.process(translated.accepted)
        with self._timed("compare"):
            duplicates = self._duplicates.finish(begun.comparison, *earlier)
        turned_away = [works[reject.key] for reject in (*detected.rejected, *segmented.rejected)]
        read = [
            left_out(self.turned_away_entry(works[source.key], self.skipped_signature), duplicates[source.key])
            if _is_left_out(works[source.key], begun.comparison)
            else self._outcome(works[source.key], source)
            for source in segmented.accepted
        ]
        contents = ShardContents.merged(
            [
                ShardContents(
                    articles=tuple(self.turned_away_entry(item, self.reading_signature) for item in turned_away),
                    translated=tuple(
                        (article, self.work_signature(article.task.pair) or "") for article in checked.accepted
                    ),
                    waiting=(),
                    rejects=(*detected.rejected, *segmented.rejected, *translated.rejected, *checked.rejected),
                ),
                *read,
            ]
        )
        return marked(contents, begun.comparison, duplicates)

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

    def forecast(self, work: Sequence[Work]) -> Forecast:
        """Return what `process` would do, from the languages of the articles alone."""
        known = {item.article.key: item.known for item in work}
        detected = self._detect.process([item.article for item in work])
        to_translate: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        n_unroutable = 0
        for found in detected.accepted:
            pairs = list(self._pairs(found.language))
            waiting.update(map(str, self._missing(pairs, known[found.key])))
            to_translate.update(str(pair) for pair in pairs if self._is_due(pair, known[found.key]))
            n_unroutable += self._is_unreachable(pairs, known[found.key])
        return Forecast(to_translate=to_translate, waiting=waiting, n_rejected=len(detected.rejected) + n_unroutable)

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

    def _pairs(self, source: str) -> Iterator[LanguagePair]:
        for target in self._targets:
            if target != standard_of(source):
                yield LanguagePair(source=source, target=target)

    def _tasks(self, source: SegmentedArticle, known: KnownRevision | None) -> Iterator[TranslationTask]:
        for pair in self._pairs(source.language):
            if self._is_due(pair, known):
                yield TranslationTask(source=source, target=pair.target)

    def _is_due(self, pair: LanguagePair, known: KnownRevision | None) -> bool:
        signature = self.work_signature(pair)
        return signature is not None and (known is None or known.work.get(pair.target) != signature)

    def _missing(self, pairs: Sequence[LanguagePair], known: KnownRevision | None) -> list[LanguagePair]:
        """Return the pairs that need a model which the set lacks; what an earlier model did stays done."""
        done = {target for target, signature in known.work.items() if signature} if known else set()
        return [pair for pair in pairs if self.work_signature(pair) is None and pair.target not in done]

    def _is_unreachable(self, pairs: Sequence[LanguagePair], known: KnownRevision | None) -> bool:
        """Return whether an article that is no part of the corpus yet cannot be translated at all."""
        is_stored = known is not None and known.is_stored
        return not is_stored and bool(pairs) and not any(map(self.work_signature, pairs))

    def _is_new(self, source: SegmentedArticle, work: Work) -> bool:
        """Return whether an article is no part of the corpus yet, and can be."""
        is_stored = work.known is not None and work.known.is_stored
        return not is_stored and not self._is_unreachable(list(self._pairs(source.language)), work.known)

    def _outcome(self, work: Work, source: SegmentedArticle) -> ShardContents:
        """Return the ledger's part of an article that was read well; without any model it is a reject."""
        pairs = list(self._pairs(source.language))
        waiting = self._missing(pairs, work.known)
        is_rejected = self._is_unreachable(pairs, work.known)
        is_new = work.known is None or not work.known.is_stored
        has_changed = work.known is not None and work.known.source_lang != source.language
        entry = ArticleEntry(
            article=source.article,
            language=source.language,
            score=source.score,
            ingested_at=work.ingested_at,
            signature=self.reading_signature,
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


def _is_left_out(work: Work, comparison: Comparison) -> bool:
    """Return whether an article is a near-duplicate to leave out; one that lost its row still has its translations."""
    is_translated = work.known is not None and any(work.known.work.values())
    return work.article.key in comparison.left_out.duplicates and not is_translated


def _no_model(article: IdentifiedArticle, pairs: Sequence[LanguagePair]) -> Reject:
    names = ", ".join(map(str, pairs))
    return Reject.from_article(Reason.NO_MODEL, article, detail=f"no model for {names}; the article waits for one")
