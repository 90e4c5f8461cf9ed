from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

import pytest

from pipeline.errors import Reason
from pipeline.ingest.content import ReadingOptions
from pipeline.ingest.jsonl import read_jsonl
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.types import Article, Paragraph, Reject

RU = {"title": "Мост открыт", "text": "Мост открыли утром.\n\nПроезд бесплатный."}
HY = {"title": "Կամուրջը բացվեց", "text": "Կամուրջը բացվեց առավոտյան։\n\nԱնցումն անվճար է։"}


def read(data: bytes) -> list[Article | Reject]:
    return list(read_jsonl(data[:HEAD_BYTES], iter([data]), source_uri="day.jsonl"))


def read_one(record: Any) -> Article | Reject:
    [item] = read(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    return item


def texts(record: Any) -> list[tuple[str, str]]:
    article = read_one(record)
    assert isinstance(article, Article)
    return [(paragraph.kind, paragraph.text) for paragraph in article.paragraphs]


def lines(*records: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def test_every_field_is_read() -> None:
    record = {
        **RU, "url": " https://example.org/1 ", "publisher": "Вестник", "language": "ru",
        "published_at": "2020-11-13T10:30:00+04:00", "unknown": {"deep": [1]},
    }  # fmt: skip

    assert read_one(record) == Article(
        source_uri="day.jsonl#1",
        paragraphs=(
            Paragraph(text="Мост открыт", kind="headline"),
            Paragraph(text="Мост открыли утром."),
            Paragraph(text="Проезд бесплатный."),
        ),
        url="https://example.org/1",
        publisher="Вестник",
        published_at=datetime(2020, 11, 13, 6, 30, tzinfo=timezone.utc),
        claimed_language="ru",
    )


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param({"text": "One.\nTwo."}, [("body", "One."), ("body", "Two.")], id="lines are paragraphs"),
        pytest.param({"text": "One\nline.\n\nTwo."}, [("body", "One\nline."), ("body", "Two.")], id="blank lines"),
        pytest.param({"text": "\n\nOne.\r\nTwo.\r\n"}, [("body", "One."), ("body", "Two.")], id="blanks around"),
        pytest.param({"paragraphs": ["One.", " ", "Two\nis."]}, [("body", "One."), ("body", "Two\nis.")], id="list"),
        pytest.param({"text": "Old.", "paragraphs": ["New."]}, [("body", "New.")], id="list goes first"),
        pytest.param({"title": "Storm"}, [("headline", "Storm")], id="title alone"),
        pytest.param({"title": " ", "text": "One."}, [("body", "One.")], id="blank title"),
        pytest.param({"title": None, "text": "One.", "url": None}, [("body", "One.")], id="nulls are missing"),
        pytest.param(
            {"title": "Storm", "paragraphs": ["The pier at noon", "It fell."]},
            [("headline", "Storm"), ("caption", "The pier at noon"), ("body", "It fell.")],
            id="caption",
        ),
    ],
)  # fmt: skip
def test_paragraphs(record: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert texts(record) == expected


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        pytest.param(b'{"title":', Reason.BAD_JSON, "column 10", id="cut"),
        pytest.param(b"Storm hits coast", Reason.BAD_JSON, "one JSON object", id="text"),
        pytest.param(b'{"text": "a"} {"text": "b"}', Reason.BAD_JSON, "Extra data", id="two on a line"),
        pytest.param(b'{"text": "a\x00b"}', Reason.BAD_JSON, "control character", id="raw nul"),
        pytest.param(b"[" * 100_000, Reason.BAD_JSON, "", id="nested too deep"),
        pytest.param(b'{"text": "a", "n": ' + b"9" * 5000 + b"}", None, "", id="number of 5000 digits"),
        pytest.param(b'["text"]', Reason.BAD_RECORD, "a list; expected a JSON object", id="list"),
        pytest.param(b"null", Reason.BAD_RECORD, "a null", id="null"),
        pytest.param(b"17", Reason.BAD_RECORD, "a number", id="number"),
        pytest.param(b"{}", Reason.BAD_RECORD, "none of `title`", id="no fields"),
        pytest.param(b'{"content": "a"}', Reason.BAD_RECORD, "none of `title`", id="other fields"),
        pytest.param(b'{"text": ["a"]}', Reason.BAD_RECORD, "`text` is a list", id="text is a list"),
        pytest.param(b'{"title": true, "text": "a"}', Reason.BAD_RECORD, "`title` is a boolean", id="title is true"),
        pytest.param(b'{"paragraphs": "a"}', Reason.BAD_RECORD, "`paragraphs`", id="paragraphs is a string"),
        pytest.param(b'{"paragraphs": ["a", 1]}', Reason.BAD_RECORD, "`paragraphs`", id="a paragraph is a number"),
        pytest.param(b'{"text": "a", "url": 5}', Reason.BAD_RECORD, "`url`", id="url is a number"),
        pytest.param(b'{"text": "a", "language": {}}', Reason.BAD_RECORD, "`language` is a JSON object", id="language"),
        pytest.param(b'{"title": " ", "text": "\\n"}', Reason.EMPTY, "no text", id="blank text"),
        pytest.param(b'{"paragraphs": []}', Reason.EMPTY, "no text", id="no paragraphs"),
        pytest.param('{"text": "Ереван'.encode() + b'\xd0"}', Reason.ENCODING, "at byte 22 of the line", id="bad byte"),
    ],
)
def test_bad_line_is_rejected_alone(line: bytes, reason: Reason | None, detail: str) -> None:
    good = lines(RU, HY).encode().splitlines(keepends=True)

    first, bad, last = read(good[0] + line + b"\n" + good[1])

    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert last.source_uri == "day.jsonl#3"
    if reason is None:
        return
    assert isinstance(bad, Reject)
    assert (bad.reason, bad.source_uri, bad.payload) == (reason, "day.jsonl#2", line)
    assert detail in bad.detail


def test_blank_lines_are_skipped_and_numbers_are_those_of_the_file() -> None:
    items = read(f"\n{lines(RU)}  \r\n{lines(HY)}".encode())

    assert [item.source_uri for item in items] == ["day.jsonl#2", "day.jsonl#4"]


def test_last_line_needs_no_line_end() -> None:
    assert [type(item) for item in read(lines(RU).strip().encode())] == [Article]


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"], ids=["nothing", "blanks", "mark"])
def test_file_without_records_is_one_reject(data: bytes) -> None:
    [item] = read(data)

    assert isinstance(item, Reject)
    assert (item.reason, item.source_uri) == (Reason.EMPTY, "day.jsonl")


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"), ("cp1251", "windows-1251"), ("koi8_r", "koi8-r"),
    ],
)  # fmt: skip
def test_encoding_of_a_file(codec: str, name: str) -> None:
    items = read(lines(RU, RU).encode(codec))

    assert [item.paragraphs[0].text for item in items if isinstance(item, Article)] == ["Мост открыт"] * 2
    assert {item.encoding for item in items if isinstance(item, Article)} == {name}


def test_line_feed_bytes_inside_utf_16_characters_are_no_line_ends() -> None:
    record = {"title": "Ċ ਊ 上 \u0d0a", "text": "Storm."}

    for codec in ("utf-16-le", "utf-16-be", "utf-16"):
        [item] = read(lines(record).encode(codec))
        assert isinstance(item, Article)
        assert item.paragraphs[0].text == record["title"]


def test_damaged_utf_16_line_is_rejected_alone() -> None:
    data = "\ufeff".encode("utf-16-le")
    data += lines(RU).encode("utf-16-le") + '{"text": "\ud800"}\n'.encode("utf-16-le", "surrogatepass")
    data += lines(HY).encode("utf-16-le") + b"{"

    items = read(data)

    assert [item.reason if isinstance(item, Reject) else None for item in items] == [
        None, Reason.ENCODING, None, Reason.ENCODING,
    ]  # fmt: skip


def test_binary_file_is_one_reject_of_the_whole() -> None:
    data = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9000

    [item] = read(data)

    assert isinstance(item, Reject)
    assert item.reason is Reason.BINARY
    assert (item.payload_bytes, item.payload_sha256) == (len(data), sha256(data).hexdigest())
    assert item.payload == data[: 1 << 20]


def test_unknown_encoding_is_one_reject() -> None:
    data = lines({"text": "مرحبا بالعالم في الأخبار اليوم"}).encode("cp1256")

    [item] = read(data)

    assert isinstance(item, Reject)
    assert item.reason is Reason.ENCODING


def test_encoding_of_the_user_helps_where_none_is_known() -> None:
    data = lines({"text": "مرحبا بالعالم في الأخبار اليوم"}).encode("cp1256")

    [item] = read_jsonl(data, iter([data]), source_uri="day.jsonl", options=ReadingOptions(encoding="cp1256"))

    assert isinstance(item, Article)
    assert (item.paragraphs[0].text, item.encoding) == ("مرحبا بالعالم في الأخبار اليوم", "cp1256")


def pieces_of(*parts: tuple[bytes, int]) -> Iterator[bytes]:
    for part, n_times in parts:
        for _ in range(n_times):
            yield part


def test_endless_line_is_skipped_and_the_rest_goes_on() -> None:
    block, good = b"a" * (1 << 20), lines(RU).encode()
    pieces = pieces_of((good, 1), (block, 40), (b"\n" + good, 1))

    first, long, last = read_jsonl(good + block[:1000], pieces, source_uri="day.jsonl")

    assert isinstance(first, Article)
    assert isinstance(long, Reject)
    assert (long.reason, long.source_uri, long.payload) == (Reason.TOO_LARGE, "day.jsonl#2", block)
    assert (long.payload_bytes, long.payload_sha256) == (40 << 20, sha256(block * 40).hexdigest())
    assert last.source_uri == "day.jsonl#3"


def test_line_of_the_greatest_size_is_read() -> None:
    line = b'{"text": "' + b"a" * (MAX_ARTICLE_BYTES - 12) + b'"}'
    assert len(line) == MAX_ARTICLE_BYTES

    assert [type(item) for item in read(line + b"\n" + line)] == [Article, Article]


def test_labels_can_be_stored() -> None:
    [article] = read(json.dumps({"text": "a", "url": "http://a/\ud800\x00", "publisher": " \n"}).encode())

    assert isinstance(article, Article)
    assert (article.url, article.publisher) == ("http://a/\ufffd\ufffd", None)


def test_article_with_a_bad_date_is_kept() -> None:
    article = read_one({"text": "a", "published_at": "yesterday"})

    assert isinstance(article, Article)
    assert (article.published_at, article.notes) == (None, ("bad-date",))


def test_fields_of_the_user() -> None:
    options = ReadingOptions(fields={"title": "head", "text": "content.body"})
    good = json.dumps({"head": "Storm", "content": {"body": "It came."}}).encode()

    [article] = read_jsonl(good, iter([good]), source_uri="day.jsonl", options=options)

    assert isinstance(article, Article)
    assert [paragraph.text for paragraph in article.paragraphs] == ["Storm", "It came."]
