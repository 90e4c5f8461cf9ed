"""What a shard adds to the counts of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from pipeline.intake import Shard, Work
from pipeline.manifest import Counts
from pipeline.store.rows import ShardContents
from pipeline.types import Reject


def count_intake(shard: Shard) -> Counts:
    """Return the counts of what led to a shard."""
    return Counts(
        n_read=shard.n_read,
        n_known=shard.n_known,
        n_rejected=len(shard.rejects),
        n_waited=len({work.article.key for work in shard.work if work.has_waited}),
        rejects=_reasons(shard.rejects),
        waiting=dict(sorted(shard.waiting.items())),
    )


def count_contents(contents: ShardContents, work: Iterable[Work]) -> Counts:
    """Return the counts of what became of the articles of a shard, from `work` on."""
    units = [unit for translated, _ in contents.translated for unit in translated.units]
    pairs: Counter[str] = Counter()
    for translated, _ in contents.translated:
        pairs[str(translated.task.pair)] += len(translated.units)
    languages = {(entry.article.article_id, entry.article.revision): entry.language for entry in contents.articles}
    waited = {(item.article.article_id, item.article.revision) for item in work if item.has_waited}
    waiting = [(f"{languages[key, n]}-{target}", (key, n) in waited) for key, n, target in contents.waiting]
    stored = [entry for entry in contents.articles if entry.is_stored]
    return Counts(
        n_articles=len(stored),
        n_rejected=len(contents.rejects),
        n_near_duplicates=sum(entry.duplicate is not None for entry in contents.articles),
        n_units=len(units),
        n_units_from_memory=sum(unit.from_memory for unit in units),
        n_source_words=sum(len(unit.source_text.split()) for unit in units),
        n_source_chars=sum(len(entry.article.text) for entry in stored),
        units=dict(sorted(pairs.items())),
        rejects=_reasons(contents.rejects),
        flags=dict(Counter(sorted(chain.from_iterable(unit.flags for unit in units)))),
        retries=dict(Counter(sorted(unit.retry for unit in units if unit.retry))),
        edits=dict(Counter(sorted(chain.from_iterable(unit.edits for unit in units)))),
        waiting=dict(sorted(Counter(pair for pair, _ in waiting).items())),
        still_waiting=dict(Counter(sorted(pair for pair, has_waited in waiting if has_waited))),
        languages=dict(Counter(sorted(entry.language for entry in stored))),
        encodings=dict(Counter(sorted(entry.article.encoding for entry in stored))),
        notes=dict(Counter(sorted(chain.from_iterable(entry.article.notes for entry in stored)))),
    )


def _reasons(rejects: Iterable[Reject]) -> dict[str, int]:
    return dict(Counter(sorted(reject.reason.value for reject in rejects)))
