"""Capital and small letters, where Armenian differs from what Unicode says of all languages."""

from __future__ import annotations

import re

from pipeline.types import standard_of

WORD = re.compile(r"[^\W_]+(?:[-‐'’՚՛՜՞][^\W_]+)*")
"""A word: letters and digits, with hyphens, apostrophes and Armenian marks of tone inside."""

_ARMENIAN_TONES = re.compile("[՛՜՞]")
_EV_IN_CAPITALS = re.compile(r"(?<=[^\W\d_])ԵՎ|(?<!\w)ԵՎ(?=Ս?(?!\w))")


def key_of(word: str) -> str:
    """Return what is the same of a word in capital and in small letters; all spellings of the ligature և are one."""
    key = folded(word)
    return key if key.isascii() else _ARMENIAN_TONES.sub("", key)


def folded(text: str) -> str:
    """Return `text` without the difference of capital and small letters."""
    return text.casefold().replace("եվ", "եւ")


def to_lower(text: str) -> str:
    """Return `text` in small letters; ԵՎ becomes և as a word, in ևս and inside words, not where they begin: եվրո."""
    return (_EV_IN_CAPITALS.sub("և", text) if "ԵՎ" in text else text).lower()


def to_upper(text: str, language: str) -> str:
    """Return `text` in capitals; և becomes ԵՎ in Armenian, as its reformed spelling has it (Unicode makes it ԵՒ)."""
    return (text.replace("և", "ԵՎ") if standard_of(language) == "hy" else text).upper()


def capitalised(text: str) -> str:
    """Return `text` with a capital first letter; the rest stays as it is."""
    return "Եվ" + text[1:] if text.startswith("և") else text[:1].upper() + text[1:]
