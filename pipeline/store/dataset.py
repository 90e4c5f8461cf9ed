"""Writing to an output folder: shards are committed whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.disk import is_writable, move_synced, sync_folders, write_synced
from pipeline.errors import OutputError, StateError, WriteError
from pipeline.lock import writer_lock
from pipeline.store.files import FileEntry, FileList
from pipeline.store.ledger import KnownRevision, Ledger
from pipeline.store.memory import StoredMemory
from pipeline.store.rows import ArticleEntry, ShardContents, Table, tables_of
from pipeline.store.state import open_state, state_errors
from pipeline.store.waiting import WaitingArticles

STATE_FOLDER = ".newsmt"
STATE_FILE = "state.sqlite"
LOCK_FILE = "lock"
STAGING_FOLDER = "staging"
DATA_FOLDERS = ("bitext", "articles", "rejects", "runs")


class Dataset:
    """An output folder opened for writing; make one with `open_dataset`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.files = FileList(connection)
        self.ledger = Ledger(connection)
        self.memory = StoredMemory(connection)
        self.waiting = WaitingArticles(connection)
        self._connection = connection
        self._staging = folder / STATE_FOLDER / STAGING_FOLDER

    def commit(self, contents: ShardContents, *, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Add a shard: stage and sync its files, record all in one transaction, move the files into place.

        Raises:
            WriteError: a file cannot be written, as on a full disk; the shard is not committed, or is completed by
                the next `recover`.
        """
        with self._writing():
            staged = [self._stage(table, run_id, shard) for table in tables_of(contents, run_id=run_id, shard=shard)]
            sync_folders((self._staging / file.path).parent for file in staged)
            with self._transaction():
                self._record(contents, staged, run_id=run_id)
                self.ledger.record_shard(run_id, shard, counts)
            self.memory.discard()
            self._place([file.path for file in staged])

    def finish_run(self, manifest: Mapping[str, Any], *, run_id: str, now: datetime) -> Path:
        """Write the manifest of a run, mark the run as finished, and return the manifest's path.

        Raises:
            WriteError: the manifest cannot be written.
        """
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        staged = self._staging / "runs" / f"{run_id}.json"
        final = self.folder / "runs" / staged.name
        with self._writing():
            write_synced(staged, text.encode(errors="backslashreplace"))
            move_synced([(staged, final)])
        self.ledger.finish_run(run_id, now)
        return final

    def recover(self) -> None:
        """Finish the commit that a crash cut off, and delete what no commit knows.

        Raises:
            StateError: a committed file is neither in staging nor in place.
            WriteError: a file cannot be moved or deleted.
        """
        with self._writing():
            self._place(self.files.unplaced())
            for path in sorted(self._staging.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite itself has rolled back after some failures, a full disk among them.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise WriteError(
                f"{error.filename or self.folder}: cannot be written ({error.strerror}); "
                "mend that and run the same command again: what was committed stays"
            ) from error

    def _stage(self, table: Table, run_id: str, shard: int) -> FileEntry:
        data = table.to_parquet()
        write_synced(self._staging / table.path, data)
        return FileEntry(
            path=table.path,
            run_id=run_id,
            shard=shard,
            n_rows=table.n_rows,
            size_bytes=len(data),
            sha256=sha256(data).hexdigest(),
        )

    def _record(self, contents: ShardContents, staged: Sequence[FileEntry], *, run_id: str) -> None:
        self.files.record(staged)
        self.ledger.record_articles(_known(entry) for entry in contents.articles)
        self.ledger.record_work(_work_rows(contents), run_id=run_id)
        self.ledger.record_rejects(contents.rejects, run_id=run_id)
        self.waiting.record(contents)
        self.memory.flush()

    def _place(self, paths: Sequence[str]) -> None:
        moves = []
        for path in paths:
            staged, final = self._staging / path, self.folder / path
            if staged.exists():
                moves.append((staged, final))
            elif not final.exists():
                raise StateError(
                    f"{final}: a committed file is missing; restore it from a backup, or start anew in another --out "
                    f"(`newsmt check {self.folder}` lists all damage)"
                )
        move_synced(moves)
        if paths:
            with self._transaction():
                self.files.mark_placed(paths)


@contextmanager
def open_dataset(folder: Path) -> Iterator[Dataset]:
    """Open `folder` for writing: create it where missing, take the writer's lock, mend what a crash left.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
        LockHeldError: another run is writing it.
        StateError: the state is damaged.
    """
    state_folder = folder / STATE_FOLDER
    _prepare(folder, state_folder)
    with (
        writer_lock(state_folder / LOCK_FILE),
        closing(open_state(state_folder / STATE_FILE)) as connection,
        state_errors(state_folder / STATE_FILE),
    ):
        dataset = Dataset(folder, connection)
        dataset.recover()
        yield dataset


def has_state(folder: Path) -> bool:
    """Return whether a run has been at work on a folder, so that articles may wait in its state."""
    return (folder / STATE_FOLDER / STATE_FILE).exists()


def check_folder(folder: Path) -> None:
    """Look whether `folder` may be an output folder; nothing is written.

    Raises:
        OutputError: it is a file, or holds data that is not of newsmt, or whose state is lost.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file; --out takes a folder")
    strangers = _data_folders(folder)
    if strangers and not has_state(folder):
        raise OutputError(
            f"{folder}: holds {', '.join(strangers)} but no {STATE_FOLDER}/{STATE_FILE}; "
            "choose another --out, or move these away"
        )


def _prepare(folder: Path, state_folder: Path) -> None:
    check_folder(folder)
    try:
        (state_folder / STAGING_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror}); choose another --out") from error
    parts = (state_folder, *state_folder.iterdir(), *(folder / name for name in _data_folders(folder)))
    # A run that ends just now removes the files of its write-ahead log.
    if locked := [str(path) for path in parts if not is_writable(path) and path.exists()]:
        raise OutputError(f"{folder}: cannot be written (no permission for {locked[0]}); choose another --out")


def _data_folders(folder: Path) -> list[str]:
    return [name for name in DATA_FOLDERS if (folder / name).exists()]


def _known(entry: ArticleEntry) -> tuple[str, KnownRevision]:
    article = entry.article
    return article.article_id, KnownRevision(
        revision=article.revision,
        content_sha256=article.content_sha256,
        source_lang=entry.language,
        signature=entry.signature,
        ingested_at=entry.ingested_at,
        is_stored=entry.is_stored,
    )


def _work_rows(contents: ShardContents) -> Iterator[tuple[str, int, str, str | None]]:
    for translated, signature in contents.translated:
        article = translated.task.source.article
        yield article.article_id, article.revision, translated.task.target, signature
    for article_id, revision, target in contents.waiting:
        yield article_id, revision, target, None
