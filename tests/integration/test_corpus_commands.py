from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.errors import OutputError
from pipeline.lock import writer_lock
from tests.factories import make_contents, make_reject, make_story
from tests.folders import write_run


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


def test_folder_without_output_is_an_error(tmp_path: Path) -> None:
    result = _invoke("check", tmp_path)
    assert isinstance(result.exception, OutputError)
