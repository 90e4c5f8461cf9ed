from __future__ import annotations

import re
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import DecodingSettings, LogSettings, RunConfig
from pipeline.errors import ConfigError, OutputError, UsageError
from pipeline.places import StorageUri
from pipeline.schedule.crontab import MAX_COMMAND, cron_command, crontab_lines
from pipeline.schedule.files import write_units
from pipeline.schedule.interval import parse_interval
from pipeline.schedule.job import Job, find_executable, plan_job
from pipeline.schedule.systemd import parse_memory, units

HOURLY = parse_interval("hourly")
MIB = 4096
JOB = Job(
    name="newsmt-news",
    executable=Path("/opt/newsmt/bin/newsmt"),
    config=Path("/srv/news/newsmt.toml"),
    settings=RunConfig(inputs=("/srv/news/inbox",), to=("ru",), out=Path("/srv/news/corpus")),
    interval=HOURLY,
    user="news",
    environment={},
    read=(Path("/srv/news/inbox"),),
    folders=(Path("/srv/news/corpus"), Path("/var/log/news")),
)
COMPLETE = 'inputs = ["in"]\nto = ["ru"]\nout = "out"'
_NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="/"), min_size=1)


def write(folder: Path, text: str, name: str = "newsmt.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def as_cron_passes_it_on(command: str) -> str:
    """Return what the shell gets: the rest after a bare `%` is input of the command, `\\%` is a `%`."""
    passed, is_escaped = "", False
    for mark in command:
        if is_escaped:
            passed = passed[:-1] + mark if mark == "%" else passed + mark
            is_escaped = False
        else:
            assert mark != "%", command
            passed, is_escaped = passed + mark, mark == "\\"
    return passed


def as_systemd_splits(line: str) -> list[str]:
    """Return the words of an `ExecStart=` or a list of paths, with specifiers and variables replaced."""
    words = [
        re.sub(r"\\(.)", r"\1", quoted[1:-1] if quoted else plain)
        for quoted, plain in re.findall(r'("(?:\\.|[^"\\])*")|(\S+)', line)
    ]
    assert not any(re.search(r"(?<!%)(?:%%)*%(?!%)", word) for word in words), words
    return [word.replace("%%", "%") for word in words]


def value(text: str, key: str) -> str:
    (found,) = re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)
    return str(found)


def service(job: Job) -> str:
    return units(job, memory_mib=MIB)[f"{job.name}.service"]


@given(_NAMES)
def test_any_path_passes_through_cron_and_shell(name: str) -> None:
    job = replace(JOB, config=Path("/srv", name))

    assert shlex.split(as_cron_passes_it_on(cron_command(job))) == list(job.command)


@given(_NAMES)
def test_any_path_passes_through_units(name: str) -> None:
    job = replace(JOB, config=Path("/srv", name), folders=(Path("/data", name), Path("/b")))
    text = service(job)

    first, *others = as_systemd_splits(value(text, "ExecStart"))
    assert [first, *(word.replace("$$", "$") for word in others)] == list(job.command)
    assert as_systemd_splits(value(text, "ReadWritePaths")) == list(map(str, job.folders))


def test_line_for_cron_mails_what_the_run_says() -> None:
    *comments, line = crontab_lines(JOB)

    assert line == "17 * * * * /opt/newsmt/bin/newsmt run --config /srv/news/newsmt.toml"
    assert all(comment.startswith("#") for comment in comments)
    assert "75" in " ".join(comments)
    assert "[log]" in " ".join(comments)


def test_line_for_cron_mails_failures_only_where_there_is_a_log() -> None:
    settings = replace(JOB.settings, log=LogSettings(file=Path("/var/log/news/a.log")), wait_s=600.0)
    *comments, line = crontab_lines(replace(JOB, settings=settings))

    assert line.startswith("17 * * * * said=$(/opt/newsmt/bin/newsmt run")
    assert "3|75)" in line
    assert "waits 600 s" in " ".join(comments)
    assert "/var/log/news/a.log" in " ".join(comments)


def test_too_long_a_line_is_told_instead_of_cut() -> None:
    with pytest.raises(UsageError, match="the paths are too long for cron"):
        crontab_lines(replace(JOB, config=Path("/", "x" * MAX_COMMAND)))


def test_environment_names_the_packages() -> None:
    job = replace(JOB, environment={"NEWSMT_PACKAGES_DIR": "/srv/my models"})

    assert cron_command(job).startswith("NEWSMT_PACKAGES_DIR='/srv/my models' /opt/newsmt/bin/newsmt run")
    assert value(service(job), "Environment") == '"NEWSMT_PACKAGES_DIR=/srv/my models"'


def test_service_is_limited() -> None:
    text = service(JOB)

    expected = {
        "Type": "oneshot",
        "User": "news",
        "SuccessExitStatus": "3 75",
        "MemoryHigh": "3686M",
        "MemoryMax": "4096M",
        "ReadWritePaths": "/srv/news/corpus /var/log/news",
        "ProtectSystem": "strict",
        "PrivateNetwork": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "KillSignal": "SIGTERM",
    }
    assert {key: value(text, key) for key in expected} == expected
    assert text.index("[Unit]") < text.index("[Service]") < text.index("ExecStart")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"read": (Path("/tmp/inbox"),)}, id="inputs"),  # noqa: S108 - not written to
        pytest.param({"config": Path("/var/tmp/newsmt.toml")}, id="configuration"),  # noqa: S108
        pytest.param({"folders": (Path("/tmp"),)}, id="output"),  # noqa: S108
    ],
)
def test_what_lies_in_temporary_folders_stays_visible(change: dict[str, object]) -> None:
    assert "\nPrivateTmp=yes" not in service(replace(JOB, **change))  # type: ignore[arg-type]


def test_gpu_stays_visible() -> None:
    settings = replace(JOB.settings, decoding=DecodingSettings(device="cuda"))

    assert "\nPrivateDevices=yes" not in service(replace(JOB, settings=settings))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"inputs": ("s3://bucket/inbox",)}, id="inputs"),
        pytest.param({"out": StorageUri("s3://bucket/corpus"), "state": Path("/srv/news/state")}, id="output"),
        pytest.param({"executor": "ray"}, id="cluster"),
    ],
)
def test_network_is_there_for_what_needs_it(change: dict[str, Any]) -> None:
    assert "\nPrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX\n" in service(JOB)
    text = service(replace(JOB, settings=replace(JOB.settings, **change)))
    assert "\nPrivateNetwork=yes" not in text
    assert "\nRestrictAddressFamilies" not in text


def test_job_with_its_corpus_in_a_storage_writes_to_the_folder_of_its_state(tmp_path: Path) -> None:
    write(tmp_path, 'inputs = ["s3://bucket/inbox"]\nto = ["ru"]\nout = "s3://bucket/corpus"\nstate = "state"')
    job = plan_job(tmp_path / "newsmt.toml", HOURLY, environment={})
    assert (job.read, job.folders) == ((), (tmp_path / "state",))
    assert list(job.warnings()) == [f"make first, as {job.user}, what the run writes to: mkdir -p {tmp_path}/state"]


def test_timer_makes_up_for_what_was_missed() -> None:
    text = units(JOB, memory_mib=MIB)["newsmt-news.timer"]

    assert (value(text, "OnCalendar"), value(text, "Persistent")) == ("*-*-* *:17:00", "true")
    assert value(text, "WantedBy") == "timers.target"


@pytest.mark.parametrize(("text", "size"), [("4G", 4096), ("1500m", 1500), ("2 GiB", 2048), ("800MB", 800)])
def test_memory_is_read(text: str, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["lots", "4", "0G", "-1G", "1.5G", "100M"])
def test_other_sizes_are_errors(text: str) -> None:
    with pytest.raises(UsageError, match=rf"--memory '{text}'"):
        parse_memory(text)


def test_paths_of_a_job_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        'inputs = ["in", "b/*.txt"]\nto = ["ru"]\nout = "out"\nmodels = "set"\n'
        'metrics = "corpus/m.prom"\n[log]\nfile = "log/a.log"',
    )

    job = plan_job(Path("newsmt.toml"), HOURLY, environment={"NEWSMT_PACKAGES_DIR": "/x", "PATH": "/y"})

    assert job.config == tmp_path / "newsmt.toml"
    assert job.folders == (tmp_path / "out", tmp_path / "log", tmp_path / "corpus")
    assert job.read == (tmp_path / "in", tmp_path / "b" / "*.txt", tmp_path / "set")
    assert job.environment == {}
    assert job.executable == Path(sys.prefix, "bin", "newsmt")
    assert list(job.warnings()) == [
        f"make first, as {job.user}, what the run writes to: mkdir -p {tmp_path}/out {tmp_path}/log {tmp_path}/corpus",
        f"input {tmp_path}/in: not there yet; a run ends with exit code 2 until it is",
    ]


def test_folders_inside_others_are_not_named_again(tmp_path: Path) -> None:
    write(tmp_path, 'inputs = ["-x"]\nto = ["ru"]\nout = "out"\nmetrics = "out/m/m.prom"\n[log]\nfile = "a.log"')

    job = plan_job(tmp_path / "newsmt.toml", HOURLY, environment={"NEWSMT_PACKAGES_DIR": "/x", "PATH": "/y"})

    assert job.folders == (tmp_path,)
    assert job.environment == {"NEWSMT_PACKAGES_DIR": "/x"}


def test_waiting_longer_than_the_interval_is_told(tmp_path: Path) -> None:
    write(tmp_path, 'inputs = ["*.txt"]\nto = ["ru"]\nout = "."\nwait = "1h"'.replace('"*.txt"', '"/in/*.txt"'))

    (warning,) = plan_job(tmp_path / "newsmt.toml", HOURLY, environment={}).warnings()

    assert "runs that wait would pile up" in warning


@pytest.mark.parametrize(
    ("file", "name", "unit"),
    [
        pytest.param("newsmt.toml", None, "newsmt-{folder}", id="folder"),
        pytest.param("my news.toml", None, "newsmt-my-news", id="file"),
        pytest.param("newsmt-daily.toml", None, "newsmt-daily", id="prefix-once"),
        pytest.param("новости.toml", None, "newsmt-run", id="nothing-left"),
        pytest.param("newsmt.toml", "a/b", "newsmt-a-b", id="given"),
    ],
)
def test_units_have_plain_names(tmp_path: Path, file: str, name: str | None, unit: str) -> None:
    folder = tmp_path / "news2"
    folder.mkdir()
    write(folder, COMPLETE, file)

    job = plan_job(folder / file, HOURLY, environment={}, name=name)

    assert job.name == unit.replace("{folder}", "news2")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param("", ["no output folder", "no input", "no target language"], id="empty"),
        pytest.param('inputs = ["-"]\nout = "out"', ["inputs: - is standard input", "no target"], id="standard-input"),
        pytest.param("beam = 1\nto = 1", ["1: beam: unknown", "2: to: must be"], id="invalid"),
    ],
)
def test_configuration_must_be_complete(tmp_path: Path, text: str, messages: list[str]) -> None:
    file = write(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        plan_job(file, HOURLY, environment={})

    told = [line.removeprefix(f"{file}:").strip() for line in str(caught.value).splitlines()]
    assert [line[: len(begin)] for line, begin in zip(told, messages, strict=True)] == messages


def test_line_break_in_a_path_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, COMPLETE.replace('"in"', r'"in\nbox"'))

    with pytest.raises(UsageError, match=r"in\\nbox': has characters that neither crontab nor units can hold"):
        plan_job(tmp_path / "newsmt.toml", HOURLY, environment={})


def test_name_without_letters_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, COMPLETE)

    with pytest.raises(UsageError, match="--name '//': write letters"):
        plan_job(tmp_path / "newsmt.toml", HOURLY, environment={}, name="//")


def test_user_without_a_name_is_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, COMPLETE)
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000)

    assert plan_job(tmp_path / "newsmt.toml", HOURLY, environment={}).user == "4000000"


@pytest.mark.parametrize(
    ("called", "prefix", "path", "found"),
    [
        pytest.param("{folder}/a/newsmt", "/no", "/no", "a", id="as-called"),
        pytest.param("newsmt", "/no", "{folder}/b/bin", "b/bin", id="called-over-path"),
        pytest.param("-c", "{folder}/b", "{folder}/a", "b/bin", id="of-the-environment"),
        pytest.param("{folder}/a/pytest", "/no", "{folder}/a", "a", id="on-path"),
    ],
)
def test_command_is_found(
    called: str, prefix: str, path: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("a", "b/bin"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder, "#!/bin/sh\n", "newsmt").chmod(0o755)
    monkeypatch.setenv("PATH", path.replace("{folder}", str(tmp_path)))

    executable = find_executable(called.replace("{folder}", str(tmp_path)), prefix.replace("{folder}", str(tmp_path)))

    assert executable == tmp_path / found / "newsmt"


def test_missing_command_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(UsageError, match="no command newsmt"):
        find_executable("pytest", "/nowhere")


def test_units_of_the_same_configuration_are_replaced(tmp_path: Path) -> None:
    write_units(units(JOB, memory_mib=MIB), tmp_path)

    paths = write_units(units(JOB, memory_mib=512), tmp_path)

    assert [path.name for path in paths] == ["newsmt-news.service", "newsmt-news.timer"]
    assert value(paths[0].read_text(), "MemoryMax") == "512M"


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    other = replace(JOB, config=Path("/srv/other/newsmt.toml"))
    write_units(units(other, memory_mib=MIB), tmp_path)

    with pytest.raises(OutputError, match=r"newsmt-news\.service: is not of this configuration, and was left alone"):
        write_units(units(JOB, memory_mib=MIB), tmp_path)


def test_folder_of_units_must_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.schedule.files.replace_synced", fail)

    with pytest.raises(OutputError, match=r"cannot be written to \(Permission denied\)"):
        write_units(units(JOB, memory_mib=MIB), tmp_path)
    with pytest.raises(OutputError, match="nowhere: no such folder"):
        write_units({}, tmp_path / "nowhere")
