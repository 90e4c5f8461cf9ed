"""`newsmt run`."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import typer

from pipeline.cli.options import (
    BEAM,
    DEVICE,
    EXECUTOR,
    GLOSSARY,
    JOBS,
    MODELS,
    PIVOT,
    RAW,
    RAY_ADDRESS,
    STATE,
    WORKER_CPUS,
    WORKER_GPUS,
    WORKERS,
)
from pipeline.cli.output import print_json, say

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from pipeline.config import Device, LogFormat
    from pipeline.config_executors import ExecutorName
    from pipeline.manifest import Manifest
    from pipeline.preview import Preview

log = logging.getLogger(__name__)

_Settings = TypeVar("_Settings", bound="DataclassInstance")


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("run")(run)


def run(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="Files, folders or globs, of any known format, also packed; - for stdin."),
    ] = None,
    files_from: Annotated[
        str | None,
        typer.Option(
            "--files-from", metavar="LIST", help="Read the names of further inputs from a file, one a line; -: stdin."
        ),
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="LANG", help="Target language, may be given several times.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", metavar="DIR", help="Output folder, or s3://… and the like (docs/storage.md).  [default: out]"
        ),
    ] = None,
    state: Annotated[Path | None, STATE] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Settings in TOML; options given here win over the file."),
    ] = None,
    models: Annotated[str | None, MODELS] = None,
    pivot: Annotated[str | None, PIVOT] = None,
    beam: Annotated[int | None, BEAM] = None,
    jobs: Annotated[int | None, JOBS] = None,
    device: Annotated[str | None, DEVICE] = None,
    memory: Annotated[
        bool | None,
        typer.Option(
            "--memory/--no-memory",
            show_default=False,
            help="Use and keep translations of earlier shards and runs.  [default: memory]",
        ),
    ] = None,
    skip_near_duplicates: Annotated[
        bool | None,
        typer.Option(
            "--skip-near-duplicates/--keep-near-duplicates",
            show_default=False,
            help="Leave articles out that are nearly those of others.  [default: keep and mark them]",
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="Of text that declares none.  [default: it is found out]"),
    ] = None,
    glossary: Annotated[Path | None, GLOSSARY] = None,
    raw: Annotated[bool | None, RAW] = None,
    skip_boilerplate: Annotated[
        bool | None,
        typer.Option(
            "--skip-boilerplate/--no-skip-boilerplate",
            show_default=False,
            help="Leave boilerplate (“Read more: …”) untranslated.  [default: no-skip-boilerplate]",
        ),
    ] = None,
    time_budget: Annotated[
        str | None,
        typer.Option(
            "--time-budget", metavar="TIME", help="Finish early after so long (90s, 50m, 1.5h); the rest is left."
        ),
    ] = None,
    max_articles: Annotated[
        int | None,
        typer.Option(
            "--max-articles", metavar="N", help="Process so many new or changed articles at most; the rest is left."
        ),
    ] = None,
    wait: Annotated[
        str | None,
        typer.Option(
            "--wait", metavar="TIME", help="Wait so long for another run on the same folder.  [default: not at all]"
        ),
    ] = None,
    log_file: Annotated[
        Path | None,
        typer.Option("--log-file", metavar="FILE", help="Add what happens to this file as well, a line an event."),
    ] = None,
    log_format: Annotated[
        str | None,
        typer.Option(
            "--log-format", metavar="FORMAT", help="text, or json: one object a line, also on stderr.  [default: text]"
        ),
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(
            "--metrics",
            metavar="FILE",
            help="Write figures for Prometheus' textfile collector, which reads files named *.prom only.",
        ),
    ] = None,
    executor: Annotated[str | None, EXECUTOR] = None,
    ray_address: Annotated[str | None, RAY_ADDRESS] = None,
    workers: Annotated[int | None, WORKERS] = None,
    worker_cpus: Annotated[int | None, WORKER_CPUS] = None,
    worker_gpus: Annotated[float | None, WORKER_GPUS] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and detect only; say what would be translated, write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as the last line of stdout.")] = False,
) -> None:
    """Translate articles into an aligned parallel corpus.

    Run it as often as you like: what is done is left out, what was interrupted is resumed.

    Example: newsmt run inbox --to ru --to hy --out corpus
    """
    from pipeline import api
    from pipeline.cli.signals import StopSignals
    from pipeline.cli.supervision import begin_log, run_supervised, show_log_as
    from pipeline.config import RunConfig, parse_duration
    from pipeline.config_file import read_config
    from pipeline.errors import UsageError
    from pipeline.places import place_of
    from pipeline.types import parse_language

    show_log_as(log_format)
    base = read_config(config) if config else RunConfig()
    settings = _given(
        base,
        inputs=tuple(inputs or ()),
        files_from=files_from,
        to=tuple(to or ()),
        out=place_of(out) if out else None,
        state=state,
        models=models,
        memory=memory,
        skip_near_duplicates=skip_near_duplicates,
        glossary=glossary,
        raw=raw,
        skip_boilerplate=skip_boilerplate,
        time_budget_s=parse_duration(time_budget) if time_budget else None,
        max_articles=max_articles,
        wait_s=parse_duration(wait) if wait else None,
        metrics=metrics,
        executor=cast("ExecutorName | None", executor),
        ray=_given(base.ray, address=ray_address, workers=workers, worker_cpus=worker_cpus, worker_gpus=worker_gpus),
        input=_given(base.input, encoding=encoding),
        log=_given(base.log, file=log_file, format=cast("LogFormat | None", log_format)),
        routes=replace(base.routes, pivot=parse_language(pivot)) if pivot else None,
        decoding=_given(base.decoding, beam=beam, jobs=jobs, device=cast("Device | None", device)),
    )
    if settings.executor != "ray" and (ray_address or workers or worker_cpus or worker_gpus):
        raise UsageError("--ray-address, --workers, --worker-cpus and --worker-gpus are for --executor ray; add that")
    if dry_run:
        show_log_as(settings.log.format)
        preview = api.dry_run(settings)
        for warning in preview.warnings:
            log.warning("%s", warning)
        if settings.log.format == "text":
            _show_preview(preview)
        if as_json:
            print_json(preview.to_json())
        return
    begin_log(settings)
    with StopSignals() as signals:
        manifest = run_supervised(settings, is_stopped=signals.is_stopped)
    if settings.log.format == "text":
        _show_summary(manifest)
    if as_json:
        print_json(manifest.to_json())
    raise typer.Exit(manifest.exit_code)


def _given(settings: _Settings, **options: Any) -> _Settings:
    """Return `settings` with the options that were given on the command line."""
    return replace(settings, **{name: value for name, value in options.items() if value not in (None, ())})


def _show_preview(preview: Preview) -> None:
    from pipeline.cli.summary import commands_for

    say(f"{preview.n_read:,} articles read: {preview.n_known:,} known, {preview.n_rejected:,} would be rejected")
    for pair, n_articles in preview.to_translate.items():
        say(f"  {pair}  {n_articles:,} to translate")
    for pair, n_articles in preview.waiting.items():
        say(f"  {pair}  {n_articles:,} without a model")
    for line in commands_for(preview.waiting):
        say(line)


def _show_summary(manifest: Manifest) -> None:
    from pipeline.cli.summary import summary_lines

    for line in summary_lines(manifest):
        say(line)
