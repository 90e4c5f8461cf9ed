"""The translators of a cluster: who is there, who is free, who has which models in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic
from typing import Any

import ray

from pipeline.errors import ClusterError, UsageError
from pipeline.executors.ray.calls import Calls, error_of, reason_of
from pipeline.executors.ray.setup import WorkerFacts, clock_warning, finding
from pipeline.stopping import StopSign

log = logging.getLogger(__name__)

SHARDS_PER_WORKER = 2
"""One that is decoded, and the next one, which is begun before."""
LOOK_UP_S = 0.2
"""How long to wait at most before a stop sign is looked at again."""
_PATIENCE_S = 30
_MAX_FAILED_STARTS = 5


@dataclass(slots=True, kw_only=True, eq=False)
class Worker:
    """A translator; `facts` is None while it is starting, also again; `begun` are the shards it has, oldest first."""

    actor: Any
    facts: WorkerFacts | None = None
    loaded: set[str] = field(default_factory=set)
    begun: list[int] = field(default_factory=list)
    is_finishing: bool = False
    n_failed_starts: int = 0


class Pool:
    """The workers of a run. Ray starts them, also again where they died, when there is room for them.

    Args:
        actors: their handles.
        calls: the calls of this run that are under way.
    """

    def __init__(self, actors: Sequence[Any], calls: Calls) -> None:
        self._calls = calls
        self._is_open = False
        # Those that can begin a shard, by how many they have.
        self._free: list[dict[Worker, None]] = [{} for _ in range(SHARDS_PER_WORKER)]
        self.workers = [Worker(actor=actor) for actor in actors]
        for worker in self.workers:
            self._await_facts(worker)

    def wait_for_one(self, stop_sign: StopSign) -> None:
        """Wait until a worker is ready, or the run is to stop.

        Raises:
            UsageError: one is not fit for the run.
            ClusterError: none can be started.
        """
        since = monotonic()
        while not any(worker.facts for worker in self.workers) and not stop_sign.is_up():
            self._calls.hear(wait_s=LOOK_UP_S)
            if monotonic() - since > _PATIENCE_S:
                log.warning("the cluster has no room for a worker yet; waiting for it (`ray status` shows what it has)")
                since = monotonic()
        # Those that are there already are looked at before any work is done.
        self._calls.hear(wait_s=0)
        self._is_open = True
        ready = [worker.facts for worker in self.workers if worker.facts]
        if ready:
            hosts = ", ".join(sorted({facts.host for facts in ready}))
            log.info("%d of %d workers are ready, on %s; others join later", len(ready), len(self.workers), hosts)

    def next_free(self) -> Worker | None:
        """Return a worker that can begin a shard, one without any work first."""
        return next(chain.from_iterable(self._free), None)

    def begun(self, worker: Worker, number: int, packages: frozenset[str]) -> None:
        """Note that a worker begins a shard, for which it loads what it lacks of some packages."""
        self._take(worker)
        worker.begun.append(number)
        worker.loaded |= packages
        self._give(worker)

    def finished(self, worker: Worker, number: int) -> None:
        """Note that a worker is done with a shard."""
        self._take(worker)
        worker.begun.remove(number)
        worker.is_finishing = False
        self._give(worker)

    def lost(self, worker: Worker, error: Exception) -> list[int]:
        """Hear that a worker died; return the shards that it had."""
        host = worker.facts.host if worker.facts else "an unknown machine"
        log.warning("worker on %s: died (%s); its shards are done again", host, reason_of(error))
        self._take(worker)
        begun, worker.begun = worker.begun, []
        worker.facts, worker.is_finishing = None, False
        worker.loaded.clear()
        self._await_facts(worker)
        return begun

    def _await_facts(self, worker: Worker) -> None:
        self._calls.when_done(worker.actor.facts.remote(), lambda ref: self._is_there(worker, ref))

    def _is_there(self, worker: Worker, ref: Any) -> None:
        if error := error_of(ref):
            worker.n_failed_starts += 1
            if worker.n_failed_starts < _MAX_FAILED_STARTS:
                self._await_facts(worker)
            else:
                self._drop(worker, f"a worker cannot be started: {reason_of(error)}")
            return
        facts: WorkerFacts = ray.get(ref)
        if found := finding(facts):
            if not self._is_open:
                raise UsageError(found)
            self._drop(worker, found)
            return
        if warning := clock_warning(facts):
            log.warning("%s", warning)
        worker.facts, worker.n_failed_starts = facts, 0
        self._give(worker)

    def _take(self, worker: Worker) -> None:
        for some in self._free:
            some.pop(worker, None)

    def _give(self, worker: Worker) -> None:
        if worker.facts and len(worker.begun) < SHARDS_PER_WORKER:
            self._free[len(worker.begun)][worker] = None

    def _drop(self, worker: Worker, why: str) -> None:
        self.workers.remove(worker)
        if not self.workers:
            raise ClusterError(f"no worker is left: {why}")
        log.warning("%s; it is left out", why)


def best_shard(worker: Worker, waiting: Sequence[int], needs: Callable[[int], frozenset[str]]) -> int:
    """Return which of the waiting shards a worker is to begin: the first of those that need the fewest further models.

    So few models are in memory. No shard waits for ever: shards are committed in order, and no more are under way than
    the run allows, so the turn of the first one comes.

    Args:
        worker: the worker.
        waiting: the shards, in order, at least one.
        needs: returns the names of the packages that a shard needs.
    """
    best, n_least = waiting[0], len(needs(waiting[0]) - worker.loaded)
    for number in waiting:
        if not n_least:
            break
        if (n_more := len(needs(number) - worker.loaded)) < n_least:
            best, n_least = number, n_more
    return best
