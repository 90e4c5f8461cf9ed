from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import OutputError, Reason, StateError
from pipeline.store.dataset import open_dataset
from pipeline.store.status import N_RUNS, read_status
from tests.factories import NOW, RUN_ID, make_contents, make_reject, make_story
from tests.folders import COUNTS, change_state, without_override, write_run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def _finish(out: Path, number: int, *, stopped_by: str | None = None) -> None:
    """Do a run without shards."""
    start = NOW + timedelta(hours=number)
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run(f"command {number}", start)
        counts = {"n_articles": number, "n_rejected": 1, "n_known": 2, "n_units": 10 * number}
        manifest = {"run_id": run.run_id, "stopped_by": stopped_by, "counts": counts}
        dataset.finish_run(manifest, run_id=run.run_id, now=start + timedelta(minutes=3))


def test_last_runs_are_summed_up_oldest_first(out: Path) -> None:
    for number in range(N_RUNS + 2):
        _finish(out, number)
    runs = read_status(out).runs
    assert [run.n_articles for run in runs] == list(range(2, N_RUNS + 2))
    last = runs[-1]
    assert (last.n_rejected, last.n_known, last.n_units, last.stopped_by, last.state) == (1, 2, 110, None, "done")
    assert last.finished_at is not None
    assert last.finished_at - last.started_at == timedelta(minutes=3)


def test_stopped_run_tells_why(out: Path) -> None:
    _finish(out, 1, stopped_by="time-budget")
    status = read_status(out)
    assert [(run.state, run.stopped_by) for run in status.runs] == [("stopped", "time-budget")]
    assert status.cut_off is None


def test_run_that_was_cut_off_is_named_with_what_it_committed(out: Path) -> None:
    _finish(out, 1)
    run_id = write_run(out, make_contents(make_story("a")), make_contents(make_story("b")), is_finished=False)
    change_state(out, "UPDATE runs SET started_at = '2020-11-15T00:00:00+00:00' WHERE run_id = ?", (run_id,))
    status = read_status(out)
    assert status.cut_off == run_id
    assert not status.is_running
    assert [run.state for run in status.runs] == ["done", "cut-off"]
    assert (status.runs[-1].n_articles, status.runs[-1].n_units) == (2, 8)
    assert status.runs[-1].finished_at is None


def test_cut_off_run_that_another_one_followed_is_no_longer_pending(out: Path) -> None:
    write_run(out, make_contents(make_story()), is_finished=False)
    _finish(out, 5)
    status = read_status(out)
    assert status.cut_off is None
    assert [run.state for run in status.runs] == ["cut-off", "done"]


def test_run_at_work_is_running_and_not_cut_off(out: Path) -> None:
    write_run(out, make_contents(make_story()), signature="older", is_finished=False)
    with open_dataset(out) as dataset:
        dataset.ledger.begin_run("command", NOW + timedelta(hours=1))
        status = read_status(out)
    assert status.is_running
    assert status.cut_off is None
    assert [run.state for run in status.runs] == ["cut-off", "running"]


def test_left_over_and_sizes_are_counted(out: Path) -> None:
    story = make_story()
    rejects = [make_reject("a"), make_reject("b"), make_reject("c", reason=Reason.BINARY)]
    waiting = [(story.article.article_id, 1, "hy")]
    write_run(out, make_contents(story, rejects=rejects, waiting=waiting))
    status = read_status(out)
    assert status.rejects == {"binary": 1, "empty": 2}
    assert status.waiting == {"en-hy": 1}
    assert {table: (size.n_files, size.n_rows) for table, size in status.sizes.items()} == {
        "bitext": (1, 4),
        "articles": (1, 1),
        "rejects": (1, 3),
    }
    assert sum(size.size_bytes for size in status.sizes.values()) == sum(
        path.stat().st_size for path in out.rglob("*.parquet")
    )
    assert status.n_memory == 0


def test_folder_without_runs_has_an_empty_status(out: Path) -> None:
    with open_dataset(out):
        pass
    status = read_status(out)
    assert status.runs == ()
    assert status.cut_off is None
    assert {table: size.n_rows for table, size in status.sizes.items()} == {"bitext": 0, "articles": 0, "rejects": 0}


@pytest.mark.parametrize("content", [None, "{", "[]"], ids=["gone", "cut off", "no object"])
def test_lost_manifest_leaves_what_the_ledger_counted(out: Path, content: str | None) -> None:
    write_run(out, make_contents(make_story()))
    manifest = out / "runs" / f"{RUN_ID}.json"
    manifest.unlink()
    if content:
        manifest.write_text(content)
    run = read_status(out).runs[0]
    assert (run.state, run.n_articles, run.n_units) == ("done", COUNTS["n_articles"], COUNTS["n_units"])


def test_growth_counts_a_run_from_its_end_or_else_from_its_start(out: Path) -> None:
    ages = {"ended an hour ago": 1, "ended a week ago but an hour": 24 * 7 - 1, "ended a month ago": 24 * 30 + 1}
    now = NOW + timedelta(days=60)
    with open_dataset(out) as dataset:
        for name, hours in sorted(ages.items(), key=lambda item: -item[1]):
            run = dataset.ledger.begin_run(name, now - timedelta(hours=hours + 2))
            for shard in range(2):
                dataset.ledger.record_shard(run.run_id, shard, {"n_articles": 1, "n_units": 10})
            dataset.finish_run({"counts": {}}, run_id=run.run_id, now=now - timedelta(hours=hours))
        run = dataset.ledger.begin_run("cut off two days ago", now - timedelta(hours=48))
        dataset.ledger.record_shard(run.run_id, 0, {"n_articles": 100, "n_units": 1000})
    status = read_status(out, now=now)
    assert {name: (growth.n_articles, growth.n_units) for name, growth in status.growth.items()} == {
        "24h": (2, 20),
        "7d": (104, 1040),
        "30d": (104, 1040),
    }


def test_last_success_is_the_last_run_that_is_finished(out: Path) -> None:
    _finish(out, 1, stopped_by="signal")
    write_run(out, make_contents(make_story()), is_finished=False)
    success = read_status(out).last_success
    assert success
    assert (success.run_id, success.finished_at) == ("20201114T070000Z", NOW + timedelta(hours=1, minutes=3))


def test_space_tells_state_staging_and_the_rest_apart(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    own = out / ".newsmt"
    for name, size in (("staging/runs/a.json", 10), ("staging/b", 5), ("retired/c/state.sqlite", 7)):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_bytes(b"x" * size)
    (own / "state.sqlite-wal").write_bytes(b"")
    space = read_status(out).space
    assert (space.n_staged, space.staging_bytes) == (2, 15)
    assert space.state_bytes == (own / "state.sqlite").stat().st_size
    assert space.other_bytes == 7 + (own / "lock").stat().st_size
    assert space.free_bytes > 0


def test_file_that_vanishes_meanwhile_is_left_out(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(out, make_contents(make_story()))
    (out / ".newsmt" / "staging" / "gone").touch()
    lstat = Path.lstat

    def lose(path: Path) -> os.stat_result:
        if path.name == "gone":
            path.unlink()
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", lose)
    assert read_status(out).space.n_staged == 0


def test_status_is_json(out: Path) -> None:
    _finish(out, 0)
    write_run(out, make_contents(make_story()), is_finished=False)
    values = json.loads(json.dumps(read_status(out).to_json()))
    assert values["runs"][0]["started_at"] == "2020-11-14T06:00:00+00:00"
    assert [run["finished_at"] for run in values["runs"]] == ["2020-11-14T06:03:00+00:00", None]
    assert values["sizes"]["bitext"]["n_rows"] == 4
    assert values["cut_off"] == values["runs"][1]["run_id"]


def test_read_only_folder_has_a_status(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    (out / ".newsmt").chmod(0o555)
    try:
        with without_override():
            assert len(read_status(out).runs) == 1
    finally:
        (out / ".newsmt").chmod(0o755)


def test_folder_without_state_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="newsmt run"):
        read_status(tmp_path)


def test_damaged_state_is_a_state_error(out: Path) -> None:
    write_run(out, make_contents(make_story()))
    change_state(out, "DROP TABLE memory")
    with pytest.raises(StateError, match="no such table: memory"):
        read_status(out)
