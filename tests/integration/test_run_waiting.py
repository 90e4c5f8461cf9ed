"""Articles that wait for a model and get it when their inputs are long gone, with the demo models."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from pipeline import api, shard
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.errors import ExitCode, StateError
from pipeline.intake import Work
from pipeline.manifest import Manifest
from pipeline.models.registry import BUNDLED_SETS
from pipeline.shard import ReadShard, ShardProcessor
from pipeline.store.status import read_status
from pipeline.store.verify import verify
from tests.folders import change_state, data_bytes, make_version

START = datetime(2026, 11, 24, 2, 30, tzinfo=timezone.utc)
ENGLISH = "Parliament adopts the budget\n\nParliament adopted the budget on Friday. The law takes effect in {}.\n"
RUSSIAN = "Парламент принял бюджет\n\nВ пятницу парламент принял бюджет. Закон вступит в силу в {} году.\n"
ARMENIAN = "Խորհրդարանն ընդունեց բյուջեն\n\nՈւրբաթ օրը խորհրդարանն ընդունեց բյուջեն։ Օրենքն ուժի մեջ կմտնի հունվարին։\n"

_KILLED_AFTER_COMMIT = f"""
import datetime, os, signal, sys
import pipeline.api
from pipeline.store.dataset import Dataset
moment = datetime.datetime.fromisoformat({START.isoformat()!r})
pipeline.api.run_config.__kwdefaults__["clock"] = lambda: moment
commit = Dataset.commit_staged
def commit_and_die(*arguments, **options):
    commit(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv.pop(1) == "die":
    Dataset.commit_staged = commit_and_die
from pipeline.cli.app import main; main()
"""
"""`newsmt` with a clock that stands still; `die` as first argument kills it as soon as a shard is committed."""


class Desk:
    """A folder of news whose files come and go, an output folder, and sets of some of the demo models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.news = folder / "news"
        self.news.mkdir()
        self.out = folder / "out"

    def models(self, *pairs: str) -> str:
        """Return a folder with the models of `pairs`."""
        models = self.folder / "+".join(pairs)
        models.mkdir(exist_ok=True)
        for pair in pairs:
            (package,) = BUNDLED_SETS["demo"].glob(f"translate-{pair.replace('-', '_')}-*")
            if not (models / package.name).exists():
                (models / package.name).symlink_to(package)
        return str(models)

    def config(self, *pairs: str, to: Sequence[str] = ("en",), **changes: object) -> RunConfig:
        config = RunConfig(
            inputs=(str(self.news),),
            to=tuple(to),
            out=self.out,
            models=self.models(*pairs),
            decoding=DecodingSettings(beam=1, jobs=1),
            shard=ShardSettings(max_articles=2),
        )
        return replace(config, **changes)  # type: ignore[arg-type]

    def run(self, *pairs: str, to: Sequence[str] = ("en",), **changes: object) -> Manifest:
        return api.run_config(self.config(*pairs, to=to, **changes), clock=lambda: START)

    def write(self, name: str, text: str) -> None:
        record = {"url": f"https://a.example/{name}", "title": None, "publisher": "Вести", "text": text}
        (self.news / f"{name}.jsonl").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

    def rotate(self) -> None:
        """Remove all inputs."""
        for path in self.news.iterdir():
            path.unlink()

    def rows(self, table: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = ds.dataset(self.out / table, partitioning="hive").to_table().to_pylist()
        return rows

    def held(self, out: Path | None = None) -> list[tuple[object, ...]]:
        """Return the rows of the table of waiting articles."""
        with closing(sqlite3.connect((out or self.out) / ".newsmt" / "state.sqlite")) as connection:
            return connection.execute("SELECT * FROM waiting ORDER BY article_id, revision").fetchall()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def balance(manifest: Manifest) -> tuple[int, int, int, int]:
    counts = manifest.counts
    assert counts.n_read == counts.n_articles + counts.n_rejected + counts.n_known
    return counts.n_read, counts.n_articles, counts.n_rejected, counts.n_known


def test_article_is_translated_when_its_model_arrives_and_its_input_is_gone(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    assert desk.run("en-ru").counts.waiting == {"ru-en": 1}
    assert read_status(desk.out).waiting == {"ru-en": 1}
    desk.rotate()
    manifest = desk.run("en-ru", "ru-en")
    assert balance(manifest) == (1, 1, 0, 0)
    assert (manifest.counts.units, manifest.counts.n_waited) == ({"ru-en": 3}, 1)
    assert manifest.exit_code == ExitCode.DONE
    assert read_status(desk.out).waiting == {}
    assert desk.held() == []
    assert verify(desk.out).is_sound
    assert balance(desk.run("en-ru", "ru-en")) == (0, 0, 0, 0)


def test_corpus_is_that_of_reading_the_input_again(desk: Desk, tmp_path: Path) -> None:
    for year in range(2027, 2032):
        desk.write(f"vote-{year}", RUSSIAN.format(year))
    desk.run("en-ru", to=("en", "hy"))
    shutil.copytree(desk.out, tmp_path / "again")
    change_state(tmp_path / "again", "DELETE FROM waiting")
    whole = ShardSettings(max_articles=100)
    desk.run("en-ru", "ru-en", "en-hy", to=("en", "hy"), out=tmp_path / "again", shard=whole)
    desk.rotate()
    desk.run("en-ru", "ru-en", "en-hy", to=("en", "hy"), shard=whole)
    texts = [
        sorted(map(repr, ds.dataset(out / table, partitioning="hive").to_table().to_pylist()))
        for table in ("articles", "bitext")
        for out in (desk.out, tmp_path / "again")
    ]
    assert texts[0] == texts[1]
    assert texts[2] == texts[3]
    assert len(texts[2]) == 5 * 3 * 2


def test_bytes_of_a_single_article_are_those_of_reading_it_again(desk: Desk, tmp_path: Path) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    shutil.copytree(desk.out, tmp_path / "again")
    change_state(tmp_path / "again", "DELETE FROM waiting")
    desk.run("ru-en", out=tmp_path / "again")
    desk.rotate()
    desk.run("ru-en")
    assert data_bytes(desk.out) == data_bytes(tmp_path / "again")


def test_article_without_a_model_yet_is_neither_read_nor_counted(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    desk.rotate()
    for to in (("en",), ("ru",), ("en", "hy")):
        manifest = desk.run("en-ru", to=to)
        assert balance(manifest) == (0, 0, 0, 0)
        assert (manifest.counts.waiting, manifest.exit_code) == ({}, ExitCode.DONE)
    assert read_status(desk.out).waiting == {"ru-en": 1}


def test_target_that_this_run_does_not_ask_for_waits_on(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    desk.rotate()
    assert balance(desk.run("ru-en", "en-hy", to=("hy",))) == (0, 0, 0, 0)
    assert desk.run("ru-en").counts.units == {"ru-en": 3}


def test_of_two_targets_one_waits_until_its_model_arrives(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    assert desk.run("en-ru", to=("en", "hy")).counts.waiting == {"ru-en": 1, "ru-hy": 1}
    desk.rotate()
    first = desk.run("ru-en", to=("en", "hy"))
    assert (first.counts.units, first.counts.waiting) == ({"ru-en": 3}, {"ru-hy": 1})
    assert (balance(first), first.exit_code) == ((1, 1, 0, 0), ExitCode.LEFT_OVER)
    assert read_status(desk.out).waiting == {"ru-hy": 1}
    assert balance(desk.run("ru-en", to=("en", "hy"))) == (0, 0, 0, 0)
    second = desk.run("ru-en", "en-hy", to=("en", "hy"))
    assert (second.counts.units, second.exit_code) == ({"ru-hy": 3}, ExitCode.DONE)
    assert len(desk.rows("articles")) == 1
    assert desk.held() == []
    assert verify(desk.out).is_sound


def test_changed_article_supersedes_the_one_that_waited(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    desk.write("vote", RUSSIAN.format(2028))
    desk.run("en-ru")
    desk.rotate()
    assert balance(desk.run("ru-en")) == (1, 1, 0, 0)
    assert [(row["revision"], "2028" in str(row["text"])) for row in desk.rows("articles")] == [(2, True)]


def test_article_that_also_comes_from_the_inputs_is_known(desk: Desk) -> None:
    for year in range(2027, 2030):
        desk.write(f"vote-{year}", RUSSIAN.format(year))
    desk.run("en-ru")
    manifest = desk.run("ru-en")
    assert (balance(manifest), manifest.counts.n_waited) == ((6, 3, 0, 3), 3)
    assert len(desk.rows("bitext")) == 9
    assert verify(desk.out).is_sound


def test_dry_run_shows_what_waited(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    both = api.dry_run(desk.config("ru-en"))
    assert (both.n_read, both.n_known, both.to_translate) == (2, 1, {"ru-en": 1})
    desk.rotate()
    assert api.dry_run(desk.config("en-ru")).n_read == 0
    preview = api.dry_run(desk.config("ru-en", to=("en", "hy")))
    assert (preview.n_read, preview.n_known, preview.n_rejected) == (1, 0, 0)
    assert (preview.to_translate, preview.waiting) == ({"ru-en": 1}, {"ru-hy": 1})
    assert len(desk.held()) == 1


def test_stopped_run_leaves_what_waited_to_the_next(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    desk.rotate()
    stopped = api.run_config(desk.config("ru-en"), clock=lambda: START, is_stopped=lambda: True)
    assert (stopped.stopped_by, balance(stopped)) == ("signal", (0, 0, 0, 0))
    assert balance(desk.run("ru-en")) == (1, 1, 0, 0)


def break_on(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    read = ShardProcessor.read

    def poisoned(self: ShardProcessor, work: Sequence[Work]) -> ReadShard:
        if any(text in item.article.text for item in work):
            raise ValueError(text)
        return read(self, work)

    monkeypatch.setattr(ShardProcessor, "read", poisoned)


@pytest.mark.parametrize("first", ["en-ru", "ru-en"], ids=["not in the corpus", "in the corpus"])
def test_poisonous_article_is_rejected_once_and_tried_again_by_another_version(
    first: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run(first, to=("en", "hy"))
    desk.rotate()
    with monkeypatch.context() as patch:
        break_on(patch, "2027")
        assert balance(desk.run("ru-en", "en-hy", to=("en", "hy"))) == (1, 0, 1, 0)
        again = desk.run("ru-en", "en-hy", to=("en", "hy"))
    assert (balance(again), again.exit_code) == ((0, 0, 0, 0), ExitCode.DONE)
    monkeypatch.setattr(shard, "__version__", "99")
    assert balance(desk.run("ru-en", "en-hy", to=("en", "hy"))) == (1, 1, 0, 0)
    assert {row["target_lang"] for row in desk.rows("bitext")} == {"en", "hy"}
    assert verify(desk.out).is_sound


def test_article_of_an_older_state_is_done_when_its_input_comes_again(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    make_version(desk.out / ".newsmt" / "state.sqlite", 1)
    assert read_status(desk.out).waiting == {"ru-en": 1}
    assert verify(desk.out).is_sound
    (desk.news / "vote.jsonl").rename(desk.folder / "kept.jsonl")
    assert api.dry_run(desk.config("ru-en")).n_read == 0
    assert balance(desk.run("ru-en")) == (0, 0, 0, 0)
    (desk.folder / "kept.jsonl").rename(desk.news / "vote.jsonl")
    assert balance(desk.run("ru-en")) == (1, 1, 0, 0)


def test_damaged_content_is_found_by_check_and_stops_the_run_that_needs_it(desk: Desk) -> None:
    desk.write("vote", RUSSIAN.format(2027))
    desk.run("en-ru")
    change_state(desk.out, "UPDATE waiting SET content = x'00'")
    assert [problem.kind for problem in verify(desk.out).problems] == ["waiting"]
    assert balance(desk.run("en-ru", to=("ru",))) == (1, 0, 0, 1)
    with pytest.raises(StateError, match="its stored content is damaged"):
        desk.run("ru-en")


def _command(desk: Desk, out: Path) -> list[str]:
    settings = desk.folder / "newsmt.toml"
    settings.write_text("[decoding]\nbeam = 1\njobs = 1\n[shard]\nmax_articles = 2\n", encoding="utf-8")
    options = ["--config", settings, "--models", desk.models("en-ru", "ru-en", "hy-en"), "--out", out]
    return ["run", str(desk.news), "--to", "en", "--to", "hy", *map(str, options)]


def _newsmt(mode: str, arguments: Sequence[str]) -> int:
    command = [sys.executable, "-c", _KILLED_AFTER_COMMIT, mode, *arguments]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=120, check=False).returncode


def test_killed_runs_end_in_the_bytes_of_an_undisturbed_one(desk: Desk, tmp_path: Path) -> None:
    for year in range(2027, 2032):
        desk.write(f"vote-{year}", RUSSIAN.format(year))
    desk.write("armenian", ARMENIAN)
    desk.write("english", ENGLISH.format(2026))
    desk.run("en-ru", to=("en", "hy"))
    desk.rotate()
    desk.write("armenian", ARMENIAN)
    desk.write("english", ENGLISH.format(2026))
    desk.write("vote-2031", RUSSIAN.format(2032))
    for year in range(2027, 2030):
        desk.write(f"english-{year}", ENGLISH.format(year))
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for folder in (calm, rough):
        shutil.copytree(desk.out, folder)
    assert _newsmt("live", _command(desk, calm)) == ExitCode.LEFT_OVER
    n_kills = 0
    while (code := _newsmt("die", _command(desk, rough))) == -signal.SIGKILL:
        n_kills += 1
    assert (n_kills, code) == (5, ExitCode.LEFT_OVER)
    assert data_bytes(rough) == data_bytes(calm)
    assert desk.held(rough) == desk.held(calm)
    assert verify(rough).is_sound
    manifests = [json.loads(max((folder / "runs").iterdir()).read_text(encoding="utf-8")) for folder in (calm, rough)]
    counts = [{**manifest["counts"], "seconds": None} for manifest in manifests]
    assert counts[0] == counts[1]
    assert (counts[0]["n_waited"], counts[0]["n_known"]) == (6, 2)
