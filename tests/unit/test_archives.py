from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import zstandard

from pipeline.ingest.archives import document_suffix
from pipeline.ingest.content import ReadingOptions
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.limits import DEFAULT_LIMITS, ReadingLimits
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, Reject
from tests.archives import zip_bytes, zip_special
from tests.packing import outcome, read_bytes, tar_bytes

RECORD = b'{"title": "Parliament passes budget", "text": "The vote took place on Friday."}\n'
TEXT = "Правительство утвердило бюджет\n\nЗаседание длилось три часа.\n".encode()

FILES = {
    "a/day.jsonl": RECORD * 2,
    "b.TXT": TEXT,
    "README": TEXT,
    "photo.png": b"\x89PNG",
    ".hidden.txt": TEXT,
    "__MACOSX/._b.txt": TEXT,
    "c.jsonl.gz": gzip.compress(RECORD),
    "d.zip": zip_bytes({"e.txt": TEXT}),
    "f.tar.xz": lzma.compress(tar_bytes({"g/h.jsonl.zst": zstandard.compress(RECORD)})),
}
FOUND = [
    *("!/a/day.jsonl#1", "!/a/day.jsonl#2", "!/b.TXT", "!/README"),
    *("!/c.jsonl.gz#1", "!/d.zip!/e.txt", "!/f.tar.xz!/g/h.jsonl.zst#1"),
]

every_archive = pytest.mark.parametrize(
    "data",
    [
        pytest.param(zip_bytes(FILES), id="zip"),
        pytest.param(tar_bytes(FILES, format=tarfile.USTAR_FORMAT), id="tar, POSIX 1988"),
        pytest.param(tar_bytes(FILES, format=tarfile.GNU_FORMAT), id="tar, GNU"),
        pytest.param(tar_bytes(FILES, format=tarfile.PAX_FORMAT), id="tar, POSIX 2001"),
        pytest.param(gzip.compress(tar_bytes(FILES)), id="tar in gzip"),
        pytest.param(zstandard.compress(tar_bytes(FILES)), id="tar in zstd"),
        pytest.param(gzip.compress(zip_bytes(FILES)), id="zip in gzip"),
    ],
)


def read(path: Path, *, limits: ReadingLimits = DEFAULT_LIMITS) -> list[Article | Reject]:
    reader = ArticleReader(find_inputs([str(path)]).files, options=ReadingOptions(limits=limits))
    items = list(reader)
    assert reader.read_bytes == reader.total_bytes
    return items


def details(items: list[Article | Reject]) -> str:
    return "\n".join(item.detail for item in items if isinstance(item, Reject))


@every_archive
def test_members_of_known_formats_are_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "crawl"
    path.write_bytes(data)

    assert outcome(read(path)) == [(f"{path}{uri}", "") for uri in FOUND]
    assert outcome(read_bytes(data)) == [(f"-{uri}", "") for uri in FOUND]


@pytest.mark.parametrize("pack", [zip_bytes, tar_bytes], ids=["zip", "tar"])
def test_names_are_labels_only(pack: object) -> None:
    files: Mapping[str, bytes] = dict.fromkeys(["../b.txt", "/etc/c.txt", "./d.txt", "a b/новости.txt"], TEXT)
    names = [item.source_uri for item in read_bytes(pack(files))]  # type: ignore[operator]

    assert names == [f"-!/{name}" for name in files]


def test_names_in_old_encodings_can_be_stored() -> None:
    member = tarfile.TarInfo("x\udcef.txt")
    member.size = len(TEXT)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(TEXT))

    assert outcome(read_bytes(buffer.getvalue())) == [("-!/x\\xef.txt", "")]


@pytest.mark.parametrize(("encoding", "name"), [("cp866", "новости.txt"), ("utf-8", "новости.txt")])
def test_names_in_zips_of_windows_are_russian(encoding: str, name: str) -> None:
    raw = name.encode(encoding)
    stand_in = "x" * len(raw) + ".txt"
    data = zip_bytes({stand_in: TEXT}).replace(stand_in.encode(), raw + b".txt")

    assert outcome(read_bytes(data)) == [(f"-!/{name}.txt", "")]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO], ids=["link", "device", "pipe"])
def test_special_members_of_zips_are_left_out(kind: int) -> None:
    assert outcome(read_bytes(zip_special({"a.txt": TEXT}, "b.txt", kind))) == [("-!/a.txt", "")]


def test_special_members_of_tars_are_left_out() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number, kind in enumerate([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]):
            member = tarfile.TarInfo(f"{number}.txt")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        folder = tarfile.TarInfo("folder.txt")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)

    assert outcome(read_bytes(buffer.getvalue())) == [("-", "empty")]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(zip_bytes({}), "a.zip", id="zip without members"),
        pytest.param(zip_bytes({"photo.png": b""}), "a.zip", id="zip without articles"),
        pytest.param(tar_bytes({}), "a.tar", id="tar without members"),
        pytest.param(tar_bytes({"photo.png": b""}), "a", id="tar without articles"),
    ],
)
def test_archive_without_articles_is_a_reject(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    assert outcome(read(path)) == [(str(path), "empty")]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"[Content_Types].xml": b"", "xl/sheet.xml": b"", "notes.txt": TEXT}, id="table"),
        pytest.param({"mimetype": b"application/epub+zip", "notes.txt": TEXT}, id="book"),
        pytest.param({"META-INF/MANIFEST.MF": b"", "notes.txt": TEXT}, id="program"),
    ],
)
def test_document_is_no_archive_of_articles(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes(files))

    assert outcome(read(path)) == [(str(path), "binary")]


@pytest.mark.parametrize(
    ("files", "suffix"),
    [
        pytest.param(["_rels/.rels", "word/document.xml", "[Content_Types].xml"], ".docx", id="DOCX"),
        pytest.param(["mimetype", "content.xml", "META-INF/manifest.xml"], ".odt", id="ODT"),
        pytest.param(["archive/data.warc.gz", "indexes/index.cdx", "datapackage.json"], ".wacz", id="WACZ"),
        pytest.param(["a.txt", "word/b.txt", "archive/c.txt"], None, id="archive"),
    ],
)
def test_kind_of_a_zip_is_told_by_its_names(files: list[str], suffix: str | None) -> None:
    data = zip_bytes(dict.fromkeys(files, b"application/vnd.oasis.opendocument.text"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert document_suffix(archive) == suffix


def test_cut_zip_with_the_suffix_of_a_format_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(zip_bytes(FILES)[:-30])

    assert outcome(read(path)) == [(str(path), "binary")]


def test_encrypted_member_is_a_reject_and_the_rest_is_read() -> None:
    data = bytearray(zip_bytes({"a.txt": TEXT, "b.txt": TEXT}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    items = read_bytes(bytes(data))

    assert outcome(items) == [("-!/a.txt", "unreadable"), ("-!/b.txt", "")]
    assert "encrypted" in details(items)


def test_member_packed_in_an_unknown_way_is_a_reject_and_the_rest_is_read() -> None:
    data = bytearray(zip_bytes({"a.txt": TEXT, "b.txt": TEXT}))
    for start, offset in ((0, 8), (data.index(b"PK\x01\x02"), 10)):
        data[start + offset : start + offset + 2] = struct.pack("<H", 9)

    assert outcome(read_bytes(bytes(data))) == [("-!/a.txt", "unreadable"), ("-!/b.txt", "")]


def test_damaged_member_of_a_zip_is_a_reject_and_the_rest_is_read() -> None:
    data = bytearray(zip_bytes({"a.txt": TEXT, "b.txt": TEXT}))
    data[60] ^= 0xFF
    items = read_bytes(bytes(data))

    assert outcome(items) == [("-!/a.txt", "unreadable"), ("-!/b.txt", "")]
    assert "begins at byte 0" in details(items)


def test_cut_zip_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes(FILES)[:-30])
    items = read(path)

    assert outcome(items) == [(str(path), "unreadable")]
    assert "directory stands at the end" in details(items)


def test_tar_that_is_cut_within_a_member_ends_there() -> None:
    data = tar_bytes({"a.txt": TEXT, "b.jsonl": RECORD * 200, "c.txt": TEXT})
    items = read_bytes(data[: 512 * 3 + 80 * 150])

    assert outcome(items)[0] == ("-!/a.txt", "")
    assert outcome(items)[-1] == ("-!/b.jsonl", "unreadable")
    assert len(items) > 50
    assert "begins at byte 1,536" in details(items)


@pytest.mark.parametrize("size", [1024, 1400], ids=["at the end of a member", "within a header"])
def test_tar_that_is_cut_between_members_is_told(size: int) -> None:
    items = read_bytes(tar_bytes({"a.txt": TEXT, "b.txt": TEXT})[:size])

    assert outcome(items) == [("-!/a.txt", ""), ("-", "unreadable")]
    assert "at byte 1,024" in details(items)


def test_damaged_header_in_a_tar_is_told() -> None:
    data = bytearray(tar_bytes({"a.txt": TEXT, "b.txt": TEXT}))
    data[1024] ^= 1

    assert outcome(read_bytes(bytes(data))) == [("-!/a.txt", ""), ("-", "unreadable")]


def test_tar_in_cut_gzip_is_one_reject_after_what_was_read() -> None:
    files = {f"{number}.txt": b"News\n\n" + os.urandom(2000).hex().encode() for number in range(40)}
    data = gzip.compress(tar_bytes(files))
    items = read_bytes(data[: len(data) // 2])

    assert [isinstance(item, Reject) for item in items] == [*[False] * (len(items) - 1), True]
    assert len(items) > 15
    assert "gzip data is cut off" in details(items)


def test_damaged_member_in_a_tar_does_not_end_it() -> None:
    data = tar_bytes({"a.jsonl.gz": gzip.compress(RECORD * 3)[:-5], "b.zip": b"PK\x03\x04 is no zip", "c.txt": TEXT})

    assert outcome(read_bytes(data))[-3:] == [
        ("-!/a.jsonl.gz", "unreadable"),
        ("-!/b.zip", "unreadable"),
        ("-!/c.txt", ""),
    ]


def test_long_metadata_in_a_tar_is_not_held() -> None:
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    data = tar_bytes({"a.txt": TEXT})[:1024] + member.tobuf(tarfile.GNU_FORMAT) + b"x" * 10_240
    items = read_bytes(data)

    assert outcome(items) == [("-!/a.txt", ""), ("-", "unreadable")]
    assert "metadata of 8,589,934,592 bytes" in details(items)


@pytest.mark.parametrize("pack", [zip_bytes, tar_bytes], ids=["zip", "tar"])
def test_number_of_members_has_a_limit(pack: object) -> None:
    data = pack({f"{number}.txt": TEXT for number in range(4)})  # type: ignore[operator]

    assert len(read_bytes(data, limits=ReadingLimits(max_members=4))) == 4
    items = read_bytes(data, limits=ReadingLimits(max_members=3))
    assert outcome(items)[-1] == ("-", "too-large")
    assert "`max_members`" in details(items)


@pytest.mark.parametrize("pack", [zip_bytes, tar_bytes], ids=["zip", "tar"])
def test_size_of_members_has_a_limit(pack: object) -> None:
    data = pack({"a.jsonl": RECORD * 3, "b.txt": TEXT})  # type: ignore[operator]
    items = read_bytes(data, limits=ReadingLimits(max_unpacked_bytes=len(RECORD) * 2))

    assert outcome(items)[-2:] == [("-!/a.jsonl", "too-large"), ("-!/b.txt", "")]
    assert "`max_unpacked_bytes`" in details(items)


def test_tar_itself_may_be_larger_than_its_members() -> None:
    data = gzip.compress(tar_bytes({f"{number}.txt": TEXT for number in range(9)}))

    assert len(read_bytes(data, limits=ReadingLimits(max_unpacked_bytes=len(TEXT)))) == 9


def test_members_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * (1 << 20))
        for _ in range(500):
            archive.filelist.append(archive.filelist[0])
    path = tmp_path / "a.zip"
    path.write_bytes(buffer.getvalue())
    items = read(path, limits=ReadingLimits(free_bytes=4 << 20))

    assert outcome(items)[-1] == (str(path), "too-large")
    assert len(items) < 100


def test_bomb_within_archives_ends_the_input() -> None:
    inner = zip_bytes({f"{number}.txt": b"a" * (1 << 20) for number in range(20)})
    data = zip_bytes({f"{number}.zip": inner for number in range(20)} | {"z.txt": TEXT})
    items = read_bytes(data, limits=ReadingLimits(free_bytes=4 << 20, max_ratio=100))

    assert outcome(items)[-1] == ("-", "too-large")
    assert "`max_ratio`" in details(items)
    assert len(items) < 100


def test_sparse_file_in_a_tar_is_a_bomb() -> None:
    member = tarfile.TarInfo("a.txt")
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 40)}
    content = b"1\n0\n512\n".ljust(512, b"\0") + b"a" * 512
    member.size = len(content)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(content))
    items = read_bytes(buffer.getvalue(), limits=ReadingLimits(free_bytes=1 << 20))

    assert outcome(items)[-1] == ("-", "too-large")


def test_depth_has_a_limit() -> None:
    data = zip_bytes({"a.txt": TEXT})
    for _ in range(DEFAULT_LIMITS.max_depth - 1):
        data = zip_bytes({"a.zip": data})
    assert [type(item) for item in read_bytes(data)] == [Article]

    items = read_bytes(zip_bytes({"a.zip": data}))
    assert [item.reason for item in items if isinstance(item, Reject)] == ["too-large"]


@pytest.mark.parametrize("pack", [zip_bytes, tar_bytes], ids=["zip", "tar"])
def test_members_are_read_one_by_one(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "crawl"
    noise = os.urandom(1 << 19).hex().encode()
    path.write_bytes(pack({f"{number}.txt": b"News\n\n" + noise for number in range(24)}))  # type: ignore[operator]

    tracemalloc.start()
    n_read = sum(1 for _ in ArticleReader(find_inputs([str(path)]).files))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_read == 24
    assert peak_bytes < 12 << 20
