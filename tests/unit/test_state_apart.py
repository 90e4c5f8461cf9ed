"""Corpora whose state is in a folder of its own: whose they are, and what is done when one of the two is lost."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.config import RunConfig
from pipeline.errors import LockHeldError, OutputError, StateError, UsageError, WriteError
from pipeline.lock import is_locked
from pipeline.places import StorageUri
from pipeline.store.dataset import open_dataset
from pipeline.store.layout import has_state, locate
from pipeline.store.repair import repair
from pipeline.store.status import read_status
from pipeline.store.upkeep import clean_folder, compact_folder
from pipeline.store.verify import verify
from tests.factories import NOW, make_contents, make_reject, make_story
from tests.folders import COUNTS, data_bytes, without_override, write_run

S3 = StorageUri("s3://key:secret@bucket/corpus?region=eu-west-1")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def write(out: Path, state: Path | None, *names: str) -> None:
    """Add a run with an article of each name."""
    with open_dataset(out, state=state) as dataset:
        run = dataset.ledger.begin_run(f"run|{names}", NOW)
        for shard, name in enumerate(names):
            contents = make_contents(make_story(name, targets=("ru",)), rejects=[make_reject(f"{name}.txt")])
            dataset.commit(contents, run_id=run.run_id, shard=shard, counts=COUNTS)
        dataset.finish_run({"run_id": run.run_id, "counts": COUNTS, "stopped_by": None}, run_id=run.run_id, now=NOW)


def test_state_and_lock_are_in_the_folder_of_their_own_and_staging_is_not(out: Path, state: Path) -> None:
    with open_dataset(out, state=state):
        assert is_locked(state / "lock")
    write(out, state, "a")
    assert sorted(path.name for path in state.iterdir()) == ["lock", "state.sqlite"]
    assert sorted(path.name for path in (out / ".newsmt").iterdir()) == ["owner.json", "staging"]
    assert verify(out, state=state).is_sound


def test_files_are_those_of_a_corpus_with_its_state_inside(out: Path, state: Path, tmp_path: Path) -> None:
    write(out, state, "a", "b")
    write(tmp_path / "usual", None, "a", "b")
    assert data_bytes(out) == data_bytes(tmp_path / "usual")


def test_mark_tells_where_the_state_is(out: Path, state: Path) -> None:
    write(out, state, "a")
    mark = json.loads((out / ".newsmt" / "owner.json").read_bytes())
    assert (mark["host"], mark["state"]) == (socket.gethostname(), str(state))


def test_state_folder_of_the_corpus_itself_is_the_usual_one(out: Path) -> None:
    write(out, None, "a")
    write(out, out / "." / ".newsmt", "b")
    assert not (out / ".newsmt" / "owner.json").exists()
    assert len(read_status(out).runs) == 2


def test_second_state_on_the_same_corpus_is_refused(out: Path, state: Path, tmp_path: Path) -> None:
    write(out, state, "a")
    before = data_bytes(out)
    for other in (tmp_path / "other", tmp_path / "third"):
        with pytest.raises(OutputError, match=f"belongs to the state in {state} on .*--state {state}"):
            write(out, other, "b")
        with pytest.raises(OutputError, match="belongs to the state"):
            verify(out, state=other)
    assert data_bytes(out) == before


def test_writer_that_has_the_state_keeps_others_out(out: Path, state: Path) -> None:
    with open_dataset(out, state=state), pytest.raises(LockHeldError, match=f"^{out}: another run"):
        write(out, state, "a")


def test_state_of_another_corpus_is_refused(out: Path, state: Path, tmp_path: Path) -> None:
    write(out, state, "a")
    with pytest.raises(OutputError, match="3 of its files are not there"):
        write(tmp_path / "other", state, "b")


def test_state_of_a_corpus_that_was_removed_is_refused(out: Path, state: Path) -> None:
    write(out, state, "a")
    shutil.rmtree(out)
    with pytest.raises(OutputError, match="is not the corpus of the state"):
        write(out, state, "b")


def test_mark_that_was_lost_is_made_anew_where_all_files_are_there(out: Path, state: Path, tmp_path: Path) -> None:
    write(out, state, "a")
    (out / ".newsmt" / "owner.json").unlink()
    write(out, state, "b")
    assert verify(out, state=state).is_sound
    with pytest.raises(OutputError, match="belongs to the state"):
        write(out, tmp_path / "other", "c")


def test_mark_that_a_crash_has_not_let_come_is_made_by_the_next_run(out: Path, state: Path) -> None:
    with open_dataset(out, state=state):
        pass
    (out / ".newsmt" / "owner.json").unlink()
    write(out, state, "a")
    assert verify(out, state=state).is_sound


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"id": 7}'], ids=["empty", "list", "cut", "other"])
def test_mark_that_is_damaged_is_nobodys(out: Path, state: Path, content: bytes) -> None:
    write(out, state, "a")
    (out / ".newsmt" / "owner.json").write_bytes(content)
    with pytest.raises(OutputError, match=r"owner.json in it is damaged; delete it where .* is the state"):
        write(out, state, "b")
    (out / ".newsmt" / "owner.json").unlink()
    write(out, state, "b")


def test_files_that_nobody_knows_are_refused(out: Path, state: Path) -> None:
    write_run(out, make_contents(make_story()))
    shutil.rmtree(out / ".newsmt")
    with pytest.raises(OutputError, match=r"holds files that the state in .* does not know"):
        write(out, state, "a")


def test_state_that_was_moved_out_of_its_corpus_goes_on(out: Path, state: Path) -> None:
    write(out, None, "a")
    (out / ".newsmt").rename(state)
    write(out, state, "b")
    assert verify(out, state=state).n_articles == 2


def test_corpus_with_its_state_inside_needs_no_other(out: Path, state: Path) -> None:
    write(out, None, "a")
    with pytest.raises(OutputError, match=r"has its state in .*; leave out --state"):
        write(out, state, "b")


@pytest.mark.parametrize("command", [open_dataset, verify, read_status], ids=["write", "check", "status"])
def test_state_that_is_elsewhere_must_be_named(out: Path, state: Path, command: object) -> None:
    write(out, state, "a")
    with pytest.raises(OutputError, match=rf"its state is in {state} on \S+; name it: --state"):
        _use(command, out, None)
    (out / ".newsmt" / "owner.json").write_text("{")
    with pytest.raises(OutputError, match=r"its state is in the folder that .*owner.json should tell of; name it"):
        _use(command, out, None)


@pytest.mark.parametrize("command", [verify, read_status], ids=["check", "status"])
def test_wrong_state_folder_holds_nothing_to_read(out: Path, state: Path, command: object, tmp_path: Path) -> None:
    write(out, state, "a")
    with pytest.raises(OutputError, match=r"no output of newsmt with a state in .*wrong"):
        _use(command, out, tmp_path / "wrong")


def _use(command: object, out: Path, state: Path | None) -> None:
    if command is open_dataset:
        write(out, state, "b")
    else:
        command(out, state=state)  # type: ignore[operator]


@pytest.mark.parametrize("gone", ["out", "out/.newsmt/owner.json", "state", "state/state.sqlite"])
def test_what_is_removed_under_a_run_ends_it(out: Path, state: Path, tmp_path: Path, gone: str) -> None:
    with open_dataset(out, state=state) as dataset:
        run = dataset.ledger.begin_run("run", NOW)
        path = tmp_path / gone
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        with pytest.raises(WriteError, match="was removed or replaced while the run was at work"):
            dataset.commit(make_contents(make_story()), run_id=run.run_id, shard=0, counts=COUNTS)
    assert not list(out.rglob("*.parquet"))


@pytest.mark.parametrize("part", ["", "state.sqlite", "lock"])
def test_state_folder_without_write_permission_is_refused(out: Path, state: Path, part: str) -> None:
    write(out, state, "a")
    (state / "unrelated").touch(mode=0o400)
    mode = (state / part).stat().st_mode
    (state / part).chmod(0o555)
    try:
        with without_override(), pytest.raises(OutputError, match=r"no permission for .*; choose another --state"):
            write(out, state, "b")
    finally:
        (state / part).chmod(mode)


def test_state_folder_that_cannot_be_made_is_refused(out: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file/state: cannot be written .*; choose another --state"):
        write(out, tmp_path / "file" / "state", "a")
    assert not out.exists()


def test_upkeep_works_with_a_state_apart(out: Path, state: Path) -> None:
    for name in ("a", "b", "c"):
        write(out, state, name)
    later = NOW + timedelta(days=1)
    done = compact_folder(
        out, state=state, file_bytes=1 << 20, now=later, has_readers=True, wait_s=0, is_stopped=lambda: False
    )
    assert done.n_files_before == 9
    assert verify(out, state=state).is_sound
    cleaned = clean_folder(
        out, state=state, now=later + timedelta(hours=1), retired_after_s=60, memory_after_s=None, wait_s=0
    )
    assert cleaned.n_retired_files == 9
    assert verify(out, state=state).is_sound


def test_repair_mends_files_of_a_corpus_with_a_state_apart(out: Path, state: Path) -> None:
    write(out, state, "a", "b")
    victim = next(out.rglob("bitext/**/*.parquet"))
    victim.write_bytes(b"no parquet")
    done = repair(out, state=state, now=NOW)
    assert done.n_translations == 1
    assert verify(out, state=state).is_sound


def test_lost_state_is_made_anew_once_the_mark_is_gone(out: Path, state: Path) -> None:
    write(out, state, "a", "b")
    (state / "state.sqlite").write_bytes(b"no database " * 400)
    with pytest.raises(StateError, match=r"remove .*owner\.json and let `newsmt check --repair"):
        repair(out, state=state, now=NOW)
    (out / ".newsmt" / "owner.json").unlink()
    assert repair(out, now=NOW).n_articles == 0
    assert verify(out).n_articles == 2


def test_damaged_state_is_not_told_to_be_made_anew_in_place(out: Path, state: Path) -> None:
    write(out, state, "a")
    (state / "state.sqlite").write_bytes(b"no database " * 400)
    with pytest.raises(StateError, match=r"the state is damaged .*restore its folder from a backup"):
        write(out, state, "b")


def test_output_in_a_storage_needs_a_folder_for_its_state() -> None:
    words = r"^s3://bucket/corpus: its state is kept on a disk of this machine; .*--state corpus-state$"
    with pytest.raises(UsageError, match=words):
        locate(S3)
    with pytest.raises(UsageError, match=words):
        RunConfig(inputs=("a.txt",), to=("ru",), out=S3).checked()
    assert not has_state(S3)


def test_files_of_a_storage_are_not_among_those_that_tell_a_location_from_another(state: Path) -> None:
    state.mkdir()
    location = locate(S3, state)
    assert len(location.identity()) == 2
    assert location.identity() == (None, None)
