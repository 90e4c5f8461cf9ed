"""In which lines of a TOML file its keys stand; parsers do not tell."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KeyPath: TypeAlias = tuple[str | int, ...]
"""A key below its tables, `("decoding", "beam")`; numbers are places in arrays, from 0."""

_BLANK = re.compile(r"[ \t]*")
_NOTHING = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}\n#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLines:
    """The lines, from 1, of all that has a name: tables, keys, items of arrays; each as often as it is written."""

    found: tuple[tuple[KeyPath, int], ...]

    def line(self, path: KeyPath) -> int:
        """Return the first line of a key, or of what is inside it where it has none of its own: `decoding.beam = 4`."""
        while path:
            same = [line for found, line in self.found if found == path]
            inside = [line for found, line in self.found if found[: len(path)] == path]
            if same or inside:
                return (same or inside)[0]
            path = path[:-1]
        return 1

    def last_twice(self) -> tuple[KeyPath, int, int] | None:
        """Return the key that is written a second time last, and both its lines."""
        twice = None
        first: dict[KeyPath, int] = {}
        for path, line in self.found:
            if path in first:
                twice = path, first[path], line
            first.setdefault(path, line)
        return twice


def find_key_lines(text: str) -> KeyLines:
    """Return where the keys of a TOML document are; of one that is not valid, those before the first mistake."""
    scanner = _Scanner(text)
    with suppress(_UnexpectedError, tomllib.TOMLDecodeError, RecursionError):
        scanner.scan()
    return KeyLines(found=tuple(scanner.found))


class _UnexpectedError(Exception):
    """This is not TOML."""


class _Scanner:
    """Walks through a document once; knows just enough of TOML to tell keys from what is inside values."""

    def __init__(self, text: str) -> None:
        self.found: list[tuple[KeyPath, int]] = []
        self._text = text
        self._place = 0
        self._counted_to, self._line = 0, 1
        self._table: KeyPath = ()
        self._n_tables: dict[KeyPath, int] = {}

    def scan(self) -> None:
        self._skip(_NOTHING)
        while self._place < len(self._text):
            if self._next() == "[":
                self._header()
            else:
                self._pair(self._table)
            self._skip(_NOTHING)

    def _header(self) -> None:
        brackets = "[[" if self._text.startswith("[[", self._place) else "["
        start = self._place
        self._place += len(brackets)
        self._table = self._key()
        if brackets == "[[":
            number = self._n_tables.get(self._table, 0)
            self._n_tables[self._table] = number + 1
            self._table = (*self._table, number)
        self._record(self._table, start)
        self._expect("]" * len(brackets))

    def _pair(self, table: KeyPath) -> None:
        start = self._place
        path = (*table, *self._key())
        self._record(path, start)
        self._expect("=")
        self._skip(_BLANK)
        self._value(path)

    def _key(self) -> KeyPath:
        parts: list[str | int] = []
        while not parts or self._next() == ".":
            self._place += bool(parts)
            self._skip(_BLANK)
            quoted = self._next() in ('"', "'")
            part = self._match(_STRING if quoted else _BARE_KEY)
            parts.append(tomllib.loads(f"key = {part}")["key"] if quoted else part)
            self._skip(_BLANK)
        return tuple(parts)

    def _value(self, path: KeyPath) -> None:
        if self._next() == "[":
            self._items("]", path, self._item)
        elif self._next() == "{":
            self._items("}", path, lambda path, _: self._pair(path))
        else:
            self._match(_STRING if self._next() in ('"', "'") else _SCALAR)

    def _item(self, path: KeyPath, number: int) -> None:
        self._record((*path, number), self._place)
        self._value((*path, number))

    def _items(self, end: str, path: KeyPath, read: Callable[[KeyPath, int], None]) -> None:
        self._place += 1
        number = 0
        self._skip(_NOTHING)
        while self._next() != end:
            read(path, number)
            number += 1
            self._skip(_NOTHING)
            self._place += self._next() == ","
            self._skip(_NOTHING)
        self._place += 1

    def _record(self, path: KeyPath, place: int) -> None:
        self._line += self._text.count("\n", self._counted_to, place)
        self._counted_to = place
        self.found.append((path, self._line))

    def _next(self) -> str:
        return self._text[self._place : self._place + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._match(pattern)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._place)
        if not found:
            raise _UnexpectedError
        self._place = found.end()
        return found[0]

    def _expect(self, mark: str) -> None:
        if not self._text.startswith(mark, self._place):
            raise _UnexpectedError
        self._place += len(mark)


def dotted(path: KeyPath) -> str:
    """Return a key as it is written, `routes."my key"`, without places in arrays."""
    names = [part for part in path if isinstance(part, str)]
    return ".".join(name if _BARE_KEY.fullmatch(name) else _quoted(name) for name in names)


def toml_string(text: str) -> str:
    """Return any text as a TOML string on one line.

    Raises:
        ValueError: it has bytes that are no UTF-8, for which TOML has no way of writing.
    """
    text.encode()
    return _quoted(text)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
