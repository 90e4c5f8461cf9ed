"""The log of `newsmt run`: what stands in it, in which form, and what cannot end a run."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pipeline.errors import ExitCode
from pipeline.events import MAX_TOLD_REJECTS
from tests.processes import NEWSMT, newsmt, wait_for_shard

Done: TypeAlias = "subprocess.CompletedProcess[str]"
Run: TypeAlias = Callable[..., Done]

ENGLISH = (
    "Parliament adopts the budget\n\nParliament adopted the budget on Friday. The law takes effect in January {}.\n"
)
_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR) (-|\d{8}T\d{6}Z) \S.*")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "vote.txt").write_text(ENGLISH.format(2027), encoding="utf-8")
    return folder


@pytest.fixture
def run(news: Path, tiny_folder: Path, tmp_path: Path) -> Run:
    """Runs over `news`."""

    def run_news(*options: str | Path, **environment: str) -> Done:
        common = ("--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder)
        return newsmt("run", news, *common, *options, **environment)

    return run_news


def objects(text: str) -> list[dict[str, Any]]:
    """Return what must be one JSON object a line."""
    return [json.loads(line) for line in text.splitlines()]


def events(text: str) -> list[str]:
    return [values["event"] for values in objects(text)]


def test_text_in_a_file_tells_all_and_stderr_what_it_always_told(run: Run, news: Path, tmp_path: Path) -> None:
    (news / "empty.txt").touch()
    done = run("--log-file", tmp_path / "newsmt.log")

    lines = (tmp_path / "newsmt.log").read_text(encoding="utf-8").splitlines()
    assert all(map(_LINE.fullmatch, lines)), lines
    assert [line.split()[1] for line in lines] == ["INFO", "WARNING", "INFO", "INFO"]
    assert "empty.txt: rejected, empty" in lines[1]
    assert "shard 0 committed: 1 articles, 3 units, 1 rejected" in lines[2]
    assert "run ends with exit code 3: 2 read, 1 processed, 1 rejected, 0 known; 3 units" in lines[3]
    assert len({line.split()[2] for line in lines}) == 1
    words = done.stderr.splitlines()
    assert words[0].startswith(f"newsmt: warning: {news / 'empty.txt'}: rejected, empty")
    assert words[1].startswith("run 2")
    assert not any("committed" in line for line in words)


def test_json_on_stderr_is_nothing_but_json(run: Run, news: Path) -> None:
    (news / "empty.txt").touch()
    done = run("--log-format", "json", "--json")

    found = objects(done.stderr)
    assert [values["event"] for values in found] == ["run_begins", "reject", "shard_committed", "run_ends"]
    begins, reject, shard, ends = found
    assert {values["run_id"] for values in found} == {begins["run_id"]}
    assert begins["inputs"] == [str(news)]
    assert begins["to"] == ["ru"]
    assert [label.partition("@")[0] for label in begins["models"]] == ["en_hy", "en_ru", "ru_en"]
    assert {"newsmt_version", "pid", "host", "out"} <= begins.keys()
    assert (reject["level"], reject["reason"]) == ("warning", "empty")
    assert reject["source_uri"].endswith("empty.txt")
    assert (shard["shard"], shard["n_articles"], shard["n_units"], shard["n_rejected"]) == (0, 1, 3, 1)
    assert shard["seconds"] > 0
    manifest = json.loads(done.stdout)
    assert ends["exit_code"] == done.returncode == ExitCode.LEFT_OVER
    assert all(ends[name] == manifest["counts"][name] for name in ("n_read", "n_units", "n_source_words", "rejects"))


def test_file_has_the_same_format_and_events_as_stderr(run: Run, tmp_path: Path) -> None:
    done = run("--log-format", "json", "--log-file", tmp_path / "newsmt.log")

    assert (tmp_path / "newsmt.log").read_text() == done.stderr


def test_settings_may_stand_in_the_configuration(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "newsmt.toml"
    config.write_text('[log]\nfile = "newsmt.log"\nformat = "json"\n')
    done = run("--config", config)

    assert events((tmp_path / "newsmt.log").read_text()) == events(done.stderr)
    assert events(done.stderr)[-1] == "run_ends"


def test_later_runs_add_to_the_file(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        run("--log-format", "json", "--log-file", tmp_path / "newsmt.log")

    found = objects((tmp_path / "newsmt.log").read_text())
    assert [values["event"] for values in found] == [
        "run_begins",
        "shard_committed",
        "run_ends",
        "run_begins",
        "run_ends",
    ]
    assert len({values["run_id"] for values in found}) == 2


def test_all_rejects_are_in_the_log_and_the_first_ones_are_warnings(run: Run, news: Path, tmp_path: Path) -> None:
    (news / "day.jsonl").write_text("broken\n" * (MAX_TOLD_REJECTS + 5))
    done = run("--log-format", "json", "--log-file", tmp_path / "newsmt.log")

    levels = [values["level"] for values in objects(done.stderr) if values["event"] == "reject"]
    assert levels == ["warning"] * MAX_TOLD_REJECTS + ["info"] * 5
    more = [values["message"] for values in objects(done.stderr) if values["event"] == "warning"]
    assert more == [f"more rejects follow; all are in {tmp_path / 'out' / 'rejects'}"]


def test_warning_is_an_event(run: Run, news: Path) -> None:
    done = run(news / "*.gz", "--log-format", "json")

    [warning] = [values for values in objects(done.stderr) if values["event"] == "warning"]
    assert "*.gz" in warning["message"]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_names_that_are_no_text_pass_in_any_locale(locale: str, run: Run, news: Path, tmp_path: Path) -> None:
    for name in (b"\xcf\xf0\xe8.txt", "լուր\n2.txt".encode()):
        Path(news, name.decode(errors="surrogateescape")).touch()
    text, as_json = tmp_path / "text.log", tmp_path / "json.log"

    options = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert run("--log-file", text, **options).returncode == ExitCode.LEFT_OVER
    done = run("--out", tmp_path / "other", "--log-format", "json", "--log-file", as_json, **options)

    lines = text.read_text(encoding="utf-8").splitlines()
    assert all(map(_LINE.fullmatch, lines)), lines
    names = {Path(values["source_uri"]).name for values in objects(done.stderr) if values["event"] == "reject"}
    assert len(names) == 2
    assert r"\xcf\xf0\xe8.txt" in names
    assert as_json.read_text(encoding="ascii") == done.stderr


FAILURES: dict[str, tuple[list[str], ExitCode, str]] = {
    "wrong language": (["--to", "russian"], ExitCode.USAGE, "'russian' is no language code"),
    "no such models": (["--models", "nowhere"], ExitCode.USAGE, "neither a model set"),
    "no duration": (["--time-budget", "soon"], ExitCode.USAGE, "'soon' is no duration"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_error_is_an_event_with_its_exit_code(case: str, run: Run) -> None:
    options, exit_code, words = FAILURES[case]
    done = run("--log-format", "json", *options)

    [error] = objects(done.stderr)
    assert (error["event"], error["level"], error["exit_code"]) == ("error", "error", exit_code)
    assert words in error["message"]
    assert done.returncode == exit_code


BUGS: dict[str, tuple[str, ExitCode, str]] = {
    "bug": ("KeyError('oops')", ExitCode.FAILED, "unexpected failure"),
    "memory": ("MemoryError()", ExitCode.FAILED, "out of memory"),
    "permission": ("PermissionError(13, 'Permission denied', 'secret')", ExitCode.USAGE, "secret: no permission"),
}


@pytest.mark.parametrize("case", BUGS)
def test_unexpected_failure_is_an_event(case: str, news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    error, exit_code, words = BUGS[case]
    code = (
        "import pipeline.api as api\n"
        f"def fail(*_, **__): raise {error}\n"
        "api.run_config = fail\n"
        "from pipeline.cli.app import main; main()"
    )
    options = ("--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder, "--log-format", "json")
    done = newsmt("run", news, *options, command=(NEWSMT[0], "-c", code))

    [values] = objects(done.stderr)
    assert (values["event"], values["exit_code"]) == ("error", exit_code)
    assert done.returncode == exit_code
    assert words in values["message"]
    assert ("KeyError: 'oops'" in values.get("traceback", "")) == (case == "bug")


MISPLACED: dict[str, tuple[list[str], str]] = {
    "log in a folder that is missing": (["--log-file", "{tmp}/logs/newsmt.log"], "there is no folder"),
    "log is a folder": (["--log-file", "{tmp}"], "a folder"),
    "log is an input": (["--log-file", "{tmp}/news/vote.txt"], "vote.txt"),
    "log of an unknown format": (["--log-format", "xml"], "choose one of text, json"),
    "metrics in a folder that is missing": (["--metrics", "{tmp}/metrics/newsmt.prom"], "there is no folder"),
    "metrics are a folder": (["--metrics", "{tmp}"], "a folder"),
    "metrics are an input": (["--metrics", "{tmp}/news/vote.txt"], "vote.txt"),
    "metrics are a device": (["--metrics", "/dev/null"], "is no file"),
}


@pytest.mark.parametrize("case", MISPLACED)
def test_file_that_cannot_be_written_is_wrong_usage_before_any_work(
    case: str, run: Run, news: Path, tmp_path: Path
) -> None:
    options, words = MISPLACED[case]
    before = (news / "vote.txt").read_bytes()
    done = run(*(option.format(tmp=tmp_path) for option in options))

    assert (done.returncode, "Traceback" in done.stderr) == (ExitCode.USAGE, False), done.stderr
    assert words in done.stderr
    assert not (tmp_path / "out").exists()
    assert (news / "vote.txt").read_bytes() == before


def test_log_tells_that_another_run_is_at_work(run: Run, tmp_path: Path, news: Path, tiny_folder: Path) -> None:
    records = [json.dumps({"text": ENGLISH.format(k) * 40}) for k in range(400)]
    (news / "day.jsonl").write_text("\n".join(records))
    options = ["--to", "ru", "--out", str(tmp_path / "out"), "--models", str(tiny_folder), "--log-format", "json"]
    with subprocess.Popen([*NEWSMT, "run", str(news), *options], stderr=subprocess.PIPE, text=True) as first:
        wait_for_shard(tmp_path / "out")
        locked_out = run("--log-format", "json")
        first.send_signal(signal.SIGTERM)
        _, stderr = first.communicate(timeout=60)

    [error] = objects(locked_out.stderr)
    assert (error["event"], error["exit_code"], locked_out.returncode) == ("error", 75, 75)
    assert first.returncode == ExitCode.LEFT_OVER
    assert "stopping" in events(stderr)
    assert objects(stderr)[-1]["stopped_by"] == "signal"


def test_broken_pipe_on_stderr_does_not_end_a_run(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    (news / "day.jsonl").write_text("broken\n" * 50)
    options = ["--to", "ru", "--out", str(tmp_path / "out"), "--models", str(tiny_folder), "--log-format", "json"]
    with subprocess.Popen([*NEWSMT, "run", str(news), *options], stderr=subprocess.PIPE) as process:
        assert process.stderr
        process.stderr.close()
        assert process.wait(60) == ExitCode.LEFT_OVER
    assert len(list((tmp_path / "out" / "runs").iterdir())) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without /dev/full")
def test_log_on_a_full_disk_does_not_end_a_run(run: Run) -> None:
    done = run("--log-file", "/dev/full")

    assert done.returncode == ExitCode.DONE, done.stderr
    assert done.stderr.count("/dev/full: cannot be written (No space left on device)") == 1


def test_dry_run_writes_neither_log_nor_metrics(run: Run, tmp_path: Path) -> None:
    done = run("--dry-run", "--log-file", tmp_path / "newsmt.log", "--metrics", tmp_path / "newsmt.prom")

    assert done.returncode == ExitCode.DONE
    assert {path.name for path in tmp_path.iterdir()} == {"news"}


def test_dry_run_tells_people_what_would_be_done(run: Run, news: Path) -> None:
    (news / "hy.txt").write_text("Խորհրդարանն ընդունեց բյուջեն\n\nՕրենքն ուժի մեջ կմտնի հունվարին։\n", encoding="utf-8")
    lines = run(news / "*.gz", "--dry-run").stderr.splitlines()

    assert "*.gz" in lines[0]
    assert lines[0].startswith("newsmt: warning: ")
    assert lines[1:4] == [
        "2 articles read: 0 known, 1 would be rejected",
        "  en-ru  1 to translate",
        "  hy-ru  1 without a model",
    ]
    assert any("newsmt models" in line for line in lines[4:])


def test_dry_run_in_json_tells_warnings_only(run: Run, news: Path) -> None:
    done = run(news / "*.gz", "--dry-run", "--log-format", "json", "--json")

    assert events(done.stderr) == ["warning"]
    assert json.loads(done.stdout)["to_translate"] == {"en-ru": 1}
