from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, OutputError, StateError
from pipeline.store.state import (
    STATE_VERSION,
    check_integrity,
    open_empty_state,
    open_state,
    open_state_to_read,
    path_of,
    state_errors,
)
from tests.folders import make_version, without_override


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / ".newsmt"
    folder.mkdir()
    return folder / "state.sqlite"


def _create(path: Path) -> None:
    with closing(open_state(path)) as connection:
        connection.execute("INSERT INTO shards VALUES ('r', 0, '{}')")


def _n_shards(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM shards").fetchone()[0])


def _damage(path: Path) -> None:
    """Overwrite all pages but the first, which holds the header."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


VERSIONS = pytest.mark.parametrize("version", range(1, STATE_VERSION))


def test_state_is_created_once_and_kept(path: Path) -> None:
    _create(path)
    with closing(open_state(path)) as connection:
        assert _n_shards(connection) == 1
        assert connection.execute("PRAGMA user_version").fetchone() == (STATE_VERSION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert path_of(connection) == path


def test_file_left_empty_by_a_crash_is_filled(path: Path) -> None:
    path.touch()
    with closing(open_state_to_read(path)) as connection:
        assert _n_shards(connection) == 0
    assert path.read_bytes() == b""
    _create(path)
    with closing(open_state_to_read(path)) as connection:
        assert _n_shards(connection) == 1


def test_empty_state_is_nowhere_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(open_empty_state()) as connection:
        assert _n_shards(connection) == 0
        assert path_of(connection) == Path()
    assert list(tmp_path.iterdir()) == []


@VERSIONS
def test_older_state_gets_what_it_lacks_and_keeps_the_rest(path: Path, version: int) -> None:
    _create(path)
    make_version(path, version)
    with closing(open_state(path)) as connection:
        assert _n_shards(connection) == 1
        assert connection.execute("SELECT * FROM waiting").fetchall() == []
        assert connection.execute("PRAGMA user_version").fetchone() == (STATE_VERSION,)
    with closing(open_state(path)) as migrated, closing(open_empty_state()) as created:
        schema = "SELECT name, sql FROM sqlite_master ORDER BY name"
        assert migrated.execute(schema).fetchall() == created.execute(schema).fetchall()


@VERSIONS
def test_reader_of_an_older_state_finds_the_new_tables_empty_and_changes_nothing(path: Path, version: int) -> None:
    _create(path)
    make_version(path, version)
    before = path.read_bytes()
    with closing(open_state_to_read(path)) as connection:
        for table in ("waiting", "unfinished", "retired", "fingerprints", "bands", "owner"):
            assert connection.execute(f"SELECT * FROM {table}").fetchall() == []  # noqa: S608 - a constant
        assert connection.execute("SELECT path, attempt FROM files").fetchall() == []
        assert _n_shards(connection) == 1
        check_integrity(connection)
    assert path.read_bytes() == before


def test_older_state_on_a_read_only_medium_can_be_read(path: Path) -> None:
    _create(path)
    make_version(path, 1)
    path.parent.chmod(0o555)
    try:
        with without_override(), closing(open_state_to_read(path)) as connection:
            assert connection.execute("SELECT * FROM waiting").fetchall() == []
    finally:
        path.parent.chmod(0o755)


def test_reader_cannot_write(path: Path) -> None:
    _create(path)
    with closing(open_state_to_read(path)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM shards")


def test_reader_sees_what_is_committed_while_a_writer_is_at_work(path: Path) -> None:
    with closing(open_state(path)) as writer, closing(open_state_to_read(path)) as reader:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO shards VALUES ('r', 0, '{}')")
        assert _n_shards(reader) == 0
        writer.execute("COMMIT")
        assert _n_shards(reader) == 1


def test_state_on_a_read_only_medium_can_be_read(path: Path) -> None:
    _create(path)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with without_override(), closing(open_state_to_read(path)) as connection:
            assert _n_shards(connection) == 1
        assert [file.name for file in path.parent.iterdir()] == ["state.sqlite"]
    finally:
        path.parent.chmod(0o755)


def test_missing_state_names_the_command_that_makes_one(path: Path) -> None:
    with pytest.raises(OutputError, match="newsmt run") as caught:
        open_state_to_read(path)
    assert str(path.parent.parent) in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("opener", [open_state, open_state_to_read])
def test_newer_state_is_refused_and_left_untouched(path: Path, opener: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE of_the_future (x)")
        connection.execute(f"PRAGMA user_version = {STATE_VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(OutputError, match=f"state version {STATE_VERSION + 1}, this one knows {STATE_VERSION}"):
        opener(path)  # type: ignore[operator]
    assert path.read_bytes() == before


@pytest.mark.parametrize("opener", [open_state, open_state_to_read])
def test_newer_state_is_refused_on_a_read_only_medium_as_well(path: Path, opener: object) -> None:
    _create(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {STATE_VERSION + 1}")
    path.parent.chmod(0o555)
    try:
        with without_override(), pytest.raises((OutputError, StateError)) as caught:
            opener(path)  # type: ignore[operator]
    finally:
        path.parent.chmod(0o755)
    assert opener is open_state or isinstance(caught.value, OutputError)


@pytest.mark.parametrize("opener", [open_state, open_state_to_read])
def test_database_of_another_program_is_refused(path: Path, opener: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (x)")
    before = path.read_bytes()
    with pytest.raises(StateError, match="not of newsmt"):
        opener(path)  # type: ignore[operator]
    assert path.read_bytes() == before


@pytest.mark.parametrize("opener", [open_state, open_state_to_read])
@pytest.mark.parametrize(
    "data",
    [b"this is a text of more than a hundred bytes " * 4, b"\x00" * 4096, b"SQLite format 3\x00" + b"\xff" * 200],
    ids=["text", "zeros", "header only"],
)
def test_damaged_state_is_a_state_error(path: Path, opener: object, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(StateError, match=r"state\.sqlite") as caught:
        opener(path)  # type: ignore[operator]
    assert caught.value.exit_code is ExitCode.FAILED


@pytest.mark.parametrize("opener", [open_state, open_state_to_read])
def test_folder_in_the_place_of_the_state_is_a_state_error(path: Path, opener: object) -> None:
    path.mkdir()
    with pytest.raises(StateError, match="cannot be used"):
        opener(path)  # type: ignore[operator]


def test_integrity_check_finds_damage_behind_the_header(path: Path) -> None:
    _create(path)
    _damage(path)
    with closing(open_state_to_read(path)) as connection, pytest.raises(StateError, match="the state is damaged"):
        check_integrity(connection)


def test_integrity_check_passes_a_sound_state(path: Path) -> None:
    _create(path)
    with closing(open_state_to_read(path)) as connection:
        check_integrity(connection)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (sqlite3.OperationalError("database or disk is full"), StateError),
        (sqlite3.DatabaseError("database disk image is malformed"), StateError),
        (sqlite3.IntegrityError("UNIQUE constraint failed"), sqlite3.IntegrityError),
        (sqlite3.ProgrammingError("wrong number of bindings"), sqlite3.ProgrammingError),
        (KeyError("x"), KeyError),
    ],
    ids=["full disk", "damage", "bug in rows", "bug in statement", "bug elsewhere"],
)
def test_only_failures_of_the_file_become_state_errors(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected), state_errors(Path("state.sqlite")):
        raise error
