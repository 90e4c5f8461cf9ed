"""Characters that do something to a terminal or a page, as characters that do nothing."""

from __future__ import annotations

import re
import unicodedata

_PICTURES = 0x2400
_PICTURE_OF_DELETE = "\u2421"
_DELETE = 0x7F
# Controls, what turns the direction of writing, and what parts lines.
_ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_C1 = re.compile("[\x7f-\x9f]")


def visible(text: str) -> str:
    """Return `text` with pictures in the place of control characters, and numbers where there are no pictures."""
    return _ACTIVE.sub(lambda found: _picture(ord(found[0])), text)


def harmless(text: str) -> str:
    """Return lines of text without what a terminal would obey; ends of lines and tabs stay."""
    return _OBEYED.sub(lambda found: _picture(ord(found[0])), text)


def json_safe(text: str) -> str:
    """Return JSON in which no control character is left, which terminals would obey."""
    return _C1.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def is_rtl(text: str) -> bool:
    """Return whether there are letters that are written from right to left."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def _picture(number: int) -> str:
    if number < ord(" "):
        return chr(_PICTURES + number)
    return _PICTURE_OF_DELETE if number == _DELETE else f"‹U+{number:04X}›"
