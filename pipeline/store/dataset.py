"""Writing to an output folder: shards are committed whole or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.decode.hypothesis import Hypothesis
from pipeline.disk import exchange, make_folder, move_synced, sync_folders, write_synced
from pipeline.errors import StateError, WriteError
from pipeline.lock import writer_lock
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
from pipeline.store.ledger import Ledger, known_entry, reject_key, work_rows
from pipeline.store.memory import StoredMemory, UnfinishedDecoding
from pipeline.store.rows import ShardContents, Table, tables_of
from pipeline.store.sightings import Sightings
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
        self._staging = folder / STATE_FOLDER / STAGING_FOLDER
        self.compacting = folder / STATE_FOLDER / COMPACTING_FOLDER
        self._retired = folder / STATE_FOLDER / RETIRED_FOLDER
        self._identity = identity_of(folder)

    def commit(self, contents: ShardContents, *, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Add a shard: stage and sync its files, record all in one transaction, move the files into place.

        Raises:
            WriteError: a file cannot be written, as on a full disk; the shard is not committed, or is completed by
                the next `recover`. Or the folder is not the one any more that was opened.
        """
        contents = self._without_known_rejects(contents)
        with self._writing():
            staged = [self._stage(table, run_id, shard) for table in tables_of(contents, run_id=run_id, shard=shard)]
            sync_folders((self._staging / file.path).parent for file in staged)
            self._check_identity()
            with self.transaction():
                if shard == 0:
                    self.sightings.forget_old(run_id=run_id)
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

    def is_somewhere(self, path: str) -> bool:
        """Return whether a committed file is in its place or on its way there."""
        places = (self.folder, self._staging, self.compacting)
        return any((place / path).exists() for place in places)

    def keep_decoded(self, hypotheses: Mapping[bytes, Hypothesis]) -> None:
        """Keep what was decoded of shards that will not be committed, for the run that goes on."""
        self._check_identity()
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

    def _check_identity(self) -> None:
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
        self._check_identity()
        try:
            yield
        except OSError as error:
            raise WriteError(
                f"{error.filename or self.folder}: cannot be written ({error.strerror}); "
                "mend that and run the same command again: what was committed stays"
            ) from error

    def _without_known_rejects(self, contents: ShardContents) -> ShardContents:
        """Leave out what stands in `rejects` already: it was tried once more, to no avail."""
        keys = [reject_key(reject) for reject in contents.rejects]
        known = self.ledger.known_rejects(keys)
        fresh = (reject for key, reject in zip(keys, contents.rejects, strict=True) if key not in known)
        return replace(contents, rejects=tuple(fresh))

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
        self.ledger.record_articles(known_entry(entry) for entry in contents.articles)
        self.ledger.record_work(work_rows(contents), run_id=run_id)
        self.ledger.record_rejects(contents.rejects, run_id=run_id)
        self.waiting.record(contents)
        self.sightings.record(contents.sightings, run_id=run_id)
        self.fingerprints.record(contents.originals)
        self.memory.flush()

    def _place(self, paths: Sequence[str]) -> None:
        moves = []
        for path in paths:
            staged, final = self._staging / path, self.folder / path
            if staged.exists():
                moves.append((staged, final))
            elif not final.exists():
                raise StateError(
                    f"{final}: a committed file is missing; restore it from a backup, or let "
                    f"`newsmt check --repair {self.folder}` prepare that its articles are done anew"
                )
        move_synced(moves)
        if paths:
            with self.transaction():
                self.files.mark_placed(paths)


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
