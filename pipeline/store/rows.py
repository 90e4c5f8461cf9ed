"""From the rows of a shard to the tables of its Parquet files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import chain
from operator import attrgetter
from typing import Any

from pipeline.errors import Reason
from pipeline.near_duplicates import Duplicate, Fingerprint, Fingerprinted
from pipeline.store.schema import COLUMNS, MEASURE_COLUMNS, arrow_schema
from pipeline.types import IdentifiedArticle, Reject, TranslatedArticle, TranslationUnit

_NOTHING_MEASURED = (None,) * len(MEASURE_COLUMNS)


def partition_date(published_at: datetime | None, ingested_at: datetime) -> str:
    """Return the UTC date that an article's rows are filed under, as in `2020-11-13`."""
    return (published_at or ingested_at).astimezone(timezone.utc).date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleEntry:
    """An article for the ledger, and for `articles` where `has_row`; `signature` is of how it was read and cut.

    `is_stored` tells whether `articles` holds its row once this shard is committed. A new one has its `fingerprint`;
    `duplicate` tells of which article it is a near-duplicate.
    """

    article: IdentifiedArticle
    language: str
    score: float
    ingested_at: datetime
    signature: str
    is_stored: bool
    has_row: bool
    fingerprint: Fingerprint | None = None
    duplicate: Duplicate | None = None

    @property
    def partition_date(self) -> str:
        """The UTC date of publication, of ingestion where that is unknown, as in `2020-11-13`."""
        return partition_date(self.article.published_at, self.ingested_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardContents:
    """All that one shard adds to the corpus and to the ledger.

    `translated` pairs units with the signature they were made under; `waiting` holds `(article_id, revision, target)`;
    `sightings` are the keys of paragraphs that are counted, once for each article that is new.
    """

    articles: tuple[ArticleEntry, ...]
    translated: tuple[tuple[TranslatedArticle, str], ...]
    waiting: tuple[tuple[str, int, str], ...]
    rejects: tuple[Reject, ...]
    sightings: tuple[int, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether all that became of the articles is that a bug rejected them."""
        return bool(self.rejects) and all(reject.reason is Reason.FAILED for reject in self.rejects)

    @property
    def originals(self) -> tuple[Fingerprinted, ...]:
        """The articles that later ones may be near-duplicates of."""
        return tuple(
            Fingerprinted(entry.article.article_id, entry.article.revision, entry.fingerprint)
            for entry in self.articles
            if entry.fingerprint and not entry.duplicate
        )

    @classmethod
    def merged(cls, parts: Sequence[ShardContents]) -> ShardContents:
        """Return all parts as one, in order."""
        return cls(
            articles=tuple(chain.from_iterable(part.articles for part in parts)),
            translated=tuple(chain.from_iterable(part.translated for part in parts)),
            waiting=tuple(chain.from_iterable(part.waiting for part in parts)),
            rejects=tuple(chain.from_iterable(part.rejects for part in parts)),
            sightings=tuple(chain.from_iterable(part.sightings for part in parts)),
        )


def load_arrow() -> None:
    """Import what writes Parquet, a quarter of a second the first time, at a moment when nobody waits for it."""
    import pyarrow as pa
    import pyarrow.parquet

    # The first conversion of Python values looks for pandas as well.
    pa.array([""], pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The contents of one Parquet file; `path` is relative to the output folder, with `/`.

    `signatures` tells by run id under which settings the rows were made.
    """

    path: str
    name: str
    columns: Mapping[str, Sequence[Any]]
    signatures: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.columns.values())))

    def to_parquet(self) -> bytes:
        """Return the file's bytes; equal rows give equal bytes."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        table = pa.table(dict(self.columns), schema=arrow_schema(self.name, self.signatures))
        pq.write_table(table, sink, compression="zstd")
        return bytes(sink.getvalue())


def tables_of(contents: ShardContents, *, run_id: str, shard: int) -> Iterator[Table]:
    """Yield the files of a shard but for its rejects, in a fixed order; there are no empty files."""
    file_name = _file_name(run_id, shard)
    dates = {entry.article.key: entry.partition_date for entry in contents.articles}
    units: dict[str, list[TranslationUnit]] = defaultdict(list)
    signatures: dict[str, str] = {}
    for translated, signature in contents.translated:
        folder = f"bitext/pair={translated.task.pair}/date={dates[translated.task.source.key]}"
        units[folder].extend(translated.units)
        # One for each pair of a run: the settings do not change on the way.
        signatures[folder] = signature
    entries: dict[str, list[ArticleEntry]] = defaultdict(list)
    for entry in contents.articles:
        if entry.has_row:
            entries[f"articles/date={entry.partition_date}"].append(entry)
    for folder, rows in sorted(units.items()):
        if rows:
            own = {run_id: signatures[folder]}
            yield Table(
                path=f"{folder}/{file_name}", name="bitext", columns=_unit_columns(rows, run_id), signatures=own
            )
    for folder, articles in sorted(entries.items()):
        own = {run_id: articles[0].signature}
        yield Table(
            path=f"{folder}/{file_name}", name="articles", columns=_article_columns(articles, run_id), signatures=own
        )


def rejects_tables(rejects: Sequence[Reject], *, run_id: str, shard: int) -> Iterator[Table]:
    """Yield the file of the rejects of a shard, if it has any."""
    if rejects:
        columns = _reject_columns(rejects, run_id)
        yield Table(path=f"rejects/{_file_name(run_id, shard)}", name="rejects", columns=columns)


def _file_name(run_id: str, shard: int) -> str:
    return f"{run_id}-{shard:05d}.parquet"


def _columns_by_name(table: str, rows: Sequence[Any], *, run_id: str) -> dict[str, list[Any]]:
    names = [name for name in COLUMNS[table] if name != "run_id" and name not in MEASURE_COLUMNS]
    columns = {name: list(map(attrgetter(name), rows)) for name in names}
    return columns | {"run_id": [run_id] * len(rows)}


def _unit_columns(units: Sequence[TranslationUnit], run_id: str) -> dict[str, list[Any]]:
    measures = zip(*(unit.measures or _NOTHING_MEASURED for unit in units), strict=True)
    columns = dict(zip(MEASURE_COLUMNS, map(list, measures), strict=True))
    return _columns_by_name("bitext", units, run_id=run_id) | columns


def _reject_columns(rejects: Sequence[Reject], run_id: str) -> dict[str, list[Any]]:
    columns = _columns_by_name("rejects", rejects, run_id=run_id)
    return columns | {"reason": [reject.reason.value for reject in rejects]}


def _article_columns(entries: Sequence[ArticleEntry], run_id: str) -> dict[str, list[Any]]:
    own: dict[str, list[Any]] = {
        "ingested_at": [entry.ingested_at for entry in entries],
        "source_lang": [entry.language for entry in entries],
        "lang_score": [entry.score for entry in entries],
        "run_id": [run_id] * len(entries),
        "duplicate_of": [entry.duplicate and entry.duplicate.article_id for entry in entries],
        "similarity": [entry.duplicate and entry.duplicate.similarity for entry in entries],
    }
    articles = [entry.article for entry in entries]
    return {name: own[name] if name in own else list(map(attrgetter(name), articles)) for name in COLUMNS["articles"]}
