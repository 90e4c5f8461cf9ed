"""The SQLite file of an output folder: opening it, its tables, its version."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pipeline.disk import is_writable
from pipeline.errors import OutputError, StateError
from pipeline.store.layout import STATE_FOLDER

_Key = TypeVar("_Key")

STATE_VERSION = 5
_CHECKPOINT_PAGES = 8_000
"""Keys are random, so each commit touches as many pages as it has entries; moving them into the file seldom, and many
times changed ones once, keeps a commit as quick in a large state as in a small one."""
_CACHE_KIB = 16_384
_KEYS_PER_QUERY = 500
SECONDS_OF_A_DAY = 86_400

_TABLES = """
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, signature TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT
) WITHOUT ROWID;
CREATE TABLE files (
    path TEXT PRIMARY KEY, run_id TEXT NOT NULL, shard INTEGER NOT NULL, n_rows INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, is_placed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE shards (
    run_id TEXT NOT NULL, shard INTEGER NOT NULL, counts TEXT NOT NULL, PRIMARY KEY (run_id, shard)
) WITHOUT ROWID;
CREATE TABLE articles (
    article_id TEXT NOT NULL, revision INTEGER NOT NULL, content_sha256 TEXT NOT NULL, source_lang TEXT NOT NULL,
    signature TEXT NOT NULL, ingested_at TEXT NOT NULL, is_stored INTEGER NOT NULL,
    PRIMARY KEY (article_id, revision)
) WITHOUT ROWID;
CREATE TABLE work (
    article_id TEXT NOT NULL, revision INTEGER NOT NULL, target_lang TEXT NOT NULL, signature TEXT,
    run_id TEXT NOT NULL, PRIMARY KEY (article_id, revision, target_lang)
) WITHOUT ROWID;
CREATE INDEX waiting_work ON work (target_lang) WHERE signature IS NULL;
CREATE TABLE rejects (
    reject_key TEXT PRIMARY KEY, reason TEXT NOT NULL, source_uri TEXT NOT NULL, run_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE memory (
    key BLOB PRIMARY KEY, text TEXT NOT NULL, score REAL NOT NULL, is_truncated INTEGER NOT NULL
) WITHOUT ROWID;
"""
_WAITING = """TABLE waiting (
    article_id TEXT NOT NULL, revision INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (article_id, revision)
);
"""
_UNFINISHED = """TABLE unfinished (
    key BLOB PRIMARY KEY, text TEXT NOT NULL, score REAL NOT NULL, is_truncated INTEGER NOT NULL
) WITHOUT ROWID;
"""
_RETIRED = "TABLE retired (path TEXT PRIMARY KEY, retired_at TEXT NOT NULL) WITHOUT ROWID;\n"
_SIGHTINGS = """TABLE sightings (key INTEGER PRIMARY KEY, n_articles INTEGER NOT NULL, seen_on INTEGER NOT NULL);
"""
_FINGERPRINTS = """TABLE fingerprints (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL, revision INTEGER NOT NULL, signature BLOB NOT NULL
);
"""
_BANDS = "TABLE bands (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;\n"
_OWNER = "TABLE owner (id TEXT NOT NULL);\n"
_ADDED_COLUMNS = {
    # The day counts from 1970; what is older than this column was used on the day when the column came.
    3: "ALTER TABLE memory ADD COLUMN used_on INTEGER NOT NULL DEFAULT {today};\n",
    4: "ALTER TABLE memory ADD COLUMN sound_by INTEGER NOT NULL DEFAULT 0;\n",
    5: "ALTER TABLE files ADD COLUMN attempt TEXT NOT NULL DEFAULT '';\n",
}
_READ_COLUMNS = {5: "CREATE TEMP VIEW files AS SELECT *, '' AS attempt FROM main.files;\n"}
"""Those of the added columns that mere readers ask for."""
_ADDED_TABLES = {
    2: (_WAITING,),
    3: (_UNFINISHED, _RETIRED),
    4: (_SIGHTINGS, _FINGERPRINTS, _BANDS),
    5: (_OWNER,),
}
"""What each version added to the one before."""


def parts_of(keys: Sequence[_Key]) -> Iterator[tuple[str, Sequence[_Key]]]:
    """Yield keys in parts that a query can take, each with the marks that stand for them in it."""
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        some = keys[start : start + _KEYS_PER_QUERY]
        yield ",".join("?" * len(some)), some


def today() -> int:
    """Return the number of the day, UTC, from 1970 on."""
    return int(time.time() // SECONDS_OF_A_DAY)


def open_state(path: Path) -> sqlite3.Connection:
    """Open the state for writing, creating it where it is missing.

    Raises:
        OutputError: the state was written by a newer newsmt; nothing is changed.
        StateError: the file is damaged.
    """
    with state_errors(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            version = _version_of(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            _bring_up_to_date(connection, version)
        except BaseException:
            connection.close()
            raise
    return connection


def open_empty_state() -> sqlite3.Connection:
    """Open a state that knows nothing and is never written to disk."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _bring_up_to_date(connection, 0)
    return connection


def open_state_to_read(path: Path) -> sqlite3.Connection:
    """Open the state read-only; a run may be writing it meanwhile.

    Raises:
        OutputError: there is no state, or a newer newsmt wrote it.
        StateError: the file is damaged.
    """
    if not path.exists():
        raise OutputError(f"{path.parent.parent}: no output of newsmt here ({path} is missing); run `newsmt run` first")
    with state_errors(path):
        try:
            return _open_to_read(path, "mode=ro")
        except sqlite3.OperationalError:
            # A read-only medium cannot hold the shared-memory file of the write-ahead log.
            if is_writable(path.parent):
                raise
            return _open_to_read(path, "immutable=1")


@contextmanager
def state_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged or unusable file into a StateError; wrong statements stay what they are."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StateError(f"{path}: the state cannot be used ({error}); mend that and try again") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            raise
        raise _damaged(path, str(error)) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do what is inside all or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself has rolled back after some failures, a full disk among them.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def path_of(connection: sqlite3.Connection) -> Path:
    """Return the file behind a connection; the empty path for a state in memory."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def check_integrity(connection: sqlite3.Connection) -> None:
    """Read the whole state.

    Raises:
        StateError: it is damaged.
    """
    path = path_of(connection)
    with state_errors(path):
        finding = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if finding != "ok":
        raise _damaged(path, finding)


def _open_to_read(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        version = _version_of(connection, path)
    except BaseException:
        connection.close()
        raise
    if version:
        _stand_in(connection, version)
        return connection
    # A run that is just beginning, or was cut off there, has created the file but no tables.
    connection.close()
    return open_empty_state()


def _version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the state, 0 for an empty file."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > STATE_VERSION:
        raise OutputError(
            f"{path}: written by a newer newsmt (state version {version}, this one knows {STATE_VERSION}); "
            "upgrade newsmt, or choose another --out"
        )
    n_tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and n_tables:
        raise StateError(f"{path}: is a database, but not of newsmt; choose another --out")
    return version


def _bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Add what later versions than `version` have, all or nothing."""
    if version < STATE_VERSION:
        missing = (_TABLES if version == 0 else "") + _missing_tables(version, "CREATE")
        missing += "".join(column for added_in, column in _ADDED_COLUMNS.items() if added_in > version)
        missing = missing.format(today=today())
        connection.executescript(f"BEGIN IMMEDIATE; {missing} PRAGMA user_version = {STATE_VERSION}; COMMIT;")


def _stand_in(connection: sqlite3.Connection, version: int) -> None:
    """Give a reader, who cannot change an older state, the tables that it lacks, empty, and the columns, as views."""
    if version < STATE_VERSION:
        views = "".join(view for added_in, view in _READ_COLUMNS.items() if added_in > version)
        connection.executescript(f"PRAGMA temp_store = MEMORY; {_missing_tables(version, 'CREATE TEMP')} {views}")


def _missing_tables(version: int, create: str) -> str:
    added = (table for added_in, tables in _ADDED_TABLES.items() if added_in > version for table in tables)
    return "".join(f"{create} {table}" for table in added)


def _damaged(path: Path, finding: str) -> StateError:
    remedy = "restore its folder from a backup; docs/storage.md tells what to do without one"
    if path.parent.name == STATE_FOLDER:
        remedy = f"`newsmt check --repair {path.parent.parent}` makes it anew from the Parquet files"
    return StateError(f"{path}: the state is damaged ({finding}); {remedy}")
