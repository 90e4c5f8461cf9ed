"""From the settings of a run to actors that work for it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from pipeline.agenda import Agenda
from pipeline.config import RunConfig
from pipeline.duplicates import DuplicateFinder
from pipeline.executors.ray.actors import Reader, Supplier, Translator
from pipeline.executors.ray.calls import Calls
from pipeline.executors.ray.connection import Room
from pipeline.executors.ray.executor import RayExecutor
from pipeline.executors.ray.inputs import InputReader
from pipeline.executors.ray.pool import Pool
from pipeline.executors.ray.setup import WorkerSetup, storage_environment
from pipeline.ingest.read import ArticleReader
from pipeline.models.registry import ModelSet
from pipeline.stopping import StopSign
from pipeline.store.dataset import Dataset
from pipeline.store.staging import staged_path
from pipeline.store.state import path_of

log = logging.getLogger(__name__)

_MAX_AHEAD = 16
"""So many objects, half of them blocks of texts, wait at most until they are asked for."""
_WORKERS_PER_READER = 32
"""Reading a shard takes a hundredth of the time that translating it takes, or less."""


@contextmanager
def ray_executor(
    config: RunConfig,
    models: ModelSet,
    dataset: Dataset,
    agenda: Agenda,
    finder: DuplicateFinder,
    *,
    room: Room,
    stop_sign: StopSign,
) -> Iterator[RayExecutor]:
    """Start the workers of a run on the cluster that this process is connected to, and stop them in the end.

    Raises:
        UsageError: one is not fit for the run.
        ClusterError: none can be started.
    """
    token = secrets.token_hex(4)
    probe = staged_path(f"{token}.probe", "")
    dataset.storage.write({probe: token.encode()})
    setup = WorkerSetup(
        config=_for_workers(config, room.n_cpus),
        models=models,
        probe=probe,
        supplier=f"newsmt-{token}",
        environment=storage_environment(),
    )
    # Its types do not know all that it takes.
    remote: Any = ray.remote
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    near: dict[str, Any] = {"num_cpus": 0, "scheduling_strategy": here, "max_restarts": -1, "max_task_retries": -1}
    # It lives as long as it is held here.
    supplier = remote(Supplier).options(name=setup.supplier, **near).remote(path_of(dataset.connection))
    n_readers = 1 + room.n_workers // _WORKERS_PER_READER
    readers = [remote(Reader).options(**near).remote(setup) for _ in range(n_readers)]
    translator = remote(concurrency_groups={"control": 1})(Translator).options(
        num_cpus=room.n_cpus,
        num_gpus=config.ray.worker_gpus,
        max_restarts=-1,
        scheduling_strategy="SPREAD",
    )

    def read_inputs(reader: ArticleReader) -> Any:
        actor = (
            remote(InputReader)
            .options(num_cpus=0, scheduling_strategy=here)
            .remote(reader, Path.cwd(), setup.environment)
        )
        ahead = {"num_returns": "streaming", "_generator_backpressure_num_objects": _MAX_AHEAD}
        return actor.blocks.options(**ahead).remote()

    actors = [translator.remote(setup) for _ in range(room.n_workers)]
    try:
        calls = Calls()
        pool = Pool(actors, calls)
        pool.wait_for_one(stop_sign)
        yield RayExecutor(readers, pool, calls, read_inputs, agenda, finder, token=token, stop_sign=stop_sign)
    finally:
        del supplier
        # The others end by themselves: they are at work on nothing that takes long.
        for actor in actors:
            ray.kill(actor)
        with suppress(OSError):  # what is left in staging, the next run deletes
            dataset.storage.delete([probe])


def _for_workers(config: RunConfig, n_cpus: int) -> RunConfig:
    """Return the settings with absolute paths, and as many batches at once as a worker has cores."""
    device = "cuda" if config.ray.worker_gpus else config.decoding.device
    jobs = config.decoding.jobs or (0 if device == "cuda" else n_cpus)
    out = config.out.absolute() if isinstance(config.out, Path) else config.out
    return replace(config, out=out, decoding=replace(config.decoding, device=device, jobs=jobs))
