"""Columns of Arrow as text: what is the same for thousands of units is done at once, not for each of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

# Whatever ends a line in some program, and what no program shows: blanks stand in its place.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ONE_BYTE_BREAKS = bytes([*range(32), 127])
_TWO_BYTE_BREAKS = re.compile(rb"\xc2[\x80-\x9f]")
_SEPARATORS = (b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def joined(texts: pa.StringArray, separator: str = "") -> bytes:
    """Return all texts of a column as one, in UTF-8; there are no nulls among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return bytes(pc.binary_join(whole, separator)[0].as_buffer())


def concatenated(*parts: pa.StringArray | str) -> pa.StringArray:
    """Return columns and constant texts put together, row by row; nulls add nothing."""
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")


def around(before: str, texts: pa.StringArray, after: str) -> pa.StringArray:
    """Return texts between two others; what is empty or null becomes null."""
    import pyarrow.compute as pc

    there = pc.if_else(pc.equal(texts, ""), None, texts)
    return pc.binary_join_element_wise(before, there, after, "")


def listed(values: pa.ListArray) -> pa.StringArray:
    """Return lists of names as texts, with blanks between the names."""
    import pyarrow.compute as pc

    return pc.binary_join(values, " ")


def decimals(numbers: pa.DoubleArray) -> pa.StringArray:
    """Return numbers with four decimals at most."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.cast(pc.round(numbers, 4), pa.string())


def on_one_line(texts: pa.StringArray) -> pa.StringArray:
    """Return texts without line breaks, tabs and control characters: blanks stand in their place."""
    import pyarrow as pa

    data = joined(texts.fill_null(""))
    if not _has_breaks(data):
        return texts
    return pa.array([text if text is None else one_line(text) for text in texts.to_pylist()], pa.string())


def one_line(text: str) -> str:
    """Return a text without line breaks, tabs and control characters, and without blanks around it."""
    return _BREAKS.sub(" ", text).strip()


def _has_breaks(data: bytes) -> bool:
    if len(data.translate(None, _ONE_BYTE_BREAKS)) != len(data) or any(mark in data for mark in _SEPARATORS):
        return True
    return _TWO_BYTE_BREAKS.search(data) is not None
