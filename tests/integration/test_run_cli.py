"""`newsmt run` as a process: exit codes, streams, signals, kills."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.store.verify import verify
from tests.folders import data_bytes

NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")
_FROZEN_CODE = """
import datetime, pipeline.api
noon = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.timezone.utc)
pipeline.api.run_config.__kwdefaults__["clock"] = lambda: noon
from pipeline.cli.app import main; main()
"""
FROZEN = (sys.executable, "-c", _FROZEN_CODE)
"""The command with a clock that stands still."""

ENGLISH = (
    "Parliament adopts the budget\n\nParliament adopted the budget on Friday. The law takes effect in January {}.\n"
)


def newsmt(
    *arguments: str | Path, command: Sequence[str] = NEWSMT, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "vote.txt").write_text(ENGLISH.format(2027), encoding="utf-8")
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Enough articles for several shards."""
    folder = tmp_path / "archive"
    folder.mkdir()
    records = [
        {"title": f"Vote {k}", "text": " ".join(ENGLISH.format(1000 + k * 40 + i) for i in range(40))}
        for k in range(60)
    ]
    (folder / "day.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    (folder / "newsmt.toml").write_text(
        'inputs = ["day.jsonl"]\nto = ["ru"]\n'
        "[decoding]\nbeam = 1\njobs = 1\nmax_target_tokens = 12\n"
        "[shard]\nmax_articles = 4\n",
        encoding="utf-8",
    )
    return folder


def test_json_is_the_last_line_and_words_go_to_stderr(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    done = newsmt("run", news, "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder, "--json")
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout.splitlines()[-1])
    assert manifest["counts"]["units"] == {"en-ru": 3}
    assert "1 read: 1 processed, 0 rejected, 0 already known" in done.stderr


def test_nothing_on_stdout_and_no_bar_without_a_terminal(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    done = newsmt("run", news, "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder)
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    assert "━" not in done.stderr


def test_bar_on_a_terminal(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    arguments = ["run", str(news), "--to", "ru", "--out", str(tmp_path / "out"), "--models", str(tiny_folder)]
    process = subprocess.Popen(
        [*NEWSMT, *arguments], stderr=follower, stdout=subprocess.DEVNULL, env=os.environ | {"TERM": "xterm"}
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:
        pass  # how Linux says that the other side of a terminal is closed
    assert process.wait(60) == 0
    assert "time left" in shown.decode()
    assert "sentences" in shown.decode()


USAGE: dict[str, tuple[list[str], str]] = {
    "no input": (["--to", "ru"], "no input"),
    "no target": (["{news}"], "--to ru"),
    "bad language": (["{news}", "--to", "russian"], "'russian' is no language code"),
    "path does not exist": (["{news}/nowhere", "{news}/nothing.txt", "--to", "ru"], "nothing.txt"),
    "unknown option": (["{news}", "--tu", "ru"], "--to"),
    "unknown model set": (["{news}", "--to", "ru", "--models", "nowhere"], "neither a model set"),
    "bad duration": (["{news}", "--to", "ru", "--time-budget", "soon"], "'soon' is no duration"),
    "beam of none": (["{news}", "--to", "ru", "--beam", "0"], "beam is 0"),
    "unknown device": (["{news}", "--to", "ru", "--device", "tpu"], "cpu, cuda, auto"),
    "config is missing": (["--config", "{news}/newsmt.toml"], "newsmt.toml"),
    "output is a file": (["{news}", "--to", "ru", "--out", "{news}/vote.txt"], "is a file"),
    "output below a file": (["{news}", "--to", "ru", "--out", "{news}/vote.txt/out"], "cannot be written"),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_is_named_with_exit_code_2(case: str, news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    arguments, words = USAGE[case]
    given = [argument.format(news=news) for argument in arguments]
    models = [] if "--models" in given else ["--models", str(tiny_folder)]
    out = [] if "--out" in given else ["--out", str(tmp_path / "out")]
    done = newsmt("run", *given, *models, *out)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


def test_demo_models_are_never_taken_unasked(news: Path, tmp_path: Path) -> None:
    done = newsmt("run", news, "--to", "ru", "--out", tmp_path / "out", HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
    assert done.returncode == 2
    assert "newsmt models install en-ru" in done.stderr
    assert "--models demo" in done.stderr


def test_reject_leaves_exit_code_3_and_a_line_that_names_it(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    (news / "empty.txt").write_text("")
    done = newsmt("run", news, "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder)
    assert done.returncode == 3
    assert "empty.txt: rejected, empty" in done.stderr


def test_file_name_that_is_not_utf8(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    name = os.fsencode(news) + b"/\xcf\xf0.txt"
    Path(os.fsdecode(name)).write_text(ENGLISH.format(2028), encoding="utf-8")
    done = newsmt("run", os.fsdecode(name), "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["n_articles"] == 1


def test_glob_that_matches_nothing_is_a_warning(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    done = newsmt("run", f"{news}/*.gz", "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder)
    assert done.returncode == 0
    assert "*.gz" in done.stderr


@pytest.mark.parametrize("text", [ENGLISH, json.dumps({"text": ENGLISH})], ids=["text", "json lines"])
def test_standard_input(text: str, tiny_folder: Path, tmp_path: Path) -> None:
    done = newsmt("run", "-", "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder, "--json", stdin=text)
    assert json.loads(done.stdout)["counts"]["n_articles"] == 1


def test_configuration_file(archive: Path, tiny_folder: Path, tmp_path: Path) -> None:
    config = archive / "newsmt.toml"
    done = newsmt("run", "--config", config, "--models", tiny_folder, "--out", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["counts"]["n_articles"] == 60
    assert len(list((tmp_path / "out").rglob("articles/*/*.parquet"))) == 15


def test_dry_run_as_json(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    done = newsmt("run", news, "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder, "--dry-run", "--json")
    assert json.loads(done.stdout)["to_translate"] == {"en-ru": 1}


def test_unexpected_failure_is_exit_code_1_with_a_traceback(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    broken = (
        sys.executable,
        "-c",
        "import pipeline.api as a; a.run_config = None; from pipeline.cli.app import main; main()",
    )
    done = newsmt("run", news, "--to", "ru", "--out", tmp_path / "out", "--models", tiny_folder, command=broken)
    assert done.returncode == 1
    assert "unexpected failure" in done.stderr


def test_second_run_is_locked_out_while_the_first_is_at_work(archive: Path, tiny_folder: Path, tmp_path: Path) -> None:
    arguments = [
        "run",
        "--config",
        str(archive / "newsmt.toml"),
        "--models",
        str(tiny_folder),
        "--out",
        str(tmp_path / "out"),
    ]
    with subprocess.Popen([*NEWSMT, *arguments], stderr=subprocess.DEVNULL) as first:
        wait_for_shard(tmp_path / "out")
        second = newsmt(*arguments)
        first.kill()
    assert second.returncode == 75
    assert f"process {first.pid}" in second.stderr


def test_sigterm_commits_the_shard_at_hand(archive: Path, tiny_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [
        "run",
        "--config",
        str(archive / "newsmt.toml"),
        "--models",
        str(tiny_folder),
        "--out",
        str(out),
        "--json",
    ]
    with subprocess.Popen(
        [*NEWSMT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        wait_for_shard(out)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, json.loads(stdout)["stopped_by"]) == (3, "signal")
    assert "resume with the same command" in stderr
    assert verify(out).is_sound


@pytest.mark.slow
def test_killed_runs_end_in_the_bytes_of_an_undisturbed_one(archive: Path, tiny_folder: Path, tmp_path: Path) -> None:
    arguments: list[str | Path] = ["run", "--config", archive / "newsmt.toml", "--models", tiny_folder]
    began = time.monotonic()
    assert newsmt(*arguments, "--out", tmp_path / "calm", command=FROZEN).returncode == 0
    duration = time.monotonic() - began
    out = tmp_path / "rough"
    n_kills = 0
    moments = random.Random(7)  # noqa: S311 - moments to kill at, not secrets
    while n_kills < 40:
        with subprocess.Popen([*FROZEN, *map(str, arguments), "--out", str(out)], stderr=subprocess.DEVNULL) as process:
            time.sleep(moments.uniform(0, duration))
            if process.poll() is not None:
                break
            process.kill()
            n_kills += 1
    assert n_kills > 3
    assert newsmt(*arguments, "--out", out, command=FROZEN).returncode == 0
    assert data_bytes(out) == data_bytes(tmp_path / "calm")
    assert verify(out).is_sound
    manifests = [json.loads(min((folder / "runs").iterdir()).read_text()) for folder in (tmp_path / "calm", out)]
    calm, rough = ({**manifest["counts"], "seconds": None} for manifest in manifests)
    assert calm == rough


def wait_for_shard(out: Path) -> None:
    """Wait until the first shard of a run is in place."""
    for _ in range(600):
        if any(out.rglob("articles/*/*.parquet")):
            return
        time.sleep(0.05)
    pytest.fail("no shard was committed in 30 seconds")
