from __future__ import annotations

import gzip
import io
import os
import threading
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from pipeline.errors import InputError, Reason, WriteError
from pipeline.ingest.inputs import find_inputs, read_file_list
from pipeline.ingest.opened import View, file_content
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, Reject
from tests.archives import zip_bytes

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


def test_links_to_folders_are_followed_once(news: Path, tmp_path: Path) -> None:
    (tmp_path / "archive/deep").mkdir(parents=True)
    (tmp_path / "archive/deep/x.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "archive/deep/up").symlink_to(tmp_path / "archive")
    (news / "a-link").symlink_to(news / "old")
    (news / "linked").symlink_to(tmp_path / "archive")
    (news / "loop").symlink_to(news)
    (news / ".hidden-link").symlink_to(tmp_path)

    found = names_of("news")

    assert [name for name in found if "old" in name or "link" in name] == [
        "news/linked/deep/x.txt",
        "news/old/c.ndjson",
    ]


def test_links_that_cross_are_followed_in_no_time(tmp_path: Path) -> None:
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        for other in range(12):
            (folder / f"to{other}").symlink_to(tmp_path / str(other))
        (folder / "a.txt").write_text(TEXT, encoding="utf-8")

    assert len(names_of(str(tmp_path / "0"))) == 12


def test_what_newsmt_wrote_is_no_input(news: Path) -> None:
    for name in ("out/.newsmt", "out/runs"):
        (news / name).mkdir(parents=True)
    (news / "out/runs/rows.jsonl").write_text(RECORD, encoding="utf-8")

    assert not [name for name in names_of("news") if "out" in name]
    assert "nothing to read" in find_inputs(["news/out"]).warnings[0]


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("a.txt.bz2", True),
        ("a.JSONL.Zst", True),
        ("a.txt.xz", True),
        ("a.zip", True),
        ("a.tar", True),
        ("a.tar.gz", True),
        ("a.tgz", True),
        ("crawl.gz", True),
        ("a.sql.gz", False),
        ("a.png", False),
        ("README", False),
        (".a.zip", False),
    ],
)
def test_suffix_decides_in_folders(tmp_path: Path, name: str, is_found: bool) -> None:  # noqa: FBT001
    (tmp_path / name).write_text(TEXT, encoding="utf-8")

    assert bool(names_of(str(tmp_path))) is is_found


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
        pytest.param("day.data", RECORD.encode(), "#1", id="json"),
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


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"a.txt\nnews/b c.txt\n", ["a.txt", "news/b c.txt"], id="lines"),
        pytest.param(b"# of today\n\n  \na.txt\n#b.txt", ["a.txt"], id="comments and blank lines"),
        pytest.param(b"\xef\xbb\xbfa.txt\r\nb.txt\r\n", ["a.txt", "b.txt"], id="made on Windows"),
        pytest.param(b"a\nb.txt\x00#c.txt\x00", ["a\nb.txt", "#c.txt"], id="NUL-separated"),
        pytest.param("новости.txt\n".encode(), ["новости.txt"], id="utf-8"),
        pytest.param(b"\xed\xee.txt\n", ["\udced\udcee.txt"], id="another encoding"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_list_of_files_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, expected: list[str]
) -> None:
    path = tmp_path / "list"
    path.write_bytes(data)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    assert read_file_list(str(path)) == expected
    assert read_file_list("-") == expected


@pytest.mark.parametrize("name", ["gone", "", "a\x00b"])
def test_list_that_cannot_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="one path a line"):
        read_file_list(f"{tmp_path}/{name}")


def changed_while_read(path: Path, data: bytes) -> list[Article | Reject]:
    """Read the first article, write `data` over the file, and read the rest."""
    items = iter(ArticleReader(find_inputs([str(path)]).files))
    first = next(items)
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(data)
    os.utime(path, ns=(1, 1))
    return [first, *items]


@pytest.mark.parametrize(
    ("n_records", "detail"),
    [(20_000, "written over"), (10_000, "shrank from 1,600,000 to 800,000 bytes"), (0, "shrank"), (30_000, None)],
    ids=["written over", "shrunk", "emptied", "grown"],
)
def test_file_that_changes_while_it_is_read(tmp_path: Path, n_records: int, detail: str | None) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(RECORD * 20_000, encoding="utf-8")

    items = changed_while_read(path, RECORD.encode() * n_records)
    told = [item for item in items if isinstance(item, Reject) and item.source_uri == str(path)]

    assert [item.reason for item in told] == [Reason.UNREADABLE] * bool(detail)
    assert not told or (detail or "") in told[0].detail
    assert detail or len(items) == n_records


def test_full_disk_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.ingest.content.Content.seekable", fail)

    with pytest.raises(WriteError, match=r"temporary file .* TMPDIR"):
        read("-", stdin=zip_bytes({"a.txt": TEXT.encode()}))


def test_file_that_is_replaced_while_it_is_read_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(RECORD * 20_000, encoding="utf-8")
    items = iter(ArticleReader(find_inputs([str(path)]).files))
    next(items)
    (tmp_path / "new").write_text(RECORD, encoding="utf-8")
    (tmp_path / "new").replace(path)

    assert sum(isinstance(item, Article) for item in items) == 19_999


@pytest.mark.parametrize("whence", [os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])
def test_views_of_a_file_move_on_their_own(whence: int) -> None:
    file = io.BytesIO(b"0123456789")
    n_bytes: list[int] = []
    content = file_content(file, source_uri="a", name="a", on_read=n_bytes.append)
    with content.seekable() as one, content.seekable() as other:
        assert other.read(3) == b"012"
        assert one.seek(-4 if whence == os.SEEK_END else 6, whence) == 6
        assert one.read() == b"6789"
        assert other.read(1) == b"3"
    assert b"".join(content.pieces) == b"0123456789"
    assert sum(n_bytes) > 10
    with pytest.raises(ValueError, match="negative"):
        View(file, n_bytes.append).seek(-1)
