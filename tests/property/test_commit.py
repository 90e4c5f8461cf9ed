"""The commit protocol under crashes: real processes, killed at any of the points where something reaches the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.store.dataset import open_dataset
from pipeline.store.files import FileList
from pipeline.store.rows import ShardContents, rejects_tables, tables_of
from pipeline.store.state import open_state_to_read
from pipeline.store.verify import verify
from tests.crashes import CRASHED, Bomb, in_child
from tests.factories import NOW, make_contents, make_reject, make_story
from tests.folders import COUNTS, data_bytes

_EVENTS_OF_A_SHARD = 60


@pytest.fixture(scope="module", autouse=True)
def _quick_disk() -> Iterator[None]:
    """A killed process, unlike a power cut, loses nothing that was not synced: spare the disk thousands of syncs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


def _contents(number: int, shape: Sequence[tuple[str, int]], n_rejects: int) -> ShardContents:
    """Return a shard; `shape` holds language and day of each article."""
    stories = [
        make_story(
            f"{number}-{place}",
            language=language,
            targets=[target for target in ("en", "ru", "hy") if target != language],
            published_at=NOW.replace(day=day),
        )
        for place, (language, day) in enumerate(shape)
    ]
    waiting = [(story.article.article_id, 1, "de") for story in stories[:1]]
    return make_contents(
        *stories, rejects=[make_reject(f"{number}-{n}.txt") for n in range(n_rejects)], waiting=waiting
    )


_SHAPES = st.lists(st.tuples(st.sampled_from(["en", "ru", "hy"]), st.integers(1, 2)), max_size=3)
_SHARDS = st.lists(st.tuples(_SHAPES, st.integers(0, 2)), min_size=1, max_size=3).map(
    lambda parts: [_contents(number, shape, n_rejects) for number, (shape, n_rejects) in enumerate(parts)]
)


def _write(out: Path, shards: Sequence[ShardContents], *, bomb: Bomb | None = None, at: int = 0) -> None:
    """Go on with the run where it was left, as the runner does; the bomb is armed before shard `at`."""
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        for number in range(len(dataset.ledger.shard_counts(run.run_id)), len(shards)):
            if bomb and number == at:
                bomb.arm(dataset)
            dataset.commit(shards[number], run_id=run.run_id, shard=number, counts=COUNTS)
        manifest = {"run_id": run.run_id, "counts": COUNTS, "stopped_by": None}
        dataset.finish_run(manifest, run_id=run.run_id, now=NOW)


def _assert_files_are_whole_and_known(out: Path) -> None:
    """What readers see at once after a crash, before anything was mended."""
    with closing(open_state_to_read(out / ".newsmt" / "state.sqlite")) as connection:
        known = {entry.path: entry.sha256 for entry in FileList(connection)}
    for path, data in data_bytes(out).items():
        assert sha256(data).hexdigest() == known[path]


def _assert_shards_are_whole(out: Path, shards: Sequence[ShardContents]) -> int:
    """Return how many shards are committed: all files of those are in place, none of any other."""
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        n_committed = len(dataset.ledger.shard_counts(run.run_id))
        expected = {
            table.path
            for number in range(n_committed)
            for table in (
                *tables_of(shards[number], run_id=run.run_id, shard=number),
                *rejects_tables(shards[number].rejects, run_id=run.run_id, shard=number),
            )
        }
    assert set(data_bytes(out)) == expected
    return n_committed


def _all_bytes(out: Path) -> dict[str, bytes]:
    with closing(open_state_to_read(out / ".newsmt" / "state.sqlite")) as connection:
        rows = connection.execute("SELECT article_id, content FROM waiting").fetchall()
    manifests = {path.name: path.read_bytes() for path in (out / "runs").glob("*.json")}
    return data_bytes(out) | manifests | dict(rows)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shards=_SHARDS, data=st.data())
def test_crash_at_any_point_loses_at_most_one_shard_and_changes_no_byte(
    shards: list[ShardContents], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(shards) - 1), label="shard")
    n_events = data.draw(st.integers(0, _EVENTS_OF_A_SHARD), label="events before the crash")
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, out = Path(folder) / "undisturbed", Path(folder) / "out"
        _write(undisturbed, shards)
        code = in_child(lambda: _write(out, shards, bomb=Bomb(n_events), at=at))
        assert code in (0, CRASHED)
        if code == CRASHED:
            _assert_files_are_whole_and_known(out)
            assert _assert_shards_are_whole(out, shards) >= at
            _write(out, shards)
        assert _all_bytes(out) == _all_bytes(undisturbed)
        assert verify(out).problems == ()


@pytest.mark.slow
def test_crash_at_every_single_point_of_a_commit(tmp_path: Path) -> None:
    shards = [_contents(0, [("en", 1), ("ru", 2)], 1), _contents(1, [("hy", 1)], 1)]
    undisturbed = tmp_path / "undisturbed"
    _write(undisturbed, shards)
    committed = []
    n_events = 0
    while True:
        out = tmp_path / str(n_events)
        code = in_child(lambda out=out, n=n_events: _write(out, shards, bomb=Bomb(n), at=1))  # type: ignore[misc]
        if code == 0:
            break
        assert code == CRASHED
        _assert_files_are_whole_and_known(out)
        committed.append(_assert_shards_are_whole(out, shards))
        _write(out, shards)
        assert _all_bytes(out) == _all_bytes(undisturbed), f"after {n_events} events"
        assert verify(out).problems == ()
        shutil.rmtree(out)
        n_events += 1
    # Before the transaction ends the shard is lost, from then on it is there: once it is, it never is not again.
    assert committed == sorted(committed)
    assert set(committed) == {1, 2}
    assert n_events > 2 * 6, "two syncs for each file at least"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(n_events=st.integers(0, 12))
@example(n_events=0)
def test_crash_while_a_crash_is_mended_is_mended_as_well(n_events: int) -> None:
    shards = [_contents(0, [("en", 1), ("ru", 2)], 1)]
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, out = Path(folder) / "undisturbed", Path(folder) / "out"
        _write(undisturbed, shards)
        assert in_child(lambda: _crash_after_the_transaction(out, shards)) == CRASHED
        assert data_bytes(out) == {}
        assert in_child(lambda: _crash_in_recovery(out, n_events)) in (0, CRASHED)
        _assert_files_are_whole_and_known(out)
        assert _assert_shards_are_whole(out, shards) == 1
        _write(out, shards)
        assert _all_bytes(out) == _all_bytes(undisturbed)


def _crash_after_the_transaction(out: Path, shards: Sequence[ShardContents]) -> None:
    bomb = Bomb(0)
    with open_dataset(out) as dataset:
        dataset.storage.move = bomb.guard(dataset.storage.move)  # type: ignore[method-assign]
        run = dataset.ledger.begin_run("command", NOW)
        dataset.commit(shards[0], run_id=run.run_id, shard=0, counts=COUNTS)


def _crash_in_recovery(out: Path, n_events: int) -> None:
    bomb = Bomb(n_events)
    for name in ("fsync", "replace", "mkdir", "unlink", "rmdir"):
        setattr(os, name, bomb.guard(getattr(os, name)))
    with open_dataset(out):
        pass
