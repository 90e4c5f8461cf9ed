"""Which executor a run gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.config import RunConfig
from pipeline.duplicates import DuplicateFinder
from pipeline.editing.editor import Editor
from pipeline.executors.base import Executor
from pipeline.executors.local import LocalExecutor
from pipeline.models.registry import ModelSet
from pipeline.progress import Progress
from pipeline.shard import ShardProcessor
from pipeline.stopping import StopSign
from pipeline.store.dataset import Dataset
from pipeline.worker import ShardWorker

if TYPE_CHECKING:
    from pipeline.executors.ray.connection import Room


@contextmanager
def open_cluster(config: RunConfig) -> Iterator[Room | None]:
    """Connect to the cluster that the settings name, and tell what room there is; None where there is to be none.

    Raises:
        UsageError: it cannot be had, or has no room.
    """
    if config.executor == "local":
        yield None
        return
    from pipeline.executors.ray.connection import connected

    with connected(config.ray) as room:
        yield room


@contextmanager
def open_executor(
    config: RunConfig,
    models: ModelSet,
    dataset: Dataset,
    editor: Editor,
    finder: DuplicateFinder,
    *,
    room: Room | None,
    progress: Progress,
    stop_sign: StopSign,
) -> Iterator[Executor]:
    """Open the executor that the settings name, and close it; `room` is what `open_cluster` found.

    Raises:
        PipelineError: it is not fit for this run.
    """
    if room:
        from pipeline.executors.ray.opening import ray_executor

        agenda = ShardProcessor(config, models, None, editor).agenda
        with ray_executor(config, models, dataset, agenda, finder, room=room, stop_sign=stop_sign) as executor:
            yield executor
        return
    processor = ShardProcessor(
        config,
        models,
        dataset.memory,
        editor,
        progress,
        unfinished=dataset.unfinished.load(),
        is_stopped=stop_sign.is_up,
    )
    worker = ShardWorker(processor, dataset.storage, place=config.out, check_folder=dataset.check_identity)
    yield LocalExecutor(processor, worker, finder)
