from __future__ import annotations

from datetime import datetime, timezone

import pytest

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.nitf import is_nitf, read_nitf
from pipeline.types import Article, Reject

STORY = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-6.dtd">
<nitf xml:lang="ru">
  <head>
    <title>Дождь</title>
    <tobject><tobject.subject tobject.subject.type="Погода"/></tobject>
    <docdata>
      <doc-id id-string="https://news.example/rain"/>
      <date.issue norm="20260303T101500+0400"/>
      <doc.copyright year="2026" holder="Вестник"/>
      <key-list><keyword key="река"/><keyword key="Река"/><keyword key="дождь"/></key-list>
    </docdata>
    <pubdata name="Вестник"/>
    <revision-history norm="20260303T090000Z"/>
    <revision-history norm="20260303T120000Z"/>
  </head>
  <body>
    <body.head>
      <hedline><hl1>Дождь затопил <em>старый</em> город</hl1><hl2>Река поднялась на два метра</hl2></hedline>
      <byline>Автор <person>Анна Петрова</person>, <byttl>корреспондент</byttl></byline>
      <dateline><location>Ереван</location></dateline>
      <abstract><p>Коротко о дожде.</p></abstract>
    </body.head>
    <body.content>
      <block>
        <p>В ночь на вторник река поднялась
           на&nbsp;два метра.</p>
        <media media-type="image">
          <media-reference source="r.jpg">r.jpg</media-reference>
          <media-caption><p>Набережная во вторник.</p></media-caption>
          <media-producer>Фото: И. Иванов</media-producer>
        </media>
        <hl2>Школы</hl2>
        <p>Школы <org>города</org> закрыты.</p><note><p>Только для подписчиков.</p></note>
        <ul><li>Школа № 1;</li><li>Школа № 2.</li></ul>
        <table><tr><th>День</th><th>мм</th></tr><tr><td>Вт</td><td>40</td></tr></table>
      </block>
    </body.content>
    <body.end><tagline>Перепечатка запрещена</tagline></body.end>
  </body>
</nitf>
"""


def read(text: str | bytes) -> Article | Reject:
    data = text.encode() if isinstance(text, str) else text
    [found] = read_nitf(Content(head=data, pieces=iter((data,)), source_uri="a.xml"), ReadingOptions())
    return found


def article(text: str | bytes) -> Article:
    found = read(text)
    assert isinstance(found, Article), found
    return found


def test_story_with_its_metadata() -> None:
    found = article(STORY)

    assert [(one.kind, one.text) for one in found.paragraphs] == [
        ("headline", "Дождь затопил старый город"),
        ("caption", "Река поднялась на два метра"),
        ("body", "В ночь на вторник река поднялась на два метра."),
        ("caption", "Набережная во вторник."),
        ("caption", "Школы"),
        ("body", "Школы города закрыты."),
        ("caption", "Школа № 1;"),
        ("body", "Школа № 2."),
        ("caption", "День | мм"),
        ("body", "Вт | 40"),
    ]
    assert (found.url, found.publisher, found.authors) == ("https://news.example/rain", "Вестник", ("Анна Петрова",))
    assert found.published_at == datetime(2026, 3, 3, 6, 15, tzinfo=timezone.utc)
    assert found.updated_at == datetime(2026, 3, 3, 12, 0, tzinfo=timezone.utc)
    assert (found.claimed_language, found.section, found.keywords) == ("ru", "Погода", ("река", "дождь"))
    assert (found.licence, found.notes, found.encoding) == ("© 2026 Вестник", (), "utf-8")


@pytest.mark.parametrize("prefix", ["", "n:"], ids=["no prefix", "prefix"])
def test_namespaces_make_no_difference(prefix: str) -> None:
    name = ":n" if prefix else ""
    found = article(
        f'<{prefix}nitf xmlns{name}="http://iptc.org/std/NITF/2006-10-18/"><{prefix}body><{prefix}body.head>'
        f"<{prefix}hedline><{prefix}hl1>Rain floods the town</{prefix}hl1></{prefix}hedline></{prefix}body.head>"
        f"<{prefix}body.content><{prefix}p>Schools are closed.</{prefix}p></{prefix}body.content>"
        f"</{prefix}body></{prefix}nitf>"
    )

    assert [one.text for one in found.paragraphs] == ["Rain floods the town", "Schools are closed."]


def test_byline_without_person_and_copyright_without_year() -> None:
    found = article(
        "<nitf><head><title>Rain</title><docdata><doc.copyright holder='The Herald'/><date.issue norm='soon'/>"
        "</docdata></head>"
        "<body><body.head><byline>By Anna Petrova and Ben Lee</byline><distributor>Valley Wire</distributor>"
        "</body.head>"
        "<body.content><p>Schools are closed.</p></body.content></body></nitf>"
    )

    assert (found.authors, found.licence, found.publisher) == (("Anna Petrova", "Ben Lee"), "The Herald", "Valley Wire")
    assert (found.published_at, found.notes) == (None, (Note.BAD_DATE.value,))


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("<nitf><body></body></nitf>", Reason.EMPTY, "no text"),
        ("<nitf>\n<body>", Reason.BAD_RECORD, "line 2"),
        ('<!DOCTYPE nitf [<!ENTITY x SYSTEM "file:///etc/passwd">]><nitf>&x;</nitf>', Reason.BAD_RECORD, "entity `x`"),
        ("<nitf>" + " " * (16 << 20) + "</nitf>", Reason.TOO_LARGE, "at most"),
    ],
    ids=["empty", "cut", "entity", "large"],
)
def test_rejects(text: str, reason: Reason, detail: str) -> None:
    found = read(text)

    assert isinstance(found, Reject)
    assert (found.reason, found.payload_bytes) == (reason, len(text.encode()))
    assert detail in found.detail


@pytest.mark.parametrize(
    ("head", "expected"),
    [(STORY.encode(), True), (b"<html><nitf>", False), (b"nitf", False), (b'{"uri": "<nitf>"}', False)],
)
def test_sniff(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_nitf(head) is expected
