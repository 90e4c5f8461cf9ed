from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.cli import corpus
from pipeline.errors import OutputError
from pipeline.lock import writer_lock
from pipeline.store.dataset import open_dataset
from tests.factories import NOW, RUN_ID, make_contents, make_reject, make_story
from tests.folders import COUNTS, write_run

app = typer.Typer()
corpus.register(app)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    story = make_story()
    folder = tmp_path / "out"
    waiting = [(story.article.article_id, 1, "hy")]
    write_run(folder, make_contents(story, rejects=[make_reject()], waiting=waiting))
    return folder


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, list(map(str, arguments)))


def _last_json(result: Result) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return value


def test_check_of_a_sound_folder_says_what_was_checked(out: Path) -> None:
    result = _invoke("check", out)
    assert result.exit_code == 0
    assert result.stdout == ""
    first, last = result.stderr.splitlines()
    assert first.startswith("checked 3 files (")
    assert first.endswith("): 1 articles, 4 units, 1 rejects, 1 runs")
    assert last == "sound"


def test_check_of_a_damaged_folder_names_each_problem(out: Path) -> None:
    lost = next((out / "rejects").iterdir())
    lost.unlink()
    (out / "rejects" / "mine.parquet").touch()
    result = _invoke("check", out, "--json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1:] == [
        "  orphan  rejects/mine.parquet: the ledger does not know the file; move it away",
        f"  missing  rejects/{lost.name}: the file is gone; restore it from a backup",
        "damaged: 2 problems",
    ]
    assert [problem["kind"] for problem in _last_json(result)["problems"]] == ["orphan", "missing"]


def test_check_shows_some_of_very_many_problems(out: Path) -> None:
    for number in range(103):
        (out / "bitext" / f"{number:03}.parquet").touch()
    result = _invoke("check", out, "--json")
    assert "  … and 3 more; --json lists all" in result.stderr
    assert len(_last_json(result)["problems"]) == 103


def test_check_says_that_a_run_is_at_work(out: Path) -> None:
    with writer_lock(out / ".newsmt" / "lock"):
        result = _invoke("check", out)
    assert result.exit_code == 0
    assert "a run is at work here" in result.stderr


def test_status_shows_runs_and_what_is_left_over(out: Path) -> None:
    result = _invoke("status", out)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["run", "(UTC)", "took", "articles", "rejected", "known", "units", "end"]
    assert lines[1].split() == [RUN_ID, "0", "s", "1", "0", "0", "4", "done"]
    assert "waiting   en-hy 1; articles wait for a model" in lines
    assert f"rejects   empty 1; see {out / 'rejects'}" in lines
    assert any(line.startswith("bitext    4 rows, 0.0 MB in 1 files") for line in lines)
    assert lines[-1] == "memory    0 translations"


def test_status_names_the_run_that_was_cut_off_and_the_way_on(out: Path) -> None:
    run_id = write_run(out, make_contents(make_story("b")), is_finished=False)
    assert (
        f"pending   run {run_id} was cut off in the middle; resume with the same command"
        in _invoke("status", out).stdout
    )


def test_status_tells_why_a_run_stopped_and_that_one_is_at_work(out: Path) -> None:
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run("other", NOW)
        manifest = {"run_id": run.run_id, "stopped_by": "time-budget", "counts": COUNTS}
        dataset.finish_run(manifest, run_id=run.run_id, now=NOW)
        result = _invoke("status", out)
    assert "stopped: time-budget" in result.stdout
    assert "a run is at work now" in result.stdout


def test_status_of_a_folder_without_runs(tmp_path: Path) -> None:
    with open_dataset(tmp_path / "out"):
        pass
    assert _invoke("status", tmp_path / "out").stdout.startswith("no run yet\nbitext    0 rows")


def test_status_as_json_is_all_there_is_on_stdout(out: Path) -> None:
    result = _invoke("status", out, "--json")
    assert len(result.stdout.splitlines()) == 1
    assert _last_json(result)["waiting"] == {"en-hy": 1}


@pytest.mark.parametrize("command", ["check", "status"])
def test_folder_without_output_is_an_error(tmp_path: Path, command: str) -> None:
    result = _invoke(command, tmp_path)
    assert isinstance(result.exception, OutputError)
