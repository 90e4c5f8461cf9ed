"""A hit with what stands around it, and where it is from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.search.query import OTHER, SIDES, Query, Side

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ROWS_AT_ONCE = 2048


class Unit(NamedTuple):
    """A row of `bitext`, as far as it is needed; `date` is the day it is filed under."""

    unit_id: str
    article_id: str
    pair: str
    date: str
    segment: int
    source_lang: str
    target_lang: str
    source_text: str
    target_text: str
    quality: float | None
    flags: list[str] | None
    published_at: datetime | None
    url: str | None

    def text(self, side: Side) -> str:
        """Return the text of a side."""
        return self.source_text if side == "source" else self.target_text

    def language(self, side: Side) -> str:
        """Return the language of a side."""
        return self.source_lang if side == "source" else self.target_lang


class Spot(NamedTuple):
    """Where a hit is, in code points of the text on its side."""

    unit: Unit
    side: Side
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A hit: `text[start:end] == match` in `source_text` or `target_text`, in code points.

    `left` and `right` are what stands around it in the segment, cut to the context that is wanted; `other` is the whole
    text on the other side. `date` is the day that the article is filed under. `title` and `publisher` are those of the
    latest revision.
    """

    side: Side
    left: str
    match: str
    right: str
    start: int
    end: int
    other: str
    unit_id: str
    article_id: str
    pair: str
    language: str
    other_language: str
    date: str
    url: str | None
    title: str | None
    publisher: str | None
    quality: float | None
    flags: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the hit as JSON values."""
        return {name: getattr(self, name) for name in FIELDS} | {"flags": list(self.flags)}


FIELDS = tuple(Hit.__dataclass_fields__)
"""The names of what a hit has, in the order of all formats."""


def read_units(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Unit]:
    """Yield the units that a query of their columns yields, in bounded memory."""
    return units_of(cursor.sql(sql).to_arrow_reader(ROWS_AT_ONCE))


def units_of(batches: Iterable[pa.RecordBatch]) -> Iterator[Unit]:
    """Yield the units in batches of Arrow."""
    for batch in batches:
        yield from map(Unit._make, zip(*(column.to_pylist() for column in batch.columns), strict=True))


def spots_of(unit: Unit, query: Query) -> Iterator[Spot]:
    """Yield the hits of a unit: those in the source first, from left to right."""
    is_free = query.with_ is None and query.without is None
    for side in SIDES if query.side == "any" else query.sides:
        if unit.text(side) and (is_free or query.is_wanted(unit.text(OTHER[side]) or "")):
            for start, end in query.pattern.spans(unit.text(side)):
                yield Spot(unit, side, start, end)


UNIT_COLUMNS = ", ".join(Unit._fields)
"""What is selected for units, as SQL."""


def make_hit(spot: Spot, context: int | None, *, title: str | None, publisher: str | None) -> Hit:
    """Return the hit at a spot with `context` characters on each side, None for all there are."""
    unit, side, start, end = spot
    text = unit.text(side)
    first, last = (0, len(text)) if context is None else (max(0, start - context), end + context)
    return Hit(
        side=side,
        left=text[first:start],
        match=text[start:end],
        right=text[end:last],
        start=start,
        end=end,
        other=unit.text(OTHER[side]) or "",
        unit_id=unit.unit_id,
        article_id=unit.article_id,
        pair=unit.pair,
        language=unit.language(side),
        other_language=unit.language(OTHER[side]),
        date=unit.date,
        url=unit.url,
        title=title,
        publisher=publisher,
        quality=unit.quality,
        flags=tuple(unit.flags or ()),
    )
