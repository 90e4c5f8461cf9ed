"""Runs over news that needs cleaning: mojibake, doubtful encodings and languages, boilerplate."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import api
from pipeline.boilerplate import MIN_ARTICLES
from pipeline.cli.summary import summary_lines
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.config_inputs import InputSettings
from pipeline.errors import Flag, Note
from pipeline.manifest import Manifest
from pipeline.store.dataset import Dataset
from pipeline.store.verify import verify
from tests.factories import NOW
from tests.folders import data_bytes, table_rows
from tests.mojibake import misread

RUSSIAN = "Парламент принял бюджет\n\nВ пятницу парламент принял бюджет. Закон вступит в силу в январе.\n"
PLEA = "Spotted a mistake? Tell the newsroom of the Courier."
N_ARTICLES = MIN_ARTICLES + 4


@pytest.fixture
def config(tmp_path: Path, tiny_folder: Path) -> RunConfig:
    (tmp_path / "news").mkdir()
    return RunConfig(
        inputs=(str(tmp_path / "news"),),
        to=("ru", "en"),
        out=tmp_path / "out",
        models=str(tiny_folder),
        decoding=DecodingSettings(beam=1, max_target_tokens=8, jobs=1),
        shard=ShardSettings(max_articles=2),
    )


def run(config: RunConfig) -> Manifest:
    return api.run_config(config, clock=lambda: NOW)


def write(config: RunConfig, name: str, data: bytes) -> None:
    Path(config.inputs[0], name).write_bytes(data)


def write_courier(config: RunConfig, n_articles: int = N_ARTICLES) -> None:
    records = [
        {
            "url": f"https://courier.example/{number}",
            "title": f"Bridge {number} opens",
            "paragraphs": [f"Bridge {number} opened on Friday. It is new.", PLEA, "Read more: Dam opened in the east"],
            "publisher": "Courier",
            "published_at": "2026-11-13",
        }
        for number in range(n_articles)
    ]
    write(config, "courier.jsonl", "".join(json.dumps(record) + "\n" for record in records).encode())


def out_of(config: RunConfig) -> Path:
    assert isinstance(config.out, Path)
    return config.out


def flagged(config: RunConfig) -> list[dict[str, Any]]:
    return [row for row in table_rows(out_of(config), "bitext") if Flag.BOILERPLATE in row["flags"]]


def sightings(config: RunConfig) -> list[tuple[int, int, int]]:
    with closing(sqlite3.connect(out_of(config) / ".newsmt" / "state.sqlite")) as connection:
        return connection.execute("SELECT * FROM sightings ORDER BY key").fetchall()


def test_notes_stand_in_articles_manifest_and_summary(config: RunConfig) -> None:
    record = {"title": "Погода в городе", "text": "Весь день шёл дождь, сообщила служба погоды.", "language": "en-US"}
    write(config, "claim.jsonl", json.dumps(record).encode())
    write(config, "guessed.txt", RUSSIAN.encode("cp1251"))
    write(config, "lost.txt", f"{RUSSIAN} \ufffd".encode())
    write(config, "misread.txt", misread(RUSSIAN.replace("январе", "феврале"), "cp1251").encode())
    write(config, "sound.txt", RUSSIAN.replace("январе", "марте").encode())
    manifest = run(config)
    notes = {Path(row["source_uri"]).name: row["notes"] for row in table_rows(out_of(config), "articles")}
    assert notes == {
        "claim.jsonl#1": [Note.LANGUAGE_MISMATCH],
        "guessed.txt": [Note.ENCODING_GUESSED],
        "lost.txt": [Note.REPLACED_CHARACTERS],
        "misread.txt": [Note.MOJIBAKE_REPAIRED],
        "sound.txt": [],
    }
    counted = ("encoding-guessed", "language-mismatch", "mojibake-repaired", "replaced-characters")
    assert manifest.counts.notes == dict.fromkeys(counted, 1)
    line = "  notes     encoding-guessed 1, language-mismatch 1, mojibake-repaired 1, replaced-characters 1"
    assert line in list(summary_lines(manifest))
    (mended,) = (row for row in table_rows(out_of(config), "articles") if row["source_uri"].endswith("misread.txt"))
    assert mended["text"] == RUSSIAN.replace("январе", "феврале").strip()
    assert verify(config.out).is_sound


def test_encoding_of_the_user_is_noted_as_a_guess(config: RunConfig) -> None:
    write(config, "old.txt", RUSSIAN.encode("cp855"))
    manifest = run(replace(config, input=InputSettings(encoding="cp855")))
    assert manifest.counts.encodings == {"cp855": 1}
    assert manifest.counts.notes == {"encoding-guessed": 1}


def test_boilerplate_is_flagged_and_translated(config: RunConfig) -> None:
    write_courier(config)
    manifest = run(config)
    texts = [row["source_text"] for row in flagged(config)]
    assert texts.count("Read more: Dam opened in the east") == N_ARTICLES
    n_frequent = N_ARTICLES - MIN_ARTICLES
    assert sorted(set(texts)) == ["Read more: Dam opened in the east", "Spotted a mistake?", PLEA[19:]]
    assert texts.count("Spotted a mistake?") == n_frequent
    assert manifest.counts.flags["boilerplate"] == N_ARTICLES + 2 * n_frequent
    assert all(row["score"] is not None and row["quality"] is not None for row in flagged(config))


def test_boilerplate_is_left_out_where_that_is_asked_for(config: RunConfig) -> None:
    write_courier(config)
    run(config)
    n_flagged = len(flagged(config))
    manifest = run(replace(config, skip_boilerplate=True))
    assert manifest.counts.n_articles == N_ARTICLES
    skipped = [row for row in flagged(config) if row["run_id"] == manifest.run_id]
    # Read again, each article has all others before it.
    assert len(skipped) == N_ARTICLES * 3 > n_flagged
    for row in skipped:
        assert (row["target_text"], row["score"], row["quality"], row["models"]) == ("", None, None, [])
        assert row["flags"] == ["boilerplate"]
        assert row["target_start"] == row["target_end"]
    assert verify(config.out).is_sound
    assert run(replace(config, skip_boilerplate=True)).counts.n_known == N_ARTICLES


def test_articles_of_earlier_runs_count(config: RunConfig) -> None:
    write_courier(config, MIN_ARTICLES)
    run(config)
    assert "Spotted a mistake?" not in [row["source_text"] for row in flagged(config)]
    write_courier(config, MIN_ARTICLES + 1)
    run(config)
    assert [row["source_text"] for row in flagged(config)].count("Spotted a mistake?") == 1
    assert max(n for _, n, _ in sightings(config)) == MIN_ARTICLES + 1


@pytest.mark.parametrize("n_commits", range(1, 5))
@pytest.mark.parametrize("when", ["before", "after"])
def test_run_that_was_cut_off_marks_what_an_undisturbed_one_marks(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, when: str, n_commits: int
) -> None:
    write_courier(config)
    undisturbed = replace(config, out=tmp_path / "undisturbed")
    run(undisturbed)
    commit = Dataset.commit_staged
    done = []

    def failing(self: Dataset, *args: Any, **kwargs: Any) -> None:
        done.append(kwargs["shard"])
        is_last = len(done) == n_commits
        if is_last and when == "before":
            raise KeyboardInterrupt
        commit(self, *args, **kwargs)
        if is_last:
            raise KeyboardInterrupt

    monkeypatch.setattr(Dataset, "commit_staged", failing)
    with pytest.raises(KeyboardInterrupt):
        run(config)
    run(config)
    assert data_bytes(out_of(config)) == data_bytes(out_of(undisturbed))
    assert sightings(config) == sightings(undisturbed)
