from __future__ import annotations

from datetime import datetime, timezone

import pytest

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.newsml import is_newsml, read_newsml
from pipeline.types import Article, Reject

ITEM = """
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="2" standard="NewsML-G2" xml:lang="hy">
  <rightsInfo><copyrightHolder literal="Լրատու"/><copyrightNotice>© 2026 Լրատու</copyrightNotice></rightsInfo>
  <itemMeta>
    <itemClass qcode="ninat:text"/><provider qcode="nprov:LRATU"><name>Լրատու</name></provider>
    <versionCreated>2026-03-03T12:00:00+04:00</versionCreated>
    <firstCreated>2026-03-03T10:15:00+04:00</firstCreated>
    <service><name>Եղանակ</name></service>
    <title>Անձրև</title>
  </itemMeta>
  <contentMeta>
    <contentCreated>2026-03-02</contentCreated>
    <creator qcode="x:1"><name>Աննա Պետրոսյան</name></creator><creator literal="Բեն Լի"/>
    <language tag="hy"/>
    <subject qcode="medtop:17000000"><name>եղանակ</name><broader><name>բնություն</name></broader></subject>
    <keyword>գետ</keyword>
    <headline>Անձրևը ողողեց հին քաղաքը</headline>
  </contentMeta>
  <contentSet>{content}</contentSet>
</newsItem>
"""
XHTML = """<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head>
<title>x</title></head><body><h1>Անձրևը ողողեց հին քաղաքը</h1><p>
Երկուշաբթի գիշերը <a href="#">գետը</a> բարձրացավ երկու մետրով։</p>
<figure><img src="a.jpg"/><figcaption>Առափնյան։</figcaption></figure>
<p>Դպրոցները փակ են։</p></body></html></inlineXML>"""
NITF = """<inlineXML contenttype="application/nitf+xml"><n:nitf xmlns:n="http://iptc.org/std/NITF/2006-10-18/"><n:body>
<n:body.head><n:hedline><n:hl1>Այլ վերնագիր</n:hl1></n:hedline></n:body.head>
<n:body.content><n:p>Դպրոցները փակ են։</n:p></n:body.content></n:body></n:nitf></inlineXML>"""
PLAIN = """<inlineData contenttype="text/plain">Գետը բարձրացավ։

Դպրոցները փակ են։</inlineData>"""
HTML_DATA = (
    """<inlineData contenttype="text/html">&lt;p&gt;Գետը բարձրացավ։&lt;br&gt;&lt;p&gt;Դպրոցները փակ են։</inlineData>"""
)
REMOTE = '<remoteContent href="https://news.example/a.jpg" contenttype="image/jpeg"/>'


def item(content: str, guid: str = "https://news.example/rain") -> str:
    return ITEM.format(content=content, guid=guid)


def read(text: str) -> list[Article | Reject]:
    data = text.strip().encode()
    return list(read_newsml(Content(head=data, pieces=iter((data,)), source_uri="a.xml"), ReadingOptions()))


def article(text: str) -> Article:
    [found] = read(text)
    assert isinstance(found, Article), found
    return found


def test_item_with_its_metadata() -> None:
    found = article(item(XHTML))

    assert [(one.kind, one.text) for one in found.paragraphs] == [
        ("headline", "Անձրևը ողողեց հին քաղաքը"),
        ("body", "Երկուշաբթի գիշերը գետը բարձրացավ երկու մետրով։"),
        ("caption", "Առափնյան։"),
        ("body", "Դպրոցները փակ են։"),
    ]
    assert (found.source_uri, found.url, found.publisher) == ("a.xml", "https://news.example/rain", "Լրատու")
    assert found.published_at == datetime(2026, 3, 3, 6, 15, tzinfo=timezone.utc)
    assert found.updated_at == datetime(2026, 3, 3, 8, 0, tzinfo=timezone.utc)
    assert (found.claimed_language, found.section) == ("hy", "Եղանակ")
    assert (found.authors, found.keywords) == (("Աննա Պետրոսյան", "Բեն Լի"), ("գետ", "եղանակ"))
    assert found.licence == "© 2026 Լրատու"


@pytest.mark.parametrize(
    ("content", "body"),
    [
        pytest.param(NITF, ["Դպրոցները փակ են։"], id="nitf"),
        pytest.param(PLAIN, ["Գետը բարձրացավ։", "Դպրոցները փակ են։"], id="plain"),
        pytest.param(HTML_DATA, ["Գետը բարձրացավ։", "Դպրոցները փակ են։"], id="html as data"),
        pytest.param(REMOTE + PLAIN + XHTML, ["Գետը բարձրացավ։", "Դպրոցները փակ են։"], id="the first form with text"),
        pytest.param(
            '<inlineXML><story xmlns=""><p>Գետը բարձրացավ։</p><p>Դպրոցները փակ են։</p></story></inlineXML>',
            ["Գետը բարձրացավ։", "Դպրոցները փակ են։"],
            id="markup of one's own",
        ),
    ],
)
def test_forms_of_content(content: str, body: list[str]) -> None:
    assert [one.text for one in article(item(content)).paragraphs] == ["Անձրևը ողողեց հին քաղաքը", *body]


def test_message_holds_an_article_for_each_item() -> None:
    items = item(PLAIN, "urn:newsml:1") + item(REMOTE, "urn:newsml:2") + item(NITF, "https://news.example/3")
    message = (
        '<x:newsMessage xmlns:x="http://iptc.org/std/nar/2006-10-01/"><x:itemSet><x:packageItem guid="urn:p"/>'
        f"{items}</x:itemSet></x:newsMessage>"
    )

    first, second, third = read(message)

    assert isinstance(first, Article)
    assert isinstance(second, Reject)
    assert isinstance(third, Article)
    assert (first.source_uri, first.url) == ("a.xml#1", None)
    assert (second.source_uri, second.reason) == ("a.xml#2", Reason.EMPTY)
    assert "image/jpeg elsewhere (https://news.example/a.jpg)" in second.detail
    assert b"urn:newsml:2" in second.payload
    assert (third.source_uri, third.url) == ("a.xml#3", "https://news.example/3")


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        (
            '<packageItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:p"/>',
            Reason.EMPTY,
            "packages and concepts only refer",
        ),
        (item(""), Reason.EMPTY, "holds no text"),
        ("<newsMessage>\n<itemSet>", Reason.BAD_RECORD, "line 2"),
        (
            '<!DOCTYPE newsItem [<!ENTITY x SYSTEM "file:///etc/passwd">]><newsItem>&x;</newsItem>',
            Reason.BAD_RECORD,
            "entity `x`",
        ),
    ],
    ids=["package", "no content", "cut", "entity"],
)
def test_rejects(text: str, reason: Reason, detail: str) -> None:
    [found] = read(text)

    assert isinstance(found, Reject)
    assert found.reason is reason
    assert detail in found.detail


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (item(PLAIN).strip().encode(), True),
        (b'<?xml version="1.0"?><m:newsMessage xmlns:m="http://iptc.org/std/nar/2006-10-01/">', True),
        (b"<newsItem><title>", False),
        (b"newsMessage", False),
    ],
)
def test_sniff(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_newsml(head) is expected
