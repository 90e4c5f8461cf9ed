"""Merging small files: nothing is lost or twice at any moment, for readers and through crashes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline.errors import OutputError, StateError, WriteError
from pipeline.store import partitions as partitions_module
from pipeline.store import verify as verify_module
from pipeline.store.cleaning import clean
from pipeline.store.compaction import Compaction, compact, plan_merges
from pipeline.store.dataset import open_dataset
from pipeline.store.files import FileEntry
from pipeline.store.schema import signatures_of
from pipeline.store.verify import verify
from tests.commands import newsmt
from tests.crashes import CRASHED, Bomb, in_child
from tests.factories import NOW, make_contents, make_reject, make_story
from tests.folders import data_bytes, table_rows, write_run

N_RUNS = 8
LARGE = 1 << 20


def write_runs(folder: Path, n_runs: int = N_RUNS) -> None:
    for number in range(n_runs):
        stories = [
            make_story(f"english {number}", language="en", targets=["ru", "hy"]),
            make_story(
                f"russian {number}", language="ru", targets=["en"], published_at=NOW.replace(day=1 + number % 2)
            ),
        ]
        write_run(folder, make_contents(*stories, rejects=[make_reject(f"{number}.txt")]), signature=f"run|{number}")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "out"
    write_runs(folder)
    return folder


@pytest.fixture
def out(corpus: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corpus, tmp_path / "out"))


def merge(folder: Path, **how: Any) -> Compaction:
    with open_dataset(folder) as dataset:
        return compact(dataset, file_bytes=how.pop("file_bytes", LARGE), now=NOW + timedelta(days=1), **how)


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {table: table_rows(folder, table) for table in ("bitext", "articles", "rejects")}


def test_each_partition_becomes_one_file_with_the_same_rows_in_the_same_order(out: Path) -> None:
    before = rows(out)

    done = merge(out)

    partitions = {path.rpartition("/")[0] for path in data_bytes(out)}
    assert len(data_bytes(out)) == len(partitions) == done.n_files_after
    assert rows(out) == before
    assert verify(out).problems == ()
    assert done.bytes_after < done.bytes_before
    assert merge(out).n_partitions == 0, "there is nothing left to merge"


def test_merged_file_tells_under_which_settings_each_run_made_its_rows(out: Path) -> None:
    merge(out)

    merged = next((out / "articles").rglob("merged-*.parquet"))
    run_ids = set(pq.read_table(merged, columns=["run_id"])["run_id"].to_pylist())
    assert set(signatures_of(pq.read_schema(merged).metadata)) == run_ids


def test_later_runs_add_to_what_was_merged_and_can_be_merged_again(out: Path) -> None:
    merge(out)
    write_run(out, make_contents(make_story("late", language="en", targets=["ru"])), signature="late")
    before = rows(out)
    assert verify(out).problems == ()

    merge(out)

    assert {table: len(found) for table, found in rows(out).items()} == {t: len(found) for t, found in before.items()}
    assert verify(out).problems == ()
    assert len(list((out / "articles" / "date=2020-11-13").iterdir())) == 1


def test_large_files_and_files_of_others_stay(out: Path) -> None:
    folder = out / "articles" / "date=2020-11-13"
    (folder / "notes.txt").write_text("mine")
    (folder / "_SUCCESS").touch()
    large = max(path.stat().st_size for path in folder.glob("*.parquet"))

    merge(out, file_bytes=large)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "_SUCCESS").exists()
    assert len(list(folder.glob("*.parquet"))) == N_RUNS, "half of the size or more is no small file"


def test_groups_are_no_larger_than_a_full_file() -> None:
    entries = [
        FileEntry(
            path=f"rejects/2020111{n}T060000Z-00000.parquet",
            run_id=f"2020111{n}T060000Z",
            shard=0,
            n_rows=1,
            size_bytes=40,
            sha256="",
        )
        for n in range(9)
    ]
    merges = plan_merges(entries, file_bytes=100)
    assert [len(merge.files) for merge in merges] == [2, 2, 2, 2]
    assert plan_merges(entries, file_bytes=80) == []


def read_again_and_again(
    count: Callable[[], int], expected: int, stop: threading.Event, faults: list[str], counted: list[int]
) -> None:
    while not stop.is_set():
        try:
            n = count()
        except FileNotFoundError as error:
            # Listed before a partition was replaced and opened afterwards: a reader hears of that, and asks again.
            faults.append(f"gone: {error}")
            continue
        counted.append(n)
        if n != expected:
            faults.append(f"{n} rows")


def test_readers_meanwhile_count_every_row_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_runs(out, 24)
    expected = len(table_rows(out, "bitext"))
    stop, faults, counted = threading.Event(), list[str](), list[int]()

    def count_rows() -> int:
        return int(ds.dataset(out / "bitext", format="parquet", partitioning="hive").count_rows())

    reader = threading.Thread(target=read_again_and_again, args=(count_rows, expected, stop, faults, counted))
    reader.start()
    for size in (4 * 20_000, LARGE):
        merge(out, file_bytes=size)
    time.sleep(0.2)
    stop.set()
    reader.join()

    assert counted
    assert [fault for fault in faults if not fault.startswith("gone")] == []
    assert set(counted) == {expected}
    assert verify(out).problems == ()


def test_check_that_is_at_work_meanwhile_finds_replaced_files(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checker_of = verify_module._Checker
    locate = checker_of._locate
    done: list[Compaction] = []

    def merge_first(self: Any, path: str) -> Path:
        if not done:
            done.append(merge(out))
        return locate(self, path)

    monkeypatch.setattr(checker_of, "_locate", merge_first)
    found = verify(out)

    assert done[0].n_partitions > 0
    assert found.n_units == len(table_rows(out, "bitext"))
    assert found.problems == ()


def merge_and_die(out: Path, n_events: int) -> None:
    with open_dataset(out) as dataset:
        Bomb(n_events).arm(dataset, (os, "link"), (partitions_module, "exchange"), (shutil, "rmtree"))
        compact(dataset, file_bytes=LARGE, now=NOW + timedelta(days=1))


@pytest.mark.slow
def test_crash_at_every_point_of_a_compaction_loses_nothing(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    for number in range(2):
        write_run(corpus, make_contents(make_story(f"english {number}", targets=["ru"])), signature=f"run|{number}")
    expected = rows(corpus)
    n_events = 0
    while True:
        out = Path(shutil.copytree(corpus, tmp_path / str(n_events)))
        code = in_child(lambda out=out, n=n_events: merge_and_die(out, n))  # type: ignore[misc]
        readable = rows(out)
        assert readable == expected, f"what readers find at once after {n_events} events"
        write_run(out, signature="next")
        assert rows(out) == expected, f"after {n_events} events and the next run"
        assert verify(out).problems == ()
        merge(out)
        assert rows(out) == expected
        assert verify(out).problems == ()
        shutil.rmtree(out)
        if code == 0:
            break
        assert code == CRASHED
        n_events += 1
    assert n_events > 40


def test_stop_leaves_the_rest_for_another_time(out: Path) -> None:
    before = rows(out)
    asked = count()

    done = merge(out, is_stopped=lambda: next(asked) > 1)

    assert (done.n_partitions, done.is_stopped) == (2, True)
    assert rows(out) == before
    assert merge(out).n_partitions > 0
    assert rows(out) == before


def test_damaged_file_is_named_and_its_partition_stays_as_it_is(out: Path) -> None:
    victim = next((out / "rejects").iterdir())
    victim.write_bytes(victim.read_bytes()[:-20])
    before = data_bytes(out)

    with pytest.raises(StateError, match=f"{victim.name}: cannot be merged.*--repair"):
        merge(out)
    assert {path: data for path, data in data_bytes(out).items() if path.startswith("rejects")} == {
        path: data for path, data in before.items() if path.startswith("rejects")
    }


def test_file_system_that_cannot_exchange_folders(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(out)

    def cannot(one: Path, other: Path) -> None:
        raise NotImplementedError("folders cannot be exchanged on this file system")

    monkeypatch.setattr(partitions_module, "exchange", cannot)
    with pytest.raises(WriteError, match="--no-readers"):
        merge(out)
    assert rows(out) == before
    assert verify(out).problems == ()

    assert merge(out, has_readers=False).n_partitions > 0
    assert rows(out) == before
    assert verify(out).problems == ()


def test_gc_deletes_what_was_replaced_once_it_is_old(out: Path) -> None:
    merge(out)
    retired = list((out / ".newsmt" / "retired").rglob("*.parquet"))
    for hours, n_left in ((1, len(retired)), (25, 0)):
        with open_dataset(out) as dataset:
            now = NOW + timedelta(days=1, hours=hours)
            done = clean(dataset, now=now, retired_after_s=86_400, memory_after_s=None)
        assert done.n_retired_files == len(retired) - n_left
        assert len(list((out / ".newsmt" / "retired").rglob("*.parquet"))) == n_left
    assert done.bytes_freed > 0
    assert not list((out / ".newsmt" / "retired").iterdir())
    assert verify(out).problems == ()


def test_gc_forgets_translations_that_were_not_used_for_long(out: Path) -> None:
    state = out / ".newsmt" / "state.sqlite"
    with closing(sqlite3.connect(state)) as connection, connection:
        today = int(time.time() // 86_400)
        for age in (1, 50, 400):
            connection.execute(
                "INSERT INTO memory VALUES (?, 'text', 0.0, 0, ?, 0)", (bytes([age % 256]) * 16, today - age)
            )
    assert newsmt("gc", out, "--memory-after", "365d", "--json").exit_code == 0
    with open_dataset(out) as dataset:
        assert dataset.memory.count() == 2
        dataset.memory.look_up([bytes([50]) * 16])
        with dataset.transaction():
            dataset.memory.flush()
    assert newsmt("gc", out, "--memory-after", "40d").exit_code == 0
    with open_dataset(out) as dataset:
        assert dataset.memory.count() == 2, "what is used is noted"


def test_commands_tell_what_they_did(out: Path) -> None:
    forecast = newsmt("compact", out, "--dry-run")
    assert forecast.stderr.startswith("would merge ")
    assert len(data_bytes(out)) > 10

    done = newsmt("compact", out, "--json")
    figures = json.loads(done.stdout)
    assert f"merged {figures['n_files_before']:,} files" in done.stderr
    assert newsmt("compact", out).stderr == "nothing to merge\n"
    assert newsmt("gc", out).stderr.startswith("deleted 0 replaced files")
    gone = newsmt("gc", out, "--retired-after", "0s", "--json")
    assert json.loads(gone.stdout)["n_retired_files"] == figures["n_files_before"]


@pytest.mark.parametrize("command", ["compact", "gc"])
def test_folder_without_output_is_an_error(tmp_path: Path, command: str) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        newsmt(command, tmp_path)
    assert not list(tmp_path.iterdir())


def test_compaction_waits_for_no_run_unless_told(out: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from pipeline.lock import writer_lock\n"
        "with writer_lock(Path(sys.argv[1])): print(flush=True); sys.stdin.read(1)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(out / ".newsmt" / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        done = subprocess.run(
            [sys.executable, "-c", "from pipeline.cli.app import main; main()", "compact", out],
            capture_output=True,
            check=False,
        )
        holder.kill()
    assert done.returncode == 75
