"""From bytes to text: which encoding the bytes are in, or that they are no text at all.

A wrong guess puts gibberish into the corpus and nobody notices, so in doubt nothing is guessed. In order: byte order
marks, UTF-16 without one, UTF-8 even where it is damaged, then the encodings of the time before Unicode.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from pipeline.errors import Note
from pipeline.ingest.binary import has_many_controls, signature_of
from pipeline.ingest.legacy import guess_legacy

MIN_UTF_8_SHARE = 0.5
"""Of the bytes above 0x7F, in letters and marks of Europe; damaged UTF-8 has nearly all, others next to none."""

MIN_ANY_UTF_8_SHARE = 0.8
"""The same with all other characters, which CP866 writes by chance: up to 0.75 in sentences."""

_SAMPLE_BYTES = 1 << 16
_ASCII = bytes(range(0x80))
_BEYOND_EUROPE = re.compile("[^\x00-\u07ff\u2000-\u2bff\ufffd]")
# Java and MySQL write emoji as two surrogates of three bytes each: damaged UTF-8, and nothing else.
_ENCODED_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_MIN_NUL_SHARE = 0.05
_MAX_STRAY_NUL_SHARE = 0.1
_MIN_TEXT_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """An encoding: the name that is recorded, Python's codec for it, and the size of the byte order mark.

    `is_guessed` tells that another one is possible: it was found by what the text would look like, or by nothing.
    """

    name: str
    codec: str
    n_bom_bytes: int = 0
    is_guessed: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """The doubts about a text in this encoding."""
        return (Note.ENCODING_GUESSED.value,) if self.is_guessed else ()


UTF_8 = Encoding(name="utf-8", codec="utf-8")

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, Encoding(name="utf-8", codec="utf-8", n_bom_bytes=3)),
    (codecs.BOM_UTF16_LE, Encoding(name="utf-16", codec="utf-16-le", n_bom_bytes=2)),
    (codecs.BOM_UTF16_BE, Encoding(name="utf-16", codec="utf-16-be", n_bom_bytes=2)),
)


def find_binary(data: bytes, *, is_nul_allowed: bool) -> str | None:
    """Return what makes `data` binary, for people to read, or None where it may be text.

    Args:
        data: a file or its beginning.
        is_nul_allowed: whether a NUL here and there is no reason; lines are rejected one by one, a file whole.
    """
    if kind := signature_of(data):
        return kind
    if _marked(data) or _unmarked_utf_16(data[:_SAMPLE_BYTES]):
        return None
    if not is_nul_allowed and b"\x00" in data:
        return f"binary data: a NUL at byte {data.index(0)}"
    return "binary data: many control characters" if has_many_controls(data) else None


def detect_encoding(data: bytes, *, is_cut: bool = False) -> Encoding | None:
    """Return the encoding of `data`, None where no known one fits. It need not decode all of `data`.

    Args:
        data: what `find_binary` found nothing in.
        is_cut: whether `data` is the beginning of more, and may end within a character.
    """
    if encoding := _marked(data) or _unmarked_utf_16(data[:_SAMPLE_BYTES]):
        return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=not is_cut)
    except UnicodeDecodeError as error:
        if _is_damaged_utf_8(data):
            return UTF_8
        start = max(0, error.start - _SAMPLE_BYTES // 2)
        legacy = guess_legacy(data[start : start + _SAMPLE_BYTES])
        return legacy and Encoding(name=legacy[0], codec=legacy[1], is_guessed=True)
    return UTF_8


def assumed_encoding(name: str) -> Encoding:
    """Return the encoding that the user names for text that nothing is found out about."""
    return Encoding(name=name, codec=name, is_guessed=True)


def decode(data: bytes, encoding: Encoding) -> str:
    """Return the text of `data` without its byte order mark.

    Raises:
        UnicodeDecodeError: `data` is damaged; `start` counts from the beginning of `data`.
    """
    try:
        return data[encoding.n_bom_bytes :].decode(encoding.codec)
    except UnicodeDecodeError as error:
        error.start += encoding.n_bom_bytes
        raise


def sniff_is_jsonl(head: bytes) -> bool:
    """Return whether the first byte that is no blank is `{`; NULs are the other halves of UTF-16."""
    encoding = _marked(head)
    start = head[encoding.n_bom_bytes if encoding else 0 :].lstrip(b" \t\r\n\x00")
    return start.startswith(b"{") and signature_of(start) is None


def _marked(data: bytes) -> Encoding | None:
    return next((encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), None)


def _unmarked_utf_16(sample: bytes) -> Encoding | None:
    """Blanks, digits and Latin letters have a NUL in one half: nearly all NULs at even or at odd positions."""
    n_even, n_odd = sample[::2].count(0), sample[1::2].count(0)
    if max(n_even, n_odd) * 2 < _MIN_NUL_SHARE * len(sample) or not n_even + n_odd:
        return None
    if min(n_even, n_odd) > _MAX_STRAY_NUL_SHARE * max(n_even, n_odd):
        return None
    codec = "utf-16-be" if n_even > n_odd else "utf-16-le"
    text = sample.decode(codec, "replace")
    n_text = sum(char.isalnum() or char.isspace() or char.isprintable() for char in text if char < "\u2100")
    return Encoding(name="utf-16", codec=codec) if n_text >= _MIN_TEXT_SHARE * len(text) else None


def _is_damaged_utf_8(data: bytes) -> bool:
    data = _ENCODED_SURROGATE.sub("\ufffd".encode(), data)
    valid = data.decode("utf-8", "ignore")
    n_high = _n_high(data)
    n_european = _n_high(_BEYOND_EUROPE.sub("", valid).encode())
    return n_european >= MIN_UTF_8_SHARE * n_high or _n_high(valid.encode()) >= MIN_ANY_UTF_8_SHARE * n_high


def _n_high(data: bytes) -> int:
    return len(data.translate(None, _ASCII))
