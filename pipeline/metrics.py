"""Figures of the last run, and of the corpus, for the textfile collector of Prometheus' node_exporter."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.disk import replace_synced
from pipeline.errors import Flag, PipelineError, Reason, UsageError
from pipeline.manifest import Counts, Manifest
from pipeline.places import Place
from pipeline.store.files import FileList, Size
from pipeline.store.growth import last_success
from pipeline.store.layout import locate
from pipeline.store.ledger import Ledger
from pipeline.store.state import open_state_to_read, state_errors
from pipeline.store.status import TABLES

if TYPE_CHECKING:
    import sqlite3

    from prometheus_client import CollectorRegistry

_STAGES = ("read", "detect", "segment", "compare", "translate", "check", "store")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended; `seconds` are those of its process, and `manifest` is None where it failed.

    `state` is the folder of the state, where that is not in the corpus.
    """

    out: Place
    exit_code: int
    ended_at: datetime
    seconds: float
    manifest: Manifest | None = None
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class _Gauge:
    """A metric: one value, or one for each value of `label`."""

    name: str
    words: str
    values: Mapping[str, float] | float
    label: str = ""


def check_metrics_file(file: Path) -> None:
    """Look whether metrics can be written to `file`; nothing is.

    Raises:
        UsageError: its folder is missing, or it is a folder or a device.
    """
    if not file.parent.is_dir():
        raise UsageError(f"{file}: there is no folder {file.parent}; make it, or choose another file for the metrics")
    if file.exists() and not file.is_file():
        raise UsageError(f"{file}: is no file; choose another one for the metrics")


def write_metrics(file: Path, ending: Ending) -> None:
    """Put the metrics into the place of those before, whole.

    Raises:
        OSError: that cannot be done; those before stay.
    """
    # A run that was locked out may end together with the one that locked it out. Only `*.prom` is collected.
    replace_synced(file.resolve(), render(ending), writer=f".{os.getpid()}")


def render(ending: Ending) -> bytes:
    """Return the metrics in the text format of Prometheus; where a run failed, only what is known of it."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    # Two corpora of the same name, in the folders of two cron jobs, must not be taken for one.
    name = ending.out.absolute() if isinstance(ending.out, Path) else str(ending.out)
    out = os.fsencode(name).decode(errors="backslashreplace")
    for gauge in (*_of_run(ending), *_of_corpus(ending)):
        _add(registry, gauge, out)
    return generate_latest(registry)


def _add(registry: CollectorRegistry, gauge: _Gauge, out: str) -> None:
    from prometheus_client import Gauge

    labels = ["out", gauge.label] if gauge.label else ["out"]
    metric = Gauge(f"newsmt_{gauge.name}", gauge.words, labels, registry=registry)
    if isinstance(gauge.values, Mapping):
        for key, value in gauge.values.items():
            metric.labels(out, key).set(value)
    else:
        metric.labels(out).set(gauge.values)


def _of_run(ending: Ending) -> Iterator[_Gauge]:
    yield _Gauge("last_run_timestamp_seconds", "When the last run ended, well or not.", ending.ended_at.timestamp())
    yield _Gauge("last_run_duration_seconds", "How long the process of the last run was at work.", ending.seconds)
    yield _Gauge("last_run_exit_code", "Exit code of the last run: 0 done, 3 something left over.", ending.exit_code)
    if ending.manifest:
        yield from _of_counts(ending.manifest.counts)


def _of_counts(counts: Counts) -> Iterator[_Gauge]:
    outcomes = {"processed": counts.n_articles, "rejected": counts.n_rejected, "known": counts.n_known}
    # What may appear is there from the start, as 0: Prometheus sees no increase in what has just appeared.
    rejects = {reason.value: counts.rejects.get(reason.value, 0) for reason in Reason}
    flags = {flag.value: counts.flags.get(flag.value, 0) for flag in Flag}
    seconds = {stage: counts.seconds.get(stage, 0) for stage in _STAGES}
    yield _Gauge("last_run_articles", "Articles that the last run read, by what became of them.", outcomes, "outcome")
    yield _Gauge("last_run_units", "Translation units that the last run added, by pair.", counts.units, "pair")
    yield _Gauge("last_run_words", "Source words of these units, parted by whitespace.", counts.n_source_words)
    yield _Gauge("last_run_units_from_memory", "Those of them that were not decoded.", counts.n_units_from_memory)
    yield _Gauge("last_run_stage_seconds", "Time that the last run took, by stage.", seconds, "stage")
    yield _Gauge("last_run_rejects", "What the last run rejected, by reason.", rejects, "reason")
    yield _Gauge("last_run_flags", "Flags on the units that the last run added.", flags, "flag")


def _of_corpus(ending: Ending) -> tuple[_Gauge, ...]:
    """Return what the state tells; nothing where it cannot be read, which is then what the run has failed of."""
    with suppress(PipelineError, OSError):
        state = locate(ending.out, ending.state).state_file
        with state_errors(state), closing(open_state_to_read(state)) as connection:
            return tuple(_of_state(connection))
    return ()


def _of_state(connection: sqlite3.Connection) -> Iterator[_Gauge]:
    if success := last_success(connection):
        words = "When the last run ended that dealt with its inputs, or stopped as it was told to."
        yield _Gauge("last_success_timestamp_seconds", words, success.finished_at.timestamp())
    sizes = dict.fromkeys(TABLES, Size()) | FileList(connection).sizes()
    rows = {table: size.n_rows for table, size in sizes.items()}
    n_bytes = {table: size.size_bytes for table, size in sizes.items()}
    files = {table: size.n_files for table, size in sizes.items()}
    yield _Gauge("corpus_rows", "Rows in the corpus.", rows, "table")
    yield _Gauge("corpus_bytes", "Bytes of the Parquet files of the corpus.", n_bytes, "table")
    yield _Gauge("corpus_files", "Parquet files of the corpus.", files, "table")
    waiting = Ledger(connection).count_waiting()
    yield _Gauge("articles_waiting", "Articles that wait for a model, by pair.", waiting, "pair")
