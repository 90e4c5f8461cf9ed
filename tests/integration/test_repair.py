"""Damage of every kind to a real corpus: named, mended, and only what was lost is done again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import api
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.errors import OutputError, StateError
from pipeline.manifest import Manifest
from pipeline.store.repair import Repair, repair
from pipeline.store.verify import verify
from tests.commands import newsmt
from tests.factories import NOW
from tests.folders import change_state, data_bytes, make_version, table_rows

LATER = NOW.replace(hour=9)
TEXTS = {
    "en": "The agency said that more than {0} people took part in the vote in Paris on Monday.",
    "ru": "Агентство сообщило, что в понедельник в голосовании в Париже приняли участие более {0} человек.",
    "hy": "Գործակալությունը հայտնել է, որ երկուշաբթի օրը քվեարկությանը մասնակցել է ավելի քան {0} մարդ։",
}
N_ARTICLES = 12


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("news") / "news.jsonl"
    records: list[Any] = [
        {
            "url": f"https://news.example/{number}",
            "published_at": f"2020-11-{10 + number % 2}",
            "title": "",
            "text": TEXTS[("en", "ru", "hy")[number % 3]].format(100 + number),
        }
        for number in range(N_ARTICLES)
    ]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    file.write_text("\n".join([*lines, "{broken", '{"title": "", "text": "123 456"}']) + "\n", encoding="utf-8")
    return file


def run(news: Path, models: Path, out: Path, *, now: datetime = LATER, **how: Any) -> Manifest:
    config = RunConfig(
        inputs=(str(news),),
        to=("ru", "hy"),
        out=out,
        models=str(models),
        decoding=DecodingSettings(beam=1, max_target_tokens=8, jobs=1),
        shard=ShardSettings(max_articles=5),
    )
    return api.run_config(replace(config, **how), clock=lambda: now)


@pytest.fixture(scope="module")
def undisturbed(news: Path, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpus") / "out"
    run(news, tiny_folder, out, now=NOW)
    return out


@pytest.fixture
def out(undisturbed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(undisturbed, tmp_path / "out"))


def contents(out: Path) -> set[tuple[Any, ...]]:
    """Return what the latest rows say, whichever run wrote them."""
    rows = {
        (row["unit_id"], row["source_text"], row["target_text"], row["source_start"])
        for row in table_rows(out, "bitext")
    }
    rows |= {
        (row["article_id"], row["revision"], row["text"], row["source_lang"]) for row in table_rows(out, "articles")
    }
    return rows | {(row["reason"], row["source_uri"], row["payload_sha256"]) for row in table_rows(out, "rejects")}


def mend(out: Path) -> Repair:
    return repair(out, now=LATER)


def files(out: Path, table: str) -> list[Path]:
    return sorted((out / table).rglob("*.parquet"))


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


DAMAGES: list[Any] = [
    pytest.param(Path.unlink, id="deleted"),
    pytest.param(truncate, id="cut"),
    pytest.param(flip, id="one-byte"),
    pytest.param(lambda file: file.write_bytes(b""), id="empty"),
]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("table", ["bitext", "articles", "rejects"])
def test_damaged_file_is_named_and_only_its_rows_are_done_again(
    undisturbed: Path, news: Path, tiny_folder: Path, out: Path, table: str, damage: Callable[[Path], None]
) -> None:
    victim = files(out, table)[-1]
    whole = data_bytes(out)
    damage(victim)
    name = victim.relative_to(out).as_posix()
    assert name in {problem.where for problem in verify(out).problems}

    done = mend(out)
    assert any(action.startswith(name) for action in done.actions)
    assert verify(out).problems == ()
    manifest = run(news, tiny_folder, out)

    assert verify(out).problems == ()
    # An article that waits for a model still does so: it is not rejected once more for that.
    again = {row for row in contents(undisturbed) if table != "rejects" or row[0] != "no-model"}
    assert again <= contents(out) <= contents(undisturbed)
    assert data_bytes(out).items() >= {path: data for path, data in whole.items() if path != name}.items()
    n_lost = sum(
        1 for path in files(undisturbed, table) if path.name == victim.name and path.parent.name == victim.parent.name
    )
    assert n_lost >= 1
    assert 0 < manifest.counts.n_articles + manifest.counts.n_rejected < N_ARTICLES
    assert run(news, tiny_folder, out).counts.n_articles == 0
    if damage is not Path.unlink:
        assert len(list((out / ".newsmt" / "damaged").rglob(victim.name))) == 1, "nothing is deleted"


def test_row_of_an_article_comes_back_without_translating_it_again(news: Path, tiny_folder: Path, out: Path) -> None:
    n_units = len(table_rows(out, "bitext"))
    files(out, "articles")[0].unlink()

    done = mend(out)
    found = verify(out)
    manifest = run(news, tiny_folder, out)

    assert done.n_articles == found.n_lost_articles > 0
    assert done.n_translations == 0
    assert (manifest.counts.n_articles, manifest.counts.n_units) == (done.n_articles, 0)
    assert len(table_rows(out, "bitext")) == n_units
    assert verify(out).n_lost_articles == 0


def damage_state(out: Path) -> None:
    state = out / ".newsmt" / "state.sqlite"
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(state.read_bytes())
    data[4096 * 3 : 4096 * 5] = b"\x5a" * 8192
    state.write_bytes(data)


def delete_state(out: Path) -> None:
    for part in (out / ".newsmt").glob("state.sqlite*"):
        part.unlink()


def empty_state(out: Path) -> None:
    delete_state(out)
    (out / ".newsmt" / "state.sqlite").touch()


def scribble_over_state(out: Path) -> None:
    delete_state(out)
    (out / ".newsmt" / "state.sqlite").write_bytes(b"no database at all" * 1000)


def delete_all_of_it(out: Path) -> None:
    shutil.rmtree(out / ".newsmt")


STATE_DAMAGES: list[Any] = [
    pytest.param(damage, id=damage.__name__)
    for damage in (damage_state, delete_state, empty_state, scribble_over_state, delete_all_of_it)
]


@pytest.mark.parametrize("damage", STATE_DAMAGES)
def test_lost_state_is_made_anew_and_nothing_is_done_again(
    undisturbed: Path, news: Path, tiny_folder: Path, out: Path, damage: Callable[[Path], None]
) -> None:
    damage(out)
    with pytest.raises((StateError, OutputError)) if damage is not empty_state else pytest.raises(AssertionError):
        assert verify(out).is_sound

    done = mend(out)
    manifest = run(news, tiny_folder, out)

    assert any("made anew from" in action for action in done.actions)
    assert not done.has_losses
    assert manifest.counts.n_units == 0, "what is in the files is done"
    assert manifest.counts.n_articles == 0
    assert contents(out) == contents(undisturbed)
    assert verify(out).problems == ()
    new = {path: data for path, data in data_bytes(out).items() if path not in data_bytes(undisturbed)}
    assert new == {}


def test_state_lost_in_the_middle_of_a_run_loses_no_row_and_none_is_there_twice(
    undisturbed: Path, news: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(news, tiny_folder, out, now=NOW, max_articles=5)
    files(out, "bitext")[0].unlink()
    delete_state(out)

    mend(out)
    run(news, tiny_folder, out)

    assert contents(out) == contents(undisturbed)
    units = [row["unit_id"] for row in table_rows(out, "bitext")]
    assert len(units) == len(set(units))
    assert verify(out).problems == ()


def test_memory_and_waiting_articles_are_taken_from_a_damaged_state(news: Path, tiny_folder: Path, out: Path) -> None:
    change_state(out, "CREATE TABLE odd (x)")
    change_state(out, "PRAGMA user_version = 0")

    done = mend(out)

    assert any("taken over" in action for action in done.actions)
    with closing(sqlite3.connect(out / ".newsmt" / "state.sqlite")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM memory").fetchone()[0] > 0
        assert connection.execute("SELECT COUNT(*) FROM waiting").fetchone()[0] > 0
    assert run(news, tiny_folder, out).counts.n_articles == 0


def test_unknown_file_is_put_aside(out: Path) -> None:
    first = files(out, "bitext")[0]
    shutil.copy(first, first.with_name("copy.parquet"))

    done = mend(out)

    assert any("copy.parquet: the ledger does not know it" in action for action in done.actions)
    assert not done.has_losses
    assert verify(out).problems == ()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{")], ids=["deleted", "damaged"])
def test_manifest_is_written_anew_from_the_ledger(out: Path, damage: Callable[[Path], None]) -> None:
    manifest = next((out / "runs").glob("*.json"))
    before = json.loads(manifest.read_text())["counts"]
    damage(manifest)
    assert not verify(out).is_sound

    mend(out)

    after = json.loads(manifest.read_text())
    assert verify(out).is_sound
    assert after["is_rebuilt"]
    assert {name: after["counts"][name] for name in ("n_articles", "n_units")} == {
        name: before[name] for name in ("n_articles", "n_units")
    }


def test_damaged_text_of_a_waiting_article_is_forgotten_and_read_again(
    news: Path, tiny_folder: Path, out: Path
) -> None:
    n_before = verify(out)
    change_state(out, "UPDATE waiting SET content = x'00' WHERE article_id = (SELECT MIN(article_id) FROM waiting)")
    assert not verify(out).is_sound

    mend(out)
    assert verify(out).is_sound
    run(news, tiny_folder, out)

    assert replace(verify(out), n_runs=0, n_files=0, size_bytes=0) == replace(
        n_before, n_runs=0, n_files=0, size_bytes=0
    )


def test_sound_folder_needs_no_repair(out: Path) -> None:
    before = data_bytes(out)

    assert mend(out) == Repair(actions=(), n_articles=0, n_translations=0)
    assert data_bytes(out) == before


def test_folder_without_output_and_newer_state_are_refused_untouched(out: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt"):
        mend(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    change_state(out, "PRAGMA user_version = 99")
    state = (out / ".newsmt" / "state.sqlite").read_bytes()

    with pytest.raises(OutputError, match="newer newsmt"):
        mend(out)
    assert (out / ".newsmt" / "state.sqlite").read_bytes() == state


def test_state_of_the_first_version_is_mended_as_well(out: Path, news: Path, tiny_folder: Path) -> None:
    make_version(out / ".newsmt" / "state.sqlite", 1)
    files(out, "bitext")[0].unlink()

    done = mend(out)
    run(news, tiny_folder, out)

    assert done.n_translations > 0
    assert verify(out).problems == ()


def test_command_tells_what_it_did_and_what_is_left(out: Path) -> None:
    files(out, "bitext")[0].unlink()

    damaged = newsmt("check", out)
    mended = newsmt("check", out, "--repair", "--json")

    assert damaged.exit_code == 1
    assert mended.exit_code == 3
    assert "is gone; its rows are to be done anew" in mended.stderr
    assert "run `newsmt run` again over the same inputs" in mended.stderr
    assert json.loads(mended.stdout)["repair"]["n_translations"] > 0
    assert newsmt("check", out, "--repair").exit_code == 0
