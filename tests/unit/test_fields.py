from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from pipeline.errors import Note, Reason
from pipeline.identify import identify
from pipeline.ingest.fields import RecordError, article_of, missing_fields, shape_of
from pipeline.types import Article, IdentifiedArticle, Paragraph

URL = "https://vestnik.example/bridge"
DAY = datetime(2020, 11, 13, tzinfo=timezone.utc)
TEXT = "Мост открыли утром.\nПроезд бесплатный."
BODY = ("Мост открыли утром.", "Проезд бесплатный.")


def read(record: object, fields: Mapping[str, str] | None = None) -> Article:
    return article_of(record, source_uri="day.jsonl#1", encoding="utf-8", fields=fields or {})


def texts(article: Article) -> tuple[str, ...]:
    return tuple(paragraph.text for paragraph in article.paragraphs)


NEWS_PLEASE = {
    "title": "Мост открыт", "maintext": TEXT, "description": "Коротко", "authors": ["Иван Петров"], "url": URL,
    "date_publish": "2020-11-13 00:00:00", "date_modify": None, "language": "ru", "source_domain": "vestnik.example",
}  # fmt: skip
TRAFILATURA = {
    "title": "Мост открыт", "author": "Иван Петров; Анна Котова", "hostname": "vestnik.example", "date": "2020-11-13",
    "text": TEXT, "language": "ru", "source": URL, "source-hostname": "Вестник", "excerpt": "Коротко",
    "categories": "Город", "tags": "мост,река", "license": "CC BY 4.0",
}  # fmt: skip
FUNDUS = {
    "title": "Мост открыт", "authors": ["Иван Петров"], "publishing_date": "2020-11-13 00:00:00+00:00", "lang": "ru",
    "body": {"summary": [], "sections": [
        {"headline": [], "paragraphs": [BODY[0]]}, {"headline": [], "paragraphs": [BODY[1]]},
    ]},
    "html": {"requested_url": URL, "content": "<p>"}, "topics": ["мост", "река"],
}  # fmt: skip
NEWSPAPER = {
    "title": "Мост открыт", "authors": ["Иван Петров"], "publish_date": "2020-11-13T00:00:00", "text": TEXT,
    "meta_lang": "ru", "source_url": "https://vestnik.example", "url": URL,
}  # fmt: skip
DOLMA = {
    "id": "1", "text": TEXT, "added": "2024-01-01", "created": "2020-11-13T00:00:00Z", "source": "crawl",
    "metadata": {"url": URL, "title": "Мост открыт", "language": "ru"},
}  # fmt: skip
SCHEMA_ORG = {
    "@type": "NewsArticle", "headline": "Мост открыт", "articleBody": TEXT, "datePublished": "2020-11-13",
    "author": {"@type": "Person", "name": "Иван Петров"}, "publisher": {"name": "Вестник"}, "url": URL,
    "inLanguage": "ru",
}  # fmt: skip
JSON_FEED = {
    "id": "1", "url": URL, "title": "Мост открыт", "content_text": TEXT, "date_published": "2020-11-13",
    "authors": [{"name": "Иван Петров"}], "language": "ru",
}  # fmt: skip
ROW = {"title": "Мост открыт", "text": TEXT, "date": "2020-11-13", "link": URL, "lang": "ru", "author": "Иван Петров"}


@pytest.mark.parametrize(
    ("record", "shape"),
    [
        pytest.param(NEWS_PLEASE, "news-please", id="news-please"),
        pytest.param(TRAFILATURA, "trafilatura", id="trafilatura"),
        pytest.param(FUNDUS, "fundus", id="fundus"),
        pytest.param(NEWSPAPER, "newspaper4k", id="newspaper4k"),
        pytest.param(DOLMA, "datatrove or Dolma", id="dolma"),
        pytest.param(SCHEMA_ORG, "schema.org", id="schema.org"),
        pytest.param(JSON_FEED, "JSON Feed", id="json feed"),
        pytest.param(ROW, "title and text", id="row"),
    ],
)
def test_shape_is_known_by_sight(record: dict[str, Any], shape: str) -> None:
    article = read(record)

    assert shape_of(record, {}) == shape
    assert texts(article) == ("Мост открыт", *BODY)
    assert article.paragraphs[0].kind == "headline"
    assert (article.url, article.claimed_language, article.published_at) == (URL, "ru", DAY)
    assert not article.notes
    assert "Иван Петров" in article.authors or shape == "datatrove or Dolma"


def test_all_metadata_are_read() -> None:
    article = read(TRAFILATURA)

    assert article.authors == ("Иван Петров", "Анна Котова")
    assert (article.publisher, article.section, article.licence) == ("Вестник", "Город", "CC BY 4.0")
    assert article.keywords == ("мост", "река")


def test_section_headlines_of_fundus_stand_in_reading_order() -> None:
    body = {"summary": ["Lead."], "sections": [{"headline": ["Toll"], "paragraphs": ["None.", "Ever."]}]}

    assert texts(read({**FUNDUS, "body": body})) == ("Мост открыт", "Lead.", "Toll", "None.", "Ever.")


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"text": "a", "url": "u", "dump": "CC-1", "date": "2024-01-01"}, id="flat"),
        pytest.param({"text": "a", "metadata": {"url": "u", "dump": "CC-1", "date": "2024-01-01"}}, id="nested"),
    ],
)
def test_day_of_a_crawl_is_no_day_of_publication(record: dict[str, Any]) -> None:
    article = read(record)

    assert shape_of(record, {}) == "FineWeb"
    assert (article.url, article.published_at) == ("u", None)


def test_address_of_a_site_is_no_address_of_an_article() -> None:
    record = {name: value for name, value in NEWSPAPER.items() if name != "url"}

    assert read(record).url is None


def test_title_that_begins_the_text_is_read_once() -> None:
    assert texts(read({**NEWS_PLEASE, "maintext": f"Мост открыт\n{TEXT}"})) == ("Мост открыт", *BODY)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(["Ann Lee", "Bo Ek", "Ann Lee"], ("Ann Lee", "Bo Ek"), id="list, each once"),
        pytest.param("Ann Lee, Bo Ek; Cy Wu", ("Ann Lee", "Bo Ek", "Cy Wu"), id="string"),
        pytest.param([{"name": "Ann Lee"}, {"role": "x"}, 5, None, " "], ("Ann Lee",), id="objects and others"),
        pytest.param({"name": "Ann Lee"}, ("Ann Lee",), id="object"),
        pytest.param("['Ann Lee', 'Bo Ek']", ("Ann Lee", "Bo Ek"), id="list of Python as text"),
        pytest.param("", (), id="empty"),
        pytest.param(17, (), id="number"),
    ],
)
def test_authors_and_keywords(value: object, expected: tuple[str, ...]) -> None:
    article = read({"text": "a", "authors": value, "keywords": value})

    assert (article.authors, article.keywords) == (expected, expected)


def test_metadata_of_the_wrong_type_cost_no_article() -> None:
    record = {
        "maintext": "a", "title": 5, "url": 5, "source_domain": [], "language": {}, "authors": True, "date_publish": {},
    }  # fmt: skip
    article = read(record)

    assert texts(article) == ("a",)
    assert (article.url, article.publisher, article.claimed_language, article.authors) == (None, None, None, ())


@pytest.mark.parametrize("name", ["published_at", "updated_at"])
def test_date_that_does_not_exist_is_noted(name: str) -> None:
    article = read({"text": "a", name: "2020-02-31"})

    assert article.notes == (Note.BAD_DATE.value,)
    assert (article.published_at, article.updated_at) == (None, None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"text": "content.body"}, ("One.", "Two."), id="nested"),
        pytest.param({"text": "content.body", "title": "content.head"}, ("Storm", "One.", "Two."), id="title"),
        pytest.param({"paragraphs": "content.blocks.text"}, ("A.", "B."), id="of each item"),
        pytest.param({"text": "content.blocks.2.text"}, ("B.",), id="of one item"),
        pytest.param({"text": "dotted.name"}, ("Dots.",), id="dots in a name"),
        pytest.param({"text": "content.lines"}, ("One.", "Two."), id="list of strings"),
    ],
)
def test_fields_of_the_user(fields: dict[str, str], expected: tuple[str, ...]) -> None:
    record = {
        "content": {
            "head": "Storm", "body": "One.\n\nTwo.", "blocks": [{"text": "A."}, {"image": 1}, {"text": "B."}],
            "lines": ["One.", " ", "Two."],
        },
        "dotted.name": "Dots.",
    }  # fmt: skip

    assert texts(read(record, fields)) == expected
    assert shape_of(record, fields) == "[input.fields]"


def test_fields_of_the_user_go_before_those_of_the_shape() -> None:
    article = read({**NEWS_PLEASE, "link": {"amp": "https://amp.example"}}, {"url": "link.amp"})

    assert (article.url, article.publisher) == ("https://amp.example", "vestnik.example")
    assert texts(article) == ("Мост открыт", *BODY)


def test_mapped_text_that_is_not_there_is_named() -> None:
    with pytest.raises(RecordError, match=r"`content.body`, the `text` of \[input.fields\], is not there; found: a, b"):
        read({"a": 1, "b": 2}, {"text": "content.body"})


def test_mapped_metadata_that_are_not_there_are_left_out() -> None:
    fields = {"text": "text", "authors": "people"}

    assert read({"text": "a"}, fields).authors == ()
    assert missing_fields({"text": "a"}, fields) == ("people",)


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        pytest.param({"translation": {"ru": "а", "en": "a"}}, Reason.BAD_RECORD, 'text = "translation.en"', id="pair"),
        pytest.param({"body": "a"}, Reason.BAD_RECORD, "found: body; name the field", id="unknown"),
        pytest.param({}, Reason.BAD_RECORD, "found: nothing", id="nothing"),
        pytest.param({"maintext": 5}, Reason.BAD_RECORD, "`maintext` is a number", id="wrong type"),
        pytest.param({"maintext": None, "title": None}, Reason.EMPTY, "no text", id="nulls"),
        pytest.param({"title": None, "text": None}, Reason.EMPTY, "no text", id="nulls of a row"),
        pytest.param({"uri": "urn:1", "versioncreated": "2020-11-13"}, Reason.EMPTY, "no text", id="ninjs"),
        pytest.param([], Reason.BAD_RECORD, "a list; expected", id="list"),
    ],
)
def test_record_without_an_article(record: object, reason: Reason, detail: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(record)

    assert caught.value.reason is reason
    assert detail in caught.value.detail


@pytest.mark.parametrize("record", [5, {"body": "a"}], ids=["number", "unknown fields"])
def test_shape_of_anything_else_is_unknown(record: object) -> None:
    assert shape_of(record, {}) == "unknown"


def test_ninjs_is_known() -> None:
    record = {"uri": "urn:1", "versioncreated": "2020-11-13T00:00:00Z", "headline": "Storm", "body_text": "It came."}

    assert shape_of(record, {}) == "ninjs"
    assert texts(read(record)) == ("Storm", "It came.")


CORPUS_ARTICLES = (
    Article(source_uri="a", paragraphs=(Paragraph(text="Мост открыт", kind="headline"), Paragraph(text=BODY[0]))),
    Article(source_uri="a", paragraphs=(Paragraph(text="Մեկ տող։\nԵրկու տող։"),), url=URL),
    Article(source_uri="a", paragraphs=(Paragraph(text="Alone", kind="headline"),), notes=("mojibake-repaired",)),
    Article(source_uri="a", paragraphs=(Paragraph(text="A."), Paragraph(text="B.\nC."))),
)


@pytest.mark.parametrize("article", CORPUS_ARTICLES, ids=["title", "lines", "title alone", "no title"])
def test_row_of_the_corpus_gives_the_same_article(article: Article) -> None:
    first = identify(article)
    assert isinstance(first, IdentifiedArticle)
    row = {
        "article_id": first.article_id, "content_sha256": first.content_sha256, "title": first.title,
        "text": first.text, "url": first.url, "claimed_language": None, "notes": list(first.notes),
    }  # fmt: skip
    again = identify(read(row))

    assert shape_of(row, {}) == "newsmt corpus"
    assert isinstance(again, IdentifiedArticle)
    assert (again.article_id, again.content_sha256, again.title) == (
        first.article_id,
        first.content_sha256,
        first.title,
    )
    assert again.notes == first.notes


def test_markup_of_a_json_feed_becomes_paragraphs() -> None:
    record = {
        "id": "1",
        "url": "https://news.example/1",
        "title": "Lake opens",
        "content_html": "<p>The lake <b>opened</b> on Friday.</p><p>Boats came &amp; went.</p>",
    }

    article = article_of(record, source_uri="a.json#1", encoding="utf-8", fields={})

    assert [paragraph.text for paragraph in article.paragraphs] == [
        "Lake opens",
        "The lake opened on Friday.",
        "Boats came & went.",
    ]
    assert article.url == "https://news.example/1"
