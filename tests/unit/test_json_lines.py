from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from pipeline.filters.lines import Record, answer_lines, one_by_one, parse_record


def shout(record: Record) -> Record:
    if "text" not in record:
        raise ValueError("no text")
    return {**record, "shout": str(record["text"]).upper()}


def answers(lines: list[bytes], *, batch_size: int = 512) -> list[Record]:
    content = b"".join(batch.content for batch in answer_lines(lines, one_by_one(shout), batch_size=batch_size))
    return [json.loads(line) for line in content.decode().splitlines()]


def test_each_line_is_answered_in_its_place() -> None:
    lines = [b'{"text": "one"}\n', b"{\n", b'{"id": 7}\n', b"\n", b'{"text": "two", "id": 8}']

    found = answers(lines)

    assert found[0] == {"text": "one", "shout": "ONE"}
    assert found[1]["line"] == 2
    assert found[2] == {"error": "no text", "line": 3}
    assert found[3]["line"] == 4
    assert found[4] == {"text": "two", "id": 8, "shout": "TWO"}


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_size_of_batches_changes_nothing(batch_size: int) -> None:
    lines = [b'{"text": "%d"}' % number if number % 3 else b"?" for number in range(10)]

    assert answers(lines, batch_size=batch_size) == answers(lines)


def test_batches_are_answered_as_they_come() -> None:
    seen: list[int] = []

    def lines() -> object:
        for number in range(4):
            seen.append(number)
            yield b"{}"

    next(answer_lines(lines(), one_by_one(shout), batch_size=2))  # type: ignore[arg-type]

    assert seen == [0, 1]


def test_bad_lines_are_counted() -> None:
    batch = next(answer_lines([b"{}", b"[]", b'{"text": "one"}'], one_by_one(shout)))

    assert batch.n_bad == 2


def test_records_of_a_batch_come_together() -> None:
    sizes: list[int] = []

    def count(records: Sequence[Record]) -> Sequence[Record]:
        sizes.append(len(records))
        return records

    list(answer_lines([b"{}", b"?", b"{}", b"{}"], count, batch_size=3))

    assert sizes == [2, 1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b'{"text": ', "not JSON", id="cut-off"),
        pytest.param(b'{"text": NaN}', "NaN is no JSON number", id="nan"),
        pytest.param(b'["text"]', "not a JSON object", id="list"),
        pytest.param(b'"text"', "not a JSON object", id="string"),
        pytest.param('{"text": "Մ"}'.encode("utf-16"), "not UTF-8", id="utf-16"),
        pytest.param('{"text": "Москва"}'.encode("cp1251"), "not UTF-8", id="windows-1251"),
        pytest.param(b"[" * 100_000, "too many brackets", id="deep"),
        pytest.param(b'{"n": ' + b"1" * 5000 + b"}", "not JSON", id="endless-number"),
    ],
)
def test_line_without_a_record_is_told(line: bytes, message: str) -> None:
    found = parse_record(line)

    assert isinstance(found, ValueError)
    assert message in str(found)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'\xef\xbb\xbf{"text": "one"}', id="byte-order-mark"),
        pytest.param(b'  {"text": "one"}\r\n', id="blanks-and-windows-line-end"),
    ],
)
def test_record_is_read(line: bytes) -> None:
    assert parse_record(line) == {"text": "one"}


@pytest.mark.parametrize("text", ["Москва", "Երևան", "a\u2028b", "tab\tand\nline", "😀", "\ud83d", "\x00"])
def test_text_comes_back_as_it_was(text: str) -> None:
    line = json.dumps({"text": text}).encode()

    batch = next(answer_lines([line], one_by_one(lambda record: record)))

    assert batch.content.count(b"\n") == 1
    assert json.loads(batch.content) == {"text": text}


def test_letters_are_written_as_letters() -> None:
    batch = next(answer_lines([b'{"text": "\\u0535"}'], one_by_one(lambda record: record)))

    assert batch.content == '{"text": "Ե"}\n'.encode()
