"""`newsmt status`, for people and for programs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.status import ago, size_words
from pipeline.errors import OutputError
from pipeline.store.dataset import open_dataset
from tests.commands import newsmt
from tests.factories import NOW, RUN_ID, make_contents, make_reject, make_story
from tests.folders import COUNTS, write_run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    story = make_story()
    folder = tmp_path / "out"
    waiting = [(story.article.article_id, 1, "hy")]
    write_run(folder, make_contents(story, rejects=[make_reject()], waiting=waiting))
    return folder


def shown(out: Path) -> list[str]:
    result = newsmt("status", out)
    assert (result.exit_code, result.stderr) == (0, "")
    return [line.rstrip() for line in result.stdout.splitlines()]


def test_runs_and_what_is_left_over(out: Path) -> None:
    lines = shown(out)

    assert lines[0].split() == ["run", "(UTC)", "took", "articles", "rejected", "known", "units", "end"]
    assert lines[1].split() == [RUN_ID, "0", "s", "1", "0", "0", "4", "done"]
    [success] = [line for line in lines if line.startswith("success")]
    assert success.endswith(f" days ago, run {RUN_ID}")
    assert "waiting   en-hy 1; articles wait for a model" in lines
    assert f"rejects   empty 1; see {out / 'rejects'}" in lines


def test_growth_and_space_stand_in_tables(out: Path) -> None:
    now = datetime.now(timezone.utc)
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("other", now - timedelta(days=3))
        dataset.ledger.record_shard(run.run_id, 0, COUNTS)
        manifest = {"run_id": run.run_id, "stopped_by": None, "counts": COUNTS}
        dataset.finish_run(manifest, run_id=run.run_id, now=now - timedelta(days=3))
    rows = [line.split() for line in shown(out)]

    assert [row for row in rows if row[-3:-2] in (["hours"], ["days"])] == [
        ["24", "hours", "0", "0"],
        ["7", "days", "1", "4"],
        ["30", "days", "1", "4"],
    ]
    sizes = rows[rows.index(["on", "disk", "rows", "files", "size"]) + 1 :]
    assert [row[:3] for row in sizes[:3]] == [["bitext", "4", "1"], ["articles", "1", "1"], ["rejects", "1", "1"]]
    assert ["memory", "0", "in", "state"] in rows
    assert rows[-1][0] == "free"


def test_run_that_was_cut_off_is_named_with_the_way_on_and_what_it_left(out: Path) -> None:
    run_id = write_run(out, make_contents(make_story("b")), is_finished=False)
    staged = out / ".newsmt" / "staging" / "bitext"
    staged.mkdir(exist_ok=True)
    (staged / "half.parquet").write_bytes(b"x" * 1200)
    lines = shown(out)

    assert f"pending   run {run_id} was cut off; resume with the same command" in lines
    assert "staging   1 files, 1.2 kB: a run was cut off; the next one clears them away" in lines


def test_stop_and_run_at_work_are_told(out: Path) -> None:
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("other", NOW + timedelta(hours=1))
        manifest = {"run_id": run.run_id, "stopped_by": "time-budget", "counts": COUNTS}
        dataset.finish_run(manifest, run_id=run.run_id, now=NOW + timedelta(hours=1))
        (out / ".newsmt" / "staging" / "half.parquet").touch()
        lines = shown(out)

    assert any(line.endswith("stopped: time-budget") for line in lines)
    assert "at work   a run, now" in lines
    assert not any(line.startswith(("pending", "staging ")) for line in lines)


def test_folder_without_runs(tmp_path: Path) -> None:
    with open_dataset(tmp_path / "out"):
        pass

    assert shown(tmp_path / "out")[0] == "no run yet"


def test_folder_in_which_no_run_has_finished(tmp_path: Path) -> None:
    write_run(tmp_path / "out", make_contents(make_story()), is_finished=False)

    assert "success   no run has finished yet" in shown(tmp_path / "out")


def test_lines_fit_into_eighty_columns(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(out.parent)
    write_run(out, make_contents(make_story("b")), is_finished=False)

    assert max(map(len, shown(Path("out")))) <= 80


def test_what_was_set_aside_is_told_of(out: Path) -> None:
    (out / ".newsmt" / "retired").mkdir(exist_ok=True)
    (out / ".newsmt" / "retired" / "old.parquet").write_bytes(b"x" * 5_000)

    [aside] = [line.split() for line in shown(out) if line.startswith("aside")]
    assert aside[1:] in (["5.0", "kB"], ["5.1", "kB"])


def test_json_is_all_there_is_on_stdout(out: Path) -> None:
    result = newsmt("status", out, "--json")
    values: dict[str, Any] = json.loads(result.stdout)

    assert len(result.stdout.splitlines()) == 1
    assert values.keys() == {
        "read_at",
        "runs",
        "cut_off",
        "is_running",
        "last_success",
        "growth",
        "rejects",
        "waiting",
        "sizes",
        "space",
        "n_memory",
    }
    assert values["waiting"] == {"en-hy": 1}
    assert values["last_success"] == {"run_id": RUN_ID, "finished_at": "2020-11-14T06:00:00+00:00"}
    assert values["growth"] == {name: {"n_articles": 0, "n_units": 0} for name in ("24h", "7d", "30d")}
    assert values["space"].keys() == {"state_bytes", "staging_bytes", "n_staged", "other_bytes", "free_bytes"}


def test_folder_without_output_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        newsmt("status", tmp_path)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s ago"),
        (59.9, "59 s ago"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (7_300, "2 h ago"),
        (2 * 86_400 - 1, "47 h ago"),
        (2 * 86_400, "2 days ago"),
        (1_200 * 86_400, "1,200 days ago"),
    ],
)
def test_age_is_told_in_one_unit(seconds: float, words: str) -> None:
    assert ago(seconds) == words


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (5_430_000, "5.4 MB"),
        (2e12, "2.0 TB"),
        (12_345e12, "12,345.0 TB"),
    ],
)
def test_size_is_told_in_one_unit(n_bytes: float, words: str) -> None:
    assert size_words(int(n_bytes)) == words
