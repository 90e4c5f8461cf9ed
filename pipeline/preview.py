"""What a run would do, without doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from itertools import chain
from typing import Any

from pipeline.agenda import Agenda
from pipeline.arrivals import Arrival, arrival_of, arrived
from pipeline.config import RunConfig
from pipeline.editing.editor import open_editor
from pipeline.ingest.inputs import find_inputs, listed_inputs
from pipeline.ingest.read import ArticleReader, options_of
from pipeline.intake import Intake, Work
from pipeline.models.registry import open_model_set
from pipeline.shard import ShardProcessor
from pipeline.stages.detect import Detect
from pipeline.storage.opening import open_storage
from pipeline.store.failures import opening_errors
from pipeline.store.layout import locate
from pipeline.store.ledger import Ledger
from pipeline.store.owner import Ownership
from pipeline.store.preparation import check_folder
from pipeline.store.state import open_empty_state, open_state_to_read, state_errors
from pipeline.store.waiting import WaitingArticles
from pipeline.types import Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Articles by what would become of them; `to_translate` and `waiting` count articles by pair."""

    n_read: int
    n_known: int
    n_rejected: int
    to_translate: dict[str, int]
    waiting: dict[str, int]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the preview as JSON values."""
        return {"dry_run": True, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forecast:
    """What would be done with a shard: articles by pair, and how many would be rejected."""

    to_translate: Counter[str]
    waiting: Counter[str]
    n_rejected: int


def preview(config: RunConfig) -> Preview:
    """Read and examine the inputs, ask the ledger and detect languages, but translate and write nothing.

    Raises:
        PipelineError: the inputs, the models or the output folder cannot be used.
    """
    found = find_inputs(listed_inputs(config.inputs, config.files_from))
    editor = open_editor(config)
    models = open_model_set(config.models, rules=config.routes).usable()
    location = locate(config.out, config.state)
    check_folder(location)
    connection = open_state_to_read(location.state_file) if location.has_state else open_empty_state()
    with closing(connection), state_errors(location.state_file):
        with opening_errors(config.out):
            Ownership(location, open_storage(config.out), connection).check()
        agenda = ShardProcessor(config, models, None, editor).agenda
        intake = Intake(Ledger(connection), review=agenda.review, now=datetime.now(timezone.utc), limits=config.shard)
        waiting = WaitingArticles(connection).articles(agenda.is_served)
        reader = ArticleReader(found.files, options=options_of(config.input))
        return _forecast(
            intake,
            agenda,
            chain((arrival_of(article, has_waited=True) for article in waiting), arrived(reader)),
            found.warnings,
        )


def _forecast(intake: Intake, agenda: Agenda, inputs: Iterable[Arrival | Reject], warnings: tuple[str, ...]) -> Preview:
    n_read = n_known = n_rejected = 0
    seen: set[tuple[str, str]] = set()
    to_translate: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for shard in intake.shards(inputs):
        n_read += shard.n_read
        n_known += shard.n_known
        waiting.update(shard.waiting)
        # Nothing is committed, so the ledger does not learn what came before.
        new = {(work.article.article_id, work.article.content_sha256): work for work in shard.work}
        fresh = [work for identity, work in new.items() if identity not in seen]
        n_known += len(shard.work) - len(fresh)
        seen.update(new)
        intake.committed()
        forecast = _forecast_of(fresh, agenda)
        n_rejected += len(shard.rejects) + forecast.n_rejected
        to_translate.update(forecast.to_translate)
        waiting.update(forecast.waiting)
    return Preview(
        n_read=n_read,
        n_known=n_known,
        n_rejected=n_rejected,
        to_translate=dict(sorted(to_translate.items())),
        waiting=dict(sorted(waiting.items())),
        warnings=warnings,
    )


def _forecast_of(work: Sequence[Work], agenda: Agenda) -> _Forecast:
    """Return what would become of articles, from their languages alone."""
    known = {item.article.key: item.known for item in work}
    detected = Detect().process([item.article for item in work])
    to_translate: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    n_unroutable = 0
    for found in detected.accepted:
        pairs = list(agenda.pairs(found.language))
        waiting.update(map(str, agenda.missing(pairs, known[found.key])))
        to_translate.update(str(pair) for pair in pairs if agenda.is_due(pair, known[found.key]))
        n_unroutable += agenda.is_unreachable(pairs, known[found.key])
    return _Forecast(to_translate=to_translate, waiting=waiting, n_rejected=len(detected.rejected) + n_unroutable)
