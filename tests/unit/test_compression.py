from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from pipeline.errors import Reason
from pipeline.ingest.compression import compression_of, unpacked
from pipeline.ingest.content import ReadingOptions
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.limits import DEFAULT_LIMITS, ReadingLimits
from pipeline.ingest.read import ArticleReader
from pipeline.ingest.stream import PackedError
from pipeline.types import Article, Reject
from tests.packing import PACKERS, outcome, read_bytes

RECORD = '{"title": "Parliament passes budget", "text": "The vote took place on Friday."}\n'
TEXT = "Կառավարությունը հաստատեց բյուջեն\n\nՆիստը տևեց երեք ժամ։\n"
SKIPPABLE_FRAME = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"seek"

Packer = Callable[[bytes], bytes]
every_way = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def read(path: Path, *, limits: ReadingLimits = DEFAULT_LIMITS) -> list[Article | Reject]:
    return list(ArticleReader(find_inputs([str(path)]).files, options=ReadingOptions(limits=limits)))


def records(n_records: int) -> bytes:
    lines = [f'{{"title": "Отчёт {number}", "text": "{os.urandom(40).hex()}"}}\n' for number in range(n_records)]
    return "".join(lines).encode()


@every_way
@pytest.mark.parametrize("name", ["day.jsonl", "day.jsonl.gz", "day.JSONL.ZST", "day.xz", "day", "day.txt"])
def test_compression_is_told_by_content(tmp_path: Path, pack: Packer, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(pack((TEXT if name == "day.txt" else RECORD).encode()))

    assert outcome(read(path)) == [(str(path) if name == "day.txt" else f"{path}#1", "")]


@pytest.mark.parametrize("name", ["day.jsonl.gz", "day.bz2", "day.ndjson.zst"])
def test_name_alone_does_not_make_it_compressed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(RECORD, encoding="utf-8")

    assert outcome(read(path)) == [(f"{path}#1", "")]


def test_unpacked_text_keeps_the_suffix_below_that_of_compression(tmp_path: Path) -> None:
    path = tmp_path / "memo.txt.gz"
    path.write_text("{draft} Budget\n\nThe vote took place on Friday.", encoding="utf-8")

    assert outcome(read(path)) == [(str(path), "")]


@every_way
def test_several_members_are_read_as_one(pack: Packer) -> None:
    data = pack(RECORD.encode()) * 3

    assert outcome(read_bytes(data)) == [("-#1", ""), ("-#2", ""), ("-#3", "")]
    assert outcome(read_bytes(data + bytes(512))) == outcome(read_bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SKIPPABLE_FRAME + zstandard.compress(RECORD.encode()), id="zstd with a frame to skip"),
        pytest.param(zstandard.ZstdCompressor(write_checksum=True).compress(RECORD.encode()), id="zstd, checksum"),
        pytest.param(lzma.compress(RECORD.encode(), check=lzma.CHECK_SHA256, preset=9), id="xz, highest level"),
        pytest.param(gzip.compress(gzip.compress(RECORD.encode())), id="twice"),
        pytest.param(bz2.compress(b"") + bz2.compress(RECORD.encode()), id="bzip2 that begins empty"),
    ],
)
def test_variants_are_read(data: bytes) -> None:
    assert outcome(read_bytes(data)) == [("-#1", "")]


@every_way
def test_nothing_packed_is_an_empty_file(pack: Packer) -> None:
    assert outcome(read_bytes(pack(b""))) == [("-", "empty")]


@every_way
@pytest.mark.parametrize(
    ("damage", "detail", "n_kept"),
    [
        pytest.param(lambda data: data[: len(data) // 2], "cut off after", 0, id="cut in the middle"),
        pytest.param(lambda data: data[:-1], "cut off after", 2000, id="cut at the end"),
        pytest.param(lambda data: data + b"no longer gzip data", "damaged", 2000, id="garbage at the end"),
        pytest.param(lambda data: data + data[: len(data) // 2], "cut off after", 3000, id="second member cut"),
        pytest.param(lambda data: data + b"?" + data[1:], "damaged", 2000, id="second member damaged"),
    ],
)
def test_damage_is_a_reject_and_what_was_read_stays(pack: Packer, damage: Packer, detail: str, n_kept: int) -> None:
    *kept, last = read_bytes(damage(pack(records(3000))))

    assert isinstance(last, Reject)
    assert (last.reason, last.source_uri) == (Reason.UNREADABLE, "-")
    assert detail in last.detail
    assert len(kept) >= n_kept


@pytest.mark.parametrize(
    ("damage", "detail", "n_kept"),
    [
        pytest.param(lambda data: data[: len(data) // 2], "cut off after", 1000, id="cut in the middle"),
        pytest.param(lambda data: data[:-8] + bytes(8), "incorrect data check; `gzip -t`", 2900, id="checksum"),
        pytest.param(lambda data: data[:20000] + bytes(64) + data[20064:], "damaged gzip", 100, id="zeros inside"),
    ],
)
def test_damaged_gzip_loses_little(damage: Packer, detail: str, n_kept: int) -> None:
    *kept, last = read_bytes(damage(gzip.compress(records(3000))))

    assert isinstance(last, Reject)
    assert detail in last.detail
    assert len(kept) >= n_kept


def test_small_cut_gzip_keeps_its_records() -> None:
    items = read_bytes(gzip.compress(RECORD.encode() * 3)[:-4])

    assert [type(item) for item in items] == [Article, Article, Article, Reject]


def test_pieces_of_any_size_unpack_to_the_same() -> None:
    text = records(300)
    for pack in PACKERS.values():
        data = pack(text) * 2
        compression = compression_of(data)
        assert compression is not None
        for size in (1, 7, 1000, len(data)):
            pieces = (data[start : start + size] for start in range(0, len(data), size))
            assert b"".join(unpacked(pieces, compression)) == text * 2


def test_what_needs_much_memory_to_unpack_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}]
    data = lzma.compress(RECORD.encode(), filters=filters)

    assert outcome(read_bytes(data)) == [("-", "unreadable")]


@pytest.mark.parametrize("name", ["bomb.txt.gz", "bomb.jsonl.gz"])
def test_large_line_is_too_large_and_takes_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(b"a" * (1 << 20))

    tracemalloc.start()
    items = read(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 48 << 20
    assert [item.reason for item in items if isinstance(item, Reject)] == [Reason.TOO_LARGE]
    assert isinstance(items[0], Reject)
    assert items[0].payload_bytes == 64 << 20
    assert len(items[0].payload) == 1 << 20


@every_way
def test_bomb_is_one_reject_and_the_rest_goes_on(tmp_path: Path, pack: Packer) -> None:
    limits = ReadingLimits(free_bytes=1 << 20, max_ratio=100)
    (tmp_path / "a.jsonl").write_bytes(pack(RECORD.encode() + b"\n" * (16 << 20)))
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")

    items = read(tmp_path, limits=limits)

    assert outcome(items) == [
        (f"{tmp_path}/a.jsonl#1", ""),
        (f"{tmp_path}/a.jsonl", "too-large"),
        (f"{tmp_path}/b.txt", ""),
    ]
    assert isinstance(items[1], Reject)
    assert "`max_ratio`" in items[1].detail


def test_size_has_a_limit() -> None:
    limits = ReadingLimits(max_unpacked_bytes=len(RECORD) * 100)
    items = read_bytes(gzip.compress(RECORD.encode() * 100), limits=limits)
    assert len(items) == 100
    assert all(isinstance(item, Article) for item in items)

    last = read_bytes(gzip.compress(RECORD.encode() * 101), limits=limits)[-1]
    assert isinstance(last, Reject)
    assert last.reason is Reason.TOO_LARGE
    assert "`max_unpacked_bytes`" in last.detail


def test_depth_has_a_limit() -> None:
    data = RECORD.encode()
    for _ in range(DEFAULT_LIMITS.max_depth):
        data = gzip.compress(data)

    assert outcome(read_bytes(data)) == [("-#1", "")]
    assert outcome(read_bytes(gzip.compress(data))) == [("-", "too-large")]


def test_zstd_that_unpacks_to_nothing_but_zeros_takes_little_memory() -> None:
    data = zstandard.compress(bytes(256 << 20))
    compression = compression_of(data)
    assert compression is not None

    tracemalloc.start()
    n_bytes = sum(map(len, unpacked(iter([data]), compression)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_bytes == 256 << 20
    assert peak_bytes < 96 << 20


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    noise = os.urandom(1 << 15).hex()
    with gzip.open(path, "wb", compresslevel=1) as file:
        for number in range(600):
            file.write(f'{{"title": "Отчёт {number}", "text": "{noise}"}}\n'.encode())

    tracemalloc.start()
    n_read = sum(1 for _ in ArticleReader(find_inputs([str(path)]).files))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_read == 600
    assert path.stat().st_size > 16 << 20
    assert peak_bytes < 8 << 20


def test_read_error_below_compression_is_told_as_such() -> None:
    class Faulty(io.RawIOBase):
        def __init__(self) -> None:
            super().__init__()
            self._answers = iter([gzip.compress(RECORD.encode())[:40]])

        def read(self, _size: int = -1) -> bytes:
            for answer in self._answers:
                return answer
            raise OSError(5, "Input/output error")

    [item] = ArticleReader(find_inputs(["-"]).files, Faulty())  # type: ignore[arg-type]

    assert isinstance(item, Reject)
    assert item.detail == "cannot be read: Input/output error"


def test_damage_is_an_error_of_reading() -> None:
    compression = compression_of(b"\x1f\x8b\x08")
    assert compression is not None

    with pytest.raises(PackedError, match="gzip data is cut off after 3 bytes"):
        list(unpacked(iter([b"\x1f\x8b\x08"]), compression))
