from __future__ import annotations

import io
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from pipeline.errors import Reason
from pipeline.ingest.columnar import is_arrow_file, is_parquet, read_columnar
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.types import Article, Reject

MOMENT = datetime(2020, 11, 13, 10, 30, tzinfo=timezone.utc)
TABLE = pa.table(
    {
        "title": ["Мост открыт", "Կամուրջը բացվեց", None],
        "text": ["Проезд бесплатный.", "Առաջին։\n\nԵրկրորդ։", None],
        "published_at": pa.array([MOMENT, None, None], pa.timestamp("us", tz="Asia/Yerevan")),
        "authors": [["Ann Lee", "Bo Ek"], [], None],
        "html": [b"<p>"] * 3,
    }
)


def parquet(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def arrow_file(table: pa.Table, *, batch_rows: int = 1000, is_stream: bool = False) -> bytes:
    file = io.BytesIO()
    with (ipc.new_stream if is_stream else ipc.new_file)(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch_rows)
    return file.getvalue()


def arrow_stream(table: pa.Table) -> bytes:
    return arrow_file(table, is_stream=True)


def read(data: bytes, options: ReadingOptions | None = None) -> list[Article | Reject]:
    content = Content(head=data[:HEAD_BYTES], pieces=iter([data]), source_uri="day.parquet")
    return list(read_columnar(content, options or ReadingOptions()))


@pytest.mark.parametrize("written", [parquet, arrow_file, arrow_stream])
def test_rows_are_read(written: Any) -> None:
    first, second, third = read(written(TABLE))

    assert isinstance(first, Article)
    assert (first.source_uri, first.published_at, first.authors) == ("day.parquet#1", MOMENT, ("Ann Lee", "Bo Ek"))
    assert isinstance(second, Article)
    assert [paragraph.text for paragraph in second.paragraphs] == ["Կամուրջը բացվեց", "Առաջին։", "Երկրորդ։"]
    assert isinstance(third, Reject)
    assert (third.reason, third.source_uri) == (Reason.EMPTY, "day.parquet#3")


def test_files_are_known_by_their_first_bytes() -> None:
    assert (is_parquet(parquet(TABLE)), is_arrow_file(parquet(TABLE))) == (True, False)
    assert (is_parquet(arrow_file(TABLE)), is_arrow_file(arrow_file(TABLE))) == (False, True)
    assert not is_arrow_file(arrow_stream(TABLE))


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pa.array(["Storm."], pa.large_string()), id="large string"),
        pytest.param(pa.array(["Storm."]).dictionary_encode(), id="dictionary"),
        pytest.param(pa.array([["Storm."]]), id="list"),
        pytest.param(pa.array([{"text": "Storm."}]), id="struct"),
    ],
)
def test_types_of_text(column: pa.Array) -> None:
    [item] = read(arrow_file(pa.table({"maintext": column})))

    assert isinstance(item, Article)
    assert item.paragraphs[0].text == "Storm."


@pytest.mark.parametrize(
    ("column", "expected", "notes"),
    [
        pytest.param(pa.array([MOMENT], pa.timestamp("ns", tz="UTC")).cast("timestamp[ns]"), MOMENT, (), id="no zone"),
        pytest.param(pa.array([1605263400000000001], pa.timestamp("ns", tz="UTC")), MOMENT, (), id="nanoseconds"),
        pytest.param(pa.array([1605263400], pa.timestamp("s", tz="Nowhere/Nothing")), MOMENT, (), id="unknown zone"),
        pytest.param(pa.array([MOMENT.date()]), MOMENT.replace(hour=0, minute=0), (), id="day"),
        pytest.param(pa.array([2**62], pa.timestamp("us")), None, ("bad-date",), id="beyond all years"),
        pytest.param(pa.array([1605263400]), MOMENT, (), id="seconds"),
    ],
)
def test_dates_of_columns(column: pa.Array, expected: datetime | None, notes: tuple[str, ...]) -> None:
    [item] = read(arrow_file(pa.table({"text": ["a"], "published_at": column})))

    assert isinstance(item, Article)
    assert (item.published_at, item.notes) == (expected, notes)


def test_structs_are_read() -> None:
    table = pa.table({"text": ["Storm."], "metadata": [{"url": "https://a.example", "title": "Sea"}]})

    [item] = read(parquet(table))

    assert isinstance(item, Article)
    assert (item.url, item.paragraphs[0].text) == ("https://a.example", "Sea")


def test_pairs_of_sentences_need_to_be_told_which_is_the_source() -> None:
    data = parquet(pa.table({"translation": [{"en": "Storm.", "ru": "Шторм."}] * 3}))

    [bad] = read(data)
    articles = read(data, ReadingOptions(fields={"text": "translation.ru"}))

    assert isinstance(bad, Reject)
    assert (bad.reason, bad.payload_bytes) == (Reason.BAD_RECORD, len(data))
    assert 'text = "translation.en"' in bad.detail
    assert [item.paragraphs[0].text for item in articles if isinstance(item, Article)] == ["Шторм."] * 3


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        pytest.param(parquet(pa.table({"id": [1]})), Reason.BAD_RECORD, "found: id", id="no text"),
        pytest.param(parquet(TABLE.slice(0, 0)), Reason.EMPTY, "no records", id="no rows"),
        pytest.param(parquet(TABLE)[:-20], Reason.UNREADABLE, "damaged data", id="cut"),
        pytest.param(b"PAR1" + bytes(100) + b"PAR1", Reason.UNREADABLE, "damaged data", id="nothing inside"),
        pytest.param(arrow_file(TABLE)[:-20], Reason.UNREADABLE, "damaged data", id="cut arrow"),
        pytest.param(b"no arrow at all", Reason.UNREADABLE, "damaged data", id="no stream"),
        pytest.param(b"FEA1" + bytes(20), Reason.UNREADABLE, "version 1", id="old feather"),
        pytest.param(b"", Reason.EMPTY, "no records", id="nothing"),
    ],
)
def test_file_without_rows_is_one_reject(data: bytes, reason: Reason, detail: str) -> None:
    [item] = read(data)

    assert isinstance(item, Reject)
    assert (item.reason, item.source_uri) == (reason, "day.parquet")
    assert detail in item.detail


LONG = pa.table({"text": [f"Storm number {number} came and went." for number in range(900)]})


def test_damaged_row_group_costs_itself_only() -> None:
    data = bytearray(parquet(LONG, row_group_size=300, compression="snappy", use_dictionary=False))
    chunk = pq.read_metadata(io.BytesIO(data)).row_group(1).column(0)
    where = chunk.data_page_offset + chunk.total_compressed_size // 2
    data[where : where + 40] = b"\xff" * 40

    items = read(bytes(data))

    [bad] = [item for item in items if isinstance(item, Reject)]
    assert (bad.reason, bad.source_uri) == (Reason.UNREADABLE, "day.parquet#301")
    assert "row group 2" in bad.detail
    assert "its last 300 of 300 rows are lost" in bad.detail
    assert [item.source_uri for item in items][300:302] == ["day.parquet#301", "day.parquet#601"]
    assert len(items) == 601


def test_stream_that_is_cut_gives_what_came_before() -> None:
    data = arrow_file(LONG, batch_rows=300, is_stream=True)

    *articles, bad = read(data[: len(data) * 2 // 3 - 100])

    assert len(articles) == 300
    assert isinstance(bad, Reject)
    assert (bad.reason, bad.source_uri) == (Reason.UNREADABLE, "day.parquet#301")


@pytest.mark.parametrize("written", [parquet, arrow_file])
def test_damaged_text_costs_one_row(written: Any) -> None:
    damaged = pa.array([b"One.", b"\xff\xd0", b"Three."] * 100)
    text = pa.StringArray.from_buffers(300, *damaged.buffers()[1:])

    items = read(written(pa.table({"text": text})))

    assert [isinstance(item, Article) for item in items] == [True, False, True] * 100
    assert items[1].source_uri == "day.parquet#2"


def test_large_text_is_rejected_alone() -> None:
    table = pa.table({"text": ["a", "b" * (MAX_ARTICLE_BYTES + 1), "c"]})

    first, bad, last = read(parquet(table))

    assert isinstance(bad, Reject)
    assert (bad.reason, bad.payload_bytes) == (Reason.TOO_LARGE, MAX_ARTICLE_BYTES + 1)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
