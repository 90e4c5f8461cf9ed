"""Writing to an output folder: shards are committed whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.decode.hypothesis import Hypothesis
from pipeline.disk import remove_empty_folders
from pipeline.errors import StateError, WriteError
from pipeline.lock import writer_lock
from pipeline.places import Place
from pipeline.storage.base import Storage
from pipeline.storage.opening import open_storage
from pipeline.store.failures import opening_errors, write_errors
from pipeline.store.files import FileList
from pipeline.store.fingerprints import StoredFingerprints
from pipeline.store.layout import COMPACTING_FOLDER, STAGING, STATE_FOLDER, Location, locate
from pipeline.store.ledger import Ledger, reject_key
from pipeline.store.memory import StoredMemory, UnfinishedDecoding
from pipeline.store.owner import Ownership
from pipeline.store.partitions import Partitions
from pipeline.store.preparation import prepare_folder
from pipeline.store.rows import ShardContents, rejects_tables
from pipeline.store.sightings import Sightings
from pipeline.store.staging import StagedShard, stage, stage_tables, staged_path
from pipeline.store.state import open_state, state_errors, transaction
from pipeline.store.waiting import WaitingArticles

_WAIT = "try again later, or wait for it with --wait 10m"


class Dataset:
    """A corpus opened for writing; make one with `open_dataset`.

    `partitions` can be replaced where the corpus is on a disk; None where it is not.
    """

    def __init__(self, location: Location, storage: Storage, connection: sqlite3.Connection) -> None:
        self.files = FileList(connection)
        self.ledger = Ledger(connection)
        self.memory = StoredMemory(connection)
        self.waiting = WaitingArticles(connection)
        self.fingerprints = StoredFingerprints(connection)
        self.unfinished = UnfinishedDecoding(connection)
        self.sightings = Sightings(connection)
        self.connection = connection
        self.location = location
        self.storage = storage
        self._ownership = Ownership(location, storage, connection)
        self.partitions = Partitions(location.out, connection) if isinstance(location.out, Path) else None
        self._identity = location.identity()

    @classmethod
    def claim(cls, location: Location, connection: sqlite3.Connection) -> Dataset:
        """Return the corpus of a state that is open and locked, marked as its own where the two are apart.

        Raises:
            OutputError: it is that of another state, or cannot be reached.
        """
        with opening_errors(location.out):
            storage = open_storage(location.out)
            Ownership(location, storage, connection).claim()
        return cls(location, storage, connection)

    def commit(self, contents: ShardContents, *, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Stage a shard and commit it, see `commit_staged`."""
        with self.writing():
            staged = stage(contents, self.storage, run_id=run_id, shard=shard)
        self.commit_staged(staged, run_id=run_id, shard=shard, counts=counts)

    def commit_staged(self, staged: StagedShard, *, run_id: str, shard: int, counts: Mapping[str, Any]) -> None:
        """Add a shard that was staged: record all in one transaction, move its files into place.

        Raises:
            WriteError: a file cannot be written, as on a full disk; the shard is not committed, or is completed by
                the next `recover`. Or the folder is not the one any more that was opened.
        """
        with self.writing():
            staged = self._with_rejects_staged(staged, run_id=run_id, shard=shard)
            self._check_owner()
            with self.transaction():
                if shard == 0:
                    self.sightings.forget_old(run_id=run_id)
                self._record(staged, run_id=run_id)
                self.ledger.record_shard(run_id, shard, counts)
            self.memory.discard()
            self.storage.move([(staged_path(file.path, file.attempt), file.path) for file in staged.files])
            self._mark_placed(file.path for file in staged.files)

    def finish_run(self, manifest: Mapping[str, Any], *, run_id: str, now: datetime) -> Place:
        """Write the manifest of a run, mark the run as finished, and return the manifest's path.

        Raises:
            WriteError: the manifest cannot be written.
        """
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        path = f"runs/{run_id}.json"
        with self.writing():
            self._check_owner()
            self.storage.write({staged_path(path, ""): text.encode(errors="backslashreplace")})
            self.storage.move([(staged_path(path, ""), path)])
        self.ledger.finish_run(run_id, now)
        return self.location.out / path

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
        with self.writing():
            if self.partitions:
                self.partitions.finish()
            staged = set(self.storage.files(STAGING))
            unplaced = [(staged_path(path, attempt), path) for path, attempt in self.files.unplaced().items()]
            self._check_none_is_lost(target for source, target in unplaced if source not in staged)
            self.storage.move([(source, target) for source, target in unplaced if source in staged])
            self._mark_placed(target for _, target in unplaced)
            self.storage.delete(self.storage.files(STAGING))
            if isinstance(self.location.out, Path):
                remove_empty_folders(self.location.out / STAGING)

    def check_identity(self) -> None:
        """Look whether state and lock are still those that were opened: somebody may have removed the folder."""
        if self.location.identity() != self._identity:
            raise self._is_replaced()

    def _check_owner(self) -> None:
        """Look the same of a corpus that is in a storage, by its mark."""
        self.check_identity()
        if self._ownership.is_lost():
            raise self._is_replaced()

    def _is_replaced(self) -> WriteError:
        return WriteError(
            f"{self.location}: was removed or replaced while the run was at work on it; what was written since is "
            "not in it. Run the same command again"
        )

    def transaction(self) -> AbstractContextManager[None]:
        """Do what is inside all or not at all."""
        return transaction(self.connection)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn what goes wrong while files are written into a `WriteError`."""
        # Before anything is written: the folder of the staging would be created anew.
        self.check_identity()
        with write_errors(self.location.out):
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

    def _check_none_is_lost(self, paths: Iterable[str]) -> None:
        """Look whether committed files that are not in staging are in place."""
        for path in paths:
            if not self.storage.exists(path):
                out = self.location.out
                remedy = "restore it from a backup"
                if isinstance(out, Path):
                    remedy += f", or let `newsmt check --repair {out}` prepare that its articles are done anew"
                raise StateError(f"{out / path}: a committed file is missing; {remedy}")

    def _mark_placed(self, paths: Iterable[str]) -> None:
        with self.transaction():
            self.files.mark_placed(paths)


@contextmanager
def open_dataset(
    out: Place, *, state: Path | None = None, wait_s: float = 0.0, is_stopped: Callable[[], bool] = lambda: False
) -> Iterator[Dataset]:
    """Open a corpus for writing: create it where missing, take the writer's lock, mend what a crash left.

    Args:
        out: where it lies.
        state: the folder of its state; None for that of a corpus on a disk.
        wait_s: how long to wait for another run that is writing it.
        is_stopped: asked meanwhile whether to give up.

    Raises:
        OutputError: it cannot be written, or something else is there, or the state is that of another corpus.
        LockHeldError: another run is writing it.
        WaitStoppedError: `is_stopped` said so.
        StateError: the state is damaged.
        UsageError: the corpus is in a storage, and no folder is named for its state.
    """
    location = locate(out, state)
    prepare_folder(location)
    lock = writer_lock(location.lock_file, name=str(out), remedy=_WAIT, wait_s=wait_s, is_stopped=is_stopped)
    with lock, closing(open_state(location.state_file)) as connection, state_errors(location.state_file):
        dataset = Dataset.claim(location, connection)
        dataset.recover()
        yield dataset
