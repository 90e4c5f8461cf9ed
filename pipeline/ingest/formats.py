"""The formats there are: how each is told from the others, and what reads it.

What the first bytes say with certainty comes first, then the suffix of the name, then what the bytes look like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.ingest.content import Content, Reader
from pipeline.ingest.encoding import sniff_is_jsonl
from pipeline.ingest.jsonl import read_jsonl
from pipeline.ingest.plain import read_plain


def _never(_: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format.

    Args:
        name: what people call it.
        suffixes: of file names, lower case, with their dot.
        read: reads it.
        is_surely: whether the first bytes can be nothing else.
        is_likely: whether they look like it; asked where neither bytes nor name are certain.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Reader
    is_surely: Callable[[bytes], bool] = _never
    is_likely: Callable[[bytes], bool] = _never


FORMATS: tuple[Format, ...] = (
    Format(
        name="jsonl",
        suffixes=(".jsonl", ".ndjson"),
        read=lambda content, _: read_jsonl(content.head, content.pieces, source_uri=content.source_uri),
        is_likely=sniff_is_jsonl,
    ),
    Format(
        name="text",
        suffixes=(".txt",),
        read=lambda content, _: read_plain(content.head, content.pieces, source_uri=content.source_uri),
    ),
)
"""In the order in which their bytes are asked; the last one takes what nothing else wants."""


def format_of(content: Content) -> Format:
    """Return the format of a content."""
    found = (
        next((one for one in FORMATS if one.is_surely(content.head)), None)
        or next((one for one in FORMATS if content.suffix in one.suffixes), None)
        or next((one for one in FORMATS if one.is_likely(content.head)), None)
    )
    return found or FORMATS[-1]
