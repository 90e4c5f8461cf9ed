"""Whole runs with real packages of random weights: accounts, resumes, identity of bytes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from pipeline import api
from pipeline.arrivals import arrived
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.decode.engine import Engine
from pipeline.errors import DecodingError, ExitCode, LockHeldError, ModelError, OutputError, Reason, ShardError
from pipeline.events import MAX_TOLD_REJECTS
from pipeline.intake import Intake, Review, Work
from pipeline.langid import Identification
from pipeline.manifest import Manifest
from pipeline.shard import BegunShard, ReadShard, ShardProcessor
from pipeline.stages import detect
from pipeline.stages.check import CheckStage
from pipeline.stages.detect import Detect
from pipeline.store.dataset import Dataset, open_dataset
from pipeline.store.rows import ShardContents
from pipeline.store.status import read_status
from pipeline.store.verify import verify
from pipeline.types import Article, Paragraph
from tests.folders import data_bytes, without_override
from tests.tiny_package import TinyPackage

START = datetime(2026, 11, 24, 2, 30, tzinfo=timezone.utc)
ENGLISH = (
    "Parliament adopts the budget\n\nParliament adopted the budget on Friday. The law takes effect in January {}.\n"
)
RUSSIAN = "Парламент принял бюджет\n\nВ пятницу парламент принял бюджет. Закон вступит в силу в январе {}.\n"
ARMENIAN = "Խորհրդարանն ընդունեց բյուջեն\n\nՈւրբաթ օրը խորհրդարանն ընդունեց բյուջեն։ Օրենքն ուժի մեջ կմտնի {}։\n"


def ticking_clock() -> Callable[[], datetime]:
    """A clock that moves on by a second each time it is looked at."""
    times = iter(START + timedelta(seconds=n) for n in range(1000))
    return lambda: next(times)


class Desk:
    """A folder of news, an output folder, and models."""

    def __init__(self, folder: Path, models: Path) -> None:
        self.news = folder / "news"
        self.news.mkdir()
        self.out = folder / "out"
        self.config = RunConfig(
            inputs=(str(self.news),),
            to=("en", "ru", "hy"),
            out=self.out,
            models=str(models),
            decoding=DecodingSettings(beam=1, max_target_tokens=12, jobs=1),
            shard=ShardSettings(max_articles=2),
        )

    def write(self, name: str, text: str) -> None:
        (self.news / name).write_text(text, encoding="utf-8")

    def write_articles(self, n: int) -> None:
        records = [
            {"title": f"Vote {k}", "text": ENGLISH.format(2000 + k), "url": f"https://a.example/{k}"} for k in range(n)
        ]
        self.write("day.jsonl", "\n".join(map(json.dumps, records)))

    def run(self, **changes: object) -> Manifest:
        return api.run_config(replace(self.config, **changes), clock=ticking_clock())  # type: ignore[arg-type]

    def rows(self, table: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = ds.dataset(self.out / table, partitioning="hive").to_table().to_pylist()
        return rows


@pytest.fixture
def desk(tmp_path: Path, tiny_folder: Path) -> Desk:
    return Desk(tmp_path, tiny_folder)


def balance(manifest: Manifest) -> tuple[int, int, int, int]:
    counts = manifest.counts
    assert counts.n_read == counts.n_articles + counts.n_rejected + counts.n_known
    return counts.n_read, counts.n_articles, counts.n_rejected, counts.n_known


def test_run_makes_a_sound_corpus(desk: Desk) -> None:
    desk.write("en.txt", ENGLISH.format(2027))
    desk.write("ru.txt", RUSSIAN.format("2027 года"))
    manifest = desk.run()
    assert balance(manifest) == (2, 2, 0, 0)
    assert manifest.counts.units == {"en-hy": 3, "en-ru": 3, "ru-en": 3, "ru-hy": 3}
    assert manifest.exit_code == ExitCode.DONE
    assert verify(desk.out).is_sound


def test_manifest_counts_tokens_and_padding(desk: Desk) -> None:
    desk.write_articles(4)
    counts = desk.run(to=("ru",)).counts
    assert counts.n_tokens > 50
    assert 0 <= counts.n_padding_tokens < counts.n_tokens
    assert desk.run(to=("ru",)).counts.n_tokens == 0


def test_pivot_names_language_and_both_models(desk: Desk) -> None:
    desk.write("ru.txt", RUSSIAN.format("2027 года"))
    desk.run(to=("hy",))
    rows = desk.rows("bitext")
    assert {row["pivot_lang"] for row in rows} == {"en"}
    assert all([str(label)[:5] for label in row["models"]] == ["ru_en", "en_hy"] for row in rows)  # type: ignore[attr-defined]


def test_second_run_does_nothing(desk: Desk) -> None:
    desk.write_articles(5)
    desk.run()
    before = data_bytes(desk.out)
    manifest = desk.run()
    assert balance(manifest) == (5, 0, 0, 5)
    assert manifest.exit_code == ExitCode.DONE
    assert data_bytes(desk.out) == before


def test_two_folders_get_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    desk.write_articles(5)
    desk.run()
    desk.run(out=tmp_path / "other", decoding=replace(desk.config.decoding, jobs=2))
    assert data_bytes(desk.out) == data_bytes(tmp_path / "other")


def test_order_of_inputs_in_other_shards_gives_the_same_units(desk: Desk, tmp_path: Path) -> None:
    desk.write_articles(5)
    desk.run()
    desk.run(out=tmp_path / "other", shard=ShardSettings(max_articles=100))
    texts = [
        sorted((row["unit_id"], row["target_text"]) for row in ds.dataset(out / "bitext").to_table().to_pylist())
        for out in (desk.out, tmp_path / "other")
    ]
    assert [unit for unit, _ in texts[0]] == [unit for unit, _ in texts[1]]


def test_repeated_sentence_comes_from_memory(desk: Desk) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    desk.run(to=("ru",))
    desk.write("b.txt", ENGLISH.format(2028))
    desk.run(to=("ru",))
    remembered = {(row["source_text"], row["from_memory"]) for row in desk.rows("bitext")}
    assert ("Parliament adopted the budget on Friday.", True) in remembered
    assert ("The law takes effect in January 2028.", False) in remembered


def test_same_article_twice_is_one(desk: Desk) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    desk.write("b.txt", ENGLISH.format(2027))
    assert balance(desk.run()) == (2, 1, 0, 1)


def test_changed_text_under_the_same_url_is_a_new_revision(desk: Desk) -> None:
    record = {"url": "https://a.example/vote", "text": ENGLISH.format(2027)}
    desk.write("a.jsonl", json.dumps(record))
    desk.run(to=("ru",))
    desk.write("a.jsonl", json.dumps(record | {"text": ENGLISH.format(2028)}))
    manifest = desk.run(to=("ru",))
    assert sorted(row["revision"] for row in desk.rows("articles")) == [1, 2]  # type: ignore[type-var]
    assert manifest.counts.n_units - manifest.counts.n_units_from_memory == 1
    assert verify(desk.out).is_sound


def test_two_revisions_in_one_shard(desk: Desk) -> None:
    records = [{"url": "https://a.example/vote", "text": ENGLISH.format(year)} for year in (2027, 2028, 2027)]
    desk.write("a.jsonl", "\n".join(map(json.dumps, records)))
    assert balance(desk.run(shard=ShardSettings(max_articles=10))) == (3, 2, 0, 1)
    assert balance(desk.run()) == (3, 0, 0, 3)
    assert verify(desk.out).is_sound


def test_added_target_translates_known_articles(desk: Desk) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    desk.run(to=("ru",))
    manifest = desk.run(to=("ru", "hy"))
    assert manifest.counts.units == {"en-hy": 3}
    assert len(desk.rows("articles")) == 1


def test_other_settings_redo_the_units(desk: Desk) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    desk.run(to=("ru",))
    manifest = desk.run(to=("ru",), decoding=replace(desk.config.decoding, beam=2))
    assert (manifest.counts.n_units, manifest.counts.n_units_from_memory) == (3, 0)
    assert len(desk.rows("articles")) == 1
    assert verify(desk.out).is_sound


BAD_INPUTS: dict[str, tuple[bytes, Reason]] = {
    "empty.txt": (b"", Reason.EMPTY),
    "binary.txt": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", Reason.BINARY),
    "broken-utf8.txt": ("Կառավարությունը հաստատել է։".encode()[:-1] + b"\xff", Reason.ENCODING),
    "no-letters.txt": (b"*** 18:30 ***\n\n2:1\n", Reason.NO_LETTERS),
    "french.txt": (
        "Le gouvernement français a présenté vendredi son nouveau budget à l'Assemblée nationale.".encode(),
        Reason.NO_MODEL,
    ),
    "cut.jsonl.gz": (gzip.compress(b'{"title": "x"}' * 1000)[:40], Reason.UNREADABLE),
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_is_a_reject_and_the_rest_goes_on(name: str, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    content, reason = BAD_INPUTS[name]
    (desk.news / name).write_bytes(content)
    desk.write("good.txt", ENGLISH.format(2027))
    manifest = desk.run()
    assert (manifest.counts.n_articles, manifest.counts.rejects) == (1, {reason.value: 1})
    assert manifest.exit_code == ExitCode.LEFT_OVER
    assert name in caplog.text
    assert reason.value in caplog.text
    assert [(row["reason"], Path(str(row["source_uri"])).name.split("#")[0]) for row in desk.rows("rejects")] == [
        (reason.value, name)
    ]
    again = desk.run()
    assert again.counts.n_rejected == 0
    assert balance(again)[3] == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1251", "koi8-r"])
def test_encoding_is_found_and_recorded(encoding: str, desk: Desk) -> None:
    text = RUSSIAN.format("2027 года")
    (desk.news / "ru.txt").write_bytes(text.encode(encoding))
    manifest = desk.run(to=("en",))
    (article,) = desk.rows("articles")
    assert article["text"] == text.strip()
    assert manifest.counts.encodings == {encoding.removesuffix("-sig"): 1}


def test_broken_line_among_good_ones(desk: Desk) -> None:
    lines = [json.dumps({"text": ENGLISH.format(year)}) for year in (2027, 2028)]
    desk.write("day.jsonl", "\n".join([lines[0], '{"text": "cut', lines[1], "[1]"]))
    manifest = desk.run()
    assert balance(manifest) == (4, 2, 2, 0)
    assert manifest.counts.rejects == {"bad-json": 1, "bad-record": 1}


def test_line_of_50_megabytes_is_rejected_without_being_held(desk: Desk) -> None:
    line = b'{"text": "' + b"word " * 10_000_000 + b'"}\n'
    (desk.news / "day.jsonl").write_bytes(line + json.dumps({"text": ENGLISH.format(2027)}).encode())
    manifest = desk.run(to=("ru",))
    assert balance(manifest) == (2, 1, 1, 0)
    (row,) = desk.rows("rejects")
    assert (row["reason"], row["payload_bytes"]) == ("too-large", len(line) - 1)


def test_article_waits_for_a_model_and_gets_it(desk: Desk, tiny_folder: Path, tmp_path: Path) -> None:
    desk.write("hy.txt", ARMENIAN.format("հունվարին"))
    assert balance(desk.run()) == (1, 0, 1, 0)
    waiting = desk.run()
    assert balance(waiting) == (1, 0, 0, 1)
    assert waiting.counts.waiting == {"hy-en": 1, "hy-ru": 1}
    assert waiting.exit_code == ExitCode.LEFT_OVER

    models = tmp_path / "models"
    models.mkdir()
    for package in tiny_folder.iterdir():
        (models / package.name).symlink_to(package)
    TinyPackage(source="hy", target="en").build(models)
    manifest = desk.run(models=str(models))
    assert manifest.counts.units == {"hy-en": 3, "hy-ru": 3}
    assert manifest.exit_code == ExitCode.DONE
    assert verify(desk.out).is_sound


def test_partly_reachable_targets_are_done_and_the_rest_waits(desk: Desk, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for package in tiny_folder.glob("en_ru*"):
        (tmp_path / "models" / package.name).symlink_to(package)
    desk.write("a.txt", ENGLISH.format(2027))
    manifest = desk.run(models=str(tmp_path / "models"))
    assert balance(manifest) == (1, 1, 0, 0)
    assert manifest.counts.waiting == {"en-hy": 1}
    assert manifest.exit_code == ExitCode.LEFT_OVER
    assert desk.run().counts.units == {"en-hy": 3}


def test_empty_model_set_is_refused_before_any_work(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    desk.write("a.txt", ENGLISH.format(2027))
    with pytest.raises(ModelError, match="no usable package"):
        desk.run(models=str(tmp_path / "none"))
    assert not desk.out.exists()


def test_damaged_model_is_named_and_nothing_is_lost(desk: Desk, tmp_path: Path) -> None:
    models = tmp_path / "models"
    package = TinyPackage(source="en", target="ru").build(models)
    weights = (package / "model" / "model.bin").read_bytes()
    (package / "model" / "model.bin").write_bytes(weights[: len(weights) // 2])
    desk.write("a.txt", ENGLISH.format(2027))
    with pytest.raises(ModelError, match="model"):
        desk.run(to=("ru",), models=str(models))
    assert data_bytes(desk.out) == {}
    (package / "model" / "model.bin").write_bytes(weights)
    assert balance(desk.run(to=("ru",), models=str(models))) == (1, 1, 0, 0)


def test_warnings_stand_in_log_and_manifest(desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    manifest = desk.run(to=("ru",), inputs=(str(desk.news), f"{tmp_path}/*.gz"))
    assert len(manifest.warnings) == 1
    assert "*.gz" in manifest.warnings[0]
    assert manifest.warnings[0] in caplog.text


def test_rejects_are_named_up_to_a_limit(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.write("day.jsonl", "broken\n" * (MAX_TOLD_REJECTS + 1))
    manifest = desk.run(to=("ru",))
    assert manifest.counts.n_rejected == MAX_TOLD_REJECTS + 1
    assert sum("rejected, bad-json" in record.message for record in caplog.records) == MAX_TOLD_REJECTS
    assert caplog.records[-1].message.startswith("more rejects follow")


def test_output_folder_in_use_is_refused(desk: Desk) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    with open_dataset(desk.out), pytest.raises(LockHeldError, match="process"):
        desk.run()


def test_output_folder_without_permission_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    (tmp_path / "closed").mkdir(mode=0o500)
    with without_override(), pytest.raises(OutputError, match="closed/out: cannot be written"):
        desk.run(out=tmp_path / "closed" / "out")


def test_stop_leaves_the_rest_to_the_next_run(desk: Desk, tmp_path: Path) -> None:
    desk.write_articles(5)
    stopped = api.run_config(desk.config, clock=ticking_clock(), is_stopped=lambda: has_shard(desk.out))
    assert (stopped.stopped_by, stopped.exit_code) == ("signal", ExitCode.LEFT_OVER)
    assert balance(stopped) == (2, 2, 0, 0)
    rest = desk.run()
    assert balance(rest) == (5, 3, 0, 2)
    desk.run(out=tmp_path / "undisturbed")
    units = [
        sorted(row["target_text"] for row in ds.dataset(out / "bitext").to_table().to_pylist())
        for out in (desk.out, tmp_path / "undisturbed")
    ]
    assert units[0] == units[1]


def test_stop_that_leaves_nothing_is_none(desk: Desk) -> None:
    desk.write_articles(2)
    manifest = api.run_config(desk.config, clock=ticking_clock(), is_stopped=lambda: has_shard(desk.out))
    assert (manifest.stopped_by, manifest.exit_code) == (None, ExitCode.DONE)


def test_stop_is_heard_while_known_articles_are_read(desk: Desk) -> None:
    desk.write_articles(5)
    desk.run()
    manifest = api.run_config(desk.config, clock=ticking_clock(), is_stopped=lambda: True)
    assert (manifest.stopped_by, manifest.counts.n_read) == ("signal", 0)


def test_time_budget_stops_the_run(desk: Desk) -> None:
    desk.write_articles(5)
    manifest = desk.run(time_budget_s=1e-9)
    assert (manifest.stopped_by, manifest.counts.n_articles) == ("time-budget", 0)
    assert desk.run(time_budget_s=3600.0).counts.n_articles == 5


def has_shard(out: Path) -> bool:
    return any(out.rglob("articles/*/*.parquet"))


def test_account_of_a_continued_run_balances_when_the_input_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write_articles(5)
    commit = Dataset.commit_staged

    def cut_off(self: Dataset, *arguments: object, **keywords: object) -> None:
        commit(self, *arguments, **keywords)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "commit_staged", cut_off)
        with pytest.raises(KeyboardInterrupt):
            desk.run()
    (desk.news / "day.jsonl").unlink()
    desk.write("new.txt", ENGLISH.format(2027))
    manifest = desk.run()
    assert manifest.is_resumed
    assert balance(manifest) == (3, 3, 0, 0)


class BugError(Exception):
    """Something that no stage should raise."""


def break_on(monkeypatch: pytest.MonkeyPatch, title: str, *, phase: str = "begin") -> None:
    """Let a phase of processing meet a bug at an article."""
    read, begin, finish = ShardProcessor.read, ShardProcessor.begin, ShardProcessor.finish

    def check(work: Iterable[Work]) -> None:
        if any(item.article.title == title for item in work):
            raise BugError(title)

    def poisoned_read(self: ShardProcessor, work: Sequence[Work]) -> ReadShard:
        check(work)
        return read(self, work)

    def poisoned_begin(self: ShardProcessor, done: ReadShard, *duplicates: Any) -> BegunShard:
        check(done.works.values())
        return begin(self, done, *duplicates)

    def poisoned_finish(self: ShardProcessor, begun: BegunShard) -> ShardContents:
        check(begun.read.works.values())
        return finish(self, begun)

    poisoned = {"read": poisoned_read, "begin": poisoned_begin, "finish": poisoned_finish}
    monkeypatch.setattr(ShardProcessor, phase, poisoned[phase])


@pytest.mark.parametrize("phase", ["read", "begin", "finish"])
@pytest.mark.parametrize("title", ["Vote 1", "Vote 2"])
def test_poisonous_article_takes_no_other_with_it(
    title: str, phase: str, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk.write_articles(4)
    break_on(monkeypatch, title, phase=phase)
    manifest = desk.run()
    assert balance(manifest) == (4, 3, 1, 0)
    assert manifest.counts.rejects == {"failed": 1}
    assert f"BugError: {title}" in str(desk.rows("rejects")[0]["detail"])
    assert "one by one" in caplog.text
    assert balance(desk.run()) == (4, 0, 0, 4)
    assert verify(desk.out).is_sound


def test_failure_of_all_articles_ends_the_run_and_rejects_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write_articles(4)
    with monkeypatch.context() as patch:
        patch.setattr(CheckStage, "process", lambda *_: 1 / 0)
        with pytest.raises(ShardError, match="all 2 articles"):
            desk.run()
    assert data_bytes(desk.out) == {}
    assert balance(desk.run()) == (4, 4, 0, 0)


@pytest.mark.parametrize("error", [MemoryError(), DecodingError("CUDA out of memory"), OSError("gone")], ids=repr)
@pytest.mark.parametrize("method", ["encode", "start", "wait"])
def test_trouble_of_the_machine_is_no_reject(
    method: str, error: Exception, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write_articles(1)

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Engine, method, fail)
        with pytest.raises(type(error)):
            desk.run()
    assert balance(desk.run()) == (1, 1, 0, 0)


def test_trouble_with_a_shard_leaves_the_one_before_it_committed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write_articles(4)
    encode = Engine.encode

    def fail(self: Engine, texts: Sequence[str]) -> object:
        if any("Vote 2" in text for text in texts):
            raise ModelError("en_ru: damaged")
        return encode(self, texts)

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "encode", fail)
        with pytest.raises(ModelError, match="damaged"):
            desk.run(to=("ru",))
    assert len(desk.rows("articles")) == 2
    manifest = desk.run(to=("ru",))
    assert manifest.is_resumed
    assert balance(manifest) == (4, 4, 0, 0)


def test_sentence_of_two_shards_in_a_row_is_decoded_once(desk: Desk) -> None:
    desk.write_articles(6)
    manifest = desk.run(to=("ru",))
    texts = [str(row["source_text"]) for row in desk.rows("bitext")]
    decoded = [str(row["source_text"]) for row in desk.rows("bitext") if not row["from_memory"]]
    assert manifest.counts.n_units == len(texts) == 24
    # Within a shard of two articles, both copies of a sentence are decoded by this very shard.
    assert sorted(set(decoded)) == sorted(set(texts))
    assert len(decoded) == len(set(texts)) + 2
    assert len(desk.rows("bitext")) - len(decoded) == manifest.counts.n_units_from_memory


def test_without_memory_each_shard_decodes_for_itself(desk: Desk) -> None:
    desk.write_articles(4)
    for name in ("first", "second"):
        manifest = desk.run(to=("ru",), memory=False, out=desk.out / name)
        assert manifest.counts.n_units_from_memory == 0
    assert read_status(desk.out / "first").n_memory == 0
    assert data_bytes(desk.out / "first") == data_bytes(desk.out / "second")


def test_memory_changes_nothing_but_where_translations_come_from(desk: Desk) -> None:
    desk.write_articles(4)
    rows = []
    for memory in (True, False):
        desk.run(memory=memory, out=desk.out / str(memory))
        found = ds.dataset(desk.out / str(memory) / "bitext", partitioning="hive").to_table().to_pylist()
        rows.append([row | {"from_memory": None, "score": round(row["score"], 3)} for row in found])
    assert rows[0] == rows[1]


def test_article_that_comes_again_in_the_next_shard_is_known(desk: Desk) -> None:
    article = json.dumps({"title": "Vote", "text": ENGLISH.format(2027), "url": "https://a.example/x"})
    others = [
        json.dumps({"title": f"Vote {k}", "text": ENGLISH.format(k), "url": f"https://a.example/{k}"}) for k in (1, 2)
    ]
    changed = json.dumps({"title": "Vote", "text": ENGLISH.format(2028), "url": "https://a.example/x"})
    desk.write("day.jsonl", "\n".join([others[0], article, article, changed, others[1], changed]))
    manifest = desk.run(to=("ru",))
    assert balance(manifest) == (6, 4, 0, 2)
    revisions = sorted(
        (row["url"], row["revision"]) for row in desk.rows("articles") if row["url"] == "https://a.example/x"
    )
    assert revisions == [("https://a.example/x", 1), ("https://a.example/x", 2)]


def test_stop_finishes_the_shard_at_hand_and_drops_the_one_begun(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write_articles(8)
    stops = []
    commit = Dataset.commit_staged

    def committed(self: Dataset, *arguments: Any, **options: Any) -> None:
        commit(self, *arguments, **options)
        stops.append(options["shard"])

    monkeypatch.setattr(Dataset, "commit_staged", committed)
    manifest = api.run_config(
        replace(desk.config, to=("ru",)), clock=ticking_clock(), is_stopped=lambda: len(stops) == 2
    )
    assert (manifest.stopped_by, manifest.counts.n_articles) == ("signal", 4)
    assert stops == [0, 1]
    assert balance(desk.run(to=("ru",))) == (8, 4, 0, 4)


def test_article_that_failed_in_one_language_keeps_the_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write_articles(2)
    desk.run(to=("ru",))
    with monkeypatch.context() as patch:
        break_on(patch, "Vote 1")
        assert desk.run(to=("ru", "hy")).counts.rejects == {"failed": 1}
    assert desk.run(to=("ru", "hy")).counts.units == {"en-hy": 4}
    assert verify(desk.out).is_sound


def test_model_that_went_away_leaves_its_work_done(desk: Desk, tiny_folder: Path, tmp_path: Path) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    desk.run(to=("ru", "hy"))
    (tmp_path / "models").mkdir()
    for package in tiny_folder.glob("en_ru*"):
        (tmp_path / "models" / package.name).symlink_to(package)
    other_beam = replace(desk.config.decoding, beam=2)
    manifest = desk.run(to=("ru", "hy"), models=str(tmp_path / "models"), decoding=other_beam)
    assert manifest.counts.units == {"en-ru": 3}
    assert (manifest.counts.waiting, manifest.exit_code) == ({}, ExitCode.DONE)


def test_changed_rules_reach_articles_that_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    with monkeypatch.context() as patch:
        patch.setattr(detect, "vote_language", lambda _: Identification("hy", 1.0))
        patch.setattr(Detect, "signature", "detect|old")
        assert desk.run(to=("ru",)).counts.rejects == {"no-model": 1}
    assert desk.run(to=("ru",)).counts.units == {"en-ru": 3}
    assert read_status(desk.out).waiting == {}


def test_long_articles_do_not_wait_for_others(desk: Desk) -> None:
    limits = ShardSettings(max_chars=1000)
    with open_dataset(desk.out) as dataset:
        intake = Intake(dataset.ledger, review=lambda _: Review(is_done=True), now=START, limits=limits)
        asked = []

        def articles() -> Iterator[Article]:
            for number in range(5):
                asked.append(number)
                yield Article(source_uri=f"-#{number}", paragraphs=(Paragraph(text=f"{number} " * 600),))

        first = next(intake.shards(arrived(articles())))
    assert (len(first.work), asked) == (1, [0])


def test_dry_run_says_what_would_be_done_and_writes_nothing(desk: Desk) -> None:
    desk.write_articles(3)
    desk.write("hy.txt", ARMENIAN.format("հունվարին"))
    desk.write("empty.txt", "")
    preview = api.dry_run(desk.config)
    assert (preview.n_read, preview.n_known, preview.n_rejected) == (5, 0, 2)
    assert preview.to_translate == {"en-hy": 3, "en-ru": 3}
    assert preview.waiting == {"hy-en": 1, "hy-ru": 1}
    assert not desk.out.exists()
    desk.run()
    after = api.dry_run(desk.config)
    assert (after.n_known, after.to_translate) == (5, {})


def test_dry_run_counts_the_same_article_once(desk: Desk) -> None:
    desk.write_articles(300)
    (desk.news / "copy.jsonl").write_bytes((desk.news / "day.jsonl").read_bytes())
    preview = api.dry_run(replace(desk.config, to=("ru",)))
    assert (preview.n_read, preview.n_known, preview.to_translate) == (600, 300, {"en-ru": 300})


def test_dry_run_refuses_what_the_run_refuses(desk: Desk) -> None:
    desk.write_articles(1)
    with pytest.raises(OutputError, match="is a file"):
        api.dry_run(replace(desk.config, out=desk.news / "day.jsonl"))


def test_python_api_returns_the_manifest(desk: Desk, tiny_folder: Path) -> None:
    desk.write("a.txt", ENGLISH.format(2027))
    manifest = api.run(desk.news, to="ru", out=desk.out, models=str(tiny_folder), jobs=1)
    assert manifest.counts.units == {"en-ru": 3}
    assert api.run([desk.news], to=["ru"], out=desk.out, models=str(tiny_folder)).counts.n_known == 1
    stored = json.loads((desk.out / "runs" / f"{manifest.run_id}.json").read_text())
    assert stored == json.loads(json.dumps(manifest.to_json()))
