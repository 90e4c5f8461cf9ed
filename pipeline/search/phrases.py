"""Words that are looked for, as an expression of RE2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.search.letters import EV, SPACE_CHARS, WORD_CHARS, escaped, ev_folded, folded, is_word_char

ANY_LETTERS = "*"
# Letters that nothing is folded with. RE2 finds them without a look at each character.
_LITERAL = re.compile(r"[A-Za-z0-9]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression of RE2 without captures.

    `has_start` and `has_end`: nothing that words are made of may stand on that side. `may_touch`: two hits may share
    what stands between them, or follow each other at once. `literal`: letters that are in every hit, if any are known.
    """

    body: str
    has_start: bool
    has_end: bool
    may_touch: bool
    literal: str = ""


def phrase(text: str, *, is_exact: bool) -> Expression:
    """Return an expression of the words of `text`, with any white space between them.

    A `*` stands for any letters and digits, or alone for a word. An end of `text` that is no letter, as in `$5`, may
    stand at anything.

    Raises:
        UsageError: there are no words.
    """
    words = text.split()
    if not any(word.strip(ANY_LETTERS) for word in words):
        raise UsageError(f"{text!r}: nothing to look for; write a word, or with --regex an expression")
    has_start = words[0] == ANY_LETTERS or is_word_char(words[0][0])
    has_end = words[-1] == ANY_LETTERS or is_word_char(words[-1][-1])
    return Expression(
        body=f"[{SPACE_CHARS}]+".join(_word(word, is_exact=is_exact) for word in words),
        has_start=has_start,
        has_end=has_end,
        may_touch=has_start and has_end,
        literal=max(_LITERAL.findall(text), key=len, default=""),
    )


def _word(word: str, *, is_exact: bool) -> str:
    if word == ANY_LETTERS:
        return f"[{WORD_CHARS}]+"
    pieces = (_letters(piece, is_exact=is_exact) for piece in word.split(ANY_LETTERS))
    return f"[{WORD_CHARS}]*".join("".join(piece) for piece in pieces)


def _letters(text: str, *, is_exact: bool) -> Iterator[str]:
    if is_exact:
        yield from map(escaped, text)
        return
    place = 0
    while place < len(text):
        if found := EV.match(text, place):
            yield ev_folded(found[0])
            place = found.end()
        else:
            yield folded(text[place])
            place += 1
