from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.ingest.tables import is_likely_table, read_table
from pipeline.types import Article, Reject

HEADER = b"title,text,url\n"
GOOD = "Мост открыт,Проезд бесплатный.,https://vestnik.example/1\n".encode()


def read(data: bytes, *, n_bytes: int = 1 << 18, options: ReadingOptions | None = None) -> list[Article | Reject]:
    pieces = (data[start : start + n_bytes] for start in range(0, len(data), n_bytes))
    content = Content(head=data[:HEAD_BYTES], pieces=pieces, source_uri="day.csv", name="day.csv")
    return list(read_table(content, options or ReadingOptions()))


def outline(items: list[Article | Reject]) -> list[tuple[str, str]]:
    return [
        (item.source_uri, item.paragraphs[0].text if isinstance(item, Article) else item.reason.value) for item in items
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"title,text\nStorm,It came.\n", id="commas"),
        pytest.param(b"Title;TEXT\r\nStorm;It came.\r\n", id="semicolons and capitals"),
        pytest.param(b"title\ttext\nStorm\tIt came.\n", id="tabs"),
        pytest.param(b"title|text\nStorm|It came.", id="bars"),
        pytest.param(b'"title","text"\n"Storm","It came."\n', id="quotes"),
        pytest.param(b"sep=;\ntitle;text\nStorm;It came.\n", id="separator named"),
        pytest.param(b"\n\ntitle,text\n\n,\nStorm,It came.,,\n \n", id="blank rows and cells"),
        pytest.param(b"title,text\rStorm,It came.\r", id="line ends of old"),
        pytest.param("\ufefftitle,text\nStorm,It came.\n".encode(), id="byte order mark"),
        pytest.param("title,text\nStorm,It came.\n".encode("utf-16"), id="utf-16"),
    ],
)
def test_table_is_read(data: bytes) -> None:
    [article] = read(data)

    assert isinstance(article, Article)
    assert [paragraph.text for paragraph in article.paragraphs] == ["Storm", "It came."]
    assert read(data, n_bytes=1) == [article]


def test_cells_hold_several_lines_and_rows_are_named_by_their_first() -> None:
    items = read(HEADER + 'Мост,"Открыли ""рано"".\n\nПроезд бесплатный.",u\n'.encode() + GOOD)

    assert outline(items) == [("day.csv#2", "Мост"), ("day.csv#5", "Мост открыт")]
    assert isinstance(items[0], Article)
    assert [paragraph.text for paragraph in items[0].paragraphs][1:] == ['Открыли "рано".', "Проезд бесплатный."]


def test_lists_in_cells() -> None:
    [article] = read(b'text,authors,keywords\nIt came.,"[""Ann Lee"", ""Bo Ek""]","[\'sea\', \'wind\']"\n')

    assert isinstance(article, Article)
    assert (article.authors, article.keywords) == (("Ann Lee", "Bo Ek"), ("sea", "wind"))


@pytest.mark.parametrize(
    ("rows", "n_rejects", "reason", "detail"),
    [
        pytest.param('A,"open,u\n', 1, Reason.BAD_RECORD, "line 2: ", id="open quote"),
        pytest.param('A,"a "b" c",u\n', 1, Reason.BAD_RECORD, "not doubled", id="quotes not doubled"),
        pytest.param('A,"one\nline\nmore" x,u\n', 1, Reason.BAD_RECORD, "line 2: ", id="row of several lines"),
        pytest.param(
            'A,"one\nline",u,v,w\n', 1, Reason.BAD_RECORD, "5 cells where the header names 3", id="lines, cells"
        ),
        pytest.param("A,B\n", 1, Reason.BAD_RECORD, "2 cells where the header names 3", id="cell missing"),
        pytest.param("A,B,u,v\n", 1, Reason.BAD_RECORD, "4 cells where the header names 3", id="cell too many"),
        pytest.param("A,B\x00,u\n", 1, Reason.BAD_RECORD, "NUL", id="nul"),
        pytest.param("A,\udcd0\udcd0,u\n", 1, Reason.ENCODING, "not utf-8", id="bytes"),
        pytest.param(",,u\n", 1, Reason.EMPTY, "no text", id="no text"),
        pytest.param('A,"open,u\nA,"open,u\n', 2, Reason.BAD_RECORD, "line 2: ", id="two in a row"),
    ],
)
def test_broken_row_costs_itself_only(rows: str, n_rejects: int, reason: Reason, detail: str) -> None:
    broken = rows.encode("utf-8", "surrogateescape")
    data = HEADER + broken + GOOD * 3

    items = read(data)

    bad = items[0]
    assert isinstance(bad, Reject)
    assert (bad.reason, bad.source_uri) == (reason, "day.csv#2")
    assert detail in bad.detail
    assert broken.startswith(bad.payload)
    assert outline(items)[n_rejects:] == [(f"day.csv#{2 + rows.count(chr(10)) + n}", "Мост открыт") for n in range(3)]
    assert read(data, n_bytes=1) == items


def test_quotes_between_tabs_are_text() -> None:
    items = read(b'title\ttext\n"Storm" hits\tIt came.\n"No end\tOf it.\nA\tB.\n')

    assert [text for _, text in outline(items)] == ['"Storm" hits', '"No end', "A"]


def test_row_above_the_limit_is_rejected_alone() -> None:
    block = b"a" * (1 << 20)

    def pieces() -> Iterator[bytes]:
        yield HEADER + GOOD + b"A,"
        for _ in range(20):
            yield block
        yield b",u\n" + GOOD

    content = Content(head=HEADER + GOOD + b"A,aaa", pieces=pieces(), source_uri="day.csv")
    first, bad, last = read_table(content, ReadingOptions())

    assert isinstance(first, Article)
    assert isinstance(bad, Reject)
    assert (bad.reason, bad.source_uri) == (Reason.TOO_LARGE, "day.csv#3")
    assert str(MAX_ARTICLE_BYTES) in bad.detail
    assert last.source_uri == "day.csv#4"


def test_large_cell_is_read() -> None:
    [article] = read(b"title,text\nA," + b"b" * (1 << 20))

    assert isinstance(article, Article)
    assert len(article.paragraphs[1].text) == 1 << 20


def test_unknown_columns_are_one_reject() -> None:
    data = b"id,headlines\n" + b"1,A\n" * 1000

    [item] = read(data)

    assert isinstance(item, Reject)
    assert (item.reason, item.source_uri, item.payload) == (Reason.BAD_RECORD, "day.csv", data)
    assert "found: id, headlines; name the field of the text under [input.fields]" in item.detail
    assert read(data, n_bytes=7) == [item]


def test_columns_of_the_user() -> None:
    fields = {"title": "Headline EN", "text": "Body"}

    assert outline(read(b"Headline EN,Body\nStorm,It came.\n", options=ReadingOptions(fields=fields))) == [
        ("day.csv#2", "Storm")
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"title,text\n", b'"open'], ids=["nothing", "blank", "header", "quote"])
def test_table_without_rows_is_one_reject(data: bytes) -> None:
    [item] = read(data)

    assert isinstance(item, Reject)
    assert item.reason is Reason.EMPTY


def test_legacy_encoding() -> None:
    [article] = read("title,text\nМост открыт,Проезд по мосту бесплатный до конца года.\n".encode("cp1251"))

    assert isinstance(article, Article)
    assert (article.paragraphs[0].text, article.encoding) == ("Мост открыт", "windows-1251")


def test_what_the_csv_module_writes_is_read() -> None:
    rows = [('Storm, "the" big one', "It came.\nIt went."), ("Մոտ", "«Այո», ասաց նա։"), ("A;B\tC", "'")]
    file = io.StringIO()
    csv.writer(file).writerows([("title", "text"), *rows])

    articles = read(file.getvalue().encode())

    read_back = [[part.text for part in item.paragraphs] for item in articles if isinstance(item, Article)]
    assert read_back == [[title, *text.split("\n")] for title, text in rows]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("title,text\nA,B\n", True), ("id;Title;URL\n", True), ("Storm, the big one\nIt came.\n", False),
        ("text\nIt came.\n", False), ("Մոտ, text\n", True), ("title of it, text of it\n", False), ("", False),
    ],
)  # fmt: skip
def test_prose_is_no_table(head: str, expected: bool) -> None:  # noqa: FBT001
    assert is_likely_table(head.encode()) is expected
