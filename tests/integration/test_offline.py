"""Nothing touches the network but the commands whose purpose it is: with sockets forbidden, and without any network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archives import demo_package, index_of
from tests.tiny_package import TinyPackage

SAMPLES = Path(__file__).parents[2] / "samples"
_FORBIDDEN_CODE = """
import sys
FORBIDDEN = {f"socket.{name}" for name in ("__new__", "connect", "bind", "getaddrinfo", "gethostbyname", "sendto")}
def refuse(event, arguments):
    if event in FORBIDDEN:
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
from pipeline.cli.app import main
main()
"""
WITHOUT_SOCKETS = (sys.executable, "-c", _FORBIDDEN_CODE)
"""The command, in a process that ends when it asks for a socket."""


def newsmt(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WITHOUT_SOCKETS, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def test_forbidden_sockets_end_the_process() -> None:
    done = newsmt("models", "install", "en-ru", "--index", "http://127.0.0.1:9/index.json")

    assert done.returncode == 1
    assert "socket." in done.stderr


def test_whole_job_opens_no_socket(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--models", "demo", "--to", "en", "--to", "ru", "--to", "hy", "--out", out)

    done = newsmt("run", SAMPLES, *options, "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["counts"]["n_units"] > 200
    for command in (("run", SAMPLES, *options, "--dry-run"), ("status", out), ("check", out)):
        assert newsmt(*command).returncode == 0


def test_filters_open_no_socket(tmp_path: Path) -> None:
    text = json.dumps({"text": "France and India signed an agreement on trade in Paris on Thursday."})
    TinyPackage(source="en", target="ru", tokenizer="bpe").build(tmp_path)

    detected = newsmt("detect", stdin=text)
    segmented = newsmt("segment", stdin=detected.stdout)
    translated = newsmt("translate", "--to", "ru", "--models", "demo", stdin=detected.stdout)
    with_bpe = newsmt("translate", "--to", "ru", "--models", tmp_path, stdin=detected.stdout)

    assert [done.returncode for done in (detected, segmented, translated, with_bpe)] == [0, 0, 0, 0]
    expected = "Франция и Индия в четверг подписали в Париже соглашение о торговле."
    assert json.loads(translated.stdout)["translation"] == expected


def test_commands_for_models_open_no_socket(tmp_path: Path) -> None:
    shutil.copytree(demo_package("en-ru"), tmp_path / "en-ru")
    (tmp_path / "index.json").write_bytes(index_of("ru-en", links={"ru-en": [str(demo_package("ru-en"))]}))
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("add", tmp_path / "en-ru"),
        ("available", "--refresh", "--index", tmp_path / "index.json"),
        ("available", "hy-en"),
        ("list",),
        ("verify",),
        ("install", "--locked", "--help"),
        ("remove", "en-ru"),
    )

    for command in commands:
        done = newsmt("models", *command)
        assert done.returncode == 0, (command, done.stderr)


@pytest.mark.slow
def test_doctor_and_bench_open_no_socket() -> None:
    assert newsmt("doctor").returncode == 0
    assert newsmt("models", "bench", "en-ru", "--models", "demo", "--beam", "1").returncode == 0


def test_whole_job_runs_where_there_is_no_network(tmp_path: Path) -> None:
    unshare = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], check=False).returncode:
        pytest.skip("this machine allows no network namespace")
    code = "from pipeline.cli.app import main; main()"
    run = ("run", str(SAMPLES), "--models", "demo", "--to", "en", "--out", str(tmp_path / "out"))

    done = subprocess.run(
        [*unshare, sys.executable, "-c", code, *run], capture_output=True, encoding="utf-8", timeout=240, check=False
    )

    assert done.returncode == 0, done.stderr
