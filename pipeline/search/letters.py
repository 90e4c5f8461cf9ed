"""What a word is in any script, and which letters are one to people who search: pieces of expressions of RE2."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ARMENIAN_MARKS = "՛՜՞"
"""Marks of stress, exclamation and question, which stand inside of words."""

_BETWEEN_WORDS = (
    *(("\x00", "/"), (":", "@"), ("[", "^"), ("`", "`"), ("{", "\xa9"), ("\xab", "\xac"), ("\xae", "\xb4")),
    *(("\xb6", "\xb9"), ("\xbb", "\xbf"), ("\xd7", "\xd7"), ("\xf7", "\xf7")),
    *(("\u055a", "\u055a"), ("\u055d", "\u055d"), ("\u055f", "\u055f"), ("\u0589", "\u058f")),
    *(("\u05be", "\u05be"), ("\u05c3", "\u05c3"), ("\u05f3", "\u05f4"), ("\u060c", "\u060d"), ("\u061b", "\u061f")),
    *(("\u066a", "\u066d"), ("\u06d4", "\u06d4"), ("\u0964", "\u0965")),
    *(
        ("\u2000", "\u200b"),
        ("\u200e", "\u206f"),
        ("\u20a0", "\u20cf"),
        ("\u2100", "\u2125"),
        ("\u2127", "\u2129"),
        ("\u212c", "\u2131"),
    ),
    *(("\u2133", "\u214d"), ("\u214f", "\u2182"), ("\u2185", "\u2bff"), ("\u2e00", "\u2e7f")),
    *(("\u3000", "\u3004"), ("\u3008", "\u3020"), ("\ufe10", "\ufe6f"), ("\ufeff", "\uff0f"), ("\uff1a", "\uff20")),
    ("\U0001f000", "\U0001faff"),
)
"""Blanks, punctuation, symbols. RE2 knows classes of Unicode, but takes milliseconds for them, once for each file."""


def _in_words() -> Iterator[tuple[str, str]]:
    """Yield what lies between the ranges that are of no word."""
    first = 0
    for start, end in _BETWEEN_WORDS:
        if first < ord(start):
            yield chr(first), chr(ord(start) - 1)
        first = ord(end) + 1
    yield chr(first), "\U0010ffff"


def _listed(ranges: Iterator[tuple[str, str]]) -> str:
    return "".join(rf"\x{{{ord(first):x}}}-\x{{{ord(last):x}}}" for first, last in ranges)


WORD_CHARS = _listed(_in_words())
"""What words are made of, for use in brackets: letters, digits, accents, low lines."""

BETWEEN_CHARS = _listed(iter(_BETWEEN_WORDS))
"""All the rest, for use in brackets."""

SPACE_CHARS = r"\s\p{Z}"
"""White space in any script, for use in brackets."""

BEFORE = f"(?:^|[{BETWEEN_CHARS}])"
"""What stands before a whole word; RE2 cannot look behind, so it is part of the match."""

AFTER = f"[{_ARMENIAN_MARKS}]?(?:[{BETWEEN_CHARS}]|$)"
"""What follows a whole word."""

EV = re.compile("և|[Եե][ւվ]|Ե[ՒՎ]")
"""The Armenian conjunction and letter, in one character or two, in old and reformed spelling."""

_YO = ("её", "ЕЁ")
_ALIKE = (*_YO, "'’ʼ", "-‐‑")
_ARMENIAN_VOWELS = frozenset("աեէըիոօւԱԵԷԸԻՈՕՒ")
_CYRILLIC_VOWELS = frozenset("аеёиоуыэюяАЕЁИОУЫЭЮЯ")
_STRESS = r"\x{301}?"


def is_word_char(char: str) -> bool:
    """Return whether words are made of such characters."""
    return not any(first <= char <= last for first, last in _BETWEEN_WORDS)


def escaped(char: str) -> str:
    """Return a character as an expression that matches nothing else."""
    return char if char.isalnum() or not char.isascii() else f"\\{char}"


def yo_folded(char: str) -> str:
    """Return an expression of `char` in which е and ё are one."""
    return next((f"[{alike}]" for alike in _YO if char in alike), escaped(char))


def folded(char: str) -> str:
    """Return an expression of `char` without regard to the dots of ё, stress, and kinds of apostrophes and hyphens."""
    alike = next((chars for chars in _ALIKE if char in chars), "")
    # The hyphen stands first in its brackets, where it is no range.
    found = f"[{alike}]" if alike else escaped(char)
    if char in _ARMENIAN_VOWELS:
        return f"{found}[{_ARMENIAN_MARKS}]?"
    return found + (_STRESS if char in _CYRILLIC_VOWELS else "")


def ev_folded(text: str) -> str:
    """Return an expression of և, եւ or եվ that is all of them; capitals stay what they are."""
    marks = f"[{_ARMENIAN_MARKS}]?"
    if text[0] == "Ե":
        return f"Ե{marks}[{'ՒՎ' if text[1] in 'ՒՎ' else 'ւվ'}]{marks}"
    return f"(?:և|ե{marks}[ւվ]){marks}"


def yo_added(ranges: list[tuple[str, str]]) -> str:
    """Return what brackets with these ranges lack of е and ё: `[а-я]` has no ё."""

    def is_in(char: str) -> bool:
        return any(first <= char <= last for first, last in ranges)

    return "".join(char for alike in _YO if any(map(is_in, alike)) for char in alike if not is_in(char))
