"""Pure functions on text that more than one room needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from pipeline.types import TranslationUnit

_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029", "\x85")
_LETTERS = {
    "Latn": re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]"),
    "Cyrl": re.compile(r"[\u0400-\u0481\u048a-\u052f\u1c80-\u1c88]"),
    "Armn": re.compile(r"[\u0531-\u0556\u0560-\u0588\ufb13-\ufb17]"),
}
_LETTER = re.compile(r"[^\W\d_]")

SCRIPT_OF_LANGUAGE = {"en": "Latn", "ru": "Cyrl", "hy": "Armn", "hyw": "Armn"}
"""ISO 15924 codes of the scripts that the served languages are written in."""

SENTENCE_FINAL = ".!?…։"
CLOSING_MARKS = "\"'»”’)]}›"


def normalise(text: str) -> str:
    """Return `text` in NFC, with line feeds at line ends and with U+FFFD for NULs and unpaired surrogates.

    The result can always be encoded as UTF-8 and stored in Arrow and SQLite.
    """
    for line_end in _LINE_ENDS:
        text = text.replace(line_end, "\n")
    text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    if not _is_encodable(text):
        text = _SURROGATES.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text)


def _is_encodable(text: str) -> bool:
    """Return whether `text` is free of surrogates; encoding it is quicker than searching it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def count_scripts(text: str) -> dict[str, int]:
    """Return the number of Latin, Cyrillic and Armenian letters (`Latn`, `Cyrl`, `Armn`) and of all others (`Zzzz`)."""
    counts = {script: len(pattern.findall(text)) for script, pattern in _LETTERS.items()}
    counts["Zzzz"] = max(0, len(_LETTER.findall(text)) - sum(counts.values()))
    return counts


def has_letters(text: str) -> bool:
    """Return whether any character of `text` is a letter of any script."""
    return _LETTER.search(text) is not None


def ends_sentence(text: str) -> bool:
    """Return whether `text` ends in a sentence-final mark, closing quotes and brackets aside.

    The ASCII colon counts: Armenian news types it for the full stop.
    """
    stripped = text.rstrip().rstrip(CLOSING_MARKS).rstrip()
    return stripped.endswith((*SENTENCE_FINAL, ":"))


def assemble(units: Iterable[TranslationUnit]) -> str:
    """Return the translation of an article from its units in one target language, given in order.

    Segments of a paragraph are joined by one space, paragraphs by a blank line; slicing the result with
    `target_start:target_end` gives each `target_text` back.
    """
    parts: list[str] = []
    paragraph: int | None = None
    for unit in units:
        if paragraph is not None:
            parts.append(" " if unit.paragraph == paragraph else "\n\n")
        parts.append(unit.target_text)
        paragraph = unit.paragraph
    return "".join(parts)
