from __future__ import annotations

import unicodedata
from datetime import datetime, timezone
from hashlib import sha256

import pytest

from pipeline.errors import Reason
from pipeline.identify import canonical_url, identify
from pipeline.types import Article, IdentifiedArticle, Paragraph, Reject


def article(*texts: str, url: str | None = None) -> Article:
    return Article(source_uri="a.txt", paragraphs=tuple(Paragraph(text=text) for text in texts), url=url)


def identified(item: Article) -> IdentifiedArticle:
    result = identify(item)
    assert isinstance(result, IdentifiedArticle)
    return result


def test_everything_of_an_article_is_kept() -> None:
    published = datetime(2020, 11, 13, tzinfo=timezone.utc)
    source = Article(
        source_uri="day.jsonl#3",
        paragraphs=(
            Paragraph(text=" Կամուրջը բացվեց ", kind="headline"),
            Paragraph(text="Լուսանկարը՝ Արմենպրես", kind="caption"),
            Paragraph(text="Անցումն անվճար է։"),
        ),
        url="https://example.org/1",
        publisher="Լրաբեր",
        published_at=published,
        claimed_language="hy",
        encoding="utf-16",
    )

    result = identified(source)

    assert result.text == "Կամուրջը բացվեց\n\nԼուսանկարը՝ Արմենպրես\n\nԱնցումն անվճար է։"
    assert [(span.kind, result.text[span.start : span.end]) for span in result.paragraphs] == [
        ("headline", "Կամուրջը բացվեց"), ("caption", "Լուսանկարը՝ Արմենպրես"), ("body", "Անցումն անվճար է։"),
    ]  # fmt: skip
    assert result.content_sha256 == sha256(result.text.encode()).hexdigest()
    assert result.article_id == sha256(b"https://example.org/1").hexdigest()[:16]
    assert (result.revision, result.title, result.source_uri) == (1, "Կամուրջը բացվեց", "day.jsonl#3")
    assert (result.url, result.publisher, result.published_at) == (source.url, "Լրաբեր", published)
    assert (result.claimed_language, result.encoding) == ("hy", "utf-16")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["  One. ", "\n", "", "Two."], "One.\n\nTwo.", id="blanks and empty paragraphs"),
        pytest.param(["One\n\n\nline.\n \t\nEnd."], "One\nline.\nEnd.", id="blank lines inside"),
        pytest.param(["One\r\nTwo\u2028Three"], "One\nTwo\nThree", id="line ends"),
        pytest.param(["One\u2029\u2029Two"], "One\nTwo", id="paragraph separators"),
        pytest.param(["Й и\u0306 е\u0308"], "Й й ё", id="combining marks"),
        pytest.param(["a\x00b\ud800"], "a\ufffdb\ufffd", id="nul and surrogate"),
        pytest.param(["a", "\u0301b"], "a\n\n\u0301b", id="mark at the start of a paragraph"),
        pytest.param(["a\x1c", "\x1fb"], "a\n\nb", id="separator controls are blanks"),
    ],
)
def test_text(texts: list[str], expected: str) -> None:
    result = identified(article(*texts))

    assert result.text == expected
    assert unicodedata.is_normalized("NFC", result.text)


@pytest.mark.parametrize("texts", [[], [""], [" \n\t ", "\u3000\x85"]], ids=["none", "empty", "blank"])
def test_no_text_is_a_reject(texts: list[str]) -> None:
    result = identify(article(*texts))

    assert isinstance(result, Reject)
    assert (result.reason, result.source_uri) == (Reason.EMPTY, "a.txt")


def test_title_needs_a_headline() -> None:
    assert identified(article("Мост открыли утром.")).title is None


@pytest.mark.parametrize("url", [None, "", "  ", "#top"], ids=["none", "empty", "blank", "fragment alone"])
def test_without_url_the_text_gives_the_id(url: str | None) -> None:
    result = identified(article("Мост открыли утром.", url=url))

    assert result.article_id == result.content_sha256[:16]


def test_url_gives_the_id_whatever_the_text() -> None:
    one = identified(article("One.", url="https://example.org/a?utm_source=x#top"))
    two = identified(article("Two.", url="HTTPS://Example.ORG:443/a"))

    assert one.article_id == two.article_id
    assert one.content_sha256 != two.content_sha256


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.ORG/Path", "http://example.org/Path"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80", "http://example.org"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("http://example.org:/a", "http://example.org/a"),
        ("http://User@Example.org/a", "http://User@example.org/a"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
        ("http://[2001:db8::80]/a", "http://[2001:db8::80]/a"),
        ("http://[broken/a", "http://[broken/a"),
        ("https://example.org/?b=2&utm_source=x&a=1&fbclid=y&gclid=z", "https://example.org?b=2&a=1"),
        ("https://example.org/a?UTM_Medium=x", "https://example.org/a"),
        ("https://example.org/a?utmost=1", "https://example.org/a?utmost=1"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/новости?тема=мир#верх", "https://example.org/новости?тема=мир"),
        ("//example.org/a", "//example.org/a"),
        ("/a/b", "/a/b"),
        ("/", "/"),
        ("no url at all", "no%20url%20at%20all"),
        ("urn:newsml:1", "urn:newsml:1"),
        (" a\n b ", "a%20b"),
        ("http://a:80:80/", "http://a"),
        ("", ""),
    ],
)
def test_canonical_url(url: str, expected: str) -> None:
    assert canonical_url(url) == expected
    assert canonical_url(expected) == expected
