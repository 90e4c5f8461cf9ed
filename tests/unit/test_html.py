from __future__ import annotations

from datetime import datetime, timezone

import pytest

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.html import MAX_ELEMENTS, article_of_html, is_html, is_surely_html, read_html
from pipeline.ingest.html_encoding import encoding_of
from pipeline.ingest.html_text import blocks_of, parse_html
from pipeline.types import Article, Reject
from tests.web_pages import EN, HY, RU, STORIES, article_body, json_ld, page

PLAIN = (RU[0], RU[1], RU[2], RU[4])
"""Without marks that KOI8-R lacks."""

URL = "https://alder.example/news/42?utm_source=feed"


def read(text: str | bytes, *, url: str | None = None, encoding: str | None = None) -> Article:
    data = text.encode() if isinstance(text, str) else text
    article = article_of_html(data, source_uri="page.html", url=url, encoding=encoding)
    assert isinstance(article, Article), article
    return article


def refused(text: str | bytes) -> Reject:
    data = text.encode() if isinstance(text, str) else text
    reject = article_of_html(data, source_uri="page.html")
    assert isinstance(reject, Reject)
    return reject


def texts(article: Article) -> list[str]:
    return [paragraph.text for paragraph in article.paragraphs]


def kinds(article: Article) -> list[tuple[str, str]]:
    return [(paragraph.kind, paragraph.text) for paragraph in article.paragraphs]


@pytest.mark.parametrize("language", list(STORIES))
def test_article_without_what_stands_around_it(language: str) -> None:
    article = read(page(STORIES[language], language=language))

    assert texts(article) == list(STORIES[language])
    assert article.paragraphs[0].kind == "headline"
    assert article.claimed_language == language
    assert article.encoding == "utf-8"
    assert article.notes == ()


@pytest.mark.parametrize("n_paragraphs", [1, 2])
def test_short_news_keep_their_paragraphs(n_paragraphs: int) -> None:
    story = ("Ferry stops", "The ferry stops at noon.", "A bus takes its place.")[: n_paragraphs + 1]

    assert texts(read(page(story))) == list(story)


def test_captions_stand_where_their_figures_do() -> None:
    lead = '<figure><img src="a.jpg"><figcaption>The bridge in <b>May</b></figcaption></figure>'
    later = '<figure><img src="b.jpg"><figcaption>Ellen Harrow. Photo: The Alder Post.</figcaption></figure>'
    teaser = '<aside><figure><img src="c.jpg"><figcaption>Another story</figcaption></figure></aside>'
    body = lead + article_body(EN[1:3]) + later + teaser + article_body(EN[3:])

    assert kinds(read(page(EN, body=body))) == [
        ("headline", EN[0]),
        ("caption", "The bridge in May"),
        ("body", EN[1]),
        ("body", EN[2]),
        ("caption", "Ellen Harrow. Photo: The Alder Post."),
        ("body", EN[3]),
        ("body", EN[4]),
    ]


def test_headings_quotes_items_and_rows_are_paragraphs() -> None:
    body = (
        f"{article_body(EN[1:2])}<h2>What changes</h2><ul><li>Buses take the ring road.</li>"
        f"<li>The ferry runs longer.</li></ul><blockquote><p>{EN[3]}</p></blockquote>{article_body(EN[2:3])}"
        f"<table><tr><th>Line</th><th>Minutes</th></tr><tr><td>Bus 4</td><td>12</td></tr></table>{article_body(EN[4:])}"
    )

    assert texts(read(page(EN, body=body))) == [
        EN[0],
        EN[1],
        "What changes",
        "Buses take the ring road.",
        "The ferry runs longer.",
        EN[3],
        EN[2],
        "Line | Minutes",
        "Bus 4 | 12",
        EN[4],
    ]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<p>One.<br>Two.<br/>Three</p>", ["One.", "Two.", "Three"], id="break behind a sentence"),
        pytest.param("<p>Elm Street 4<br>Alder</p>", ["Elm Street 4\nAlder"], id="break within a sentence"),
        pytest.param("<p>Мост<br><br>Река</p>", ["Мост", "Река"], id="two breaks"),
        pytest.param("<div>Loose<p>inner</p>tail</div>", ["Loose", "inner", "tail"], id="loose text"),
        pytest.param("<p>H<sub>2</sub>O <a href='#'>link</a>, <i>so</i>!</p>", ["H2O link, so!"], id="inline"),
        pytest.param("<p>a</p><script>x()</script><style>b{}</style><noscript>c</noscript>", ["a"], id="unread"),
        pytest.param("<p>a&nbsp;&amp;\n  b</p>", ["a & b"], id="blanks and entities"),
        pytest.param("<table><tr><td><p>x</p></td><td>y</td></tr></table>", ["x", "y"], id="layout table"),
        pytest.param("no tags at all", ["no tags at all"], id="bare text"),
    ],
)
def test_blocks(markup: str, expected: list[str]) -> None:
    assert [block.text for block in blocks_of(parse_html(markup))] == expected


def test_metadata_of_json_ld() -> None:
    head = json_ld(
        headline=EN[0],
        datePublished="2024-05-06T10:00:00+03:00",
        dateModified="2024-05-06T12:30:00+03:00",
        author=[{"@type": "Person", "name": "Ann Lee"}, {"@type": "Person", "name": "Ivan Petrov"}],
        publisher={"@type": "Organization", "name": "The Alder Post"},
        articleSection=["Town"],
        keywords="bridge, traffic, Bridge",
        license="https://creativecommons.org/licenses/by/4.0/",
    )

    article = read(page(EN, head=head + '<link rel="canonical" href="/news/2024/bridge">'), url=URL)

    assert article.url == "https://alder.example/news/2024/bridge"
    assert article.published_at == datetime(2024, 5, 6, 7, tzinfo=timezone.utc)
    assert article.updated_at == datetime(2024, 5, 6, 9, 30, tzinfo=timezone.utc)
    assert article.authors == ("Ann Lee", "Ivan Petrov")
    assert article.publisher == "The Alder Post"
    assert (article.section, article.keywords) == ("Town", ("bridge", "traffic"))
    assert article.licence == "https://creativecommons.org/licenses/by/4.0/"


def test_metadata_of_meta_elements() -> None:
    head = (
        '<meta property="og:site_name" content="Ольха сегодня"><meta property="article:section" content="Город">'
        '<meta property="article:published_time" content="2024-05-06T10:00:00+03:00">'
        '<meta property="article:tag" content="мост"><meta property="article:tag" content="ремонт">'
        '<meta name="author" content="Анна Ли"><link rel="license" href="https://olha.example/rights">'
    )

    article = read(page(RU, language="ru", head=head), url=URL)

    assert article.url == URL
    assert article.published_at == datetime(2024, 5, 6, 7, tzinfo=timezone.utc)
    assert (article.publisher, article.section, article.keywords) == ("Ольха сегодня", "Город", ("мост", "ремонт"))
    assert (article.authors, article.licence) == (("Анна Ли",), "https://olha.example/rights")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param('<meta name="date" content="2024-05-06">', datetime(2024, 5, 6, tzinfo=timezone.utc), id="day"),
        pytest.param(
            '<meta name="date" content="2024-05-06"><meta itemprop="datePublished" content="2024-05-06T23:30-05:00">',
            datetime(2024, 5, 7, 4, 30, tzinfo=timezone.utc),
            id="a moment with a zone goes first",
        ),
        pytest.param(
            '<meta name="pubdate" content="Mon, 06 May 2024 10:00:00 +0300">',
            datetime(2024, 5, 6, 7, tzinfo=timezone.utc),
            id="as in mail",
        ),
        pytest.param("", None, id="none"),
    ],
)
def test_moment_of_publication(head: str, expected: datetime | None) -> None:
    article = read(page(EN, head=head))

    assert article.published_at == expected
    assert article.notes == ()


def test_date_that_does_not_exist_is_noted() -> None:
    article = read(page(EN, head='<meta property="article:published_time" content="2024-02-31T10:00:00Z">'))

    assert article.published_at is None
    assert article.notes == (Note.BAD_DATE,)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param("https://other.example/a", "https://other.example/a", id="another site"),
        pytest.param("/a/b", "https://alder.example/a/b", id="relative"),
        pytest.param("/", URL, id="front page"),
        pytest.param("https://alder.example", URL, id="site"),
        pytest.param("javascript:void(0)", URL, id="no address"),
        pytest.param("http://[", URL, id="broken"),
        pytest.param("", URL, id="empty"),
    ],
)
def test_canonical_address(link: str, expected: str) -> None:
    assert read(page(EN, head=f'<link rel="canonical" href="{link}">'), url=URL).url == expected


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        pytest.param("Storm hits coast | The Alder Post", "Storm hits the coast", "Storm hits the coast", id="heading"),
        pytest.param("Storm hits coast | The Alder Post", "The Alder Post Online News", "Storm hits coast", id="logo"),
        pytest.param("Storm hits coast | The Alder Post", "The Alder Post", "Storm hits coast", id="name of the site"),
        pytest.param("Буря на побережье — The Alder Post", "", "Буря на побережье", id="no heading"),
    ],
)
def test_headline(title: str, heading: str, expected: str) -> None:
    head = f'<meta property="og:title" content="{title}"><meta property="og:site_name" content="The Alder Post">'
    text = page(EN, head=head).replace(f"<h1>{EN[0]}</h1>", f"<h1>{heading}</h1>" if heading else "")

    assert texts(read(text))[0] == expected


@pytest.mark.parametrize(
    ("charset", "declared", "codec", "encoding", "notes"),
    [
        pytest.param("windows-1251", None, "cp1251", "windows-1251", (), id="meta"),
        pytest.param(None, "koi8-r", "koi8_r", "koi8-r", (), id="transport"),
        pytest.param("koi8-r", "windows-1251", "cp1251", "windows-1251", (), id="transport before meta"),
        pytest.param(None, None, "utf-8", "utf-8", (), id="nothing declared"),
        pytest.param(None, None, "cp1251", "windows-1251", (Note.ENCODING_GUESSED,), id="guessed"),
        pytest.param("utf-8", None, "cp1251", "windows-1251", (Note.ENCODING_GUESSED,), id="declared wrongly"),
        pytest.param("windows-1251", None, "utf-8", "utf-8", (Note.ENCODING_GUESSED,), id="evidently UTF-8"),
        pytest.param("windows-1251", None, "utf-8-sig", "utf-8", (), id="mark before all"),
        pytest.param(None, None, "utf-16", "utf-16", (), id="UTF-16"),
        pytest.param("x-unknown-7", None, "utf-8", "utf-8", (), id="unknown label"),
    ],
)
def test_encodings(
    charset: str | None, declared: str | None, codec: str, encoding: str, notes: tuple[Note, ...]
) -> None:
    article = read(page(PLAIN, language="ru", charset=charset).replace("©", "").encode(codec), encoding=declared)

    assert texts(article) == list(PLAIN)
    assert (article.encoding, article.notes) == (encoding, notes)


def test_damaged_bytes_are_replaced_and_noted() -> None:
    data = page(HY, language="hy").encode().replace("երեք".encode(), "երեք".encode()[:-1])

    article = read(data)

    assert "\ufffd" in article.paragraphs[1].text
    assert article.notes == (Note.REPLACED_CHARACTERS,)


@pytest.mark.parametrize("label", ["utf-7", "base64", "idna", "unicode_escape", "undefined", "", "\x00", "no such"])
def test_labels_that_are_no_encoding_of_pages(label: str) -> None:
    assert encoding_of(label) is None


def test_latin_1_is_read_as_browsers_do() -> None:
    assert encoding_of("ISO-8859-1") == encoding_of("windows-1252")


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        pytest.param(b"", Reason.EMPTY, "no text", id="nothing"),
        pytest.param(b" \n<!-- a -->", Reason.EMPTY, "no text", id="a comment"),
        pytest.param(b"<html><head><title>T</title></head><body></body></html>", Reason.EMPTY, "no text", id="a title"),
        pytest.param(b"<html><frameset><frame src=a></frameset></html>", Reason.EMPTY, "frames", id="frames"),
        pytest.param(b"<html><body><div id=a></div><script>run()</script>", Reason.EMPTY, "scripts", id="scripts"),
        pytest.param(b"%PDF-1.7\n", Reason.BINARY, "PDF", id="PDF"),
        pytest.param(bytes(range(32)) * 9, Reason.BINARY, "control", id="controls"),
    ],
)
def test_pages_without_text_are_rejected(data: bytes, reason: Reason, detail: str) -> None:
    reject = refused(data)

    assert reject.reason == reason
    assert detail in reject.detail
    assert (reject.source_uri, reject.payload) == ("page.html", data)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<html><body>{'<div>' * 10_000}{article_body(EN)}", id="deep"),
        pytest.param(f"<html><body><div data-x='{'y' * 3_000_000}'>{article_body(EN)}", id="long attribute"),
        pytest.param(f"<p {' '.join(f'a{n}=b' for n in range(100_000))}>x</p>{article_body(EN)}", id="many attributes"),
        pytest.param(f"<html><body>{article_body(EN)}<p>{'<' * 500_000}", id="open tags"),
        pytest.param(f"<html>{article_body(EN)}{'<!--' * 100_000}", id="open comments"),
        pytest.param(f"<html>\0<bo\0dy>{article_body(EN)}\0", id="NULs"),
        pytest.param(f"<html><script type='application/ld+json'>{'[' * 99_999}</script>{article_body(EN)}", id="JSON"),
        pytest.param(f"{'<table><tr><td rowspan=99 colspan=99>' * 99}{article_body(EN)}", id="tables"),
    ],
)
def test_hostile_pages_are_read(text: str) -> None:
    found = "\n".join(texts(read(text)))

    assert all(paragraph in found for paragraph in EN[1:])


def test_entities_are_never_expanded() -> None:
    bomb = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 9}'>" for n in range(1, 9))
    text = f"<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY e0 'ha'>{bomb}]>" + page(EN, body="")[15:]

    article = read(
        text.replace("</article>", f"{article_body(EN[1:])}<p>A line with &e8; and &x; in it.</p></article>")
    )

    assert "A line with &e8; and &x; in it." in texts(article)


def test_pages_of_many_elements_are_read_without_extraction() -> None:
    text = page(EN, body="".join(f"<p>Line {number}.</p>" for number in range(MAX_ELEMENTS)))

    found = texts(read(text))

    assert found[0] == EN[0]
    assert found[-1] == f"Line {MAX_ELEMENTS - 1}."
    assert "Section 1" not in found


def test_reading_takes_the_encoding_of_the_user_where_nothing_is_declared() -> None:
    data = page(PLAIN, language="ru", charset=None).replace("©", "").encode("koi8_r")
    content = Content(head=data, pieces=iter([data[:99], data[99:]]), source_uri="page.html", name="page.html")

    (article,) = read_html(content, ReadingOptions(encoding="koi8-r"))

    assert isinstance(article, Article)
    assert (texts(article), article.encoding, article.notes) == (list(PLAIN), "koi8-r", ("encoding-guessed",))


@pytest.mark.parametrize(
    ("head", "surely", "likely"),
    [
        pytest.param(b"<!DOCTYPE html><p>", True, True, id="doctype"),
        pytest.param(b"\xef\xbb\xbf \n<!-- a --><HTML lang=en>", True, True, id="comment and mark"),
        pytest.param(b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "a">', True, True, id="XHTML"),
        pytest.param("<!doctype html>".encode("utf-16"), True, True, id="UTF-16"),
        pytest.param(b"<div class=a>text</div>", False, True, id="fragment"),
        pytest.param(b"<rss version='2.0'>", False, False, id="feed"),
        pytest.param(b"<nitf><body>", False, False, id="NITF"),
        pytest.param(b"Plain text about <p> and <html>", False, False, id="text"),
        pytest.param(b'{"html": "<html>"}', False, False, id="JSON"),
    ],
)
def test_sniffing(head: bytes, surely: bool, likely: bool) -> None:  # noqa: FBT001 - a table
    assert (is_surely_html(head), is_html(head)) == (surely, likely)
