"""Pure functions on text that more than one room needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from pipeline.types import TranslationUnit

_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029", "\x85")
# Runs of letters: counting them is several times as quick as counting letters one by one.
_LETTERS = {
    "Latn": re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff]+"),
    "Cyrl": re.compile(r"[\u0400-\u0481\u048a-\u052f\u1c80-\u1c88]+"),
    "Armn": re.compile(r"[\u0531-\u0556\u0560-\u0588\ufb13-\ufb17]+"),
}
# What may be a letter of another script: most text has none of these.
_OTHER_CHARS = re.compile(
    r"[^\x00-\u02af\u0400-\u058f\u1c80-\u1c8f\u1e00-\u1eff\u2000-\u2bff\ufb13-\ufb17\ufe00-\ufe0f]+"
)
_LETTER = re.compile(r"[^\W\d_]")
# The first bytes in UTF-8 of most letters of a script: counting them is ten times as quick as counting the letters.
_NO_FIRST_BYTES = {
    "Cyrl": bytes(byte for byte in range(256) if byte not in b"\xd0\xd1\xd2\xd3"),
    "Armn": bytes(byte for byte in range(256) if byte not in b"\xd5\xd6"),
}
_CLEARLY = 1.1
_NO_ASCII_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalpha())

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
    return unicodedata.normalize("NFC", remove_surrogates(text))


def remove_surrogates(text: str) -> str:
    """Return `text` with U+FFFD for unpaired surrogates, which JSON can escape and no encoding can hold."""
    return text if _is_encodable(text) else _SURROGATES.sub("\ufffd", text)


def _is_encodable(text: str) -> bool:
    """Return whether `text` is free of surrogates; encoding it is quicker than searching it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def count_scripts(text: str) -> dict[str, int]:
    """Return the number of Latin, Cyrillic and Armenian letters (`Latn`, `Cyrl`, `Armn`) and of all others (`Zzzz`)."""
    if text.isascii():
        return {"Latn": len(text.encode().translate(None, _NO_ASCII_LETTERS)), "Cyrl": 0, "Armn": 0, "Zzzz": 0}
    counts = {script: _count(pattern, text) for script, pattern in _LETTERS.items()}
    counts["Zzzz"] = sum(sum(map(str.isalpha, run)) for run in _OTHER_CHARS.findall(text))
    return counts


def count_letters(text: str) -> int:
    """Return the number of letters of any script."""
    return sum(count_scripts(text).values())


def has_most_letters(text: str, script: str) -> bool:
    """Return whether more than half of the letters of `text` are in `script`: `Latn`, `Cyrl` or `Armn`."""
    if text.isascii() or script not in _LETTERS:
        return script == "Latn"
    if _has_clearly_most(text, script):
        return True
    n_own = _count(_LETTERS[script], text)
    return 2 * n_own > len(text) or 2 * n_own > count_letters(text)


def _has_clearly_most(text: str, script: str) -> bool:
    """Return whether far more than half of all characters begin with the bytes of a script; False is no answer."""
    others = _NO_FIRST_BYTES.get(script)
    if others is None:
        return False
    return 2 * len(text.encode(errors="surrogatepass").translate(None, others)) > _CLEARLY * len(text)


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text)))


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
