"""What runs on the machines of a cluster: readers, translators, and who supplies them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray

from pipeline.decode.hypothesis import Hypothesis
from pipeline.editing.editor import open_editor
from pipeline.errors import ClusterError, PipelineError
from pipeline.executors.base import ShardName
from pipeline.executors.ray.calls import NotBegunError
from pipeline.executors.ray.inputs import Block, with_text
from pipeline.executors.ray.setup import WorkerFacts, WorkerSetup, own_facts, take_over
from pipeline.executors.ray.shipping import located, packed
from pipeline.intake import Work
from pipeline.near_duplicates import Duplicate, Fingerprinted
from pipeline.shard import ShardProcessor
from pipeline.storage.opening import open_storage
from pipeline.store.memory import StoredMemory, UnfinishedDecoding
from pipeline.store.rows import load_arrow
from pipeline.store.state import open_state_to_read
from pipeline.worker import BegunWork, FinishedShard, Reading, ShardWorker


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSummary:
    """What the coordinator must know of a shard that was read: its new articles, and which packages it needs."""

    new: tuple[Fingerprinted, ...]
    packages: frozenset[str]


class Supplier:
    """Gives workers what is on the machine of the run: the memory, what a stopped run had decoded, model packages."""

    def __init__(self, state: Path) -> None:
        connection = open_state_to_read(state)
        self._memory = StoredMemory(connection)
        self._unfinished = UnfinishedDecoding(connection)

    def package(self, folder: Path) -> bytes:
        """Return a packed model package, see `shipping.packed`."""
        return packed(folder)

    def unfinished(self) -> dict[bytes, Hypothesis]:
        """Return what a run decoded that was stopped before it could commit it, by key."""
        return self._unfinished.load()

    def look_up(self, keys: Sequence[bytes]) -> tuple[dict[bytes, Hypothesis], frozenset[bytes]]:
        """Return the committed entries among `keys`, and which of these should be noted as used."""
        return self._memory.look_up(keys), self._memory.take_used()


class DistantMemory:
    """The memory as workers see it: a supplier looks entries up, new ones go with the shard they are of."""

    def __init__(self, supplier: Any) -> None:
        self._supplier = supplier
        self._fresh: dict[bytes, Hypothesis] = {}
        self._used: set[bytes] = set()

    def look_up(self, keys: Sequence[bytes]) -> Mapping[bytes, Hypothesis]:
        """Return the entries that exist among `keys`."""
        found, used = ray.get(self._supplier.look_up.remote(list(keys)))
        self._used |= used
        return dict(found)

    def add(self, entries: Mapping[bytes, Hypothesis]) -> None:
        """Keep `entries` for `take`."""
        self._fresh.update(entries)

    def discard(self) -> None:
        """Forget what was added."""
        self._fresh.clear()

    def take(self) -> tuple[dict[bytes, Hypothesis], frozenset[bytes]]:
        """Return what was added, and the keys of the entries to be noted as used, since the last call."""
        fresh, used = dict(self._fresh), frozenset(self._used)
        self._fresh.clear()
        self._used.clear()
        return fresh, used


class Reader:
    """Cuts the articles of shards; it needs no model."""

    def __init__(self, setup: WorkerSetup) -> None:
        take_over(setup.environment)
        self._processor = ShardProcessor(setup.config, setup.models, None, open_editor(setup.config))
        self._worker = ShardWorker(self._processor, open_storage(setup.config.out), place=setup.config.out)

    @ray.method(num_returns=2)
    def read(self, work: Sequence[Work], numbers: Sequence[int], *blocks: Block) -> tuple[ReadSummary, Reading]:
        """Return what the coordinator must know of a shard, and what a translator needs.

        `blocks` are those that the origins of hollow articles name by these numbers.
        """
        named = dict(zip(numbers, blocks, strict=True))
        reading = self._worker.read([with_text(item, named) for item in work])
        packages = self._processor.packages(reading.read) if reading.read else frozenset()
        return ReadSummary(new=reading.new, packages=packages), reading


class Translator:
    """Translates shards and stages them: one may be begun while another one is decoded.

    What cannot work is told by `facts`, since an actor that fails to start is started again and again.
    """

    def __init__(self, setup: WorkerSetup) -> None:
        self._halted = threading.Event()
        self._begun: dict[ShardName, BegunWork] = {}
        # By its name: what a worker is started with again must not be held by somebody else.
        supplier = ray.get_actor(setup.supplier)
        self._memory = DistantMemory(supplier)
        self._trouble: str | None = None
        try:
            self._worker = self._open(setup, supplier)
        except (PipelineError, OSError) as error:
            self._trouble = str(error)

    def _open(self, setup: WorkerSetup, supplier: Any) -> ShardWorker:
        take_over(setup.environment)
        config = setup.config
        storage = open_storage(config.out)
        if not storage.exists(setup.probe):
            raise ClusterError(
                f"{config.out}: is another folder here than on the machine of the run; write to a folder that all "
                "machines share, or to an object store (s3://…)"
            )
        processor = ShardProcessor(
            replace(config, decoding=config.decoding.checked()),
            located(setup.models, lambda folder: ray.get(supplier.package.remote(folder))),
            self._memory,
            open_editor(config),
            unfinished=ray.get(supplier.unfinished.remote()),
            is_stopped=self._halted.is_set,
        )
        load_arrow()
        return ShardWorker(processor, storage, place=config.out)

    @ray.method(concurrency_group="control", max_task_retries=-1)
    def facts(self) -> WorkerFacts:
        """Return what the coordinator must know of this worker."""
        return own_facts(self._trouble)

    @ray.method(concurrency_group="control")
    def halt(self) -> None:
        """Let the decoding stop at the next batch."""
        self._halted.set()

    def begin(self, name: ShardName, reading: Reading, duplicates: Mapping[str, Duplicate]) -> None:
        """Begin a shard."""
        self._begun[name] = self._worker.begin(reading, duplicates)

    @ray.method(num_returns=2)
    def finish(self, name: ShardName, attempt: str) -> tuple[None, FinishedShard]:
        """Wait for a shard that was begun, and stage it; the first result tells that the second one is there.

        Raises:
            NotBegunError: this worker was started again since.
            PipelineError: as `ShardWorker.finish` does.
            DecodingStopped: the run is to stop.
        """
        if name not in self._begun:
            raise NotBegunError(name)
        finished = self._worker.finish(self._begun[name], run_id=name.run_id, shard=name.number, attempt=attempt)
        del self._begun[name]
        decoded, used = self._memory.take()
        return None, replace(finished, decoded=decoded, used=used)

    def decoded(self) -> dict[bytes, Hypothesis]:
        """Return by key what was decoded of shards that are not finished."""
        return self._worker.stop()
