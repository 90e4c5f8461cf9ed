"""The ledger: which runs there were, and what is already done, rejected or waiting."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from pipeline.store.rows import ArticleEntry, ShardContents
from pipeline.store.state import parts_of
from pipeline.types import Reject

_RUN_ID = "%Y%m%dT%H%M%SZ"
_RECORD_ARTICLE = """
    INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (article_id, revision) DO UPDATE SET
    content_sha256 = excluded.content_sha256, source_lang = excluded.source_lang, signature = excluded.signature,
    ingested_at = excluded.ingested_at, is_stored = MAX(is_stored, excluded.is_stored)
"""
_RECORD_WORK = """
    INSERT INTO work VALUES (?, ?, ?, ?, ?) ON CONFLICT (article_id, revision, target_lang) DO UPDATE SET
    signature = excluded.signature, run_id = excluded.run_id WHERE excluded.signature IS NOT NULL
"""
LATEST_WAITING = """
    FROM work JOIN articles USING (article_id, revision)
    WHERE work.signature IS NULL AND source_lang <> target_lang
    AND revision = (SELECT MAX(revision) FROM articles AS a WHERE a.article_id = work.article_id)
"""
"""The work that latest revisions wait for, as the rest of a SELECT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRevision:
    """A revision of an article that an earlier shard dealt with.

    `work` maps target languages to the signature under which the units were made, None where the article waits for a
    model; `is_stored` tells whether `articles` holds its row.
    """

    revision: int
    content_sha256: str
    source_lang: str
    signature: str
    ingested_at: datetime
    is_stored: bool
    work: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run as the ledger knows it; an open run that nobody holds was cut off."""

    run_id: str
    signature: str
    started_at: datetime
    finished_at: datetime | None


def reject_key(reject: Reject) -> str:
    """Return the identity of a reject: the same payload from the same place for the same reason."""
    return key_of_reject(reject.source_uri, reject.reason.value, reject.payload_sha256)


def key_of_reject(source_uri: str, reason: str, payload_sha256: str) -> str:
    """Return the identity of a reject from the columns of its row."""
    return sha256(f"{source_uri}\n{reason}\n{payload_sha256}".encode()).hexdigest()[:32]


class Ledger:
    """Questions to, and entries in, the state of an output folder; the caller holds the transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known_revisions(self, article_ids: Sequence[str]) -> dict[str, list[KnownRevision]]:
        """Return all revisions of the articles that are known among `article_ids`, oldest first."""
        work: dict[tuple[str, int], dict[str, str | None]] = {}
        columns = "article_id, revision, target_lang, signature"
        for article_id, revision, target, signature in self._select("work", columns, article_ids):
            work.setdefault((article_id, revision), {})[target] = signature
        known: dict[str, list[KnownRevision]] = {}
        columns = "article_id, revision, content_sha256, source_lang, signature, ingested_at, is_stored"
        for article_id, revision, content, language, signature, ingested, is_stored in self._select(
            "articles", columns, article_ids
        ):
            known.setdefault(article_id, []).append(
                KnownRevision(
                    revision=revision,
                    content_sha256=content,
                    source_lang=language,
                    signature=signature,
                    ingested_at=datetime.fromisoformat(ingested),
                    is_stored=bool(is_stored),
                    work=work.get((article_id, revision), {}),
                )
            )
        return known

    def known_rejects(self, keys: Sequence[str]) -> set[str]:
        """Return those of `keys` (see `reject_key`) that were rejected before."""
        return {row[0] for row in self._select("rejects", "reject_key", keys)}

    def _select(self, table: str, columns: str, keys: Sequence[str]) -> Iterator[Any]:
        key_column = "reject_key" if table == "rejects" else "article_id"
        for marks, some in parts_of(keys):
            # The names are constants of this module; the values are bound.
            query = f"SELECT {columns} FROM {table} WHERE {key_column} IN ({marks}) ORDER BY {columns}"  # noqa: S608
            yield from self._connection.execute(query, some)

    def record_articles(self, entries: Iterable[tuple[str, KnownRevision]]) -> None:
        """Enter revisions by article id, without their work; what was entered before is replaced.

        But `is_stored` stays: a row in `articles` does not go away when the article is turned away later.
        """
        rows = (
            (
                article_id,
                known.revision,
                known.content_sha256,
                known.source_lang,
                known.signature,
                known.ingested_at.isoformat(),
                int(known.is_stored),
            )
            for article_id, known in entries
        )
        self._connection.executemany(_RECORD_ARTICLE, rows)

    def record_work(self, rows: Iterable[tuple[str, int, str, str | None]], *, run_id: str) -> None:
        """Enter `(article_id, revision, target, signature)`; a signature of None means: waits for a model.

        What was translated once does not wait again when its model is taken away: the units are still there.
        """
        self._connection.executemany(_RECORD_WORK, [(*row, run_id) for row in rows])

    def record_rejects(self, rejects: Iterable[Reject], *, run_id: str) -> None:
        """Enter rejects, so that later runs know them."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO rejects VALUES (?, ?, ?, ?)",
            [(reject_key(reject), reject.reason.value, reject.source_uri, run_id) for reject in rejects],
        )

    def count_rejects(self) -> dict[str, int]:
        """Return the number of rejects by reason."""
        return dict(self._connection.execute("SELECT reason, COUNT(*) FROM rejects GROUP BY reason ORDER BY 1"))

    def count_waiting(self) -> dict[str, int]:
        """Return the number of articles whose latest revision waits for a model by pair, as in `{"en-hy": 3}`."""
        select = "SELECT source_lang || '-' || target_lang, COUNT(*)"
        return dict(
            self._connection.execute(f"{select} {LATEST_WAITING} AND source_lang <> 'und' GROUP BY 1 ORDER BY 1")
        )

    def stored_articles(self) -> Iterator[tuple[str, int, str]]:
        """Yield article id, revision and content SHA-256 of each article that `articles` must hold."""
        yield from self._connection.execute(
            "SELECT article_id, revision, content_sha256 FROM articles WHERE is_stored ORDER BY article_id, revision"
        )

    def done_work(self) -> Iterator[tuple[str, int, str, str]]:
        """Yield article id, revision, target language and run id of each translation that `bitext` must hold."""
        yield from self._connection.execute(
            "SELECT article_id, revision, target_lang, run_id FROM work WHERE signature IS NOT NULL ORDER BY 1, 2, 3"
        )

    def lost_articles(self) -> Iterator[tuple[str, int]]:
        """Yield article id and revision of those whose row was lost while translations of them are still there.

        The next run that reads them writes the row again.
        """
        yield from self._connection.execute(
            "SELECT DISTINCT article_id, revision FROM articles JOIN work USING (article_id, revision) "
            "WHERE NOT is_stored AND work.signature IS NOT NULL ORDER BY 1, 2"
        )

    def runs(self) -> list[RunEntry]:
        """Return all runs, oldest first."""
        rows = self._connection.execute("SELECT run_id, signature, started_at, finished_at FROM runs ORDER BY run_id")
        return [
            RunEntry(
                run_id=run_id,
                signature=signature,
                started_at=datetime.fromisoformat(started),
                finished_at=datetime.fromisoformat(finished) if finished else None,
            )
            for run_id, signature, started, finished in rows
        ]

    def begin_run(self, signature: str, now: datetime) -> RunEntry:
        """Return a new run, or the cut-off one that the same command left open.

        Going on under the same id makes an interrupted run and its rerun write the same files as an undisturbed one.
        """
        known = self.runs()
        if known and known[-1].finished_at is None and known[-1].signature == signature:
            return known[-1]
        entry = RunEntry(
            run_id=new_run_id(known[-1].run_id if known else "", now),
            signature=signature,
            started_at=now,
            finished_at=None,
        )
        self._connection.execute("INSERT INTO runs VALUES (?, ?, ?, NULL)", (entry.run_id, signature, now.isoformat()))
        return entry

    def finish_run(self, run_id: str, now: datetime) -> None:
        """Mark a run as finished."""
        self._connection.execute("UPDATE runs SET finished_at = ? WHERE run_id = ?", (now.isoformat(), run_id))

    def record_shard(self, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Enter a shard with its counts."""
        self._connection.execute("INSERT INTO shards VALUES (?, ?, ?)", (run_id, shard, json.dumps(counts)))

    def shard_counts(self, run_id: str) -> list[dict[str, Any]]:
        """Return the counts of the committed shards of a run, in order."""
        rows = self._connection.execute("SELECT counts FROM shards WHERE run_id = ? ORDER BY shard", (run_id,))
        return [json.loads(row[0]) for row in rows]

    def total_counts(self, run_id: str) -> dict[str, int]:
        """Return the sums over the committed shards of a run, of the counts that are numbers."""
        total: Counter[str] = Counter()
        for counts in self.shard_counts(run_id):
            total.update({name: value for name, value in counts.items() if isinstance(value, int)})
        return dict(total)


def new_run_id(last: str, now: datetime) -> str:
    """Return the id of a run that starts now: the time, as in `20201114T060000Z`.

    Ids are in the order of the runs also where the clock was put back: then it is a second after `last`, the id of the
    run before (empty where there is none).
    """
    started_at = now.astimezone(timezone.utc)
    if last:
        started_at = max(started_at, started_at_of(last) + timedelta(seconds=1))
    return started_at.strftime(_RUN_ID)


def started_at_of(run_id: str) -> datetime:
    """Return the time that a run id tells.

    Raises:
        ValueError: it is no run id.
    """
    # Earlier versions appended a number where two runs began in the same second.
    return datetime.strptime(run_id.partition("-")[0], _RUN_ID).replace(tzinfo=timezone.utc)


def known_entry(entry: ArticleEntry) -> tuple[str, KnownRevision]:
    """Return what the ledger is to know of an article, and its id."""
    article = entry.article
    return article.article_id, KnownRevision(
        revision=article.revision,
        content_sha256=article.content_sha256,
        source_lang=entry.language,
        signature=entry.signature,
        ingested_at=entry.ingested_at,
        is_stored=entry.is_stored,
    )


def work_rows(contents: ShardContents) -> Iterator[tuple[str, int, str, str | None]]:
    """Yield article, revision, target and signature of the translations of a shard, None for those that wait."""
    for translated, signature in contents.translated:
        article = translated.task.source.article
        yield article.article_id, article.revision, translated.task.target, signature
    for article_id, revision, target in contents.waiting:
        yield article_id, revision, target, None
