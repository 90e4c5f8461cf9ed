"""A report in a real browser: reading, filters, search, keyboard, phone, hostile texts, accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.browser import DESKTOP, PHONE, Opened, chromium, needs_browser, opened, quiet_tab, titles, wait_until
from tests.commands import newsmt
from tests.report_corpus import Row, article, article_id, translation, write_corpus

pytestmark = [pytest.mark.browser, needs_browser]

FRIDAY = datetime(2020, 11, 13, 9, 30, tzinfo=timezone.utc)
RU = [
    ("Parliament adopts the budget", "Парламент принял бюджет"),
    ("The vote was on Friday.", "Голосование прошло в пятницу."),
    ("It took 40 minutes.", "Оно заняло 14 минут."),
    ("The law is in force.", "Закон в силе."),
]
HY = [
    (source, text)
    for (source, _), text in zip(RU, ("Բյուջեն", "Ուրբաթ օրը։", "40 րոպե։", "Օրենքն ուժի մեջ է։"), strict=True)
]
LONG = "слово" * 4000


def rows() -> tuple[list[Row], list[Row]]:
    budget, storm, bare, untitled = (
        article("budget", published_at=FRIDAY),
        article("storm", published_at=FRIDAY - timedelta(days=1), publisher="Dawn", source_lang="hy", title="Փոթորիկ"),
        article("bare", published_at=FRIDAY - timedelta(days=2), text="Nobody read this.\n\nOr that."),
        article("untitled", published_at=None, title=None, publisher=None, url=None, source_lang="ar"),
    )
    russian = translation(budget, "ru", RU)
    russian[2].update(flags=["numbers"], quality=0.3, retry="kept-first", edits=["numbers"])
    arabic = translation(untitled, "en", [("صوت البرلمان يوم الجمعة.", "Parliament voted on Friday."), ("نعم", LONG)])
    units = [*russian, *translation(budget, "hy", HY), *translation(storm, "ru", RU[1:], quality=0.95), *arabic]
    return [budget, storm, bare, untitled], units


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_corpus(tmp_path_factory.mktemp("report") / "out", *rows())
    newsmt("report", folder, "--title", "Autumn")
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Any) -> Iterator[Opened]:
    with quiet_tab(browser) as found:
        yield found


def lit(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".segment.lit").all_inner_texts()]


def read(tab: Opened, report: Path, name: str, more: str = "") -> Any:
    page = tab.open(report, f"#{article_id(name)}{more}")
    page.wait_for_selector("#reading .text")
    return page


def test_the_overview_shows_figures_and_charts(tab: Opened, report: Path) -> None:
    page = tab.open(report)

    assert page.title() == page.inner_text("h1") == "Autumn"
    assert page.locator(".numbers > div").first.inner_text().split() == ["articles", "4"]
    assert page.locator("svg.chart").count() >= 3
    assert page.locator("svg.chart rect").first.evaluate("node => getComputedStyle(node).fill") == "rgb(47, 102, 144)"
    page.click("text=Figures of “Units by flag”")
    assert "numbers" in page.inner_text("details[open] table")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"title": "PHOTO"}, []),
        ({"title": "փոթ"}, ["Փոթորիկ"]),
        ({"language": "hy"}, ["Փոթորիկ"]),
        ({"pair": "en-hy"}, ["News of budget"]),
        ({"pair": "none"}, ["News of bare"]),
        ({"publisher": "Dawn"}, ["Փոթորիկ"]),
        ({"flag": "numbers"}, ["News of budget"]),
        ({"flag": "numbers", "pair": "en-hy"}, []),
        ({"quality": "0.9"}, ["Փոթորիկ"]),
        ({"from": "2020-11-12", "to": "2020-11-12"}, ["Փոթորիկ"]),
        ({"title": "(news|["}, []),
        ({"order": "oldest"}, ["News of bare", "Փոթորիկ", "News of budget", "صوت البرلمان يوم الجمعة."]),
        ({"order": "worst", "publisher": "The Harbour"}, ["News of budget", "News of bare"]),
    ],
    ids=str,
)
def test_filters_choose_articles(tab: Opened, report: Path, values: dict[str, str], found: list[str]) -> None:
    page = tab.open(report, "#articles")
    for name, value in values.items():
        field = page.locator(f"#filters [name={name}]")
        if field.evaluate("node => node.localName") == "select":
            field.select_option(value)
        else:
            field.fill(value)
    wait_until(page, "() => location.hash.includes('?')")

    assert titles(page) == found
    # The address brings the same list back.
    again = page.evaluate("location.hash")
    assert titles(tab.open(report, again)) == found
    page.click("#filters button[type=reset]")
    wait_until(page, "() => location.hash === '#articles'")
    assert len(titles(page)) == 4


def test_a_flag_of_the_overview_leads_to_its_articles_and_back_leads_back(tab: Opened, report: Path) -> None:
    page = tab.open(report)

    page.click(".meanings a:has-text('numbers')")
    page.wait_for_selector("#articles:not([hidden])")
    assert titles(page) == ["News of budget"]
    page.click("#list .title")
    page.wait_for_selector(".segment")
    assert page.title() == "News of budget – Autumn"
    page.click("text=← Articles")
    page.wait_for_selector("#articles:not([hidden])")
    assert titles(page) == ["News of budget"]
    page.go_back()
    page.wait_for_selector(".segment")


def test_a_segment_lights_up_with_its_partner(tab: Opened, report: Path) -> None:
    page = read(tab, report, "budget", "/ru")

    page.hover("text=The vote was on Friday.")
    assert lit(page) == ["The vote was on Friday.", "Голосование прошло в пятницу."]
    page.hover("text=Закон в силе.")
    assert lit(page) == ["The law is in force.", "Закон в силе."]
    page.hover("#reading h1")
    assert lit(page) == []
    page.click("text=The vote was on Friday.")
    page.hover("#reading h1")
    assert lit(page) == ["The vote was on Friday.", "Голосование прошло в пятницу."]


def test_paragraphs_stand_side_by_side(tab: Opened, report: Path) -> None:
    page = read(tab, report, "budget", "/ru")

    rows = page.locator(".text .paragraph")
    assert [row.locator(".segment").count() for row in rows.all()] == [2, 4, 2]
    for row in rows.all():
        source, target = (row.locator(f".side.{side}").bounding_box() for side in ("source", "target"))
        assert source["y"] == target["y"]
        assert source["x"] + source["width"] < target["x"]


def test_a_flag_is_marked_and_explained(tab: Opened, report: Path) -> None:
    page = read(tab, report, "budget", "/ru")

    mark = page.locator(".mark")
    assert mark.count() == 1
    assert "A number is missing, new or another one." in mark.get_attribute("title")
    mark.click()
    told = page.inner_text(".details")
    assert "A number is missing, new or another one." in told
    assert "0.30" in told
    assert "en_ru@1.0#0123456789ab" in told
    assert "kept-first" in told
    assert mark.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.locator(".details").count() == 0


def test_scores_are_shown_on_demand(tab: Opened, report: Path) -> None:
    page = read(tab, report, "budget", "/ru")

    assert page.locator(".score >> visible=true").count() == 0
    page.check("#scores")
    assert page.locator(".score >> visible=true").all_inner_texts() == ["0.80", "0.80", "0.30", "0.80"]


def test_a_deep_link_opens_an_article_a_translation_and_a_unit(tab: Opened, report: Path) -> None:
    page = read(tab, report, "budget", "/hy/3")

    assert page.inner_text(".tabs [aria-current]") == "Armenian"
    assert lit(page) == ["The law is in force.", "Օրենքն ուժի մեջ է։"]
    page.click("text=It took 40 minutes.")
    assert page.evaluate("location.hash") == f"#{article_id('budget')}/hy/2"
    page.click(".tabs >> text=Russian")
    page.wait_for_selector("text=Оно заняло 14 минут.")


@pytest.mark.parametrize("fragment", ["#0000000000000000", "#%E0%A4%A", "#constructor", "#a/b/c", "#__proto__"])
def test_an_address_of_nothing_leads_to_the_list(tab: Opened, report: Path, fragment: str) -> None:
    page = tab.open(report, fragment)

    assert "There is no article" in page.inner_text("#found")
    assert len(titles(page)) == 4


@pytest.mark.parametrize("more", ["/xx", "/ru/99", "/ru/-1", "/ru/x", "/ru/1.5"])
def test_an_article_opens_though_the_rest_of_its_address_is_wrong(tab: Opened, report: Path, more: str) -> None:
    assert read(tab, report, "budget", more).inner_text("#reading h1") == "News of budget"


def test_neighbours_follow_the_list(tab: Opened, report: Path) -> None:
    page = tab.open(report, "#articles?order=title")
    order = titles(page)
    page.click("#list .title >> nth=0")

    for title in order[1:]:
        page.click(".neighbours [rel=next]")
        wait_until(page, "title => document.querySelector('#reading h1')?.innerText === title", title)
    assert page.locator(".neighbours [rel=next]").count() == 0
    assert page.inner_text(".neighbours [rel=prev] span") == order[-2]


def test_an_article_without_a_translation_can_be_read(tab: Opened, report: Path) -> None:
    page = read(tab, report, "bare")

    assert page.locator(".text .side").all_inner_texts() == ["Nobody read this.", "Or that."]
    assert "There is no translation" in page.inner_text(".notice")


def test_text_from_right_to_left_runs_that_way_beside_text_that_does_not(tab: Opened, report: Path) -> None:
    page = read(tab, report, "untitled")

    direction = "node => getComputedStyle(node).direction"
    assert page.locator("#reading .side.source").first.evaluate(direction) == "rtl"
    assert page.locator("#reading .side.target").first.evaluate(direction) == "ltr"
    assert page.locator("#reading h1").evaluate(direction) == "rtl"
    assert page.locator("#reading .kicker").evaluate(direction) == "ltr"
    assert page.get_attribute("#reading .side.source", "lang") == "ar"


def test_search_finds_words_in_all_texts(tab: Opened, report: Path) -> None:
    page = tab.open(report, "#search")

    page.fill("#query [name=q]", "ПЯТНИЦУ")
    page.keyboard.press("Enter")
    page.wait_for_selector("#hits-found:has-text('2 places')")
    assert page.locator("#hits mark").all_inner_texts() == ["пятницу", "пятницу"]
    page.click("#hits a >> nth=0")
    page.wait_for_selector(".segment.lit")
    assert lit(page) == ["The vote was on Friday.", "Голосование прошло в пятницу."]


@pytest.mark.parametrize(
    ("fragment", "told"),
    [
        ("?q=vote was", "2 places"),
        ("?q=vote  was&side=target", "Nothing was found."),
        ("?q=.*", "Nothing was found."),
        ("?q=nobody", "1 place"),
        ("?q=слово", "1 place"),
        ("?q=(((", "Nothing was found."),
        ("?q=-", "Nothing was found."),
    ],
)
def test_search_takes_words_as_they_stand(tab: Opened, report: Path, fragment: str, told: str) -> None:
    page = tab.open(report, f"#search{fragment}")

    wait_until(page, "() => /found|places?$/.test(document.querySelector('#hits-found').innerText)")
    assert page.inner_text("#hits-found") == told


def test_everything_can_be_reached_with_the_keyboard(tab: Opened, report: Path) -> None:
    page = tab.open(report)
    focused = "document.activeElement.innerText"

    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to the content"
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate(focused).startswith("Articles")
    page.keyboard.press("Enter")
    page.wait_for_selector("#articles:not([hidden])")
    press_until(
        page,
        "Tab",
        "document.activeElement.matches('#list .title') && document.activeElement.innerText.includes('budget')",
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("#reading .segment")
    press_until(page, "Tab", "document.activeElement.matches('.segment')")
    assert lit(page) == ["Parliament adopts the budget", "Բյուջեն"]
    for key, source in (
        ("ArrowDown", RU[1]),
        ("End", RU[3]),
        ("ArrowUp", RU[2]),
        ("Home", RU[0]),
        ("ArrowLeft", RU[0]),
    ):
        page.keyboard.press(key)
        assert lit(page)[0] == source[0]
    page.keyboard.press("Enter")
    assert page.locator(".details").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".details").count() == 0


def press_until(page: Any, key: str, condition: str) -> None:
    for _ in range(60):
        if page.evaluate(condition):
            return
        page.keyboard.press(key)
    pytest.fail(f"{condition} never came true")


@pytest.mark.parametrize("fragment", ["", "#articles", "#search?q=слово", "ar", "en"])
def test_a_phone_needs_not_scroll_sideways(browser: Any, report: Path, fragment: str) -> None:
    names = {"ar": f"#{article_id('untitled')}/en/1", "en": f"#{article_id('budget')}/ru/2"}
    with opened(browser, viewport=PHONE, is_mobile=True, has_touch=True) as tab:
        page = tab.open(report, names.get(fragment, fragment))
        page.wait_for_timeout(300)

        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_phone_shows_a_translation_below_its_source(browser: Any, report: Path) -> None:
    with opened(browser, viewport=PHONE, is_mobile=True, has_touch=True) as tab:
        page = read(tab, report, "budget", "/ru")

        for row in page.locator(".text .paragraph").all():
            source, target = (row.locator(f".side.{side}").bounding_box() for side in ("source", "target"))
            assert source["y"] + source["height"] <= target["y"]
        page.tap("text=It took 40 minutes.")
        assert "A number is missing" in page.inner_text(".details")


def test_light_and_dark_follow_the_system(browser: Any, report: Path) -> None:
    found = {}
    for scheme in ("light", "dark"):
        with opened(browser, color_scheme=scheme) as tab:
            page = tab.open(report)
            found[scheme] = page.evaluate(
                """[
                    getComputedStyle(document.body).backgroundColor,
                    getComputedStyle(document.querySelector('.chart text')).fill,
                ]"""
            )

    assert found == {
        "light": ["rgb(251, 250, 247)", "rgb(92, 96, 104)"],
        "dark": ["rgb(22, 24, 27)", "rgb(163, 165, 169)"],
    }


def test_paper_gets_the_text_and_nothing_to_press(tab: Opened, report: Path) -> None:
    page = read(tab, report, "budget", "/ru")

    page.emulate_media(media="print")

    for name in (".top", ".tools", ".hint", ".neighbours", ".back"):
        assert not page.locator(name).first.is_visible(), name
    assert page.locator(".segment").first.is_visible()


def test_without_script_the_overview_is_there_with_a_note(browser: Any, report: Path) -> None:
    with opened(browser, java_script_enabled=False) as tab:
        tab.page.goto(report.as_uri())

        assert tab.page.locator("svg.chart").first.is_visible()
        assert "The articles need JavaScript" in tab.page.inner_text("body")


def test_parts_lead_to_each_other(browser: Any, report: Path, tmp_path: Path) -> None:
    newsmt("report", report.parent, "--output", tmp_path / "site", "--articles-per-page", "2")
    with opened(browser) as tab:
        tab.page.goto((tmp_path / "site" / "index.html").as_uri())
        tab.page.click("text=Part 1")
        tab.page.wait_for_selector("#list .title")
        first = titles(tab.page)
        tab.page.click("#list .title >> nth=1")
        tab.page.click(".neighbours [rel=next]")
        wait_until(tab.page, "() => location.pathname.endsWith('part-0002.html')")
        tab.page.wait_for_selector("#reading .text")
        third = tab.page.inner_text("#reading h1")
        tab.page.click(".neighbours [rel=prev]")
        wait_until(tab.page, "() => location.pathname.endsWith('part-0001.html')")
        tab.page.wait_for_selector("#reading .text")

        assert tab.page.inner_text("#reading h1") == first[-1]
        assert third not in first
        assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_keeps_people_with_disabilities_out(
    browser: Any, report: Path, scheme: str, viewport: dict[str, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = []
    # The checker is a script of its own, which the policy would stop.
    with opened(browser, color_scheme=scheme, viewport=viewport, bypass_csp=True) as tab:
        for fragment in ("", "#articles", "#search?q=vote", f"#{article_id('budget')}/ru/2", f"#{article_id('bare')}"):
            page = tab.open(report, fragment)
            page.wait_for_timeout(200)
            if page.locator("#scores").count():
                page.check("#scores")
            found += [
                (fragment, one["id"], one["nodes"][0]["html"])
                for one in axe.Axe().run(page).response["violations"]
                if one["impact"] in {"serious", "critical"}
            ]

    assert found == []
