"""CSV and TSV: one article a row, the first row names the columns."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.encoding import detect_encoding, find_binary
from pipeline.ingest.fields import RecordError, article_of, why_no_article
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.records import Bytes, drained, is_encodable, no_records, open_text
from pipeline.ingest.stream import PIECE_BYTES
from pipeline.types import Article, Reject

DELIMITERS = ",;\t|"
"""In the order in which they are taken where a header holds none of them, or as many of one as of another."""

_QUOTED = re.compile(r'"[^"]*"')
# Excel's own way of telling the delimiter.
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?")
_MIN_NAMES = 2

Item = Article | Reject


def read_table(content: Content, options: ReadingOptions) -> Iterator[Item]:
    """Yield an article or a reject for each row, in order; they are named by the line that a row begins on.

    A row that is broken (quotes gone wrong, more or fewer cells than names, NULs, damaged bytes) costs itself only:
    the rows within what an open quote swallowed are read after all.

    Raises:
        OSError, EOFError, zlib.error: the pieces of `content` cannot be read to their end.
    """
    text = open_text(content.head, content.pieces, source_uri=content.source_uri, options=options)
    if isinstance(text, Reject):
        yield text
        return
    table = _Table(text, content.source_uri, options)
    names = table.read_header()
    if not names:
        yield no_records(content.source_uri)
    elif detail := why_no_article(dict.fromkeys(names), options.fields):
        yield drained(table.drain(), Reason.BAD_RECORD, detail=detail, source_uri=content.source_uri)
    else:
        yield from table.read_rows()


def is_likely_table(head: bytes) -> bool:
    """Return whether the first line names two columns or more, one of which holds texts or titles of articles."""
    if find_binary(head, is_nul_allowed=True) or (encoding := detect_encoding(head, is_cut=True)) is None:
        return False
    first = head[encoding.n_bom_bytes :].decode(encoding.codec, "replace").partition("\n")[0]
    names = [name.strip('" \t\r').lower() for name in first.split(delimiter_of(first))]
    is_naming = len(names) >= _MIN_NAMES and all(name.isidentifier() for name in names)
    return is_naming and why_no_article(dict.fromkeys(names), {}) is None


def delimiter_of(header: str) -> str:
    """Return the delimiter that a header holds most of, outside quotes."""
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


class _Lines:
    """The lines of a text with their ends, of which some can be given back.

    `taken` are those of the row at hand, `number` is that of the first of them.
    """

    def __init__(self, text: Bytes) -> None:
        # Bytes that are not in the encoding become surrogates, so that they cost one row.
        self._text = io.TextIOWrapper(text.stream, encoding=text.codec, errors="surrogateescape", newline="")
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.n_chars = 0
        self.number = 1

    @property
    def is_too_long(self) -> bool:
        """Whether the row at hand is larger than an article may be."""
        return self.n_chars > MAX_ARTICLE_BYTES

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next line; there is none for a row that is too long already."""
        if self.is_too_long:
            raise StopIteration
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.n_chars += len(line)
        return line

    def next_row(self) -> bool:
        """Go on to the next row; return whether there is one."""
        self.number += len(self.taken)
        self.taken, self.n_chars = [], 0
        has_more = next(self, None) is not None
        self.give_back(0)
        return has_more

    def give_back(self, n_kept: int) -> None:
        """Give back all lines that were taken but the first `n_kept`."""
        self._again.extendleft(reversed(self.taken[n_kept:]))
        del self.taken[n_kept:]
        self.n_chars = sum(map(len, self.taken))

    def drain(self) -> Iterator[str]:
        """Yield all that is left, the row at hand included."""
        yield from self.taken
        yield from self._again
        while piece := self._text.read(PIECE_BYTES):
            yield piece

    def _read(self) -> str:
        """Return a line; of one that is too long the beginning."""
        line = rest = self._text.readline(MAX_ARTICLE_BYTES + 1)
        while len(line) > MAX_ARTICLE_BYTES and rest and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(PIECE_BYTES)
        return line


class _Table:
    """Reads the rows of one table."""

    def __init__(self, text: Bytes, source_uri: str, options: ReadingOptions) -> None:
        self._lines = _Lines(text)
        self._bytes = text
        self._source_uri = source_uri
        self._options = options
        self._codec = text.codec
        self._names: list[str] = []
        self._delimiter = ""
        self._rows: Iterator[list[str]] = iter(())

    def read_header(self) -> list[str]:
        """Return the names of the columns, none where the text is blank.

        They are in lower case, but for those that the user mapped.
        """
        # The limit is one for the whole process, and by default lower than what an article may hold.
        csv.field_size_limit(MAX_ARTICLE_BYTES)
        while self._lines.next_row():
            line = next(self._lines)
            if match := _SEPARATOR_LINE.fullmatch(line):
                self._delimiter = match[1]
            elif line.strip():
                self._lines.give_back(0)
                self._delimiter = self._delimiter or delimiter_of(line)
                self._rows = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
                break
        mapped = set(self._options.fields.values())
        try:
            names = [name.strip() for name in next(self._rows, [])]
        except csv.Error:
            names = []
        self._names = [name if name in mapped else name.lower() for name in names]
        return self._names

    def drain(self) -> Iterator[bytes]:
        """Yield the bytes of the header and of all rows."""
        for piece in self._lines.drain():
            yield piece.encode(self._codec, "surrogateescape")

    def read_rows(self) -> Iterator[Item]:
        """Yield what each row is that is not blank."""
        n_rows = 0
        while self._lines.next_row():
            for item in self._read_row():
                n_rows += 1
                yield item
        if not n_rows:
            yield no_records(self._source_uri)

    def _read_row(self) -> Iterator[Item]:
        try:
            cells = self._next_cells()
            if any(map(str.strip, cells)):
                yield self._article(cells)
        except RecordError as error:
            yield self._reject(error)

    def _next_cells(self) -> list[str]:
        """Return the cells of the next row, as many as there are names, or none but blank ones."""
        try:
            cells, problem = next(self._rows, []), ""
        except csv.Error as error:
            cells, problem = [], f"{error}: a quote that does not close, or one within a cell that is not doubled"
        if self._lines.is_too_long and len(self._lines.taken) == 1:
            raise RecordError(Reason.TOO_LARGE, f"more than {MAX_ARTICLE_BYTES} characters in a row are not read")
        if not problem and self._is_whole(cells):
            return self._checked(cells)
        if self._delimiter == "\t":
            # Most programs that write tabs between cells write no quotes around them.
            bare = self._lines.taken[0].rstrip("\r\n").split("\t")
            if self._is_whole(bare):
                self._lines.give_back(1)
                return self._checked(bare)
        if problem:
            self._find_next_row()
        else:
            problem = f"{len(cells)} cells where the header names {len(self._names)}: a delimiter too many or too few"
        raise RecordError(Reason.BAD_RECORD, problem)

    def _is_whole(self, cells: list[str]) -> bool:
        """Take off empty cells at the end that are too many, and return whether the others are as many as the names."""
        while len(cells) > len(self._names) and not cells[-1]:
            cells.pop()
        return len(cells) == len(self._names) or not any(map(str.strip, cells))

    def _checked(self, cells: list[str]) -> list[str]:
        row = "".join(self._lines.taken)
        if "\x00" in row:
            raise RecordError(Reason.BAD_RECORD, "the row holds a NUL")
        if not is_encodable(row):
            detail = f"not {self._bytes.encoding}: the row holds bytes that are no text in it"
            raise RecordError(Reason.ENCODING, detail)
        return cells

    def _find_next_row(self) -> None:
        """Leave to a broken row the lines up to the next one with delimiters enough to be a row."""
        lines = self._lines
        at = next((at for at, line in enumerate(lines.taken) if at and self._may_be_row(line)), None)
        if at is not None:
            lines.give_back(at)
        elif any(self._may_be_row(line) for line in lines):
            lines.give_back(len(lines.taken) - 1)

    def _may_be_row(self, line: str) -> bool:
        return line.count(self._delimiter) >= len(self._names) - 1

    def _article(self, cells: list[str]) -> Article:
        record = {name: _value(cell) for name, cell in zip(self._names, cells, strict=True)}
        uri = f"{self._source_uri}#{self._lines.number}"
        article = article_of(record, source_uri=uri, encoding=self._bytes.encoding, fields=self._options.fields)
        return self._bytes.noted(article)

    def _reject(self, error: RecordError) -> Reject:
        number = self._lines.number
        return Reject.from_payload(
            error.reason,
            detail=f"line {number}: {error.detail}",
            source_uri=f"{self._source_uri}#{number}",
            payload="".join(self._lines.taken).rstrip("\r\n").encode(self._codec, "surrogateescape"),
        )


def _value(cell: str) -> Any:
    """Return what a cell holds: a list or an object where it is one in JSON, nothing where it is empty, or text."""
    if cell.startswith(("[", "{")):
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        return value if isinstance(value, list | dict) else cell
    return cell or None
