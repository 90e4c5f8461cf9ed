"""What manifests tell of the runs that made a corpus."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """A run in numbers.

    `seconds` are those of the whole run; of one that was resumed, between whose parts any time may lie, those of its
    stages. `units_per_second` is None where nothing was translated or no time was noted.
    """

    run_id: str
    started_at: datetime | None
    seconds: float | None
    n_articles: int
    n_rejected: int
    n_units: int
    stopped_by: str | None
    units_per_second: float | None


def read_runs(folder: Path) -> tuple[list[RunFigures], list[str]]:
    """Return the runs of an output folder, oldest first, and the manifests that cannot be read, with the reason."""
    runs: list[RunFigures] = []
    damaged: list[str] = []
    for path in sorted((folder / "runs").glob("*.json")):
        found = _read(path)
        if isinstance(found, RunFigures):
            runs.append(found)
        else:
            damaged.append(f"{path}: no manifest of a run ({found}); `newsmt check --repair` makes it anew")
            log.warning("%s", damaged[-1])
    return runs, damaged


def _read(path: Path) -> RunFigures | str:
    """Return the figures of a manifest, or what is wrong with it."""
    try:
        return _run(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


def _run(manifest: Mapping[str, Any]) -> RunFigures:
    counts = manifest["counts"]
    started_at, finished_at = (_time(manifest.get(name)) for name in ("started_at", "finished_at"))
    seconds = (finished_at - started_at).total_seconds() if started_at and finished_at else None
    if manifest.get("is_resumed"):
        seconds = sum(map(float, counts.get("seconds", {}).values()))
    n_units = int(counts.get("n_units", 0))
    stopped_by = manifest.get("stopped_by")
    return RunFigures(
        run_id=str(manifest["run_id"]),
        started_at=started_at,
        seconds=seconds,
        n_articles=int(counts.get("n_articles", 0)),
        n_rejected=int(counts.get("n_rejected", 0)),
        n_units=n_units,
        stopped_by=None if stopped_by is None else str(stopped_by),
        units_per_second=n_units / seconds if n_units and seconds and seconds > 0 else None,
    )


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    # Python 3.10 knows no Z.
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
