"""Runs from cron on machines that fail: overlaps, kills, full disks, vanished folders, odd surroundings."""

from __future__ import annotations

import errno
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline import api
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.errors import ExitCode, PipelineError, WriteError
from pipeline.manifest import Manifest
from pipeline.store.verify import verify
from tests.factories import NOW
from tests.folders import data_bytes, table_rows

NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")
SENTENCE = "More than {} people took part in the vote in Paris on Monday, the agency said."
N_RUNS_AT_ONCE = 8
N_KILLS = 200


def write_news(file: Path, n_articles: int, *, first: int = 0) -> Path:
    records = [
        {
            "url": f"https://news.example/{number}",
            "published_at": "2026-11-13",
            "title": f"Vote {number}",
            "text": " ".join(SENTENCE.format(10 * number + k) for k in range(4)),
        }
        for number in range(first, first + n_articles)
    ]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def configure(news: Path, models: Path, out: Path) -> RunConfig:
    return RunConfig(
        inputs=(str(news),),
        to=("ru", "hy"),
        out=out,
        models=str(models),
        decoding=DecodingSettings(beam=1, max_target_tokens=8, jobs=1),
        shard=ShardSettings(max_articles=6),
    )


def run(news: Path, models: Path, out: Path, **how: Any) -> Manifest:
    return api.run_config(configure(news, models, out), clock=lambda: NOW, **how)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_news(tmp_path_factory.mktemp("news") / "news.jsonl", 24)


@pytest.fixture(scope="module")
def calm(news: Path, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of a run that nothing disturbed."""
    out = tmp_path_factory.mktemp("calm") / "out"
    run(news, tiny_folder, out)
    return out


# Overlap


def start(out: Path, models: Path) -> subprocess.Popen[str]:
    command = [*NEWSMT, "run", "-", "--to", "ru", "--models", str(models), "--out", str(out), "--beam", "1"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def overlap(out: Path, models: Path, number: int) -> list[int]:
    """Start eight runs at once, let the one that works wait for its input until the others have left."""
    article = json.dumps({"url": f"https://news.example/{number}", "title": "Vote", "text": SENTENCE.format(number)})
    runs = [start(out, models) for _ in range(N_RUNS_AT_ONCE)]
    deadline = time.monotonic() + 60
    while sum(process.poll() is None for process in runs) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    codes = []
    for process in runs:
        is_at_work = process.poll() is None
        _, told = process.communicate(article + "\n" if is_at_work else None, timeout=60)
        codes.append(process.returncode)
        assert is_at_work or "another run is at work here (process " in told
    return sorted(codes)


@pytest.mark.slow
@pytest.mark.parametrize("is_new", [pytest.param(False, id="corpus"), pytest.param(True, id="new-folder")])
def test_of_eight_runs_at_once_one_works_and_seven_leave(tiny_folder: Path, tmp_path: Path, *, is_new: bool) -> None:
    n_rounds = 10 if is_new else 40
    for number in range(n_rounds):
        out = tmp_path / (str(number) if is_new else "out")
        if number == 0 and not is_new:
            run(write_news(tmp_path / "first.jsonl", 1, first=1000), tiny_folder, out)
        assert overlap(out, tiny_folder, number) == [0] + [75] * (N_RUNS_AT_ONCE - 1)
    outs = [tmp_path / str(number) for number in range(n_rounds)] if is_new else [tmp_path / "out"]
    urls = [row["url"] for out in outs for row in table_rows(out, "articles")]
    assert len(urls) == len(set(urls)) == n_rounds + (not is_new)
    assert all(verify(out).is_sound for out in outs)


def start_one_that_waits(news: Path, models: Path, out: Path) -> tuple[subprocess.Popen[str], subprocess.Popen[str]]:
    """Return a run that is at work on a corpus until its input ends, and one that waits for it."""
    run(news, models, out)
    first = start(out, models)
    time.sleep(1.5)
    options = ["--to", "ru", "--models", str(models), "--out", str(out), "--wait", "60s"]
    command = [*NEWSMT, "run", str(news), *options]
    second = subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8")
    assert second.stderr is not None
    assert "waiting for it" in second.stderr.readline()
    return first, second


def test_run_that_waits_works_after_the_other_one(tiny_folder: Path, tmp_path: Path, news: Path) -> None:
    first, second = start_one_that_waits(news, tiny_folder, tmp_path / "out")
    first.communicate(json.dumps({"title": "", "text": SENTENCE.format(7)}) + "\n", timeout=60)
    _, told = second.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0), told


def test_run_that_waits_leaves_on_a_signal(tiny_folder: Path, tmp_path: Path, news: Path) -> None:
    first, second = start_one_that_waits(news, tiny_folder, tmp_path / "out")
    second.terminate()
    _, told = second.communicate(timeout=10)
    first.communicate("", timeout=60)
    assert second.returncode == ExitCode.LEFT_OVER
    assert "stopped while waiting" in told


# Kills

_ZYGOTE = """
import json, os, random, signal, sys, time
from datetime import datetime
from pathlib import Path
import ctranslate2, sentencepiece, pyarrow.parquet
import pipeline.runner, pipeline.models.registry, pipeline.ingest.read, pipeline.ingest.inputs, pipeline.store.dataset
from pipeline import api
from tests.integration.test_faults import configure, NOW

news, models, out, duration, n_kills, seed = json.loads(sys.argv[1])
moments = random.Random(seed)

def child():
    pid = os.fork()
    if pid == 0:
        os.close(2)
        try:
            api.run_config(configure(Path(news), Path(models), Path(out)), clock=lambda: NOW)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return pid

killed = 0
for _ in range(n_kills):
    pid = child()
    time.sleep(moments.uniform(0, duration))
    os.kill(pid, signal.SIGKILL)
    killed += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
began = time.monotonic()
code = os.waitstatus_to_exitcode(os.waitpid(child(), 0)[1])
print(json.dumps({"killed": killed, "code": code, "seconds": time.monotonic() - began}))
"""
"""Forks runs from a process that has everything imported, kills some at random moments, and lets the last one end."""


def kill_and_finish(news: Path, models: Path, out: Path, *, duration: float, n_kills: int, seed: int) -> dict[str, Any]:
    arguments = json.dumps([str(news), str(models), str(out), duration, n_kills, seed])
    done = subprocess.run(
        [sys.executable, "-c", _ZYGOTE, arguments], capture_output=True, encoding="utf-8", check=True, timeout=300
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.slow
def test_killed_at_200_random_moments_the_corpus_is_the_same_bytes(
    news: Path, calm: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    duration = kill_and_finish(news, tiny_folder, tmp_path / "first", duration=0, n_kills=0, seed=0)["seconds"]
    n_killed = chain = 0
    while n_killed < N_KILLS:
        chain += 1
        out = tmp_path / str(chain)
        done = kill_and_finish(news, tiny_folder, out, duration=duration, n_kills=8, seed=chain)
        n_killed += done["killed"]
        assert done["code"] == 0
        assert data_bytes(out) == data_bytes(calm)
        assert verify(out).problems == ()
        shutil.rmtree(out)


# Full disks


def error_of(work: Callable[[], object]) -> str:
    """Return what an error of the pipeline says, nothing where there is none."""
    try:
        work()
    except PipelineError as error:
        return str(error)
    return ""


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[Path]:
    folder.mkdir()
    command = f"mount -t tmpfs -o size={size_kb}k tmpfs '{folder}'"
    if subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/sh", "-c", f"umount -l '{folder}'"], check=True)


def test_full_disk_at_any_moment_is_told_and_the_run_goes_on_after_space_is_made(
    news: Path, calm: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    outcomes = []
    with small_disk(tmp_path / "disk", 4096) as disk:
        for free_kb in range(0, 1200, 60):
            out, filler = disk / "out", disk / "filler"
            filler.write_bytes(b"\0" * max(0, shutil.disk_usage(disk).free - (free_kb + 8) * 1024))
            told = error_of(lambda out=out: run(news, tiny_folder, out))  # type: ignore[misc]
            outcomes.append(told)
            assert not told or ((" full" in told or "No space left" in told) and str(disk) in told)
            filler.unlink()
            run(news, tiny_folder, out)
            assert data_bytes(out) == data_bytes(calm), f"{free_kb} KB free"
            assert verify(out).problems == ()
            shutil.rmtree(out)
    assert outcomes[0]
    assert not outcomes[-1]


class FullAt:
    """Lets the n-th thing that reaches the disk fail for want of space."""

    def __init__(self, patch: pytest.MonkeyPatch, n_events: int) -> None:
        self.left = n_events
        for name in ("fsync", "replace", "mkdir"):
            patch.setattr(os, name, self._guard(getattr(os, name)))

    def _guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == -1:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return function(*arguments, **options)

        return guarded


def test_each_write_that_finds_no_space_is_told_and_nothing_is_lost(
    news: Path, calm: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    n_events = n_told = 0
    while True:
        out = tmp_path / str(n_events)
        with pytest.MonkeyPatch.context() as patch:
            full = FullAt(patch, n_events)
            told = error_of(lambda out=out: run(news, tiny_folder, out))  # type: ignore[misc]
        if full.left >= 0:
            break
        # What is a mere convenience, a hash that is remembered, may fail without a word.
        assert not told or "No space left on device" in told
        n_told += bool(told)
        run(news, tiny_folder, out)
        assert data_bytes(out) == data_bytes(calm), f"write {n_events}"
        assert verify(out).problems == ()
        shutil.rmtree(out)
        # Shards are alike: every write of the first and some of the later ones will do.
        n_events += 1 if n_events < 30 else 7
    assert n_told > 30


# Folders and states that vanish


@pytest.mark.parametrize("victim", [".", ".newsmt", ".newsmt/lock", ".newsmt/state.sqlite"])
def test_what_is_removed_in_the_middle_of_a_run_is_noticed(
    news: Path, tiny_folder: Path, tmp_path: Path, victim: str
) -> None:
    out = tmp_path / "out"
    removed: list[bool] = []

    def remove() -> bool:
        if not removed and list(out.rglob("articles/*/*.parquet")):
            removed.append(True)
            path = out / victim
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return False

    with pytest.raises(WriteError, match="was removed or replaced while the run was at work"):
        run(news, tiny_folder, out, is_stopped=remove)
    assert removed
    assert victim != "." or not out.exists(), "nothing is written where somebody wanted nothing to be"


# Odd surroundings

_SURROUNDINGS: dict[str, dict[str, str]] = {
    "time zone": {"TZ": "Asia/Yerevan"},
    "locale C": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "empty": {},
}


def rows_of_command(news: Path, models: Path, out: Path, *, closed: str = "", **environment: str) -> list[Any]:
    arguments = ["run", str(news), "--to", "ru", "--models", str(models), "--out", str(out), "--beam", "1"]
    quoted = " ".join(f"'{word}'" for word in (*NEWSMT, *arguments))
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {quoted} {closed}"], env=environment, cwd="/", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert verify(out).problems == ()
    odd = {"run_id", "ingested_at"}
    return [
        {name: value for name, value in row.items() if name not in odd}
        for table in ("bitext", "articles")
        for row in table_rows(out, table)
    ]


@pytest.fixture(scope="module")
def ordinary(news: Path, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return rows_of_command(news, tiny_folder, tmp_path_factory.mktemp("ordinary") / "out", **os.environ)


@pytest.mark.parametrize("name", _SURROUNDINGS)
def test_surroundings_do_not_change_the_result(
    ordinary: list[Any], news: Path, tiny_folder: Path, tmp_path: Path, name: str
) -> None:
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    assert rows_of_command(news, tiny_folder, tmp_path / "out", **path, **_SURROUNDINGS[name]) == ordinary


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_change_the_result(
    ordinary: list[Any], news: Path, tiny_folder: Path, tmp_path: Path, closed: str
) -> None:
    assert rows_of_command(news, tiny_folder, tmp_path / "out", closed=closed, **os.environ) == ordinary


def test_clock_that_is_put_back_keeps_the_runs_in_order(tiny_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for number, day in enumerate((14, 16, 12, 12)):
        file = write_news(tmp_path / f"{number}.jsonl", 1, first=number)
        api.run_config(configure(file, tiny_folder, out), clock=lambda day=day: NOW.replace(day=day))  # type: ignore[misc]
    run_ids = [row["run_id"] for row in sorted(table_rows(out, "articles"), key=lambda row: int(row["url"][21:]))]
    assert run_ids == sorted(set(run_ids))
    assert verify(out).problems == ()


@pytest.mark.parametrize("ending", ["hang-up", "signal"])
def test_vanished_terminal_does_no_harm(news: Path, tiny_folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / "out"
    arguments = ["run", str(news), "--to", "ru", "--models", str(tiny_folder), "--out", str(out), "--beam", "1"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [*NEWSMT, *arguments])  # noqa: S606 - the child becomes the command
    os.read(terminal, 1)
    if ending == "signal":
        os.kill(pid, signal.SIGHUP)
    with suppress(OSError):
        os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert len(table_rows(out, "articles")) == 24
    assert verify(out).problems == ()


@pytest.mark.parametrize("n_mb", [300, 450])
def test_too_little_memory_is_told_with_what_helps(news: Path, tiny_folder: Path, tmp_path: Path, n_mb: int) -> None:
    arguments = f"run {news} --to ru --models {tiny_folder} --out {tmp_path / 'out'}"
    command = (
        f"ulimit -v {n_mb * 1024}; exec {sys.executable} -c 'from pipeline.cli.app import main; main()' {arguments}"
    )
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode != 0
    assert "set by ulimit -v" in done.stderr
    assert "MemoryMax=" in done.stderr or "--jobs" in done.stderr
