"""The runner: shards from intake through an executor into the store, with counters and stops."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from time import perf_counter

from pipeline import events
from pipeline.arrivals import Arrival, arrival_of
from pipeline.config import RunConfig
from pipeline.counting import count_intake
from pipeline.decode.queue import DecodingStopped
from pipeline.duplicates import DuplicateFinder
from pipeline.executors.base import Executor, ShardName
from pipeline.ingest.read import ArticleReader
from pipeline.intake import Intake, Shard
from pipeline.manifest import Counts, Manifest, ModelEntry
from pipeline.memory_limits import shortages
from pipeline.models.registry import ModelSet
from pipeline.places import shown
from pipeline.progress import Progress
from pipeline.stopping import Stop, StopSign
from pipeline.store.dataset import Dataset
from pipeline.store.ledger import RunEntry
from pipeline.store.schema import SCHEMA_VERSION
from pipeline.types import Reject
from pipeline.version import __version__

log = logging.getLogger(__name__)

_NO_MATTER = {
    "out",
    "state",
    "time_budget_s",
    "max_articles",
    "wait_s",
    "metrics",
    "log",
    "model_index",
    "executor",
    "ray",
}
"""Settings in which the command that continues a run may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnderWay:
    """A shard that is worked on, and what was known of it before; `name` is None where there is nothing to do."""

    name: ShardName | None
    counts: Counts
    rejects: tuple[Reject, ...]
    sightings: tuple[int, ...]
    read_bytes: int


class Runner:
    """One run over one output folder.

    Args:
        config: the settings, checked.
        models: the packages to translate with.
        dataset: the output folder, open for writing.
        executor: works on the shards.
        finder: knows which articles are near-duplicates; the executor asks it, too.
        clock: tells the time of day, time zone aware.
        progress: hears of shards done.
        stop_sign: asked between batches whether to finish early.
    """

    def __init__(
        self,
        config: RunConfig,
        models: ModelSet,
        dataset: Dataset,
        executor: Executor,
        finder: DuplicateFinder,
        *,
        clock: Callable[[], datetime],
        progress: Progress,
        stop_sign: StopSign,
    ) -> None:
        self._config = config
        self._models = models
        self._dataset = dataset
        self._executor = executor
        self._finder = finder
        self._clock = clock
        self._progress = progress
        self._stop_sign = stop_sign
        self._counts = Counts()
        self._stopped_by: Stop | None = None

    def run(
        self, reader: ArticleReader, *, warnings: Iterable[str] = (), settings: Mapping[str, str] | None = None
    ) -> Manifest:
        """Process all inputs, or as many as time and signals allow, and return the manifest, written already.

        Args:
            reader: the inputs.
            warnings: what people should know of them.
            settings: what the manifest is to say of the editing of texts.

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
        manifest = self._manifest(run, stopped_by, is_resumed=bool(counted), warnings=warnings, settings=settings or {})
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
        settings["inputs"] = tuple(map(shown, self._config.inputs))
        return f"{__version__}|{settings}|{self._models.hashes}"

    def _process_all(self, reader: ArticleReader, run: RunEntry, *, n_shards: int) -> Stop | None:
        intake = Intake(
            self._dataset.ledger,
            review=self._executor.agenda.review,
            now=run.started_at,
            limits=self._config.shard,
            max_articles=self._config.max_articles,
            sightings=partial(self._dataset.sightings.counts, run_id=run.run_id),
        )
        self._progress.run_begins(reader.total_bytes)
        try:
            self._process_shards(intake, reader, run.run_id, n_shards)
        except DecodingStopped:
            self._stopped_by = self._stop_sign.reason()
        if self._stopped_by:
            self._dataset.keep_decoded(self._executor.stop())
        return self._stopped_by or ("max-articles" if intake.is_limited else None)

    def _process_shards(self, intake: Intake, reader: ArticleReader, run_id: str, n_shards: int) -> None:
        """Process shards, of which `n_shards` are committed already.

        Raises:
            DecodingStopped: the run is to stop in the middle of a shard.
        """
        waiting = self._dataset.waiting.articles(self._executor.agenda.is_served)
        waited = (arrival_of(article, has_waited=True) for article in waiting)
        arrivals = self._executor.arrivals(reader)
        under_way: deque[_UnderWay] = deque()
        read_since = perf_counter()
        for shard in intake.shards(self._until_stopped(chain(waited, arrivals))):
            self._counts += Counts(seconds={"read": perf_counter() - read_since})
            if shard.has_contents and (stop := self._stop_sign.reason()):
                self._stopped_by = stop
                break
            # While the workers decode the shards at hand, the next one is read, cut and looked up.
            under_way.append(self._begin(shard, ShardName(run_id, n_shards), arrivals.read_bytes))
            n_shards += shard.has_contents
            while len(under_way) > self._executor.n_ahead or (under_way and self._is_finished(under_way[0])):
                self._finish(under_way.popleft(), intake)
            read_since = perf_counter()
        while under_way:
            self._finish(under_way.popleft(), intake)

    def _begin(self, shard: Shard, name: ShardName, read_bytes: int) -> _UnderWay:
        if shard.has_contents:
            self._executor.begin(name, shard.work)
        return _UnderWay(
            name=name if shard.has_contents else None,
            counts=count_intake(shard),
            rejects=tuple(shard.rejects),
            sightings=tuple(chain.from_iterable(item.sightings for item in shard.work)),
            read_bytes=read_bytes,
        )

    def _is_finished(self, begun: _UnderWay) -> bool:
        return begun.name is not None and self._executor.is_finished(begun.name)

    def _until_stopped(self, inputs: Iterable[Arrival | Reject]) -> Iterator[Arrival | Reject]:
        """Yield inputs until the run is to stop: years of known articles may be read before a shard is full."""
        for item in inputs:
            if stop := self._stop_sign.reason():
                self._stopped_by = stop
                return
            yield item

    def _finish(self, begun: _UnderWay, intake: Intake) -> None:
        """Finish and commit one shard."""
        self._progress.shard_begins(begun.read_bytes)
        counts = begun.counts
        if begun.name:
            counts += self._commit(begun, begun.name)
            intake.committed()
        self._counts += counts
        self._progress.shard_done(counts.n_articles, counts.n_units)

    def _commit(self, begun: _UnderWay, name: ShardName) -> Counts:
        """Commit a shard, and return the counts of what became of its articles."""
        finished = self._executor.finish(name)
        while not self._finder.is_settled(name.number, {article.key for article in finished.staged.originals}):
            self._executor.again(name)
            finished = self._executor.finish(name)
        staged = finished.staged.after(begun.rejects, begun.sightings)
        events.rejected(staged.rejects, n_told=self._counts.n_rejected, out=self._config.out)
        counts = begun.counts + finished.counts
        started = perf_counter()
        self._dataset.memory.add(finished.decoded)
        self._dataset.memory.note_used(finished.used)
        self._dataset.commit_staged(staged, run_id=name.run_id, shard=name.number, counts=asdict(counts))
        self._finder.committed(name.number)
        self._executor.committed(name)
        events.shard_committed(name.number, counts)
        return finished.counts + Counts(seconds={"store": perf_counter() - started})

    def _manifest(
        self,
        run: RunEntry,
        stopped_by: Stop | None,
        *,
        is_resumed: bool,
        warnings: tuple[str, ...],
        settings: Mapping[str, str],
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
            inputs=tuple(map(shown, self._config.inputs)),
            to=self._config.to,
            out=str(self._config.out),
            model_set=self._config.models,
            models=tuple(
                ModelEntry(label=p.label, pair=str(p.pair), sha256=p.sha256, licence=p.licence) for p in packages
            ),
            routes={str(route.pair): route.labels for route in self._models.routes_into(self._config.to)},
            settings={
                "reading": self._executor.agenda.reading_signature,
                "decoding": self._config.decoding.signature,
                **settings,
            },
            counts=self._counts,
            warnings=warnings,
        )
