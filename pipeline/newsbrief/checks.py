"""Typographic checks of pattern and word-list texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FINAL_MARK: Final = {"en": ".", "ru": ".", "hy": "։"}

_ENDS: Final = {
    "en": re.compile(r"[.!?]”?$"),
    "ru": re.compile(r"[.!?…]»?$|[.!?]»?\.?$"),
    "hy": re.compile(r"[։:]»?$"),
}
_SCRIPTS: Final = {
    "Latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "Cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "Armenian": re.compile(r"[\u0531-\u0556\u0561-\u0587]"),
}
_FOREIGN: Final = {"en": ("Cyrillic", "Armenian"), "ru": ("Armenian",), "hy": ("Cyrillic",)}
# What is wrong anywhere in a text of the language, and what to write instead.
_WRONG: Final[dict[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "en": (
        (re.compile(r"[«»„\"]"), "quotation marks are “ ”"),
        (re.compile("’"), "the apostrophe is '"),
    ),
    "ru": (
        (re.compile(r"[“”„\"]"), "quotation marks are « »"),
        (re.compile("—"), "the dash is –"),
        (re.compile("[ёЁ]"), "write е"),
    ),
    "hy": (
        (re.compile(r"[“”„\"]"), "quotation marks are « »"),
        (re.compile("—"), "the dash is –"),
        (re.compile(r":(?!\d)"), "the full stop is ։ (U+0589), not a colon"),
        (re.compile(r"[?!;]"), "question and exclamation marks are ՞ and ՜"),
        (re.compile("եւ"), "write և"),
    ),
}
_WORD: Final = re.compile(r"[^\W\d_]+")


def check_text(text: str, *, language: str) -> Iterator[str]:
    """Yield what is wrong in a text: spaces, quotation marks, dashes, letters of another script."""
    if re.search(r"^\s|\s$|[ \t]{2}|\n", text):
        yield "spaces at the ends or two together"
    if re.search(r"\s[,.!?։]", text):
        yield "a space before a punctuation mark"
    for wrong, advice in _WRONG[language]:
        if match := wrong.search(text):
            yield f"{match[0]!r} does not belong here: {advice}"
    for word in _WORD.findall(text):
        scripts = [name for name, letters in _SCRIPTS.items() if letters.search(word)]
        if len(scripts) > 1 or any(name in _FOREIGN[language] for name in scripts):
            yield f"'{word}' has {' and '.join(scripts)} letters"


def check_final_mark(text: str, *, language: str, kind: str) -> Iterator[str]:
    """Yield a problem where a body has no final mark, or a headline or caption has one."""
    has_mark = bool(_ENDS[language].search(text))
    if kind == "body" and not has_mark:
        yield f"a body ends in a final mark, {FINAL_MARK[language]!r}"
    if kind != "body" and has_mark:
        yield f"a {kind} has no final mark"
