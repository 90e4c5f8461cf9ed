from __future__ import annotations

from datetime import datetime, timezone
from html import escape

import pytest

from pipeline.errors import Note, Reason
from pipeline.ingest.content import DEFAULT_OPTIONS, Content
from pipeline.ingest.feeds import is_feed, read_feed
from pipeline.types import Article, Reject
from tests.web_pages import EN, HY, RU, article_body

CHANNEL = "<title>The Alder Post</title><link>https://alder.example</link><language>en-gb</language>"


def rss(*items: str, channel: str = CHANNEL) -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    entries = "".join(f"<item>{item}</item>" for item in items)
    declaration = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{declaration}\n<rss version="2.0" {spaces}><channel>{channel}{entries}</channel></rss>'


def atom(*entries: str) -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Լաստեն</title><rights>CC BY 4.0</rights>{inner}</feed>'


def read(text: str | bytes) -> list[Article | Reject]:
    data = text.encode() if isinstance(text, str) else text
    content = Content(head=data[:100], pieces=iter([data[:50], data[50:]]), source_uri="feed.xml", name="feed.xml")
    return list(read_feed(content, DEFAULT_OPTIONS))


def article(text: str | bytes) -> Article:
    (item,) = read(text)
    assert isinstance(item, Article), item
    return item


def kinds(item: Article | Reject) -> list[tuple[str, str]]:
    assert isinstance(item, Article)
    return [(paragraph.kind, paragraph.text) for paragraph in item.paragraphs]


def test_entry_of_rss() -> None:
    item = article(
        rss(
            f"<title>{EN[0]}</title><link>https://alder.example/1</link><description>Short.</description>"
            f"<content:encoded><![CDATA[{article_body(EN[1:])}]]></content:encoded>"
            "<pubDate>Mon, 06 May 2024 10:00:00 +0300</pubDate><dc:creator>Ann Lee</dc:creator>"
            "<category>bridge</category><category>traffic</category><dc:rights>CC0</dc:rights>"
        )
    )

    assert kinds(item) == [("headline", EN[0]), *(("body", text) for text in EN[1:])]
    assert (item.source_uri, item.url) == ("feed.xml#1", "https://alder.example/1")
    assert (item.publisher, item.claimed_language, item.encoding) == ("The Alder Post", "en-gb", "utf-8")
    assert item.published_at == datetime(2024, 5, 6, 7, tzinfo=timezone.utc)
    assert (item.authors, item.keywords, item.licence) == (("Ann Lee",), ("bridge", "traffic"), "CC0")
    assert item.notes == ()


def test_entry_of_atom() -> None:
    figure = "<figure><img src='a.jpg'/><figcaption>Կամուրջը</figcaption></figure>"
    content = escape(article_body(HY[1:3]) + figure + article_body(HY[3:]))
    item = article(
        atom(
            f"<title type='html'>{escape(f'<b>{HY[0]}</b>')}</title><link href='https://lasten.example/1'/>"
            f"<summary>Կարճ։</summary><content type='html'>{content}</content>"
            "<published>2024-05-06T10:00:00+04:00</published><updated>2024-05-06T11:00:00+04:00</updated>"
            "<author><name>Անի Լեւոնյան</name></author>"
        )
    )

    assert kinds(item) == [
        ("headline", HY[0]),
        ("body", HY[1]),
        ("body", HY[2]),
        ("caption", "Կամուրջը"),
        ("body", HY[3]),
        ("body", HY[4]),
    ]
    assert item.published_at == datetime(2024, 5, 6, 6, tzinfo=timezone.utc)
    assert item.updated_at == datetime(2024, 5, 6, 7, tzinfo=timezone.utc)
    assert (item.authors, item.publisher, item.licence) == (("Անի Լեւոնյան",), "Լաստեն", "CC BY 4.0")


def test_entry_of_rdf() -> None:
    text = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Ольха</title></channel>'
        f"<item><title>{RU[0]}</title><link>https://olha.example/1</link><description>{RU[1]}</description>"
        "<dc:date>2024-05-06T10:00:00+03:00</dc:date></item></rdf:RDF>"
    )

    item = article(text)

    assert is_feed(text.encode())
    assert kinds(item) == [("headline", RU[0]), ("body", RU[1])]
    assert (item.publisher, item.published_at) == ("Ольха", datetime(2024, 5, 6, 7, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        pytest.param("One &amp;amp; two.\n\nThree.", ["One & two.", "Three."], id="plain text"),
        pytest.param("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", ["One.", "Two."], id="escaped markup"),
        pytest.param("<![CDATA[One.<br><br>Two.<script>x</script>]]>", ["One.", "Two."], id="CDATA"),
        pytest.param("<![CDATA[Three is < four]]>", ["Three is < four"], id="no markup"),
    ],
)
def test_texts_of_descriptions(description: str, expected: list[str]) -> None:
    item = article(rss(f"<title>T</title><description>{description}</description>"))

    assert [paragraph.text for paragraph in item.paragraphs] == ["T", *expected]


def test_entries_are_told_apart_by_number_and_one_without_text_is_rejected() -> None:
    first, second, third = read(
        rss(f"<title>{EN[0]}</title>", "<link>https://a.example</link>", f"<description>{EN[1]}</description>")
    )

    assert kinds(first) == [("headline", EN[0])]
    assert isinstance(second, Reject)
    assert (second.reason, second.source_uri) == (Reason.EMPTY, "feed.xml#2")
    assert kinds(third) == [("body", EN[1])]


def test_dates_may_be_missing_and_bad_ones_are_noted() -> None:
    without, bad = read(rss("<title>A</title>", "<title>B</title><pubDate>31 Smarch 2024</pubDate>"))

    assert isinstance(without, Article)
    assert isinstance(bad, Article)
    assert (without.published_at, without.notes) == (None, ())
    assert (bad.published_at, bad.notes) == (None, (Note.BAD_DATE,))


def test_encodings() -> None:
    text = rss(f"<title>{RU[0]}</title>").replace("utf-8", "windows-1251")

    item = article(text.encode("cp1251"))

    assert kinds(item) == [("headline", RU[0])]
    assert item.encoding == "windows-1251"


@pytest.mark.parametrize("blemish", ["&nbsp;", "&unknown;", "<br>", "\x0c", "&"])
def test_malformed_feeds_are_read(blemish: str) -> None:
    first, second = read(rss(f"<title>One</title><description>a {blemish} b</description>", "<title>Two</title>"))

    assert kinds(first)[0] == ("headline", "One")
    assert kinds(second) == [("headline", "Two")]


@pytest.mark.parametrize("n_lost", [8, 30, 45])
def test_feed_that_breaks_off(n_lost: int) -> None:
    text = rss("<title>One</title>", "<title>Two</title>")

    *articles, reject = read(text[:-n_lost])

    assert all(isinstance(item, Article) for item in articles)
    assert isinstance(reject, Reject)
    assert reject.reason == Reason.BAD_RECORD
    assert f"behind {len(articles)} entries, line 2" in reject.detail
    assert reject.source_uri == f"feed.xml#{len(articles) + 1}"


@pytest.mark.parametrize(
    "entities",
    [
        pytest.param('<!ENTITY x SYSTEM "file:///etc/passwd">', id="external"),
        pytest.param('<!ENTITY a "ha"><!ENTITY x "&a;&a;&a;&a;">', id="laughs"),
        pytest.param('<!ENTITY % x SYSTEM "http://alder.example/x.dtd">', id="parameter"),
    ],
)
def test_feeds_that_declare_entities_are_refused(entities: str) -> None:
    (reject,) = read(
        f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]><rss><channel><item><title>&x;</title></item></channel></rss>'
    )

    assert isinstance(reject, Reject)
    assert reject.reason == Reason.BAD_RECORD
    assert "entities are not resolved" in reject.detail


def test_document_type_that_lies_elsewhere_is_not_fetched() -> None:
    text = '<!DOCTYPE rss PUBLIC "-//N//RSS 0.91" "http://alder.example/rss-0.91.dtd"><rss version="0.91"><channel>'

    item = article(f"{text}<item><title>One</title></item></channel></rss>")

    assert kinds(item) == [("headline", "One")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", Reason.EMPTY, id="nothing"),
        pytest.param(rss().encode(), Reason.EMPTY, id="no entries"),
        pytest.param(b"a text about feeds", Reason.BAD_RECORD, id="text"),
        pytest.param(b"\x89PNG\r\n\x1a\n", Reason.BINARY, id="image"),
        pytest.param(
            b"<rss>" + b"<a " + b" ".join(b'x%d="1"' % n for n in range(99_999)), Reason.BAD_RECORD, id="attributes"
        ),
    ],
)
def test_what_is_no_feed(data: bytes, reason: Reason) -> None:
    (reject,) = read(data)

    assert isinstance(reject, Reject)
    assert (reject.reason, reject.source_uri) == (reason, "feed.xml")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(rss("").encode(), True, id="RSS"),
        pytest.param(atom("").encode(), True, id="Atom"),
        pytest.param(rss("").encode("utf-16"), True, id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf<?xml version="1.0"?><?xml-stylesheet a?><!-- b --><rss>', True, id="instructions"),
        pytest.param(b"<feed>", False, id="another feed"),
        pytest.param(b"<html><rss>", False, id="page"),
        pytest.param(b"<rssx>", False, id="another name"),
    ],
)
def test_sniffing(head: bytes, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_feed(head) is expected
