"""Text inside XML 1.0: what has to be escaped, and characters that cannot be there at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.export.columns import joined

if TYPE_CHECKING:
    import pyarrow as pa

# Source: XML 1.0, production 2 (Char). A reader makes other line ends into line feeds, and, in attributes, blanks of
# all white space, unless they are references.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_IMPOSSIBLE_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOST = "\ufffd"
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_IN_ELEMENTS = "&<>\r"
_IN_ATTRIBUTES = '&<>"\r\n\t'


def in_elements(texts: pa.StringArray) -> pa.StringArray:
    """Return a column of texts as they stand between tags; nulls stay."""
    return _escaped(texts, _IN_ELEMENTS)


def in_attributes(texts: pa.StringArray) -> pa.StringArray:
    """Return a column of texts as they stand between double quotes; nulls stay."""
    return _escaped(texts, _IN_ATTRIBUTES)


def element_text(text: str) -> str:
    """Return a text as it stands between tags."""
    return _escaped_text(text, _IN_ELEMENTS)


def attribute_text(text: str) -> str:
    """Return a text as it stands between double quotes."""
    return _escaped_text(text, _IN_ATTRIBUTES)


def possible(document: bytes) -> tuple[bytes, int]:
    """Return a piece of a document with U+FFFD for all characters that XML cannot hold, and their number."""
    # Most pieces have none; to look for each one alone takes longer.
    if len(document.translate(None, _CONTROLS)) == len(document) and b"\xef\xbf" not in document:
        return document, 0
    return _IMPOSSIBLE_BYTES.subn(_LOST.encode(), document)


def without_impossible(text: str) -> tuple[str, int]:
    """Return a text with U+FFFD for all characters that XML cannot hold, nor most programs show, and their number."""
    return _IMPOSSIBLE.subn(_LOST, text)


def as_code_points(text: str) -> str:
    """Return escaped text with an element of XLIFF for each character that XML cannot hold."""
    return _IMPOSSIBLE.sub(lambda found: f'<cp hex="{ord(found[0]):04X}"/>', text)


def _escaped(texts: pa.StringArray, marks: str) -> pa.StringArray:
    import pyarrow.compute as pc

    data = joined(texts.fill_null(""))
    for mark in marks:
        if mark.encode() in data:
            texts = pc.replace_substring(texts, mark, _REFERENCES[mark])
    return texts


def _escaped_text(text: str, marks: str) -> str:
    for mark in marks:
        text = text.replace(mark, _REFERENCES[mark])
    return text
