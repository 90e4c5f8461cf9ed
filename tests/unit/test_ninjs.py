from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from pipeline.errors import Note
from pipeline.ingest.ninjs import is_ninjs, ninjs_article
from pipeline.types import Article

FIRST: dict[str, Any] = {
    "uri": "https://news.example/rain",
    "type": "text",
    "language": "en",
    "firstcreated": "2026-03-03T10:15:00Z",
    "versioncreated": "2026-03-03T12:00:00Z",
    "headline": "Rain floods the old town",
    "byline": "By Anna Petrova and Ben Lee",
    "body_text": "The river rose by two metres. Schools stay closed.",
    "body_xhtml": "<p>The river rose by two metres.</p><p>Schools stay closed.</p>",
    "description_text": "What the rain did.",
    "subject": [{"name": "weather"}, {"code": "17000000"}],
    "keywords": ["river", "Weather"],
    "copyrightholder": "The Herald",
    "usageterms": "Editorial use only",
    "associations": {
        "main": {"type": "picture", "headline": "Embankment", "description_text": "The embankment on Tuesday."},
        "more": {"type": "text", "description_text": "Another story."},
    },
}
THIRD: dict[str, Any] = {
    "uri": "urn:newsml:news.example:rain",
    "standard": {"name": "ninjs", "version": "3.0"},
    "versionCreated": "2026-03-03T12:00:00Z",
    "contentCreated": "2026-03-03T10:15:00Z",
    "language": "ru",
    "headlines": [{"role": "short", "value": "Дождь"}, {"role": "main", "value": "Дождь затопил город"}],
    "bodies": [
        {"role": "text", "contentType": "text/plain", "value": "Река поднялась. Школы закрыты."},
        {"role": "html", "contentType": "text/html", "value": "<p>Река поднялась.</p><p>Школы закрыты.</p>"},
    ],
    "people": [{"name": "Анна Петрова", "rel": "author"}, {"name": "Глава города", "rel": "about"}],
    "subjects": [{"name": "погода"}],
    "infosources": [{"name": "Вестник"}],
    "copyrightNotice": "© 2026 Вестник",
    "associations": [
        {"name": "main", "type": "picture", "descriptions": [{"contentType": "text/plain", "value": "Набережная."}]}
    ],
}


def article(record: dict[str, Any]) -> Article:
    return ninjs_article(record, source_uri="a.json#1", encoding="utf-8")


def texts(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in article(record).paragraphs]


def test_first_version() -> None:
    found = article(FIRST)

    assert texts(FIRST) == [
        ("headline", "Rain floods the old town"),
        ("body", "The river rose by two metres."),
        ("body", "Schools stay closed."),
        ("caption", "The embankment on Tuesday."),
    ]
    assert (found.source_uri, found.url) == ("a.json#1", "https://news.example/rain")
    assert found.published_at == datetime(2026, 3, 3, 10, 15, tzinfo=timezone.utc)
    assert found.updated_at == datetime(2026, 3, 3, 12, 0, tzinfo=timezone.utc)
    assert (found.authors, found.keywords) == (("Anna Petrova", "Ben Lee"), ("river", "Weather"))
    assert (found.publisher, found.licence, found.claimed_language) == ("The Herald", "Editorial use only", "en")


def test_third_version() -> None:
    found = article(THIRD)

    assert texts(THIRD) == [
        ("headline", "Дождь затопил город"),
        ("body", "Река поднялась."),
        ("body", "Школы закрыты."),
        ("caption", "Набережная."),
    ]
    assert (found.url, found.publisher, found.licence) == (None, "Вестник", "© 2026 Вестник")
    assert found.published_at == datetime(2026, 3, 3, 10, 15, tzinfo=timezone.utc)
    assert (found.authors, found.keywords) == (("Анна Петрова",), ("погода",))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            {"body_xhtml": None},
            [("body", "The river rose by two metres. Schools stay closed.")],
            id="plain text",
        ),
        pytest.param(
            {"body_xhtml": None, "body_text": "One.\n\nTwo."}, [("body", "One."), ("body", "Two.")], id="blank line"
        ),
        pytest.param(
            {
                "body_xhtml": None,
                "body_nitf": "<nitf><body><body.content><p>One.</p></body.content></body></nitf>",
            },
            [("body", "One.")],
            id="nitf",
        ),
        pytest.param(
            {"body_xhtml": "", "body_nitf": "<nitf><body>"},
            [("body", "The river rose by two metres. Schools stay closed.")],
            id="broken nitf",
        ),
        pytest.param(
            {"body_xhtml": "<p>One<br/>and two.</p></ br><p>Three."},
            [("body", "One\nand two."), ("body", "Three.")],
            id="broken markup",
        ),
        pytest.param(
            {"type": "picture", "body_xhtml": None, "body_text": None},
            [("caption", "What the rain did.")],
            id="picture",
        ),
        pytest.param(
            {
                "body_xhtml": 5,
                "body_text": ["x"],
                "description_text": {},
                "bodies": "x",
                "descriptions": [5, {"value": 5}],
            },
            [],
            id="wrong types",
        ),
    ],
)
def test_bodies(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    record = {**FIRST, **change, "associations": {}}

    assert texts(record) == [("headline", "Rain floods the old town"), *expected]


def test_nothing_at_all_has_no_paragraphs_and_a_bad_date_is_noted() -> None:
    found = article(
        {"uri": "urn:x", "versioncreated": "yesterday", "associations": 5, "people": "x", "headlines": [None]}
    )

    assert (found.paragraphs, found.published_at, found.notes) == ((), None, (Note.BAD_DATE.value,))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (FIRST, True),
        (THIRD, True),
        ({"uri": "urn:x", "standard": {"name": "ninjs"}}, True),
        ({"uri": "urn:x", "title": "Rain", "text": "Schools are closed."}, False),
        ({"headline": "Rain", "versioncreated": "2026-03-03"}, False),
        ({"uri": 5, "bodies": []}, False),
        ([], False),
        (None, False),
    ],
)
def test_is_ninjs(record: object, expected: bool) -> None:  # noqa: FBT001
    assert is_ninjs(record) is expected
