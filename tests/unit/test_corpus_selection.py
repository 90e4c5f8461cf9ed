"""Which units of a corpus are wanted: dates as people write them, and filters against the same in Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import DateRange, Selection
from pipeline.errors import UsageError
from tests.corpora import Row, article, unit, write_articles, write_units

DAYS = ("2019-12-31", "2020-01-01", "2020-11-13", "2020-11-30")
PAIRS = ("en-ru", "ru-en", "en-hy")
QUALITIES = (None, 0.0, 0.5, 0.79999, 0.8, 1.0)
FLAGS: tuple[list[str], ...] = ([], ["numbers"], ["names", "low-score"], ["numbers", "names"])
PUBLISHERS = ("Courier", "O'Neill; DROP TABLE bitext; --", "Новости", None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-02", date(2021, 2, 1), date(2021, 2, 28)),
        ("2020-11-13", date(2020, 11, 13), date(2020, 11, 13)),
        (" 2020-11-13 ", date(2020, 11, 13), date(2020, 11, 13)),
        ("2020-11..2021", date(2020, 11, 1), date(2021, 12, 31)),
        ("2020-11-13..2021-02", date(2020, 11, 13), date(2021, 2, 28)),
        ("2020-11 .. 2020-12", date(2020, 11, 1), date(2020, 12, 31)),
        ("2020-11-13..2020-11-13", date(2020, 11, 13), date(2020, 11, 13)),
        ("2020..", date(2020, 1, 1), None),
        ("..2020-11-13", None, date(2020, 11, 13)),
        ("..", None, None),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_dates_are_ranges(text: str, first: date | None, last: date | None) -> None:
    found = DateRange.parse(text)

    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "20",
        "2020-1",
        "2020-11-1",
        "2020/11",
        "13.11.2020",
        "2020-11-13T10:00",
        "2020...2021",
        "2020..2021..2022",
        "yesterday",
        "-2020",
        "٢٠٢٠",
        "2020-11-13\n2020",
        "2020-11-13'; --",
    ],
)
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is no date: write a year, month or day"):
        DateRange.parse(text)


@pytest.mark.parametrize("text", ["2021-02-29", "2020-13", "2020-00-10", "2020-11-31", "0000", "2020-04-31..2021"])
def test_days_that_never_were_are_told(text: str) -> None:
    with pytest.raises(UsageError, match="there is no such day"):
        DateRange.parse(text)


@pytest.mark.parametrize("text", ["2021..2020", "2020-11-14..2020-11-13", "2021-01..2020"])
def test_ranges_that_run_backwards_are_told(text: str) -> None:
    with pytest.raises(UsageError, match="the first date is after the last one"):
        DateRange.parse(text)


def test_days_are_in_a_range_with_both_its_ends() -> None:
    found = DateRange.parse("2020-11..2020-12-05")

    days = [date(2020, 10, 31), date(2020, 11, 1), date(2020, 12, 5), date(2020, 12, 6)]
    assert [day in found for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Selection(pairs=("en",)), "'en' is no pair of languages"),
        (Selection(pairs=("en-en",)), "source and target are the same language"),
        (Selection(flags=("number",)), "number: no flag; there are .*numbers"),
        (Selection(without_flags=("names", "Names")), "Names: no flag"),
        (Selection(min_quality=1.01), "--min-quality 1.01: quality is between 0 and 1"),
        (Selection(min_quality=-0.1), "--min-quality -0.1"),
        (Selection(min_quality=float("nan")), "--min-quality nan"),
    ],
    ids=str,
)
def test_selections_that_cannot_be_are_told(selection: Selection, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        selection.checked()


@pytest.mark.parametrize("pair", ["en-ru", "en_ru", "EN-RU", " en-ru "])
def test_pairs_are_written_in_several_ways(pair: str) -> None:
    assert Selection(pairs=(pair,)).checked().pairs == ("en-ru",)


def test_partitions_are_left_out_by_pair_and_day() -> None:
    selection = Selection(pairs=("en-ru", "ru-en"), dates=DateRange.parse("2020-11"))
    places = [
        ("en-ru", date(2020, 11, 1)),
        ("ru-en", date(2020, 10, 31)),
        ("en-hy", date(2020, 11, 1)),
        ("en-ru", None),
    ]

    assert [selection.has_partition(*place) for place in places] == [True, False, False, False]
    assert Selection().has_partition("en-ru", None)
    assert not Selection(min_quality=0.0).is_all
    assert Selection().is_all


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """A unit of every combination, each of an article of its own; `pair`, `date` and `publisher` beside its columns."""
    found = []
    for place, (day, pair, quality, flags, publisher) in enumerate(product(DAYS, PAIRS, QUALITIES, FLAGS, PUBLISHERS)):
        row = unit(f"article {place}", pair=pair, quality=quality, flags=flags)
        found.append({**row, "pair": pair, "date": day, "publisher": publisher})
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    added = ("pair", "date", "publisher")
    for day in DAYS:
        for pair in PAIRS:
            own = [
                {k: v for k, v in r.items() if k not in added} for r in rows if (r["date"], r["pair"]) == (day, pair)
            ]
            write_units(folder, own, pair=pair, day=day)
        write_articles(
            folder, [article(r["article_id"], publisher=r["publisher"]) for r in rows if r["date"] == day], day=day
        )
    return folder


@pytest.mark.parametrize(
    ("selection", "is_wanted"),
    [
        (Selection(), lambda _: True),
        (Selection(pairs=("en-ru",)), lambda row: row["pair"] == "en-ru"),
        (Selection(pairs=("en-ru", "en-hy")), lambda row: row["pair"] in ("en-ru", "en-hy")),
        (Selection(pairs=("hy-ru",)), lambda _: False),
        (Selection(dates=DateRange.parse("2020")), lambda row: row["date"].startswith("2020")),
        (Selection(dates=DateRange.parse("2020-11-13..")), lambda row: row["date"] >= "2020-11-13"),
        (Selection(dates=DateRange.parse("..2019")), lambda row: row["date"] < "2020"),
        (Selection(publishers=(str(PUBLISHERS[1]),)), lambda row: row["publisher"] == PUBLISHERS[1]),
        (Selection(publishers=("Courier", "Новости")), lambda row: row["publisher"] in ("Courier", "Новости")),
        (Selection(publishers=("courier",)), lambda _: False),
        (Selection(publishers=("\ud800", "a\0b", "%", "\\")), lambda _: False),
        (Selection(flags=("numbers",)), lambda row: "numbers" in row["flags"]),
        (Selection(flags=("numbers", "low-score")), lambda row: {"numbers", "low-score"} & set(row["flags"])),
        (Selection(without_flags=("numbers",)), lambda row: "numbers" not in row["flags"]),
        (Selection(without_flags=("numbers", "names")), lambda row: not {"numbers", "names"} & set(row["flags"])),
        (
            Selection(flags=("names",), without_flags=("numbers",)),
            lambda row: "names" in row["flags"] and "numbers" not in row["flags"],
        ),
        (Selection(min_quality=0.8), lambda row: row["quality"] is not None and row["quality"] >= 0.8),
        (Selection(min_quality=0.0), lambda row: row["quality"] is not None),
        (
            Selection(
                pairs=("ru-en",),
                dates=DateRange.parse("2020-11"),
                publishers=("Новости",),
                flags=("names",),
                min_quality=0.5,
            ),
            lambda row: (
                row["pair"] == "ru-en"
                and row["date"].startswith("2020-11")
                and row["publisher"] == "Новости"
                and "names" in row["flags"]
                and (row["quality"] or 0) >= 0.5
            ),
        ),
    ],
)
def test_filters_choose_what_python_chooses(
    folder: Path, rows: list[Row], selection: Selection, is_wanted: Callable[[Row], object]
) -> None:
    with Corpus(folder) as corpus:
        found = corpus.query(corpus.sql("bitext", selection, "unit_id, pair, date"))

    assert sorted(found) == sorted((row["unit_id"], row["pair"], row["date"]) for row in rows if is_wanted(row))
