"""Writing to an output folder: shards are committed whole or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.decode.hypothesis import Hypothesis
from pipeline.disk import exchange, make_folder, move_synced, sync_folders
from pipeline.errors import StateError, WriteError
from pipeline.lock import writer_lock
from pipeline.storage.local import LocalStorage
from pipeline.store.files import FileEntry, FileList
from pipeline.store.fingerprints import StoredFingerprints
from pipeline.store.layout import (
    COMPACTING_FOLDER,
    LOCK_FILE,
    RETIRED_FOLDER,
    STAGING_FOLDER,
    STATE_FILE,
    STATE_FOLDER,
    identity_of,
    prepare_folder,
)
from pipeline.store.ledger import Ledger, reject_key
from pipeline.store.memory import StoredMemory, UnfinishedDecoding
from pipeline.store.rows import ShardContents, rejects_tables
from pipeline.store.sightings import Sightings
from pipeline.store.staging import StagedShard, stage, stage_tables, staged_path, write_errors
from pipeline.store.state import open_state, state_errors
from pipeline.store.waiting import WaitingArticles

_WAIT = "try again later, or wait for it with --wait 10m"


class Dataset:
    """An output folder opened for writing; make one with `open_dataset`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.files = FileList(connection)
        self.ledger = Ledger(connection)
        self.memory = StoredMemory(connection)
        self.waiting = WaitingArticles(connection)
        self.fingerprints = StoredFingerprints(connection)
        self.unfinished = UnfinishedDecoding(connection)
        self.sightings = Sightings(connection)
        self.connection = connection
        self.storage = LocalStorage(folder)
        self._staging = folder / STATE_FOLDER / STAGING_FOLDER
        self.compacting = folder / STATE_FOLDER / COMPACTING_FOLDER
        self._retired = folder / STATE_FOLDER / RETIRED_FOLDER
        self._identity = identity_of(folder)

    def commit(self, contents: ShardContents, *, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Stage a shard and commit it, see `commit_staged`."""
        with self._writing():
            staged = stage(contents, self.storage, run_id=run_id, shard=shard)
        self.commit_staged(staged, run_id=run_id, shard=shard, counts=counts)

    def commit_staged(self, staged: StagedShard, *, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Add a shard that was staged: record all in one transaction, move its files into place.

        Raises:
            WriteError: a file cannot be written, as on a full disk; the shard is not committed, or is completed by
                the next `recover`. Or the folder is not the one any more that was opened.
        """
        with self._writing():
            staged = self._with_rejects_staged(staged, run_id=run_id, shard=shard)
            self.check_identity()
            with self.transaction():
                if shard == 0:
                    self.sightings.forget_old(run_id=run_id)
                self._record(staged, run_id=run_id)
                self.ledger.record_shard(run_id, shard, counts)
            self.memory.discard()
            self._place({file.path: file.attempt for file in staged.files})

    def finish_run(self, manifest: Mapping[str, Any], *, run_id: str, now: datetime) -> Path:
        """Write the manifest of a run, mark the run as finished, and return the manifest's path.

        Raises:
            WriteError: the manifest cannot be written.
        """
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        path = f"runs/{run_id}.json"
        with self._writing():
            self.storage.write({staged_path(path, ""): text.encode(errors="backslashreplace")})
            self.storage.move([(staged_path(path, ""), path)])
        self.ledger.finish_run(run_id, now)
        return self.folder / path

    def replace_partition(
        self, folder: str, *, old: Sequence[FileEntry], new: Sequence[FileEntry], now: datetime, has_readers: bool
    ) -> None:
        """Put `new` files, which are in `compacting` already, into the place of `old` ones, all at once.

        Args:
            folder: their partition, relative to the output folder.
            old: placed files of it.
            new: what holds the same rows.
            now: the time of day.
            has_readers: False: the two may change places in more than one step.

        Raises:
            WriteError: a file cannot be linked or moved; nothing has changed, or `recover` completes it.
        """
        with self._writing():
            successor = self.compacting / folder
            gone = {file.path for file in old}
            for path in sorted((self.folder / folder).iterdir()):
                if f"{folder}/{path.name}" not in gone:
                    (successor / path.name).hardlink_to(path)
            sync_folders([successor])
            if has_readers:
                self._check_exchange(successor)
            with self.transaction():
                self.files.retire(gone, now)
                self.files.record(new)
            self._finish_compaction()

    def _check_exchange(self, successor: Path) -> None:
        """Try whether folders can be exchanged here, before the ledger counts on it."""
        trial = successor.with_name(f"{successor.name}.trial")
        try:
            for name in ("one", "other"):
                make_folder(trial / name)
            exchange(trial / "one", trial / "other")
        except NotImplementedError as error:
            raise WriteError(f"{self.folder}: {error}; try again with --no-readers while nobody reads") from error
        finally:
            shutil.rmtree(trial, ignore_errors=True)

    def _finish_compaction(self) -> None:
        """Let the partition that was compacted change places with its successor, and put the old files aside.

        Does what is left to do, wherever a crash may have cut it off.
        """
        merged = [path for path in self.files.unplaced() if (self.compacting / path).exists()]
        try:
            for folder in sorted({path.rpartition("/")[0] for path in merged}):
                exchange(self.compacting / folder, self.folder / folder)
        except NotImplementedError:
            move_synced(self._moves(self.folder, self._retired, self.files.retired()))
            move_synced([(self.compacting / path, self.folder / path) for path in merged])
        move_synced(self._moves(self.compacting, self._retired, self.files.retired()))
        merged = [path for path in self.files.unplaced() if (self.folder / path).exists()]
        with self.transaction():
            self.files.mark_placed(merged)
        if self.compacting.exists():
            shutil.rmtree(self.compacting)

    def _moves(self, source: Path, target: Path, paths: Sequence[str]) -> list[tuple[Path, Path]]:
        return [(source / path, target / path) for path in paths if (source / path).exists()]

    def is_somewhere(self, path: str, attempt: str) -> bool:
        """Return whether a committed file is in its place or on its way there."""
        places = (path, staged_path(path, attempt), f"{STATE_FOLDER}/{COMPACTING_FOLDER}/{path}")
        return any(map(self.storage.exists, places))

    def keep_decoded(self, hypotheses: Mapping[bytes, Hypothesis]) -> None:
        """Keep what was decoded of shards that will not be committed, for the run that goes on."""
        self.check_identity()
        with self.transaction():
            self.unfinished.keep(hypotheses)

    def recover(self) -> None:
        """Finish the commit that a crash cut off, and delete what no commit knows.

        Raises:
            StateError: a committed file is neither in staging nor in place.
            WriteError: a file cannot be moved or deleted.
        """
        with self._writing():
            if self.compacting.exists():
                self._finish_compaction()
            self._place(self.files.unplaced())
            for path in sorted(self._staging.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()

    def check_identity(self) -> None:
        """Look whether state and lock are still those that were opened: somebody may have removed the folder."""
        if identity_of(self.folder) != self._identity:
            raise WriteError(
                f"{self.folder}: was removed or replaced while the run was at work on it; what was written since is "
                "not in it. Run the same command again"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do what is inside all or not at all."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            # SQLite itself has rolled back after some failures, a full disk among them.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        # Before anything is written: the folder of the staging would be created anew.
        self.check_identity()
        with write_errors(str(self.folder)):
            yield

    def _with_rejects_staged(self, staged: StagedShard, *, run_id: str, shard: int) -> StagedShard:
        """Write the rejects of a shard to staging, without what stands in `rejects` already: it was tried once more."""
        keys = [reject_key(reject) for reject in staged.rejects]
        known = self.ledger.known_rejects(keys)
        fresh = tuple(reject for key, reject in zip(keys, staged.rejects, strict=True) if key not in known)
        tables = rejects_tables(fresh, run_id=run_id, shard=shard)
        files = stage_tables(tables, self.storage, run_id=run_id, shard=shard)
        return replace(staged, rejects=fresh, files=(*staged.files, *files))

    def _record(self, staged: StagedShard, *, run_id: str) -> None:
        self.files.record(staged.files)
        self.ledger.record_articles(staged.articles)
        self.ledger.record_work(staged.work, run_id=run_id)
        self.ledger.record_rejects(staged.rejects, run_id=run_id)
        self.waiting.record(staged.waiting, [article_id for article_id, _ in staged.articles])
        self.sightings.record(staged.sightings, run_id=run_id)
        self.fingerprints.record(staged.originals)
        self.memory.flush()

    def _place(self, attempts: Mapping[str, str]) -> None:
        """Move committed files from staging, each from the folder of its attempt, into place."""
        moves = []
        for path, attempt in attempts.items():
            staged = staged_path(path, attempt)
            if self.storage.exists(staged):
                moves.append((staged, path))
            elif not self.storage.exists(path):
                raise StateError(
                    f"{self.folder / path}: a committed file is missing; restore it from a backup, or let "
                    f"`newsmt check --repair {self.folder}` prepare that its articles are done anew"
                )
        self.storage.move(moves)
        if attempts:
            with self.transaction():
                self.files.mark_placed(attempts)


@contextmanager
def open_dataset(
    folder: Path, *, wait_s: float = 0.0, is_stopped: Callable[[], bool] = lambda: False
) -> Iterator[Dataset]:
    """Open `folder` for writing: create it where missing, take the writer's lock, mend what a crash left.

    Args:
        folder: the output folder.
        wait_s: how long to wait for another run that is writing it.
        is_stopped: asked meanwhile whether to give up.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
        LockHeldError: another run is writing it.
        WaitStoppedError: `is_stopped` said so.
        StateError: the state is damaged.
    """
    state_folder = folder / STATE_FOLDER
    prepare_folder(folder)
    with (
        writer_lock(state_folder / LOCK_FILE, remedy=_WAIT, wait_s=wait_s, is_stopped=is_stopped),
        closing(open_state(state_folder / STATE_FILE)) as connection,
        state_errors(state_folder / STATE_FILE),
    ):
        dataset = Dataset(folder, connection)
        dataset.recover()
        yield dataset
