"""Installing as a process: several at once, kills, the progress bar."""

from __future__ import annotations

import json
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pipeline.models.package import read_packages
from pipeline.models.registry import package_folders
from tests.archives import demo_archive, demo_package, index_of
from tests.package_server import Fault, PackageServer, serve

NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")
PAIRS = ("en-ru", "ru-en")
EXPECTED = {path.name for path in map(demo_package, PAIRS)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageServer]:
    with serve() as found:
        found.files["/index.json"] = index_of(*PAIRS)
        for pair in PAIRS:
            found.files[f"/{demo_package(pair).name}.argosmodel"] = demo_archive(pair)
        monkeypatch.setenv("NEWSMT_MODEL_INDEX", f"{found.url}/index.json")
        yield found


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*NEWSMT, "models", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def placed(folder: Path) -> set[str]:
    """Return the packages that a run would see; each must be whole."""
    found = package_folders([folder])
    for path in found:
        assert read_packages(path)
        assert path.joinpath("model", "model.bin").read_bytes() == demo_bytes(path.name)
    return {path.name for path in found}


def demo_bytes(name: str) -> bytes:
    return (demo_package("en-ru").parent / name / "model" / "model.bin").read_bytes()


@pytest.mark.usefixtures("server")
def test_of_several_at_once_one_works_and_the_others_are_refused(own_packages: Path) -> None:
    processes = [start("install", *PAIRS) for _ in range(4)]

    outcomes = [finish(process) for process in processes]

    # One that comes when another has just finished finds all in place.
    assert {code for code, _ in outcomes} <= {0, 2}
    assert any(code == 0 for code, _ in outcomes)
    for code, errors in outcomes:
        assert code == 0 or "another installation is at work here (" in errors
    assert placed(own_packages) == EXPECTED


@pytest.mark.slow
def test_kill_at_any_moment_leaves_no_half_package(server: PackageServer, own_packages: Path) -> None:
    chance = random.Random(20261126)  # noqa: S311 - no secret
    for path in list(server.files):
        if path.endswith(".argosmodel"):
            server.faults[path] = Fault(chunk_pause_s=0.03)
    n_killed = 0
    for _ in range(25):
        process = start("install", *PAIRS)
        time.sleep(chance.uniform(0.1, 1.4))
        process.send_signal(signal.SIGKILL)
        code, _ = finish(process)
        n_killed += code == -signal.SIGKILL
        assert placed(own_packages) <= EXPECTED
        if placed(own_packages) == EXPECTED:
            shutil.rmtree(own_packages)
    assert n_killed >= 10

    assert finish(start("install", *PAIRS))[0] == 0
    assert placed(own_packages) == EXPECTED
    assert finish(start("verify"))[0] == 0


def test_bar_is_shown_on_a_terminal_only(server: PackageServer) -> None:
    for path in list(server.files):
        if path.endswith(".argosmodel"):
            server.faults[path] = Fault(chunk_pause_s=0.05)

    on_terminal = _on_terminal([*NEWSMT, "models", "install", "en-ru"])
    code, in_pipe = finish(start("install", "ru-en"))

    assert "downloading" in on_terminal
    assert "MB/s" in on_terminal
    assert code == 0
    assert in_pipe.startswith("downloading 4.6 MB\nru-en: ")
    assert "\x1b" not in in_pipe


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_download_and_the_next_one_goes_on(number: int, server: PackageServer) -> None:
    path = f"/{demo_package('en-ru').name}.argosmodel"
    server.faults[path] = Fault(chunk_pause_s=0.3)
    process = start("install", "en-ru")
    while not server.ranges_of(path):
        time.sleep(0.02)
    time.sleep(1)

    process.send_signal(number)
    code, errors = finish(process)

    assert code == 128 + number
    assert ("what was downloaded is kept" in errors) == (number == signal.SIGINT)
    server.faults.clear()
    assert finish(start("install", "en-ru"))[0] == 0
    assert server.ranges_of(path)[-1] is not None


def _on_terminal(command: Sequence[str]) -> str:
    main_end, process_end = pty.openpty()
    process = subprocess.Popen(
        command, stderr=process_end, stdout=process_end, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    )
    os.close(process_end)
    shown = b""
    while True:
        try:
            chunk = os.read(main_end, 1 << 16)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(main_end)
    assert process.wait(timeout=60) == 0
    return shown.decode()


@pytest.mark.usefixtures("server")
def test_rows_and_manifest_name_the_package_that_was_installed(tmp_path: Path) -> None:
    """From an empty home: install, run, look at the rows."""
    import pyarrow.dataset as ds

    (tmp_path / "a.txt").write_text("Trade\n\nFrance and India signed an agreement on trade in Paris on Thursday.\n")
    assert finish(start("install", "en-ru"))[0] == 0
    listed = json.loads(
        subprocess.run([*NEWSMT, "models", "list", "--json"], capture_output=True, check=True, encoding="utf-8").stdout
    )
    sha256 = listed["packages"][0]["sha256"]

    subprocess.run(
        [*NEWSMT, "run", str(tmp_path / "a.txt"), "--to", "ru", "--out", str(tmp_path / "out")],
        check=True,
        capture_output=True,
    )

    rows = ds.dataset(tmp_path / "out" / "bitext", partitioning="hive").to_table().to_pylist()
    (manifest,) = ((path.read_text("utf-8")) for path in (tmp_path / "out" / "runs").glob("*.json"))
    assert {tuple(row["models"]) for row in rows} == {(f"en_ru@1.0#{sha256[:12]}",)}
    assert json.loads(manifest)["models"][0]["sha256"] == sha256
    assert json.loads(manifest)["routes"] == {"en-ru": [f"en_ru@1.0#{sha256[:12]}"]}
