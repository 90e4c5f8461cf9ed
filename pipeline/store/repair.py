"""Mending an output folder: what is damaged is put aside, and the ledger forgets what was in it.

Nothing is deleted. The next run over the same inputs does anew what was lost, and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.disk import make_folder, move_synced
from pipeline.errors import OutputError, StateError
from pipeline.lock import writer_lock
from pipeline.store.dataset import Dataset
from pipeline.store.files import FileEntry
from pipeline.store.layout import OWNER_FILE, STAGING, STATE_FOLDER, Location, data_folders, locate
from pipeline.store.ledger import RunEntry, key_of_reject
from pipeline.store.manifests import read_manifest
from pipeline.store.parquet import open_parquet, rows_of
from pipeline.store.preparation import check_has_state
from pipeline.store.rebuild import rebuild_state, set_aside_folder
from pipeline.store.state import check_integrity, open_state, open_state_to_read, state_errors
from pipeline.store.verification import Verification
from pipeline.store.verify import verify

_OF_FILES = {"missing", "unreadable", "size", "sha256", "schema", "rows"}
_FOUND = """
CREATE TEMP TABLE found_article (article_id TEXT, revision INTEGER, PRIMARY KEY (article_id, revision)) WITHOUT ROWID;
CREATE TEMP TABLE found_work (
    article_id TEXT, revision INTEGER, target_lang TEXT, run_id TEXT,
    PRIMARY KEY (article_id, revision, target_lang, run_id)
) WITHOUT ROWID;
CREATE TEMP TABLE found_reject (reject_key TEXT PRIMARY KEY, article_id TEXT) WITHOUT ROWID;
"""
_FORGET_ARTICLES = """
    UPDATE articles SET is_stored = 0
    WHERE is_stored AND (article_id, revision) NOT IN (SELECT article_id, revision FROM found_article)
"""
_FORGET_FINGERPRINTS = (
    "DELETE FROM fingerprints WHERE (article_id, revision) NOT IN (SELECT article_id, revision FROM found_article)",
    "DELETE FROM bands WHERE number NOT IN (SELECT number FROM fingerprints)",
)
_FORGET_WORK = """
    DELETE FROM work WHERE signature IS NOT NULL AND (article_id, revision, target_lang, run_id) NOT IN
    (SELECT article_id, revision, target_lang, run_id FROM found_work)
"""
_FORGET_WAITING = (
    "DELETE FROM waiting WHERE article_id = ? AND revision = ?",
    "DELETE FROM work WHERE article_id = ? AND revision = ? AND signature IS NULL",
    "DELETE FROM articles WHERE article_id = ? AND revision = ? AND NOT is_stored",
)
_FORGET_REJECTS = "DELETE FROM rejects WHERE reject_key NOT IN (SELECT reject_key FROM found_reject)"
_FORGET_TURNED_AWAY = """
    DELETE FROM articles WHERE NOT is_stored
    AND (article_id, revision) NOT IN (SELECT article_id, revision FROM work)
    AND article_id NOT IN (SELECT article_id FROM found_reject WHERE article_id IS NOT NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was done, one sentence each, and what the next run over the same inputs has to do anew.

    `n_articles` revisions lost their row in `articles`, `n_translations` their units.
    """

    actions: tuple[str, ...]
    n_articles: int
    n_translations: int

    @property
    def has_losses(self) -> bool:
        """Whether something is to be done anew."""
        return bool(self.n_articles or self.n_translations)

    def to_json(self) -> dict[str, Any]:
        """Return the account as JSON values."""
        return asdict(self)


def repair(folder: Path, *, state: Path | None = None, now: datetime) -> Repair:
    """Mend what can be mended in an output folder.

    Args:
        folder: the output folder.
        state: the folder of its state, which must be usable then; None for that in it.
        now: the time of day, time zone aware.

    Raises:
        OutputError: the folder holds no output of newsmt, or that of a newer one; nothing is changed.
        LockHeldError: a run is at work on it.
        StateError: the state cannot be opened, for another reason than damage.
        WriteError: a file cannot be moved.
    """
    location = locate(folder, state)
    check_has_state(location)
    if not location.has_state and not data_folders(folder):
        raise OutputError(f"{folder}: no output of newsmt here")
    make_folder(folder / STAGING)
    with writer_lock(location.lock_file, name=str(folder)):
        actions = list(_usable_state(location, folder, now))
        file = location.state_file
        with closing(open_state(file)) as connection, state_errors(file):
            mending = _Mending(location, folder, connection, now)
            actions += mending.put_damaged_aside()
            n_articles, n_translations = mending.forget_what_is_lost()
            actions += mending.write_manifests()
    return Repair(actions=tuple(actions), n_articles=n_articles, n_translations=n_translations)


def _usable_state(location: Location, folder: Path, now: datetime) -> Iterator[str]:
    """Make the state anew where it cannot be used, and yield what was done."""
    if _is_usable(location.state_file, folder):
        return
    if location.is_apart:
        # That the folder is the right one is known from what is in the state.
        raise StateError(
            f"{location.state_file}: is damaged or empty; restore it from a backup, or remove {folder / OWNER_FILE} "
            f"and let `newsmt check --repair {folder}` make a new one in {folder / STATE_FOLDER}"
        )
    yield from rebuild_state(folder, now=now)


def _is_usable(state: Path, folder: Path) -> bool:
    """Return whether the state is whole and not empty beside files full of rows."""
    if not state.exists():
        return False
    try:
        with closing(open_state_to_read(state)) as connection:
            check_integrity(connection)
            knows_runs = connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] > 0
    except StateError as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):
            raise
        return False
    return knows_runs or not data_folders(folder)


class _Mending:
    def __init__(self, location: Location, folder: Path, connection: sqlite3.Connection, now: datetime) -> None:
        self._location = location
        self._folder = folder
        self._connection = connection
        self._dataset = Dataset.claim(location, connection)
        self._now = now
        self._aside = set_aside_folder(folder, now)

    def put_damaged_aside(self) -> Iterator[str]:
        """Move away files that are not what was committed, and those that nobody knows."""
        lost = [
            path
            for path, attempt in self._dataset.files.unplaced().items()
            if not self._dataset.is_somewhere(path, attempt)
        ]
        with self._dataset.transaction():
            self._dataset.files.forget(lost)
        for path in lost:
            yield f"{path}: is gone; its articles are to be done anew"
        self._dataset.recover()
        location = self._location
        found = verify(self._folder, state=location.state_folder if location.is_apart else None)
        yield from self._put_aside(found)
        yield from self._forget_waiting(found)

    def _put_aside(self, found: Verification) -> Iterator[str]:
        known = {entry.path for entry in self._dataset.files}
        damaged = _paths(found, _OF_FILES) & known
        orphans = _paths(found, {"orphan"})
        with self._dataset.transaction():
            self._dataset.files.forget(damaged)
        paths = [path for path in sorted(damaged | orphans) if (self._folder / path).exists()]
        move_synced([(self._folder / path, self._aside / path) for path in paths])
        for path in sorted(damaged):
            what = "was damaged and is put aside" if path in paths else "is gone"
            yield f"{path}: {what}; its rows are to be done anew"
        for path in sorted(orphans):
            yield f"{path}: the ledger does not know it; put aside"

    def _forget_waiting(self, found: Verification) -> Iterator[str]:
        for problem in found.problems:
            if problem.kind == "waiting":
                article_id, _, revision = problem.where.rpartition(".")
                for statement in _FORGET_WAITING:
                    self._connection.execute(statement, (article_id, int(revision)))
                yield f"{problem.where}: waited for a model and was damaged; to be read again"

    def forget_what_is_lost(self) -> tuple[int, int]:
        """Let the ledger hold only what the files hold; return how many articles and translations it forgot."""
        self._connection.executescript(_FOUND)
        with self._dataset.transaction():
            for entry in self._dataset.files:
                self._note(entry)
            n_articles = self._connection.execute(_FORGET_ARTICLES).rowcount
            for statement in _FORGET_FINGERPRINTS if n_articles else ():
                self._connection.execute(statement)
            n_translations = self._connection.execute(_FORGET_WORK).rowcount
            if self._connection.execute(_FORGET_REJECTS).rowcount:
                self._connection.execute(_FORGET_TURNED_AWAY)
        return n_articles, n_translations

    def _note(self, entry: FileEntry) -> None:
        """Enter what a file holds into the temporary tables."""
        columns = {
            "articles": ("article_id", "revision"),
            "bitext": ("article_id", "revision", "target_lang", "run_id"),
            "rejects": ("source_uri", "reason", "payload_sha256", "article_id"),
        }[entry.table]
        table = {"articles": "found_article", "bitext": "found_work", "rejects": "found_reject"}[entry.table]
        with open_parquet(self._folder / entry.path) as file:
            rows: Iterable[tuple[Any, ...]] = {tuple(row.values()) for row in rows_of(file, entry.table, columns)}
        if entry.table == "rejects":
            rows = ((key_of_reject(*key), article_id) for *key, article_id in rows)
        marks = ",".join("?" * (2 if entry.table == "rejects" else len(columns)))
        self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - a constant

    def write_manifests(self) -> Iterator[str]:
        """Write the manifests anew that are lost or damaged, from what the ledger knows."""
        for run in self._dataset.ledger.runs():
            path = f"runs/{run.run_id}.json"
            if run.finished_at and not read_manifest(self._folder, run.run_id):
                if (self._folder / path).exists():
                    move_synced([(self._folder / path, self._aside / path)])
                self._dataset.finish_run(self._manifest(run), run_id=run.run_id, now=run.finished_at)
                yield f"{path}: written anew, with what the ledger knows"

    def _manifest(self, run: RunEntry) -> dict[str, Any]:
        return {
            "run_id": run.run_id,
            "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None,
            "is_rebuilt": True,
            "stopped_by": None,
            "counts": self._dataset.ledger.total_counts(run.run_id),
        }


def _paths(found: Verification, kinds: set[str]) -> set[str]:
    return {problem.where for problem in found.problems if problem.kind in kinds}
