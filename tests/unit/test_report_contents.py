"""What of a corpus gets into a report: which articles, in which order, with which figures and texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import DateRange, Selection
from pipeline.errors import Flag
from pipeline.report.charts import MAX_SERIES, draw_charts
from pipeline.report.figures import Figures, count_figures
from pipeline.report.overview import make_overview, period
from pipeline.report.runs import RunFigures
from pipeline.report.selected import Page, pages_of, select_articles
from pipeline.report.texts import Described, read_articles
from tests.report_corpus import Row, article, article_id, translation, write_corpus

FRIDAY = datetime(2020, 11, 13, 9, 30, tzinfo=timezone.utc)
BUDGET = [
    ("Parliament adopts the budget", "Парламент принял бюджет"),
    ("The vote was on Friday.", "Голосование прошло в пятницу."),
    ("It took an hour.", "Оно заняло час."),
    ("The law is in force.", "Закон в силе."),
]
ALL = Selection()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a report is made of."""

    figures: Figures
    pages: list[Page]
    articles: list[Described]

    @property
    def ids(self) -> list[tuple[str, int]]:
        return [(one.summary["id"], one.summary.get("revision", 1)) for one in self.articles]


@contextmanager
def opened(folder: Path, selection: Selection) -> Iterator[Corpus]:
    with Corpus(folder) as corpus:
        select_articles(corpus, selection.checked())
        yield corpus


def look(folder: Path, selection: Selection = ALL, n_articles: int = 1000) -> Seen:
    with opened(folder, selection) as corpus:
        return Seen(
            count_figures(corpus, selection),
            pages_of(corpus, n_articles),
            read_articles(corpus, selection, first=0, n_articles=n_articles),
        )


def dated(days: int) -> dict[str, Any]:
    return {"published_at": FRIDAY + timedelta(days=days)}


def three_articles() -> tuple[list[Row], list[Row]]:
    """An old one in Russian only, a new one in two languages, one without a translation."""
    old, new, bare = (
        article("old", **dated(0)),
        article("new", publisher="Dawn", **dated(2)),
        article("bare", **dated(1)),
    )
    units = [
        *translation(old, "ru", BUDGET, flags=["numbers"], quality=0.4),
        *translation(new, "ru", BUDGET),
        *translation(new, "hy", BUDGET, quality=None, flags=["untranslated"]),
    ]
    return [old, new, bare], units


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return write_corpus(tmp_path, *three_articles())


def ids(*names: str) -> list[tuple[str, int]]:
    return [(article_id(name), 1) for name in names]


def test_the_newest_article_comes_first_and_those_without_a_translation_are_listed(three: Path) -> None:
    seen = look(three)

    assert seen.ids == ids("new", "bare", "old")
    assert (seen.figures.n_articles, seen.figures.n_untranslated, seen.figures.n_units) == (3, 1, 12)
    assert seen.articles[1].texts == {"translations": [], "text": "News of bare\n\nThe text of bare."}


@pytest.mark.parametrize(
    ("selection", "names", "n_units"),
    [
        (Selection(pairs=("en-hy",)), ["new"], 4),
        (Selection(flags=("numbers",)), ["old"], 4),
        (Selection(without_flags=("numbers",)), ["new"], 8),
        (Selection(min_quality=0.5), ["new"], 4),
        (Selection(publishers=("The Harbour",)), ["bare", "old"], 4),
        (Selection(dates=DateRange.parse("2020-11-14")), ["bare"], 0),
        (Selection(dates=DateRange.parse("2020-11-14..")), ["new", "bare"], 8),
        (Selection(dates=DateRange.parse("2019")), [], 0),
    ],
    ids=str,
)
def test_filters_choose_articles(three: Path, selection: Selection, names: list[str], n_units: int) -> None:
    seen = look(three, selection)

    assert seen.ids == ids(*names)
    assert seen.figures.n_units == n_units


def test_a_filter_of_units_leaves_the_rest_of_their_translation_to_be_read(tmp_path: Path) -> None:
    one = article("one")
    units = translation(one, "ru", BUDGET)
    units[2].update(flags=["numbers"], quality=0.5)
    write_corpus(tmp_path, [one], units)

    seen = look(tmp_path, Selection(flags=("numbers",)))

    [described] = seen.articles
    assert described.summary["translations"] == [{"pair": "en-ru", "units": 1, "quality": 0.5, "flags": {"numbers": 1}}]
    targets = described.texts["translations"][0]["targets"]
    assert [target.get("other", False) for target in targets] == [True, True, False, True]


def test_the_text_is_there_unit_by_unit(three: Path) -> None:
    newest = look(three).articles[0]
    hy, ru = newest.texts["translations"]

    assert (hy["pair"], ru["pair"]) == ("en-hy", "en-ru")
    assert [source["text"] for source in hy["sources"]] == [source for source, _ in BUDGET]
    assert [target["text"] for target in ru["targets"]] == [target for _, target in BUDGET]
    assert [source["paragraph"] for source in hy["sources"]] == [0, 1, 1, 2]
    assert (hy["sources"][0]["kind"], ru["models"]) == ("headline", ["en_ru@1.0#0123456789ab"])
    assert "sources" not in ru, "the same ones are there once"


def test_sources_that_were_cut_in_another_way_are_kept(tmp_path: Path) -> None:
    one = article("one")
    write_corpus(tmp_path, [one], [*translation(one, "hy", BUDGET), *translation(one, "ru", BUDGET[:2])])

    _, ru = look(tmp_path).articles[0].texts["translations"]

    assert [source["text"] for source in ru["sources"]] == [source for source, _ in BUDGET[:2]]


def test_what_a_later_run_translated_anew_counts_once(tmp_path: Path) -> None:
    one = article("one")
    later = {**one, "run_id": "20201115T060000Z", "title": "A better title"}
    write_corpus(tmp_path, [one], translation(one, "ru", BUDGET))
    write_corpus(tmp_path, [later], translation(later, "ru", BUDGET[:1]), name="20201115T060000Z")

    [described] = look(tmp_path).articles

    assert described.summary["title"] == "A better title"
    assert described.summary["translations"] == [{"pair": "en-ru", "units": 1, "quality": 0.8}]
    all_of_it = look(tmp_path, Selection(all_revisions=True))
    assert [one["units"] for one in all_of_it.articles[0].summary["translations"]] == [4, 1]


def test_earlier_revisions_are_articles_of_their_own_where_they_are_wanted(tmp_path: Path) -> None:
    first = article("one")
    second = {**first, "revision": 2, "run_id": "20201115T060000Z", "title": "Changed"}
    units = [*translation(first, "ru", BUDGET), *translation(second, "ru", BUDGET)]
    write_corpus(tmp_path, [first, second], units)

    assert [revision for _, revision in look(tmp_path).ids] == [2]
    seen = look(tmp_path, Selection(all_revisions=True))
    assert [revision for _, revision in seen.ids] == [2, 1]
    assert [one.summary["title"] for one in seen.articles] == ["Changed", "News of one"]


def test_an_article_without_a_title_shows_its_beginning(tmp_path: Path) -> None:
    long = article("long", title=None, text="word " * 100, **dated(1))
    short = article("short", title="")
    write_corpus(tmp_path, [long, short], translation(short, "ru", BUDGET))

    first, second = look(tmp_path).articles

    assert "title" not in first.summary
    assert first.summary["beginning"] == ("word " * 20)
    assert second.summary["beginning"] == BUDGET[0][0]


def test_units_whose_article_is_lost_are_shown_with_what_they_know(tmp_path: Path) -> None:
    lost = article("lost")
    write_corpus(tmp_path, [], translation(lost, "ru", BUDGET))

    [described] = look(tmp_path).articles

    assert described.summary["beginning"] == BUDGET[0][0]
    assert (described.summary["language"], described.summary["url"]) == ("en", lost["url"])
    assert "publisher" not in described.summary


def test_an_empty_corpus_has_one_empty_page(tmp_path: Path) -> None:
    (tmp_path / "bitext").mkdir()

    seen = look(tmp_path)

    assert (seen.articles, len(seen.pages), seen.figures.n_units, seen.figures.quality) == ([], 1, 0, None)
    assert draw_charts(seen.figures, []) == []
    assert make_overview(seen.figures, [], ALL, []).period == ""


def test_pages_part_the_articles_in_their_order(tmp_path: Path) -> None:
    rows = [article(f"{day}", **dated(day)) for day in range(5)]
    write_corpus(tmp_path, rows, [unit for row in rows for unit in translation(row, "ru", BUDGET)])

    with opened(tmp_path, ALL) as corpus:
        pages = pages_of(corpus, 2)
        parts = [read_articles(corpus, ALL, first=(page.number - 1) * 2, n_articles=2) for page in pages]

    assert [page.n_articles for page in pages] == [2, 2, 1]
    assert (pages[0].first_date, pages[0].last_date) == ("2020-11-17", "2020-11-16")
    assert [one.summary["id"] for part in parts for one in part] == [article_id(f"{day}") for day in (4, 3, 2, 1, 0)]
    assert all(one.texts["translations"][0]["targets"][3]["text"] == "Закон в силе." for part in parts for one in part)


def test_figures_count_units(three: Path) -> None:
    figures = look(three).figures

    assert [(pair.pair, pair.n_articles, pair.n_units, pair.n_flagged) for pair in figures.pairs] == [
        ("en-hy", 1, 4, 4),
        ("en-ru", 2, 8, 4),
    ]
    assert figures.pairs[0].quality is None
    assert figures.pairs[1].quality == pytest.approx(0.6)
    assert figures.quality == pytest.approx(0.6)
    assert figures.flags == {"numbers": 4, "untranslated": 4}
    assert figures.by_quality == {"en-ru": {8: 4, 16: 4}}
    assert figures.n_chars == 3 * sum(len(source) for source, _ in BUDGET)
    assert {day.isoformat(): n for day, n in figures.by_day["en-ru"].items()} == {"2020-11-13": 4, "2020-11-15": 4}
    assert sum(figures.lengths[0].values()) == sum(figures.lengths[1].values()) == 12


@pytest.mark.parametrize(("quality", "step"), [(0.0, 0), (0.05, 1), (0.15, 3), (0.3, 6), (0.999, 19), (1.0, 19)])
def test_a_quality_counts_in_the_step_it_begins(tmp_path: Path, quality: float, step: int) -> None:
    one = article("one")
    write_corpus(tmp_path, [one], translation(one, "ru", BUDGET[:1], quality=quality))

    assert look(tmp_path).figures.by_quality == {"en-ru": {step: 1}}


def test_very_long_segments_count_with_all_others_beyond_the_last_step(tmp_path: Path) -> None:
    one = article("one")
    write_corpus(tmp_path, [one], translation(one, "ru", [("a" * 20_000, "б" * 410)]))

    assert look(tmp_path).figures.lengths == ({20: 1}, {20: 1})


def test_a_pair_has_the_same_colour_in_all_charts_and_small_pairs_share_one(tmp_path: Path) -> None:
    days = [article("one", **dated(0)), article("two", **dated(1))]
    targets = ("bg", "de", "es", "fr", "hy", "it", "ka", "pl", "ru", "uk")
    units = [unit for row in days for target in targets for unit in translation(row, target, BUDGET)]
    more = article("more", **dated(1))
    write_corpus(tmp_path, [*days, more], [*units, *translation(more, "uk", BUDGET)])

    time, quality, _ = draw_charts(look(tmp_path).figures, [])

    assert len(time.legend) == MAX_SERIES
    assert time.legend == quality.legend
    assert (time.legend[-2], time.legend[-1]) == ("en-uk", "3 others")


def test_one_pair_alone_needs_no_legend_and_one_day_no_chart(tmp_path: Path) -> None:
    one = article("one")
    write_corpus(tmp_path, [one], translation(one, "ru", BUDGET))

    charts = draw_charts(look(tmp_path).figures, [])

    assert [(chart.name, list(chart.legend)) for chart in charts] == [("quality", []), ("length", ["source", "target"])]


def test_filters_are_told_in_words(three: Path) -> None:
    selection = Selection(
        pairs=("en-ru", "en-hy"),
        dates=DateRange.parse("2020-11.."),
        publishers=("Dawn",),
        flags=("numbers",),
        without_flags=("quotes", "names"),
        min_quality=0.5,
    )

    overview = make_overview(look(three, selection).figures, [], selection, [])

    assert "; ".join(overview.filters) == (
        "pair en-ru or en-hy; published from 2020-11-01; publisher Dawn; units with numbers; "
        "units without quotes and names; units of quality 0.5 and more"
    )


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (("", ""), ""),
        (("2020-11-13", "2020-11-13"), "13 November 2020"),
        (("2020-11-13", "2021-01-02"), "13 November 2020 – 2 January 2021"),
        (("unknown", "unknown"), "unknown"),
    ],
)
def test_a_period_is_told_in_words(days: tuple[str, str], text: str) -> None:
    assert period(*days) == text


def run_at(start: datetime | None, *, run_id: str = "a", speed: float | None = 2.5) -> RunFigures:
    return RunFigures(
        run_id=run_id,
        started_at=start,
        seconds=20,
        n_articles=1,
        n_rejected=0,
        n_units=50,
        stopped_by=None,
        units_per_second=speed,
    )


@pytest.mark.parametrize(
    ("starts", "labels"),
    [
        ([FRIDAY, FRIDAY + timedelta(hours=2)], ["13 Nov 09:30", "13 Nov 11:30"]),
        ([FRIDAY, FRIDAY + timedelta(days=90)], ["13 Nov 2020", "11 Feb 2021"]),
        ([None, FRIDAY], ["a", "13 Nov 09:30"]),
    ],
)
def test_the_speed_of_runs_is_drawn(tmp_path: Path, starts: list[datetime | None], labels: list[str]) -> None:
    (tmp_path / "bitext").mkdir()

    [chart] = draw_charts(look(tmp_path).figures, [*map(run_at, starts), run_at(FRIDAY, speed=None)])

    assert [tuple(row) for row in chart.rows] == [(label, "2.5") for label in labels]


def test_one_run_alone_has_no_chart(tmp_path: Path) -> None:
    (tmp_path / "bitext").mkdir()

    assert draw_charts(look(tmp_path).figures, [run_at(FRIDAY)]) == []


def test_the_most_frequent_flags_are_drawn_and_all_of_them_counted(tmp_path: Path) -> None:
    one = article("one")
    flags = [flag.value for flag in Flag][:14]
    units = [
        unit
        for number in range(14)
        for unit in translation(one, f"x{chr(97 + number)}", BUDGET[:1], flags=flags[number:])
    ]
    write_corpus(tmp_path, [one], units)

    chart = next(chart for chart in draw_charts(look(tmp_path).figures, []) if chart.name == "flags")

    assert chart.svg.count("<rect") == 12
    assert "2 rarer ones" in chart.note
    assert chart.rows[0] == (flags[-1], "14", "100.0 %")
    assert len(chart.rows) == 14


def test_a_folder_that_is_no_date_is_shown_but_in_no_chart_of_days(tmp_path: Path) -> None:
    one, two = article("one"), article("two")
    write_corpus(tmp_path, [one, two], [*translation(one, "ru", BUDGET), *translation(two, "ru", BUDGET)])
    folder = tmp_path / "bitext" / "pair=en-ru"
    (folder / "date=2020-11-13").rename(folder / "date=someday")

    seen = look(tmp_path)

    assert (len(seen.articles), seen.figures.n_units, seen.figures.by_day) == (2, 8, {})
    assert all(len(one.texts["translations"][0]["targets"]) == 4 for one in seen.articles)
