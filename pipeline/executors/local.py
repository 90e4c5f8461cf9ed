"""The executor that works in this process: the workers decode one shard while the main thread is busy with others."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.agenda import Agenda
from pipeline.arrivals import Arrivals, LocalArrivals
from pipeline.decode.hypothesis import Hypothesis
from pipeline.duplicates import DuplicateFinder
from pipeline.executors.base import ShardName
from pipeline.ingest.read import ArticleReader
from pipeline.intake import Work
from pipeline.shard import ShardProcessor
from pipeline.store.rows import load_arrow
from pipeline.worker import BegunWork, FinishedShard, ShardWorker


class LocalExecutor:
    """One worker, which begins a shard while the one before it is decoded.

    Args:
        processor: the stages.
        worker: works with these.
        finder: finds near-duplicates.
    """

    n_ahead = 1

    def __init__(self, processor: ShardProcessor, worker: ShardWorker, finder: DuplicateFinder) -> None:
        self._processor = processor
        self._worker = worker
        self._finder = finder
        self._begun: dict[ShardName, BegunWork] = {}

    @property
    def agenda(self) -> Agenda:
        """What the worker would do anew."""
        return self._processor.agenda

    def arrivals(self, reader: ArticleReader) -> Arrivals:
        """Return what `reader` reads, with its identity."""
        return LocalArrivals(reader)

    def begin(self, name: ShardName, work: Sequence[Work]) -> None:
        """Begin a shard; what goes wrong is told when it is finished."""
        reading = self._worker.read(work)
        self._begun[name] = self._worker.begin(reading, self._finder.examine(name.number, reading.new))
        # While the first shard is decoded nobody waits for this.
        load_arrow()

    def again(self, name: ShardName) -> None:
        """Begin a shard anew."""
        begun = self._begun[name]
        self._worker.abandon(begun)
        self._begun[name] = self._worker.begin(begun.reading, self._finder.examine(name.number, begun.reading.new))

    def is_finished(self, name: ShardName) -> bool:
        """Return False: decoding goes on while others are begun."""
        del name
        return False

    def finish(self, name: ShardName) -> FinishedShard:
        """Wait for a shard, and return what is to be committed."""
        return self._worker.finish(self._begun[name], run_id=name.run_id, shard=name.number)

    def committed(self, name: ShardName) -> None:
        """Forget a shard that is part of the corpus."""
        del self._begun[name]

    def stop(self) -> dict[bytes, Hypothesis]:
        """Wait for the batches that are under way, and return what was decoded of unfinished shards."""
        return self._worker.stop()
