"""The executor that has workers on a Ray cluster.

A shard takes this way: a reader reads and cuts it; the coordinator, which is the process of the run, looks in the order
of the shards which of its articles are near-duplicates; a translator translates it and stages its files. Texts go from
machine to machine through Ray's object store; the coordinator hears of results only.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import ray
from ray.exceptions import ObjectLostError, RayTaskError

from pipeline.agenda import Agenda
from pipeline.arrivals import Arrivals, LocalArrivals
from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.queue import DecodingStopped
from pipeline.duplicates import DuplicateFinder
from pipeline.errors import ClusterError
from pipeline.executors.base import ShardName
from pipeline.executors.ray.actors import ReadSummary
from pipeline.executors.ray.calls import DEATHS, Calls, error_of, reason_of
from pipeline.executors.ray.inputs import DistantArrivals, told
from pipeline.executors.ray.pool import LOOK_UP_S, SHARDS_PER_WORKER, Pool, Worker, best_shard
from pipeline.ingest.read import ArticleReader
from pipeline.intake import Work
from pipeline.near_duplicates import Duplicate
from pipeline.stopping import StopSign
from pipeline.worker import FinishedShard

_MAX_WAITING = 64
_MAX_ATTEMPTS = 5
"""A shard whose worker died so often is likely to be why."""


@dataclass(slots=True, kw_only=True)
class _Shard:
    """A shard under way; what is None is yet to come."""

    name: ShardName
    first_source: str
    reading: Any
    summary: ReadSummary | None = None
    duplicates: Mapping[str, Duplicate] | None = None
    finished: Any = None
    error: Exception | None = None
    n_attempts: int = 0


class RayExecutor:
    """Works on shards with the actors of a cluster.

    Args:
        readers: actors that read shards.
        pool: those that translate them.
        calls: the calls of this run that are under way.
        read_inputs: lets an actor read inputs, and returns the generator of its blocks.
        agenda: what they would do anew.
        finder: finds near-duplicates.
        token: tells the files that this run stages from those of another one that was cut off.
        stop_sign: asked while it waits.
    """

    def __init__(
        self,
        readers: Sequence[Any],
        pool: Pool,
        calls: Calls,
        read_inputs: Callable[[ArticleReader], Any],
        agenda: Agenda,
        finder: DuplicateFinder,
        *,
        token: str,
        stop_sign: StopSign,
    ) -> None:
        self._readers = cycle(readers)
        self._pool = pool
        self._calls = calls
        self._read_inputs = read_inputs
        self._finder = finder
        self._token = token
        self._stop_sign = stop_sign
        self._shards: dict[int, _Shard] = {}
        self._to_examine: deque[int] = deque()
        self._waiting: list[int] = []
        self._to_finish: set[Worker] = set()
        self.agenda = agenda

    @property
    def n_ahead(self) -> int:
        """As many shards as the workers can have, and some that wait for them or for those before them."""
        return SHARDS_PER_WORKER * len(self._pool.workers) + _MAX_WAITING

    def arrivals(self, reader: ArticleReader) -> Arrivals:
        """Return what `reader` reads; texts stay in the object store, but for those that only this process can read."""
        return LocalArrivals(reader) if reader.total_bytes is None else DistantArrivals(self._read_inputs(reader))

    def begin(self, name: ShardName, work: Sequence[Work]) -> None:
        """Hand a shard to a reader."""
        summary, reading = next(self._readers).read.remote(*told(work))
        first_source = work[0].article.source_uri if work else ""
        self._shards[name.number] = _Shard(name=name, first_source=first_source, reading=reading)
        self._to_examine.append(name.number)
        self._calls.when_done(summary, lambda ref: self._was_read(name.number, ref))

    def again(self, name: ShardName) -> None:
        """Let a shard be translated anew."""
        shard = self._shards[name.number]
        shard.finished = shard.error = None
        if shard.summary:
            shard.duplicates = self._finder.examine(name.number, shard.summary.new)
        insort(self._waiting, name.number)

    def is_finished(self, name: ShardName) -> bool:
        """Return whether a shard is staged, or failed."""
        self._turn(0)
        return self._is_done(name.number)

    def finish(self, name: ShardName) -> FinishedShard:
        """Wait for a shard, and return what is to be committed.

        Raises:
            PipelineError: a worker met trouble that is no fault of an article, or its shard kills workers.
            DecodingStopped: the run is to stop.
        """
        while True:
            while not self._is_done(name.number):
                if self._stop_sign.is_up():
                    raise DecodingStopped
                self._turn(LOOK_UP_S)
            shard = self._shards[name.number]
            if shard.error:
                raise shard.error
            try:
                finished: FinishedShard = ray.get(shard.finished)
            except ObjectLostError as error:
                self._failed(name.number, error)
            else:
                return finished

    def committed(self, name: ShardName) -> None:
        """Forget a shard that is part of the corpus."""
        del self._shards[name.number]

    def stop(self) -> dict[bytes, Hypothesis]:
        """Let the workers stop, and return by key what was decoded of shards that will not be committed."""
        self._waiting.clear()
        done = [shard.finished for shard in self._shards.values() if shard.finished is not None and not shard.error]
        busy = [worker for worker in self._pool.workers if worker.facts and worker.begun]
        for worker in busy:
            worker.actor.halt.remote()
        found: dict[bytes, Hypothesis] = {}
        for ref in (*done, *(worker.actor.decoded.remote() for worker in busy)):
            try:
                result = ray.get(ref)
            except (*DEATHS, RayTaskError):
                continue
            found |= result.decoded if isinstance(result, FinishedShard) else result
        return found

    def _is_done(self, number: int) -> bool:
        shard = self._shards[number]
        return shard.finished is not None or shard.error is not None

    def _turn(self, wait_s: float) -> None:
        """Hear what has happened, waiting for it where need be, and hand out what can be done."""
        self._calls.hear(wait_s=wait_s)
        self._examine()
        self._hand_out()

    def _was_read(self, number: int, ref: Any) -> None:
        self._shards[number].error = error_of(ref)
        if not self._shards[number].error:
            self._shards[number].summary = ray.get(ref)

    def _examine(self) -> None:
        """Look for near-duplicates, as far as the shards are read in their order."""
        while self._to_examine:
            shard = self._shards[self._to_examine[0]]
            if shard.error is None:
                if shard.summary is None:
                    return
                shard.duplicates = self._finder.examine(shard.name.number, shard.summary.new)
                insort(self._waiting, shard.name.number)
            self._to_examine.popleft()

    def _hand_out(self) -> None:
        while self._waiting and (worker := self._pool.next_free()):
            number = best_shard(worker, self._waiting, self._packages)
            self._waiting.remove(number)
            self._translate(worker, number)
        # Now that they have begun what they can.
        while self._to_finish:
            worker = self._to_finish.pop()
            if worker.begun and not worker.is_finishing:
                self._let_finish(worker)

    def _packages(self, number: int) -> frozenset[str]:
        summary = self._shards[number].summary
        return summary.packages if summary else frozenset()

    def _translate(self, worker: Worker, number: int) -> None:
        shard = self._shards[number]
        worker.actor.begin.remote(shard.name, shard.reading, shard.duplicates)
        shard.n_attempts += 1
        self._pool.begun(worker, number, self._packages(number))
        self._to_finish.add(worker)

    def _let_finish(self, worker: Worker) -> None:
        """Let a worker finish the first shard that it has begun; what it begins next is asked for after this."""
        number = worker.begun[0]
        shard = self._shards[number]
        attempt = f"{self._token}-{number}-{shard.n_attempts}"
        worker.is_finishing = True
        done, finished = worker.actor.finish.remote(shard.name, attempt)
        self._calls.when_done(done, lambda ref: self._was_finished(worker, number, ref, finished))

    def _was_finished(self, worker: Worker, number: int, done: Any, finished: Any) -> None:
        error = error_of(done)
        if isinstance(error, DEATHS):
            for lost in self._pool.lost(worker, error):
                self._failed(lost, error)
            return
        self._pool.finished(worker, number)
        self._to_finish.add(worker)
        shard = self._shards[number]
        shard.finished, shard.error = (None, error) if error else (finished, None)

    def _failed(self, number: int, error: Exception) -> None:
        shard = self._shards[number]
        shard.finished = None
        if shard.n_attempts < _MAX_ATTEMPTS:
            insort(self._waiting, number)
        else:
            shard.error = ClusterError(
                f"shard {number}, which begins with {shard.first_source}: its worker died {shard.n_attempts} times "
                f"({reason_of(error)}); give workers more memory, or make shards smaller ([shard] in newsmt.toml)"
            )
