"""Repair of mojibake: UTF-8 that somebody read as an 8-bit encoding, once or several times.

Only where it is certain. Cyrillic and Armenian are read back by an own round trip: what stands there has to be valid
UTF-8 of letters of one alphabet, several in a row. All else is for ftfy, which weighs how likely characters are
beside each other and does not know these two well.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from pipeline.errors import Note
from pipeline.types import Article

MIN_LETTERS = 3
"""So many letters in a row, each written as two characters, are no accident: no word of a Cyrillic language has
`Р` or `С` at each second place, with a mark or a letter of another alphabet behind each."""

MIN_CERTAIN_SHARE = 0.9
"""Where so much of what is beyond ASCII can be read back, whole texts are; elsewhere only words that are certain."""

_ENCODINGS = ("cp1251", "cp1252", "latin-1")
_ALPHABETS = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐ",
    "".join(map(chr, (*range(0x531, 0x557), *range(0x561, 0x588)))),
)
_PUNCTUATION = "“”‘’„…–—†•№€™‹›"
_EMOJI_START = b"\xf0\x9f"
# One of these is in nearly all mojibake, and seldom in other text. Single characters are found the most quickly.
_SIGNS = ("\xc2", "\xc3", "\xd0", "\xd1", "\xd5", "\xe2", "\xf0", "°", "µ", "ѕ", "Ў", "Ђ", "џ")
_LATIN_SIGN = re.compile("[\xc2\xc3\xc4\xc5\xcb\xe2]")
# The end of a word in capitals (`MAÇÃ`) before a no-break space or a mark, which ftfy may take for one letter.
_END_OF_CAPITALS = re.compile("((?<=[A-Z\xc0-\xd6\xd8-\xde])[\xc2\xc3](?:\xa0|[\xa1-\xbf‘-„…–—†•‹›](?![A-Za-z])))")


def mend_article(article: Article) -> Article:
    """Return an article whose paragraphs and metadata are mended, with a note where anything was."""
    names = (article.publisher, article.section, article.licence)
    texts = [paragraph.text for paragraph in article.paragraphs]
    if not is_suspect("\n".join([*texts, *article.authors, *article.keywords, *filter(None, names)])):
        return article
    publisher, section, licence = (name and mend(name) for name in names)
    mended = replace(
        article,
        paragraphs=tuple(replace(paragraph, text=mend(paragraph.text)) for paragraph in article.paragraphs),
        publisher=publisher,
        section=section,
        licence=licence,
        authors=tuple(map(mend, article.authors)),
        keywords=tuple(map(mend, article.keywords)),
    )
    if mended == article:
        return article
    return replace(mended, notes=tuple(dict.fromkeys((*article.notes, Note.MOJIBAKE_REPAIRED.value))))


def is_suspect(text: str) -> bool:
    """Return whether `text` may hold mojibake; nearly all text does not, and is told quickly."""
    if text.isascii():
        return False
    for sign in _SIGNS:  # noqa: SIM110 - a generator would take longer than the search
        if sign in text:
            return True
    return False


def mend(text: str) -> str:
    """Return `text` with what is certainly mojibake read back; doing it again changes nothing."""
    # Each repair makes the text shorter, so there is an end.
    while is_suspect(text):
        mended = _mend_once(text)
        if len(mended) >= len(text):
            break
        text = mended
    return text


def _mend_once(text: str) -> str:
    for misread in _misreadings():
        if misread.certain.search(text):
            return _read_back(text, misread)
    return _mended_by_ftfy(text) if _LATIN_SIGN.search(text) else text


class _Misreading(NamedTuple):
    """An encoding that UTF-8 was read as: what is certainly that, what may be, and the byte of each character."""

    certain: re.Pattern[str]
    possible: re.Pattern[str]
    byte_of: dict[int, int]


@cache
def _misreadings() -> tuple[_Misreading, ...]:
    return tuple(map(_misreading, _ENCODINGS))


def _misreading(codec: str) -> _Misreading:
    char_of = {byte: _char(byte, codec) for byte in range(0x80, 0x100)}
    words = [_any_of(alphabet, char_of) for alphabet in _ALPHABETS]
    emoji = (
        "".join(char_of[byte] for byte in _EMOJI_START) + f"[{re.escape(''.join(list(char_of.values())[:0x40]))}]{{2}}"
    )
    # The no-break space in `Р`, D0 A0, is often a blank by now.
    blank = f"(?<={re.escape(char_of[0xD0])}) (?=[{re.escape(char_of[0xD0] + char_of[0xD1])}])"
    return _Misreading(
        certain=re.compile(
            "|".join([*(f"(?:{word}){{{MIN_LETTERS},}}" for word in words), _any_of(_PUNCTUATION, char_of), emoji])
        ),
        possible=re.compile(f"(?:[^\x00-\x7f]|{blank})+"),
        # Bytes that the encoding has no character for were kept as control characters.
        byte_of={byte: byte for byte in range(0x100)} | {ord(char): byte for byte, char in char_of.items()},
    )


def _char(byte: int, codec: str) -> str:
    return bytes([byte]).decode(codec, "ignore") or chr(byte)


def _any_of(chars: str, char_of: dict[int, str]) -> str:
    """Return a regular expression of the ways in which `chars` are misread."""
    by_start: dict[str, str] = {}
    for char in chars:
        *start, last = (char_of[byte] for byte in char.encode())
        key = "".join(start)
        by_start[key] = by_start.get(key, "") + last
    return "|".join(f"{re.escape(start)}[{re.escape(ends)}]" for start, ends in by_start.items())


def _read_back(text: str, misread: _Misreading) -> str:
    """Read back all that can be, or, where much of the text cannot, the words that are certain."""
    runs = misread.possible.findall(text)
    n_legible = sum(len(run) for run in runs if _decoded(run, misread) != run)
    pattern = misread.possible if n_legible >= MIN_CERTAIN_SHARE * sum(map(len, runs)) else misread.certain
    return pattern.sub(lambda found: _decoded(found[0], misread), text)


def _decoded(run: str, misread: _Misreading) -> str:
    """Return what a run of characters was, itself where it is no UTF-8."""
    try:
        return bytes(misread.byte_of[ord(char)] for char in run.replace(" ", "\xa0")).decode()
    except (KeyError, UnicodeDecodeError):
        return run


def _mended_by_ftfy(text: str) -> str:
    from ftfy import fix_encoding

    settings = _ftfy_settings()
    pieces = _END_OF_CAPITALS.split(text)
    pieces[::2] = [fix_encoding(piece, settings) for piece in pieces[::2]]
    return "".join(pieces)


@cache
def _ftfy_settings() -> Any:
    from ftfy import TextFixerConfig

    return TextFixerConfig(restore_byte_a0=False, replace_lossy_sequences=False, fix_c1_controls=False)
