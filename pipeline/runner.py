"""The runner: shards from intake through the stages into the store, with error boundary, counters and stops."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from time import monotonic, perf_counter

from pipeline import events
from pipeline.config import RunConfig
from pipeline.counting import count
from pipeline.decode.queue import DecodingStopped
from pipeline.editing.editor import Editor
from pipeline.errors import Reason, ShardError
from pipeline.faults import is_no_fault_of_an_article
from pipeline.ingest.read import ArticleReader
from pipeline.intake import Input, Intake, Shard, Work
from pipeline.langid import UNDETERMINED
from pipeline.manifest import Counts, Manifest, ModelEntry, Stop
from pipeline.memory_limits import shortages
from pipeline.models.registry import ModelSet
from pipeline.near_duplicates import GatheredOriginals, Originals
from pipeline.progress import Progress
from pipeline.shard import BegunShard, ShardProcessor
from pipeline.store.dataset import Dataset
from pipeline.store.ledger import RunEntry
from pipeline.store.rows import ShardContents, load_arrow
from pipeline.store.schema import SCHEMA_VERSION
from pipeline.types import Reject
from pipeline.version import __version__

log = logging.getLogger(__name__)

_NO_MATTER = {"out", "time_budget_s", "max_articles", "wait_s", "metrics", "log", "model_index"}
"""Settings in which the command that continues a run may differ."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A shard whose texts are with the workers, or what went wrong before they were."""

    shard: Shard
    read_bytes: int
    processing: BegunShard | None = None
    error: Exception | None = None


class Runner:
    """One run over one output folder.

    Args:
        config: the settings, checked.
        models: the packages to translate with.
        dataset: the output folder, open for writing.
        editor: edits texts under the same settings.
        clock: tells the time of day, time zone aware.
        progress: hears of shards and texts done.
        is_stopped: asked between batches whether to finish early.
    """

    def __init__(
        self,
        config: RunConfig,
        models: ModelSet,
        dataset: Dataset,
        editor: Editor,
        *,
        clock: Callable[[], datetime],
        progress: Progress,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._config = config
        self._models = models
        self._dataset = dataset
        self._editor = editor
        self._clock = clock
        self._progress = progress
        self._is_stopped = is_stopped
        self._began = monotonic()
        self._processor = ShardProcessor(
            config,
            models,
            dataset.memory,
            dataset.fingerprints,
            editor,
            progress,
            unfinished=dataset.unfinished.load(),
            is_stopped=lambda: self._stop_reason() is not None,
        )
        self._counts = Counts()
        self._stopped_by: Stop | None = None

    def run(self, reader: ArticleReader, *, warnings: Iterable[str] = ()) -> Manifest:
        """Process all inputs, or as many as time and signals allow, and return the manifest, written already.

        Raises:
            PipelineError: a model or the state is damaged; what was committed before stays.
        """
        warnings = (*self._models.damaged, *self._shortages(), *warnings)
        run = self._dataset.ledger.begin_run(self._signature(), self._clock())
        counted = self._dataset.ledger.shard_counts(run.run_id)
        events.run_begins(run.run_id, self._config, self._models, is_resumed=bool(counted))
        for warning in warnings:
            log.warning("%s", warning)
        before = sum((Counts(**counts) for counts in counted), Counts())
        stopped_by = self._process_all(reader, run, n_shards=len(counted))
        self._counts = self._counts.resumed_after(before)
        manifest = self._manifest(run, stopped_by, is_resumed=bool(counted), warnings=warnings)
        self._dataset.finish_run(manifest.to_json(), run_id=run.run_id, now=manifest.finished_at)
        events.run_ends(manifest)
        if stopped_by is None:
            self._dataset.unfinished.clear()
        return manifest

    def _shortages(self) -> Iterator[str]:
        routes = self._models.routes_into(self._config.to)
        folders = {package.model_folder for route in routes for package in route.steps}
        return shortages(folder / "model.bin" for folder in sorted(folders))

    def _signature(self) -> str:
        """Return what must be equal for a run that was cut off to be continued."""
        settings = {name: value for name, value in asdict(self._config).items() if name not in _NO_MATTER}
        return f"{__version__}|{settings}|{self._models.hashes}"

    def _process_all(self, reader: ArticleReader, run: RunEntry, *, n_shards: int) -> Stop | None:
        intake = Intake(
            self._dataset.ledger,
            review=self._processor.agenda.review,
            now=run.started_at,
            limits=self._config.shard,
            max_articles=self._config.max_articles,
            sightings=partial(self._dataset.sightings.counts, run_id=run.run_id),
        )
        self._progress.run_begins(reader.total_bytes)
        waiting = self._dataset.waiting.articles(self._processor.agenda.is_served)
        shards = intake.shards(self._until_stopped(chain(waiting, reader)))
        try:
            self._process_shards(shards, reader, run.run_id, n_shards)
        except DecodingStopped:
            self._stopped_by = self._stop_reason()
        if self._stopped_by:
            self._dataset.keep_decoded(self._processor.stop())
        return self._stopped_by or ("max-articles" if intake.is_limited else None)

    def _process_shards(self, shards: Iterator[Shard], reader: ArticleReader, run_id: str, n_shards: int) -> None:
        """Process shards, of which `n_shards` are committed already.

        Raises:
            DecodingStopped: the run is to stop in the middle of a shard.
        """
        at_hand: _Begun | None = None
        read_since = perf_counter()
        for shard in shards:
            self._processor.seconds["read"] += perf_counter() - read_since
            if shard.has_contents and (stop := self._stop_reason()):
                self._stopped_by = stop
                break
            # While the workers decode the shard at hand, the next one is read, cut and looked up.
            following = self._begin(shard, reader.read_bytes, at_hand)
            if shard.has_contents:
                load_arrow()
            if at_hand:
                n_shards += self._finish(at_hand, run_id, n_shards)
            at_hand = following
            read_since = perf_counter()
        if at_hand:
            self._finish(at_hand, run_id, n_shards)

    def _begin(self, shard: Shard, read_bytes: int, before: _Begun | None = None) -> _Begun:
        """Begin a shard; what goes wrong is told when it is finished, so that the one before it is safe by then."""
        if not shard.work:
            return _Begun(shard, read_bytes)
        earlier = [before.processing.comparison.originals] if before and before.processing else []
        try:
            return _Begun(shard, read_bytes, processing=self._processor.begin(shard.work, *earlier))
        except Exception as error:  # noqa: BLE001 - raised again, or logged, by `_contents`
            return _Begun(shard, read_bytes, error=error)

    def _until_stopped(self, inputs: Iterable[Input]) -> Iterator[Input]:
        """Yield inputs until the run is to stop: years of known articles may be read before a shard is full."""
        for item in inputs:
            if stop := self._stop_reason():
                self._stopped_by = stop
                return
            yield item

    def _finish(self, begun: _Begun, run_id: str, number: int) -> int:
        """Finish and commit one shard; return how many were committed, 0 or 1."""
        shard = begun.shard
        self._progress.shard_begins(begun.read_bytes)
        contents = self._contents(begun)
        events.rejected(contents.rejects, n_told=self._counts.n_rejected, out=self._config.out)
        counts = count(shard, contents)
        self._counts += counts
        if shard.has_contents:
            began = perf_counter()
            tally = Counts(**self._processor.take_tally())
            self._dataset.commit(contents, run_id=run_id, shard=number, counts=asdict(counts + tally))
            tally += Counts(seconds={"store": perf_counter() - began})
            self._counts += tally
            events.shard_committed(number, counts + tally)
        self._progress.shard_done(counts.n_articles, counts.n_units)
        return int(shard.has_contents)

    def _contents(self, begun: _Begun) -> ShardContents:
        """Finish a shard whole; where it failed, do it article by article, so that one cannot take others with it."""
        begun = self._settled(begun)
        work = begun.shard.work
        own = ShardContents(
            articles=(),
            translated=(),
            waiting=(),
            rejects=tuple(begun.shard.rejects),
            sightings=tuple(chain.from_iterable(item.sightings for item in work)),
        )
        try:
            return ShardContents.merged([own, self._processed(begun)])
        except Exception as error:
            if is_no_fault_of_an_article(error):
                raise
            log.exception("a shard of %d articles failed; trying them one by one", len(work))
            self._dataset.memory.discard()
            if begun.processing:
                self._processor.abandon(begun.processing)
        parts: list[ShardContents] = []
        earlier = GatheredOriginals()
        for item in work:
            parts.append(self._contents_of_one(item, earlier))
            earlier.add(parts[-1].originals)
        if len(parts) > 1 and all(part.has_failed for part in parts):
            raise ShardError(f"all {len(parts)} articles of a shard failed, so it is not them; the log above shows why")
        return ShardContents.merged([own, *parts])

    def _settled(self, begun: _Begun) -> _Begun:
        """Return a shard that was begun, or begun anew where it left out what is no near-duplicate after all."""
        if begun.processing is None or self._processor.is_settled(begun.processing):
            return begun
        self._processor.abandon(begun.processing)
        return self._begin(begun.shard, begun.read_bytes)

    def _processed(self, begun: _Begun) -> ShardContents:
        if begun.error:
            raise begun.error
        return self._processor.finish(begun.processing) if begun.processing else ShardContents.merged([])

    def _contents_of_one(self, work: Work, earlier: Originals) -> ShardContents:
        try:
            return self._processor.process([work], earlier)
        except Exception as error:
            if is_no_fault_of_an_article(error):
                raise
            log.exception("%s: failed", work.article.source_uri)
            reject = Reject.from_article(Reason.FAILED, work.article, detail=f"{type(error).__name__}: {error}")
            # An article that is part of the corpus keeps its language: its other translations are done.
            language = work.known.source_lang if work.known and work.known.is_stored else UNDETERMINED
            signature = self._processor.agenda.failure_signature
            entry = self._processor.turned_away_entry(work, signature, language=language)
            return ShardContents(articles=(entry,), translated=(), waiting=(), rejects=(reject,))

    def _stop_reason(self) -> Stop | None:
        if self._is_stopped():
            return "signal"
        budget = self._config.time_budget_s
        return "time-budget" if budget is not None and monotonic() - self._began >= budget else None

    def _manifest(
        self, run: RunEntry, stopped_by: Stop | None, *, is_resumed: bool, warnings: tuple[str, ...]
    ) -> Manifest:
        packages = [self._models.packages[pair] for pair in self._models.pairs]
        return Manifest(
            run_id=run.run_id,
            newsmt_version=__version__,
            schema_version=SCHEMA_VERSION,
            started_at=run.started_at,
            finished_at=self._clock(),
            is_resumed=is_resumed,
            stopped_by=stopped_by,
            inputs=self._config.inputs,
            to=self._config.to,
            out=str(self._config.out),
            model_set=self._config.models,
            models=tuple(
                ModelEntry(label=p.label, pair=str(p.pair), sha256=p.sha256, licence=p.licence) for p in packages
            ),
            routes={str(route.pair): route.labels for route in self._models.routes_into(self._config.to)},
            settings={
                "reading": self._processor.agenda.reading_signature,
                "decoding": self._config.decoding.signature,
                **self._editor.settings,
            },
            counts=self._counts,
            warnings=warnings,
        )
