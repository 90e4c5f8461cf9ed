"""The Python API, which the command line calls as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import DecodingSettings, Device, RunConfig
from pipeline.config_executors import ExecutorName, RaySettings
from pipeline.places import place_of
from pipeline.progress import Progress, Silence
from pipeline.stopping import StopSign

if TYPE_CHECKING:
    from pipeline.manifest import Manifest
    from pipeline.preview import Preview


def now() -> datetime:
    """Return the time of day in UTC, to the second."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def run(  # noqa: PLR0913 - as many settings as people change, all by name
    inputs: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    to: str | Sequence[str],
    out: str | PathLike[str] = "out",
    state: str | PathLike[str] | None = None,
    models: str = "installed",
    beam: int = 4,
    jobs: int = 0,
    device: Device = "cpu",
    memory: bool = True,
    skip_near_duplicates: bool = False,
    glossary: str | PathLike[str] | None = None,
    raw: bool = False,
    skip_boilerplate: bool = False,
    time_budget_s: float | None = None,
    max_articles: int | None = None,
    wait_s: float | None = None,
    executor: ExecutorName = "local",
    ray: RaySettings | None = None,
) -> Manifest:
    """Translate articles into an aligned corpus in Parquet, and return the account of it.

    Args:
        inputs: a file, folder or glob, or several; `-` for standard input; an empty list for what waits in `out`.
        to: a target language, or several, as in `["en", "ru"]`.
        out: the output folder, or a place in a storage, as in `s3://bucket/corpus`.
        state: the folder of ledger, translation memory and lock; None for `.newsmt` in `out`, which is then on a disk.
        models: `installed`, `demo`, or a folder of model packages.
        beam: the beam size of decoding.
        jobs: batches decoded at once, each on one core; 0 for as many as there are cores.
        device: `cpu`, `cuda` or `auto`.
        memory: whether translations of earlier shards and runs are used again, and kept.
        skip_near_duplicates: leave articles out that are nearly those of others.
        glossary: a CSV file of terms, see docs/glossary.md.
        raw: take what the models say: no second tries, nothing protected, mended or replaced.
        skip_boilerplate: leave out of translation what is flagged `boilerplate`.
        time_budget_s: after so many seconds the batches at hand are finished, and the rest is left to the next run.
        max_articles: so many new or changed articles are processed at most.
        wait_s: how many seconds to wait for another run on the same folder.
        executor: `local`, or `ray` for workers on a Ray cluster (docs/scale.md).
        ray: which cluster, how many workers and of what size.

    Raises:
        PipelineError: nothing, or not all, could be done; `exit_code` and the message tell why.
    """
    config = RunConfig(
        inputs=(str(inputs),) if isinstance(inputs, str | PathLike) else tuple(map(str, inputs)),
        to=(to,) if isinstance(to, str) else tuple(to),
        out=place_of(str(out)),
        state=None if state is None else Path(state),
        models=models,
        memory=memory,
        skip_near_duplicates=skip_near_duplicates,
        glossary=None if glossary is None else Path(glossary),
        raw=raw,
        skip_boilerplate=skip_boilerplate,
        time_budget_s=time_budget_s,
        max_articles=max_articles,
        wait_s=wait_s,
        executor=executor,
        ray=ray or RaySettings(),
        decoding=DecodingSettings(beam=beam, jobs=jobs, device=device),
    )
    return run_config(config)


def run_config(
    config: RunConfig,
    *,
    clock: Callable[[], datetime] = now,
    progress: Progress | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Manifest:
    """Do a run as configured; `run` explains the settings.

    Args:
        config: the settings.
        clock: tells the time of day, time zone aware; run id and times come from it.
        progress: hears of what is done.
        is_stopped: asked between batches whether to finish early.

    Raises:
        PipelineError: nothing, or not all, could be done; `exit_code` and the message tell why.
    """
    from pipeline.store.dataset import open_dataset
    from pipeline.store.layout import has_state

    had_state = has_state(config.out, config.state)
    config = config.checked(needs_inputs=not had_state)
    stop_sign = StopSign(is_stopped, config.time_budget_s)
    with ExitStack() as opened:
        lock = partial(open_dataset, config.out, state=config.state, wait_s=config.wait_s or 0.0, is_stopped=is_stopped)
        # A corpus is locked first, so that a run that finds it locked leaves at once; a new folder is created last.
        dataset = opened.enter_context(lock()) if had_state else None

        from pipeline.editing.editor import open_editor
        from pipeline.ingest.inputs import find_inputs, listed_inputs
        from pipeline.ingest.read import ArticleReader, options_of
        from pipeline.models.registry import open_model_set

        found = find_inputs(listed_inputs(config.inputs, config.files_from))
        editor = open_editor(config)
        models = open_model_set(config.models, rules=config.routes).usable()

        from pipeline.duplicates import DuplicateFinder
        from pipeline.executors.opening import open_cluster, open_executor
        from pipeline.runner import Runner

        room = opened.enter_context(open_cluster(config))
        dataset = dataset or opened.enter_context(lock())
        reader = ArticleReader(found.files, options=options_of(config.input))
        listener = progress or Silence()
        finder = DuplicateFinder(dataset.fingerprints)
        executor = opened.enter_context(
            open_executor(config, models, dataset, editor, finder, room=room, progress=listener, stop_sign=stop_sign)
        )
        runner = Runner(config, models, dataset, executor, finder, clock=clock, progress=listener, stop_sign=stop_sign)
        return runner.run(reader, warnings=found.warnings, settings=editor.settings)


def dry_run(config: RunConfig) -> Preview:
    """Return what `run_config` would do; nothing is written.

    Raises:
        PipelineError: the run itself would refuse these settings or this folder.
    """
    from pipeline.preview import preview
    from pipeline.store.layout import has_state

    return preview(config.checked(needs_inputs=not has_state(config.out, config.state)))
