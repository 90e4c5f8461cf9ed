"""A report of hostile articles in a real browser: whatever they hold stays text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Opened, chromium, needs_browser, opened, quiet_tab, titles, wait_until
from tests.commands import newsmt
from tests.report_corpus import article, article_id, translation, write_corpus

pytestmark = [pytest.mark.browser, needs_browser]

FRIDAY = datetime(2020, 11, 13, 9, 30, tzinfo=timezone.utc)
EVIL = (
    "</script><script>window.evil = 1</script>",
    '<img src=x onerror="window.evil = 2">',
    "{{ 7 * 7 }} ${window.evil = 3} <!-- ]]>",
    "&lt;b&gt; &amp; \u2028 \u202e evil \u0007 \x1b[31m",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Any) -> Iterator[Opened]:
    with quiet_tab(browser) as found:
        yield found


@pytest.fixture(scope="module")
def evil_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evil") / "out"
    articles, units = [], []
    for number, evil in enumerate(EVIL):
        row = article(
            f"{number}",
            title=evil,
            publisher=evil,
            section=evil,
            authors=[evil],
            published_at=FRIDAY + timedelta(hours=number),
        )
        row["url"] = [
            "javascript:window.evil=4",
            "data:text/html,<script>evil</script>",
            "//evil.example",
            "https://ok.example/<b>",
        ][number]
        articles.append(row)
        units += translation(
            row, "ru", [(evil, evil), (evil, evil)], flags=[evil], edits=[evil], retry=evil, models=[evil], kind=evil
        )
    write_corpus(folder, articles, units)
    newsmt("report", folder, "--title", EVIL[0] + EVIL[1])
    return folder / "report.html"


@pytest.mark.parametrize("number", range(len(EVIL)))
def test_hostile_text_stays_text(tab: Opened, evil_report: Path, number: int) -> None:
    page = tab.open(evil_report)
    elements = "[...document.querySelectorAll('script, img, iframe, b, object, embed')].map((node) => node.localName)"
    usual = page.evaluate(elements)
    page = tab.open(evil_report, "#articles")
    assert EVIL[0] in titles(page)

    page = tab.open(evil_report, f"#{article_id(str(number))}")
    page.wait_for_selector("#reading .text")
    page.click(".mark >> nth=0")
    shown = page.locator(".segment").first.evaluate("node => node.textContent")
    page.goto(f"{evil_report.as_uri()}#search?q=evil")
    wait_until(page, "() => /places?$/.test(document.querySelector('#hits-found').innerText)")

    assert shown == EVIL[number].replace("\u0007", "␇").replace("\x1b", "␛")
    assert page.evaluate("window.evil") is None
    assert page.evaluate(elements) == usual == ["script"] * len(usual)


def test_only_addresses_of_the_web_become_links(tab: Opened, evil_report: Path) -> None:
    found = []
    for number in range(len(EVIL)):
        page = tab.open(evil_report, f"#{article_id(str(number))}")
        page.wait_for_selector("#reading .text")
        found += [
            (link.get_attribute("href"), link.get_attribute("rel"))
            for link in page.locator("#reading .lead a:not(.permalink)").all()
        ]

    assert found == [("https://ok.example/%3Cb%3E", "noopener noreferrer")]


def test_the_policy_stops_whatever_gets_into_the_page_all_the_same(browser: Any, evil_report: Path) -> None:
    with opened(browser) as tab:
        page = tab.open(evil_report)
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.evil = 1";
                document.body.append(script);
                const image = "<img src='https://evil.example/x.png' onerror='window.evil = 2'>";
                document.body.insertAdjacentHTML("beforeend", image);
                document.body.insertAdjacentHTML("beforeend", "<p id=styled style='color: red'>x</p>");
            }"""
        )
        page.wait_for_timeout(200)

        assert page.evaluate("window.evil") is None
        assert page.evaluate("fetch('https://evil.example/').then(() => 'fetched', () => 'refused')") == "refused"
        assert page.locator("#styled").evaluate("node => getComputedStyle(node).color") != "rgb(255, 0, 0)"
        assert any("Content Security Policy" in text for text in tab.complaints)
        assert not [url for url in tab.requests if url.startswith("http") and "evil" not in url]
