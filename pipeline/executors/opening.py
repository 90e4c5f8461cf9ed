"""Which executor a run gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def open_executor(
    config: RunConfig,
    models: ModelSet,
    dataset: Dataset,
    editor: Editor,
    finder: DuplicateFinder,
    *,
    progress: Progress,
    stop_sign: StopSign,
) -> Iterator[Executor]:
    """Open the executor that the settings name, and close it.

    Raises:
        PipelineError: it cannot be had, or is not fit for this run.
    """
    processor = ShardProcessor(
        config,
        models,
        dataset.memory,
        editor,
        progress,
        unfinished=dataset.unfinished.load(),
        is_stopped=stop_sign.is_up,
    )
    if config.executor == "ray":
        from pipeline.executors.ray.connection import connected

        with connected(config.ray):
            from pipeline.executors.ray.opening import ray_executor

            with ray_executor(config, models, dataset, processor, finder, stop_sign=stop_sign) as executor:
                yield executor
        return
    worker = ShardWorker(processor, dataset.storage, place=config.out, check_folder=dataset.check_identity)
    yield LocalExecutor(processor, worker, finder)
