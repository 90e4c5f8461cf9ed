"""The metrics of runs, as a collector reads them."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline import api
from pipeline.errors import ExitCode, Flag, Reason, UsageError
from pipeline.lock import writer_lock
from pipeline.manifest import Manifest
from pipeline.metrics import Ending, check_metrics_file, render, write_metrics
from tests.commands import newsmt
from tests.folders import change_state, without_override

START = datetime(2026, 11, 24, 2, 30, tzinfo=timezone.utc)
ENGLISH = "Parliament adopts the budget\n\nParliament adopted the budget on Friday. The law takes effect in January.\n"
ARMENIAN = "Խորհրդարանն ընդունեց բյուջեն\n\nՕրենքն ուժի մեջ կմտնի հունվարին։\n"
DOCUMENT = Path(__file__).parents[2] / "docs" / "monitoring.md"
OF_CORPUS = {"newsmt_last_success_timestamp_seconds", "newsmt_articles_waiting"} | {
    f"newsmt_corpus_{what}" for what in ("rows", "bytes", "files")
}
OF_ANY_RUN = {f"newsmt_last_run_{what}" for what in ("timestamp_seconds", "duration_seconds", "exit_code")}


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder of news, an output folder, and models."""

    news: Path
    out: Path
    models: str

    def write(self, name: str, text: str) -> None:
        (self.news / name).write_text(text, encoding="utf-8")

    def run(self) -> Manifest:
        return api.run(self.news, to=("en", "ru", "hy"), out=self.out, models=self.models, beam=1, jobs=1)


@pytest.fixture
def desk(tmp_path: Path, tiny_folder: Path) -> Desk:
    """A desk with one article."""
    (tmp_path / "news").mkdir()
    desk = Desk(tmp_path / "news", tmp_path / "out", str(tiny_folder))
    desk.write("en.txt", ENGLISH)
    return desk


def collected(text: str, out: Path) -> dict[str, Any]:
    """Return each metric by name: its value, or its values by label; all of them are of `out`."""
    metrics: dict[str, Any] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type == "gauge"
        metrics[family.name] = {}
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("out") == str(out)
            if labels:
                metrics[family.name][next(iter(labels.values()))] = sample.value
            else:
                metrics[family.name] = sample.value
    return metrics


def ending(manifest: Manifest, out: Path, *, exit_code: int = 0) -> Ending:
    return Ending(out=out, exit_code=exit_code, ended_at=START + timedelta(hours=1), seconds=2.5, manifest=manifest)


def test_metrics_are_those_of_the_manifest(desk: Desk) -> None:
    desk.write("hy.txt", ARMENIAN)
    desk.write("empty.txt", "")
    manifest = desk.run()
    counts = manifest.counts
    found = collected(render(ending(manifest, desk.out, exit_code=3)).decode(), desk.out)

    assert found["newsmt_last_run_timestamp_seconds"] == (START + timedelta(hours=1)).timestamp()
    assert found["newsmt_last_run_duration_seconds"] == 2.5
    assert found["newsmt_last_run_exit_code"] == 3
    assert found["newsmt_last_success_timestamp_seconds"] == manifest.finished_at.timestamp()
    assert found["newsmt_last_run_articles"] == {"processed": 1, "rejected": 2, "known": 0}
    assert found["newsmt_last_run_units"] == counts.units == {"en-hy": 3, "en-ru": 3}
    assert found["newsmt_last_run_words"] == counts.n_source_words == 2 * len(ENGLISH.split())
    assert found["newsmt_last_run_units_from_memory"] == counts.n_units_from_memory
    assert found["newsmt_last_run_stage_seconds"] == pytest.approx(counts.seconds)
    assert {key: n for key, n in found["newsmt_last_run_rejects"].items() if n} == counts.rejects
    assert found["newsmt_last_run_rejects"].keys() == {reason.value for reason in Reason}
    assert {key: n for key, n in found["newsmt_last_run_flags"].items() if n} == counts.flags
    assert found["newsmt_last_run_flags"].keys() == {flag.value for flag in Flag}
    assert found["newsmt_corpus_rows"] == {"bitext": 6, "articles": 1, "rejects": 2}
    files = {table: list((desk.out / table).rglob("*.parquet")) for table in ("bitext", "articles", "rejects")}
    assert found["newsmt_corpus_files"] == {table: len(paths) for table, paths in files.items()}
    assert found["newsmt_corpus_bytes"] == {
        table: sum(path.stat().st_size for path in paths) for table, paths in files.items()
    }
    assert found["newsmt_articles_waiting"] == {"hy-en": 1, "hy-ru": 1}


def test_documentation_names_each_metric(desk: Desk) -> None:
    found = collected(render(ending(desk.run(), desk.out)).decode(), desk.out)

    documented = set(re.findall(r"^\| `(newsmt_\w+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == found.keys()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "newsmt.prom"


def run(desk: Desk, file: Path, *options: str) -> int:
    """Run the command; return its exit code, as `main` does."""
    arguments = [str(desk.news), "--to", "ru", "--out", str(desk.out), "--models", desk.models]
    try:
        return newsmt("run", *arguments, "--metrics", file, *options).exit_code
    except UsageError as error:
        return error.exit_code


def read(file: Path, desk: Desk) -> dict[str, Any]:
    return collected(file.read_text(encoding="utf-8"), desk.out)


def test_run_writes_its_metrics(desk: Desk, file: Path) -> None:
    began = datetime.now(timezone.utc).timestamp()

    assert run(desk, file) == ExitCode.DONE
    found = read(file, desk)
    assert found["newsmt_last_run_exit_code"] == 0
    assert found["newsmt_last_run_articles"]["processed"] == 1
    assert -1 <= found["newsmt_last_run_timestamp_seconds"] - began < 60
    assert 0 < found["newsmt_last_run_duration_seconds"] < 60
    assert found["newsmt_last_success_timestamp_seconds"] == found["newsmt_last_run_timestamp_seconds"]
    assert sorted(path.name for path in file.parent.iterdir()) == ["news", "newsmt.prom", "out"]


def test_failed_run_keeps_the_last_success(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(desk, file)
    success = read(file, desk)["newsmt_last_success_timestamp_seconds"]
    later = datetime.fromtimestamp(success, timezone.utc) + timedelta(hours=5)
    monkeypatch.setattr("pipeline.api.now", lambda: later)

    assert run(desk, file, "--models", "nowhere") == ExitCode.USAGE
    found = read(file, desk)
    assert found.keys() == OF_ANY_RUN | OF_CORPUS
    assert found["newsmt_last_run_exit_code"] == 2
    assert found["newsmt_last_run_timestamp_seconds"] == later.timestamp()
    assert found["newsmt_last_success_timestamp_seconds"] == success
    assert found["newsmt_corpus_rows"]["bitext"] == 3


def test_run_that_failed_in_the_middle_is_no_success(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("bug")

    monkeypatch.setattr("pipeline.runner.Runner._process_all", fail)
    with pytest.raises(KeyError):
        run(desk, file)

    found = read(file, desk)
    assert found["newsmt_last_run_exit_code"] == 1
    assert "newsmt_last_success_timestamp_seconds" not in found
    assert "newsmt_last_run_articles" not in found


def test_run_that_is_locked_out_says_so(desk: Desk, file: Path) -> None:
    run(desk, file)
    with writer_lock(desk.out / ".newsmt" / "lock"), pytest.raises(Exception, match="at work here"):
        run(desk, file)

    assert read(file, desk)["newsmt_last_run_exit_code"] == 75


def test_run_without_an_output_folder_leaves_what_is_known(desk: Desk, file: Path) -> None:
    assert run(desk, file, "--to", "russian") == ExitCode.USAGE
    assert read(file, desk).keys() == OF_ANY_RUN


def test_state_that_is_damaged_leaves_what_is_known(desk: Desk, file: Path) -> None:
    manifest = desk.run()
    change_state(desk.out, "DROP TABLE runs")
    write_metrics(file, ending(manifest, desk.out))

    assert not read(file, desk).keys() & OF_CORPUS


def test_folder_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xcf\xf0"))
    text = render(Ending(out=out, exit_code=2, ended_at=START, seconds=0.1)).decode()

    assert collected(text, tmp_path / r"\xcf\xf0") != {}


def test_reader_never_sees_half_a_file(desk: Desk, file: Path) -> None:
    manifest = desk.run()
    whole = {}
    for name in ("short", "long"):
        labels = {f"{name}-{number}": number for number in range(1 if name == "short" else 2000)}
        counts = replace(manifest.counts, units=labels)
        whole[name] = ending(replace(manifest, counts=counts), desk.out)
    expected = {render(one) for one in whole.values()}
    write_metrics(file, whole["short"])
    seen: set[bytes] = set()
    has_ended = threading.Event()

    def watch() -> None:
        while not has_ended.is_set():
            seen.add(file.read_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(20):
        write_metrics(file, whole["long"])
        write_metrics(file, whole["short"])
    has_ended.set()
    watcher.join()

    assert seen <= expected
    assert [path.name for path in file.parent.glob("*newsmt.prom*")] == ["newsmt.prom"]


def test_link_and_mode_of_the_file_stay(desk: Desk, file: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.prom"
    real.touch()
    real.chmod(0o640)
    file.symlink_to(real)
    write_metrics(file, Ending(out=desk.out, exit_code=1, ended_at=START, seconds=1))

    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "newsmt_last_run_exit_code" in real.read_text()


def test_metrics_that_cannot_be_written_are_a_warning(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "collector"
    folder.mkdir(mode=0o500)
    try:
        with without_override():
            assert run(desk, folder / "newsmt.prom") == ExitCode.DONE
    finally:
        folder.chmod(0o700)

    [warning] = [record.message for record in caplog.records]
    assert warning == f"{folder}/newsmt.prom: metrics cannot be written (Permission denied)"
    assert list(folder.iterdir()) == []


WRONG: Mapping[str, tuple[str, str]] = {
    "folder is missing": ("nowhere/newsmt.prom", "no folder"),
    "is a folder": ("news", "is no file"),
}


@pytest.mark.parametrize("case", WRONG)
def test_place_that_cannot_be_is_wrong_usage(case: str, desk: Desk) -> None:
    name, words = WRONG[case]
    with pytest.raises(UsageError, match=words):
        check_metrics_file(desk.news.parent / name)
