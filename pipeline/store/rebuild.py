"""Making a lost or damaged state anew from the Parquet files, which hold nearly all that it knew.

What they do not hold is taken from the damaged state where it can still be read: the translation memory, and articles
that wait for a model. Without it the memory is empty, and these articles are found again in their inputs.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pipeline.disk import move_synced
from pipeline.near_duplicates import Fingerprinted, fingerprint
from pipeline.store.files import MERGED, FileEntry, FileList
from pipeline.store.fingerprints import StoredFingerprints
from pipeline.store.layout import DATA_FOLDERS, STATE_FILE, STATE_FOLDER
from pipeline.store.ledger import key_of_reject, started_at_of
from pipeline.store.parquet import UnreadableFileError, check_schema, digest, open_parquet, rows_of
from pipeline.store.schema import signatures_of
from pipeline.store.state import open_state, today

DAMAGED_FOLDER = "damaged"

_SALVAGED = (
    ("SELECT key, text, score, is_truncated FROM memory", "memory VALUES (?, ?, ?, ?, {today}, 0)"),
    ("SELECT article_id, revision, content FROM waiting", "waiting VALUES (?, ?, ?)"),
    ("SELECT * FROM articles WHERE NOT is_stored", "articles VALUES (?, ?, ?, ?, ?, ?, ?)"),
    ("SELECT * FROM work WHERE signature IS NULL", "work VALUES (?, ?, ?, ?, ?)"),
    ("SELECT * FROM rejects", "rejects VALUES (?, ?, ?, ?)"),
)
"""What is read of a damaged state, and where it goes; of each up to the first row that cannot be read."""


def rebuild_state(folder: Path, *, now: datetime) -> Iterator[str]:
    """Make the state of an output folder anew, and yield what was done; the caller holds the writer's lock.

    A crash on the way leaves an empty state, which is made anew again.

    Raises:
        OSError: a file cannot be read or moved.
    """
    state = folder / STATE_FOLDER / STATE_FILE
    aside = set_aside_folder(folder, now)
    parts = [
        part for part in (state, *(state.with_name(f"{STATE_FILE}-{end}") for end in ("wal", "shm"))) if part.exists()
    ]
    if parts:
        move_synced([(part, aside / part.name) for part in parts])
        yield f"the damaged state was put aside: {aside / STATE_FILE}"
    with closing(open_state(state)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        rebuild = _Rebuild(folder, connection, aside)
        yield from rebuild.files()
        rebuild.runs()
        connection.execute("COMMIT")
        if parts and rebuild.salvage(aside / STATE_FILE):
            yield "what could still be read of the translation memory and of waiting articles was taken over"
    yield f"the state was made anew from {rebuild.n_files:,} Parquet files: {rebuild.n_articles:,} articles"


def set_aside_folder(folder: Path, now: datetime) -> Path:
    """Return the folder for what is damaged; one for each repair."""
    return folder / STATE_FOLDER / DAMAGED_FOLDER / now.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")


class _Rebuild:
    def __init__(self, folder: Path, connection: sqlite3.Connection, aside: Path) -> None:
        self._folder = folder
        self._connection = connection
        self._aside = aside
        self._list = FileList(connection)
        self._fingerprints = StoredFingerprints(connection)
        self._run_ids: set[str] = set()
        self.n_files = 0
        self.n_articles = 0

    def files(self) -> Iterator[str]:
        """Enter all files and their rows; yield which of them cannot be read and were put aside."""
        paths = (path for name in DATA_FOLDERS for path in (self._folder / name).rglob("*.parquet"))
        for path in sorted(paths, key=_in_order_of_storing):
            name = path.relative_to(self._folder).as_posix()
            try:
                self._enter(name, path)
            except UnreadableFileError as error:
                move_synced([(path, self._aside / name)])
                yield f"{name}: cannot be read ({error}); put aside"

    def _enter(self, name: str, path: Path) -> None:
        with open_parquet(path) as file:
            size_bytes, sha256 = digest(path)
            run_id, _, shard = path.stem.rpartition("-")
            n_rows = file.metadata.num_rows
            entry = FileEntry(
                path=name,
                run_id=run_id,
                shard=_number(shard),
                n_rows=n_rows,
                size_bytes=size_bytes,
                sha256=sha256,
                is_placed=True,
            )
            if problems := list(check_schema(file, entry)):
                raise UnreadableFileError(problems[0].detail)
            signatures = signatures_of(file.schema_arrow.metadata)
            rows = {"articles": self._articles, "bitext": self._work, "rejects": self._rejects}[entry.table]
            statement, values = rows(file, signatures)
        self._connection.executemany(statement, values)
        self._list.record([entry])
        self.n_files += 1
        if not entry.is_merged:
            self._run_ids.add(run_id)

    def _articles(self, file: Any, signatures: dict[str, str]) -> tuple[str, list[Any]]:
        names = ("article_id", "revision", "content_sha256", "source_lang", "ingested_at", "run_id")
        rows = list(rows_of(file, "articles", names))
        self._fingerprints.record(_originals(file))
        self.n_articles += len(rows)
        self._run_ids |= {row["run_id"] for row in rows}
        values = [
            (
                row["article_id"],
                row["revision"],
                row["content_sha256"],
                row["source_lang"],
                signatures.get(row["run_id"], ""),
                row["ingested_at"].isoformat(),
                1,
            )
            for row in sorted(rows, key=lambda row: row["run_id"])
        ]
        return "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)", values

    def _work(self, file: Any, signatures: dict[str, str]) -> tuple[str, list[Any]]:
        names = ("article_id", "revision", "target_lang", "run_id")
        keys = {tuple(row[name] for name in names) for row in rows_of(file, "bitext", names)}
        self._run_ids |= {run_id for *_, run_id in keys}
        values = [(*key, signatures.get(run_id, ""), run_id) for *key, run_id in sorted(keys)]
        return (
            "INSERT INTO work VALUES (?, ?, ?, ?, ?) ON CONFLICT (article_id, revision, target_lang) DO UPDATE SET "
            "signature = excluded.signature, run_id = excluded.run_id WHERE excluded.run_id > run_id"
        ), values

    def _rejects(self, file: Any, _: dict[str, str]) -> tuple[str, list[Any]]:
        names = ("source_uri", "reason", "payload_sha256", "run_id")
        rows = list(rows_of(file, "rejects", names))
        self._run_ids |= {row["run_id"] for row in rows}
        values = [
            (
                key_of_reject(row["source_uri"], row["reason"], row["payload_sha256"]),
                row["reason"],
                row["source_uri"],
                row["run_id"],
            )
            for row in rows
        ]
        return "INSERT OR IGNORE INTO rejects VALUES (?, ?, ?, ?)", values

    def runs(self) -> None:
        """Enter the runs that manifests or rows tell of, as finished: what was cut off begins as a new one."""
        times = {path.stem: _times(path) for path in (self._folder / "runs").glob("*.json")}
        for run_id in sorted(self._run_ids | times.keys()):
            with suppress(ValueError):
                started_at, finished_at = times.get(run_id) or (started_at_of(run_id).isoformat(),) * 2
                self._connection.execute("INSERT INTO runs VALUES (?, '', ?, ?)", (run_id, started_at, finished_at))

    def salvage(self, old: Path) -> bool:
        """Take over what the damaged state still tells; return whether that was anything."""
        n_before = self._connection.total_changes
        with suppress(sqlite3.Error), closing(sqlite3.connect(old)) as connection:
            for select, into in _SALVAGED:
                self._connection.execute("BEGIN IMMEDIATE")
                with suppress(sqlite3.Error):
                    insert = f"INSERT OR IGNORE INTO {into.format(today=today())}"
                    self._connection.executemany(insert, connection.execute(select))
                self._connection.execute("COMMIT")
        return self._connection.total_changes > n_before


def _in_order_of_storing(path: Path) -> tuple[bool, str, Path]:
    return not path.name.startswith(MERGED), path.stem, path


def _originals(file: Any) -> Iterator[Fingerprinted]:
    """Yield the articles of a file that are no near-duplicates; files of version 1 do not tell."""
    for row in rows_of(file, "articles", ("article_id", "revision", "title", "source_lang", "text", "duplicate_of")):
        if not row.get("duplicate_of"):
            found = fingerprint(row["text"], title=row["title"], language=row["source_lang"])
            yield Fingerprinted(row["article_id"], row["revision"], found)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _times(manifest: Path) -> tuple[str, str] | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(manifest.read_bytes())
        times = found["started_at"], found["finished_at"]
        return tuple(datetime.fromisoformat(time).isoformat() for time in times)  # type: ignore[return-value]
    return None
