from __future__ import annotations

import gzip
import io
import os
import threading
import tracemalloc
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from pipeline.errors import InputError, Reason
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, Reject

RECORD = '{"title": "Parliament passes budget", "text": "The vote took place on Friday."}\n'
TEXT = "Կառավարությունը հաստատեց բյուջեն\n\nՆիստը տևեց երեք ժամ։\n"


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("news/b.txt", "news/a.jsonl", "news/old/c.ndjson", "news/d.TXT", "news/readme.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RECORD if "json" in name else TEXT, encoding="utf-8")
    (tmp_path / "news/e.jsonl.gz").write_bytes(gzip.compress(RECORD.encode()))
    (tmp_path / "news/.hidden.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "news/.git").mkdir()
    (tmp_path / "news/.git/f.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "news"


def names_of(*names: str) -> list[str]:
    return [item.name for item in find_inputs(names).files]


def read(*names: str, stdin: bytes | None = None) -> list[Article | Reject]:
    return list(ArticleReader(find_inputs(names).files, stdin=None if stdin is None else io.BytesIO(stdin)))


@pytest.mark.usefixtures("news")
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(
            ["news"], ["news/a.jsonl", "news/b.txt", "news/d.TXT", "news/e.jsonl.gz", "news/old/c.ndjson"], id="folder"
        ),
        pytest.param(["news/old/"], ["news/old/c.ndjson"], id="folder with a slash"),
        pytest.param(["./news/b.txt"], ["./news/b.txt"], id="spelling of the user"),
        pytest.param(["news/b.txt", "news/a.jsonl"], ["news/a.jsonl", "news/b.txt"], id="sorted"),
        pytest.param(["news/*.txt"], ["news/b.txt"], id="glob"),
        pytest.param(["news/**/*.ndjson"], ["news/old/c.ndjson"], id="glob over folders"),
        pytest.param(["news/o*"], ["news/old/c.ndjson"], id="glob that matches a folder"),
        pytest.param(["news/b.txt", "news/../news/b.txt"], ["news/../news/b.txt"], id="two names of one file"),
        pytest.param(["news/b.txt", "news/*", "news/old"], ["news/a.jsonl", "news/b.txt"], id="overlapping"),
        pytest.param(["-", "news/b.txt", "-"], ["news/b.txt", "-"], id="standard input comes last, once"),
        pytest.param(["news/readme.md"], ["news/readme.md"], id="unknown suffix, named"),
        pytest.param(["news/.hidden.txt"], ["news/.hidden.txt"], id="hidden, named"),
    ],
)
def test_names_mean_these_files(names: list[str], expected: list[str]) -> None:
    assert names_of(*names)[: len(expected)] == expected
    assert len(names_of(*names)) == len(set(names_of(*names)))


@pytest.mark.usefixtures("news")
def test_missing_paths_are_named_all_at_once() -> None:
    with pytest.raises(InputError, match=r"gone\.txt, news/b\.txt/x, nowhere"):
        find_inputs(["gone.txt", "news/b.txt", "news/b.txt/x", "nowhere"])


@pytest.mark.usefixtures("news")
def test_glob_without_matches_is_a_warning() -> None:
    found = find_inputs(["news/*.xml", "news/b.txt"])

    assert [item.name for item in found.files] == ["news/b.txt"]
    assert len(found.warnings) == 1
    assert "news/*.xml" in found.warnings[0]


def test_name_with_glob_characters_is_a_file_where_it_exists(news: Path) -> None:
    (news / "a[1].txt").write_text(TEXT, encoding="utf-8")

    assert names_of("news/a[1].txt") == ["news/a[1].txt"]


def test_link_to_a_file_is_read_once(news: Path) -> None:
    (news / "z.txt").symlink_to(news / "b.txt")
    (news / "loop").symlink_to(news)

    assert names_of("news").count("news/z.txt") == 0


def test_broken_link_inside_a_folder_is_a_reject(news: Path) -> None:
    (news / "gone.txt").symlink_to(news / "nowhere.txt")

    rejects = [item for item in read("news") if isinstance(item, Reject)]

    assert [(reject.reason, reject.source_uri) for reject in rejects] == [(Reason.UNREADABLE, "news/gone.txt")]
    assert "No such file" in rejects[0].detail


def test_file_that_cannot_be_opened_is_a_reject_and_the_rest_goes_on(
    news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.open

    def deny(path: Path, *arguments: object, **options: object) -> object:
        if path.name == "a.jsonl":
            raise PermissionError(13, "Permission denied")
        return original(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", deny)
    items = read("news/a.jsonl", "news/b.txt")

    assert news.exists()
    assert isinstance(items[0], Reject)
    assert (items[0].reason, items[0].detail) == (Reason.UNREADABLE, "cannot be read: Permission denied")
    assert isinstance(items[1], Article)


def test_folder_that_cannot_be_listed_is_kept_as_an_input(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.scandir

    def deny(path: str) -> object:
        if path.endswith("old"):
            raise PermissionError(13, "Permission denied", path)
        return original(path)

    monkeypatch.setattr(os, "scandir", deny)

    rejects = [item for item in read("news") if isinstance(item, Reject)]

    assert news.exists()
    assert [(reject.reason, reject.source_uri) for reject in rejects] == [(Reason.UNREADABLE, "news/old")]


def test_name_that_is_too_long_is_a_reject() -> None:
    [item] = read("a" * 5000 + ".txt")

    assert isinstance(item, Reject)
    assert item.reason is Reason.UNREADABLE


class Faulty(io.RawIOBase):
    """A raw input of three good records that fails after them: with `error`, or by having no data yet."""

    def __init__(self, error: OSError | None) -> None:
        super().__init__()
        self._answers = iter([(RECORD * 3).encode(), error])

    def read(self, _size: int = -1) -> bytes | None:
        answer = next(self._answers)
        if isinstance(answer, OSError):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
        (OSError("the device is gone"), "cannot be read: the device is gone"),
        (None, "non-blocking"),
    ],
    ids=["i/o error", "without a number", "non-blocking"],
)
def test_read_error_is_a_reject_after_what_was_read(error: OSError | None, detail: str) -> None:
    items = list(ArticleReader(find_inputs(["-"]).files, stdin=cast("BinaryIO", Faulty(error))))

    assert [type(item) for item in items] == [Article, Article, Article, Reject]
    assert isinstance(items[-1], Reject)
    assert detail in items[-1].detail


def test_name_that_is_no_utf_8_can_be_stored(news: Path) -> None:
    path = os.fsencode(news) + b"/\xf6l.txt"
    Path(os.fsdecode(path)).write_text(TEXT, encoding="utf-8")

    items = read(str(news / "*l.txt"))

    assert [item.source_uri for item in items] == [f"{news}/\\xf6l.txt"]


@pytest.mark.parametrize(
    ("data", "uri"),
    [
        pytest.param(RECORD.encode(), "-#1", id="json lines"),
        pytest.param(b" \n " + RECORD.encode(), "-#2", id="json lines after blanks"),
        pytest.param(b"\xef\xbb\xbf" + RECORD.encode(), "-#1", id="json lines with a byte order mark"),
        pytest.param(RECORD.encode("utf-16"), "-#1", id="json lines in utf-16"),
        pytest.param(TEXT.encode(), "-", id="text"),
        pytest.param(b"[draft] Budget\n\nText.", "-", id="text that begins with a bracket"),
    ],
)
def test_standard_input_is_told_by_its_first_byte(data: bytes, uri: str) -> None:
    items = read("-", stdin=data)

    assert [(type(item), item.source_uri) for item in items] == [(Article, uri)]


@pytest.mark.parametrize(
    ("name", "data", "uri"),
    [
        pytest.param("day.json", RECORD.encode(), "#1", id="json"),
        pytest.param("day", TEXT.encode(), "", id="text"),
        pytest.param("day.gz", gzip.compress(RECORD.encode()), "#1", id="packed json"),
    ],
)
def test_unknown_suffix_is_told_by_content(tmp_path: Path, name: str, data: bytes, uri: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    items = read(str(path))

    assert [(type(item), item.source_uri) for item in items] == [(Article, f"{path}{uri}")]


@pytest.mark.usefixtures("news")
def test_all_bytes_are_counted() -> None:
    reader = ArticleReader(find_inputs(["news"]).files)
    assert reader.read_bytes == 0

    items = list(reader)

    assert all(isinstance(item, Article) for item in items)
    assert reader.read_bytes == reader.total_bytes


def test_total_is_unknown_with_standard_input() -> None:
    assert ArticleReader(find_inputs(["-"]).files).total_bytes is None


def test_named_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "feed"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(RECORD.encode(),))
    writer.start()

    items = read(str(pipe))
    writer.join()

    assert [type(item) for item in items] == [Article]
    assert find_inputs([str(tmp_path)]).files == ()


def test_reading_is_lazy(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(RECORD * 50_000, encoding="utf-8")
    reader = ArticleReader(find_inputs([str(path)]).files)

    next(iter(reader))

    assert reader.total_bytes is not None
    assert 0 < reader.read_bytes < reader.total_bytes / 2


def packed() -> bytes:
    lines = [f'{{"title": "Отчёт {number}", "text": "{os.urandom(40).hex()}"}}\n' for number in range(3000)]
    return gzip.compress("".join(lines).encode())


@pytest.mark.parametrize(
    ("damage", "detail", "n_kept"),
    [
        pytest.param(lambda data: data[: len(data) // 2], "cut off", 1000, id="cut in the middle"),
        pytest.param(lambda data: data[:-4], "cut off", 3000, id="cut at the end"),
        pytest.param(lambda data: data[:-8] + bytes(8), "CRC", 2900, id="checksum"),
        pytest.param(lambda data: data + b"garbage", "Not a gzipped file", 2900, id="garbage at the end"),
        pytest.param(lambda _: RECORD.encode(), "Not a gzipped file", 0, id="not packed"),
        pytest.param(lambda data: data[:20000] + bytes(64) + data[20064:], "damaged", 100, id="zeros in the middle"),
    ],
)
def test_damaged_gzip_is_a_reject_and_what_was_read_stays(tmp_path: Path, damage, detail: str, n_kept: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(damage(packed()))

    *kept, last = read(str(path))

    assert isinstance(last, Reject)
    assert (last.reason, last.source_uri) == (Reason.UNREADABLE, str(path))
    assert detail in last.detail
    assert len(kept) >= n_kept


def test_small_cut_gzip_keeps_its_records(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(gzip.compress(RECORD.encode() * 3)[:-4])

    items = read(str(path))

    assert [type(item) for item in items] == [Article, Article, Article, Reject]


def test_gzip_of_several_members_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(gzip.compress(RECORD.encode()) * 3 + bytes(512))

    assert [item.source_uri for item in read(str(path))] == [f"{path}#{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize("name", ["bomb.txt.gz", "bomb.jsonl.gz"])
def test_gzip_bomb_is_too_large_and_takes_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(b"a" * (1 << 20))

    tracemalloc.start()
    items = read(str(path))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 48 << 20
    assert [item.reason for item in items if isinstance(item, Reject)] == [Reason.TOO_LARGE]
    assert isinstance(items[0], Reject)
    assert items[0].payload_bytes == 64 << 20
    assert len(items[0].payload) == 1 << 20
