"""Test sets as files: a text on each line, the same number of lines on both sides."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.filters.lines import parse_record
from pipeline.ingest.binary import has_many_controls, signature_of

_GZIP = b"\x1f\x8b"
_JSON_LINES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelLines:
    """The lines of a test set, blank ones in their places; `reference` is as long as `source`, None without one."""

    source: tuple[str, ...]
    reference: tuple[str, ...] | None = None

    @property
    def n_blank(self) -> int:
        """The number of source lines that hold nothing."""
        return sum(not line.strip() for line in self.source)


def read_parallel(source: Path, reference: Path | None = None, *, limit: int | None = None) -> ParallelLines:
    """Return the first `limit` lines of both files, all without a limit; files are compared whole.

    Raises:
        InputError: a file cannot be read, see `read_lines`, or they differ in their number of lines.
    """
    sources = read_lines(source)
    if reference is None:
        return ParallelLines(source=sources[:limit])
    references = read_lines(reference)
    if len(sources) != len(references):
        raise InputError(
            f"{source} has {len(sources):,} lines, {reference} has {len(references):,}: "
            "the translation of each line must stand on the line of the same number"
        )
    return ParallelLines(source=sources[:limit], reference=references[:limit])


def read_lines(file: Path) -> tuple[str, ...]:
    r"""Return the texts of a file, without the line ends: its lines, or `text` of its records (`.jsonl`, `.ndjson`).

    The encoding is UTF-8; gzip is unpacked. Only `\n` and `\r\n` end a line: other marks that may, such as U+2028,
    stand inside of texts.

    Raises:
        InputError: the file cannot be read, is no text in UTF-8, or holds nothing but blanks.
    """
    data = _unpacked(file).removeprefix(codecs.BOM_UTF8)
    if kind := signature_of(data) or ("binary data" if has_many_controls(data) else None):
        raise InputError(f"{file}: {kind}, no lines of text")
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    texts = tuple(_texts(file, lines))
    if not any(map(str.strip, texts)):
        raise InputError(f"{file}: holds no text")
    return texts


def _unpacked(file: Path) -> bytes:
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _texts(file: Path, lines: list[bytes]) -> Iterator[str]:
    suffixes = [suffix for suffix in file.suffixes[-2:] if suffix != ".gz"]
    parse = _text_of_record if suffixes and suffixes[-1] in _JSON_LINES else _text_of_line
    for number, text in enumerate(map(parse, lines), 1):
        if isinstance(text, ValueError):
            raise InputError(f"{file}: line {number:,}: {text}")
        yield text


def _text_of_line(line: bytes) -> str | ValueError:
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        return ValueError(f"not UTF-8: {error.reason} at byte {error.start}; convert the file with iconv -t utf-8")


def _text_of_record(line: bytes) -> str | ValueError:
    record = parse_record(line)
    if isinstance(record, ValueError):
        return record
    text = record.get("text")
    return text if isinstance(text, str) else ValueError('no "text", or no string there: write {"text": "…"}')
