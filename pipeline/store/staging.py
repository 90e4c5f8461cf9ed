"""A shard on its way into the corpus: its Parquet files in staging, and what the ledger is to learn of it.

Whoever did the work stages it, on any machine that sees the output folder; whoever holds the ledger commits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from pipeline.near_duplicates import Fingerprinted
from pipeline.storage.base import Storage
from pipeline.store.files import FileEntry
from pipeline.store.layout import STAGING
from pipeline.store.ledger import KnownRevision, known_entry, work_rows
from pipeline.store.rows import ShardContents, Table, tables_of
from pipeline.store.waiting import pack
from pipeline.types import Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedShard:
    """A shard whose files are in staging, without the texts that are in them.

    `articles` are entries of the ledger by article id; `work` holds `(article_id, revision, target, signature)`, no
    signature for what waits; `waiting` holds `(article_id, revision, content)` of articles that are kept whole;
    `originals` are what later articles may be near-duplicates of; `sightings` are the keys of paragraphs to count.
    `rejects` are in no file yet: which of them are known already, the ledger knows.
    """

    files: tuple[FileEntry, ...]
    articles: tuple[tuple[str, KnownRevision], ...]
    work: tuple[tuple[str, int, str, str | None], ...]
    waiting: tuple[tuple[str, int, bytes], ...]
    originals: tuple[Fingerprinted, ...]
    rejects: tuple[Reject, ...]
    sightings: tuple[int, ...] = ()

    def after(self, rejects: Sequence[Reject], sightings: Sequence[int]) -> StagedShard:
        """Return the shard with what was known of it before the work began: rejects of reading, paragraphs seen."""
        return replace(self, rejects=(*rejects, *self.rejects), sightings=(*sightings, *self.sightings))


def stage(contents: ShardContents, storage: Storage, *, run_id: str, shard: int, attempt: str = "") -> StagedShard:
    """Write the files of a shard to staging, and return what is to be committed.

    Args:
        contents: the shard.
        storage: the output folder.
        run_id: the run.
        shard: the number of the shard in it.
        attempt: tells this attempt from others that may be under way for the same shard.

    Raises:
        OSError: a file cannot be written.
    """
    tables = tables_of(contents, run_id=run_id, shard=shard)
    files = stage_tables(tables, storage, run_id=run_id, shard=shard, attempt=attempt)
    return replace(entries_of(contents), files=files)


def entries_of(contents: ShardContents) -> StagedShard:
    """Return what the ledger is to learn of a shard; its files are yet to come."""
    waiting = {(article_id, revision) for article_id, revision, _ in contents.waiting}
    articles = [entry.article for entry in contents.articles]
    return StagedShard(
        files=(),
        articles=tuple(map(known_entry, contents.articles)),
        work=tuple(work_rows(contents)),
        waiting=tuple((a.article_id, a.revision, pack(a)) for a in articles if (a.article_id, a.revision) in waiting),
        originals=contents.originals,
        rejects=contents.rejects,
        sightings=contents.sightings,
    )


def stage_tables(
    tables: Iterable[Table], storage: Storage, *, run_id: str, shard: int, attempt: str = ""
) -> tuple[FileEntry, ...]:
    """Write tables to staging, and return what the ledger is to know of the files.

    Raises:
        OSError: a file cannot be written.
    """
    data = {table.path: (table.n_rows, table.to_parquet()) for table in tables}
    storage.write({staged_path(path, attempt): content for path, (_, content) in data.items()})
    return tuple(
        FileEntry(
            path=path,
            run_id=run_id,
            shard=shard,
            n_rows=n_rows,
            size_bytes=len(content),
            sha256=sha256(content).hexdigest(),
            attempt=attempt,
        )
        for path, (n_rows, content) in data.items()
    )


def staged_path(path: str, attempt: str) -> str:
    """Return where a file stands in staging, relative to the output folder."""
    return f"{STAGING}/{path}" + (f".{attempt}" if attempt else "")
