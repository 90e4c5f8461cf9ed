"""Datasets of Hugging Face: the library opens them, and the card says what is in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from markdown_it import MarkdownIt

from pipeline.corpus import rows
from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import DateRange, Selection
from pipeline.export import hugging_face
from pipeline.export.base import Material
from pipeline.export.dataset_card import Part, dataset_card
from pipeline.export.hugging_face import HUGGING_FACE
from pipeline.export.licences import identifier_of, licence_entries
from tests.factories import NOW, make_contents, make_story
from tests.folders import table_rows, write_run
from tests.tables import change_rows

_LOADED = """
import json, sys
from datasets import load_dataset
try:
    found = load_dataset(*sys.argv[1:], cache_dir="cache")
    rows = [row for row in found["train"]]
    print(json.dumps({"splits": list(found), "features": str(found["train"].features), "rows": rows}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__ + ": " + str(error)}))
"""


def exported(corpus: Path, folder: Path, selection: Selection | None = None) -> Path:
    folder.mkdir()
    with Corpus(corpus) as opened:
        HUGGING_FACE.write(Material(corpus=opened, selection=selection or Selection(), made_at=NOW), folder)
    return folder


def loaded(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what the library makes of a folder, in a process of its own without network or earlier caches."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    env = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    command = [sys.executable, "-W", "ignore", "-c", _LOADED, str(folder), *arguments]
    done = subprocess.run(command, check=True, env=env, cwd=home, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def header_of(folder: Path) -> dict[str, Any]:
    header = (folder / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    found: dict[str, Any] = yaml.safe_load(header)
    return found


def test_the_library_opens_each_pair(tmp_path: Path) -> None:
    write_run(
        tmp_path / "corpus",
        make_contents(make_story(targets=["ru", "hy"]), make_story("b", language="ru", targets=["en"])),
    )
    folder = exported(tmp_path / "corpus", tmp_path / "dataset")

    found = loaded(folder, "ru-en")

    assert found["splits"] == ["train"]
    assert "Translation(languages=['en', 'ru']" in found["features"]
    [row] = [
        row for row in table_rows(tmp_path / "corpus", "bitext") if row["target_lang"] == "en" and row["segment"] == 2
    ]
    assert len(found["rows"]) == 4
    assert found["rows"][2] == {
        "translation": {"en": "Forty-two deputies voted in favour.", "ru": "За проголосовали сорок два депутата."},
        "id": row["unit_id"],
        "article_id": row["article_id"],
        "revision": 1,
        "segment": 2,
        "kind": "body",
        "score": -0.25,
        "quality": 0.7788,
        "flags": [],
        "date": "2020-11-13",
        "url": "https://news.example/b",
        "models": ["ru_en@1.9#0123456789ab"],
    }
    assert [config["config_name"] for config in header_of(folder)["configs"]] == ["en-hy", "en-ru", "ru-en"]


def test_the_library_lists_the_pairs_where_none_is_named(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(targets=["ru", "hy"])))

    found = loaded(exported(tmp_path / "corpus", tmp_path / "dataset"))

    assert "['en-hy', 'en-ru']" in found["error"]


def test_the_library_says_that_an_empty_corpus_has_no_data(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents())
    folder = exported(tmp_path / "corpus", tmp_path / "dataset")

    found = loaded(folder)

    assert found["error"].startswith("EmptyDatasetError: ")
    assert "configs" not in header_of(folder)
    assert "There are no units" in (folder / "README.md").read_text(encoding="utf-8")


def test_the_library_opens_what_hostile_text_is_in(tmp_path: Path) -> None:
    hostile = '"\n---\nlicense: mit\n- [x](y) <b>\x00\u2028 שלום ' + "a" * 20_000
    write_run(tmp_path / "corpus", make_contents(make_story()))
    change_rows(tmp_path / "corpus", "bitext", source_text=hostile, url=None, score=None, quality=None)
    change_rows(tmp_path / "corpus", "articles", publisher=hostile, licence=hostile)

    folder = exported(tmp_path / "corpus", tmp_path / "dataset")
    found = loaded(folder, "en-ru")

    assert found["rows"][0]["translation"]["en"] == hostile
    assert (found["rows"][0]["url"], found["rows"][0]["score"]) == (None, None)
    assert header_of(folder)["license"] == "other"
    body = (folder / "README.md").read_text(encoding="utf-8").split("\n---\n", maxsplit=1)[1]
    assert "<b>" not in MarkdownIt("commonmark").enable("table").render(body)


def test_long_pairs_are_cut_into_numbered_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [NOW.replace(day=number + 1) for number in range(5)]
    stories = [make_story(f"story {number}", published_at=day) for number, day in enumerate(days)]
    write_run(tmp_path / "corpus", make_contents(*stories))
    # Each file of the corpus, of four rows, is read alone.
    monkeypatch.setattr(rows, "_BYTES_AT_ONCE", 1)
    monkeypatch.setattr(hugging_face, "_ROWS_PER_FILE", 8)
    monkeypatch.setattr(hugging_face, "_ROWS_PER_GROUP", 4)

    folder = exported(tmp_path / "corpus", tmp_path / "dataset")

    files = sorted((folder / "data" / "en-ru").iterdir())
    assert [path.name for path in files] == [f"train-{number:05}-of-00003.parquet" for number in range(3)]
    ids = [row["id"] for path in files for row in pq.ParquetFile(path).read().to_pylist()]
    assert ids == [row["unit_id"] for row in table_rows(tmp_path / "corpus", "bitext")]
    assert len(loaded(folder, "en-ru")["rows"]) == len(ids) == 20
    [info] = header_of(folder)["dataset_info"]
    assert info["splits"] == [{"name": "train", "num_bytes": info["dataset_size"], "num_examples": 20}]
    assert info["download_size"] == sum(path.stat().st_size for path in files)


def test_units_without_a_translation_are_left_out(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(targets=["ru", "hy"])))
    [path] = (tmp_path / "corpus" / "bitext" / "pair=en-ru").rglob("*.parquet")
    change_rows(path, "bitext", target_text=" \n")

    folder = exported(tmp_path / "corpus", tmp_path / "dataset")

    assert [config["config_name"] for config in header_of(folder)["configs"]] == ["en-hy"]
    assert "4 units (sentences, headlines, captions)" in (folder / "README.md").read_text(encoding="utf-8")


def test_small_files_of_a_corpus_become_one_row_group(tmp_path: Path) -> None:
    runs = [make_contents(make_story(f"story {number}")) for number in range(5)]
    write_run(tmp_path / "corpus", *runs)

    folder = exported(tmp_path / "corpus", tmp_path / "dataset")

    [path] = (folder / "data" / "en-ru").iterdir()
    assert pq.ParquetFile(path).metadata.num_row_groups == 1


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        ([None, None], {"license": "unknown"}),
        (["CC BY 4.0", "CC BY 4.0"], {"license": "cc-by-4.0"}),
        (["Terms of Use, 2020", "Terms of Use, 2020"], {"license": "other", "license_name": "terms-of-use-2020"}),
        (
            ["CC BY 4.0", None],
            {
                "license": "other",
                "license_name": "several",
                "license_details": "articles by licence: CC BY 4.0 (1), unknown (1)",
            },
        ),
    ],
    ids=["none", "one", "one-of-its-own", "several"],
)
def test_licences_of_articles_become_that_of_the_dataset(
    tmp_path: Path, licences: list[str | None], expected: dict[str, Any]
) -> None:
    for number, licence in enumerate(licences):
        other = tmp_path / f"part {number}"
        write_run(other, make_contents(make_story(f"story {number}", published_at=NOW.replace(day=number + 1))))
        change_rows(other, "articles", licence=licence)
    for path in (tmp_path / "part 1").rglob("*.parquet"):
        target = tmp_path / "part 0" / path.relative_to(tmp_path / "part 1")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    header = header_of(exported(tmp_path / "part 0", tmp_path / "dataset"))

    assert {name: value for name, value in header.items() if name.startswith("license")} == expected


def test_a_long_list_of_licences_is_cut() -> None:
    found = licence_entries([("A" * 5000, 9), *((f"Terms {number}", 1) for number in range(25))])

    assert found["license_details"].endswith("Terms 18 (1), 6 others (6)")
    assert len(found["license_details"]) < 1000


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/deed.ru", "cc-by-nc-sa-4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0"),
        (" CC0 1.0 ", "cc0-1.0"),
        ("MIT", "mit"),
        ("All rights reserved", None),
        ("cc-by-9.9", None),
    ],
)
def test_licences_that_the_hub_knows_have_its_name(name: str, identifier: str | None) -> None:
    assert identifier_of(name) == identifier


def test_the_card_tells_where_units_come_from(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(), make_story("second", published_at=NOW)))
    (tmp_path / "corpus" / "runs").mkdir(exist_ok=True)
    model = {"label": "en_ru@1.9#0123456789ab", "sha256": "ab" * 32, "licence": "CC0-1.0"}
    manifest = {"run_id": "20201114T060000Z", "models": [model]}
    (tmp_path / "corpus" / "runs" / "20201114T060000Z.json").write_text(json.dumps(manifest))

    card = (exported(tmp_path / "corpus", tmp_path / "dataset") / "README.md").read_text(encoding="utf-8")

    assert "8 units (sentences, headlines, captions) of 2 articles." in card
    assert "| en-ru | 8 | 2 | 2020-11-13 | 2020-11-14 | 0.779 |" in card
    assert f"| en\\_ru@1.9\\#0123456789ab | 8 | {'ab' * 32} | CC0-1.0 |" in card
    assert "| 20201114T060000Z | 8 |" in card
    assert "| Example | 2 |" in card
    assert "**These are machine translations.**" in card


def test_the_card_tells_filters_and_damage(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(targets=["ru", "hy"])))
    [damaged] = (tmp_path / "corpus" / "bitext" / "pair=en-hy").rglob("*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:200])
    wanted = Selection(
        dates=DateRange(date(2020, 11, 1)), publishers=("Example",), without_flags=("empty",), min_quality=0.5
    )

    folder = exported(tmp_path / "corpus", tmp_path / "dataset", wanted)

    card = (folder / "README.md").read_text(encoding="utf-8")
    assert (
        "**Chosen:** dates from 2020-11-01 to the last one; publishers Example; units without the flags empty; "
        "units of quality 0.5 or more. Units without a translation are left out."
    ) in card
    assert re.search(r"\*\*Left out:\*\* files of the corpus that cannot be read: \S+\.parquet", card)
    assert [config["config_name"] for config in header_of(folder)["configs"]] == ["en-ru"]


def test_a_long_list_of_publishers_ends_with_the_sum_of_the_rest(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(*(make_story(f"story {number}") for number in range(25))))
    for path in (tmp_path / "corpus" / "articles").rglob("*.parquet"):
        table = pq.read_table(path, partitioning=None)
        names = [f"Publisher {number:02}" for number in range(table.num_rows)]
        place = table.schema.get_field_index("publisher")
        pq.write_table(table.set_column(place, table.schema.field(place), [names]), path)

    card = (exported(tmp_path / "corpus", tmp_path / "dataset") / "README.md").read_text(encoding="utf-8")

    assert "| Publisher 19 | 1 |\n| 5 others | 5 |" in card


def test_the_card_names_every_filter(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(targets=["ru", "hy"])))
    wanted = Selection(
        pairs=("en-ru", "en-hy"), flags=("numbers",), dates=DateRange(None, NOW.date()), all_revisions=True
    )

    card = (exported(tmp_path / "corpus", tmp_path / "dataset", wanted) / "README.md").read_text(encoding="utf-8")

    assert (
        "**Chosen:** pairs en-ru, en-hy; dates from the first one to 2020-11-14; units with one of the flags numbers; "
        "superseded units as well."
    ) in card


def test_the_card_has_a_row_for_a_pair_without_figures(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents())
    part = Part(pair="en-ru", n_rows=3, size_bytes=100, stored_bytes=100)

    with Corpus(tmp_path / "corpus") as opened:
        card = dataset_card(Material(corpus=opened, selection=Selection(), made_at=NOW), [part])

    assert "| en-ru | 3 |  |  |  |  |" in card
