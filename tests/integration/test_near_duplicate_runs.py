"""Agency copy in whole runs: marked, or left out; the same whatever the shards and whatever cuts a run off."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import api
from pipeline.cli.summary import summary_lines
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.errors import ExitCode
from pipeline.identify import identify
from pipeline.intake import Work
from pipeline.manifest import Manifest
from pipeline.shard import BegunShard, ReadShard, ShardProcessor
from pipeline.store.repair import repair
from pipeline.store.verify import verify
from pipeline.types import Article, Paragraph
from tests.factories import NOW
from tests.folders import data_bytes, table_rows

LATER = NOW.replace(hour=9)
WORDS = ("vote", "budget", "minister", "harbour", "Monday", "people", "agency", "law", "price", "market")


def story(name: str, number: int, *, title: str = "Vote", changes: int = 0) -> dict[str, str]:
    """Return a story of its own by number, `changes` of its twelve sentences changed."""
    sentences = [
        f"More than {number * 100 + k} {WORDS[(number + k) % 10]} boats of port {number} are near {WORDS[k % 10]}."
        for k in range(12)
    ]
    sentences[:changes] = [f"Nobody knows about change {k} of {name}." for k in range(changes)]
    return {"url": f"https://news.example/{name}", "title": title, "text": " ".join(sentences)}


def id_of(name: str) -> str:
    found = identify(Article(source_uri="", paragraphs=(Paragraph(text="x"),), url=f"https://news.example/{name}"))
    return str(getattr(found, "article_id", ""))


DAY = [
    story("first", 1),
    story("other", 2),
    story("first-copy", 1, title="Ships in the harbour"),
    story("third", 3),
    story("other-changed", 2, changes=1),
    story("first-mirror", 1),
    story("rewritten", 2, changes=8),
]
DUPLICATES = {
    "first": None,
    "other": None,
    "first-copy": "first",
    "third": None,
    "other-changed": "other",
    "first-mirror": "first",
    "rewritten": None,
}


class Desk:
    def __init__(self, folder: Path, models: Path, *, max_articles: int = 2) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.config = RunConfig(
            to=("ru", "hy"),
            out=self.out,
            models=str(models),
            decoding=DecodingSettings(beam=1, max_target_tokens=8, jobs=1),
            shard=ShardSettings(max_articles=max_articles),
        )

    def run(self, records: Sequence[dict[str, str]], *, skip: bool = False, **changes: Any) -> Manifest:
        news = self.folder / "news.jsonl"
        news.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        changes.setdefault("out", self.out)
        config = replace(self.config, inputs=(str(news),), skip_near_duplicates=skip, **changes)
        return api.run_config(config, clock=lambda: NOW)

    def duplicates(self) -> dict[str, str | None]:
        rows = table_rows(self.out, "articles")
        names = {row["article_id"]: row["url"].rpartition("/")[2] for row in rows}
        return {names[row["article_id"]]: names.get(row["duplicate_of"]) for row in rows}


@pytest.fixture
def desk(tmp_path: Path, tiny_folder: Path) -> Desk:
    return Desk(tmp_path, tiny_folder)


@pytest.mark.parametrize("max_articles", [1, 2, 3, 100])
def test_copies_are_marked_in_the_same_shard_the_next_one_and_later_ones(
    tmp_path: Path, tiny_folder: Path, max_articles: int
) -> None:
    desk = Desk(tmp_path, tiny_folder, max_articles=max_articles)
    manifest = desk.run(DAY)
    assert desk.duplicates() == DUPLICATES
    assert (manifest.counts.n_articles, manifest.counts.n_near_duplicates) == (7, 3)
    assert manifest.exit_code == ExitCode.DONE
    similarities = {row["url"].rpartition("/")[2]: row["similarity"] for row in table_rows(desk.out, "articles")}
    assert (similarities["first"], similarities["first-copy"], similarities["first-mirror"]) == (None, 1.0, 1.0)
    assert 0.8 <= similarities["other-changed"] < 1
    assert any("3 near-duplicates of other articles, named in" in line for line in summary_lines(manifest))
    assert verify(desk.out).is_sound


def test_copy_of_an_earlier_run_is_marked(desk: Desk) -> None:
    desk.run(DAY[:2])
    manifest = desk.run(DAY)
    assert desk.duplicates() == DUPLICATES
    assert (manifest.counts.n_known, manifest.counts.n_near_duplicates) == (2, 3)
    assert desk.run(DAY).counts.n_near_duplicates == 0


def test_revision_of_an_article_is_no_near_duplicate_of_it(desk: Desk) -> None:
    desk.run([story("first", 1)])
    desk.run([story("first", 1, changes=1), story("copy", 1, changes=1)])
    rows = {(row["url"].rpartition("/")[2], row["revision"]): row for row in table_rows(desk.out, "articles")}
    assert rows["first", 2]["duplicate_of"] is None
    assert rows["copy", 1]["duplicate_of"] == rows["first", 1]["article_id"]


@pytest.mark.parametrize("max_articles", [1, 2, 3, 100])
def test_skipped_copies_are_rejected_by_name_and_not_translated(
    tmp_path: Path, tiny_folder: Path, max_articles: int
) -> None:
    desk = Desk(tmp_path, tiny_folder, max_articles=max_articles)
    manifest = desk.run(DAY, skip=True)

    counts = manifest.counts
    assert (counts.n_read, counts.n_articles, counts.n_rejected, counts.n_near_duplicates) == (7, 4, 3, 3)
    assert (counts.rejects, manifest.exit_code) == ({"near-duplicate": 3}, ExitCode.DONE)
    assert any("3 of them left out" in line for line in summary_lines(manifest))
    originals = {name: None for name, of in DUPLICATES.items() if of is None}
    assert desk.duplicates() == originals
    rejects = {row["url"].rpartition("/")[2]: row for row in table_rows(desk.out, "rejects")}
    assert {name: id_of(str(of)) in rejects[name]["detail"] for name, of in DUPLICATES.items() if of} == dict.fromkeys(
        rejects, True
    )
    assert rejects["first-copy"]["payload"].decode().startswith("Ships in the harbour\n\nMore than")
    assert {row["url"].rpartition("/")[2] for row in table_rows(desk.out, "bitext")} == originals.keys()
    assert verify(desk.out).is_sound


def test_second_run_that_skips_does_nothing_and_one_that_keeps_translates(desk: Desk) -> None:
    desk.run(DAY, skip=True)
    before = data_bytes(desk.out)
    again = desk.run(DAY, skip=True)
    assert (again.counts.n_known, again.counts.n_near_duplicates, again.exit_code) == (7, 0, ExitCode.DONE)
    assert data_bytes(desk.out) == before

    kept = desk.run(DAY)
    assert (kept.counts.n_known, kept.counts.n_articles, kept.counts.n_near_duplicates) == (4, 3, 3)
    assert desk.duplicates() == DUPLICATES
    assert desk.run(DAY, skip=True).counts.n_known == 7
    assert verify(desk.out).is_sound


def test_skipped_or_kept_the_same_articles_are_originals(desk: Desk, tmp_path: Path) -> None:
    far = story("far", 1, changes=4)
    chain = [story("first", 1), story("near", 1, changes=1), far, {**far, "url": "https://news.example/copy"}]
    desk.run(chain)
    desk.run(chain, skip=True, out=tmp_path / "skipped")
    originals = {name for name, of in desk.duplicates().items() if of is None}
    assert originals == {row["url"].rpartition("/")[2] for row in table_rows(tmp_path / "skipped", "articles")}
    assert originals == {"first", "far"}


def test_article_without_any_model_waits_as_before(desk: Desk) -> None:
    text = "Խորհրդարանը երկուշաբթի օրը ընդունեց բյուջեն։ " + " ".join(f"Նավ {n} եկավ նավահանգիստ։" for n in range(20))
    records = [{"url": f"https://news.example/{name}", "title": "", "text": text} for name in ("a", "b")]
    counts = desk.run(records, skip=True, to=("ru",)).counts
    assert (counts.rejects, counts.n_near_duplicates, counts.waiting) == ({"no-model": 2}, 0, {"hy-ru": 2})


def test_copy_of_an_article_that_met_a_bug_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read = ShardProcessor.read

    def poisoned(self: ShardProcessor, work: Sequence[Work]) -> ReadShard:
        if any((item.article.url or "").endswith("/first") for item in work):
            raise ValueError
        return read(self, work)

    finish = ShardProcessor.finish

    def late(self: ShardProcessor, begun: BegunShard) -> Any:
        if any((work.article.url or "").endswith("/other") for work in begun.read.works.values()):
            raise ValueError
        return finish(self, begun)

    monkeypatch.setattr(ShardProcessor, "read", poisoned)
    monkeypatch.setattr(ShardProcessor, "finish", late)
    manifest = desk.run([story("zero", 9), *DAY], skip=True)
    assert manifest.counts.rejects == {"failed": 2, "near-duplicate": 1}
    expected = {"zero", "first-copy", "third", "other-changed", "rewritten"}
    assert desk.duplicates() == dict.fromkeys(expected)
    assert {row["url"].rpartition("/")[2] for row in table_rows(desk.out, "bitext")} == expected


class Killed(BaseException):
    """What no part of the program expects."""


def kill_at(monkeypatch: pytest.MonkeyPatch, n_events: int) -> None:
    """Cut a run off at the n-th thing that reaches the disk."""
    left = iter(range(n_events))

    def guard(function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            if next(left, None) is None:
                raise Killed
            return function(*arguments, **options)

        return guarded

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, guard(getattr(os, name)))


@pytest.mark.parametrize("skip", [False, True], ids=["keep", "skip"])
def test_run_that_was_cut_off_anywhere_ends_with_the_same_bytes(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, *, skip: bool
) -> None:
    desk = Desk(tmp_path, tiny_folder)
    calm = desk.run(DAY, skip=skip, out=tmp_path / "calm")
    n_events = 0
    while True:
        out = tmp_path / str(n_events)
        with monkeypatch.context() as patch:
            kill_at(patch, n_events)
            try:
                desk.run(DAY, skip=skip, out=out)
                break
            except Killed:
                pass
        manifest = desk.run(DAY, skip=skip, out=out)
        assert data_bytes(out) == data_bytes(tmp_path / "calm"), f"after {n_events} events"
        assert manifest.counts.n_near_duplicates == calm.counts.n_near_duplicates == 3
        n_events += 5
    assert n_events > 20


def fingerprints(out: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(out / ".newsmt" / "state.sqlite")) as connection:
        return connection.execute(
            "SELECT article_id, revision, hex(signature), GROUP_CONCAT(key) FROM fingerprints JOIN bands "
            "USING (number) GROUP BY number ORDER BY 1, 2"
        ).fetchall()


def test_lost_state_knows_the_originals_again(desk: Desk) -> None:
    desk.run(DAY[:4])
    before = fingerprints(desk.out)
    (desk.out / ".newsmt" / "state.sqlite").unlink()
    repair(desk.out, now=LATER)
    assert fingerprints(desk.out) == before
    desk.run(DAY)
    assert desk.duplicates() == DUPLICATES


def test_article_whose_row_was_lost_is_original_again(desk: Desk) -> None:
    desk.run(DAY)
    before = fingerprints(desk.out)
    file = min((desk.out / "articles").rglob("*.parquet"))
    file.unlink()
    repair(desk.out, now=LATER)
    assert {row[0] for row in fingerprints(desk.out)} == {row[0] for row in before} - {id_of("first"), id_of("other")}
    desk.run(DAY)
    assert desk.duplicates() == DUPLICATES
    assert fingerprints(desk.out) == before


def test_copy_whose_row_was_lost_gets_it_back_also_where_copies_are_left_out(desk: Desk) -> None:
    desk.run(DAY)
    for file in (desk.out / "articles").rglob("*.parquet"):
        if file.stem.endswith("-00001"):
            file.unlink()
    repair(desk.out, now=LATER)
    assert desk.run(DAY, skip=True).counts.rejects == {}
    assert desk.duplicates() == DUPLICATES
    assert verify(desk.out).is_sound
