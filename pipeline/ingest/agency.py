"""What formats of agencies and documents have in common: dates, bylines, addresses, pieces of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from pipeline.errors import Note
from pipeline.ingest.dates import is_bad_date, parse_date
from pipeline.ingest.html_metadata import label, unique
from pipeline.ingest.html_text import Block, blocks_of, parse_html

_BYLINE_START = re.compile(r"^(?:by|автор[ыа]?:?|հեղինակ՝)\s+", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|и|և|եւ)\s+", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,;]\s*")
_HTTP = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


class Moment(NamedTuple):
    """A date as it was found, None where there is none, and the notes on how it reads."""

    value: datetime | None
    notes: tuple[str, ...] = ()


def first_moment(values: Iterable[object]) -> Moment:
    """Return the first of `values` that is a date; one that is none is noted where no other helps out."""
    given = [value for value in values if value is not None]
    found = next((date for value in given if (date := parse_date(value))), None)
    is_bad = found is None and any(map(is_bad_date, given))
    return Moment(found, (Note.BAD_DATE.value,) if is_bad else ())


def blocks_of_html(markup: str) -> list[Block]:
    """Return the blocks of a piece of HTML or XHTML, all of it being article."""
    tree = parse_html(markup)
    return [] if tree is None else blocks_of(tree)


def text_of(element: Any | None) -> str | None:
    """Return all text below an element as one line, None where there is none."""
    return None if element is None else label("".join(element.itertext()))


def authors_of(byline: str | None) -> tuple[str, ...]:
    """Return the names in a byline; commas part them only where an `and` follows, as they also set off the paper."""
    names = _AND.split(_BYLINE_START.sub("", (byline or "").strip()))
    if len(names) > 1:
        names = [name for part in names for name in _COMMA.split(part)]
    return unique(text for name in names if (text := label(name)))


def web_address(value: object) -> str | None:
    """Return an address of the web, None for anything else, as for the `urn:` that most agencies use."""
    return value.strip() if isinstance(value, str) and _HTTP.fullmatch(value.strip()) else None
