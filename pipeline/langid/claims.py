"""What an article claims to be written in, and whether that is what was found."""

from __future__ import annotations

import re

from pipeline.types import standard_of

_SUBTAG = re.compile(r"[^\W\d_]+")
_CODE_LENGTH = 2
_NO_CLAIM = frozenset({"xx", "zz"})
# Source: ISO 639-2 and 639-3; names in English and in the language itself.
_CODE_OF = {
    "eng": "en",
    "english": "en",
    "rus": "ru",
    "russian": "ru",
    "русский": "ru",
    "hye": "hy",
    "arm": "hy",
    "hyw": "hy",
    "armenian": "hy",
    "հայերեն": "hy",
}


def claimed_code(claim: str) -> str | None:
    """Return the language code that `en-US`, `eng` or `English` stands for, None where it tells none.

    Varieties are what they are varieties of: `hyw` is `hy`.
    """
    subtag = _SUBTAG.match(claim.strip().lower())
    if not subtag:
        return None
    code = _CODE_OF.get(subtag[0], subtag[0])
    is_code = code.isascii() and len(code) == _CODE_LENGTH and code not in _NO_CLAIM
    return code if is_code else None


def is_mismatch(claim: str | None, language: str) -> bool:
    """Return whether `claim` tells another language than the one found."""
    code = claimed_code(claim) if claim else None
    return code is not None and code != standard_of(language)
