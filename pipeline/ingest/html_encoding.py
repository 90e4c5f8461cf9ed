"""The encoding of a web page: declared, or else found out; what it says is checked against its bytes."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from pipeline.errors import Note
from pipeline.ingest.encoding import UTF_8, Encoding, detect_encoding

_HEAD_BYTES = 8192
# Source: HTML Living Standard, "Prescan a byte stream to determine its encoding"; XML 1.0, appendix F.
_DECLARED = re.compile(
    rb"""<meta\s[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KNOWN_CODEC = re.compile(
    r"utf-(?:8|16|16-[lb]e)|cp(?:125\d|866|874|932|936|949|950)|iso8859-\d+|koi8-[rtu]|mac-\w+|kz1048|ptcp154"
    r"|gbk|gb18030|big5|euc_\w+|shift_jis|tis-620"
)
# Source: Encoding Standard, "Names and labels": browsers read these labels so.
_READ_AS = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gbk", "utf-16": "utf-8"}
_MIN_UTF_8_BYTES = 8
"""Bytes beyond ASCII that are valid UTF-8 by chance in no text of another encoding."""

_GUESSED = (Note.ENCODING_GUESSED.value,)


class DecodedPage(NamedTuple):
    """The text of a page, the name of its encoding, and doubts about these."""

    text: str
    encoding: str
    notes: tuple[str, ...]


def decode_page(data: bytes, *, declared: str | None = None, assumed: str | None = None) -> DecodedPage | None:
    """Return the text of a page, None where no encoding fits.

    In order: byte order mark, `declared`, the page's own declaration, `assumed`, what the bytes look like. Where the
    bytes cannot be in the declared encoding, they decide, and a note tells.

    Args:
        data: the page.
        declared: what came with the page says, as in an HTTP header.
        assumed: what holds where nothing is declared.
    """
    if data.startswith(_BYTE_ORDER_MARKS):
        found = detect_encoding(data)
        return _decoded(data, found, ()) if found else None
    named = _first_known(declared, _declared_in(data))
    is_assumed = named is None
    named = named or _first_known(assumed)
    if named is not None and _may_be(data, named):
        return _decoded(data, named, _GUESSED if is_assumed and not data.isascii() else ())
    found = detect_encoding(data)
    if found is None:
        return _decoded(data, named, ()) if named else None
    is_guessed = found.codec != (named or UTF_8).codec
    return _decoded(data, found, _GUESSED if is_guessed else ())


def _first_known(*labels: str | None) -> Encoding | None:
    return next((encoding for label in labels if label and (encoding := encoding_of(label))), None)


def encoding_of(label: str) -> Encoding | None:
    """Return the encoding that a page means by `label`, None where it is not known."""
    try:
        codec = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    codec = _READ_AS.get(codec, codec)
    if not _KNOWN_CODEC.fullmatch(codec):
        return None
    return Encoding(name=re.sub(r"^cp(?=125)", "windows-", codec).replace("iso8859", "iso-8859"), codec=codec)


def _declared_in(data: bytes) -> str | None:
    match = _DECLARED.search(data, 0, _HEAD_BYTES)
    return (match[1] or match[2]).decode("ascii", "replace") if match else None


def _may_be(data: bytes, encoding: Encoding) -> bool:
    """Return whether `data` can be decoded, and is not evidently UTF-8 while another encoding is named."""
    if not data.isascii() and encoding.codec != "utf-8" and not encoding.codec.startswith("utf-16"):
        n_high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
        if n_high >= _MIN_UTF_8_BYTES and _is_valid(data, "utf-8"):
            return False
    return _is_valid(data, encoding.codec)


def _is_valid(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes, encoding: Encoding, notes: tuple[str, ...]) -> DecodedPage:
    """Decode as browsers do: what is damaged becomes U+FFFD, and a note says so."""
    text = data[encoding.n_bom_bytes :].decode(encoding.codec, "replace")
    is_damaged = "\ufffd" in text and not _is_valid(data[encoding.n_bom_bytes :], encoding.codec)
    return DecodedPage(text, encoding.name, (*notes, *((Note.REPLACED_CHARACTERS.value,) if is_damaged else ())))
