from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.evaluation.lines import read_lines, read_parallel

NEWS = "Парламент принял бюджет.\nԽորհրդարանն ընդունեց բյուջեն։\n"
TEXTS = ("Парламент принял бюджет.", "Խորհրդարանն ընդունեց բյուջեն։")


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param("a.txt", NEWS, TEXTS, id="text"),
        pytest.param("a.ru", NEWS.rstrip("\n"), TEXTS, id="no-last-line-end"),
        pytest.param("a.txt", NEWS.replace("\n", "\r\n"), TEXTS, id="windows"),
        pytest.param("a.txt", b"\xef\xbb\xbf" + NEWS.encode(), TEXTS, id="byte-order-mark"),
        pytest.param("a.txt.gz", gzip.compress(NEWS.encode()), TEXTS, id="gzip"),
        pytest.param("a.txt", gzip.compress(NEWS.encode()), TEXTS, id="gzip-by-content"),
        pytest.param("a.txt", "Yes.\n\n \nNo.\n\n", ("Yes.", "", " ", "No.", ""), id="blank-lines-stay"),
        pytest.param("a.txt", "One\u2028two\x0bthree\x85four.\n", ("One\u2028two\x0bthree\x85four.",), id="odd-breaks"),
        pytest.param("a.jsonl", '{"text": "Да.", "id": 7}\n{"text": ""}\n', ("Да.", ""), id="json-lines"),
        pytest.param("a.ndjson.gz", gzip.compress(b'{"text": "No."}'), ("No.",), id="json-lines-gzip"),
    ],
)
def test_texts_of_a_file_are_read_in_order(
    tmp_path: Path, name: str, content: str | bytes, expected: tuple[str, ...]
) -> None:
    assert read_lines(write(tmp_path, name, content)) == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("a.txt", "", "holds no text", id="empty"),
        pytest.param("a.txt", " \n\t\n", "holds no text", id="blank"),
        pytest.param("a.txt", b"%PDF-1.7\n", "a PDF document", id="pdf"),
        pytest.param("a.txt", bytes(range(9)) * 20, "binary data", id="binary"),
        pytest.param("a.txt", "Да.\nНет.\n".encode("cp1251"), "line 1: not UTF-8: invalid", id="windows-1251"),
        pytest.param("a.txt", b"Yes.\nNo\xff.\n", "line 2: not UTF-8: invalid start byte at byte 2", id="second-line"),
        pytest.param("a.txt.gz", gzip.compress(b"Yes.\n")[:-9], "cannot be read (Compressed file ended", id="cut-gzip"),
        pytest.param("a.jsonl", '{"text": "No."}\n\n', "line 2: not JSON", id="blank-record"),
        pytest.param("a.jsonl", '{"body": "No."}\n', 'line 1: no "text"', id="no-text"),
        pytest.param("a.jsonl", '{"text": 7}\n', 'line 1: no "text", or no string', id="number"),
    ],
)
def test_what_is_no_test_set_is_told_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    file = write(tmp_path, name, content)

    with pytest.raises(InputError, match=re.escape(f"{file}: {message}")):
        read_lines(file)


def test_missing_file_and_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_lines(tmp_path / "a.txt")
    with pytest.raises(InputError, match="Is a directory"):
        read_lines(tmp_path)


def test_files_of_different_length_are_refused_with_both_counts(tmp_path: Path) -> None:
    source, reference = write(tmp_path, "en", "Yes.\nNo.\nPerhaps.\n"), write(tmp_path, "ru", "Да.\nНет.\n")

    with pytest.raises(InputError, match=re.escape(f"{source} has 3 lines, {reference} has 2")):
        read_parallel(source, reference, limit=2)


def test_limit_cuts_both_files_and_blank_lines_are_counted(tmp_path: Path) -> None:
    source, reference = write(tmp_path, "en", "Yes.\n\nNo.\n"), write(tmp_path, "ru", "Да.\n\nНет.\n")

    lines = read_parallel(source, reference, limit=2)

    assert (lines.source, lines.reference, lines.n_blank) == (("Yes.", ""), ("Да.", ""), 1)
    assert read_parallel(source).reference is None
