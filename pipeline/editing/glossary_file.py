"""Reading `glossary.csv`: all that is wrong in it is found at once, and named with its line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from pipeline.editing.conflicts import find_conflicts
from pipeline.editing.glossary import Entry, Glossary
from pipeline.editing.terms import TermError, check_term
from pipeline.errors import ConfigError, UsageError
from pipeline.text import normalise
from pipeline.types import LanguagePair, parse_pair, standard_of

REQUIRED = ("source", "target", "pair")
COLUMNS = (*REQUIRED, "case", "note", "replace")
CASES = ("any", "exact")

MAX_FILE_BYTES = 64 << 20
MAX_CELL_CHARS = 1_000
MAX_SHOWN = 200
"""Problems in one message; a file of another kind would have as many as lines."""

_DELIMITERS = ",;\t"
_ALTERNATIVES = "|"
_HEADER = "source,target,pair,case,note,replace"
_SAVE_AS = "save it as CSV UTF-8"
_MIN_NUL_SHARE = 0.2
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CYRILLIC_RUN = re.compile(r"[а-яё]{3}")


class GlossaryError(ConfigError):
    """A glossary cannot be used; the message has all that is wrong, one a line."""


class _Row(NamedTuple):
    """The cells of a row by the names of their columns, and the line on which it begins."""

    line: int
    cells: dict[str, str]


def read_glossary(path: Path) -> Glossary:
    """Return the glossary in a CSV file with a header; the columns may be in any order.

    The file is UTF-8, with or without a byte order mark; commas, semicolons or tabs part its cells.

    Raises:
        GlossaryError: the file cannot be read, or there is something wrong in it: all of it, each with file and line.
    """
    reading = _Reading(path)
    entries = reading.entries(_read_text(path))
    for line, problem in find_conflicts(entries):
        reading.note(line, problem)
    if not entries and not reading.has_problems:
        reading.note(2, f"has no terms; write a line for each below the header, as in {_EXAMPLE}")
    reading.raise_if_wrong()
    return Glossary(entries)


_ZIP = b"PK\x03\x04"
_EXAMPLE = "Yerevan,Ереван,en-ru"


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise GlossaryError(f"{path}: is larger than {MAX_FILE_BYTES >> 20} MiB; a glossary is a list of terms")
        data = path.read_bytes()
    except IsADirectoryError as error:
        raise GlossaryError(f"{path}: is a folder; name the file in it") from error
    except FileNotFoundError as error:
        raise GlossaryError(f"{path}: there is no such file; its first line is to be {_HEADER}") from error
    except OSError as error:
        raise GlossaryError(f"{path}: cannot be read ({error.strerror})") from error
    if data.startswith(_ZIP):
        raise GlossaryError(f"{path}: is a workbook (or another zip file), not CSV; {_SAVE_AS}")
    if data.startswith(_UTF_16) or data.count(0) > _MIN_NUL_SHARE * len(data):
        raise GlossaryError(f"{path}:1: is in UTF-16, as Excel writes 'Unicode Text'; {_SAVE_AS}")
    if b"\0" in data:
        raise GlossaryError(f"{path}:{_line_of(data, data.index(0))}: has a NUL byte; {_SAVE_AS}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} of the file (0x{data[error.start]:02X}) is not UTF-8"
        raise GlossaryError(f"{path}:{_line_of(data, error.start)}: {what}{_guess(data)}; {_SAVE_AS}") from error
    if not text.strip():
        raise GlossaryError(f"{path}: is empty; its first line is to be {_HEADER}")
    return text


def _line_of(data: bytes, offset: int) -> int:
    return len(data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))


def _guess(data: bytes) -> str:
    is_cyrillic = _CYRILLIC_RUN.search(data.decode("cp1251", "replace")) is not None
    return ", it looks like Windows-1251" if is_cyrillic else ""


class _Reading:
    """Takes entries out of a text and notes what is wrong instead of stopping there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._problems: list[tuple[int, str]] = []

    @property
    def has_problems(self) -> bool:
        """Whether anything was noted."""
        return bool(self._problems)

    def note(self, line: int, problem: str) -> None:
        """Note what is wrong on a line, and what to do about it."""
        self._problems.append((line, problem))

    def raise_if_wrong(self) -> None:
        """Stop where anything was noted.

        Raises:
            GlossaryError: it was.
        """
        messages = [f"{self._path}:{line}: {problem}" for line, problem in sorted(self._problems)]
        if len(messages) > MAX_SHOWN:
            messages[MAX_SHOWN:] = [f"{self._path}: and {len(messages) - MAX_SHOWN:,} problems more"]
        if messages:
            raise GlossaryError("\n".join(messages))

    def entries(self, text: str) -> list[Entry]:
        """Return the entries of a table, those that could be read."""
        return [entry for row in self._rows(text) if (entry := self._entry(row)) is not None]

    def _rows(self, text: str) -> Iterator[_Row]:
        records = self._records(text)
        line, header = next(records, (1, []))
        names = [name.strip().lower() for name in _without_last_blanks(header)]
        self._check_header(line, names)
        # Without its columns no row can be judged.
        self.raise_if_wrong()
        for line, record in records:
            cells = _without_last_blanks(record) if len(record) > len(names) else record
            if len(cells) == len(names):
                yield _Row(line, {name: normalise(cell) for name, cell in zip(names, cells, strict=True)})
            else:
                what = f"has {_counted(len(cells), 'cell')}, the header has {len(names)}"
                self.note(line, f"{what}; put a cell with the delimiter in it in double quotes, leave none out")

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not blank, each with the line on which it begins."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        line = 1
        try:
            for record in reader:
                if any(cell.strip() for cell in record):
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            what = "opens a double quote that is not closed as it should be"
            self.note(line, f"{what} ({error}); end the cell with one, and write each double quote inside it twice")

    def _check_header(self, line: int, names: Sequence[str]) -> None:
        if not set(names).intersection(COLUMNS):
            self.note(line, f"is no header; the first line is to be {_HEADER} (the last three are optional)")
            return
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.note(line, f"has the column {name or 'without a name'} twice; keep one")
        for name in dict.fromkeys(names):
            if name not in COLUMNS:
                self.note(line, f"has an unknown column {name!r}; {_meant(name)}")
        if missing := [name for name in REQUIRED if name not in names]:
            what = f"has no column {', '.join(missing)}"
            self.note(line, f"{what}; begin with a header such as {_HEADER} (the last three are optional)")

    def _entry(self, row: _Row) -> Entry | None:
        n_before = len(self._problems)
        for name, cell in row.cells.items():
            if len(cell) > MAX_CELL_CHARS:
                self.note(row.line, f"{name} has {len(cell):,} characters; {MAX_CELL_CHARS:,} are allowed")
        pair = self._pair(row)
        case = row.cells.get("case", "").strip().lower()
        if case not in {"", *CASES}:
            self.note(row.line, f"case is {case!r}; write any or exact, or leave it empty")
        if pair is None or len(self._problems) > n_before:
            return None
        entry = Entry(
            pair=pair,
            sources=self._terms(row, "source"),
            targets=self._terms(row, "target"),
            wrong_forms=self._terms(row, "replace"),
            is_exact=case == "exact",
            note=row.cells.get("note", "").strip(),
            line=row.line,
        )
        if entry.wrong_forms and entry.targets and "*" in entry.targets[0]:
            self.note(row.line, f"target {entry.targets[0]!r} is put in for wrong forms; write it without *")
        return entry if len(self._problems) == n_before else None

    def _pair(self, row: _Row) -> LanguagePair | None:
        text = row.cells["pair"].strip()
        if text in {"", "*"}:
            self.note(
                row.line, f"pair is {text or 'empty'}; write source and target, as in en-ru, a line for each pair"
            )
            return None
        try:
            pair = parse_pair(text)
        except UsageError as error:
            self.note(row.line, f"pair: {error}")
            return None
        pair = LanguagePair(source=standard_of(pair.source), target=standard_of(pair.target))
        if pair.source == pair.target:
            self.note(row.line, f"pair: {text!r} are varieties of one language; write two languages, as in en-ru")
            return None
        return pair

    def _terms(self, row: _Row, column: str) -> tuple[str, ...]:
        cell = row.cells.get(column, "")
        if not cell.strip():
            if column in REQUIRED:
                self.note(row.line, f"{column} is empty; write a term, or leave the line out")
            return ()
        texts = tuple(" ".join(text.split()) for text in cell.split(_ALTERNATIVES))
        for text in texts:
            if problem := _problem_of(text):
                self.note(row.line, f"{column}: {problem}")
        return texts


def _problem_of(text: str) -> str | None:
    if not text:
        return f"nothing stands on one side of {_ALTERNATIVES}; write a term there, or take the sign out"
    try:
        check_term(text)
    except TermError as error:
        return f"{text!r} {error}"
    return None


def _delimiter(text: str) -> str:
    """Return what parts the cells of the header: that which makes the most known columns of it."""
    header = text.strip().partition("\n")[0]

    def n_known(delimiter: str) -> int:
        return len({cell.strip(' "\r').lower() for cell in header.split(delimiter)}.intersection(COLUMNS))

    return max(_DELIMITERS, key=n_known)


def _without_last_blanks(cells: Sequence[str]) -> list[str]:
    """Return the cells without empty ones at the end: spreadsheets write columns that nobody filled."""
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _meant(name: str) -> str:
    close = get_close_matches(name, COLUMNS, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(COLUMNS)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
