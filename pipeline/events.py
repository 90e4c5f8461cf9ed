"""What a run tells in its log: the events, their words and their figures."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence

from pipeline.config import RunConfig
from pipeline.errors import Reason
from pipeline.logs import event
from pipeline.manifest import Counts, Manifest
from pipeline.models.registry import ModelSet
from pipeline.places import Place, shown
from pipeline.types import Reject
from pipeline.version import __version__

log = logging.getLogger(__name__)

MAX_TOLD_REJECTS = 20
"""So many are named one by one as warnings; a mail from cron should stay readable."""


def run_begins(run_id: str, config: RunConfig, models: ModelSet, *, is_resumed: bool) -> None:
    """Tell that a run begins, or goes on after it was cut off."""
    labels = [models.packages[pair].label for pair in models.pairs]
    inputs = list(map(shown, config.inputs))
    host, pid = os.uname().nodename, os.getpid()
    extra = event(
        "run_begins",
        run_id=run_id,
        newsmt_version=__version__,
        pid=pid,
        host=host,
        inputs=inputs,
        to=list(config.to),
        out=str(config.out),
        models=labels,
        is_resumed=is_resumed,
    )
    verb = "goes on" if is_resumed else "begins"
    what = f"from {', '.join(inputs) or 'what waits'} to {', '.join(config.to)}, into {config.out}"
    log.info("run %s: newsmt %s, process %d on %s, %s", verb, __version__, pid, host, what, extra=extra)


def shard_committed(shard: int, counts: Counts) -> None:
    """Tell that a shard is part of the corpus; `counts` are its own."""
    seconds = sum(counts.seconds.values())
    extra = event(
        "shard_committed",
        shard=shard,
        n_articles=counts.n_articles,
        n_units=counts.n_units,
        n_rejected=counts.n_rejected,
        seconds=round(seconds, 3),
    )
    words = "shard %d committed: %d articles, %d units, %d rejected, %.1f s"
    log.info(words, shard, counts.n_articles, counts.n_units, counts.n_rejected, seconds, extra=extra)


def rejected(rejects: Sequence[Reject], *, n_told: int, out: Place) -> None:
    """Tell of rejects, where `n_told` were told of before: the first ones of a run as warnings, the others quietly."""
    n_left = max(0, MAX_TOLD_REJECTS - n_told)
    for reject in rejects[:n_left]:
        _tell(reject, logging.INFO if reject.reason is Reason.NEAR_DUPLICATE else logging.WARNING)
    if n_told <= MAX_TOLD_REJECTS < n_told + len(rejects):
        log.warning("more rejects follow; all are in %s", out / "rejects")
    for reject in rejects[n_left:]:
        _tell(reject, logging.INFO)


def _tell(reject: Reject, level: int) -> None:
    reason = reject.reason.value
    extra = event("reject", source_uri=reject.source_uri, reason=reason, detail=reject.detail)
    log.log(level, "%s: rejected, %s: %s", reject.source_uri, reason, reject.detail, extra=extra)


def run_ends(manifest: Manifest) -> None:
    """Tell that a run is finished, its manifest written."""
    counts, code = manifest.counts, int(manifest.exit_code)
    extra = event(
        "run_ends",
        exit_code=code,
        stopped_by=manifest.stopped_by,
        seconds=(manifest.finished_at - manifest.started_at).total_seconds(),
        n_read=counts.n_read,
        n_articles=counts.n_articles,
        n_rejected=counts.n_rejected,
        n_known=counts.n_known,
        n_units=counts.n_units,
        n_units_from_memory=counts.n_units_from_memory,
        n_source_words=counts.n_source_words,
        units=dict(counts.units),
        rejects=dict(counts.rejects),
        flags=dict(counts.flags),
        waiting=dict(counts.waiting),
        stage_seconds={stage: round(seconds, 3) for stage, seconds in counts.seconds.items()},
    )
    why = f", stopped by {manifest.stopped_by}" if manifest.stopped_by else ""
    numbers = (counts.n_read, counts.n_articles, counts.n_rejected, counts.n_known, counts.n_units)
    words = "run ends with exit code %d%s: %d read, %d processed, %d rejected, %d known; %d units"
    log.info(words, code, why, *numbers, extra=extra)
