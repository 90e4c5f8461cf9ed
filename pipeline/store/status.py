"""How an output folder stands: its last runs, what is left over, its growth and size."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from pipeline.lock import is_locked
from pipeline.places import Place
from pipeline.storage.base import Storage
from pipeline.storage.opening import open_storage
from pipeline.store.failures import opening_errors
from pipeline.store.files import FileList, Size
from pipeline.store.growth import Growth, Success, last_success, read_growth
from pipeline.store.layout import locate
from pipeline.store.ledger import Ledger, RunEntry
from pipeline.store.manifests import manifest_in
from pipeline.store.memory import StoredMemory
from pipeline.store.preparation import check_has_state
from pipeline.store.space import Space, measure_space
from pipeline.store.state import open_state_to_read, state_errors

N_RUNS = 10
TABLES = ("bitext", "articles", "rejects")

RunState = Literal["done", "stopped", "running", "cut-off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in numbers; those of a run that is not finished are of what it has committed.

    `stopped_by` is `signal`, `time-budget` or `max-articles`, None where all inputs were dealt with or the run is not
    finished.
    """

    run_id: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    n_articles: int
    n_rejected: int
    n_known: int
    n_units: int
    stopped_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The last `N_RUNS` runs, oldest first; rejects by reason, articles that wait for a model by pair; sizes by table.

    `cut_off` is the id of the run that the same command would resume, None where there is none. `last_success` is the
    last run that no error ended. `growth` is what was added in the last `24h`, `7d` and `30d` before `read_at`.
    """

    read_at: datetime
    runs: tuple[RunSummary, ...]
    cut_off: str | None
    is_running: bool
    last_success: Success | None
    growth: Mapping[str, Growth]
    rejects: Mapping[str, int]
    waiting: Mapping[str, int]
    sizes: Mapping[str, Size]
    space: Space
    n_memory: int

    def to_json(self) -> dict[str, Any]:
        """Return the status as JSON values; times in ISO 8601, UTC."""
        values: dict[str, Any] = _with_iso_times(asdict(self))
        return values


def read_status(out: Place, *, state: Path | None = None, now: datetime | None = None) -> Status:
    """Return the status of a corpus; a run may be writing it meanwhile.

    Args:
        out: the corpus.
        state: the folder of its state; None for that of a corpus on a disk.
        now: the time from which to look back, time zone aware; None for that of the clock.

    Raises:
        OutputError: there is no output of newsmt, or that of a newer one, or it cannot be reached.
        StateError: the state is damaged.
        UsageError: the corpus is in a storage, and no folder is named for its state.
    """
    location = locate(out, state)
    check_has_state(location)
    now = now or datetime.now(timezone.utc)
    file = location.state_file
    with closing(open_state_to_read(file)) as connection, state_errors(file), opening_errors(out):
        is_running = is_locked(location.lock_file)
        storage = open_storage(out)
        space = measure_space(location, storage)
        # One transaction, so that all numbers are of one moment.
        connection.execute("BEGIN")
        ledger = Ledger(connection)
        runs = ledger.runs()
        last = runs[-1] if runs else None
        open_run = last.run_id if last and last.finished_at is None else None
        return Status(
            read_at=now,
            runs=tuple(_summary(storage, ledger, run, is_running=is_running and run is last) for run in runs[-N_RUNS:]),
            cut_off=None if is_running else open_run,
            is_running=is_running,
            last_success=last_success(connection),
            growth=read_growth(connection, now),
            rejects=ledger.count_rejects(),
            waiting=ledger.count_waiting(),
            sizes=dict.fromkeys(TABLES, Size()) | FileList(connection).sizes(),
            space=space,
            n_memory=StoredMemory(connection).count(),
        )


def _summary(storage: Storage, ledger: Ledger, run: RunEntry, *, is_running: bool) -> RunSummary:
    manifest = _manifest(storage, run.run_id) if run.finished_at else {}
    # A lost manifest leaves what the ledger itself counted.
    counts = manifest.get("counts") or ledger.total_counts(run.run_id)
    stopped_by = manifest.get("stopped_by")
    return RunSummary(
        run_id=run.run_id,
        state=_state(run, stopped_by, is_running=is_running),
        started_at=run.started_at,
        finished_at=run.finished_at,
        n_articles=counts.get("n_articles", 0),
        n_rejected=counts.get("n_rejected", 0),
        n_known=counts.get("n_known", 0),
        n_units=counts.get("n_units", 0),
        stopped_by=stopped_by,
    )


def _manifest(storage: Storage, run_id: str) -> dict[str, Any]:
    with suppress(OSError):
        return manifest_in(storage.read(f"runs/{run_id}.json"), run_id)
    return {}


def _with_iso_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_iso_times(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_iso_times(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _state(run: RunEntry, stopped_by: str | None, *, is_running: bool) -> RunState:
    if run.finished_at:
        return "stopped" if stopped_by else "done"
    return "running" if is_running else "cut-off"
