from __future__ import annotations

import errno
import json
import os
import sqlite3
from pathlib import Path

import pytest

from pipeline.decode.hypothesis import Hypothesis
from pipeline.errors import LockHeldError, OutputError, StateError, WriteError
from pipeline.store.dataset import open_dataset
from pipeline.store.rows import ShardContents
from pipeline.store.state import STATE_VERSION
from pipeline.store.verify import verify
from tests.factories import NOW, make_contents, make_reject, make_story
from tests.folders import COUNTS, change_state, data_bytes, without_override, write_run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "out"


def _staged(out: Path) -> list[Path]:
    return [path for path in (out / ".newsmt" / "staging").rglob("*") if path.is_file()]


def test_committed_shard_is_in_files_ledger_and_memory(out: Path) -> None:
    story = make_story(targets=("ru",))
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        dataset.memory.add({b"k" * 16: Hypothesis(text="Да.", score=-0.1)})
        contents = make_contents(story, rejects=[make_reject()], waiting=[(story.article.article_id, 1, "hy")])
        dataset.commit(contents, run_id=run.run_id, shard=0, counts=COUNTS)
        known = dataset.ledger.known_revisions([story.article.article_id])[story.article.article_id][0]
        assert (known.is_stored, known.work) == (True, {"ru": "work|1", "hy": None})
        assert dataset.ledger.count_rejects() == {"empty": 1}
        assert dataset.ledger.shard_counts(run.run_id) == [COUNTS]
        assert dataset.memory.look_up([b"k" * 16])
        assert [entry.is_placed for entry in dataset.files] == [True, True, True]
    assert sorted(data_bytes(out)) == [
        f"articles/date=2020-11-13/{run.run_id}-00000.parquet",
        f"bitext/pair=en-ru/date=2020-11-13/{run.run_id}-00000.parquet",
        f"rejects/{run.run_id}-00000.parquet",
    ]
    assert _staged(out) == []


def test_shard_without_files_is_recorded(out: Path) -> None:
    write_run(out, make_contents())
    assert data_bytes(out) == {}
    assert verify(out).is_sound


def test_finished_run_has_its_manifest(out: Path) -> None:
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        path = dataset.finish_run({"run_id": run.run_id, "inputs": ["новости"]}, run_id=run.run_id, now=NOW)
        assert dataset.ledger.runs()[0].finished_at == NOW
    assert path == out / "runs" / f"{run.run_id}.json"
    assert json.loads(path.read_bytes()) == {"run_id": run.run_id, "inputs": ["новости"]}
    assert "новости" in path.read_text(encoding="utf-8")


def test_what_no_commit_knows_is_deleted_at_the_next_start(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    stray = out / ".newsmt" / "staging" / "bitext" / "pair=en-ru" / "stray.parquet"
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"half a fi")
    before = data_bytes(out)
    with open_dataset(out):
        pass
    assert list((out / ".newsmt" / "staging").iterdir()) == []
    assert data_bytes(out) == before


def test_committed_files_in_staging_are_put_into_place_at_the_next_start(out: Path) -> None:
    write_run(out, make_contents(make_story(targets=("ru", "hy"))))
    before = data_bytes(out)
    path = next(iter(before))
    staged = out / ".newsmt" / "staging" / path
    staged.parent.mkdir(parents=True, exist_ok=True)
    (out / path).rename(staged)
    change_state(out, "UPDATE files SET is_placed = 0")
    with open_dataset(out) as dataset:
        assert dataset.files.unplaced() == {}
    assert data_bytes(out) == before


def test_committed_file_that_is_lost_stops_the_next_run_and_leaves_the_rest(out: Path) -> None:
    write_run(out, make_contents(make_story(targets=("ru", "hy"))))
    change_state(out, "UPDATE files SET is_placed = 0")
    lost = out / next(iter(data_bytes(out)))
    lost.unlink()
    before = data_bytes(out)
    with pytest.raises(StateError, match=f"{lost}: a committed file is missing.*newsmt check"), open_dataset(out):
        pass
    assert data_bytes(out) == before


def test_failed_transaction_leaves_nothing_behind_and_can_be_repeated(out: Path) -> None:
    class PoisonedCountsError(Exception):
        pass

    class Poisoned(dict[str, int]):
        def items(self) -> object:  # type: ignore[override]
            raise PoisonedCountsError

    contents = make_contents(make_story())
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        dataset.memory.add({b"k" * 16: Hypothesis(text="Да.", score=-0.1)})
        with pytest.raises(PoisonedCountsError):
            dataset.commit(contents, run_id=run.run_id, shard=0, counts=Poisoned(a=1))
        assert list(dataset.files) == []
        assert data_bytes(out) == {}
        assert dataset.memory.look_up([b"k" * 16]) == {}
        dataset.commit(contents, run_id=run.run_id, shard=0, counts=COUNTS)
        assert dataset.memory.look_up([b"k" * 16])
    assert len(data_bytes(out)) == 2


def test_shard_is_committed_once(out: Path) -> None:
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        dataset.commit(make_contents(make_story()), run_id=run.run_id, shard=0, counts=COUNTS)
        before = data_bytes(out)
        with pytest.raises(sqlite3.IntegrityError):
            dataset.commit(make_contents(make_story("b")), run_id=run.run_id, shard=0, counts=COUNTS)
        assert data_bytes(out) == before


@pytest.mark.parametrize("n_written", [0, 1, 2])
def test_full_disk_is_an_output_error_and_the_run_can_be_resumed(
    out: Path, monkeypatch: pytest.MonkeyPatch, n_written: int
) -> None:
    real, calls = os.fsync, []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > n_written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    contents = make_contents(make_story())
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(WriteError, match="No space left on device"):
            dataset.commit(contents, run_id=run.run_id, shard=0, counts=COUNTS)
        monkeypatch.undo()
    assert write_run(out, contents, signature="command") == run.run_id
    assert verify(out).is_sound


def test_state_that_cannot_grow_is_a_state_error_and_the_run_can_be_resumed(out: Path) -> None:
    contents = make_contents(make_story())
    with pytest.raises(StateError, match="database or disk is full"):
        _commit_with_a_memory_too_large(out, contents)
    assert data_bytes(out) == {}
    write_run(out, contents, signature="command")
    assert verify(out).is_sound


def _commit_with_a_memory_too_large(out: Path, contents: ShardContents) -> None:
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        (n_pages,) = dataset.connection.execute("PRAGMA page_count").fetchone()
        dataset.connection.execute(f"PRAGMA max_page_count = {n_pages}")
        dataset.memory.add({b"k" * 16: Hypothesis(text="Да. " * 50_000, score=-0.1)})
        dataset.commit(contents, run_id=run.run_id, shard=0, counts=COUNTS)


def test_second_writer_is_turned_away(out: Path) -> None:
    with open_dataset(out), pytest.raises(LockHeldError), open_dataset(out):
        pass


def test_output_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("news")
    with pytest.raises(OutputError, match="is a file; --out takes a folder"), open_dataset(file):
        pass
    assert file.read_text() == "news"


@pytest.mark.parametrize("folder", ["/proc/newsmt", "file/out"], ids=["on /proc", "below a file"])
def test_folder_that_cannot_be_made_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"), open_dataset(tmp_path / folder):
        pass


@pytest.mark.parametrize("part", [".newsmt", ".newsmt/state.sqlite", ".newsmt/staging", "bitext", "."])
def test_folder_without_write_permission_is_refused(out: Path, part: str) -> None:
    write_run(out, make_contents(make_story()))
    mode = (out / part).stat().st_mode
    (out / part).chmod(0o555)
    try:
        with without_override():
            if part == ".":
                _write_more(out)
            else:
                with pytest.raises(OutputError, match="no permission"), open_dataset(out):
                    pass
    finally:
        (out / part).chmod(mode)


def _write_more(out: Path) -> None:
    """The folder itself may be closed where all folders in it are there; the new folder `rejects` is too much."""
    with pytest.raises(WriteError, match=r"rejects.*cannot be written \(Permission denied\)"):
        write_run(out, make_contents(rejects=[make_reject()]))


@pytest.mark.parametrize("stranger", ["bitext", "articles", "rejects", "runs"])
@pytest.mark.parametrize("has_state_folder", [False, True], ids=["no .newsmt", "no state in .newsmt"])
def test_strangers_without_state_are_refused(out: Path, stranger: str, *, has_state_folder: bool) -> None:
    (out / stranger).mkdir(parents=True)
    if has_state_folder:
        (out / ".newsmt").mkdir()
    with pytest.raises(OutputError, match=f"holds {stranger} but no .newsmt/state.sqlite"), open_dataset(out):
        pass
    assert not (out / ".newsmt" / "state.sqlite").exists()


def test_other_files_in_the_folder_are_no_obstacle(out: Path) -> None:
    out.mkdir(parents=True)
    (out / ".gitkeep").touch()
    write_run(out, make_contents(make_story()))
    assert verify(out).is_sound


def test_newer_state_is_refused_untouched(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    change_state(out, f"PRAGMA user_version = {STATE_VERSION + 1}")
    state = out / ".newsmt" / "state.sqlite"
    before, data = state.read_bytes(), data_bytes(out)
    with pytest.raises(OutputError, match="newer newsmt"), open_dataset(out):
        pass
    assert state.read_bytes() == before
    assert data_bytes(out) == data


def test_damaged_state_is_a_state_error_and_frees_the_lock(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    (out / ".newsmt" / "state.sqlite").write_bytes(b"no database " * 400)
    for _ in range(2):
        with pytest.raises(StateError, match="the state is damaged"), open_dataset(out):
            pass


def test_damage_found_while_working_is_a_state_error(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    change_state(out, "DROP TABLE shards")
    with pytest.raises(StateError, match="no such table: shards"), open_dataset(out) as dataset:
        dataset.ledger.shard_counts("any")
