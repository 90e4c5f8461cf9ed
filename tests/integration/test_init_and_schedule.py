"""From nothing to a scheduled run: what `newsmt init` and `newsmt schedule` print is done in an empty environment."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.config_file import read_config
from pipeline.errors import ConfigError, OutputError, UsageError
from pipeline.store.status import read_status
from tests.commands import newsmt

SYSTEMD = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(not SYSTEMD, reason="systemd-analyze is not installed here")

ENGLISH = "Harbour opens again\n\nThe harbour of Batumi opened again on Monday. Two ships left for Varna.\n"


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose name needs quotes everywhere, with one article and a configuration."""
    folder = tmp_path / "evening news, 100% $HOME's"
    (folder / "in box").mkdir(parents=True)
    (folder / "in box" / "harbour.txt").write_text(ENGLISH, encoding="utf-8")
    monkeypatch.chdir(folder)
    newsmt("init", "--input", "in box", "--to", "ru", "--models", "demo")
    return folder


def line_for_cron(*options: str) -> str:
    """Return the command of the line as cron hands it to the shell."""
    line = newsmt("schedule", "--format", "crontab", *options).stdout.splitlines()[-1]
    return line.split(" ", 5)[5].replace(r"\%", "%")


def in_empty_environment(command: str | Sequence[str]) -> subprocess.CompletedProcess[str]:
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
    return subprocess.run(words, env={}, cwd="/", capture_output=True, encoding="utf-8", timeout=120, check=False)


def test_new_configuration_runs_as_it_is(news: Path) -> None:
    done = newsmt("run", "--config", "newsmt.toml", "--dry-run")

    assert "en-ru  1 to translate" in done.stderr
    assert read_config(Path("newsmt.toml")).inputs == ("in box",)
    assert not (news / "corpus").exists()


def test_init_says_what_is_next(tmp_path: Path) -> None:
    file = tmp_path / "my news.toml"

    done = newsmt("init", file)

    assert done.stdout == ""
    assert f"newsmt run --config '{file}' --dry-run" in done.stderr
    assert f"newsmt schedule '{file}'" in done.stderr


def test_init_replaces_nothing_unless_told_to(news: Path) -> None:
    with pytest.raises(UsageError, match=r"newsmt\.toml: is there already"):
        newsmt("init")

    newsmt("init", "--force", "--to", "hy")

    assert read_config(news / "newsmt.toml").to == ("hy",)


def test_line_for_cron_needs_no_environment(news: Path) -> None:
    done = in_empty_environment(line_for_cron())

    assert done.returncode == 0, done.stderr
    assert "1 processed" in done.stderr
    assert [run.n_articles for run in read_status(news / "corpus").runs] == [1]


def test_with_a_log_file_cron_hears_of_failures_only(news: Path) -> None:
    file = news / "newsmt.toml"
    file.write_text(file.read_text().replace('# file = "log/newsmt.log"', 'file = "newsmt.log"'))
    command = line_for_cron()

    done = in_empty_environment(command)
    file.write_text("beam = 4")
    failed = in_empty_environment(command)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert failed.returncode != 0
    assert "newsmt.toml:1: beam: unknown key; it belongs in [decoding]" in failed.stdout


@pytest.mark.parametrize("code", [3, 75])
def test_with_a_log_file_what_is_left_over_is_no_failure(code: int, tmp_path: Path, news: Path) -> None:
    file = news / "newsmt.toml"
    file.write_text(file.read_text().replace('# file = "log/newsmt.log"', 'file = "newsmt.log"'))
    stand_in = tmp_path / "newsmt"
    stand_in.write_text(f"#!/bin/sh\necho something\nexit {code}\n")
    stand_in.chmod(0o755)

    command = re.sub(r"\$\(\S+ run", f"$({shlex.quote(str(stand_in))} run", line_for_cron())
    done = in_empty_environment(command)

    assert str(stand_in) in command
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_service_needs_no_environment(news: Path) -> None:
    (news / "units").mkdir()
    newsmt("schedule", "--write", "units", "--name", "evening")
    text = (news / "units" / "newsmt-evening.service").read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)

    # Words of units are those of a shell that knows no variables, but for the marks that are doubled.
    done = in_empty_environment(shlex.split(command.replace("%%", "%").replace("$$", "$")))

    assert done.returncode == 0, done.stderr
    assert [run.n_articles for run in read_status(news / "corpus").runs] == [1]


@needs_systemd
def test_systemd_finds_nothing_wrong(news: Path) -> None:
    (news / "units").mkdir()
    newsmt("schedule", "--write", "units", "--every", "6h")

    done = subprocess.run(
        [SYSTEMD or "", "verify", *map(str, sorted((news / "units").iterdir()))],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("every", ["1m", "15m", "hourly", "2h", "daily", "weekly"])
@pytest.mark.usefixtures("news")
def test_systemd_knows_the_times(every: str) -> None:
    text = newsmt("schedule", "--format", "systemd", "--every", every).stdout
    (calendar,) = re.findall(r"^OnCalendar=(.*)$", text, re.MULTILINE)

    done = subprocess.run([SYSTEMD or "", "calendar", calendar], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("news")
def test_format_decides_what_is_printed() -> None:
    everything = newsmt("schedule")
    systemd = newsmt("schedule", "--format", "systemd")

    assert everything.stdout.startswith("# newsmt: ")
    assert systemd.stdout in everything.stdout
    assert "* * * *" not in systemd.stdout
    assert "crontab -e" in everything.stderr
    assert "crontab -e" not in systemd.stderr


@pytest.mark.usefixtures("news")
def test_what_is_to_be_made_first_is_told() -> None:
    said = newsmt("schedule", "--every", "daily", "--at", "4:00").stderr

    assert "newsmt: warning: make first" in said
    assert "corpus" in said


def test_units_are_written_and_what_is_next_is_said(news: Path) -> None:
    (news / "units").mkdir()

    done = newsmt("schedule", "--write", "units", "--name", "x")

    assert done.stdout == ""
    assert "sudo systemctl daemon-reload && sudo systemctl enable --now newsmt-x.timer" in done.stderr
    assert sorted(path.name for path in (news / "units").iterdir()) == ["newsmt-x.service", "newsmt-x.timer"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param(["nowhere.toml"], ConfigError, "newsmt init writes a new one", id="no-file"),
        pytest.param(["--every", "7m"], UsageError, "does not divide", id="every"),
        pytest.param(["--at", "x"], UsageError, "write the minute", id="at"),
        pytest.param(["--memory", "x"], UsageError, "--memory 'x'", id="memory"),
        pytest.param(["--format", "x"], UsageError, "choose one of all, crontab, systemd", id="format"),
        pytest.param(["--write", "nowhere"], OutputError, "nowhere: no such folder", id="write"),
        pytest.param(["--write", ".", "--format", "crontab"], UsageError, "leave out --format", id="write-crontab"),
    ],
)
@pytest.mark.usefixtures("news")
def test_wrong_options_are_told(arguments: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        newsmt("schedule", *arguments)
