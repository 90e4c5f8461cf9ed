from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.boilerplate import MAX_CHARS, MIN_ARTICLES, is_worded_as_boilerplate, keys_of, marked
from pipeline.identify import identify
from pipeline.marking import Marker
from pipeline.packaged import read_toml
from pipeline.types import Article, IdentifiedArticle, Paragraph

DATA = Path(__file__).parents[3] / "shared" / "data"
WORDINGS: list[dict[str, Any]] = read_toml("pipeline", "boilerplate.toml")["wordings"]
PLEA = "Spotted a mistake? Tell the newsroom of the Courier."


def make(*texts: str, publisher: str | None = "Courier", url: str | None = None) -> IdentifiedArticle:
    paragraphs = (Paragraph(text="Bridge opens", kind="headline"), *(Paragraph(text=text) for text in texts))
    found = identify(Article(source_uri="a.txt", paragraphs=paragraphs, publisher=publisher, url=url))
    assert isinstance(found, IdentifiedArticle)
    return found


def boilerplate_of(article: IdentifiedArticle) -> list[str]:
    return [article.text[span.start : span.end] for span in article.paragraphs if span.is_boilerplate]


@pytest.mark.parametrize("example", [text for rule in WORDINGS for text in rule["examples"]])
def test_examples_are_boilerplate(example: str) -> None:
    assert is_worded_as_boilerplate(example)
    assert is_worded_as_boilerplate(f"▶  {example.upper()}")


@pytest.mark.parametrize("other", [text for rule in WORDINGS for text in rule["others"]])
def test_sentences_that_look_like_it_are_not(other: str) -> None:
    assert not is_worded_as_boilerplate(other)


def test_every_language_has_wordings_with_examples_of_both_kinds() -> None:
    assert {rule["language"] for rule in WORDINGS} == {"en", "ru", "hy"}
    assert all(rule["examples"] and rule["others"] for rule in WORDINGS)


def test_long_paragraphs_are_text() -> None:
    assert not is_worded_as_boilerplate("Read more: " + "rain " * MAX_CHARS)


@pytest.mark.skipif(not DATA.is_dir(), reason="the development data is not here")
def test_no_paragraph_of_the_development_data_is_boilerplate() -> None:
    for file in sorted((DATA / "news").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            assert not [text for text in json.loads(line)["paragraphs"] if is_worded_as_boilerplate(text)]


def test_wordings_are_marked_but_in_headlines() -> None:
    article = make("Read more:", "The bridge opened on Friday.")
    assert boilerplate_of(marked(article, ())) == ["Read more:"]
    headline = identify(Article(source_uri="a", paragraphs=(Paragraph(text="Read more:", kind="headline"),)))
    assert isinstance(headline, IdentifiedArticle)
    assert marked(headline, ()) is headline


@pytest.mark.parametrize(
    ("text", "is_counted"),
    [
        pytest.param(PLEA, True, id="short paragraph"),
        pytest.param("“No.”", False, id="answer"),
        pytest.param("* * * * * * * * * * *", False, id="no letters"),
        pytest.param("word " * 50, False, id="long paragraph"),
    ],
)
def test_which_paragraphs_are_counted(text: str, *, is_counted: bool) -> None:
    headline, body = keys_of(make(text))
    assert headline is None
    assert (body is not None) is is_counted


def test_key_is_of_publisher_and_wording() -> None:
    key = keys_of(make(PLEA))
    assert key == keys_of(make(PLEA.upper().replace(" ", "  "), publisher="COURIER"))
    assert key != keys_of(make(PLEA, publisher="Herald"))
    assert keys_of(make(PLEA, publisher=None)) == (None, None)
    hosts = ["https://www.courier.example/1", "http://courier.example/2?x#y"]
    assert len({keys_of(make(PLEA, publisher=None, url=url)) for url in hosts}) == 1


def test_what_stood_in_enough_other_articles_is_boilerplate() -> None:
    marker = Marker(lambda _: {})
    found = []
    for number in range(MIN_ARTICLES + 2):
        article = make(f"Bridge number {number} opened on Friday.", PLEA)
        keys = keys_of(article)
        marker.look_up([keys])
        found.append(boilerplate_of(marked(article, marker.frequent(keys, is_first=True))))
        marker.count(key for key in keys if key is not None)
    assert found == [[]] * MIN_ARTICLES + [[PLEA]] * 2


def test_an_article_that_was_counted_does_not_count_against_itself() -> None:
    article = make(PLEA)
    key = keys_of(article)[1]
    assert key is not None
    marker = Marker(lambda _: {key: MIN_ARTICLES})
    keys = keys_of(article)
    marker.look_up([keys])
    assert boilerplate_of(marked(article, marker.frequent(keys, is_first=True))) == [PLEA]
    assert boilerplate_of(marked(article, marker.frequent(keys, is_first=False))) == []
