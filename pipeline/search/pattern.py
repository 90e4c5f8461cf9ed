"""What is looked for: in SQL, over all rows, and in Python, where in a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.corpus.sql import literal
from pipeline.errors import UsageError
from pipeline.search.expressions import expression
from pipeline.search.letters import AFTER, BEFORE, BETWEEN_CHARS
from pipeline.search.phrases import phrase

if TYPE_CHECKING:
    import re2

_FIRST_BYTE_ABOVE = 0b1100_0000
_CONTINUED = 0b1000_0000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """An expression of RE2 whose first group is the hit. The database and Python have the same library for it.

    `prefilter` is what every text with a hit matches, and the database finds quickly. `touching` finds texts in which
    hits may stand so near to each other that the database counts too few of them. `following` finds the hits that are
    not at the beginning of a text.
    """

    text: str
    regexp: str
    touching: str | None
    prefilter: str | None
    has_start: bool
    is_regex: bool
    has_case: bool
    is_exact: bool
    compiled: re2._Regexp
    following: re2._Regexp

    def condition(self, column: str) -> str:
        """Return the condition that there is a hit in a column."""
        found = f"regexp_matches({column}, {literal(self.regexp)})"
        return found if self.prefilter is None else f"regexp_matches({column}, {literal(self.prefilter)}) AND {found}"

    def extracted(self, column: str) -> str:
        """Return the list of the hits in a column, complete where they do not touch."""
        return f"regexp_extract_all({column}, {literal(self.regexp)}, 1)"

    def touches(self, column: str) -> str:
        """Return the condition that hits in a column may touch each other."""
        return "false" if self.touching is None else f"regexp_matches({column}, {literal(self.touching)})"

    def is_in(self, text: str) -> bool:
        """Return whether there is a hit."""
        return self.compiled.search(text.encode("utf-8", "replace")) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the hits are, in code points of `text`; they do not overlap."""
        data = text.encode("utf-8", "replace")
        if text.isascii():
            yield from self._byte_spans(data)
            return
        known_byte = known_char = 0
        for start, end in self._byte_spans(data):
            first = known_char + len(data[known_byte:start].decode())
            last = first + len(data[start:end].decode())
            yield first, last
            known_byte, known_char = end, last

    def _byte_spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        found = self.compiled.search(data)
        while found:
            start, end = found.span(1)
            yield start, end
            found = self.following.search(data, _last_char(data, end) if self.has_start else end)


def parse_pattern(text: str, *, is_regex: bool = False, has_case: bool = False, is_exact: bool = False) -> Pattern:
    """Return a pattern as people write it.

    Args:
        text: words, or an expression.
        is_regex: it is an expression of RE2.
        has_case: capitals are no small letters.
        is_exact: besides, letters that are else taken for one are not.

    Raises:
        UsageError: there is nothing to look for, or it is no expression.
    """
    text = _checked(text)
    parsed = expression(text, is_exact=is_exact) if is_regex else phrase(text, is_exact=is_exact)
    flags = "" if has_case or is_exact else "(?i)"
    before, after = BEFORE if parsed.has_start else "", AFTER if parsed.has_end else ""
    near = f"(?:{parsed.body})[{BETWEEN_CHARS}]?(?:{parsed.body})"
    regexp = f"{flags}{before}({parsed.body}){after}"
    touching = f"{flags}{before}{near}{after}" if parsed.may_touch else None
    if _compiled(text, f"(?:{parsed.body})").fullmatch(""):
        raise UsageError(f"{text}: it is found in nothing at all, and so everywhere; write + instead of *, for example")
    if touching is not None:
        _compiled(text, touching)
    return Pattern(
        text=text,
        regexp=regexp,
        touching=touching,
        prefilter=f"{flags}{parsed.literal}" if parsed.literal else None,
        has_start=parsed.has_start,
        is_regex=is_regex,
        has_case=has_case or is_exact,
        is_exact=is_exact,
        compiled=_compiled(text, regexp),
        following=_compiled(text, f"{flags}{before and f'[{BETWEEN_CHARS}]'}({parsed.body}){after}"),
    )


def _last_char(data: bytes, end: int) -> int:
    """Return where the last character before `end` begins: it may be what has to stand before the next hit."""
    end -= 1
    while data[end] & _FIRST_BYTE_ABOVE == _CONTINUED:
        end -= 1
    return end


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        shown = text.encode("utf-8", "backslashreplace").decode()
        raise UsageError(f"the pattern {shown} is no UTF-8; look at the encoding of the terminal") from error
    if "\0" in text or not text.strip():
        raise UsageError("the pattern is empty; write what is to be looked for")
    return unicodedata.normalize("NFC", text)


def _compiled(text: str, regexp: str) -> re2._Regexp:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        # As bytes: the places that it finds are bytes of UTF-8, without a look at all text before them.
        return re2.compile(regexp.encode(), options)
    except re2.error as error:
        raise UsageError(f"{text}: too large an expression; repeat less of it") from error
