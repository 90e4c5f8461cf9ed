from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.json_document import LIST_NAMES, is_json_lines, is_likely_json, read_json_document
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.types import Article, Reject

RU = {"title": "Мост открыт", "text": "Мост открыли утром."}
HY = {"title": "Կամուրջը բացվեց", "text": "Անցումն անվճար է։"}


def read(data: bytes, *, n_bytes: int = 1 << 18, options: ReadingOptions | None = None) -> list[Article | Reject]:
    pieces = (data[start : start + n_bytes] for start in range(0, len(data), n_bytes))
    content = Content(head=data[:HEAD_BYTES], pieces=pieces, source_uri="day.json", name="day.json")
    return list(read_json_document(content, options or ReadingOptions()))


def written(value: Any, **options: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, **options).encode()


def outline(items: list[Article | Reject]) -> list[tuple[str, str]]:
    return [
        (item.source_uri, item.paragraphs[0].text if isinstance(item, Article) else item.reason.value) for item in items
    ]


BOTH = [("day.json#1", "Мост открыт"), ("day.json#2", "Կամուրջը բացվեց")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(written(RU), [("day.json", "Мост открыт")], id="one article"),
        pytest.param(written(RU, indent=2), [("day.json", "Мост открыт")], id="one article over lines"),
        pytest.param(written([RU, HY]), BOTH, id="list"),
        pytest.param(written([RU, HY], indent=1), BOTH, id="list over lines"),
        pytest.param(written({"status": "ok", "articles": [RU, HY], "n": 2}), BOTH, id="list in an object"),
        pytest.param(written({"articles": [RU], "x": [1], "news": [HY]}), BOTH, id="two lists in an object"),
        pytest.param(written({"response": {"n": 2, "docs": [RU, HY]}}), BOTH, id="list in an envelope"),
        pytest.param(
            written({**RU, "items": [{"picture": 1}]}), [("day.json", "Мост открыт")], id="article with items"
        ),
        pytest.param(written(RU) + b"\n" + written(HY), BOTH, id="json lines"),
        pytest.param(written(RU, indent=1) + b"\n" + written(HY, indent=1), BOTH, id="objects one after another"),
        pytest.param(b"\xef\xbb\xbf" + written([RU, HY]), BOTH, id="byte order mark"),
        pytest.param(json.dumps([RU, HY], ensure_ascii=False).encode("utf-16"), BOTH, id="utf-16"),
        pytest.param(
            written([RU, 5, HY]), [BOTH[0], ("day.json#2", "bad-record"), ("day.json#3", HY["title"])], id="5"
        ),
        pytest.param(b"[]", [("day.json", "empty")], id="empty list"),
        pytest.param(b'{"articles": []}', [("day.json", "empty")], id="empty list in an object"),
        pytest.param(b" \n ", [("day.json", "empty")], id="blanks"),
        pytest.param(b"", [("day.json", "empty")], id="nothing"),
        pytest.param(b"{}", [("day.json", "bad-record")], id="empty object"),
        pytest.param(b"17", [("day.json#1", "bad-record")], id="number"),
    ],
)
def test_records(data: bytes, expected: list[tuple[str, str]]) -> None:
    assert outline(read(data)) == expected
    assert outline(read(data, n_bytes=1)) == expected


@pytest.mark.parametrize("name", LIST_NAMES)
def test_usual_names_of_lists(name: str) -> None:
    assert outline(read(written({name: [RU, HY]}))) == BOTH


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        pytest.param(b'{"text": "a" "b"}', "line 3, column 14", id="comma missing"),
        pytest.param(b'{"text": "a}', "line 3, column 10", id="quote missing"),
        pytest.param(b'{"text": "\\x"}', "line 3, column 11", id="escape"),
        pytest.param(b'{"text": nul}', "line 3, column 10", id="word"),
        pytest.param(b"[" * 100_000, "line 3, column 1", id="nested too deep"),
        pytest.param(b"", "line 3, column 1", id="end"),
    ],
)
def test_broken_json_is_one_reject_that_names_the_place(broken: bytes, place: str) -> None:
    data = b"[" + written(RU) + b",\n" + written(HY) + b",\n" + broken

    *articles, bad = read(data)

    assert outline(articles) == BOTH
    assert isinstance(bad, Reject)
    assert (bad.reason, bad.source_uri) == (Reason.BAD_JSON, "day.json#3")
    assert place in bad.detail
    assert read(data, n_bytes=3) == [*articles, bad]


@pytest.mark.parametrize(
    "data", [b'{"text": "a",}', b'{"text" "a"}', b'{text: "a"}', b'["text"'], ids=["comma", "colon", "name", "bracket"]
)
def test_broken_marks_are_rejected(data: bytes) -> None:
    assert Reason.BAD_JSON in [item.reason for item in read(data) if isinstance(item, Reject)]


def test_damaged_bytes_cost_one_record() -> None:
    data = written([RU, HY, RU]).replace("Անցումն".encode(), b"\xd4\xd4")

    first, bad, last = read(data)

    assert isinstance(bad, Reject)
    assert (bad.reason, bad.source_uri) == (Reason.ENCODING, "day.json#2")
    assert b"\xd4\xd4" in bad.payload
    assert isinstance(first, Article)
    assert isinstance(last, Article)


def test_damaged_bytes_outside_of_records_end_the_reading() -> None:
    first, bad = read(b'{"articles": [' + written(RU) + '], "note": "Ереван'.encode() + b'\xd0"}')

    assert isinstance(first, Article)
    assert isinstance(bad, Reject)
    assert bad.reason is Reason.ENCODING


def test_value_above_the_limit_is_rejected_with_its_remedy() -> None:
    blocks = [b'[{"text": "a"},\n{"text": "', *[b"a" * (1 << 20)] * 40, b'"}]']

    def pieces() -> Iterator[bytes]:
        yield from blocks

    content = Content(head=blocks[0] + blocks[1][:1000], pieces=pieces(), source_uri="day.json")
    first, bad = read_json_document(content, ReadingOptions())

    assert isinstance(first, Article)
    assert isinstance(bad, Reject)
    assert (bad.reason, bad.payload_bytes) == (Reason.TOO_LARGE, sum(map(len, blocks[1:])) + len('{"text": "'))
    assert "JSON Lines" in bad.detail
    assert str(MAX_ARTICLE_BYTES) in bad.detail


def test_list_is_read_as_it_comes() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"[" + written(RU) + b", " + b" " * HEAD_BYTES
        raise OSError("the disk is gone")

    items = read_json_document(Content(head=b"[{", pieces=pieces(), source_uri="day.json"), ReadingOptions())

    assert isinstance(next(items), Article)
    with pytest.raises(OSError, match="gone"):
        next(items)


def test_fields_of_the_user() -> None:
    data = written([{"content": {"body": "Storm."}}])

    [item] = read(data, options=ReadingOptions(fields={"text": "content.body"}))

    assert isinstance(item, Article)


def test_binary_file_is_one_reject() -> None:
    [item] = read(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))

    assert isinstance(item, Reject)
    assert item.reason is Reason.BINARY


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"text": "a"}\n{"text": "b"}', True), (b'\xef\xbb\xbf{"text": "a"}\n{', True),
        (b'{"text": "a"}\n \n', False), (b'{\n"text": "a"}', False), (b'[{"text": "a"}]\n', False),
        (b"{\n", False), (b"", False),
    ],
)  # fmt: skip
def test_json_lines_are_told_from_a_document(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_json_lines(head) is expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'[{"text": "a"}]', True), (b'[\n  {\n"text"', True), (b'{\n  "text": "a"\n}', True),
        (b'{"text": "a"}', False), (b'{"text": "a"}\n{"text": "b"}', False), (b"[Update] Storm hits", False),
        (b"{{ quote }}", False), (b"", False),
    ],
)  # fmt: skip
def test_document_is_known_by_its_beginning(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_likely_json(head) is expected
