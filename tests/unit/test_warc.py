from __future__ import annotations

import gzip
import random
from collections.abc import Iterator

import pytest

from pipeline.errors import Reason
from pipeline.ingest.content import DEFAULT_OPTIONS, Content
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.warc import is_wacz, is_warc, read_wacz, read_warc
from pipeline.types import Article, Reject
from tests.web_pages import EN, HY, RU, page, wacz, warc_record, warc_response

PAGE = page(EN).encode()
HTML = warc_response(PAGE)
REQUEST = warc_record(b"GET / HTTP/1.1\r\n\r\n", kind="request", content_type="application/http; msgtype=request")


def contents(data: bytes, *, size: int = 1000) -> Content:
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return Content(head=data[:100], pieces=pieces, source_uri="a.warc", name="a.warc")


def read(data: bytes, *, size: int = 1000) -> list[Article | Reject]:
    return list(read_warc(contents(data, size=size), DEFAULT_OPTIONS))


def headlines(items: list[Article | Reject]) -> list[str]:
    return [item.paragraphs[0].text if isinstance(item, Article) else item.reason.value for item in items]


def test_pages_with_their_address_encoding_and_place() -> None:
    russian = warc_response(
        page(RU, charset=None).replace("©", "").encode("cp1251"),
        url="https://olha.example/1",
        content_type='text/html; charset="windows-1251"',
    )

    first, second = read(HTML + REQUEST + russian)

    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert [paragraph.text for paragraph in first.paragraphs] == list(EN)
    assert (first.source_uri, first.url) == ("a.warc#0", "https://alder.example/news/1")
    assert [paragraph.text for paragraph in second.paragraphs] == list(RU)
    assert (second.url, second.encoding, second.notes) == ("https://olha.example/1", "windows-1251", ())
    assert second.source_uri == f"a.warc#{len(HTML + REQUEST)}"


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_sizes_of_pieces_change_nothing(size: int) -> None:
    data = HTML + b"rubbish\r\n" + HTML[:-100]

    assert read(data, size=size) == read(data)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(warc_response(b"\x89PNG\r\n\x1a\n", content_type="image/png"), id="image"),
        pytest.param(warc_response(PAGE, status="404 Not Found"), id="not found"),
        pytest.param(warc_response(b"", status="301 Moved"), id="moved"),
        pytest.param(warc_response(b"{}", content_type="application/json"), id="JSON"),
        pytest.param(
            warc_response(b"User-agent: *", content_type="text/plain", url="https://a.example/robots.txt"), id="robots"
        ),
        pytest.param(warc_record(b"software: x", kind="warcinfo"), id="warcinfo"),
        pytest.param(
            warc_record(b"1 1", kind="response", url="dns:a.example", content_type="text/dns"), id="name service"
        ),
        pytest.param(REQUEST, id="request"),
    ],
)
def test_other_records_are_left_out(record: bytes) -> None:
    assert headlines(read(record + HTML)) == [EN[0]]


@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        pytest.param(gzip.compress(PAGE), {"Content-Encoding": "gzip"}, id="gzip"),
        pytest.param(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), {"Transfer-Encoding": "chunked"}, id="chunked"),
        pytest.param(PAGE, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}, id="unpacked when stored"),
    ],
)
def test_packed_responses(payload: bytes, headers: dict[str, str]) -> None:
    assert headlines(read(warc_response(payload, headers=headers))) == [EN[0]]


def test_texts_made_of_pages() -> None:
    (item,) = read(warc_record("\n".join(HY).encode(), kind="conversion", url="https://lasten.example/1"))

    assert isinstance(item, Article)
    assert [paragraph.text for paragraph in item.paragraphs] == list(HY)
    assert (item.paragraphs[0].kind, item.url) == ("headline", "https://lasten.example/1")


def test_resources_and_feeds() -> None:
    feed = f"<rss version='2.0'><channel><title>A</title><item><title>{RU[0]}</title></item></channel></rss>".encode()
    resource = warc_record(PAGE, kind="resource", content_type="text/html; charset=utf-8")

    items = read(resource + warc_response(feed, content_type="application/rss+xml"))

    assert headlines(items) == [EN[0], RU[0]]
    assert items[1].source_uri == f"a.warc#{len(resource)}#1"


def test_archive_that_breaks_off() -> None:
    *before, reject = read(HTML + HTML[:-300])

    assert headlines(before) == [EN[0]]
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.source_uri) == (Reason.UNREADABLE, f"a.warc#{len(HTML)}")
    assert f"breaks off at byte {2 * len(HTML) - 300}" in reject.detail


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"rubbish\r\nmore rubbish\r\n", id="rubbish"),
        pytest.param(HTML.replace(b"Content-Length: ", b"Content-Length: x", 1), id="length"),
        pytest.param(HTML.replace(b"Content-Length: ", b"Content-Size: ", 1), id="no length"),
        pytest.param(b"WARC/1.0\r\n" + b"x" * 100_000 + b"\r\n", id="endless header"),
        pytest.param(b"WARC/1.0\r\n\r\n", id="empty header"),
    ],
)
def test_damage_is_one_reject_and_the_rest_goes_on(damage: bytes) -> None:
    items = read(HTML + damage + HTML)

    assert headlines(items) == [EN[0], "bad-record", EN[0]]
    assert items[1].source_uri == f"a.warc#{len(HTML)}"


def test_a_length_that_is_too_short_hurts_one_record() -> None:
    length = len(HTML.split(b"\r\n\r\n", 1)[1]) - 4
    short = HTML.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length - 50))

    assert headlines(read(short + HTML)) == [EN[0], "bad-record", EN[0]]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(warc_response(b"<html>" + b"x" * MAX_ARTICLE_BYTES), id="large"),
        pytest.param(
            warc_response(gzip.compress(b"<html>" + b"x" * MAX_ARTICLE_BYTES), headers={"Content-Encoding": "gzip"}),
            id="packed",
        ),
    ],
)
def test_documents_that_are_too_large(record: bytes) -> None:
    items = read(record + HTML, size=1 << 18)

    assert headlines(items) == ["too-large", EN[0]]


def test_large_records_that_are_not_read_are_passed_over() -> None:
    video = warc_response(b"x" * (MAX_ARTICLE_BYTES + 1), content_type="video/mp4")

    assert headlines(read(video + HTML, size=1 << 18)) == [EN[0]]


def test_archive_of_nothing() -> None:
    assert headlines(read(b"\r\n\r\n")) == ["empty"]


def test_read_errors_pass_through_behind_what_was_read() -> None:
    def pieces() -> Iterator[bytes]:
        yield HTML
        raise OSError("gone")

    content = Content(head=b"", pieces=pieces(), source_uri="a.warc")
    reading = read_warc(content, DEFAULT_OPTIONS)

    assert isinstance(next(reading), Article)
    with pytest.raises(OSError, match="gone"):
        next(reading)


def test_any_damage_ends_as_articles_or_rejects() -> None:
    chance = random.Random(5)  # noqa: S311 - the same damage each time
    packed = warc_response(gzip.compress(PAGE), headers={"Content-Encoding": "gzip"})
    for _ in range(150):
        data = bytearray(HTML + packed)
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)

        assert all(isinstance(item, Article | Reject) for item in read(bytes(data)))


def test_wacz() -> None:
    data = wacz({"b.warc.gz": HTML, "a.warc": warc_record("\n".join(RU).encode(), kind="conversion")})

    items = list(read_wacz(contents(data), DEFAULT_OPTIONS))

    assert is_wacz(data)
    assert headlines(items) == [RU[0], EN[0]]
    assert [item.source_uri for item in items] == ["a.warc!/archive/a.warc#0", "a.warc!/archive/b.warc.gz#0"]


def test_damaged_wacz() -> None:
    data = wacz({"a.warc.gz": HTML, "b.warc": HTML})
    start = data.index(b"\x1f\x8b\x08")
    damaged = data[: start + 30] + b"\xff\xff\xff\xff" + data[start + 34 :]

    assert headlines(list(read_wacz(contents(damaged), DEFAULT_OPTIONS))) == ["unreadable", EN[0]]
    assert headlines(list(read_wacz(contents(data[:-40]), DEFAULT_OPTIONS))) == ["unreadable"]
    assert headlines(list(read_wacz(contents(wacz({})), DEFAULT_OPTIONS))) == ["empty"]


def test_sniffing() -> None:
    assert is_warc(HTML)
    assert not is_warc(b"The WARC/1.0 format")
    assert not is_wacz(b"PK\x03\x04 a document")
