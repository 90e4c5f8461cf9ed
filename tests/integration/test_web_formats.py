from __future__ import annotations

import gzip
import logging
import socket
from pathlib import Path

import pytest

from pipeline.identify import identify
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, IdentifiedArticle, Reject
from tests.web_pages import EN, HY, RU, STORIES, json_ld, page, wacz, warc_response


def read(*paths: Path) -> list[Article | Reject]:
    return list(ArticleReader(find_inputs([str(path) for path in paths]).files))


def identified(*paths: Path) -> list[IdentifiedArticle]:
    articles = [identify(item) for item in read(*paths) if isinstance(item, Article)]
    assert all(isinstance(article, IdentifiedArticle) for article in articles)
    return [article for article in articles if isinstance(article, IdentifiedArticle)]


def feed(headline: str, address: str) -> str:
    item = f"<item><title>{headline}</title><link>{address}</link></item>"
    return f"<rss version='2.0'><channel><title>A</title>{item}</channel></rss>"


def test_the_formats_of_the_web_are_told_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page(EN))
    (tmp_path / "b.xml").write_text(feed(RU[0], "https://olha.example/1"))
    (tmp_path / "c.warc.gz").write_bytes(gzip.compress(warc_response(page(HY, language="hy").encode())))
    (tmp_path / "d.wacz").write_bytes(wacz({"x.warc.gz": warc_response(page(RU, language="ru").encode())}))
    (tmp_path / "e.txt").write_text(page(EN))

    articles = identified(tmp_path)

    assert [article.title for article in articles] == [EN[0], RU[0], HY[0], RU[0], EN[0]]
    names = [article.source_uri.removeprefix(f"{tmp_path}/") for article in articles]
    assert names == ["a.html", "b.xml#1", "c.warc.gz#0", "d.wacz!/archive/x.warc.gz#0", "e.txt"]


def test_a_page_is_the_same_article_however_it_came(tmp_path: Path) -> None:
    text = page(EN, head='<link rel="canonical" href="https://alder.example/news/1">')
    (tmp_path / "a.html").write_text(text)
    (tmp_path / "b.warc").write_bytes(warc_response(text.encode(), url="https://alder.example/news/1?utm_source=x"))

    first, second = identified(tmp_path)

    assert (first.article_id, first.content_sha256) == (second.article_id, second.content_sha256)


def test_nothing_is_fetched_and_nothing_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    head = json_ld(headline=EN[0]) + '<base href="http://alder.example"><link rel="canonical" href="/news/1">'
    (tmp_path / "a.html").write_text(page(EN, head=head))
    (tmp_path / "b.html").write_text("<html><body></body></html>")
    doctype = '<!DOCTYPE rss PUBLIC "-//N//RSS 0.91" "http://alder.example/rss.dtd">'
    (tmp_path / "c.rss").write_text(doctype + feed(RU[0], "http://alder.example/1"))

    with caplog.at_level(logging.DEBUG):
        items = read(tmp_path)

    assert [isinstance(item, Article) for item in items] == [True, False, True]
    assert not caplog.records


@pytest.mark.parametrize("language", list(STORIES))
def test_a_crawl_with_damage_gives_what_is_whole(tmp_path: Path, language: str) -> None:
    record = warc_response(page(STORIES[language], language=language).encode())
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(gzip.compress(record) + gzip.compress(b"rubbish\n") + gzip.compress(record * 2)[:-60])

    items = read(path)

    assert isinstance(items[0], Article)
    assert [item.source_uri for item in items if isinstance(item, Reject)] == [f"{path}#{len(record)}", str(path)]
