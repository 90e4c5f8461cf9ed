"""Checking an output folder: its files, its rows, and whether the ledger agrees with them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import StateError
from pipeline.lock import is_locked
from pipeline.places import Place
from pipeline.storage.base import Storage
from pipeline.storage.opening import open_storage
from pipeline.store.content import ContentCheck
from pipeline.store.copies import Copies, Files, open_files
from pipeline.store.failures import opening_errors, read_errors
from pipeline.store.files import FileEntry, FileList
from pipeline.store.index import CorpusIndex
from pipeline.store.layout import (
    COMPACTING_FOLDER,
    DATA_FOLDERS,
    RETIRED_FOLDER,
    STAGING,
    STATE_FOLDER,
    Location,
    data_folders,
    locate,
)
from pipeline.store.ledger import Ledger, RunEntry
from pipeline.store.owner import Ownership
from pipeline.store.parquet import UnreadableFileError, check_bytes, check_schema, open_parquet
from pipeline.store.preparation import check_has_state
from pipeline.store.staging import staged_path
from pipeline.store.state import check_integrity, open_state_to_read, state_errors
from pipeline.store.verification import Problem, Verification
from pipeline.store.waiting import WaitingArticles

_PLACES = tuple(f"{STATE_FOLDER}/{folder}" for folder in (COMPACTING_FOLDER, RETIRED_FOLDER))
"""Where a file of a corpus on a disk may be on its way to its place, or away from it."""


def verify(out: Place, *, state: Path | None = None) -> Verification:
    """Check everything in a corpus that can be checked; nothing is changed, and a run may go on meanwhile.

    Files are read one at a time. What follows from a lost file (its articles, its units) is not reported again.

    Args:
        out: the corpus.
        state: the folder of its state; None for that of a corpus on a disk.

    Raises:
        OutputError: there is no output of newsmt, or that of a newer one, or it is not that of the state.
        StateError: the state itself is damaged.
        UsageError: the corpus is in a storage, and no folder is named for its state.
        PipelineError: the storage cannot be read.
    """
    location = locate(out, state)
    check_has_state(location)
    file = location.state_file
    if not location.has_state and isinstance(out, Path) and data_folders(out):
        raise StateError(f"{file}: is missing; `newsmt check --repair {out}` makes it anew from the Parquet files")
    with closing(open_state_to_read(file)) as connection, state_errors(file), closing(CorpusIndex()) as index:
        check_integrity(connection)
        with opening_errors(out):
            storage = open_storage(out)
            Ownership(location, storage, connection).check()
        with open_files(storage, out) as files:
            return _verify(location, storage, files, connection, index)


def _verify(
    location: Location, storage: Storage, files: Files | Copies, connection: sqlite3.Connection, index: CorpusIndex
) -> Verification:
    # The ledger hears of a file before the file is placed: listed first, every file must be known to it.
    with read_errors(location.out):
        listing = _Listing.of(storage, location)
    connection.execute("BEGIN")
    checker = _Checker(files, Ledger(connection), FileList(connection), index)
    problems = (*checker.problems(listing), *_check_waiting(WaitingArticles(connection)))
    counts = checker.counts
    return Verification(
        problems=problems,
        n_files=counts["files"],
        size_bytes=counts["bytes"],
        n_articles=counts["articles"],
        n_units=counts["bitext"],
        n_rejects=counts["rejects"],
        n_runs=counts["runs"],
        n_lost_articles=counts["lost"],
        is_busy=listing.is_busy,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The paths of all files, relative to the corpus."""

    data: frozenset[str]
    staged: frozenset[str]
    is_busy: bool

    @classmethod
    def of(cls, storage: Storage, location: Location) -> _Listing:
        return cls(
            staged=frozenset(storage.files(STAGING)),
            is_busy=is_locked(location.lock_file),
            data=frozenset(
                path for name in DATA_FOLDERS for path in storage.files(name) if path.endswith((".parquet", ".json"))
            ),
        )


class _Checker:
    """The parts of a check, in the order they need each other."""

    def __init__(self, corpus: Files | Copies, ledger: Ledger, files: FileList, index: CorpusIndex) -> None:
        self._corpus = corpus
        self._ledger = ledger
        self._files = files
        self._index = index
        self._attempts = files.unplaced()
        self._content = ContentCheck(index, self._locate)
        self._lost: list[FileEntry] = []
        self.counts: Counter[str] = Counter()

    def problems(self, listing: _Listing) -> Iterator[Problem]:
        runs = self._ledger.runs()
        self._content.lost_articles = lost = frozenset(self._ledger.lost_articles())
        self.counts["lost"] = len(lost)
        entries = {entry.path: entry for entry in self._files}
        known = entries.keys() | set(self._files.retired()) | {f"runs/{run.run_id}.json" for run in runs}
        yield from _check_listing(listing, entries, known)
        # In the order of paths, so that the articles are known before their units come.
        for entry in entries.values():
            yield from self._check_file(entry)
        yield from self._check_articles()
        yield from self._check_work()
        for run in runs:
            self.counts["runs"] += 1
            yield from self._check_run(run)

    def _locate(self, path: str) -> Path:
        # What goes on may move the file between the first look and the last.
        on_the_way = (staged_path(path, self._attempts.get(path, "")), *(f"{folder}/{path}" for folder in _PLACES))
        files = map(self._corpus.locate, (path, *on_the_way, path))
        return next((file for file in files if file.exists()), self._corpus.locate(path))

    def _check_file(self, entry: FileEntry) -> Iterator[Problem]:
        path = self._locate(entry.path)
        if not path.exists():
            self._lose(entry)
            yield Problem(kind="missing", where=entry.path, detail="the file is gone; restore it from a backup")
            return
        try:
            yield from self._check_contents(path, entry)
        except UnreadableFileError as error:
            self._lose(entry)
            yield Problem(kind="unreadable", where=entry.path, detail=f"{error}; restore the file from a backup")

    def _check_contents(self, path: Path, entry: FileEntry) -> Iterator[Problem]:
        yield from check_bytes(path, entry)
        with open_parquet(path) as file:
            self.counts.update(files=1, bytes=path.stat().st_size)
            self.counts[entry.table] += file.metadata.num_rows
            problems = list(check_schema(file, entry))
            yield from problems
            if any(problem.kind == "schema" for problem in problems):
                self._lose(entry)
            else:
                yield from self._content.check(file, entry)

    def _lose(self, entry: FileEntry) -> None:
        """Remember that the rows of a file could not be looked at."""
        self._lost.append(entry)
        self._content.has_lost_articles |= entry.table == "articles"

    def _check_articles(self) -> Iterator[Problem]:
        for article_id, revision, content_sha256 in self._ledger.stored_articles():
            rows = self._index.articles(article_id, revision)
            where = f"{article_id}.{revision}"
            if not rows and not self._content.has_lost_articles:
                yield Problem(kind="no-article", where=where, detail="is in the ledger, but not in `articles`")
            elif any(row[1] != content_sha256 for row in rows):
                yield Problem(kind="content", where=where, detail="ledger and `articles` hold different contents")

    def _check_work(self) -> Iterator[Problem]:
        lost = [entry for entry in self._lost if entry.table == "bitext"]
        if any(entry.is_merged for entry in lost):
            return
        lost_runs = {entry.run_id for entry in lost}
        for article_id, revision, target, run_id in self._ledger.done_work():
            if run_id not in lost_runs and not self._index.has_translation(article_id, revision, target, run_id):
                detail = f"the ledger has its translation into {target} by run {run_id}, `bitext` has no units"
                yield Problem(kind="no-units", where=f"{article_id}.{revision}", detail=detail)

    def _check_run(self, run: RunEntry) -> Iterator[Problem]:
        if run.finished_at is None:
            return
        path = f"runs/{run.run_id}.json"
        try:
            manifest = json.loads(self._corpus.locate(path).read_bytes())
            is_own = isinstance(manifest, dict) and manifest.get("run_id") == run.run_id
        except FileNotFoundError:
            yield Problem(kind="missing", where=path, detail="the manifest of a finished run is gone")
        except (OSError, ValueError) as error:
            yield Problem(kind="unreadable", where=path, detail=f"the manifest cannot be read ({error})")
        else:
            if not is_own:
                yield Problem(kind="manifest", where=path, detail=f"is not the manifest of run {run.run_id}")


def _check_waiting(waiting: WaitingArticles) -> Iterator[Problem]:
    for article_id, revision, finding in waiting.damaged():
        detail = f"waits for a model, but {finding}; restore the state from a backup"
        yield Problem(kind="waiting", where=f"{article_id}.{revision}", detail=detail)


def _check_listing(listing: _Listing, entries: dict[str, FileEntry], known: set[str]) -> Iterator[Problem]:
    for path in sorted(listing.data - known):
        yield Problem(kind="orphan", where=path, detail="the ledger does not know the file; move it away")
    expected = {staged_path(entry.path, entry.attempt) for entry in entries.values() if not entry.is_placed}
    leftover: list[str] = []
    for where in sorted(listing.staged if not listing.is_busy else ()):
        if where in expected:
            yield Problem(kind="unplaced", where=where, detail="was cut off; the next `newsmt run` puts it into place")
        else:
            leftover.append(where)
    if leftover:
        more = f", and {len(leftover) - 1:,} more like it" if len(leftover) > 1 else ""
        detail = f"was cut off{more}; the next `newsmt run` deletes what is left in staging"
        yield Problem(kind="leftover", where=leftover[0], detail=detail)
