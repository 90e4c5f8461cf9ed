"""The values of a JSON text one after another, so that a list of any length needs the memory of one item."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.stream import PIECE_BYTES

_BLANKS = re.compile(r"[ \t\r\n]*")
# An error nearer to the end of what was read than this may be a word, an escape or a number that was cut.
_MARGIN = 32
_DAMAGE = re.compile("[\udc80-\udcff]")


class BadJsonError(Exception):
    """The text is no JSON from some place on, which the message names by line and column."""


class DamagedError(Exception):
    """The value at `place` holds bytes that are not in the encoding of the text; what comes after it can be read."""

    def __init__(self, place: str, payload: bytes) -> None:
        super().__init__(place)
        self.place = place
        self.payload = payload


class TooLargeError(Exception):
    """One value is larger than `MAX_ARTICLE_BYTES`."""


class JsonValues:
    """A place in a JSON text, from which values and marks are taken.

    Args:
        stream: the text as bytes.
        codec: of these bytes.

    `take_value` raises `DamagedError` and `TooLargeError`; all methods raise `BadJsonError`.
    """

    def __init__(self, stream: io.BufferedReader, codec: str) -> None:
        self._stream = stream
        self._codec = codec
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._is_end = False
        self._has_damage = False
        self._line = 1
        self._column = 1

    def peek(self) -> str:
        """Return the next character that is no blank, "" at the end."""
        while True:
            end = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches everywhere
            self._at = end
            if end < len(self._text):
                return self._text[end]
            if not self._fill():
                return ""

    def take(self, marks: str) -> str:
        """Return the next character, which is one of `marks`, and go behind it."""
        mark = self.peek()
        if not mark or mark not in marks:
            found = repr(mark) if mark else "the end"
            raise self._error(" or ".join(map(repr, marks)) + f" expected, found {found}", self._at)
        self._at += 1
        return mark

    def take_value(self) -> Any:
        """Return the next value and go behind it."""
        self.peek()
        n_pieces = 1
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._text) - _MARGIN
                if not is_cut or self._is_end:
                    raise self._error(error.msg.removesuffix(" at"), error.pos) from None
            except (ValueError, RecursionError) as error:
                raise self._error(str(error), self._at) from None
            else:
                # A number at the end of what was read may go on.
                if end - self._at <= MAX_ARTICLE_BYTES and (end < len(self._text) or self._is_end):
                    start, self._at = self._at, end
                    if self._has_damage and _DAMAGE.search(self._text, start, end):
                        raise DamagedError(self._place(start), self._encode(start, end))
                    return value
            if len(self._text) - self._at > MAX_ARTICLE_BYTES:
                raise TooLargeError
            self._fill(n_pieces)
            n_pieces *= 2

    def drain(self) -> Iterator[bytes]:
        """Yield what was not taken."""
        yield self._encode(self._at, len(self._text)) + self._decoder.getstate()[0]
        while piece := self._stream.read(PIECE_BYTES):
            yield piece

    def place(self) -> str:
        """Return where the next value stands, for people: line and column."""
        return self._place(self._at)

    def _fill(self, n_pieces: int = 1) -> bool:
        """Read on, and forget what was taken; return False at the end."""
        if self._is_end:
            return False
        self._line, self._column = self._position(self._at)
        found = [self._text[self._at :]]
        while len(found) <= n_pieces and not self._is_end:
            # Unlike `read`, this gives what came before an error.
            data = self._stream.read1(PIECE_BYTES)
            self._is_end = not data
            found.append(self._decode(data))
        self._text, self._at = "".join(found), 0
        return not self._is_end or bool(self._text)

    def _decode(self, data: bytes) -> str:
        try:
            return self._decoder.decode(data, final=self._is_end)
        except UnicodeDecodeError:
            self._decoder.errors = "surrogateescape"
            self._has_damage = True
            return self._decoder.decode(data, final=self._is_end)

    def _encode(self, start: int, end: int) -> bytes:
        return self._text[start:end].encode(self._codec, "surrogateescape")

    def _position(self, at: int) -> tuple[int, int]:
        n_lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if n_lines else self._column + at
        return self._line + n_lines, column

    def _place(self, at: int) -> str:
        line, column = self._position(at)
        return f"line {line}, column {column}"

    def _error(self, message: str, at: int) -> BadJsonError:
        return BadJsonError(f"{message} at {self._place(at)}")
