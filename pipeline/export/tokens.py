"""Words, numbers and marks as tokens, with a note where no blank stood between two of them."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

GLUE = "<g/>"
"""The structure between two tokens without a blank."""

# Longer words are cut: the index of CQP keeps 4,095 bytes of a token.
_LONGEST = 500
# They have no width of their own and belong to what they follow: soft hyphen and joiners.
_JOINERS = "\u00ad\u200c\u200d"
_HYPHENS = "-‐‑"
_APOSTROPHES = "'’ʼ՚"
# Question, stress and exclamation: written upon a vowel, so they stand inside of words.
_ARMENIAN_MARKS = "՛՜՞"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]+")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_ESCAPED = re.compile('[&<>"]')


def tokens_of(chunk: str) -> Iterator[str]:
    """Yield the tokens of a text without blanks; joined, they are the text.

    A word is letters, digits and the marks upon them, with hyphens, apostrophes and Armenian marks inside of it; a
    number has points, commas and colons between its digits. Everything else is a token for each character.
    """
    for found in _pattern().finditer(chunk):
        token = found[0]
        for start in range(0, len(token), _LONGEST):
            yield token[start : start + _LONGEST]


def lines_of(text: str) -> tuple[str, int]:
    """Return a text as lines of a vertical file, one token each, and the number of tokens.

    White space and control characters part tokens and are gone; tokens that nothing parted have `GLUE` between them.
    """
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    found = [_lines_of_chunk(chunk) for chunk in text.split()]
    return "".join([lines for lines, _ in found]), sum([n for _, n in found])


def entities(text: str) -> str:
    """Return text with what XML reserves as entities."""
    return _ESCAPED.sub(lambda found: _ENTITIES[found[0]], text)


@lru_cache(maxsize=1 << 16)
def _lines_of_chunk(chunk: str) -> tuple[str, int]:
    tokens = [entities(token) for token in tokens_of(chunk)]
    return f"\n{GLUE}\n".join(tokens) + "\n", len(tokens)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Return what a token is. Each character of a word can be read in one way only, so long words take linear time."""
    marks = _combining_marks() + _JOINERS
    char = rf"(?:[^\W_]|[{marks}])"
    inner = rf"(?:[{_HYPHENS}{_APOSTROPHES}{_ARMENIAN_MARKS}]|(?<=\d)[.,:](?=\d))"
    return re.compile(rf"[^\W_]{char}*(?:{inner}{char}+)*|\S[{marks}]*")


def _combining_marks() -> str:
    """Return all combining marks as ranges of an expression; the library knows no properties of characters."""
    codes = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == "M"]
    starts = [code for code, before in zip(codes, [-1, *codes], strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -1], strict=False) if after != code + 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))
