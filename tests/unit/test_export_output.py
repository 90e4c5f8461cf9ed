"""Exports are written whole or not at all, and packed where their name says so."""

from __future__ import annotations

import gzip
import io
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard

from pipeline.errors import OutputError, UsageError, WriteError
from pipeline.export.output import check_file, check_folder, write_file, write_folder, write_stream
from pipeline.export.registry import FORMATS, format_of

_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".zst": lambda data: zstandard.decompress(data, max_output_size=10**6),
}
PIECES = [b"one\n", "два\n".encode(), b"three\n" * 1000]


@contextmanager
def room_for(n_bytes: int) -> Iterator[None]:
    """Let no file become larger than that, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def failing() -> Iterator[bytes]:
    yield b"begun"
    raise ValueError("in the middle")


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_file_holds_all_pieces(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new" / f"corpus.tmx{suffix}"

    size = write_file(iter(PIECES), path)

    assert _UNPACK[suffix](path.read_bytes()) == b"".join(PIECES)
    assert size == path.stat().st_size
    assert names_in(path.parent) == [path.name]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_the_same_pieces_make_the_same_packed_file(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(PIECES, tmp_path / f"one{suffix}")
    monkeypatch.setattr("time.time", lambda: 4e9)
    write_file(PIECES, tmp_path / f"other{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"other{suffix}").read_bytes()


def test_what_fails_in_the_middle_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "corpus.tmx"
    path.write_bytes(b"earlier")

    with pytest.raises(ValueError, match="in the middle"):
        write_file(failing(), path)

    assert path.read_bytes() == b"earlier"
    assert names_in(tmp_path) == ["corpus.tmx"]


@pytest.mark.parametrize("name", ["corpus.tmx", "corpus.tmx.gz", "corpus.tmx.zst"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    with room_for(1000), pytest.raises(WriteError, match=rf"--output .*{name}: cannot be written \(File too large\)"):
        write_file((os.urandom(100_000) for _ in range(20)), tmp_path / name)
    assert names_in(tmp_path) == []


def test_a_full_disk_leaves_no_folder(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "en-ru.en").write_bytes(bytes(10_000))

    with room_for(1000), pytest.raises(WriteError, match="make room"):
        write_folder(fill, tmp_path / "moses")
    assert names_in(tmp_path) == []


def test_a_stream_on_a_full_disk_is_told() -> None:
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(WriteError, match=r"standard output: .*No space"),
    ):
        write_stream(PIECES, full)


def test_who_reads_a_stream_no_more_ends_it_without_a_word_on_disks() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as pipe, pytest.raises(BrokenPipeError):
        write_stream(PIECES, pipe)


def test_a_link_stays_and_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    target = tmp_path / "store" / "1.tmx"
    target.write_bytes(b"earlier")
    link = tmp_path / "corpus.tmx"
    link.symlink_to(target)

    write_file(PIECES, link)

    assert link.is_symlink()
    assert target.read_bytes() == b"".join(PIECES)


def test_rights_of_a_file_that_is_replaced_stay(tmp_path: Path) -> None:
    path = tmp_path / "corpus.tmx"
    path.write_bytes(b"earlier")
    path.chmod(0o640)
    write_file(PIECES, path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_named_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    size = write_file(PIECES, pipe)

    reader.join()
    assert (size, read, pipe.is_fifo()) == (None, [b"".join(PIECES)], True)


def test_a_folder_takes_its_place_when_it_is_full(tmp_path: Path) -> None:
    target = tmp_path / "exports" / "moses"

    def fill(folder: Path) -> None:
        (folder / "data").mkdir()
        (folder / "data" / "en-ru.en").write_bytes(b"The budget was adopted.\n")
        assert not target.exists()

    size = write_folder(fill, target)

    assert size == 24
    assert (target / "data" / "en-ru.en").read_bytes() == b"The budget was adopted.\n"
    assert names_in(tmp_path / "exports") == ["moses"]


def test_an_empty_folder_is_filled_also_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")

    write_folder(lambda folder: (folder / "en-ru.en").touch(), tmp_path / "link")

    assert names_in(tmp_path / "empty") == ["en-ru.en"]


def test_a_folder_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "en-ru.en").touch()
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        write_folder(fill, tmp_path / "moses")
    assert names_in(tmp_path) == []


def test_places_that_cannot_be_are_refused(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "bitext").mkdir(parents=True)
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="is a folder"):
        check_file(corpus, corpus)
    with pytest.raises(OutputError, match="inside of the corpus"):
        check_file(corpus / "bitext" / "corpus.tmx", corpus)
    with pytest.raises(OutputError, match="inside of the corpus"):
        check_folder(corpus / "bitext" / "moses", corpus)
    with pytest.raises(OutputError, match="is not empty"):
        check_folder(corpus, corpus)
    with pytest.raises(OutputError, match="is a file"):
        check_folder(tmp_path / "file", corpus)
    with pytest.raises(OutputError, match=r"leave \.gz out"):
        check_folder(tmp_path / "moses.gz", corpus)
    with pytest.raises(OutputError, match="name another place"):
        write_file(PIECES, tmp_path / "file" / "corpus.tmx")
    with pytest.raises(OutputError, match="name another place"):
        write_folder(lambda _: None, tmp_path / "file" / "moses")


def test_a_place_beside_the_data_of_the_corpus_is_taken(tmp_path: Path) -> None:
    (tmp_path / "bitext").mkdir()
    check_file(tmp_path / "corpus.tmx", tmp_path)
    check_folder(tmp_path / "exports" / "moses", tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("corpus.tmx", "tmx"),
        ("CORPUS.TMX.GZ", "tmx"),
        ("a.b.tsv.zst", "tsv"),
        ("corpus.csv", "csv"),
        ("corpus.jsonl", "jsonl"),
        ("corpus.articles.jsonl.gz", "articles-jsonl"),
    ],
)
def test_the_name_of_a_file_tells_its_format(name: str, expected: str) -> None:
    assert format_of(None, Path("somewhere", name)).name == expected


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_a_named_format_goes_before_the_name_of_the_file(name: str) -> None:
    assert format_of(f" {name.upper()}", Path("corpus.csv")).name == name


@pytest.mark.parametrize(
    ("name", "output", "message"),
    [
        (None, None, r"name a format with --format: tmx, xliff, .*markdown; or a file"),
        (None, Path("corpus.gz"), r"corpus\.gz: its name tells no format \(there are \.tmx, "),
        ("word", None, r"--format word: there is no such format; there are tmx, "),
        ("", Path("corpus.tmx"), r"there is no such format"),
    ],
)
def test_what_tells_no_format_is_refused(name: str | None, output: Path | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        format_of(name, output)


def test_a_stream_gets_all_pieces() -> None:
    stream = io.BytesIO()
    write_stream(PIECES, stream)
    assert stream.getvalue() == b"".join(PIECES)
