"""`newsmt search` on small corpora, sound and damaged."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import OutputError, UsageError
from pipeline.search import finding
from tests.commands import newsmt
from tests.factories import PUBLISHED, Story, make_contents, make_story
from tests.folders import write_run
from tests.tables import change_rows

BANKS = (
    ("The bank, the bank and the bank.", "Банк, банк и ещё раз банк."),
    ("He sat on the bank of the river.", "Он сидел на берегу реки."),
    ("Banks will close early.", "Банки закроются рано."),
    ("The bank bank sign is wrong.", "На вывеске ошибка."),
    ("Alice met the Bank.", "Алиса встретила Банк ещё в мае."),
)

_KEYS: dict[str, Callable[[Any], Any]] = {
    "left": lambda hit: hit["left"].lower().split()[::-1],
    "right": lambda hit: hit["right"].lower().translate(str.maketrans("", "", ".,")).split(),
    "quality": lambda hit: hit["quality"],
}


def story_of(texts: Sequence[tuple[str, str]], name: str = "banks", **options: Any) -> Story:
    """Return an article whose last paragraph has these translations."""
    story = make_story(name, extra=[source for source, _ in texts], **options)
    [translated] = story.translated
    units = list(translated.units)
    for place, (_, target) in enumerate(texts, len(units) - len(texts)):
        units[place] = units[place]._replace(target_text=target, quality=(place * 7 % 10) / 10)
    return replace(story, translated=(replace(translated, units=tuple(units)),))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    later = make_story("later", targets=("hy",), published_at=PUBLISHED + timedelta(days=40))
    write_run(folder, make_contents(story_of(BANKS), later))
    return folder


def lines(*arguments: str | Path) -> list[str]:
    return newsmt("search", *arguments).stdout.splitlines()


def told(*arguments: str | Path) -> list[str]:
    return newsmt("search", *arguments).stderr.splitlines()


def answer(*arguments: str | Path) -> Any:
    return json.loads(newsmt("search", *arguments, "--json").stdout.splitlines()[-1])


def contexts(*arguments: str | Path) -> list[str]:
    return [hit["left"] + f"[{hit['match']}]" + hit["right"] for hit in answer(*arguments)["hits"]]


def test_hits_are_shown_in_a_column_with_the_other_side(out: Path) -> None:
    result = newsmt("search", out, "bank", "--side", "source", "--limit", "2")
    shown = result.stdout.splitlines()

    assert [line.split(maxsplit=2) for line in shown[0::3]] == [
        ["1", "en", "The bank, the bank and the bank."],
        ["2", "en", "The bank, the bank and the bank."],
    ]
    assert shown[0].index("bank") == shown[3].index("bank", shown[3].index("bank") + 1)
    assert shown[1].strip() == "ru Банк, банк и ещё раз банк."
    assert shown[2].strip().startswith("en-ru  2020-11-13  Example  0.")
    assert result.stderr == "7 hits in 4 units of 1 articles; shown 1 to 2, next: --offset 2\n"


def test_hits_in_the_target_and_pages(out: Path) -> None:
    page = answer(out, "банк*", "--limit", "2", "--offset", "2")

    assert [(hit["side"], hit["match"], hit["start"]) for hit in page["hits"]] == [
        ("target", "банк", 21),
        ("target", "Банки", 0),
    ]
    assert (page["n_hits"], page["n_units"], page["n_articles"], page["n_shown"]) == (5, 3, 1, 2)
    assert told(out, "банк*", "--offset", "5") == ["5 hits in 3 units of 1 articles; none from --offset 5 on"]
    assert told(out, "банк*", "--offset", "3") == ["5 hits in 3 units of 1 articles; shown 4 to 5"]


def test_hit_has_its_places_and_its_origin(out: Path) -> None:
    [hit] = answer(out, "river")["hits"]
    unit = answer(out, "берегу")["hits"][0]

    assert BANKS[1][0][hit["start"] : hit["end"]] == hit["match"] == "river"
    assert (hit["left"], hit["right"], hit["other"]) == ("He sat on the bank of the ", ".", BANKS[1][1])
    assert (hit["pair"], hit["date"], hit["publisher"]) == ("en-ru", "2020-11-13", "Example")
    assert (hit["title"], hit["url"]) == ("Parliament adopts the budget", "https://news.example/banks")
    assert unit["unit_id"] == hit["unit_id"]
    assert (unit["language"], unit["other_language"], unit["other"]) == ("ru", "en", BANKS[1][0])


def test_other_side_can_be_asked_for(out: Path) -> None:
    assert contexts(out, "bank*", "--side", "source", "--without", "банк*") == [
        "He sat on the [bank] of the river.",
        "The [bank] bank sign is wrong.",
        "The bank [bank] sign is wrong.",
    ]
    assert contexts(out, "bank*", "--with", "берегу") == ["He sat on the [bank] of the river."]
    assert contexts(out, "банк*", "--with", "alice", "--side", "any") == ["Алиса встретила [Банк] ещё в мае."]


@pytest.mark.parametrize("order", ["left", "right", "quality"])
def test_hits_are_sorted(out: Path, order: str) -> None:
    found = answer(out, "bank*", "--side", "source", "--sort", order, "--limit", "50")["hits"]
    backwards = answer(out, "bank*", "--side", "source", "--sort", order, "--limit", "50", "--reverse")["hits"]
    key = _KEYS[order]

    assert len(found) == 8
    assert [key(hit) for hit in found] == sorted(key(hit) for hit in found)
    assert [key(hit) for hit in backwards] == sorted((key(hit) for hit in found), reverse=True)
    part = answer(out, "bank*", "--side", "source", "--sort", order, "--limit", "3", "--offset", "2")
    whole = newsmt("search", out, "bank*", "--side", "source", "--sort", order, "--format", "jsonl").stdout

    assert part["hits"] == found[2:5]
    assert [json.loads(line) for line in whole.splitlines()] == found


def test_matches_and_dates_are_sorted(out: Path) -> None:
    assert [hit["match"] for hit in answer(out, "b*", "--side", "source", "--sort", "match")["hits"]][-2:] == [
        "budget",
        "budget",
    ]
    assert [hit["date"] for hit in answer(out, "budget", "--sort", "date", "--reverse", "--limit", "3")["hits"]] == [
        "2020-12-23",
        "2020-12-23",
        "2020-11-13",
    ]


def test_counts_are_by_pair_publisher_month_and_form(out: Path) -> None:
    found = answer(out, "b*", "--count", "--side", "source")
    shown = lines(out, "b*", "--count", "--side", "source")

    assert (found["n_hits"], found["n_units"], found["n_articles"]) == (12, 9, 2)
    assert [(one["name"], one["n_hits"], one["n_units"]) for one in found["pairs"]] == [
        ("en-ru", 10, 7),
        ("en-hy", 2, 2),
    ]
    assert [(one["name"], one["hits_per_1000_units"]) for one in found["months"]] == [
        ("2020-11", 1111.111),
        ("2020-12", 500.0),
    ]
    assert [one["name"] for one in found["publishers"]] == ["Example"]
    assert found["forms"] == [
        {"form": "bank", "n_hits": 7},
        {"form": "budget", "n_hits": 4},
        {"form": "banks", "n_hits": 1},
    ]
    assert shown[0].split() == ["pair", "hits", "units", "articles", "hits", "per", "1,000", "units"]
    assert ["budget", "4"] in [line.split() for line in shown]


def test_hits_that_touch_are_counted(out: Path) -> None:
    limited = answer(out, r"\bbank\b", "--regex", "--side", "source", "--limit", "1")
    counted = answer(out, r"\bbank\b", "--regex", "--side", "source", "--count")

    assert limited["n_hits"] == counted["n_hits"] == counted["forms"][0]["n_hits"] == 7
    assert [one["n_hits"] for one in counted["pairs"]] == [7]


def test_large_corpora_are_counted_by_the_database(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slowly = [answer(out, pattern, "--limit", "2") for pattern in ("bank", "the", "в")]
    monkeypatch.setattr(finding, "_FEW_UNITS", 1)

    assert [answer(out, pattern, "--limit", "2") for pattern in ("bank", "the", "в")] == slowly


def test_pages_are_parts_of_the_whole(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_FILES_AT_ONCE", 1)
    newsmt("search", out, "the", "--output", tmp_path / "all.jsonl")
    everything = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = [answer(out, "the", "--limit", "3", "--offset", str(start))["hits"] for start in range(0, 15, 3)]

    assert len(everything) == 13
    assert [hit for page in pages for hit in page] == everything


def test_filters_choose_units(out: Path) -> None:
    assert told(out, "the", "--pair", "en-hy")[-1].startswith("3 hits in")
    assert told(out, "the", "--date", "2020-12")[-1].startswith("3 hits in")
    assert told(out, "the", "--publisher", "Example")[-1].startswith("13 hits in")
    assert {hit["quality"] for hit in answer(out, "bank*", "--min-quality", "0.5")["hits"]} <= {0.5, 0.6, 0.7, 0.8, 0.9}


def test_later_revision_takes_the_place_of_the_earlier_one(out: Path) -> None:
    next_day = PUBLISHED + timedelta(days=1)
    later = story_of([("The bank is shut.", "Банк закрыт.")], revision=2, published_at=next_day)
    write_run(out, make_contents(later))
    everything = answer(out, "bank", "--all-revisions")

    assert contexts(out, "bank") == ["The [bank] is shut."]
    assert everything["n_hits"] == 8
    assert {(hit["date"], hit["title"]) for hit in everything["hits"]} == {
        ("2020-11-13", "Parliament adopts the budget"),
        ("2020-11-14", "Parliament adopts the budget"),
    }


def test_formats_and_files(out: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(StringIO(newsmt("search", out, "bank", "--format", "csv").stdout)))
    found = answer(out, "bank", "--output", tmp_path / "hits.html")
    page = (tmp_path / "hits.html").read_text(encoding="utf-8")
    newsmt("search", out, "bank", "--output", tmp_path / "hits.txt", "--limit", "1")

    assert [row["match"] for row in rows] == ["bank"] * 6 + ["Bank"]
    assert found["n_shown"] == 7
    assert found["output"] == str(tmp_path / "hits.html")
    assert page.count("<mark>") == 7
    assert "7 hits in 4 units of 1 articles; all shown" in page
    assert len((tmp_path / "hits.txt").read_text(encoding="utf-8").splitlines()) == 3


def test_context_is_cut(out: Path) -> None:
    [hit] = answer(out, "river", "--context", "4")["hits"]

    assert (hit["left"], hit["right"], hit["start"]) == ("the ", ".", 26)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["close", "--side", "target"], "1 units with --side source"),
        (["bank", "--with", "пруд"], "4 units without --with and --without"),
        (["bank", "--pair", "en-hy"], "4 units without the filters"),
        (["BANKS", "--case"], "1 units without --case"),
        (["Alise", "--exact"], None),
        (["ban"], "5 units with 'ban*'"),
        (["ban[ck]"], "an expression needs --regex"),
    ],
)
def test_where_nothing_is_found_other_ways_are_told(out: Path, arguments: list[str], hint: str | None) -> None:
    result = newsmt("search", out, *arguments)

    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.splitlines()[0] == f"nothing found for {arguments[0]!r}"
    assert [line.strip() for line in result.stderr.splitlines()[1:]] == ([hint] if hint else [])


def test_empty_corpus_is_told(tmp_path: Path) -> None:
    write_run(tmp_path / "out")

    assert told(tmp_path / "out", "bank") == ["no units here yet"]
    assert answer(tmp_path / "out", "bank")["hits"] == []
    assert answer(tmp_path / "out", "bank", "--count")["n_hits"] == 0


def test_damaged_files_are_named_and_the_rest_is_shown(out: Path) -> None:
    [damaged] = (out / "bitext" / "pair=en-hy").rglob("*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:-9])
    for extra in ((), ("--sort", "left"), ("--format", "csv"), ("--count",)):
        result = newsmt("search", out, "budget", *extra)

        assert result.exit_code == 3
        assert "2 hits in 2 units of 1 articles" in result.stderr
    assert newsmt("search", out, "budget", "--json").exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ba(nk", "--regex"], "missing \\)"),
        (["bank", "--with", "x("], None),
        (["bank", "--with", "x(", "--regex"], r"x\(: no regular expression"),
        (["bank", "--pair", "de-fr"], "--pair de-fr: there are no units of it, only of en-hy, en-ru"),
        (["bank", "--pair", "english"], "no pair of languages"),
        (["bank", "--side", "both"], "--side both: there are source, target, any"),
        (["bank", "--sort", "size"], "--sort size: there are corpus, left"),
        (["bank", "--reverse"], "--reverse .* add --sort"),
        (["bank", "--format", "xml"], "--format xml: there are table"),
        (["bank", "--json", "--format", "csv"], "add --output"),
        (["bank", "--count", "--format", "csv"], "--count goes without"),
        (["bank", "--min-quality", "2"], "--min-quality"),
        (["bank", "--date", "May"], "no date"),
        (["bank", "--flag", "odd"], "no flag"),
        (["bank", "--output", "hits"], "the suffix tells no format"),
    ],
)
def test_wrong_usage_is_told(out: Path, arguments: list[str], complaint: str | None) -> None:
    if complaint is None:
        assert newsmt("search", out, *arguments).exit_code == 0
        return
    with pytest.raises(UsageError, match=complaint):
        newsmt("search", out, *arguments)


@pytest.mark.parametrize("option", ["--limit", "--offset", "--context"])
def test_negative_numbers_are_refused(out: Path, option: str) -> None:
    assert newsmt("search", out, "bank", option, "-1").exit_code == 2


def test_folder_without_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        newsmt("search", tmp_path, "bank")


def test_odd_texts_are_searched(out: Path) -> None:
    [path] = (out / "bitext" / "pair=en-hy").rglob("*.parquet")
    change_rows(path, "bitext", source_text="\x1b[31m=1\x00 \u202eשלום 😀 " + "да " * 6000, target_text="")

    assert answer(out, "да", "--limit", "1")["n_hits"] == 24_000
    assert answer(out, "שלום", "--limit", "1")["hits"][0]["start"] == 10
    assert "\x1b" not in newsmt("search", out, "שלום").stdout


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_terminal_shows_colours_and_fits(out: Path) -> None:
    primary, secondary = pty.openpty()
    environment = {**os.environ, "COLUMNS": "60", "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    subprocess.run(
        [sys.executable, "-c", "from pipeline.cli.app import main; main()", "search", str(out), "river"],
        stdout=secondary,
        stderr=subprocess.DEVNULL,
        env=environment,
        timeout=60,
        check=True,
    )
    os.close(secondary)
    shown = os.read(primary, 10_000).decode()
    os.close(primary)

    assert "\x1b[1;31mriver\x1b[0m" in shown
