"""JSON Lines: every column of every row, one object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.corpus.selection import Selection
from pipeline.export.base import TextFormat
from pipeline.export.jsonl import ARTICLES_JSONL, JSONL
from pipeline.store.schema import COLUMNS
from tests.exports import PLAIN, hostile_pairs, text_of, write_units
from tests.factories import make_contents, make_story
from tests.folders import write_run


def records(form: TextFormat, corpus: Path, selection: Selection | None = None) -> list[dict[str, Any]]:
    # Cut at all line ends of Unicode: none may stand inside of a record.
    return [
        json.loads(line, parse_constant=pytest.fail)
        for line in text_of(form, corpus, selection)[0].decode().splitlines()
    ]


def test_hostile_texts_come_back_as_they_were(tmp_path: Path) -> None:
    pairs = hostile_pairs()
    found = records(JSONL, write_units(tmp_path, *pairs))
    assert [(record["source_text"], record["target_text"]) for record in found] == pairs


def test_a_record_has_the_columns_of_the_corpus(tmp_path: Path) -> None:
    write_run(tmp_path, make_contents(make_story(targets=("ru", "hy"))))

    found = records(JSONL, tmp_path)

    with pipeline.open(tmp_path) as corpus:
        rows = [unit._asdict() for unit in corpus.units()]
    assert [{**record, "published_at": None} for record in found] == [{**row, "published_at": None} for row in rows]
    assert found[0]["published_at"] == "2020-11-13T09:30:00Z"
    assert list(found[0]) == [*COLUMNS["bitext"], "pair", "date"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_number_that_json_does_not_have_is_null(tmp_path: Path, value: float | None) -> None:
    [record] = records(JSONL, write_units(tmp_path, PLAIN, score=value, check_script=value))
    assert (record["score"], record["check_script"], record["quality"]) == (None, None, 0.7788)


def test_all_articles_are_exported_also_those_without_units(tmp_path: Path) -> None:
    write_run(tmp_path, make_contents(make_story("budget"), make_story("waiting", language="ru", targets=())))

    found = records(ARTICLES_JSONL, tmp_path)

    assert sorted(record["url"] for record in found) == ["https://news.example/budget", "https://news.example/waiting"]
    assert list(found[0]) == list(COLUMNS["articles"])


def test_filters_choose_the_articles_of_the_units_that_are_left(tmp_path: Path) -> None:
    write_run(tmp_path, make_contents(make_story("budget"), make_story("law", language="hy", targets=("en",))))

    found = records(ARTICLES_JSONL, tmp_path, Selection(pairs=("hy-en",)))

    assert [record["source_uri"] for record in found] == ["news/law.txt"]


def test_an_empty_corpus_makes_no_lines(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    assert text_of(JSONL, tmp_path)[0] == text_of(ARTICLES_JSONL, tmp_path)[0] == b""
